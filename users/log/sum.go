package log

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/fxamacker/cbor/v2"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// What became of all commands is summed up: nodes on which the sums differ have not done the
// same, and one of them must not go on.

// sums are a node's own, of the newest positions.
type sums struct {
	sum    uint64
	recent [recentSums]recentSum
}

// recentSums is how many are remembered: what a heartbeat of another node is about is seldom
// older than a few seconds.
const recentSums = 1 << 13

type recentSum struct{ position, sum uint64 }

// outcome is what counts of a result and of its rows.
type outcome struct {
	Error      string
	Number     uint64
	Again      bool
	Name       string
	There      command.Session
	Wait       time.Duration
	Ended      []state.Online
	Announce   []users.Announcement
	Void       []users.Invitation
	Out        []state.Exit
	RoomsEnded []*state.Room
	Rows       *state.Rows
}

// sumEncoding has nothing and an empty list be the same: which of them rows have depends on what
// their memory was used for before, which is another thing in a node that began with a snapshot.
var sumEncoding = mustMode(cbor.EncOptions{Sort: cbor.SortCoreDeterministic, Time: cbor.TimeRFC3339NanoUTC, NilContainers: cbor.NilContainerAsEmpty}.EncMode())

// add adds what became of one command.
func (s *sums) add(r *state.Result, rows *state.Rows) {
	o := outcome{Number: r.Number, Again: r.Again, Name: r.Name, There: r.There, Wait: r.Wait, Ended: r.Ended, Announce: r.Announce,
		Void: r.Void, Out: r.Out, RoomsEnded: r.RoomsEnded, Rows: rows}
	if r.Err != nil {
		o.Error = r.Err.Error()
	}
	b, err := sumEncoding.Marshal(o)
	if err != nil {
		panic(err) // it is values only
	}
	h := fnv.New64a()
	h.Write(binary.BigEndian.AppendUint64(nil, s.sum))
	h.Write(b)
	s.sum = h.Sum64()
}

// note remembers the sum at a position.
func (s *sums) note(position uint64) {
	s.recent[position%recentSums] = recentSum{position, s.sum}
}

// at returns the sum at a position; ok is false if it is not remembered.
func (s *sums) at(position uint64) (sum uint64, ok bool) {
	r := s.recent[position%recentSums]
	return r.sum, r.position == position && position > 0
}

// hashOf returns the hash of a message by which it is known again.
func hashOf(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

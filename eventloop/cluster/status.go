package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A Status is how a cluster does.
type Status struct {
	Cluster string       `json:"cluster"`
	Log     *LogStatus   `json:"log"` // nil: the servers of NATS tell nothing of it, since it has no leader
	Nodes   []NodeStatus `json:"nodes"`
	Strange []string     `json:"strange,omitempty"` // answers that are none of a node, and why
}

// A LogStatus is how the stream does that is the log.
type LogStatus struct {
	Stream string `json:"stream"`
	Leader string `json:"leader,omitempty"` // a server of NATS; "": it is alone
	Copies []Copy `json:"copies,omitempty"` // the others that have one
	First  uint64 `json:"first"`            // positions
	Last   uint64 `json:"last"`
	Bytes  uint64 `json:"bytes"`

	Skipped []uint64 `json:"skipped,omitempty"` // positions of messages that are not carried out
}

// A Copy is one of the stream that does not lead.
type Copy struct {
	Server  string        `json:"server"`
	Behind  uint64        `json:"behind"` // messages, or more precisely entries, that it lacks
	Current bool          `json:"current"`
	Offline bool          `json:"offline"`
	Seen    time.Duration `json:"seen"` // in nanoseconds, since it was heard of
}

// What a node does.
const (
	Lives  = "lives"
	Reads  = "reads"  // what was in the log before it takes part
	Stands = "stands" // it takes part, and decides nothing now: see Report.Failing
	Ends   = "ends"   // it was told to
	Silent = "silent" // the log has it among those that live, and it does not answer
	Gone   = "gone"   // the log has it as gone
)

// A NodeStatus is how a node does.
type NodeStatus struct {
	Report
	State   string `json:"state"`
	Behind  uint64 `json:"behind"`            // messages of the log that it has not carried out
	Another bool   `json:"another,omitempty"` // more than one process answers under the name
}

// Status asks the servers of NATS for the stream, and all nodes for themselves.
func (o *Operator) Status(ctx context.Context) (Status, error) {
	s := Status{Cluster: o.cfg.Name, Nodes: []NodeStatus{}}
	stream, err := o.stream(ctx)
	if err != nil {
		return s, err
	}
	last := uint64(0)
	if stream != nil {
		s.Log = logStatus(stream.CachedInfo())
		last = s.Log.Last
	}
	reports, strange, err := o.reports(ctx)
	if err != nil {
		return s, err
	}
	s.Strange = strange
	s.Nodes = nodeStatuses(reports, last)
	return s, nil
}

func logStatus(info *jetstream.StreamInfo) *LogStatus {
	skipped, _ := parseSkipped(info.Config.Metadata[skippedKey]) // nodes say what is wrong with it
	s := &LogStatus{Skipped: skipped, Stream: info.Config.Name, First: info.State.FirstSeq, Last: info.State.LastSeq, Bytes: info.State.Bytes}
	if c := info.Cluster; c != nil {
		s.Leader = c.Leader
		for _, r := range c.Replicas {
			s.Copies = append(s.Copies, Copy{Server: r.Name, Behind: r.Lag, Current: r.Current, Offline: r.Offline, Seen: r.Active})
		}
	}
	return s
}

// nodeStatuses joins what nodes say with what the log has of those that say nothing, as the one
// has it that has read most. last is the position of the newest message of the log, 0 if it is
// not known.
func nodeStatuses(reports []Report, last uint64) []NodeStatus {
	all := []NodeStatus{}
	var furthest *Report
	for i := range reports {
		r := &reports[i]
		last = max(last, r.Position)
		if furthest == nil || r.Position > furthest.Position {
			furthest = r
		}
	}
	for _, r := range reports {
		n := NodeStatus{Report: r, State: r.does(), Behind: last - r.Position}
		n.Another = 1 < count(reports, func(other Report) bool { return other.Node == r.Node })
		n.Log = nil
		all = append(all, n)
	}
	if furthest != nil {
		for _, k := range furthest.Log {
			if count(reports, func(r Report) bool { return r.Node == k.Node }) > 0 {
				continue
			}
			n := NodeStatus{Report: Report{Node: k.Node, Number: k.Number, Epoch: k.Epoch, Kinds: k.Kinds}, State: Silent}
			if k.Gone {
				n.State = Gone
			}
			all = append(all, n)
		}
	}
	slices.SortStableFunc(all, func(a, b NodeStatus) int {
		return cmp.Or(cmp.Compare(a.Number-1, b.Number-1), cmp.Compare(a.Node, b.Node)) // those without a number last
	})
	return all
}

func count(all []Report, is func(Report) bool) (n int) {
	for _, r := range all {
		if is(r) {
			n++
		}
	}
	return n
}

// does says in a word what a node does that answers.
func (r Report) does() string {
	switch {
	case r.Ending:
		return Ends
	case !r.Begun:
		return Reads
	case r.Failing != "":
		return Stands
	}
	return Lives
}

// Answers reports whether a node has answered.
func (n NodeStatus) Answers() bool { return n.State != Silent && n.State != Gone }

// String says how a copy does.
func (c Copy) String() string {
	switch {
	case c.Offline:
		return fmt.Sprintf("%s (not reached)", c.Server)
	case c.Behind > 0 || !c.Current:
		return fmt.Sprintf("%s (%d behind, heard of %s ago)", c.Server, c.Behind, c.Seen.Round(time.Millisecond))
	}
	return c.Server
}

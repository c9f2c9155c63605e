package sim_test

import (
	"maps"
	"slices"
	"time"

	"parley/eventloop/server"
	"parley/eventloop/sim"
	"parley/users"
	"parley/users/state"
)

// A ledger is all that has ever become safe in a run, and so all that anybody may have
// heard.
type ledger struct {
	fail                   func(format string, args ...any)
	commits                int    // that there were
	last                   uint64 // number
	before                 uint64 // the last one of the commit before
	messages               map[uint64]state.Message
	directs                map[uint64]*state.Direct
	gone                   map[uint64]bool // direct messages that were forgotten, with a guest
	ended                  map[uint64]bool // messages that were forgotten, with a room
	times                  map[string]int  // how often a text was kept
	blocks                 map[users.Block]bool
	accounts               map[string]bool // by folded name
	rooms                  []*room         // those that there have been, the lobby first
	keys                   map[string]bool // who has given the right key of which room, "PERSON ROOM"
	cursors                map[conversation]uint64
	reads                  map[conversation][]reading
	fates                  map[uint64]*fate      // what has become of messages
	pseudonyms             map[string]string     // of who was forgotten, by the name in lower case
	words                  map[string][]*telling // the texts in which there is a unique word
	orders                 orderBook
	lost                   map[uint64]bool // messages that are kept no more, of rooms that are there
	keepDays, keepMessages int             // as the server says; 0: all
	roleRows               map[int]bool    // which members of the newest rows were there already
	editFor                time.Duration   // for which one may edit a message
	now                    time.Time       // of the last command that is safe, by the log
	places                 map[string]bool // to which read cursors were asked to go, "PERSON NUMBER"
}

func newLedger(fail func(format string, args ...any)) *ledger {
	return &ledger{fail: fail, messages: map[uint64]state.Message{}, directs: map[uint64]*state.Direct{}, gone: map[uint64]bool{}, ended: map[uint64]bool{},
		times: map[string]int{}, blocks: map[users.Block]bool{}, accounts: map[string]bool{}, keys: map[string]bool{}, cursors: map[conversation]uint64{}, reads: map[conversation][]reading{}, places: map[string]bool{},
		fates: map[uint64]*fate{}, pseudonyms: map[string]string{}, words: map[string][]*telling{}, editFor: server.DefaultEditFor, orders: newOrderBook(), roleRows: map[int]bool{}, lost: map[uint64]bool{},
		rooms: []*room{{Room: state.Room{Name: lobby}, members: []*membership{{}}}}}
}

// put notes rows, and returns the numbers that are new, ascending.
func (l *ledger) put(rows *state.Rows) (numbers []uint64) {
	l.commits++
	l.before = l.last
	l.putRooms(rows)
	l.now = rows.Time
	l.putOrder(rows)
	for _, m := range rows.Messages {
		l.messages[m.Number] = m
		l.newFate(m.Number, m.Person, m.Text)
		l.times[m.Text]++
		numbers = append(numbers, m.Number)
	}
	for _, d := range rows.Directs {
		l.directs[d.Number] = &d
		l.newFate(d.Number, d.From, d.Text)
		l.checkSilenced(d.Number, nil, d.Sender, d.From, d.Time)
		l.times[d.Text]++
		numbers = append(numbers, d.Number)
	}
	slices.Sort(numbers)
	l.putNumbers(rows, numbers)
	for _, n := range numbers {
		l.putMessage(n)
	}
	for _, b := range rows.Blocks {
		l.blocks[folded(b.Block)] = !b.Gone
	}
	for _, a := range rows.Accounts {
		l.accounts[users.Fold(a.Name)] = !a.Gone
	}
	l.putPersons(rows)
	l.putOwners(rows)
	for i := range rows.Changes {
		l.putChange(&rows.Changes[i])
	}
	l.putPruned(rows)
	for i := range rows.Forgotten {
		if rows.Forgotten[i].Erased != nil {
			l.putErased(&rows.Forgotten[i])
		}
	}
	for i := range rows.ReadCursors {
		l.putCursor(rows, i)
	}
	return numbers
}

// putNumbers checks that numbers ascend: those of messages, of changes and of acts.
func (l *ledger) putNumbers(rows *state.Rows, messages []uint64) {
	all := slices.Clone(messages)
	for _, c := range rows.Changes {
		all = append(all, c.Number)
	}
	for _, a := range rows.Acts {
		all = append(all, a.Number)
	}
	slices.Sort(all)
	for _, n := range all {
		if n <= l.last {
			l.fail("number %d is used twice, or comes behind %d", n, l.last)
		}
		l.last = n
	}
}

// putPersons renames and forgets persons, in the order in which that was.
func (l *ledger) putPersons(rows *state.Rows) {
	renamed := 0
	for _, f := range rows.Forgotten {
		for ; renamed < f.Behind; renamed++ {
			l.rename(rows.Renamed[renamed])
		}
		for n, d := range l.directs {
			if n <= f.UpTo && (d.From == f.Person || d.Person == f.Person) {
				l.gone[n] = true
			}
		}
	}
	for _, r := range rows.Renamed[renamed:] {
		l.rename(r)
	}
}

// putMessage notes in which room a number was said.
func (l *ledger) putMessage(n uint64) {
	m, is := l.messages[n]
	if !is {
		return
	}
	r := l.roomOf(m.Room, n)
	if r == nil || r.until > 0 && r.until < l.commits {
		l.fail("%d is said in %s, which is not there", n, m.Room)
		return
	}
	l.checkSilenced(n, r, m.Sender, m.Person, m.Time)
	r.numbers = append(r.numbers, n)
	l.ended[n] = r.until > 0
}

func folded(b users.Block) users.Block {
	return users.Block{Blocker: users.Fold(b.Blocker), Blocked: users.Fold(b.Blocked)}
}

func (l *ledger) rename(r state.Renamed) {
	for n, d := range l.directs {
		if n <= r.UpTo && d.From == r.From {
			d.From = r.To
		}
		if n <= r.UpTo && d.Person == r.From {
			d.Person = r.To
		}
	}
}

// said returns the numbers of the messages in a room behind one number and up to another
// that nobody has said whom blocked returns true for, ascending.
func (l *ledger) said(in *room, after, upTo uint64, blocked func(string) bool) (numbers []uint64) {
	for _, n := range in.numbers {
		if after < n && n <= upTo && !l.lost[n] && !blocked(l.messages[n].Sender) {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// check compares what is on the disk with what has ever become safe.
func (l *ledger) check(disk *sim.Disk) {
	l.checkOrder(disk)
	kept := 0
	for _, r := range l.rooms {
		if r.until > 0 {
			continue
		}
		for _, m := range disk.MessagesIn(r.Name) {
			was := l.messages[m.Number]
			if was.Room != m.Room || was.Sender != m.Sender || was.Person != m.Person || was.Re != m.Re || !was.Time.Equal(m.Time) || l.ended[m.Number] {
				l.fail("%+v is on the disk, and %+v was", m, was)
				return
			}
			l.checkKept(disk, m.Number, m.Text, m.Marks)
			kept++
		}
	}
	for n := range l.messages {
		if !l.ended[n] {
			kept--
		}
	}
	if kept != 0 {
		l.fail("there are %d messages too many on the disk", kept)
	}
	blocks := map[users.Block]bool{}
	for _, b := range disk.Table.Kept().Blocks {
		blocks[folded(b)] = true
	}
	maps.DeleteFunc(l.blocks, func(_ users.Block, is bool) bool { return !is })
	if !maps.Equal(blocks, l.blocks) {
		l.fail("the blocks %v are on the disk, and %v were", blocks, l.blocks)
	}
}

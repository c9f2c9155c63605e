package sim_test

import (
	"maps"
	"slices"

	"parley/eventloop/sim"
	"parley/users"
	"parley/users/state"
)

// A ledger is all that has ever become safe in a run, and so all that anybody may have
// heard.
type ledger struct {
	fail     func(format string, args ...any)
	last     uint64
	messages map[uint64]state.Message
	directs  map[uint64]*state.Direct
	gone     map[uint64]bool // direct messages that were forgotten, with a guest
	times    map[string]int  // how often a text was kept
	blocks   map[users.Block]bool
	accounts map[string]bool // by folded name
}

func newLedger(fail func(format string, args ...any)) *ledger {
	return &ledger{fail: fail, messages: map[uint64]state.Message{}, directs: map[uint64]*state.Direct{}, gone: map[uint64]bool{},
		times: map[string]int{}, blocks: map[users.Block]bool{}, accounts: map[string]bool{}}
}

// put notes rows, and returns the numbers that are new, ascending.
func (l *ledger) put(rows *state.Rows) (numbers []uint64) {
	for _, m := range rows.Messages {
		l.messages[m.Number] = m
		l.times[m.Text]++
		numbers = append(numbers, m.Number)
	}
	for _, d := range rows.Directs {
		l.directs[d.Number] = &d
		l.times[d.Text]++
		numbers = append(numbers, d.Number)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		if n <= l.last {
			l.fail("number %d is used twice, or comes behind %d", n, l.last)
		}
		l.last = n
	}
	for _, b := range rows.Blocks {
		l.blocks[folded(b.Block)] = !b.Gone
	}
	for _, a := range rows.Accounts {
		l.accounts[users.Fold(a.Name)] = !a.Gone
	}
	for _, r := range rows.Renamed {
		l.rename(r)
	}
	for _, f := range rows.Forgotten {
		for n, d := range l.directs {
			if n <= f.UpTo && (d.From == f.Person || d.Person == f.Person) {
				l.gone[n] = true
			}
		}
	}
	return numbers
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

// said returns the numbers of the messages behind one number and up to another that
// nobody has said whom blocked returns true for, ascending.
func (l *ledger) said(after, upTo uint64, blocked func(string) bool) (numbers []uint64) {
	for n, m := range l.messages {
		if after < n && n <= upTo && !blocked(m.Sender) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers
}

// check compares what is on the disk with what has ever become safe.
func (l *ledger) check(disk *sim.Disk) {
	kept := disk.Messages()
	if len(kept) != len(l.messages) {
		l.fail("%d messages are on the disk, and %d were", len(kept), len(l.messages))
	}
	for _, m := range kept {
		if l.messages[m.Number] != m {
			l.fail("%+v is on the disk, and %+v was", m, l.messages[m.Number])
		}
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

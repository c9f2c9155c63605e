package main

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"parley/users"
	"parley/users/state"
	"parley/users/store"
)

// compare looks whether what is on the disk is what was acknowledged and what was heard, and
// whether that was enough to mean something.
func (w *trial) compare() {
	w.t.Helper()
	w.count(w.compareDisk())
}

// compareDisk looks whether what is on the disk is what was acknowledged and what was heard. It
// returns the numbers on the disk.
func (w *trial) compareDisk() (numbers []uint64) {
	w.t.Helper()
	disk, kept := make(map[uint64]said), state.Kept{}
	withStore(w.t, w.data, func(s *store.Store) (err error) {
		if kept, err = s.Load(w.t.Context()); err != nil {
			return err
		}
		return w.read(s, disk)
	})
	if _, faults, err := store.Check(w.t.Context(), store.Database(w.data)); err != nil || len(faults) > 0 {
		w.t.Error(faults, err)
	}
	numbers = slices.Sorted(maps.Keys(disk))
	if len(numbers) == 0 || kept.Last != numbers[len(numbers)-1] {
		w.t.Errorf("the last number on the disk is %d", kept.Last)
	}
	w.compareAcked(disk)
	w.compareOrder(disk, numbers)
	w.comparePeople(kept)
	for _, p := range w.talkers {
		if err := p.compareHeard(disk, numbers); err != nil {
			w.t.Errorf("%s %v", p.name, err)
		}
		p.compareCursor(disk, kept)
	}
	return numbers
}

// read reads all messages and all direct messages, by their numbers.
func (w *trial) read(s *store.Store, disk map[uint64]said) error {
	put := func(number uint64, one said) {
		if before, there := disk[number]; there && before != one {
			w.t.Errorf("the number %d is that of %v and of %v", number, before, one)
		}
		disk[number] = one
	}
	lobby := []state.RoomFrom{{Room: state.Lobby}}
	all, reached, err := s.MessagesAfter(w.t.Context(), lobby, 0, math.MaxUint64, math.MaxInt)
	for len(all) > 0 && err == nil {
		for _, m := range all {
			put(m.Number, said{m.Sender, "", m.Text})
		}
		all, reached, err = s.MessagesAfter(w.t.Context(), lobby, reached, math.MaxUint64, math.MaxInt)
	}
	for _, p := range w.talkers {
		var all []state.Direct
		after := uint64(0)
		for first := true; (first || len(all) > 0) && err == nil; first = false {
			all, err = s.DirectsAfter(w.t.Context(), p.person(), after, math.MaxInt)
			for _, d := range all {
				put(d.Number, said{d.Sender, d.To, d.Text})
				after = d.Number
			}
		}
	}
	return err
}

// compareAcked looks whether all that was acknowledged is on the disk under its number,
// and nothing else: in the end everything was.
func (w *trial) compareAcked(disk map[uint64]said) {
	left := maps.Clone(disk)
	for _, p := range w.talkers {
		for _, a := range p.acked {
			if want := (said{p.name, a.to, a.text}); a.verb != "block" && disk[a.number] != want {
				w.t.Errorf("under the number %d, %v was acknowledged, and there is %v", a.number, want, disk[a.number])
			}
			delete(left, a.number)
		}
	}
	if len(left) > 0 {
		w.t.Errorf("%d of %d on the disk were not acknowledged, such as %v", len(left), len(disk), slices.Collect(maps.Values(left))[0])
	}
}

// compareOrder looks whether what each one has said is there once, and in order. A direct message
// that was tried again may come late: its receiver was not back at the first try, of which the
// answer was lost, and what was said behind it was kept.
func (w *trial) compareOrder(disk map[uint64]said, numbers []uint64) {
	late := make(map[uint64]bool)
	for _, p := range w.talkers {
		for _, a := range p.acked {
			late[a.number] = late[a.number] || a.verb == "dm" && a.again
		}
	}
	last, all := make(map[string]int), make(map[string]bool)
	for _, number := range numbers {
		var sender string
		var n int
		if _, err := fmt.Sscan(disk[number].text, &sender, &n); err != nil || sender != disk[number].sender {
			w.t.Errorf("nobody has said %v", disk[number])
		}
		if all[disk[number].text] {
			w.t.Errorf("%s has said number %d twice", sender, n)
		}
		all[disk[number].text] = true
		if late[number] {
			continue
		}
		if before, there := last[sender]; there && n <= before {
			w.t.Errorf("%s has said number %d before number %d", sender, before, n)
		}
		last[sender] = n
	}
}

// comparePeople looks for the accounts and blocks.
func (w *trial) comparePeople(kept state.Kept) {
	accounts := make(map[string]bool)
	for _, a := range kept.Accounts {
		accounts[a.Name] = true
	}
	for _, name := range w.accounts {
		if !accounts[name] {
			w.t.Errorf("the account %s is lost", name)
		}
	}
	blocks := make(map[users.Block]bool)
	for _, p := range w.talkers {
		if p.deafTo != "" {
			blocks[users.Block{Blocker: p.name, Blocked: p.deafTo}] = true
		}
		for _, a := range p.acked {
			if a.verb == "block" {
				blocks[users.Block{Blocker: p.name, Blocked: a.text}] = true
			}
		}
	}
	for _, b := range kept.Blocks {
		if !blocks[b] {
			w.t.Errorf("%v is on the disk, and was not acknowledged", b)
		}
		delete(blocks, b)
	}
	for b := range blocks {
		w.t.Errorf("the block %v is lost", b)
	}
}

// concerns reports whether a talker hears something wherever it is. Of what it has
// written to one person it is told where it is told what it has missed, and else not.
func (p *talker) concerns(one said) bool {
	return one.sender != p.deafTo && (one.to == "" || one.to == p.name)
}

// compareHeard looks whether the talker has heard all that concerns it, and in each
// telling everything once and in order. It returns the first thing that is wrong.
func (p *talker) compareHeard(disk map[uint64]said, numbers []uint64) error {
	if p.lasting && len(p.tellings) != 1 {
		return fmt.Errorf("has begun %d times", len(p.tellings))
	}
	all := make(map[uint64]bool)
	for _, told := range p.tellings {
		for _, h := range told {
			all[h.number] = true
			if disk[h.number] != h.said {
				return fmt.Errorf("has heard %v, number %d, and on the disk there is %v", h.said, h.number, disk[h.number])
			}
			if !p.concerns(h.said) && h.sender != p.name {
				return fmt.Errorf("has heard %v, number %d, which does not concern it", h.said, h.number)
			}
		}
		parts := []telling{told}
		if !p.lasting { // the direct messages that were not seen come behind the history
			messages, directs := split(told)
			parts = []telling{messages, directs}
		}
		for _, part := range parts {
			if err := p.compareTelling(part, disk, numbers); err != nil {
				return err
			}
		}
	}
	since := uint64(0)
	if messages, _ := split(p.tellings[len(p.tellings)-1]); !p.lasting && len(messages) > 0 {
		since = messages[0].number // of a log that is new to it, it is told the newest messages only
	}
	for _, number := range numbers {
		one := disk[number]
		if p.concerns(one) && !all[number] && (one.to != "" || number >= since) {
			return fmt.Errorf("has not heard %v, number %d", one, number)
		}
	}
	return nil
}

// split parts what was said to all from what was said to one.
func split(told telling) (messages, directs telling) {
	for _, h := range told {
		if h.to == "" {
			messages = append(messages, h)
		} else {
			directs = append(directs, h)
		}
	}
	return messages, directs
}

// compareTelling looks whether numbers ascend, and whether nothing between the first and
// the last is left out: of messages, of direct messages, or of both if there are both.
func (p *talker) compareTelling(told telling, disk map[uint64]said, numbers []uint64) error {
	if len(told) == 0 {
		return nil
	}
	messages, directs := split(told)
	next, _ := slices.BinarySearch(numbers, told[0].number)
	for i, h := range told {
		if i > 0 && h.number <= told[i-1].number {
			return fmt.Errorf("has heard number %d behind %d", h.number, told[i-1].number)
		}
		for ; next < len(numbers) && numbers[next] < h.number; next++ {
			one := disk[numbers[next]]
			if p.concerns(one) && (one.to == "" && len(messages) > 0 || one.to != "" && len(directs) > 0) {
				return fmt.Errorf("has heard number %d, and not number %d before it: %v", h.number, numbers[next], one)
			}
		}
		next++
	}
	return nil
}

// compareCursor looks whether nothing counts as seen but what the talker has said that of.
func (p *talker) compareCursor(disk map[uint64]said, kept state.Kept) {
	for _, c := range kept.Cursors {
		if c.Person == p.person() && c.Number > p.seen {
			p.t.Errorf("%s has seen %d, and counts as having seen %d", p.name, p.seen, c.Number)
		}
	}
	unseen := make(map[uint64]bool)
	for _, u := range kept.Unseen {
		unseen[u.Number] = u.Person == p.person()
	}
	for number, one := range disk {
		if one.to == p.name && number > p.seen && !unseen[number] {
			p.t.Errorf("%s has not seen number %d, which does not wait", p.name, number)
		}
	}
}

// count logs how much there was, which has to be enough to mean something.
func (w *trial) count(numbers []uint64) {
	counts := w.counts()
	w.t.Logf("%d ends; acknowledged: %d accounts, %d messages, %d direct messages, %d blocks; refused: %d; heard: %d of %d on the disk",
		w.rounds, len(w.accounts), counts["msg"], counts["dm"], counts["block"], counts["refused"], counts["heard"], len(numbers))
	if !w.enough() {
		w.t.Error("the load was too small to mean anything")
	}
}

// enough reports whether what was acknowledged means something.
func (w *trial) enough() bool {
	counts := w.counts()
	return len(w.accounts) >= 2 && counts["msg"] >= w.rounds && counts["dm"] >= w.rounds/2 && counts["block"] > 0
}

// counts returns how much was acknowledged of what, heard and refused.
func (w *trial) counts() map[string]int {
	counts := map[string]int{"msg": 0, "dm": 0, "block": 0, "heard": 0, "refused": 0}
	for _, p := range w.talkers {
		for _, a := range p.acked {
			counts[a.verb]++
		}
		for _, told := range p.tellings {
			counts["heard"] += len(told)
		}
		counts["refused"] += p.refused
	}
	return counts
}

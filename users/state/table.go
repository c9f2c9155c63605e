package state

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"parley/users"
)

// A Table keeps rows in memory, as a store does in a file: for tests, and for logs that
// need not survive. It is what rows mean. One goroutine owns it.
type Table struct {
	last     uint64
	mark     Mark
	time     time.Time
	messages map[string][]Message // by room, ascending
	directs  []Direct             // ascending
	cursors  map[string]uint64    // by person
	requests []Request            // ascending
	accounts map[string]users.Account
	blocks   map[[2]string]users.Block
	lockouts map[string]users.Lockout
	hooks    map[string]Hook
	tableRooms
	tableChanges
	tableRetention
	tableOrder
}

// NewTable returns one in which there is nothing.
func NewTable() *Table {
	return &Table{messages: make(map[string][]Message), cursors: make(map[string]uint64), accounts: make(map[string]users.Account),
		blocks: make(map[[2]string]users.Block), lockouts: make(map[string]users.Lockout), hooks: make(map[string]Hook),
		tableRooms: newTableRooms(), tableOrder: tableOrder{sanctions: make(map[[3]string]Sanction)},
		tableChanges: tableChanges{versions: make(map[uint64][]Version)}, tableRetention: tableRetention{pruned: make(map[string]uint64)}}
}

// Put keeps rows, all of them at once. Not twice: what they rename and forget goes by
// the names that there were.
func (t *Table) Put(rows *Rows) {
	if rows.Empty() {
		return
	}
	t.last, t.time = rows.Last, rows.Time
	if rows.Mark != nil {
		t.mark = *rows.Mark
	}
	for _, m := range rows.Messages {
		t.messages[m.Room] = upsert(t.messages[m.Room], m, messageNumber)
	}
	for _, d := range rows.Directs {
		t.directs = upsert(t.directs, d, directNumber)
	}
	t.putChanges(rows)
	for _, c := range rows.Cursors {
		t.cursors[c.Person] = c.Number
	}
	for _, q := range rows.Requests {
		t.requests = upsert(t.requests, q, requestSerial)
	}
	t.putPeople(rows)
	t.putRooms(rows)
	t.putPruned(rows)
	t.putOrder(rows)
	t.putPersons(rows)
	t.forgetSeen()
	old, _ := slices.BinarySearchFunc(t.requests, rows.OldRequests+1, func(q Request, serial uint64) int { return cmp.Compare(q.Serial, serial) })
	t.requests = slices.Delete(t.requests, 0, old)
}

func (t *Table) putPeople(rows *Rows) {
	for _, a := range rows.Accounts {
		put(t.accounts, users.Fold(a.Name), a.Account, a.Gone)
	}
	for _, b := range rows.Blocks {
		put(t.blocks, [2]string{users.Fold(b.Blocker), users.Fold(b.Blocked)}, b.Block, b.Gone)
	}
	for _, b := range rows.Lockouts {
		put(t.lockouts, b.Key, b, b.Forgotten())
	}
	for _, h := range rows.Hooks {
		put(t.hooks, users.Fold(h.Name), h.Hook, h.Gone)
	}
}

// putPersons renames and forgets persons, in the order in which that was.
func (t *Table) putPersons(rows *Rows) {
	renamed := 0
	for _, f := range rows.Forgotten {
		for ; renamed < f.Behind; renamed++ {
			t.rename(rows.Renamed[renamed])
		}
		t.forget(f)
	}
	for _, r := range rows.Renamed[renamed:] {
		t.rename(r)
	}
}

func put[K comparable, V any](table map[K]V, key K, v V, gone bool) {
	if gone {
		delete(table, key)
		return
	}
	table[key] = v
}

// upsert puts an element in place of the one with its number, into a list that is in
// the order of the numbers. Almost always it is the last.
func upsert[T any](list []T, v T, number func(T) uint64) []T {
	i, there := slices.BinarySearchFunc(list, number(v), func(other T, n uint64) int { return cmp.Compare(number(other), n) })
	if there {
		list[i] = v
		return list
	}
	return slices.Insert(list, i, v)
}

func messageNumber(m Message) uint64 { return m.Number }
func directNumber(d Direct) uint64   { return d.Number }
func requestSerial(q Request) uint64 { return q.Serial }

func (t *Table) rename(r Renamed) {
	for i := range t.directs {
		d := &t.directs[i]
		if d.Number > r.UpTo {
			break
		}
		if d.From == r.From {
			d.From = r.To
		}
		if d.Person == r.From {
			d.Person = r.To
		}
	}
	for i := range t.requests {
		if q := &t.requests[i]; q.Person == r.From && q.Number <= r.UpTo {
			q.Person = r.To
		}
	}
	if cursor, ok := t.cursors[r.From]; ok && cursor <= r.UpTo {
		delete(t.cursors, r.From)
		t.cursors[r.To] = max(t.cursors[r.To], cursor)
	}
}

func (t *Table) forget(f Forgotten) {
	t.directs = slices.DeleteFunc(t.directs, func(d Direct) bool {
		waits := isGuest(f.Person) && !isGuest(d.Person) && d.Number > t.cursors[d.Person]
		return d.Number <= f.UpTo && (d.Person == f.Person || d.From == f.Person && !waits)
	})
	if !isGuest(f.Person) {
		t.erase(f)
		t.requests = slices.DeleteFunc(t.requests, func(q Request) bool { return q.Person == f.Person && q.Number <= f.UpTo })
	}
	if t.cursors[f.Person] <= f.UpTo {
		delete(t.cursors, f.Person)
	}
}

// Kept returns what there is, to go on from.
func (t *Table) Kept() Kept {
	k := Kept{Last: t.last, Time: t.time, Mark: t.mark, Requests: slices.Clone(t.requests)}
	k.Accounts = values(t.accounts, strings.Compare)
	k.Blocks = values(t.blocks, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	k.Lockouts = values(t.lockouts, strings.Compare)
	k.Hooks = values(t.hooks, strings.Compare)
	for _, person := range slices.Sorted(maps.Keys(t.cursors)) {
		k.Cursors = append(k.Cursors, Cursor{Person: person, Number: t.cursors[person]})
	}
	for _, d := range t.directs {
		if d.Number > t.cursors[d.Person] {
			k.Unseen = append(k.Unseen, Unseen{Number: d.Number, From: d.From, Person: d.Person})
		}
	}
	k.Changes = slices.Clone(t.changes)
	t.keptRooms(&k)
	for _, room := range slices.Sorted(maps.Keys(t.pruned)) {
		k.Pruned = append(k.Pruned, Pruned{Room: room, UpTo: t.pruned[room]})
	}
	t.keptOrder(&k)
	k.Guests = t.guests()
	return k
}

// guests returns the guests of whom there is something, in order.
func (t *Table) guests() []string {
	guests := make(map[string]bool)
	note := func(person string) {
		if isGuest(person) {
			guests[person] = true
		}
	}
	for _, d := range t.directs {
		note(d.From)
		note(d.Person)
	}
	for _, m := range t.members {
		note(m.Person)
	}
	for _, i := range t.roomInvitations {
		note(i.Person)
	}
	return slices.Sorted(maps.Keys(guests))
}

// values returns what is in a map, in the order of the keys.
func values[K comparable, V any](table map[K]V, compare func(a, b K) int) []V {
	var all []V
	for _, key := range slices.SortedFunc(maps.Keys(table), compare) {
		all = append(all, table[key])
	}
	return all
}

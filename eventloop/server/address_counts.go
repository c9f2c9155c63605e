package server

import (
	"container/list"
	"net/netip"
	"time"
)

// An addressCount counts what is there now from each address, such as its connections. It
// keeps nothing of an address from which nothing is there. The zero Addr is not counted.
type addressCount struct {
	most   int // of one address; 0: no limit, and nothing is counted
	counts map[netip.Addr]int
}

func newAddressCount(most int) addressCount {
	return addressCount{most: most, counts: make(map[netip.Addr]int)}
}

// full reports whether as much is there from an address as may be.
func (c *addressCount) full(addr netip.Addr) bool {
	return c.counts[addr] >= c.most && c.counts[addr] > 0
}

// add counts one more, even if there are too many then.
func (c *addressCount) add(addr netip.Addr) {
	if addr.IsValid() && c.most > 0 {
		c.counts[addr]++
	}
}

// remove counts one less, that was added.
func (c *addressCount) remove(addr netip.Addr) {
	if c.counts[addr] <= 1 {
		delete(c.counts, addr)
		return
	}
	c.counts[addr]--
}

// maxRecentAddresses is of how many addresses it is remembered what has come lately, some
// 15 MB. If there are more, those are forgotten from which nothing has come for longest: who
// has as many to come from need not come twice from one.
const maxRecentAddresses = 1 << 16

// An addressQuota counts what has come from each address within a time, such as new
// connections. Times are of one clock that goes on evenly, and never go back. The zero Addr
// is not counted.
type addressQuota struct {
	Quota
	room  int // for addresses
	addrs map[netip.Addr]*list.Element
	order list.List // of *arrivals, the address first from which nothing has come for longest
}

// arrivals are the times at which something has come from an address, ascending.
type arrivals struct {
	addr  netip.Addr
	times []time.Duration // Quota.Most at most
}

// last returns the newest time.
func (a *arrivals) last() time.Duration { return a.times[len(a.times)-1] }

func newAddressQuota(q Quota, room int) addressQuota {
	return addressQuota{Quota: q, room: room, addrs: make(map[netip.Addr]*list.Element)}
}

// wait returns how long it is until one more may come from an address.
func (q *addressQuota) wait(addr netip.Addr, now time.Duration) time.Duration {
	e := q.addrs[addr]
	if e == nil {
		return 0
	}
	times := e.Value.(*arrivals).times
	if len(times) < q.Most {
		return 0
	}
	return max(0, times[0]+q.Per-now)
}

// add counts one that has come, for which there was no wait.
func (q *addressQuota) add(addr netip.Addr, now time.Duration) {
	q.forget(now)
	if !addr.IsValid() || q.Most == 0 {
		return
	}
	e := q.addrs[addr]
	if e == nil {
		if len(q.addrs) >= q.room {
			q.drop(q.order.Front())
		}
		e = q.order.PushBack(&arrivals{addr: addr})
		q.addrs[addr] = e
	}
	q.order.MoveToBack(e)
	a := e.Value.(*arrivals)
	if len(a.times) == q.Most {
		a.times = a.times[1:]
	}
	a.times = append(a.times, now)
}

// forget forgets addresses from which nothing has come that counts.
func (q *addressQuota) forget(now time.Duration) {
	for e := q.order.Front(); e != nil && e.Value.(*arrivals).last()+q.Per <= now; e = q.order.Front() {
		q.drop(e)
	}
}

func (q *addressQuota) drop(e *list.Element) {
	delete(q.addrs, q.order.Remove(e).(*arrivals).addr)
}

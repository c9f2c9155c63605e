package users

import (
	"errors"
	"net/netip"
	"slices"
	"time"
)

var (
	// ErrNotRelayed is returned for a frame of two users between whom nothing is
	// relayed, or not in that private session, or not with that login.
	ErrNotRelayed = errors.New("nothing is relayed between you and that user")

	// ErrRelayAbused is returned for a frame that is over the window, or that gives
	// back more than was sent. The relay of the two has ended.
	ErrRelayAbused = errors.New("more was relayed than the window allows")
)

// RelayLimits are how much may be under way between two users, in units whose
// meaning is the caller's.
type RelayLimits struct {
	Window int     // of one user to another without being given credit for it
	Credit int     // less than this is not passed on by itself
	Rate   float64 // units per second of each user, of all relays together; 0: nothing is relayed

	// AddrRate is how many units per second may come from one address, of all its users
	// together; 0: there is no such limit.
	AddrRate float64
}

// RelayCounts are what has been relayed so far.
type RelayCounts struct {
	Open   int    // relays there are
	Ended  uint64 // relays there were
	Abused uint64 // of them, those that ended because somebody sent too much
	Frames uint64
	Units  uint64
}

// Relays are the pairs of users between whom frames are relayed, each with one login: at
// most one relay for two users. What one sends is under way until the other one gives
// credit for it and the sender is told. Credit is held back from who sends more than the
// rate allows, or whose address does; so nobody sends faster and nothing is lost. One
// goroutine owns them.
type Relays struct {
	limits  RelayLimits
	pairs   map[[2]string]*relay    // by both folded names, the smaller one first
	senders map[string]*relaySender // by folded name
	addrs   map[netip.Addr]*relaySender
	held    []*flow   // whose credit waits for the rate, in the order in which it came
	next    time.Time // when it can be passed on; zero if there is none
	counts  RelayCounts
}

// relay is a pair.
type relay struct {
	session uint64
	parties [2]Party // in the order of the folded names
	flows   [2]flow  // of parties[0] to parties[1], and back
	over    bool
}

// A Party is one of the two of a relay.
type Party struct {
	Name  string // as it is spelled
	Login Session
	Addr  netip.Addr // what counts as the address of the login (ClientAddr); the zero Addr does not count

	// Elsewhere says that the login is at another node. What it sends is held to the rates
	// there, and to the window at both.
	Elsewhere bool
}

// flow is one direction of a relay.
type flow struct {
	relay  *relay
	sender *relaySender
	addr   *relaySender // of the sender's address; nil if that does not count
	way    int          // index in the relay
	sent   int          // units under way: sent, and the sender was not given credit for them
	given  int          // those of them that the receiver has given credit for
	held   bool
}

// relaySender is a user with relays, or an address with such users.
type relaySender struct {
	relays []*relay // one between two users of an address is there twice
	used   float64  // units over what the rate allowed until last
	last   time.Time
}

// A RelayEnd is a relay that has ended, seen from one of its two.
type RelayEnd struct {
	Session     uint64
	Self, Other Party
}

// A Credit is what is to be told to a sender: that it may send more.
type Credit struct {
	Session  uint64
	To, From Party
	Units    int
}

// NewRelays returns none.
func NewRelays(limits RelayLimits) *Relays {
	return &Relays{limits: limits, pairs: make(map[[2]string]*relay), senders: make(map[string]*relaySender), addrs: make(map[netip.Addr]*relaySender)}
}

// pairKey returns the key of two users, and which of them a is.
func pairKey(a, b string) (key [2]string, way int) {
	key = [2]string{Fold(a), Fold(b)}
	if key[0] > key[1] {
		key[0], key[1], way = key[1], key[0], 1
	}
	return key, way
}

// Open begins to relay between two users, instead of what was relayed before.
func (r *Relays) Open(session uint64, a, b Party) {
	r.Close(a.Name, b.Name)
	key, way := pairKey(a.Name, b.Name)
	p := &relay{session: session, parties: [2]Party{a, b}}
	if way == 1 {
		p.parties = [2]Party{b, a}
	}
	for i, name := range key {
		p.flows[i] = flow{relay: p, sender: join(r.senders, name, p), way: i}
		if addr := p.parties[i].Addr; addr.IsValid() && r.limits.AddrRate > 0 {
			p.flows[i].addr = join(r.addrs, addr, p)
		}
	}
	r.pairs[key] = p
}

// join adds a relay to a sender's.
func join[K comparable](senders map[K]*relaySender, key K, p *relay) *relaySender {
	s := senders[key]
	if s == nil {
		s = new(relaySender)
		senders[key] = s
	}
	s.relays = append(s.relays, p)
	return s
}

// part takes a relay from a sender's.
func part[K comparable](senders map[K]*relaySender, key K, p *relay) {
	if s := senders[key]; s != nil {
		s.relays = slices.DeleteFunc(s.relays, func(other *relay) bool { return other == p })
		if len(s.relays) == 0 {
			delete(senders, key)
		}
	}
}

// Has reports whether something is relayed between two users.
func (r *Relays) Has(a, b string) bool {
	key, _ := pairKey(a, b)
	return r.pairs[key] != nil
}

// Of returns how many relays a user has, with all logins.
func (r *Relays) Of(name string) int {
	if s := r.senders[Fold(name)]; s != nil {
		return len(s.relays)
	}
	return 0
}

// Uncredited returns how many units one user has sent to another for which that one has given no
// credit yet; 0 if nothing is relayed between them.
func (r *Relays) Uncredited(from, to string) int {
	key, way := pairKey(from, to)
	if p := r.pairs[key]; p != nil {
		return p.flows[way].sent - p.flows[way].given
	}
	return 0
}

// Counts returns what has been relayed.
func (r *Relays) Counts() RelayCounts {
	counts := r.counts
	counts.Open = len(r.pairs)
	return counts
}

// Close ends the relay of two users, and returns it as a sees it.
func (r *Relays) Close(a, b string) (end RelayEnd, ok bool) {
	key, way := pairKey(a, b)
	p := r.pairs[key]
	if p == nil {
		return RelayEnd{}, false
	}
	delete(r.pairs, key)
	p.over = true
	r.counts.Ended++
	for i, name := range key {
		part(r.senders, name, p)
		part(r.addrs, p.parties[i].Addr, p)
	}
	return RelayEnd{p.session, p.parties[way], p.parties[1-way]}, true
}

// Leave ends all relays that a user has with one login.
func (r *Relays) Leave(self Party) (ended []RelayEnd) {
	s := r.senders[Fold(self.Name)]
	if s == nil {
		return nil
	}
	for _, p := range slices.Clone(s.relays) {
		way := 0
		if Fold(p.parties[0].Name) != Fold(self.Name) {
			way = 1
		}
		if p.parties[way].Login == self.Login {
			end, _ := r.Close(self.Name, p.parties[1-way].Name)
			ended = append(ended, end)
		}
	}
	return ended
}

// Pass takes a frame of from for to: credit for what from has received, and a
// payload that costs some units, 0 if there is none. It returns who to is in the relay,
// and the credit to send there at once, with the payload if there is one. After
// ErrNotRelayed and ErrRelayAbused nothing is to be sent.
func (r *Relays) Pass(session uint64, from Party, to string, credit, cost int, now time.Time) (other Party, give int, err error) {
	key, way := pairKey(from.Name, to)
	p := r.pairs[key]
	if p == nil || p.session != session || p.parties[way].Login != from.Login {
		return Party{}, 0, ErrNotRelayed
	}
	other = p.parties[1-way]
	out, back := &p.flows[way], &p.flows[1-way]
	if credit < 0 || credit > back.sent-back.given || cost > 0 && out.sent+cost > r.limits.Window {
		r.counts.Abused++
		r.Close(from.Name, to)
		return other, 0, ErrRelayAbused
	}
	out.sent += cost
	if cost > 0 && !from.Elsewhere {
		r.wait(out, now)
		out.sender.used += float64(cost)
		if out.addr != nil {
			out.addr.used += float64(cost)
		}
		r.counts.Frames++
		r.counts.Units += uint64(cost)
	}
	back.given += credit
	if back.held || back.given == 0 || cost == 0 && back.given < r.limits.Credit {
		return other, 0, nil
	}
	if other.Elsewhere {
		return other, back.release(), nil
	}
	if wait := r.wait(back, now); wait > 0 {
		back.held = true
		r.held = append(r.held, back)
		r.wakeAt(now.Add(wait))
		return other, 0, nil
	}
	return other, back.release(), nil
}

// wait returns how long it is until the sender of a flow may be given credit again: until
// neither it nor its address is more than a window ahead of the rate.
func (r *Relays) wait(f *flow, now time.Time) time.Duration {
	wait := f.sender.wait(r.limits.Rate, r.limits.Window, now)
	if f.addr != nil {
		wait = max(wait, f.addr.wait(r.limits.AddrRate, r.limits.Window, now))
	}
	return wait
}

func (s *relaySender) wait(rate float64, window int, now time.Time) time.Duration {
	s.used = max(0, s.used-now.Sub(s.last).Seconds()*rate)
	s.last = now
	over := s.used - float64(window)
	if over <= 0 {
		return 0
	}
	return time.Duration(over/rate*float64(time.Second)) + time.Microsecond // rounded up, or it would be asked again at once
}

func (r *Relays) wakeAt(t time.Time) {
	if r.next.IsZero() || t.Before(r.next) {
		r.next = t
	}
}

// release gives the sender all credit there is.
func (f *flow) release() int {
	units := f.given
	f.sent -= units
	f.given = 0
	return units
}

// Due returns the credit that is to be passed on now.
func (r *Relays) Due(now time.Time) (due []Credit) {
	if r.next.IsZero() || now.Before(r.next) {
		return nil
	}
	r.next = time.Time{}
	r.held = slices.DeleteFunc(r.held, func(f *flow) bool {
		if f.relay.over {
			return true
		}
		if wait := r.wait(f, now); wait > 0 {
			r.wakeAt(now.Add(wait))
			return false
		}
		f.held = false
		if f.given >= r.limits.Credit {
			due = append(due, Credit{f.relay.session, f.relay.parties[f.way], f.relay.parties[1-f.way], f.release()})
		}
		return true
	})
	return due
}

// NextDue returns when Due has something to do.
func (r *Relays) NextDue() (next time.Time, ok bool) { return r.next, !r.next.IsZero() }

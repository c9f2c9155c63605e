package sim_test

import (
	"strings"
	"testing"
	"time"

	"parley/eventloop/cluster/snapshots"
	"parley/eventloop/sim"
)

// TestRandomSnapshots has the seasons of TestRandomClusters with a stream that is trimmed and
// snapshots that the nodes share, while machines are replaced by new ones with an empty folder, nodes
// are away for long, nobody reaches the object store, what is put there is cut, damaged, not answered
// or never completed, and a node that was taken for gone in the middle of putting one there goes on
// with it when it wakes. It holds the nodes to what that test does, and to this:
//
//   - the front of the stream is never taken away beyond a node that takes part, nor beyond the
//     older of two snapshots all parts of which have come there, and one of them is whole;
//   - no node begins with a snapshot that is not what was put there;
//   - none fetches one while it could go on from its own folder;
//   - a node that began with one has everything that was ever said, as all others do, and those who
//     come back there miss nothing and hear nothing twice;
//   - a node stops only because the stream was trimmed in front of it, and comes back then.
//
// A seed that fails is printed; -seed runs it alone.
func TestRandomSnapshots(t *testing.T) {
	first, n := seeds()
	n = max(n/100, 1)
	met := map[string]int{}
	for seed := first; seed < first+n; seed++ {
		s := newSeason(t, seed, met)
		s.share(time.Duration(500+s.rand.IntN(5000)) * time.Millisecond)
		s.live()
		s.cluster.End()
		if s.err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, s.err, strings.Join(s.script, "\n"))
		}
	}
	t.Log(met)
	for _, what := range []string{"trimmed", "fetched", "fetched by a new machine", "fetched behind the front", "stopped behind the front", "resumed behind a snapshot",
		"put", "damaged", "found damaged", "halves", "halves dropped", "unanswered", "put without a part", "put beside another", "shared down", "went on from a snapshot"} {
		if n >= 50 && met[what] == 0 {
			t.Errorf("%s has never happened", what)
		}
	}
}

// share has the nodes of a season share snapshots.
func (s *season) share(every time.Duration) {
	s.shared = s.cluster.ShareSnapshots(every)
	s.shared.Met = s.met
	s.shared.Got = s.got
	s.cluster.Stream.Trimmed = s.trimmed
}

// actOnSnapshots does what may happen to these only.
func (s *season) actOnSnapshots() {
	n := s.cluster.Nodes[s.rand.IntN(clusterNodes)]
	switch what := s.rand.IntN(100); {
	case what < 20:
		s.note("a snapshot is damaged")
		s.shared.Damage(s.rand)
	case what < 35:
		s.shared.Down = !s.shared.Down
		s.note("the object store is down: %v", s.shared.Down)
		s.met["shared down"]++
	case what < 50 && s.oneOther(n): // who loses all machines loses all that was not in a snapshot
		s.note("node %d has a new machine", n.Index)
		n.Kill()
		n.Replace()
		delete(s.older, n.Index)
		n.Start()
	case what < 65 && !n.Killed && s.oneOther(n): // for so long that the others take it for gone, and trim
		n.Paused, n.Cut = true, s.rand.IntN(3) > 0 // what NATS has sent to it meanwhile is lost mostly
		s.note("node %d is paused for long, and cut off: %v", n.Index, n.Cut)
		s.advance(time.Duration(3+s.rand.IntN(15)) * time.Second)
		n.Paused, n.Cut = false, false
	case what < 80 && s.shared.Putting() >= 0:
		n = s.cluster.Nodes[s.shared.Putting()]
		s.note("node %d is paused while it puts a snapshot there", n.Index)
		n.Paused = true
		s.advance(time.Duration(4+s.rand.IntN(10)) * time.Second)
		n.Paused = false
	case what < 90:
		s.advance(time.Duration(s.rand.IntN(12)) * time.Second)
	default:
		s.note("all is well with the stream")
		s.cluster.Stream.Down, s.cluster.Stream.Skew, s.shared.Down = false, 0, false
		for _, n := range s.cluster.Nodes {
			n.Cut, n.Paused, n.Lag = false, false, 0
		}
	}
}

// oneOther reports whether another node than one is well.
func (s *season) oneOther(n *sim.Member) bool {
	for _, other := range s.cluster.Nodes {
		if other != n && reachable(other) && !other.Cut {
			return true
		}
	}
	return false
}

// comesBack begins a node that has stopped because the stream was trimmed in front of it, or which
// found that at its start and no snapshot that it could use.
func (s *season) comesBack(n *sim.Member) {
	s.note("node %d ends: %v", n.Index, n.Broken)
	_, at := n.Server.Digest()
	if at+1 >= s.cluster.Stream.First && !n.Killed {
		s.fail("node %d has stopped at %d, and the stream begins at %d: %v", n.Index, at, s.cluster.Stream.First, n.Broken)
	}
	s.met["stopped behind the front"]++
	n.Start()
}

// got looks at what a node has fetched.
func (s *season) got(n *sim.Member, one snapshots.Saved, whole bool) {
	s.note("node %d, which had %+v, fetches the snapshot at %d", n.Index, n.Opened, one.Position)
	s.met["fetched"]++
	switch {
	case !whole:
		s.fail("node %d begins with a snapshot at %d that is damaged", n.Index, one.Position)
	case n.Opened.CanGoOn():
		s.fail("node %d fetches the snapshot at %d, and had %+v", n.Index, one.Position, n.Opened)
	case n.Opened.Mark.Position == 0:
		s.met["fetched by a new machine"]++
	default:
		s.met["fetched behind the front"]++
	}
}

// trimmed looks whether the front of the stream was taken away too far.
func (s *season) trimmed(by *sim.Member) {
	first := s.cluster.Stream.First
	s.note("node %d trims the stream up to %d", by.Index, first)
	s.met["trimmed"]++
	complete, whole := s.shared.From(first)
	if complete < snapshots.Kept || whole == 0 {
		s.fail("the stream begins at %d, behind which are %d snapshots, %d of them whole", first, complete, whole)
	}
	for _, n := range s.cluster.Nodes {
		if _, at := n.Server.Digest(); s.takesPart(n) && at+1 < first {
			s.fail("the stream begins at %d, and node %d, which takes part, is at %d", first, n.Index, at)
		}
	}
}

// takesPart reports whether a node does, as it knows itself and as the one does that has read most.
func (s *season) takesPart(n *sim.Member) bool {
	if n.Killed || n.Broken != nil || !n.Server.Membership().Begun {
		return false
	}
	newest := n.Server.Membership()
	for _, other := range s.cluster.Nodes {
		if m := other.Server.Membership(); m.Position > newest.Position {
			newest = m
		}
	}
	for _, known := range newest.Nodes {
		if known.Number == n.Server.Membership().Number {
			return !known.Gone && known.Epoch == n.Server.Membership().Epoch
		}
	}
	return false
}

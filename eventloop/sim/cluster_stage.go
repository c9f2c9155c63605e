package sim

import (
	"net/netip"
	"time"

	"parley/protocol"
)

// NewClusterStage returns the stage over servers that share a log: those who come go to the
// nodes in turns.
func NewClusterStage(c *Cluster) Stage {
	c.Advance(clusterBegins)
	return &clusterStage{cluster: c}
}

// clusterBegins is how long it takes until all nodes take part.
const clusterBegins = 3 * time.Second

type clusterStage struct {
	cluster *Cluster
	dialled int
}

func (s *clusterStage) next() *Net {
	m := s.cluster.Nodes[s.dialled%len(s.cluster.Nodes)]
	s.dialled++
	return m.Net
}

func (s *clusterStage) Dial() (Peer, error) { return s.peer(s.next().Dial()), nil }

func (s *clusterStage) DialFrom(addr netip.Addr) (Peer, error) {
	return s.peer(s.next().DialFrom(addr)), nil
}

func (s *clusterStage) peer(c *Conn) Peer {
	p := &memoryPeer{net: s.cluster, conn: c, scanner: protocol.NewScanner(protocol.MaxServedFrame)}
	p.net.Run()
	return p
}

func (s *clusterStage) Wait(d time.Duration) bool {
	s.cluster.Advance(d)
	return true
}

// Happen does nothing: what happens to servers happens to one.
func (s *clusterStage) Happen(string) bool { return false }

// SetClock has somebody set the clocks of all, and of the stream.
func (s *clusterStage) SetClock(d time.Duration) bool {
	for _, m := range s.cluster.Nodes {
		m.Net.SetClock(d)
	}
	s.cluster.Stream.Skew += d
	return true
}

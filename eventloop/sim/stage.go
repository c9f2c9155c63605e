package sim

import (
	"io"
	"time"

	"parley/protocol"
)

// NewStage returns the stage over a server in memory.
func NewStage(w *World) Stage { return memoryStage{w} }

type memoryStage struct{ world *World }

func (s memoryStage) Dial() (Peer, error) {
	p := &memoryPeer{net: s.world.Net, conn: s.world.Net.Dial(), scanner: protocol.NewScanner(protocol.MaxServedFrame)}
	p.net.Run()
	return p, nil
}

func (s memoryStage) Wait(d time.Duration) bool {
	s.world.Net.Advance(d)
	return true
}

const crash = "server crashes"

func (s memoryStage) Happen(what string) bool {
	switch what {
	case crash:
		s.world.Crash()
	case "disk fails":
		s.world.Disk.Broken = true
	case "disk works":
		s.world.Disk.Broken = false
	default:
		return false
	}
	return true
}

func (s memoryStage) SetClock(d time.Duration) bool {
	s.world.Net.SetClock(d)
	return true
}

type memoryPeer struct {
	net     *Net
	conn    *Conn
	scanner *protocol.Scanner
	input   []byte // read but not scanned
}

func (p *memoryPeer) Send(b []byte) error {
	p.conn.Send(b)
	p.net.Run()
	return nil
}

// patience is how long a response may take: longer than all pauses between
// responses to a plain session, shorter than anything that a script waits for.
const patience = time.Second

func (p *memoryPeer) Receive() ([]byte, error) {
	for end := p.net.Now().Add(patience); ; {
		frame, n, bad := p.scanner.Scan(p.input)
		p.input = p.input[n:]
		if bad != nil {
			return nil, bad
		}
		if frame != nil {
			return frame, nil
		}
		b, err := p.conn.Read()
		if err == io.EOF {
			p.net.Run()
			return nil, err
		}
		p.input = b
		if b == nil {
			if !p.net.Now().Before(end) {
				return nil, ErrNothing
			}
			p.net.Advance(10 * time.Millisecond)
		}
	}
}

func (p *memoryPeer) End()    { p.conn.End(); p.net.Run() }
func (p *memoryPeer) HangUp() { p.conn.HangUp(); p.net.Run() }
func (p *memoryPeer) Reset()  { p.conn.Reset(); p.net.Run() }
func (p *memoryPeer) Vanish() { p.conn.Stall() }

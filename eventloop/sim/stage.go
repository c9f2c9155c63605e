package sim

import (
	"context"
	"io"
	"net/netip"
	"strings"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// NewStage returns the stage over a server in memory.
func NewStage(w *World) Stage { return memoryStage{w} }

type memoryStage struct{ world *World }

func (s memoryStage) Dial() (Peer, error) { return s.peer(s.world.Net.Dial()), nil }

func (s memoryStage) DialFrom(addr netip.Addr) (Peer, error) {
	return s.peer(s.world.Net.DialFrom(addr)), nil
}

func (s memoryStage) peer(c *Conn) Peer {
	p := &memoryPeer{net: s.world.Net, conn: c, scanner: protocol.NewScanner(protocol.MaxServedFrame)}
	p.net.Run()
	return p
}

func (s memoryStage) Wait(d time.Duration) bool {
	s.world.Net.Advance(d)
	return true
}

const (
	crash = "server crashes"
	start = "server starts"
)

func (s memoryStage) Happen(what string) bool {
	switch what {
	case crash:
		s.world.Crash()
	case start:
		s.world.Restart()
	case "server ends":
		s.world.End()
	case "disk fails":
		s.world.Disk.Broken = true
	case "disk works":
		s.world.Disk.Broken = false
	default:
		done, cancel := context.WithCancel(context.Background())
		cancel() // it is carried out, and not waited for
		if !Operate(done, s.world.Server, what) {
			return false
		}
		s.world.Net.Run()
	}
	return true
}

// operator is who is at the server's command line.
const operator = "operator"

// Operate has a server's owner, at its command line, do what a line of a dialogue says; false
// if it says nothing that is known.
func Operate(ctx context.Context, srv *server.Server, what string) bool {
	words := strings.SplitN(what, " ", 4)
	if len(words) < 3 || words[0] != operator {
		return false
	}
	words = append(words, "")
	c := operatorCommand(words[1], words[2], words[3])
	if c != nil {
		_, _ = srv.Propose(ctx, []command.Command{c})
	}
	return c != nil
}

// operatorCommand is what the server's owner does, or a program with the token of a hook,
// which is the hook's name here; nil: nothing that is known.
func operatorCommand(verb, name, more string) command.Command {
	switch role, known := users.ParseRole(more); {
	case verb == "gives" && known:
		return &command.SetRole{Name: name, Role: role}
	case verb == "hooks":
		return &command.AddHook{Name: name, Room: more, Token: command.TokenID(name), Hash: "of a password that nobody knows"}
	case verb == "forwards":
		return &command.AddOutgoingHook{Name: name, Room: more, URL: "http://localhost/", Secret: "a secret", Hash: "of a password that nobody knows"}
	case verb == "unhooks":
		return &command.DropHook{Name: name}
	case verb == "posts":
		id, text, _ := strings.Cut(more, " ")
		return &command.HookMessage{Token: command.TokenID(name), ID: id, Text: text}
	}
	return nil
}

func (s memoryStage) SetClock(d time.Duration) bool {
	s.world.Net.SetClock(d)
	return true
}

// A runner has time go on: a Net, or a Cluster.
type runner interface {
	Run()
	Advance(d time.Duration)
	Now() time.Time
}

type memoryPeer struct {
	net     runner
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

package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"github.com/adrg/xdg"

	"parley/eventloop/client"
	"parley/eventloop/client/conn"
	"parley/eventloop/client/keepalive"
	"parley/eventloop/client/known"
	"parley/eventloop/client/rooms"
	"parley/eventloop/client/seen"
	"parley/eventloop/client/sending"
	"parley/protocol"
)

// defaultServers is where parley chat has the keys of servers, in the folder for the state
// of programs.
const defaultServers = "parley/known_servers"

// maxEvents is how many events wait for whoever ranges over them.
const maxEvents = 1000

// A Config says where a bot goes, and who it is there. Name is all that is needed.
type Config struct {
	Server   string   // [HOST][:PORT], unix:PATH or parleys://HOST[:PORT]; "": localhost
	Name     string   // 1 to 32 letters and digits
	Password string   // of the account; "": the bot is a guest
	Register bool     // the name becomes an account with Password, if it is none
	Rooms    []string // are joined after each login, beside the lobby
	Plain    bool     // use nothing but the standard protocol, with whatever server

	Pin   string // with TLS: the fingerprint of the server's key, "sha256:HEX"; "": see the package
	Known string // with TLS: the file that remembers keys; "": that of parley chat

	From Point        // goes on behind that; zero: begins now
	Log  *slog.Logger // losing the connection, coming back, what is odd; never texts or passwords. nil: nothing is logged

	// Dial makes a connection, without TLS. nil: to the address of Server.
	Dial func(ctx context.Context) (net.Conn, error)

	most    int           // events that wait; 0: maxEvents
	backoff time.Duration // the first; 0: firstBackoff
}

// A Point is how far a bot has come in what a server tells. It may be kept, as JSON, and
// names the session to whom it is known: it is a secret like a password.
type Point struct {
	Log   string `json:"log"`   // names the server's log
	After uint64 `json:"after"` // all up to that number was handled
	Token string `json:"token"` // of the session
}

// A Bot is logged in to a server, or about to come back. See the package for which
// goroutine may do what.
type Bot struct {
	calls   chan func() // run by the goroutine of the session
	events  *mailbox
	stop    context.CancelFunc
	ended   chan struct{} // closed when the session is over, for good
	err     error         // why; after that
	arrived chan error    // is told once what became of the first login
	s       session
}

// Dial connects, logs in and joins the rooms. The bot ends with ctx, as with Close: it logs
// out. A login or a room that is refused is an *Error.
func Dial(ctx context.Context, cfg Config) (*Bot, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	target, err := client.ParseTarget(cfg.Server)
	if err != nil {
		return nil, err
	}
	cfg.Name = cmp.Or(cfg.Name, target.Name)
	if err := protocol.CheckName(cfg.Name); err != nil {
		return nil, err
	}
	for _, room := range cfg.Rooms {
		if err := protocol.CheckRoom(room); err != nil {
			return nil, err
		}
	}
	if !protocol.IsTag(cfg.From.Log) || !protocol.IsTag(cfg.From.Token) {
		return nil, protocol.Errorf(protocol.BadRequest, "Config.From cannot be used: its log or its token is not one that a request may carry.")
	}
	dial, err := dialer(&cfg, target)
	if err != nil {
		return nil, err
	}
	life, stop := context.WithCancel(ctx)
	b := &Bot{calls: make(chan func()), events: newMailbox(cmp.Or(cfg.most, maxEvents), cfg.From),
		stop: stop, ended: make(chan struct{}), arrived: make(chan error, 1)}
	b.s = session{b: b, cfg: cfg, name: cfg.Name, links: conn.New(dial), seen: new(seen.Messages), rooms: new(rooms.Rooms), watch: new(keepalive.Watch),
		texts: make(map[uint64]chan<- said), asks: make(map[string]chan<- protocol.Response), wanted: cfg.Rooms, token: cfg.From.Token}
	if cfg.From.Log != "" {
		b.s.seen.Begin(cfg.From.Log, cfg.From.After)
		b.s.floor = cfg.From.After
	}
	b.s.queue = sending.New(sending.Config{Plain: cfg.Plain, Tag: newTag()}, door{&b.s}, b.s.seen)
	go b.run(life)
	select {
	case err = <-b.arrived:
	case <-b.ended:
		err = cmp.Or(b.err, context.Cause(ctx))
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// dialer returns how to connect to a target, with TLS if it is to be or was before.
func dialer(cfg *Config, target client.Target) (func(context.Context) (net.Conn, error), error) {
	servers := known.In(cmp.Or(cfg.Known, filepath.Join(xdg.StateHome, defaultServers)))
	if !target.TLS && target.Network == "tcp" {
		for _, secure := range target.Secured() {
			before, err := servers.Fingerprint(secure.Address)
			if err != nil {
				return nil, fmt.Errorf("it is not known whether %s had TLS before: %w", secure.Address, err)
			}
			if before != "" {
				target = secure
				break
			}
		}
	}
	dial := cfg.Dial
	if dial == nil {
		dial = func(ctx context.Context) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, target.Network, target.Address)
		}
	}
	pin := ""
	if cfg.Pin != "" {
		var err error
		if pin, err = known.ParseFingerprint(cfg.Pin); err != nil {
			return nil, err
		}
		if target, err = target.WithTLS(); err != nil {
			return nil, err
		}
	}
	if !target.TLS {
		return dial, nil
	}
	secure := conn.Secure{Server: target.Address, Dial: dial, Pin: pin, Known: servers}
	return secure.Connect, nil
}

// Close logs out and waits for the end. What is being said and was not acknowledged by then
// returns ErrClosed.
func (b *Bot) Close() {
	b.stop()
	<-b.ended
}

// Err returns why the bot has ended: nil if it was closed or its context has ended, an
// *Error if the server has sent it away or did not take it back. Before that it is nil.
func (b *Bot) Err() error {
	select {
	case <-b.ended:
		return b.err
	default:
		return nil
	}
}

// Point returns up to where all events were handled, to begin with the next time. A server whose
// log has a name that no request may carry adds nothing to it.
func (b *Bot) Point() Point { return b.events.handledUpTo() }

// run owns the session until it is over.
func (b *Bot) run(ctx context.Context) {
	s := &b.s
	defer func() {
		s.links.Stop()
		s.failAll()
		b.stop()
		b.events.close()
		close(b.ended)
	}()
	done := ctx.Done()
	s.connect()
	for !s.over {
		var ring <-chan time.Time
		if due := s.due(); !due.IsZero() {
			ring = time.After(max(time.Until(due), 0))
		}
		select {
		case e := <-s.links.Events():
			s.happened(e)
		case f := <-b.calls:
			f()
		case <-b.events.drained:
			s.caughtUp()
		case <-ring:
		case <-done:
			done = nil
			s.leave()
		}
		s.ring()
		s.confirm()
		s.flush()
	}
	b.err = s.err
}

// do has f run by the goroutine of the session.
func (b *Bot) do(ctx context.Context, f func()) error {
	select {
	case b.calls <- f:
		return nil
	case <-b.ended:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Errors that are not the server's.
var (
	ErrClosed  = errors.New("the bot is not connected any more")
	ErrPlain   = errors.New("the server speaks the standard protocol only, which does not have that")
	ErrInDoubt = errors.New("the connection was lost, and whether that was done is not known")
)

// An Error is why the server has refused something: a code for programs, and a sentence.
// errors.Is compares the codes.
type Error = protocol.Error

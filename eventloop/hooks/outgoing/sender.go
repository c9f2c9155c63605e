package outgoing

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"parley/users/command"
	"parley/users/state"
	"parley/users/store"
)

// A Source has the hooks and what was said. Its methods may be called from any goroutine.
type Source interface {
	// Outgoing returns the outgoing hooks.
	Outgoing(ctx context.Context) ([]state.Hook, error)
	// News returns what is new behind a number for the hook of a number.
	News(ctx context.Context, hook, after uint64) (store.News, error)
}

// A Config says what is sent, and where it may go.
type Config struct {
	Source   Source
	Anywhere bool // also to other machines
	Log      *slog.Logger

	// Propose has commands carried out, and returns what became of each when that is kept.
	Propose func(ctx context.Context, commands []command.Command) ([]state.Result, error)
	// Post has a function called on the goroutine that calls Send, Wake and End.
	Post func(func())

	Timeout time.Duration // of a try; 0: DefaultTimeout
	Pause   time.Duration // after the first that has failed; 0: DefaultPause
}

const (
	// DefaultTimeout is how long a try may take: a receiver is to note what comes, and not to
	// do all that it is about.
	DefaultTimeout = 10 * time.Second

	// DefaultPause is how long the first pause is, and maxPause the longest one, in times of
	// the first: a receiver that is dead costs a try a minute.
	DefaultPause = time.Second
	maxPause     = 60

	// maxRetryAfter is for how long a receiver may ask not to be tried.
	maxRetryAfter = time.Hour

	// keepEvery is how often it is kept how far the receivers are.
	keepEvery = time.Second

	// lastKeep is how long that may take at the end.
	lastKeep = 2 * time.Second
)

// A Sender sends what is said in rooms to the URLs of their hooks. It is a server.Forwarder.
type Sender struct {
	cfg    Config
	client *http.Client
	life   context.Context
	end    context.CancelFunc
	close  sync.Once
	all    sync.WaitGroup
	look   chan struct{} // the hooks are others
	moved  chan struct{} // there is something in sent
	turn   chan struct{} // whoever reads from the source has it

	delivered, failed atomic.Uint64

	// The loop, which is not to wait, says whether anything is sent and wakes hooks that a
	// goroutine of the sender starts and ends, and each hook notes how far it is.
	mu    sync.Mutex
	log   string            // under whose name numbers are known; "": nothing is sent
	turns int               // how often that has changed
	hooks map[uint64]*hook  // by their numbers
	sent  map[uint64]uint64 // what is to be kept of how far they are
}

// New returns a Sender that does nothing yet.
func New(cfg Config) *Sender {
	cfg.Timeout, cfg.Pause = cmp.Or(cfg.Timeout, DefaultTimeout), cmp.Or(cfg.Pause, DefaultPause)
	s := &Sender{cfg: cfg, client: newClient(cfg.Anywhere), hooks: make(map[uint64]*hook), sent: make(map[uint64]uint64),
		look: make(chan struct{}, 1), moved: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
	s.life, s.end = context.WithCancel(context.Background())
	return s
}

// Start has it do what it is told from then on, and was told before.
func (s *Sender) Start() { s.all.Go(s.manage) }

// Send has it send what is said, whose numbers are those of the log of a name; "": it sends
// nothing any more, and what it is just sending is broken off. It waits for nothing.
func (s *Sender) Send(log string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log == log {
		return
	}
	s.log = log
	s.turns++
	for number, h := range s.hooks {
		h.end()
		delete(s.hooks, number)
	}
	signal(s.look)
}

// Wake says that there is something new in a room; "": the hooks are others. It waits for
// nothing.
func (s *Sender) Wake(room string) {
	if room == "" {
		signal(s.look)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hooks {
		if h.Room == room {
			signal(h.news)
		}
	}
}

// End has it send nothing any more, and calls done when it is kept how far the receivers are, or
// cannot be in lastKeep. It waits for nothing.
func (s *Sender) End(done func()) {
	s.Send("")
	go func() {
		s.Close()
		s.cfg.Post(done)
	}()
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is there
	}
}

// Close ends all that is being sent, and keeps how far the receivers are. It may be called more
// than once.
func (s *Sender) Close() {
	s.close.Do(func() {
		s.end()
		s.all.Wait()
		s.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), lastKeep)
		defer cancel()
		if err := s.keep(ctx); err != nil {
			s.cfg.Log.Warn("how far outgoing hooks are cannot be kept: they will send some again", "error", err)
		}
	})
}

// Counts returns how many events were delivered, how many tries have failed, and for how long
// the oldest event waits that is not delivered; 0: none waits.
func (s *Sender) Counts() (delivered, failed uint64, lag time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range s.hooks {
		if since := h.since.Load(); since != nil {
			lag = max(lag, time.Since(*since))
		}
	}
	return s.delivered.Load(), s.failed.Load(), lag
}

// manage starts and ends hooks, and keeps how far they are, until the sender is closed.
func (s *Sender) manage() {
	var due <-chan time.Time
	failing := false
	for {
		select {
		case <-s.life.Done():
			return
		case <-s.look:
			if err := s.readHooks(); err != nil && s.life.Err() == nil {
				s.cfg.Log.Error("the outgoing hooks cannot be read", "error", err)
				s.all.Go(func() { s.later(keepEvery, s.look) })
			}
		case <-s.moved:
			if due == nil {
				due = time.After(keepEvery)
			}
		case <-due:
			due = nil
			err := s.keep(s.life)
			if err != nil && s.life.Err() == nil {
				if !failing {
					s.cfg.Log.Warn("how far outgoing hooks are cannot be kept", "error", err)
				}
				signal(s.moved)
			}
			failing = err != nil
		}
	}
}

// later sends a signal after a while.
func (s *Sender) later(wait time.Duration, to chan struct{}) {
	select {
	case <-s.life.Done():
	case <-time.After(wait):
		signal(to)
	}
}

// readHooks starts hooks that are new, and ends those that are not there any more.
func (s *Sender) readHooks() error {
	s.mu.Lock()
	turns, sends := s.turns, s.log != ""
	s.mu.Unlock()
	if !sends {
		return nil
	}
	all, err := s.cfg.Source.Outgoing(s.life)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turns != turns { // which is signalled: others may have sent meanwhile
		return nil
	}
	there, sending := make(map[uint64]bool), make(map[uint64]bool)
	for _, one := range all {
		if there[one.Number] = true; one.Stopped {
			continue
		}
		sending[one.Number] = true
		if s.hooks[one.Number] == nil {
			s.hooks[one.Number] = s.start(one)
		}
	}
	for number, h := range s.hooks {
		if !sending[number] {
			h.end()
			delete(s.hooks, number)
		}
	}
	maps.DeleteFunc(s.sent, func(hook, _ uint64) bool { return !there[hook] })
	return nil
}

// note notes that the receiver of a hook has acknowledged all up to a number.
func (s *Sender) note(hook, number uint64) {
	s.mu.Lock()
	s.sent[hook] = number
	s.mu.Unlock()
	signal(s.moved)
}

// keep keeps how far the receivers are, if that is not kept. It is true whoever sends by now.
func (s *Sender) keep(ctx context.Context) error {
	s.mu.Lock()
	sent := s.sent
	s.sent = make(map[uint64]uint64)
	s.mu.Unlock()
	if len(sent) == 0 {
		return nil
	}
	err := s.propose(ctx, sent)
	if err == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for hook, number := range sent {
		s.sent[hook] = max(s.sent[hook], number)
	}
	return err
}

// propose has it be part of what the log leads to how far the receivers are: with one command,
// unless hooks come and go all the time.
func (s *Sender) propose(ctx context.Context, sent map[uint64]uint64) error {
	var all []command.Command
	for some := range slices.Chunk(slices.Sorted(maps.Keys(sent)), state.MaxOutgoingHooks) {
		c := new(command.HooksSent)
		for _, hook := range some {
			c.Hooks = append(c.Hooks, command.HookSent{Hook: hook, UpTo: sent[hook]})
		}
		all = append(all, c)
	}
	results, err := s.cfg.Propose(ctx, all)
	for _, r := range results {
		err = errors.Join(err, r.Err)
	}
	return err
}

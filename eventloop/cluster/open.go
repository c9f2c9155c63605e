package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/users/log"
)

// A Config says which stream it is.
type Config struct {
	Servers     []string // of NATS, as URLs
	Credentials string   // file with those of this node; "": there are none
	Name        string   // of the cluster of nodes; "": DefaultName
	Node        string   // how this one is called by the servers of NATS
	Version     string   // of the program, for the operator
	Replicas    int      // copies of a stream that is made; 0: DefaultReplicas
	Log         *slog.Logger
}

const (
	// DefaultName is how a cluster is called whose owner has one.
	DefaultName = "parley"

	// DefaultReplicas is how many copies there are: one of three may be lost.
	DefaultReplicas = 3

	// MaxReplicas is how many JetStream can have.
	MaxReplicas = 5
)

const (
	// oldest is the oldest version of nats-server that keeps what it has acknowledged.
	oldest = "2.12.3"

	// minPayload is how large a message may be that a turn of a node makes: that of the commands
	// and of what stands around them.
	minPayload = log.MaxTurn + 64<<10

	// connectTimeout is how long one server of NATS may take until there is a connection, from
	// looking up its name on.
	connectTimeout = 2 * time.Second

	// retryOpen is the pause between two tries to open the stream.
	retryOpen = 500 * time.Millisecond

	// idKey is the key of the stream's metadata with its name that no other has.
	idKey = "parley_stream"
)

// Errors of Open that do not go away by waiting.
var (
	// ErrStream says that there is a stream of that name with which a log would not be one.
	ErrStream = errors.New("the stream cannot be the log of a cluster")

	// ErrServer says that the servers of NATS cannot do what is needed.
	ErrServer = errors.New("the servers of NATS cannot have the log of a cluster")
)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,32}$`)

// CheckName returns an error if a cluster cannot be called so.
func CheckName(name string) error {
	if !nameForm.MatchString(name) {
		return fmt.Errorf("%q is no name of a cluster, which has 1 to 32 letters, digits and hyphens", name)
	}
	return nil
}

// streamPrefix is what the streams of all clusters begin with.
const streamPrefix = "parley-"

func (c *Config) stream() string { return streamPrefix + c.Name }

// turns is the subject on which nodes publish, and heard the one on which the stream says what
// was put into it.
func (c *Config) turns() string { return "parley." + c.Name + ".turns" }
func (c *Config) heard() string { return "parley." + c.Name + ".heard" }

// Open connects to the servers of NATS, and makes the stream of the cluster if there is none.
// It tries until ctx ends, since servers that start have no leader for some seconds, but for
// what waiting does not help.
func Open(ctx context.Context, cfg Config) (*Stream, error) {
	cfg.Name, cfg.Replicas = cmp.Or(cfg.Name, DefaultName), cmp.Or(cfg.Replicas, DefaultReplicas)
	if err := CheckName(cfg.Name); err != nil {
		return nil, err
	}
	conn, err := connect(ctx, &cfg)
	if err != nil {
		return nil, err
	}
	s := &Stream{cfg: cfg, conn: conn, acks: conn.NewInbox(), turn: make(chan []byte, 1), started: make(chan struct{})}
	s.frames.queue = make(chan frame, maxUnsent)
	s.life, s.end = context.WithCancel(context.Background())
	if s.js, err = jetstream.New(conn); err == nil {
		err = s.open(ctx)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the connection, if the Stream is not nil. What was asked for is not told any more.
func (s *Stream) Close() {
	if s == nil {
		return
	}
	s.end()
	for _, sub := range s.subs {
		_ = sub.Unsubscribe() // of a connection that is to be closed
	}
	s.conn.Close()
	s.all.Wait()
}

// connect connects to one of the servers. Later the connection is made again, to any of them,
// whenever it is lost.
func connect(ctx context.Context, cfg *Config) (*nats.Conn, error) {
	options := []nats.Option{
		nats.Name("parley " + cfg.Node), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond),
		nats.ReconnectBufSize(-1),                                   // what is published meanwhile is published again
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(3), // a server that stands still is left
		nats.Timeout(connectTimeout),
		nats.SkipHostLookup(), // whoever dials looks names up, within that time; else each may take 10 s
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				cfg.Log.Warn("the connection to NATS was lost", "error", err)
			}
		}),
		nats.ReconnectHandler(func(c *nats.Conn) { cfg.Log.Info("connected to NATS again", "server", Redact(c.ConnectedUrl())) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { cfg.Log.Warn("NATS", "error", err) }),
	}
	if cfg.Credentials != "" {
		options = append(options, nats.UserCredentials(cfg.Credentials))
	}
	for told := false; ; told = true {
		conn, err := nats.Connect(strings.Join(cfg.Servers, ","), options...)
		if err == nil {
			cfg.Log.Info("connected to NATS", "server", Redact(conn.ConnectedUrl()), "version", conn.ConnectedServerVersion())
			return conn, nil
		}
		if of := new(url.Error); errors.As(err, &of) { // which has what cannot be read in it
			return nil, fmt.Errorf("a server of NATS has no URL that can be read: %s", redactAll(cfg.Servers))
		}
		err = fmt.Errorf("no server of NATS is reached at %s: %w", redactAll(cfg.Servers), err)
		if !errors.Is(err, nats.ErrNoServers) && !errors.Is(err, nats.ErrTimeout) { // such as wrong credentials
			return nil, err
		}
		if !told {
			cfg.Log.Warn("waiting for NATS", "error", err)
		}
		if wait(ctx) != nil {
			return nil, err
		}
	}
}

// wait waits until it is tried again. It returns the error of ctx if that ends before.
func wait(ctx context.Context) error {
	select {
	case <-time.After(retryOpen):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open looks at the stream, and makes it if it is not there.
func (s *Stream) open(ctx context.Context) error {
	if err := s.checkServer(); err != nil {
		return err
	}
	began := time.Now()
	for told := false; ; told = true {
		err := s.tryOpen(ctx)
		if err == nil || errors.Is(err, ErrStream) || errors.Is(err, ErrServer) {
			return err
		}
		if errors.Is(err, nats.ErrNoResponders) && time.Since(began) >= enabledWithin {
			return errNotEnabled
		}
		err = fmt.Errorf("the stream %s cannot be opened: %w", s.cfg.stream(), err)
		if !told {
			s.cfg.Log.Warn("waiting for the stream", "error", err)
		}
		if wait(ctx) != nil {
			return err
		}
	}
}

// checkServer returns an error if the server cannot do what is needed.
func (s *Stream) checkServer() error {
	if version := s.conn.ConnectedServerVersion(); older(version, oldest) {
		return fmt.Errorf("%w: nats-server %s at %s may lose what it has acknowledged; update all to %s or newer", ErrServer, version, Redact(s.conn.ConnectedUrl()), oldest)
	}
	if most := s.conn.MaxPayload(); most < minPayload {
		return fmt.Errorf("%w: they take messages of %d bytes, and %d are needed; set max_payload: 1MB", ErrServer, most, minPayload)
	}
	return nil
}

// older reports whether a version, of which there may be more than three numbers, is older than
// another one.
func older(a, b string) bool {
	for a != "" || b != "" {
		var x, y string
		x, a, _ = strings.Cut(a, ".")
		y, b, _ = strings.Cut(b, ".")
		x, _, _ = strings.Cut(x, "-")
		m, _ := strconv.Atoi(x) // what is no number is 0
		n, _ := strconv.Atoi(y)
		if m != n {
			return m < n
		}
	}
	return false
}

// tryOpen looks at the stream, or makes it.
func (s *Stream) tryOpen(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	stream, err := s.js.Stream(ctx, s.cfg.stream())
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if stream, err = s.js.CreateStream(ctx, s.wanted()); err == nil {
			s.cfg.Log.Info("the stream was made", "stream", s.cfg.stream(), "replicas", s.cfg.Replicas)
		}
	}
	if err != nil {
		return s.explain(err) // also where another node has made it a moment ago
	}
	info := stream.CachedInfo()
	if err := s.checkStream(&info.Config); err != nil {
		return err
	}
	if s.skipped, err = parseSkipped(info.Config.Metadata[skippedKey]); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrStream, s.cfg.stream(), err)
	}
	if info.State.Msgs == 0 && info.State.FirstSeq > 1 { // an import has ended before it was done
		if err := s.putFirst(ctx); err != nil {
			return err
		}
		if info, err = stream.Info(ctx); err != nil {
			return err
		}
	}
	if len(s.skipped) > 0 {
		s.cfg.Log.Warn("messages of the log are skipped, as its operator has said", "positions", s.skipped)
	}
	s.id, s.first, s.last, s.copies = info.Config.Metadata[idKey], info.State.FirstSeq, info.State.LastSeq, info.Config.Replicas
	return nil
}

// explain returns an error with what to do, if waiting does not help.
func (s *Stream) explain(err error) error {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return errNotEnabled
	case errors.As(err, &api) && api.ErrorCode == errReplicas:
		return fmt.Errorf("%w: %d copies of the log are wanted of a server that is alone; connect it with others, or have one copy: --cluster-replicas 1", ErrServer, s.cfg.Replicas)
	}
	return err
}

// errNotEnabled says that there are no streams there.
var errNotEnabled = fmt.Errorf("%w: JetStream is not enabled; begin them with: jetstream { store_dir: FOLDER, sync_interval: always }", ErrServer)

// enabledWithin is how long servers may take from when they let clients in until somebody of
// them knows of streams.
const enabledWithin = 5 * time.Second

// errReplicas is the code of a server that has no others and is asked for copies there.
const errReplicas = 10074

// wanted is how a stream is made.
func (s *Stream) wanted() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: s.cfg.stream(), Description: "the log of a cluster of Parley: nothing may be deleted from its middle", Subjects: []string{s.cfg.turns()},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew, MaxMsgs: -1, MaxBytes: -1, Storage: jetstream.FileStorage, Replicas: s.cfg.Replicas,
		DenyDelete: true, AllowDirect: true, RePublish: &jetstream.RePublish{Source: s.cfg.turns(), Destination: s.cfg.heard()},
		Metadata: map[string]string{idKey: NewID()},
	}
}

// checkStream returns an error if a stream is not as it has to be.
func (s *Stream) checkStream(has *jetstream.StreamConfig) error {
	want := s.wanted()
	var wrong []string
	for _, fault := range []struct {
		is   bool
		what string
	}{
		{has.Metadata[idKey] == "", "it was not made by parley serve"},
		{len(has.Subjects) != 1 || has.Subjects[0] != want.Subjects[0], "its subjects are others"},
		{has.Retention != want.Retention || has.MaxAge != 0 || has.Discard != want.Discard || has.MaxMsgsPerSubject > 0, "it forgets messages by itself"},
		{has.Storage != want.Storage, "it is in memory"},
		{has.RePublish == nil || *has.RePublish != *want.RePublish, "it does not republish, or to another subject"},
		{has.DenyPurge, "its front cannot be taken away (deny_purge)"},
		{!has.AllowDirect, "its copies cannot be read (allow_direct)"},
	} {
		if fault.is {
			wrong = append(wrong, fault.what)
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("%w: %s: %s; take another --cluster-name, or put that right", ErrStream, s.cfg.stream(), strings.Join(wrong, ", "))
	}
	if has.Replicas < DefaultReplicas {
		s.cfg.Log.Warn("the log has too few copies to lose one", "stream", s.cfg.stream(), "replicas", has.Replicas)
	}
	return nil
}

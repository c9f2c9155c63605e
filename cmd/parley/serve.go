package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"parley/eventloop"
	"parley/eventloop/admin"
	"parley/eventloop/cert"
	"parley/eventloop/monitor"
	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/log"
	"parley/users/passwords"
	"parley/users/state"
	"parley/users/store"
)

// serveCmd is parley serve.
type serveCmd struct {
	Listen         []string             `help:"Addresses to listen on: HOST:PORT or unix:PATH; port 0 takes a free one. systemd:NAME is a socket that systemd has opened (FileDescriptorName= of its unit)." default:"127.0.0.1:9998" placeholder:"ADDRESS"`
	Data           string               `help:"Folder for accounts and messages, or :memory: to keep nothing. The default is parley in the folder for the state of programs." placeholder:"FOLDER"`
	Sync           string               `help:"What an answer waits for: always, until what it tells survives a loss of power; none, until it survives the end of the program." enum:"always,none" default:"always"`
	Loops          int                  `help:"Event loops. One is best on two cores; more help when there are more."`
	MaxConnections int                  `help:"Connections at most; 0 for as many as there may be open files."`
	Outbound       outboundFlags        `embed:""`
	Pace           time.Duration        `help:"Pause between two responses to a plain session, most of which read one response at a time."`
	PlainHistory   protocol.HistoryForm `help:"How plain sessions are told the history: ${enum}." enum:"replay,replay-with-history,strings,objects,text" default:"replay"`
	History        int                  `help:"Messages that are told at login, at most."`
	KeepDays       int                  `help:"Days for which what is said is kept, in rooms and in direct messages that were seen; 0 for ever. A room's owner may have less kept of it."`
	KeepMessages   int                  `help:"Messages that are kept of each room, the newest; 0 for all. A room's owner may have fewer kept of it."`
	MaxResume      int                  `help:"Messages that a client may be behind and still be told all it has missed when it comes back."`
	TokenLifetime  time.Duration        `help:"How long after a session its client may come back with the token that the login gave it, and a guest's direct messages wait for that."`
	EditFor        time.Duration        `help:"How long one may edit what one has said; 0 for ever."`
	LoginTimeout   time.Duration        `help:"How long a connection may take to log in; 0 for ever."`
	Sessions       int                  `help:"Sessions that an account may have at once, each with the password. It has one where a plain client is among them."`
	Timeout        time.Duration        `help:"How long a user may do nothing before being logged out; 0 for ever."`
	Sizes          sizeFlags            `embed:""`
	Flooding       floodFlags           `embed:""`

	RelayRate       int           `help:"Bytes per second that each session may have relayed to peers of private sessions that reach each other in no other way; 0 for no relay."`
	Accounts        string        `help:"Who gets in: open, everybody whose name is not registered, or required, only who has an account." enum:"open,required" default:"open"`
	Registration    string        `help:"Who makes accounts: open, everybody for the own name, or closed, only the owner." enum:"open,closed" default:"open"`
	Reserved        []string      `help:"Names that nobody may have, beside those that others would take for the server, for everybody or for nobody." placeholder:"NAME"`
	Attempts        int           `help:"Wrong passwords in a row that block logins to a name, for whom --lockout says; 0 for no blocking."`
	BlockDuration   time.Duration `help:"How long a name is blocked the first time; it doubles each time, up to --max-block."`
	AddressAttempts int           `help:"Wrong passwords from one address within --address-window that block the address; 0 for no blocking."`
	AddressWindow   time.Duration `help:"How long a wrong password from an address counts."`
	AddressBlock    time.Duration `help:"How long an address is blocked. IPv6 addresses are counted by /64."`

	AddressConnections   int          `help:"Connections that may be open from one address at once; 0 for no limit. IPv6 addresses are counted by /64, here and below."`
	AddressNew           server.Quota `help:"How many connections one address may open within a time; 0 for no limit." placeholder:"NUMBER/TIME"`
	AddressGuests        int          `help:"Guests who may be logged in from one address at once; 0 for no limit."`
	AddressRegistrations server.Quota `help:"How many names may be registered from one address within a time; 0 for no limit." placeholder:"NUMBER/TIME"`
	AddressHashes        int          `help:"Passwords from one address that may wait to be checked or hashed, also from this machine; 0 for as many as there may be in all."`
	MaxHashes            int          `help:"Passwords from all addresses together that may wait to be checked or hashed; beyond it logins with one are refused for the moment."`
	AddressRelayRate     int          `help:"Bytes per second that may be relayed to peers of private sessions from one address, of all its sessions together; 0 for no limit."`
	LimitLoopback        bool         `help:"Hold this machine itself to the limits of an address, too. Behind a proxy on it all clients count as one, unless it says whom they are from: see --proxy-listen."`

	Admin         string `help:"Address at which the operator sees how the server does, by HTTP (/healthz, /readyz, /metrics, /debug/pprof/): HOST:PORT that only this machine reaches, or unix:PATH. Without it there is none." placeholder:"ADDRESS"`
	AdminAnywhere bool   `help:"Let other machines reach the address of --admin, where nobody is asked for a password."`

	PlainPresence bool `help:"Tell plain sessions who comes and goes." default:"true" negatable:""`
	PresenceLimit int  `help:"Users above which nobody is told who comes and goes; 0 for never telling."`

	Cluster     clusterFlags    `embed:"" group:"Several servers"`
	Drain       drainFlags      `embed:""`
	Names       nameFlags       `embed:""`
	Sockets     socketFlags     `embed:""`
	TLS         tlsListenFlags  `embed:""`
	Proxy       proxyFlags      `embed:""`
	Log         logFlags        `embed:""`
	CheckConfig checkConfigFlag `env:"-" help:"Say whether these settings, also those of a config file, can be used, and quit: with 0, or with 1 and each fault with its line. Of some, such as those that depend on others, one at a time may be told."`
	Hook        hooksFlags      `embed:""`
	PrintConfig printConfigFlag `env:"-" help:"Print all these settings as a config file, with comments, and quit."`
}

// Validate is called by kong: it refuses settings that make no sense.
func (c *serveCmd) Validate() error {
	switch {
	case len(c.Listen) == 0:
		return fmt.Errorf("--listen needs an address")
	case c.Loops < 1 || c.Loops > eventloop.MaxLoops:
		return fmt.Errorf("--loops is %d; it can be 1 to %d", c.Loops, eventloop.MaxLoops)
	case c.MaxHashes < 1:
		return fmt.Errorf("--max-hashes is %d; it can be 1 or more", c.MaxHashes)
	case c.Sessions < 1:
		return fmt.Errorf("--sessions is %d; it can be 1 or more", c.Sessions)
	case c.MaxResume < 1 || c.TokenLifetime <= 0:
		return fmt.Errorf("--max-resume must be 1 or more, and --token-lifetime more than 0s")
	case slices.ContainsFunc(c.Reserved, func(name string) bool { return protocol.CheckName(name) != nil }):
		return fmt.Errorf("--reserved is %s; names have letters and digits only", strings.Join(c.Reserved, ","))
	case c.Admin == "" && c.AdminAnywhere:
		return fmt.Errorf("--admin-anywhere needs an address: --admin HOST:PORT")
	}
	if c.Admin != "" {
		if err := monitor.CheckAddress(c.Admin, c.AdminAnywhere); err != nil {
			return fmt.Errorf("--admin %w", err)
		}
	}
	if err := errors.Join(c.notNegative(), c.addresses()); err != nil {
		return err
	}
	return errors.Join(c.Cluster.validate(c.Data), c.Drain.validate(), c.Sizes.validate(), c.Flooding.validate(), c.Outbound.validate(), c.Names.validate(), c.Hook.validate(), c.Sockets.validate(slices.Concat(c.Listen, c.Proxy.ProxyListen), c.Admin, c.Hook.Hooks), c.Proxy.validate(), c.TLS.validate(len(c.Proxy.ProxyTLSListen) > 0, c.Data))
}

// Run serves until SIGINT or SIGTERM.
func (c *serveCmd) Run(p *process) (err error) {
	end, err := c.Log.begin(p)
	if err != nil {
		return err
	}
	defer func() { end(err) }()
	files, err := c.TLS.certificateFiles(p)
	if err != nil {
		return err
	}
	reloader, err := newReloader(p, files)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ending := &ending{p: p, drain: c.Drain.Drain, stop: stop}
	defer ending.onSignals(reloader.reload)()
	go giveBack(ctx)
	return c.serve(ctx, p, files, reloader, ending)
}

// passwordWorkers returns how many passwords are hashed at once with so many processors.
// Each takes one of them for 50 ms, and 65 MiB for its process: more than two would take too
// much memory. They never take more than half of the processors, or everybody who talks would
// wait for those who log in.
func passwordWorkers(processors int) int { return min(2, max(1, processors/2)) }

// passwordWorkers returns what hashes passwords, as many as the owner lets wait.
func (c *serveCmd) passwordWorkers(engines []passwords.Engine) *passwords.Workers {
	return passwords.NewWorkers(c.MaxHashes, c.AddressHashes, engines...)
}

// serve runs a server until ctx ends, and the storage until the server has ended. The
// operator sees it from its start to its end.
func (c *serveCmd) serve(ctx context.Context, p *process, files *cert.Files, reloader *reloader, ending *ending) (err error) {
	looking, err := c.monitor(p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, looking.Close()) }()
	defer context.AfterFunc(ctx, looking.Stopping)()
	workers := c.passwordWorkers(p.hashing(passwordWorkers(runtime.GOMAXPROCS(0))))
	defer workers.Close()
	var srv *server.Server
	post := func(f func()) { srv.Post(f) } // there is a server when something is asked
	hasher := &passwords.Hasher{Workers: workers, Post: post, Salt: salt}
	folder := dataFolder(c.Data)
	if folder == store.Memory {
		srv = c.inMemory(p, post, hasher)
		reloader.srv.Store(srv)
		return c.run(ctx, p, srv, files, looking)
	}
	stream, err := c.Cluster.open(ctx, p, folder)
	if err != nil {
		return explainDamage(unlessStopped(ctx, err), folder)
	}
	disk, err := c.open(p, folder, reloader)
	if err != nil {
		stream.Close()
		return explainDamage(err, folder)
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	defer stream.Close() // before the database
	start, err := c.Cluster.resume(ctx, p, disk, folder, stream)
	if err != nil {
		return explainDamage(unlessStopped(ctx, err), folder)
	}
	c.Cluster.keepSnapshots(&start, folder, post)
	start.Keeper = &store.Keeper{Store: disk, Post: post, Log: p.log, Fatal: p.fatal, Tried: looking.Committed}
	start.Reader = server.FileReader{Source: disk, Searcher: disk, Post: post}
	cfg := c.config(p)
	sender := c.Hook.sender(p, disk, post, func() *server.Server { return srv })
	cfg.Forward = sender
	srv = server.New(cfg, start, hasher)
	reloader.srv.Store(srv)
	sender.Start()
	defer sender.Close()
	looking.Forwarding(sender.Counts)
	if err := stream.Start(c.Cluster.node(srv, ending)); err != nil {
		return err
	}
	c.Cluster.shareSnapshots(p, srv, folder, stream)
	listener, err := admin.Listen(folder, control{srv, disk}, p.log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, listener.Close()) }()
	p.log.Info("accounts and messages are kept", "folder", folder)
	c.sweep(p, disk, folder)
	return c.run(ctx, p, srv, files, looking)
}

// inMemory returns a server that keeps nothing.
func (c *serveCmd) inMemory(p *process, post func(func()), hasher *passwords.Hasher) *server.Server {
	p.log.Info("accounts and messages are not kept")
	start := server.StartInMemory(rand.Text(), time.Now())
	start.Reader = server.MemoryReader{Reader: start.Reader, Post: post}
	return server.New(c.config(p), start, hasher)
}

// monitor begins to answer the operator, if that is wanted; else it is nil.
func (c *serveCmd) monitor(p *process) (*monitor.Monitor, error) {
	if c.Admin == "" {
		return nil, nil
	}
	m, err := monitor.Listen(monitor.Config{Address: c.Admin, Anywhere: c.AdminAnywhere, Socket: c.Sockets.admin(), Loops: c.Loops, Log: p.log})
	if err != nil {
		return nil, fmt.Errorf("--admin: %w", err)
	}
	p.log.Info("the operator can see how the server does", "address", m.Address())
	return m, nil
}

// syncs are the values of --sync.
var syncs = map[string]store.Sync{"always": store.SyncAlways, "none": store.SyncNone}

// control is the server for who owns it.
type control struct {
	*server.Server
	disk *store.Store
}

// Kept implements admin.Server.
func (o control) Kept(ctx context.Context) (state.Kept, error) { return o.disk.Load(ctx) }

// Acts implements admin.Server.
func (o control) Acts(ctx context.Context, f state.ActFilter, n int) ([]state.Act, error) {
	return o.disk.Acts(ctx, f, n)
}

// unlessStopped returns err, but nil if it comes from being stopped.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// fatal ends the process because of a fault of its own. What was told is kept; what was
// not is not undone, and a restart goes on from it.
func (p *process) fatal(err error) {
	if errors.Is(err, store.ErrCorrupt) { // which was said
		p.log.Error("the server ends because what was said cannot be kept in a database that is damaged", "error", err)
		p.logTo.Flush()
		os.Exit(exitRefused)
	}
	if errors.Is(err, log.ErrStream) || errors.Is(err, log.ErrSuperseded) || errors.Is(err, command.ErrKind) || errors.Is(err, command.ErrVersion) { // which say what to do
		p.log.Error("this node of the cluster ends", "error", err)
		p.logTo.Flush()
		os.Exit(exitRefused)
	}
	p.log.Error("the server ends because of a fault of its own; please report this", "error", err, "stack", string(debug.Stack()))
	p.logTo.Flush()
	os.Exit(exitFault)
}

// damaged says that the database is damaged, and what its owner can do. The server goes on as
// long as it can keep what is said: what it has told is kept somewhere else than where the
// damage is.
func (p *process) damaged(err error, folder string) {
	p.log.Error("the database is damaged: copy the folder, and put a backup in its place while no server runs there", "error", err,
		"what is damaged says", "parley check "+folder, "a backup in its place puts", "parley restore FILE --data "+folder+" --replace")
}

// exitFault is EX_SOFTWARE of sysexits.h.
const exitFault = 70

// salt returns a fresh one.
func salt() (s [passwords.SaltSize]byte) {
	_, _ = rand.Read(s[:]) // never fails
	return s
}

// token returns a fresh one.
func token() string {
	var b [protocol.TokenSize]byte
	_, _ = rand.Read(b[:]) // never fails
	var s [2 * len(b)]byte // which costs no memory, unlike hex.EncodeToString
	return string(hex.AppendEncode(s[:0], b[:]))
}

func (c *serveCmd) config(p *process) server.Config {
	logins := users.DefaultLockoutLimits()
	logins.Failures, logins.Block = c.Attempts, c.BlockDuration
	logins.AddrFailures, logins.AddrWindow, logins.AddrBlock = c.AddressAttempts, c.AddressWindow, c.AddressBlock
	c.Names.lockouts(&logins)
	editFor := c.EditFor
	if editFor == 0 {
		editFor = -1 // always
	}
	return server.Config{
		Loops: c.Loops, Pace: c.Pace, PlainHistory: c.PlainHistory, History: c.History, MaxResume: c.MaxResume, GuestGrace: c.TokenLifetime, Drain: c.Drain.Drain, Patience: c.Cluster.ClusterPatience, EditFor: editFor, LoginTimeout: c.LoginTimeout, Sessions: c.Sessions,
		KeepDays: c.KeepDays, KeepMessages: c.KeepMessages,
		MaxText: c.Sizes.MaxText, MaxFrame: c.Sizes.MaxFrame, Flood: c.Flooding.limits(), LoginSize: c.Flooding.LoginSize << 10, Malformed: c.Flooding.Malformed, Deferred: c.Flooding.MaxDeferred, Timeout: c.Timeout, RelayRate: c.RelayRate,
		Addresses: server.AddressLimits{Connections: c.AddressConnections, New: c.AddressNew, Guests: c.AddressGuests, Registrations: c.AddressRegistrations,
			RelayRate: c.AddressRelayRate, Loopback: c.LimitLoopback},
		Reserved: c.Reserved, Lookalikes: lookalikes[c.Names.Confusable], AccountsRequired: c.Accounts == "required", RegistrationClosed: c.Registration == "closed", Logins: logins,
		PlainPresence: c.PlainPresence, PresenceLimit: c.PresenceLimit, PasswordsNeedTLS: !c.TLS.PlainPasswords, Clock: time.Now, Token: token, Log: p.log, Fatal: p.fatal,
	}
}

// run runs the loops until ctx ends.
func (c *serveCmd) run(ctx context.Context, p *process, srv *server.Server, files *cert.Files, looking *monitor.Monitor) (err error) {
	secure, err := c.TLS.config(p, files, dataFolder(c.Data))
	if len(c.TLS.ACME.ACME) > 0 {
		var stop func()
		if secure, stop, err = c.TLS.ACME.obtain(ctx, p.log, c.TLS.TLSListen, dataFolder(c.Data), looking.Faulted); err == nil {
			defer stop()
		}
	}
	if err != nil {
		return err
	}
	programs, err := c.Hook.listen(p, srv, c.Sockets.hooks(), looking.Faulted)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, programs.Close()) }()
	looking.Watch(srv)
	watching, unwatch := context.WithCancel(context.Background())
	defer unwatch()
	cfg := c.loops(p, srv, looking)
	cfg.TLS, cfg.Stop = secure, ctx.Done()
	cfg.Listening = func(addrs []string) {
		looking.Listening()
		for i, a := range c.listening(addrs) {
			p.log.Info("listening", "address", addrs[i], "tls", strings.Contains(a, "with TLS"))
			p.logTo.Flush() // so that what was said before stands before it
			fmt.Fprintf(p.stdout, "Parley is listening on %s\n", a)
		}
		manager{p.log}.ready("Listening on " + strings.Join(addrs, ", "))
		manager{p.log}.watch(watching, srv.Alive)
	}
	return eventloop.Run(cfg, srv)
}

// loops returns what the loops are to do, but for TLS and when they begin and end.
func (c *serveCmd) loops(p *process, srv *server.Server, looking *monitor.Monitor) eventloop.Config {
	handshakes := new(eventloop.HandshakeCount)
	looking.Handshaking(handshakes.Now)
	cfg := eventloop.Config{
		Listen: c.Listen, Sockets: c.Sockets.listen(), ListenTLS: c.TLS.TLSListen, Inherited: handedOver(p.log, slices.Concat(c.Listen, c.TLS.TLSListen, c.Proxy.ProxyListen, c.Proxy.ProxyTLSListen)),
		Handshakes: handshakes, HandshakeFailed: func() { looking.Refused(monitor.NoHandshake) },
		NotTLS: func() []byte {
			looking.Refused(monitor.NotTLS)
			return server.NotTLS(time.Now())
		},
		NotProxy: func() []byte {
			looking.Refused(monitor.NotProxy)
			return server.NotProxy(time.Now())
		},
		Loops: c.Loops, Settled: srv.Settled(), MaxConns: c.MaxConnections, OtherFiles: c.otherFiles(), MaxOutbound: c.Outbound.MaxOutbound << 10, Stall: c.Outbound.Stall, MaxOutboundTotal: int64(c.Outbound.MaxWaiting) << 20,
		Refusal: func() []byte {
			looking.Refused(monitor.Full)
			return server.Refusal(time.Now())
		},
		Admit: func(remote netip.AddrPort) []byte {
			refusal := srv.Admit(remote)
			if refusal != nil {
				looking.Refused(monitor.TooManyOfAddress)
			}
			return refusal
		},
		Left: srv.Left, Faulted: looking.Faulted,
		Log: p.log, Drain: c.Drain.Drain, Ending: srv.Ending,
	}
	c.TLS.use(&cfg)
	c.Proxy.use(&cfg)
	return cfg
}

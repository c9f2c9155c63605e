package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"

	"parley/eventloop/client"
	"parley/eventloop/client/conn"
	"parley/eventloop/load"
)

// Exit statuses of parley load beside those of all subcommands.
const (
	exitCrossed     = 99  // a threshold of --fail-if, as with k6
	exitUnjudged    = 75  // of a threshold nothing can be said: try again; EX_TEMPFAIL of sysexits(3)
	exitInterrupted = 130 // by Ctrl-C, as shells tell it
)

// loadCmd is parley load.
type loadCmd struct {
	Target    string   `arg:"" name:"address" help:"The server: HOST[:PORT], parleys://HOST[:PORT] for one with TLS, or unix:PATH. Several machines that are one server stand behind each other, HOST,HOST: each login is at the next one."`
	Scenarios []string `arg:"" optional:"" name:"scenario" help:"What to do, one after the other: room (the default), dm, login, idle, mixed, reconnect, resume, private."`

	Scenario string        `help:"A file with a scenario per line, such as: room clients=1000 rate=100 duration=30s. What a line does not set is as the flags say." type:"existingfile" placeholder:"FILE"`
	Clients  int           `help:"Connections." default:"100"`
	Senders  int           `help:"How many of the clients talk, in room, reconnect and resume; 0 for 4, or with --rooms for so many that somebody talks in each." default:"0"`
	Rate     float64       `help:"Messages, logins or invitations per second, of all together; 0 for as fast as --window allows." default:"10" env:"PARLEY_LOAD_RATE"`
	Window   int           `help:"Messages or logins under way at most, with --rate 0." default:"64"`
	Size     int           `help:"Bytes of a text." default:"100"`
	Duration time.Duration `help:"How long each scenario is measured, once all are logged in." default:"10s"`
	Ramp     time.Duration `help:"Time over which the clients arrive, and then the rate rises." default:"0s"`
	Accounts int           `help:"How many of the clients have an account and log in with a password. They are registered, and stay." default:"0" env:"PARLEY_LOAD_ACCOUNTS"`
	Drop     float64       `help:"Percent of the clients that lose their connection at once, in reconnect and resume." default:"50"`
	Miss     int           `help:"Messages that are said before they come back, in resume." default:"20"`
	Seed     uint64        `help:"Decides what people do at random, and the names of accounts." default:"1"`
	Plain    bool          `help:"Talk to any server of the course protocol: one request at a time, four keys."`
	tlsFlags `embed:""`

	Rooms     int     `help:"Rooms that the clients make and talk in, in room and resume, each in turn; 0 for the lobby." default:"0"`
	RoomsEach int     `help:"How many of the rooms each client is in." default:"1"`
	Churn     float64 `help:"Joins and leaves of rooms per second by those who do not talk, in room." default:"0"`

	FailIf  []string `help:"End with status 99 if this is so: p99>50ms, login.p99>1s, lost>0, errors>0, rate<1000, cpu>5us. Can be repeated." sep:"none" placeholder:"THRESHOLD"`
	Allow   []string `help:"Errors of this kind, as the summary names it (such as rate_limited, disconnected, or all), are no reason to end with status 1. Can be repeated." placeholder:"KIND"`
	JSON    string   `help:"Write the results as one JSON object; durations are in nanoseconds." env:"PARLEY_LOAD_JSON" placeholder:"FILE"`
	HTML    string   `help:"Write the results as one page with plots." placeholder:"FILE"`
	PID     int      `name:"pid" help:"The server's process on this machine: its CPU time and memory, with those of what it has started, are told. Linux only." default:"0" placeholder:"PID"`
	Sources int      `help:"Addresses 127.0.0.x to connect from; 0 for as many as the clients need ports." default:"0"`

	thresholds []load.Threshold
	list       []load.Scenario
}

// Help is called by kong for what it shows beside the flags.
func (c *loadCmd) Help() string {
	return "Scenarios:\n\n" + load.Help() + `
Latencies count from when a message was due. Every delivery is checked against what
was sent and what others were told: what is lost, doubled, out of order or altered is
told with names and numbers. A latency that the tester's own lateness explains is not
blamed on the server: a threshold that it would cross is not judged.

In resume who is disconnected, or told nothing for 5 s, comes back at the next address, is
told what was missed, and asks again for what was not answered: so a machine of several may
end meanwhile (--allow disconnected).

With --rooms everybody must hear all of the rooms that they are in, and nothing of
others: not of one that they have left, from the answer on, and in one that they have
joined everything from the history on that comes with the answer.

The server is to run with --flood off, or it lets each user send two messages a second,
which is told as requests that it delays or refuses. It tells who comes and goes to
rooms of fewer than 500.

Exit status: 0 all is well, 1 deliveries were not as they should be, there were
errors (but for --allow) or a scenario failed, 2 no connection, 64 bad use, 75 a
threshold could not be judged, 99 a threshold is crossed, 130 interrupted.`
}

// Validate is called by kong: it refuses what cannot be run.
func (c *loadCmd) Validate() error {
	if err := c.tlsFlags.Validate(); err != nil {
		return err
	}
	for _, text := range c.FailIf {
		t, err := load.ParseThreshold(text)
		if err != nil {
			return fmt.Errorf("--fail-if %w", err)
		}
		c.thresholds = append(c.thresholds, t)
	}
	for _, kind := range c.Allow {
		if !load.IsErrorKind(kind) {
			return fmt.Errorf("--allow %q: there is no such kind of error; there are all, %s", kind, strings.Join(load.ErrorKinds(), ", "))
		}
	}
	if c.Sources < 0 || c.Sources > load.MaxSources {
		return fmt.Errorf("--sources is %d; it can be 0 to %d", c.Sources, load.MaxSources)
	}
	base := load.Scenario{Name: "room", Clients: c.Clients, Senders: c.Senders, Rate: c.Rate, Window: c.Window, Size: c.Size,
		Duration: c.Duration, Ramp: c.Ramp, Accounts: c.Accounts, Drop: c.Drop, Miss: c.Miss, Rooms: c.Rooms, RoomsEach: c.RoomsEach, Churn: c.Churn}
	if c.Scenario != "" {
		if len(c.Scenarios) > 0 {
			return errors.New("scenarios are named on the command line or in --scenario FILE, not in both")
		}
		f, err := os.Open(c.Scenario)
		if err != nil {
			return err
		}
		defer f.Close()
		if c.list, err = load.ParseScenarios(f, base, c.Plain); err != nil {
			return fmt.Errorf("%s: %w", c.Scenario, err)
		}
		return nil
	}
	if len(c.Scenarios) == 0 {
		c.Scenarios = []string{base.Name}
	}
	for _, name := range c.Scenarios {
		s := base
		s.Name = name
		s.SetSenders()
		if err := s.Check(c.Plain); err != nil {
			return err
		}
		c.list = append(c.list, s)
	}
	return nil
}

// Run tests until all scenarios are done or a signal comes.
func (c *loadCmd) Run(p *process) error {
	targets, err := c.targets(c.Target)
	if err != nil {
		return err
	}
	if err := c.fits(targets); err != nil {
		return err
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	context.AfterFunc(ctx, cancel) // a second Ctrl-C ends at once
	for _, t := range targets {
		if err := c.probe(ctx, t); err != nil {
			return err
		}
	}
	report := c.report(targets)
	outputs := c.outputs(&report)
	if err := tryAll(outputs); err != nil {
		return err
	}
	cfg := load.Config{Clock: systemClock{}, Plain: c.Plain, Seed: c.Seed, Tag: rand.Uint32N(1 << 18), Workers: 2 * runtime.GOMAXPROCS(0), Scenarios: c.list}
	for _, t := range targets {
		cfg.Dial = append(cfg.Dial, c.secured(t, c.dialer(t), nil))
	}
	if len(targets) > 1 {
		cfg.Drain = clusterDrain
	}
	if c.PID != 0 {
		cfg.Server = func() (load.Usage, error) { return load.ProcessUsage(c.PID) }
	}
	if isatty.IsTerminal(p.stderr.Fd()) {
		cfg.Progress = func(g load.Progress) { fmt.Fprintf(p.stderr, "\r\x1b[K%s", g.Line()) }
	}
	report.Results = load.Run(ctx, cfg)
	if cfg.Progress != nil {
		fmt.Fprint(p.stderr, "\r\x1b[K")
	}
	report.Interrupted = ctx.Err() != nil
	report.Judge(c.thresholds)
	if err := errors.Join(report.Text(p.stdout), save(outputs)); err != nil {
		return err
	}
	return c.status(&report)
}

// clusterDrain is how long is waited for what does not come from several machines: they may
// have to agree first on who leads, which takes up to 9 s.
const clusterDrain = 30 * time.Second

// outputs are what --json and --html ask for.
func (c *loadCmd) outputs(r *load.Report) (list []output) {
	if c.JSON != "" {
		list = append(list, output{c.JSON, r.JSON})
	}
	if c.HTML != "" {
		list = append(list, output{c.HTML, r.HTML})
	}
	return list
}

// probe looks whether the server can be connected to, and has the right key.
func (c *loadCmd) probe(ctx context.Context, t client.Target) error {
	probe, err := c.secured(t, dialer(t), nil)(ctx)
	if err == nil {
		return probe.Close()
	}
	hint := ""
	var wrong *conn.WrongKeyError
	if errors.As(err, &wrong) && !wrong.Pinned {
		hint = ". If that is the right one, say so: --tls-pin " + wrong.Now
	}
	return exitError{exitNoConnection, fmt.Errorf("cannot connect to %s: %w%s", t.Address, err, hint)}
}

// spareFiles are open files beside the clients' connections.
const spareFiles = 64

// fits looks whether the machine has what the clients need.
func (c *loadCmd) fits(targets []client.Target) error {
	most, all := 0, 0 // at once, and one after the other
	for _, s := range c.list {
		most = max(most, s.Clients)
		all += s.Clients
	}
	if limit := load.FileLimit(); most+spareFiles > limit {
		return exitError{exitUsage, fmt.Errorf("%d clients need %d open files, and this process may have %d at most, which is the hard limit (ulimit -Hn): take fewer clients, or raise the limit as root",
			most, most+spareFiles, limit)}
	}
	if c.PID != 0 {
		if _, err := load.ProcessUsage(c.PID); err != nil {
			return exitError{exitUsage, err}
		}
	}
	loopback, ports := true, load.Ports()
	for _, t := range targets {
		loopback = loopback && isLoopback(t)
	}
	switch {
	case targets[0].Network != "tcp":
		c.Sources = 0
	case !loopback && c.Sources > 0:
		return exitError{exitUsage, errors.New("--sources are addresses of this machine's loopback; the server is elsewhere")}
	case !loopback && most > ports:
		return exitError{exitUsage, fmt.Errorf("%d clients need as many ports, and one address has %d here (net.ipv4.ip_local_port_range on Linux): take fewer clients, or several machines", most, ports)}
	case loopback && c.Sources == 0 && (most > ports*3/4 || all > ports/4 && runtime.GOOS == "linux"): // where 127.0.0.2 needs no setup
		c.Sources = 1 + all*4/ports // ports stay taken for a minute, and to find one among many takes the system long
	}
	return nil
}

// isLoopback reports whether the server is on this machine's IPv4 loopback.
func isLoopback(t client.Target) bool {
	host, _, err := net.SplitHostPort(t.Address)
	if err != nil || t.Network != "tcp" {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback() && ip.To4() != nil
}

// dialer connects to the server, from the sources in turn.
func (c *loadCmd) dialer(t client.Target) func(context.Context) (net.Conn, error) {
	if c.Sources == 0 {
		return dialer(t)
	}
	timeout := dialTimeout
	if t.Others > 0 {
		timeout = nextTimeout
	}
	var n atomic.Int64
	return func(ctx context.Context) (net.Conn, error) {
		i := int(n.Add(1))
		d := net.Dialer{Timeout: timeout, LocalAddr: load.Source(i, c.Sources), Control: load.BindLate}
		return d.DialContext(ctx, "tcp4", t.Address)
	}
}

// report returns a report without results.
func (c *loadCmd) report(targets []client.Target) load.Report {
	var addresses []string
	for _, t := range targets {
		addresses = append(addresses, t.Address)
	}
	address := strings.Join(addresses, ",")
	if targets[0].TLS {
		address += ", TLS"
	}
	return load.Report{Target: address, Began: time.Now(), Judgements: []load.Judgement{},
		Settings: load.Settings{Plain: c.Plain, Seed: c.Seed, Sources: c.Sources, FailIf: append([]string{}, c.FailIf...), Allow: append([]string{}, c.Allow...), PID: c.PID},
		Versions: load.Versions{Parley: strings.TrimSuffix(version(), " "+runtime.Version()), Go: runtime.Version()},
		Machine:  load.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, Cores: runtime.NumCPU(), CPU: load.CPUModel()}}
}

// status gives a report its exit status. A threshold that is crossed is what was
// asked about, so it counts before anything else.
func (c *loadCmd) status(r *load.Report) error {
	if crossed := r.Crossed(); len(crossed) > 0 {
		return exitError{exitCrossed, fmt.Errorf("a threshold is crossed: %s", thresholds(crossed))}
	}
	if n := r.Wrong(); n > 0 {
		return exitError{exitRefused, fmt.Errorf("%d deliveries were not as they should be", n)}
	}
	if n := r.Errors(); n > 0 {
		return exitError{exitRefused, fmt.Errorf("there were %d errors", n)}
	}
	for _, result := range r.Results {
		if result.Failed != "" && !r.Interrupted {
			return exitError{exitRefused, fmt.Errorf("%s failed: %s", result.Name, result.Failed)}
		}
	}
	if r.Interrupted {
		return exitError{exitInterrupted, errors.New("interrupted")}
	}
	if open := r.Open(); len(open) > 0 {
		return exitError{exitUnjudged, fmt.Errorf("a threshold could not be judged: %s", thresholds(open))}
	}
	return nil
}

// thresholds writes what became of thresholds.
func thresholds(list []load.Judgement) string {
	var parts []string
	for _, j := range list {
		text := fmt.Sprintf("%s: %s", j.Scenario, j.Threshold)
		switch {
		case j.Value == "":
			text += ", which was not measured"
		case j.Note != "":
			text += fmt.Sprintf(", it is %s (%s)", j.Value, j.Note)
		default:
			text += ", it is " + j.Value
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

package monitor

import (
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users/log"
)

// metrics are those that are told something as it happens, by whom it is not the loops.
type metrics struct {
	lag            *prometheus.HistogramVec
	commits        prometheus.Histogram
	commitFailures prometheus.Counter
	refused        *prometheus.CounterVec
}

// Bounds of the histograms, in seconds: from what is usual to what everybody notices.
var (
	lagBuckets    = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	commitBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
)

func newMetrics() metrics {
	m := metrics{
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "parley_loop_lag_seconds",
			Help: "Seconds until a loop did what it was asked for.", Buckets: lagBuckets}, []string{"loop"}),
		commits: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "parley_commit_duration_seconds",
			Help: "Seconds that a commit took until it was safe or had failed.", Buckets: commitBuckets}),
		commitFailures: prometheus.NewCounter(prometheus.CounterOpts{Name: "parley_commit_failures_total", Help: "Commits that have failed."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "parley_connections_refused_total",
			Help: "Connections that were not let in."}, []string{"reason"}),
	}
	for _, why := range refusals { // there from the start
		m.refused.WithLabelValues(string(why))
	}
	return m
}

// own returns them for a registry.
func (m *metrics) own() []prometheus.Collector {
	return []prometheus.Collector{m.lag, m.commits, m.commitFailures, m.refused}
}

// desc describes a metric of the collector.
func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("parley_"+name, help, labels, nil)
}

// What the collector has.
var (
	up          = desc("up", "1 while the server answers a scrape.")
	ready       = desc("ready", "1 while clients can log in and talk.")
	stalled     = desc("loop_stalled_seconds", "Seconds for which a loop has not answered.", "loop")
	connections = desc("connections", "Connections now.", "kind")
	handshakes  = desc("tls_handshakes", "Connections before the end of their TLS handshake now.", "stage")
	opened      = desc("connections_opened_total", "Connections.")
	dropped     = desc("connections_dropped_total", "Connections that the server has ended.", "reason")
	logins      = desc("logins_total", "Logins.", "kind")
	failures    = desc("login_failures_total", "Logins that were refused.", "reason")
	messages    = desc("messages_total", "Messages that were said.", "kind")
	flooding    = desc("flooding_requests_total", "Requests that came faster than they may be sent.", "kind")
	panics      = desc("panics_total", "Faults of the program that cost no more than a connection.")
	deliveries  = desc("deliveries_total", "Messages that were passed to a session as they were said.")
	queueBytes  = desc("queue_bytes", "Bytes that wait.", "queue")
	uncommitted = desc("uncommitted_commands", "Commands that were carried out and are not safe yet.")
	failing     = desc("storage_failing", "1 while what was decided cannot be kept.")
	turns       = desc("loop_turns_total", "Turns of a loop.", "loop")
	wakeups     = desc("timer_wakeups_total", "Turns of a loop because a time had come.", "loop")
	timers      = desc("timers", "Connections, and invitations, on which something happens when a time has passed.", "kind")
	relays      = desc("relays", "Private sessions for which the server relays now.")
	hookEvents  = desc("hook_deliveries_total", "Events that outgoing hooks have delivered.")
	hookFails   = desc("hook_failures_total", "Tries of outgoing hooks that have failed.")
	hookLag     = desc("hook_lag_seconds", "Seconds for which the oldest event waits that an outgoing hook has not delivered.")
	logPosition = desc("log_position", "Position of the message of the log that was carried out last.")
	logBehind   = desc("log_behind_messages", "Messages that are known to be in the log and were not carried out.")
	logStands   = desc("log_standing", "1 while this node decides nothing with the others: the log stands still, or is being read.")
	logTurns    = desc("log_turns_total", "Turns that were published in the log.", "kind")
	logFetches  = desc("log_fetches_total", "Times that the log was asked for messages.")
	logEpochs   = desc("log_epochs_total", "Epochs that this node has begun.")
	nodeFrames  = desc("node_frames_total", "Frames of private sessions between this node of a cluster and others.", "kind")
	relayed     = desc("relayed_bytes_total", "Bytes that were relayed, as the relay's window counts them.")
)

// loginReasons are the codes with which a login is refused as a rule. They are there from
// the start, so that the first one is seen to be one more.
var loginReasons = []protocol.Code{protocol.BadName, protocol.BadRequest, protocol.NameTaken, protocol.LoggedInElsewhere, protocol.PasswordRequired, protocol.TLSRequired,
	protocol.WrongCredentials, protocol.BlockedLogin, protocol.NotAllowed, protocol.Banned, protocol.LockedDown, protocol.RateLimited, protocol.Busy, protocol.Internal}

// A collector asks the server at each scrape.
type collector struct{ *Monitor }

// Describe implements prometheus.Collector.
func (c collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{up, ready, stalled, connections, handshakes, opened, dropped, logins, failures, messages, flooding, panics, deliveries, queueBytes,
		uncommitted, failing, turns, wakeups, timers, relays, relayed, nodeFrames, hookEvents, hookFails, hookLag,
		logPosition, logBehind, logStands, logTurns, logFetches, logEpochs} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c collector) Collect(to chan<- prometheus.Metric) {
	s := sink(to)
	counts, err := c.counts(c.life)
	s.gauge(up, truth(err == nil))
	s.gauge(ready, truth(c.readiness(counts, err) == nil))
	for _, p := range c.probes {
		s.gauge(stalled, p.stalled().Seconds(), strconv.Itoa(p.loop))
	}
	s.forwarding(c.hooks.Load())
	s.handshaking(c.handshakes.Load())
	if err == nil {
		counts.Panics += c.faults.Load()
		s.counts(counts)
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// A sink is where metrics go.
type sink chan<- prometheus.Metric

func (s sink) gauge(d *prometheus.Desc, value float64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}

func (s sink) counter(d *prometheus.Desc, value uint64, labels ...string) {
	s <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, float64(value), labels...)
}

// counts passes on what a server has counted.
func (s sink) counts(n server.Counts) {
	s.gauge(connections, float64(n.LoggedOut), "logged_out")
	s.gauge(connections, float64(n.Plain), "plain")
	s.gauge(connections, float64(n.Extended), "extended")
	s.counter(opened, n.Opened)
	for why, times := range n.Dropped {
		s.counter(dropped, times, why.String())
	}
	s.counter(logins, n.Guests, "guest")
	s.counter(logins, n.Accounts, "account")
	s.loginFailures(n.LoginsRefused)
	s.counter(messages, n.Messages, "room")
	s.counter(messages, n.Directs, "direct")
	s.counter(flooding, n.Delayed, "delayed")
	s.counter(flooding, n.Flooded, "refused")
	s.counter(flooding, n.Abandoned, "abandoned")
	s.counter(panics, n.Panics)
	s.counter(deliveries, n.Deliveries)
	s.gauge(uncommitted, float64(n.Uncommitted))
	s.gauge(failing, truth(n.Failing != nil))
	backlog := int64(0)
	for i, loop := range n.Loops {
		s.counter(turns, loop.Turns, strconv.Itoa(i))
		s.counter(wakeups, loop.Wakes, strconv.Itoa(i))
		backlog += loop.Backlog
	}
	s.gauge(queueBytes, float64(backlog), "clients")
	s.gauge(queueBytes, float64(n.Held), "commit")
	for kind, there := range map[string]int{"login": n.LoginTimers, "idle": n.IdleTimers, "silence": n.SilenceTimers, "pace": n.PaceTimers, "invitation": n.Private.Invitations} {
		s.gauge(timers, float64(there), kind)
	}
	s.gauge(relays, float64(n.Private.Relays.Open))
	s.counter(relayed, n.Private.Relays.Units)
	for kind, times := range map[string]uint64{"sent": n.Nodes.Sent, "arrived": n.Nodes.Arrived, "unsent": n.Nodes.Unsent, "stale": n.Nodes.Stale, "doubled": n.Nodes.Doubled, "gap": n.Nodes.Gaps, "foreign": n.Nodes.Foreign} {
		s.counter(nodeFrames, times, kind)
	}
	if n.Shared != nil {
		s.shared(*n.Shared)
	}
}

// shared passes on how a node does in the log that it shares with others.
func (s sink) shared(n log.Standing) {
	s.gauge(logPosition, float64(n.Position))
	s.gauge(logBehind, float64(n.Behind()))
	s.gauge(logStands, truth(errors.Is(n.Failing, log.ErrStanding) || errors.Is(n.Failing, log.ErrReading)))
	s.counter(logTurns, n.Turns, "new")
	s.counter(logTurns, n.Again, "again")
	s.counter(logFetches, n.Fetches)
	s.counter(logEpochs, n.Epochs)
}

// forwarding passes on what outgoing hooks have sent; nothing, if there can be none.
func (s sink) forwarding(counts *func() (delivered, failed uint64, lag time.Duration)) {
	var delivered, failed uint64
	var lag time.Duration
	if counts != nil {
		delivered, failed, lag = (*counts)()
	}
	s.counter(hookEvents, delivered)
	s.counter(hookFails, failed)
	s.gauge(hookLag, lag.Seconds())
}

// handshaking passes on how many connections are before the end of their TLS handshake; none, if
// TLS is spoken nowhere.
func (s sink) handshaking(now *func() (hello, waiting, running int64)) {
	var hello, waiting, running int64
	if now != nil {
		hello, waiting, running = (*now)()
	}
	s.gauge(handshakes, float64(hello), "hello")
	s.gauge(handshakes, float64(waiting), "waiting")
	s.gauge(handshakes, float64(running), "running")
}

func (s sink) loginFailures(refused map[protocol.Code]uint64) {
	for _, why := range loginReasons {
		s.counter(failures, refused[why], string(why))
	}
	for why, times := range refused {
		if !slices.Contains(loginReasons, why) {
			s.counter(failures, times, string(why))
		}
	}
}

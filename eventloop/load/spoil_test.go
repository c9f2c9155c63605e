package load

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/protocol"
)

// A spoiler stands between the clients and a server, passes on whole lines, and
// does wrong what it is told to.
type spoiler struct {
	// told returns what a client is told in place of a line of the server's; nil
	// passes everything on.
	told func(name, line string) []string
	// asked returns what the server is asked in place of a client's line, and what
	// the client is answered for it at once.
	asked func(name, line string) (pass []string, answer string)
	// refuse says that a connection is closed as soon as it is there.
	refuse func(connection int) bool

	mu sync.Mutex
}

// before stands before a server until the test ends and returns how to connect.
func (p *spoiler) before(t *testing.T, dial func(context.Context) (net.Conn, error)) func(context.Context) (net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if p.refuse != nil && p.refuse(n) {
				c.Close()
				continue
			}
			server, err := dial(t.Context())
			if err != nil {
				c.Close()
				continue
			}
			wg.Go(func() { p.pass(&wg, c, server) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", l.Addr().String())
	}
}

var loginName = regexp.MustCompile(`"request":"login","content":"([A-Za-z0-9]+)"`)

func (p *spoiler) pass(wg *sync.WaitGroup, c, server net.Conn) {
	defer c.Close()
	name := make(chan string, 1)
	wg.Go(func() {
		defer server.Close()
		who := ""
		for lines := bufio.NewReader(c); ; {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			if m := loginName.FindStringSubmatch(line); m != nil && who == "" {
				who = m[1]
				name <- who
			}
			pass, answer := []string{line}, ""
			if p.asked != nil {
				p.mu.Lock()
				pass, answer = p.asked(who, line)
				p.mu.Unlock()
			}
			_, _ = io.WriteString(c, answer)
			for _, line := range pass {
				_, _ = io.WriteString(server, line)
			}
		}
	})
	who := ""
	for lines := bufio.NewReader(server); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		if who == "" {
			who = <-name
		}
		told := []string{line}
		if p.told != nil {
			p.mu.Lock()
			told = p.told(who, line)
			p.mu.Unlock()
		}
		for _, line := range told {
			_, _ = io.WriteString(c, line)
		}
	}
}

// isMessage reports whether a line tells a message that counts, and whose it is.
func isMessage(line string) (sender string, ok bool) {
	if !strings.Contains(line, `"event":"message"`) && !strings.Contains(line, `"event":"direct"`) || strings.Contains(line, `"event":"history"`) {
		return "", false
	}
	r, err := protocol.DecodeResponse([]byte(line))
	if err != nil {
		return "", false
	}
	m, ours := readMark([]byte(r.Content), runTag(7))
	return r.Sender, ours && m.seq > 0
}

// nth spoils message k of those that one client is told.
func nth(k int, receiver string, spoil func(line string) []string) func(name, line string) []string {
	n := 0
	return func(name, line string) []string {
		if _, ok := isMessage(line); ok && name == receiver {
			if n++; n == k {
				return spoil(line)
			}
		}
		return []string{line}
	}
}

// change replaces the first match in the nth message that one client is told.
func change(k int, receiver, pattern, by string) func(name, line string) []string {
	return nth(k, receiver, func(line string) []string { return []string{replaceFirst(line, pattern, by)} })
}

// replaceFirst replaces what the first match of a pattern has in brackets.
func replaceFirst(line, pattern, by string) string {
	at := regexp.MustCompile(pattern).FindStringSubmatchIndex(line)
	if at == nil {
		panic(fmt.Sprintf("%q has nothing like %q", line, pattern))
	}
	return line[:at[2]] + by + line[at[3]:]
}

// swapSenders tells a receiver two messages of different senders the wrong way
// round, once, from message k on.
func swapSenders(k int, receiver string) func(name, line string) []string {
	n, kept, keptOf, done := 0, "", "", false
	return func(name, line string) []string {
		sender, ok := isMessage(line)
		if !ok || name != receiver || done {
			return []string{line}
		}
		n++
		switch {
		case n < k:
			return []string{line}
		case kept == "":
			kept, keptOf = line, sender
			return nil
		case sender == keptOf:
			line, kept = kept, line
			return []string{line}
		}
		done = true
		return []string{line, kept}
	}
}

// request picks out request k to say something, of one client.
func request(k int, sender string, spoil func(line string) ([]string, string)) func(name, line string) ([]string, string) {
	n := 0
	return func(name, line string) ([]string, string) {
		if name == sender && (strings.Contains(line, `"request":"msg"`) || strings.Contains(line, `"request":"dm"`)) && !strings.Contains(line, "~007000000000") {
			if n++; n == k {
				return spoil(line)
			}
		}
		return []string{line}, ""
	}
}

var refForm = regexp.MustCompile(`"ref":"([^"]*)"`)

// forged answers a request as if it had been carried out.
func forged(line string) ([]string, string) {
	return nil, string(protocol.AppendExtended(nil, protocol.Response{Time: time.Unix(1e9, 0), Sender: protocol.ServerName, Kind: protocol.KindInfo, Content: "so it is",
		Ref: refForm.FindStringSubmatch(line)[1], Data: &protocol.Data{Event: protocol.EventAccepted, ID: 12}}))
}

func doubled(line string) ([]string, string) { return []string{line, line}, "" }

// One thing that is spoiled on the way is one fault, whatever it is.
func TestSpoiled(t *testing.T) {
	t.Parallel()
	const (
		due  = `~007.{4}.{5}.{7}(..)`
		id   = `"id":([0-9]+)`
		time = `"timestamp":"([^"]*)"`
	)
	altered := func(r *Result) uint64 { return r.Altered }
	for _, tt := range []struct {
		name      string
		scenarios string
		spoiler   func() *spoiler
		count     func(*Result) uint64
		says      string
	}{
		{"two senders swapped", "room reconnect", func() *spoiler { return &spoiler{told: swapSenders(4, user(0))} }, func(r *Result) uint64 { return r.Disordered }, "out of order: " + user(0)},
		{"two senders swapped for a mere listener", "room", func() *spoiler { return &spoiler{told: swapSenders(4, user(3))} }, func(r *Result) uint64 { return r.Disordered }, "out of order: " + user(3)},
		{"due time", "room dm reconnect mixed", func() *spoiler { return &spoiler{told: change(3, user(1), due, "zz")} }, altered, "altered: " + user(1)},
		{"text", "room dm reconnect mixed", func() *spoiler { return &spoiler{told: change(3, user(1), `~007.*(xx)"`, "xy")} }, altered, "altered: " + user(1)},
		{"sender", "room reconnect mixed", func() *spoiler { return &spoiler{told: change(3, user(1), `"sender":"(load)`, "lord")} }, altered, "altered: " + user(1)},
		{"number, far", "room reconnect mixed", func() *spoiler { return &spoiler{told: change(3, user(1), id, "4200000")} }, altered, "altered: " + user(1)},
		{"number, the next one", "room reconnect mixed", func() *spoiler { return &spoiler{told: following(3, user(1), 1)} }, altered, "altered: " + user(1)},
		{"number, the one before", "room reconnect mixed", func() *spoiler { return &spoiler{told: following(3, user(1), -1)} }, altered, "altered: " + user(1)},
		{"number of the last message", "room", func() *spoiler { return &spoiler{told: change(40, user(1), id, "4200000")} }, altered, "altered: " + user(1)},
		{"timestamp", "room reconnect mixed", func() *spoiler { return &spoiler{told: change(3, user(1), time, "2001-09-09T01:46:41Z")} }, altered, "altered: " + user(1)},
		{"a direct message's timestamp", "dm", func() *spoiler { return &spoiler{told: change(3, user(1), time, "2001-09-09T01:40:41Z")} }, altered, "altered: " + user(1)},
		{"key", "room dm reconnect", func() *spoiler { return &spoiler{told: change(3, user(1), `(content)`, "contend")} }, nil, ""},
		{"swallowed and forged", "room reconnect", func() *spoiler { return &spoiler{asked: request(3, user(0), forged)} }, func(r *Result) uint64 { return r.Lost }, "lost: message 3 of " + user(0)},
		{"swallowed and forged", "mixed", func() *spoiler { return &spoiler{asked: request(2, user(0), forged)} }, func(r *Result) uint64 { return r.Lost }, "lost: message "},
		{"direct message swallowed and forged", "dm", func() *spoiler { return &spoiler{asked: request(3, user(0), forged)} }, func(r *Result) uint64 { return r.Lost }, "lost: " + user(1) + " was not told message 3"},
		{"direct message doubled", "dm", func() *spoiler { return &spoiler{asked: request(3, user(0), doubled)} }, func(r *Result) uint64 { return r.Doubled }, "doubled: " + user(1) + " was told message 3"},
		{"answer doubled", "room dm", func() *spoiler { return &spoiler{told: twice(`"event":"(accepted|delivered)"`, user(0))} }, func(r *Result) uint64 { return r.Doubled }, "doubled: " + user(0) + " was told twice"},
		{"answer lost", "room dm", func() *spoiler { return &spoiler{told: without(`"event":"(accepted|delivered)"`, user(0))} }, nil, ""},
		{"request doubled", "room reconnect", func() *spoiler { return &spoiler{asked: request(3, user(0), doubled)} }, func(r *Result) uint64 { return r.Doubled }, "doubled: message 3 of " + user(0)},
	} {
		for name := range strings.FieldsSeq(tt.scenarios) {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				s := base()
				s.Name, s.Clients, s.Senders, s.Rate, s.Duration = name, 6, 2, 100, 400*milli
				if name == "mixed" {
					s.Clients, s.Senders = 4, 4
				}
				r := runThrough(t, tt.spoiler(), &fake{}, s)
				if n := r.Wrong() + uint64(r.TroubleCount()); r.Failed != "" || n != 1 || tt.count != nil && tt.count(&r) != 1 {
					t.Errorf("%d faults, want 1: %s %q %+v", n, r.Failed, r.Differences, r.Troubles)
				}
				if tt.count != nil && (len(r.Differences) != 1 || !strings.HasPrefix(r.Differences[0], tt.says)) {
					t.Errorf("it says %q, want %q", r.Differences, tt.says)
				}
			})
		}
	}
}

const milli = time.Millisecond

// twice doubles the third line that is like the pattern, of those that a client is told.
func twice(pattern, name string) func(name, line string) []string {
	return third(pattern, name, func(line string) []string { return []string{line, line} })
}

// without swallows it.
func without(pattern, name string) func(name, line string) []string {
	return third(pattern, name, func(string) []string { return nil })
}

func third(pattern, receiver string, spoil func(line string) []string) func(name, line string) []string {
	form, n := regexp.MustCompile(pattern), 0
	return func(name, line string) []string {
		if name == receiver && form.MatchString(line) {
			if n++; n == 3 {
				return spoil(line)
			}
		}
		return []string{line}
	}
}

// following makes the number of a message that of one of its neighbours.
func following(k int, receiver string, by int) func(name, line string) []string {
	form := regexp.MustCompile(`"id":([0-9]+)`)
	return nth(k, receiver, func(line string) []string {
		var n int
		_, _ = fmt.Sscan(form.FindStringSubmatch(line)[1], &n)
		return []string{form.ReplaceAllString(line, fmt.Sprintf(`"id":%d`, n+by))}
	})
}

// runThrough runs one scenario against a fake behind a spoiler.
func runThrough(t *testing.T, p *spoiler, f *fake, s Scenario) Result {
	t.Helper()
	if err := s.Check(f.plain); err != nil {
		t.Fatal(err)
	}
	return Run(t.Context(), Config{Dial: []func(context.Context) (net.Conn, error){p.before(t, f.start(t))}, Clock: realClock{}, Plain: f.plain, Seed: 3, Tag: 7, Scenarios: []Scenario{s}, Drain: time.Second})[0]
}

// Where everything is refused or closed, that is told, also where nothing is said.
func TestRefusedEverywhere(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		spoiler *spoiler
	}{
		{"closed at once", &spoiler{refuse: func(int) bool { return true }}},
		{"refused", &spoiler{told: func(string, string) []string {
			return []string{string(protocol.AppendExtended(nil, protocol.Response{Sender: protocol.ServerName, Kind: protocol.KindError, Content: "no", Data: &protocol.Data{Event: protocol.EventError, Code: protocol.NotAllowed}}))}
		}}},
	} {
		for _, name := range []string{"idle", "login"} {
			t.Run(tt.name+", "+name, func(t *testing.T) {
				t.Parallel()
				s := quick()
				s.Name = name
				r := runThrough(t, tt.spoiler, &fake{}, s)
				if r.TroubleCount() == 0 {
					t.Errorf("no errors: %+v", r)
				}
			})
		}
	}
}

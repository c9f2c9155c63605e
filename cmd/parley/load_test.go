package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/eventloop/load"
	"parley/protocol"
	"parley/users/store"
)

// loadTest runs parley load and returns its report, what it says and its exit status.
func loadTest(t *testing.T, args ...string) (report load.Report, stdout, stderr string, status int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	cmd := parley(t, append([]string{"load", "--json", file}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	if b, err := os.ReadFile(file); err == nil && len(b) > 0 {
		if err := json.Unmarshal(b, &report); err != nil {
			t.Errorf("%v in %s", err, b)
		}
	}
	return report, out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// Every scenario runs against the real server and finds nothing wrong.
func TestLoadScenarios(t *testing.T) {
	t.Parallel()
	s := serveIn(t, store.Memory, []string{"--flood=off"}, "127.0.0.1:0")
	for _, tt := range []struct {
		name   string
		args   []string
		logins int64
	}{
		{name: "room", args: []string{"room", "--clients=10", "--accounts=2"}, logins: 10},
		{name: "room, the accounts are there", args: []string{"room", "--clients=10", "--accounts=2"}, logins: 10},
		{name: "room in a window", args: []string{"room", "--clients=10", "--rate=0", "--window=2", "--size=28"}, logins: 10},
		{name: "dm", args: []string{"dm", "--clients=10"}, logins: 10},
		{name: "login", args: []string{"login", "--clients=5"}, logins: 20},
		{name: "idle", args: []string{"idle", "--clients=10", "--ramp=100ms"}, logins: 10},
		{name: "mixed", args: []string{"mixed", "--clients=10"}, logins: 10},
		{name: "reconnect", args: []string{"reconnect", "--clients=10"}, logins: 20},
		{name: "resume", args: []string{"resume", "--clients=10", "--miss=3"}, logins: 15},
		{name: "rooms", args: []string{"room", "--clients=10", "--rooms=4", "--rooms-each=2"}, logins: 10},
		{name: "rooms in a window", args: []string{"room", "--clients=10", "--rooms=7", "--rooms-each=3", "--rate=0", "--window=2"}, logins: 10},
		{name: "rooms of accounts", args: []string{"room", "--clients=6", "--rooms=6", "--rooms-each=3", "--accounts=3"}, logins: 6},
		{name: "other rooms, the accounts are still in those", args: []string{"room", "--clients=6", "--rooms=8", "--rooms-each=2", "--accounts=3"}, logins: 6},
		{name: "joins and leaves", args: []string{"room", "--clients=10", "--rooms=4", "--rooms-each=2", "--senders=2", "--churn=100"}, logins: 10},
		{name: "resume in rooms", args: []string{"resume", "--clients=10", "--rooms=4", "--rooms-each=2", "--miss=3"}, logins: 15},
		{name: "private", args: []string{"private", "--clients=10"}, logins: 10},
		{name: "plain room", args: []string{"room", "--plain", "--clients=5"}, logins: 5},
		{name: "plain login", args: []string{"login", "--plain", "--clients=5"}, logins: 20},
		{name: "plain mixed", args: []string{"mixed", "--plain", "--clients=5"}, logins: 5},
		{name: "plain reconnect", args: []string{"reconnect", "--plain", "--clients=6", "--senders=2"}, logins: 12},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r, stdout, stderr, status := loadTest(t, append([]string{s.addrs[0], "--rate=50", "--duration=400ms"}, tt.args...)...)
			if status != exitDone || stderr != "" || len(r.Results) != 1 {
				t.Fatalf("status %d: %s%s", status, stderr, stdout)
			}
			result := r.Results[0]
			if result.Failed != "" {
				t.Errorf("it failed: %s", result.Failed)
			}
			if result.Wrong() != 0 || result.TroubleCount() != 0 {
				t.Errorf("%d deliveries are wrong, %d errors: %q %+v", result.Wrong(), result.TroubleCount(), result.Differences, result.Troubles)
			}
			if result.Logins < tt.logins || result.Login.Count != result.Logins {
				t.Errorf("%d logins, %d of them measured, want %d", result.Logins, result.Login.Count, tt.logins)
			}
			done := result.Done
			if result.Name == "mixed" { // some hang up before they are answered
				done = result.Sent
			}
			if result.Due > 0 && (result.Unsent != 0 || result.Name != "login" && done < result.Due) {
				t.Errorf("%d were due, %d never sent, %d sent, %d done", result.Due, result.Unsent, result.Sent, result.Done)
			}
			if result.Churn > 0 && result.Moves < 20 {
				t.Errorf("%d joins and leaves", result.Moves)
			}
			talks := result.Name != "login" && result.Name != "idle"
			if talks && (result.Delivery.Count == 0 || result.Ack.Count == 0 || result.Delivery.P50 <= 0) {
				t.Errorf("of deliveries %+v was measured, of acknowledgements %+v", result.Delivery, result.Ack)
			}
			if t.Failed() {
				t.Log(stdout)
			}
		})
	}
}

// What other people write to each other has numbers, too, and is no loss.
func TestLoadBesideOthers(t *testing.T) {
	t.Parallel()
	s := serveIn(t, store.Memory, []string{"--flood=off"}, "127.0.0.1:0")
	others := make(chan struct{})
	go func() {
		defer close(others)
		if _, stdout, stderr, status := loadTest(t, s.addrs[0], "dm", "--clients=2", "--rate=200", "--duration=1s"); status != exitDone {
			t.Errorf("dm: status %d: %s%s", status, stderr, stdout)
		}
	}()
	for _, args := range [][]string{{"room"}, {"resume", "--miss=3"}, {"room", "--rooms=4", "--rooms-each=2"}} {
		if _, stdout, stderr, status := loadTest(t, append([]string{s.addrs[0]}, append(args, "--clients=10", "--rate=50", "--duration=250ms")...)...); status != exitDone {
			t.Errorf("%s: status %d: %s%s", args, status, stderr, stdout)
		}
	}
	<-others
}

// Several scenarios come from a file, and the report goes to a page, too.
func TestLoadFromAFile(t *testing.T) {
	t.Parallel()
	s := serve(t, "127.0.0.1:0")
	dir := t.TempDir()
	file, page := filepath.Join(dir, "scenarios"), filepath.Join(dir, "page.html")
	if err := os.WriteFile(file, []byte("# two\nidle clients=3\nroom clients=4 senders=2 rate=20\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{s.addrs[0], "--scenario", file, "--duration=300ms", "--html", page, "--sources=3", "--fail-if=lost>0", "--fail-if", "login.p99>9s"}
	if runtime.GOOS != "linux" {
		args = slices.DeleteFunc(args, func(a string) bool { return strings.HasPrefix(a, "--sources") })
	} else {
		args = append(args, "--pid", strconv.Itoa(s.Process.Pid))
	}
	r, stdout, stderr, status := loadTest(t, args...)
	if status != exitDone || len(r.Results) != 2 || r.Results[0].Name != "idle" || r.Results[1].Deliveries != 6*4 {
		t.Fatalf("status %d: %s%s", status, stderr, stdout)
	}
	if r.Versions.Go != runtime.Version() || r.Machine.Cores != runtime.NumCPU() || r.Target != s.addrs[0] || len(r.Settings.FailIf) != 2 {
		t.Errorf("%+v %+v %+v", r.Versions, r.Machine, r.Settings)
	}
	if known := r.Results[0].Server.Known; known != (runtime.GOOS == "linux") {
		t.Errorf("what the server uses is known: %v", known)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, ".*")); len(names) > 0 {
		t.Errorf("left behind: %q", names)
	}
	if b, err := os.ReadFile(page); err != nil || !bytes.Contains(b, []byte("<svg")) || !bytes.Contains(b, []byte(s.addrs[0])) {
		t.Errorf("the page: %v, %d bytes", err, len(b))
	}
}

func TestLoadThresholds(t *testing.T) {
	t.Parallel()
	s := serve(t, "127.0.0.1:0")
	_, stdout, stderr, status := loadTest(t, s.addrs[0], "--clients=2", "--duration=200ms", "--fail-if=lost<1", "--fail-if=lost>0")
	if status != exitCrossed || !strings.Contains(stdout, "crossed       room: lost<1, it is 0\n") || !strings.Contains(stdout, "held          room: lost>0, it is 0\n") ||
		!strings.Contains(stderr, "a threshold is crossed: room: lost<1, it is 0") {
		t.Errorf("status %d: %s%s", status, stderr, stdout)
	}
	// What was not measured has not held.
	_, stdout, stderr, status = loadTest(t, s.addrs[0], "idle", "--clients=2", "--duration=200ms", "--fail-if=p99>1s")
	if status != exitUnjudged || !strings.Contains(stderr, "a threshold could not be judged: idle: p99>1s, which was not measured") {
		t.Errorf("status %d: %s%s", status, stderr, stdout)
	}
}

// proxy stands before a server and spoils the line that spoil picks out among
// those that the nth connection, counted from 1, is told.
func proxy(t *testing.T, to string, spoil func(n int, line string) []string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	pass := func(n int, c net.Conn) {
		defer c.Close()
		server, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer server.Close()
		wg.Go(func() {
			_, _ = io.Copy(server, c)
			server.Close()
		})
		lines := bufio.NewReader(server)
		for {
			line, err := lines.ReadString('\n')
			if err != nil {
				return
			}
			mu.Lock()
			told := spoil(n, line)
			mu.Unlock()
			for _, line := range told {
				_, _ = io.WriteString(c, line)
			}
		}
	}
	wg.Go(func() {
		for n := 0; ; n++ { // the first connection only looks whether there is a server
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { pass(n, c) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

// A message that is lost, doubled, late or altered ends with status 1 and is told with
// names and numbers, once.
func TestLoadFindsDifferences(t *testing.T) {
	t.Parallel()
	s := serve(t, "127.0.0.1:0")
	message := func(line string) bool {
		return strings.Contains(line, `"event":"message"`) && !strings.Contains(line, `"event":"history"`)
	}
	for _, tt := range []struct {
		name  string
		spoil func(k int, line, before string) []string // message k of those that the second connection hears, after the trial
		says  string
	}{
		{"lost", func(k int, line, _ string) []string {
			if k == 3 {
				return nil
			}
			return []string{line}
		}, " was not told message 3 of load"},
		{"doubled", func(k int, line, _ string) []string {
			if k == 3 {
				return []string{line, line}
			}
			return []string{line}
		}, " was told message 3 of load"},
		{"late", func(k int, line, before string) []string {
			switch k {
			case 3:
				return nil
			case 4:
				return []string{line, before}
			}
			return []string{line}
		}, "out of order: load"},
		{"another number", replacing(`"id":([0-9]+)`, "4200000"), "altered: load"},
		{"another time", replacing(`"timestamp":"([^"]+)`, "2001-09-09T01:46:40Z"), "altered: load"},
		{"another due time", replacing(`"content":"~.{18}(...)`, "zzz"), "altered: load"},
		{"another text", replacing(`(xx)"`, "xy"), "altered: load"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			k, before := -1, ""
			addr := proxy(t, s.addrs[0], func(n int, line string) []string {
				if n != 2 || !message(line) {
					return []string{line}
				}
				k++
				told := tt.spoil(k, line, before)
				before = line
				return told
			})
			r, stdout, stderr, status := loadTest(t, addr, "--clients=3", "--senders=1", "--rate=50", "--duration=200ms")
			if status != exitRefused || r.Wrong() != 1 || !strings.Contains(stdout, tt.says) || !strings.Contains(stderr, "1 deliveries were not as they should be") {
				t.Errorf("status %d, %d wrong: %s%s", status, r.Wrong(), stderr, stdout)
			}
		})
	}
}

// replacing replaces what the pattern has in brackets in message 3.
func replacing(pattern, by string) func(k int, line, before string) []string {
	return func(k int, line, _ string) []string {
		if at := regexp.MustCompile(pattern).FindStringSubmatchIndex(line); k == 3 && at != nil {
			line = line[:at[2]] + by + line[at[3]:]
		}
		return []string{line}
	}
}

// Ctrl-C ends early, with what was measured until then.
func TestLoadInterrupted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there is no such signal")
	}
	s := serve(t, "127.0.0.1:0")
	heard := make(chan struct{}, 1)
	addr := proxy(t, s.addrs[0], func(_ int, line string) []string {
		if strings.Contains(line, `"event":"message"`) {
			select {
			case heard <- struct{}{}:
			default:
			}
		}
		return []string{line}
	})
	var out bytes.Buffer
	cmd := parley(t, "load", addr, "--clients=2", "--senders=1", "--rate=50", "--duration=1h")
	cmd.Stdout = &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-heard
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitInterrupted || !strings.Contains(out.String(), "Interrupted") || !strings.Contains(out.String(), "0 lost") {
		t.Errorf("%s: %s", cmd.ProcessState, out.String())
	}
}

// What a server delays or refuses because a user sends too much is told with what to do
// about it, and is nothing that the server has done wrong.
func TestLoadMeetsTheFloodControl(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind string
		args []string
		rate string
	}{
		{"delayed by the server", nil, "--rate=40"},
		{string(protocol.RateLimited), []string{"--flood-wait=0s"}, "--rate=100"},
	} {
		s := serveIn(t, store.Memory, tt.args, "127.0.0.1:0")
		r, stdout, stderr, status := loadTest(t, s.addrs[0], "--clients=2", "--senders=1", tt.rate, "--duration=300ms", "--fail-if=errors>0")
		if status != exitCrossed || len(r.Results) != 1 || r.Results[0].Wrong() != 0 {
			t.Errorf("%s: status %d: %s%s", tt.kind, status, stderr, stdout)
		}
		if !strings.Contains(stdout, "x "+tt.kind) || !strings.Contains(stdout, "parley serve --flood off") {
			t.Errorf("it says nothing of the limit: %s", stdout)
		}
	}
}

func TestLoadBadUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "scenarios")
	if err := os.WriteFile(file, []byte("room\nparty\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := l.Addr().String()
	l.Close()
	for _, tt := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{nobody, "party"}, exitUsage, `there is no scenario "party"`},
		{[]string{nobody, "--clients=0"}, exitUsage, "clients is 0"},
		{[]string{nobody, "--fail-if=p99"}, exitUsage, `"p99" is not a threshold`},
		{[]string{nobody, "--scenario", file}, exitUsage, `line 2: there is no scenario "party"`},
		{[]string{nobody, "dm", "--scenario", file}, exitUsage, "not in both"},
		{[]string{nobody, "--scenario", file + ".none"}, exitUsage, "scenarios.none"},
		{[]string{nobody, "dm", "--plain"}, exitUsage, "dm needs requests that only Parley has"},
		{[]string{nobody, "--clients=1000000", "--senders=1"}, exitUsage, "open files"},
		{[]string{nobody, "--sources=-1"}, exitUsage, "--sources is -1"},
		{[]string{nobody, "--allow=everything"}, exitUsage, `--allow "everything": there is no such kind of error; there are all,`},
		{[]string{"192.0.2.1:9998", "--sources=2"}, exitUsage, "the server is elsewhere"},
		{[]string{nobody, "--pid=99999999"}, exitUsage, "process"},
		{[]string{nobody}, exitNoConnection, "cannot connect to " + nobody},
	} {
		if runtime.GOOS != "linux" && slices.Contains(tt.args, "--pid=99999999") {
			tt.says = "only known on Linux"
		}
		_, _, stderr, status := loadTest(t, tt.args...)
		if status != tt.status || !strings.Contains(stderr, tt.says) {
			t.Errorf("%q: status %d, want %d: %q, which lacks %q", tt.args, status, tt.status, stderr, tt.says)
		}
	}
	s := serve(t, "127.0.0.1:0")
	_, _, stderr, status := loadTest(t, s.addrs[0], "--html", filepath.Join(dir, "none", "page.html"), "--duration", time.Hour.String())
	if status != exitUsage || !strings.Contains(stderr, "page.html") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// Clients are spread over several addresses, each of which must answer at the start.
func TestLoadAtSeveralAddresses(t *testing.T) {
	t.Parallel()
	s := serveIn(t, store.Memory, []string{"--flood=off"}, "127.0.0.1:0", "127.0.0.1:0")
	both := strings.Join(s.addrs, ",")
	r, stdout, stderr, status := loadTest(t, both, "resume", "--clients=10", "--miss=3", "--rate=50", "--duration=400ms")
	if status != exitDone || len(r.Results) != 1 || r.Results[0].Wrong() != 0 || r.Results[0].Logins < 15 || r.Target != both {
		t.Errorf("status %d, %s: %s%s", status, r.Target, stderr, stdout)
	}
	for _, addr := range s.addrs {
		_, port, _ := net.SplitHostPort(addr)
		if !strings.Contains(stdout, port) {
			t.Errorf("it does not say that it was at %s: %s", addr, stdout)
		}
	}
	if _, _, stderr, status := loadTest(t, s.addrs[0]+",127.0.0.1:1", "room"); status != exitNoConnection || !strings.Contains(stderr, "cannot connect to 127.0.0.1:1") {
		t.Errorf("status %d: %s", status, stderr)
	}
	if _, _, stderr, status := loadTest(t, s.addrs[0]+",,", "room"); status != exitUsage || !strings.Contains(stderr, "A host is missing") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"parley/eventloop/cluster/natstest"
	"parley/protocol"
	"parley/users/store"
)

// asParley is set in processes in which this test binary plays parley itself.
const asParley = "PARLEY_TEST_AS_PARLEY"

// plays is what this test binary plays in processes in which a variable of the environment is set.
var plays = map[string]func(){asParley: main}

func TestMain(m *testing.M) {
	natstest.Main()
	for name, play := range plays {
		if os.Getenv(name) != "" {
			play()
		}
	}
	os.Exit(m.Run())
}

// deadline is for what must happen; a test that meets it has failed.
const deadline = 10 * time.Second

// parley returns a command that runs parley in an empty environment.
func parley(t testing.TB, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	home := t.TempDir()
	cmd.Env = []string{asParley + "=1", "HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "config"), "XDG_STATE_HOME=" + filepath.Join(home, "state"),
		"GORACE=atexit_sleep_ms=0", // or each process that ends waits for a second under the race detector
		"XDG_CONFIG_DIRS=" + home, "PATH=" + os.Getenv("PATH"), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT")}
	return cmd
}

func TestBadUse(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.json")
	for _, tt := range []struct {
		name   string
		args   []string
		config string
		env    string
		says   string
	}{
		{name: "unknown command", args: []string{"frobnicate"}, says: "frobnicate"},
		{name: "a command that is mistyped", args: []string{"sevre"}, says: `unexpected argument sevre, did you mean "serve"? Try: parley --help`},
		{name: "a command that is mistyped, with an address", args: []string{"sevre", "--listen", "127.0.0.1:0"}, says: "unexpected argument sevre"},
		{name: "a command that is mistyped, and a target", args: []string{"chta", "alice@localhost"}, says: `unexpected argument chta, did you mean "chat"?`},
		{name: "a host alone", args: []string{"localhost"}, says: "unexpected argument localhost. To chat, type: parley NAME@HOST, such as parley alice@localhost"},
		{name: "a name alone", args: []string{"alice"}, says: "unexpected argument alice. To chat, type: parley NAME@HOST"},
		{name: "a word too much for a command", args: []string{"serve", "alice"}, says: "unexpected argument alice. Try: parley serve --help"},
		{name: "a flag that no command has", args: []string{"--frobnicate"}, says: "unknown flag --frobnicate. Try: parley --help"},
		{name: "a flag that a command has not", args: []string{"chat", "alice@localhost", "--frobnicate"}, says: "unknown flag --frobnicate. Try: parley chat --help"},
		{name: "a setting that is wrong", args: []string{"serve", "--loops", "0"}, says: "--loops is 0; it can be 1 to 256. Try: parley serve --help"},
		{name: "a word too few for a command of a command", args: []string{"user", "add"}, says: "Try: parley user add --help"},
		{name: "a command of a command that is mistyped", args: []string{"user", "ad"}, says: "Try: parley user --help"},
		{name: "a target and a flag of another command", args: []string{"alice@localhost", "--loops=2"}, says: "unknown flag --loops"},
		{name: "a target that is none", args: []string{"alice@"}, says: "A host is missing behind alice@"},
		{name: "unknown flag", args: []string{"serve", "--frobnicate"}, says: "--frobnicate"},
		{name: "no such loops", args: []string{"serve", "--loops", "0"}, says: "--loops is 0; it can be 1 to 256"},
		{name: "not a number", args: []string{"serve", "--loops", "two"}, says: "two"},
		{name: "not a duration", args: []string{"serve", "--pace", "50"}, says: "--pace"},
		{name: "negative", args: []string{"serve", "--pace=-1s"}, says: "cannot be negative"},
		{name: "no such sync", args: []string{"serve", "--sync", "sometimes"}, says: `--sync must be one of "always","none"`},
		{name: "nobody may be behind", args: []string{"serve", "--max-resume", "0"}, says: "--max-resume must be 1 or more"},
		{name: "no sessions", args: []string{"serve", "--sessions", "0"}, says: "--sessions is 0; it can be 1 or more"},
		{name: "tokens for no time", args: []string{"serve", "--token-lifetime", "0s"}, says: "--token-lifetime more than 0s"},
		{name: "a reserved name that is none", args: []string{"serve", "--reserved", "boss,the_boss"}, says: "--reserved is boss,the_boss; names have letters and digits only"},
		{name: "an operator anywhere", args: []string{"serve", "--admin", "0.0.0.0:9090"}, says: "--admin 0.0.0.0:9090 may be reached from other machines"},
		{name: "an operator at no address", args: []string{"serve", "--admin", "9090"}, says: `--admin "9090" is no address: it is HOST:PORT, such as 127.0.0.1:9090, or unix:PATH`},
		{name: "an operator anywhere and nowhere", args: []string{"serve", "--admin-anywhere"}, says: "--admin-anywhere needs an address"},
		{name: "no such form", args: []string{"serve", "--plain-history", "poem"}, says: "strings"},
		{name: "no such level", args: []string{"serve", "--log-level", "loud"}, says: "loud"},
		{name: "environment", args: []string{"serve"}, env: "PARLEY_LOOPS=300", says: "--loops is 300"},
		{name: "config file", args: []string{"serve", "--config", config}, config: `{"serve":{"loops":301}}`, says: "--loops is 301"},
		{name: "environment is stronger than the config file", args: []string{"serve", "--config", config}, config: `{"serve":{"loops":301}}`, env: "PARLEY_LOOPS=300", says: "--loops is 300"},
		{name: "a flag is stronger than both", args: []string{"serve", "--loops=302", "--config", config}, config: `{"serve":{"loops":301}}`, env: "PARLEY_LOOPS=300", says: "--loops is 302"},
		{name: "config file for all that have the flag", args: []string{"serve", "--config", config}, config: `{"loops":303}`, says: "--loops is 303"},
		{name: "config file that is no JSON", args: []string{"serve", "--config", config}, config: `loops: 2`, says: "not a JSON object"},
		{name: "config file with a typing error", args: []string{"serve", "--config", config}, config: `{"serve":{"lops":2}}`, says: `unknown setting "lops"`},
		{name: "config file with an unknown section", args: []string{"serve", "--config", config}, config: `{"server":{}}`, says: `unknown setting "server"`},
		{name: "no config file", args: []string{"serve", "--config", config + ".none"}, says: "config.json.none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(config, []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := parley(t, tt.args...)
			cmd.Env = append(cmd.Env, tt.env)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			_ = cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != exitUsage {
				t.Errorf("exit status %d, want %d", got, exitUsage)
			}
			if !strings.Contains(stderr.String(), tt.says) || !strings.HasPrefix(stderr.String(), "parley: ") {
				t.Errorf("it says %q, which lacks %q", stderr.String(), tt.says)
			}
		})
	}
}

// A target alone chats. Nobody serves on these addresses, so that is what is said.
func TestTargetAloneChats(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	socket := "unix:" + filepath.Join(t.TempDir(), "serve")
	for _, args := range [][]string{
		{"chat", "alice@" + closed}, {"alice@" + closed}, {"alice@" + socket}, {"--json", "alice@" + closed}, {"alice@" + closed, "--plain"},
		{"--log-level", "debug", "alice@" + closed}, {"--history-file", "off", "--plain", "alice@" + closed},
	} {
		out, _ := parley(t, args...).CombinedOutput()
		if !strings.Contains(string(out), "No connection to ") {
			t.Errorf("parley %s: %s", strings.Join(args, " "), out)
		}
	}
	for _, where := range []string{closed, socket} {
		out, _ := parley(t, where).CombinedOutput()
		if !strings.Contains(string(out), "a name is needed unless a person types") {
			t.Errorf("parley %s: %s", where, out)
		}
	}
}

func TestVersionAndHelp(t *testing.T) {
	for args, want := range map[string]string{"--version": "parley ", "--help": "serve", "": "serve", "help": "serve", "help chat": "--screen-reader"} {
		out, err := parley(t, strings.Fields(args)...).Output()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("parley %s: %v, %q", args, err, out)
		}
	}
}

func TestServeOnAnAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := parley(t, "serve", "--listen", l.Addr().String())
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitRefused || !strings.Contains(string(out), "cannot listen on "+l.Addr().String()) {
		t.Errorf("exit status %d: %s", cmd.ProcessState.ExitCode(), out)
	}
}

// serving is a server process.
type serving struct {
	*exec.Cmd
	addrs []string
	log   *logged
}

// logged is what a process has logged up to now.
type logged struct {
	mu   sync.Mutex // is held for a few instructions
	text bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// serve starts parley serve and waits until it listens on as many addresses as
// are asked for.
func serve(t *testing.T, addrs ...string) serving {
	t.Helper()
	return serveIn(t, store.Memory, nil, addrs...)
}

// serveIn does so with a data folder and other flags.
func serveIn(t *testing.T, data string, flags []string, addrs ...string) serving {
	t.Helper()
	args := append([]string{"serve", "--data", data}, flags...)
	for _, a := range addrs {
		args = append(args, "--listen", a)
	}
	s := serving{Cmd: parley(t, args...), log: new(logged)}
	s.Stderr = s.log
	stdout, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill(); _ = s.Wait() })
	lines := bufio.NewScanner(stdout)
	for range addrs {
		lines.Scan()
		addr, ok := strings.CutPrefix(lines.Text(), "Parley is listening on ")
		if !ok {
			t.Fatalf("it says %q; %s", lines.Text(), s.log)
		}
		s.addrs = append(s.addrs, addr)
	}
	return s
}

// SIGTERM and SIGINT end the server: it tells everybody and exits with 0.
func TestServeUntilASignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there are no such signals")
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			socket := "unix:" + filepath.Join(t.TempDir(), "s")
			s := serve(t, "127.0.0.1:0", socket)
			if strings.HasSuffix(s.addrs[0], ":0") || s.addrs[1] != socket {
				t.Errorf("it listens on %v", s.addrs)
			}
			var conns []net.Conn
			for i, addr := range [][2]string{{"tcp", s.addrs[0]}, {"unix", strings.TrimPrefix(socket, "unix:")}} {
				c, err := net.Dial(addr[0], addr[1])
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(deadline))
				name := string(rune('a' + i))
				if _, err := c.Write(protocol.AppendRequest(nil, protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true})); err != nil {
					t.Fatal(err)
				}
				if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "Login successful") {
					t.Fatalf("%q, %v", line, err)
				}
				conns = append(conns, c)
			}
			began := time.Now()
			if err := s.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			for _, c := range conns {
				rest, err := io.ReadAll(c)
				if err != nil || !strings.Contains(string(rest), "shutting down") {
					t.Errorf("the last words are %q, %v", rest, err)
				}
				c.Close()
			}
			if err := s.Wait(); err != nil {
				t.Errorf("%v: %s", err, s.log)
			}
			t.Logf("ended after %s", time.Since(began))
			for line := range strings.Lines(s.log.String()) {
				if !json.Valid([]byte(line)) {
					t.Errorf("a log to a file that is not JSON: %s", line)
				}
			}
			if _, err := os.Stat(strings.TrimPrefix(socket, "unix:")); err == nil {
				t.Error("the socket file is left behind")
			}
		})
	}
}

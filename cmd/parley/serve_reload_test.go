//go:build unix

package main

import (
	"bufio"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func mustWrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// SIGHUP has the config file read again: what can change does, for who comes and who is there;
// what cannot is told; and of a file that is wrong nothing is taken.
func TestReload(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config.json")
	mustWrite(t, config, `{"serve": {"reserved": ["boss"], "history": 10}}`)
	s := serveLogging(t, "--data", ":memory:", "--config", config)
	_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")
	reload := func(text, says string) string {
		t.Helper()
		mustWrite(t, config, text)
		s.signal(syscall.SIGHUP)
		return s.until(says)
	}
	get := func(name string) string {
		t.Helper()
		return string(logIn(t, addr, name, "").Code)
	}
	if get("boss") == "" || get("chief") != "" {
		t.Fatal("it begins with other names")
	}
	line := reload(`{"serve": {"reserved": ["chief"], "history": 10, "loops": 2}}`, "were read again")
	if !strings.Contains(line, `"changed":["reserved"],"need a restart":["loops"]`) {
		t.Error(line)
	}
	if get("boss") != "" || get("chief") == "" {
		t.Error("the names are the old ones")
	}
	line = reload("{\"serve\": {\"reserved\": [\"boss\"],\n \"histry\": 11}}", "stay as they are")
	if !strings.Contains(line, `config.json:2:2: unknown setting \"histry\" for serve; do you mean \"history\"?`) || !strings.Contains(line, `"level":"ERROR"`) {
		t.Error(line)
	}
	line = reload("{\"serve\": {\"reserved\": [\"boss\"],\n \"rate\": -1}}", "stay as they are")
	if !strings.Contains(line, `config.json:2:10: \"rate\" for serve: --rate is -1`) {
		t.Error(line)
	}
	if get("boss") != "" || get("chief") == "" {
		t.Error("something of a file that is wrong is taken")
	}
	line = reload(`{"log-level": "warn", "serve": {"address-guests": 1}}`, "were read again")
	if !strings.Contains(line, `"changed":["log-level","history","reserved","address-guests"],"need a restart":[]`) {
		t.Error(line)
	}
	get("quiet")
	line = reload(`{"serve": {}}`, `"signal":"hangup"`)
	if !strings.Contains(line, "log-level") { // nor is anything in the log before it that is no warning
		t.Error(line)
	}
}

// A log file is made for its owner only, has what is logged, and is another one after it was
// moved and the server was told; what was logged before stays where it was.
func TestLogFile(t *testing.T) {
	dir := t.TempDir()
	log, old := filepath.Join(dir, "parley.log"), filepath.Join(dir, "parley.log.1")
	s := serveLogging(t, "--data", ":memory:", "--log-file", log)
	_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")
	logIn(t, addr, "alice", "")
	has := func(path string, words ...string) {
		t.Helper()
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			if !strings.Contains(string(content), w) {
				t.Errorf("%s lacks %s: %s", path, w, content)
			}
		}
	}
	if err := os.Rename(log, old); err != nil {
		t.Fatal(err)
	}
	s.signal(syscall.SIGHUP)
	waitFor(t, log)
	logIn(t, addr, "bob", "")
	s.signal(syscall.SIGTERM)
	if err := s.end(); err != nil {
		t.Error(err)
	}
	for line := range s.lines {
		if strings.Contains(line, `"level"`) {
			t.Errorf("standard error has %s", line)
		}
	}
	has(old, `"msg":"listening","address":"`+addr+`"`, `"msg":"login"`, `"user":"alice"`)
	has(log, `"user":"bob"`, `"msg":"stopping"`, `"msg":"stopped"`)
	if info, err := os.Stat(log); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if status, says := does(t, "serve", "--data", ":memory:", "--log-file", filepath.Join(dir, "nowhere", "log")); status != exitRefused || !strings.Contains(says, "--log-file: ") {
		t.Errorf("exit status %d, %q", status, says)
	}
}

// waitFor waits until a file has something in it.
func waitFor(t *testing.T, path string) {
	t.Helper()
	for end := time.Now().Add(deadline); ; {
		if info, err := os.Stat(path); err == nil && info.Size() > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("there is no %s", path)
		}
	}
}

// Who does not read the log holds nobody up: what does not fit is lost, and told.
func TestLogThatNobodyReads(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{stderr: write, logLevel: new(slog.LevelVar)}
	end, err := new(logFlags).begin(p)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("x", 1000)
	const lines = 3000
	for range lines {
		p.log.Info(text)
	}
	come, told := make(chan int), make(chan bool)
	go func() {
		n, lost := 0, false
		for in := bufio.NewScanner(read); in.Scan(); n++ {
			if strings.Contains(in.Text(), "lines of the log were lost") {
				lost = true
			}
		}
		come <- n
		told <- lost
	}()
	end(nil)
	write.Close()
	n := <-come
	if n >= lines || n < 500 {
		t.Errorf("%d of %d lines have come", n, lines)
	}
	if !<-told {
		t.Error("it is not told that lines were lost")
	}
}

// --check-config names each setting that is wrong, with its place, and starts nothing.
func TestCheckConfig(t *testing.T) {
	dir := t.TempDir()
	config := filepath.Join(dir, "config.json")
	for name, tt := range map[string]struct {
		config string
		args   []string
		status int
		says   []string
	}{
		"all is well": {`{"serve": {"loops": 2}}`, nil, exitDone, []string{"The settings can be used. They are from the command line, the environment and " + config}},
		"several faults": {"{\n\"serve\": {\n\"lops\": 2,\n\"pace\": 50,\n\"rate\": -1,\n\"sessions\": 0,\n\"history\": 5}}", nil, exitRefused,
			[]string{":3:1: unknown setting \"lops\"", ":4:9: \"pace\" for serve is 50", ":5:9: \"rate\" for serve: --rate is -1", ":6:13: \"sessions\" for serve: --sessions is 0"}},
		"no JSON":           {"{\n\"serve\": {", nil, exitRefused, []string{":2:11: it is not a JSON object"}},
		"a flag":            {"{}", []string{"--loops", "0"}, exitRefused, []string{"--loops is 0"}},
		"a certificate":     {"{}", []string{"--tls-listen", "127.0.0.1:0", "--tls-cert", dir + "/none", "--tls-key", dir + "/none"}, exitRefused, []string{"none"}},
		"no number":         {"{\n\"serve\": {\"rate\": \"NaN\",\n\"burst\": \"Inf\", \"hook-rate\": \"-infinity\"}}", nil, exitRefused, []string{`:2:19: "rate" for serve is "NaN"; it can be a number`, `"burst" for serve is "Inf"`, `"hook-rate" for serve is "-infinity"`}},
		"an address":        {"{\n\"serve\": {\n\"listen\": [\"garbage\"]}}", nil, exitRefused, []string{`:3:11: "listen" for serve: --listen garbage: an address is HOST:PORT or unix:PATH`}},
		"a fault in chat's": {"{\"chat\": {\"bel\": 1}}", nil, exitRefused, []string{`:1:11: unknown setting "bel"`}},
	} {
		mustWrite(t, config, tt.config)
		status, says := does(t, append([]string{"serve", "--data", filepath.Join(dir, "data"), "--check-config", "--config", config}, tt.args...)...)
		if status != tt.status || status != exitDone && strings.Count(says, "\n") != len(tt.says) {
			t.Errorf("%s: exit status %d: %s", name, status, says)
		}
		for _, want := range tt.says {
			if !strings.Contains(says, want) {
				t.Errorf("%s: it says %q, which lacks %q", name, says, want)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
		t.Error("it has made the data folder")
	}
}

// --check-config does not say that settings can be used with which no server starts.
func TestCheckConfigOfWhatCannotStart(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	mustWrite(t, file, "")
	for args, says := range map[string]string{
		"--listen garbage":                                     "--listen garbage: an address is HOST:PORT or unix:PATH",
		"--listen 127.0.0.1:99999":                             "--listen 127.0.0.1:99999: ",
		"--listen unix:":                                       "the path is missing",
		"--listen systemd:":                                    "the name is missing",
		"--listen 127.0.0.1:0,127.0.0.1:abc":                   "--listen 127.0.0.1:abc: there is no such port",
		"--listen unix:/" + strings.Repeat("x", 200):           "the path has 201 bytes",
		"--tls-self --tls-listen 127.0.0.1:abc":                "--tls-listen 127.0.0.1:abc: there is no such port",
		"--tls-self --tls-listen unix:" + dir + "/s":           "does not leave the machine",
		"--proxy-listen abc":                                   "--proxy-listen abc: ",
		"--tls-self --proxy-tls-listen 127.0.0.1:-1":           "--proxy-tls-listen 127.0.0.1:-1: ",
		"--hooks 127.0.0.1:abc":                                "--hooks 127.0.0.1:abc: there is no such port",
		"--hooks abc --hooks-anywhere":                         "no address",
		"--hooks unix:@hooks":                                  "every user of this machine may connect",
		"--admin 127.0.0.1:abc":                                "--admin 127.0.0.1:abc: there is no such port",
		"--admin unix:":                                        "the path is missing",
		"--admin unix:@admin":                                  "every user of this machine may connect",
		"--tls-listen :1 --acme chat.example --acme-http :abc": "--acme-http :abc: it is HOST:PORT, or none: there is no such port",
		"--log-file " + dir + "/nowhere/x.log":                 "--log-file: stat " + dir + "/nowhere: no such file",
		"--log-file " + file + "/x.log":                        "not a directory",
		"--log-file " + dir:                                    "is a folder",
		"--history=-1":                                         "--history is -1; it cannot be negative",
		"--address-window=-1s":                                 "--address-window is -1s; it cannot be negative",
		"--rate NaN --burst NaN":                               `"NaN" is no number`,
		"--burst +Inf":                                         `"+Inf" is no number`,
		"--hook-rate nan":                                      `"nan" is no number`,
	} {
		status, got := does(t, append([]string{"serve", "--data", filepath.Join(dir, "data"), "--check-config"}, strings.Fields(args)...)...)
		if status != exitRefused || !strings.Contains(got, says) {
			t.Errorf("%s: exit status %d: %s, which lacks %q", args, status, got, says)
		}
	}
	for _, args := range []string{"--listen 127.0.0.1:http,[::1]:0,:9998,unix:s,unix:@s,systemd:chat", "--log-file " + file, "--log-file " + dir + "/new", "--log-file /dev/stderr", "--admin localhost:0 --hooks unix:h"} {
		if status, got := does(t, append([]string{"serve", "--data", filepath.Join(dir, "data"), "--check-config"}, strings.Fields(args)...)...); status != exitDone {
			t.Errorf("%s: exit status %d: %s", args, status, got)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
		t.Error("it has made the log")
	}
}

// A config file that was read without being asked for and is not there at a reload is not taken
// for the wish to have the defaults: a server that is closed stays closed.
func TestReloadOfAMissingConfigFile(t *testing.T) {
	cmd := parley(t, "serve", "--listen", "127.0.0.1:0", "--data", ":memory:")
	home := t.TempDir()
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+home, "XDG_CONFIG_DIRS="+t.TempDir())
	config := filepath.Join(home, defaultConfig)
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	const closed = `{"serve": {"accounts": "required"}}`
	mustWrite(t, config, closed)
	s := startLogging(t, cmd)
	_, addr, _ := strings.Cut(s.until("listening on "), "listening on ")
	keeps := func(what, says string) {
		t.Helper()
		s.signal(syscall.SIGHUP)
		if line := s.until(`"signal":"hangup"`); !strings.Contains(line, says) {
			t.Errorf("%s: %s", what, line)
		}
		if logIn(t, addr, "guest", "").Code == "" {
			t.Fatalf("%s: the server is open", what)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	keeps("as it was", `"changed":[]`)
	must(os.Remove(config))
	keeps("missing", "the config file that they are from is missing: ")
	must(os.Symlink(filepath.Join(home, "nowhere"), config))
	keeps("a link to nowhere", "no such file")
	must(os.Remove(config))
	mustWrite(t, config, closed)
	keeps("put back", `"changed":[]`)
	mustWrite(t, config, `{}`)
	s.signal(syscall.SIGHUP)
	s.until(`"changed":["accounts"]`)
}

// A link to a config file that is not there is told, and not passed over.
func TestConfigFileThatIsALinkToNowhere(t *testing.T) {
	home := t.TempDir()
	config := filepath.Join(home, defaultConfig)
	if err := os.MkdirAll(filepath.Dir(config), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(home, "nowhere"), config); err != nil {
		t.Fatal(err)
	}
	cmd := parley(t, "serve", "--check-config")
	cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+home)
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), config) {
		t.Errorf("%v: %s", err, out)
	}
}

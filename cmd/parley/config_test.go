package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"

	"parley/protocol"
)

// newParser is a parser of parley's command line.
func newParser(t testing.TB) *configs {
	t.Helper()
	c := new(configs)
	parser, err := kong.New(&commands{}, kong.Name("parley"), helpVars(), numberDefaults(), kong.Bind(c), kong.Configuration(c.load))
	if err != nil {
		t.Fatal(err)
	}
	c.parser = parser
	return c
}

// What is wrong in a config file is named with its place, whatever subcommand runs.
func TestConfigFileIsWrong(t *testing.T) {
	for name, tt := range map[string]struct{ config, says string }{
		"nothing":                  {"", `:1:1: it is not a JSON object: its end is missing`},
		"no object":                {" []", `:1:2: it is a list and not a JSON object, such as`},
		"a missing comma":          {"{\"data\": \"x\"\n \"serve\": {}}", `:2:2: it is not a JSON object: invalid character '"' after object value`},
		"a missing brace":          {"{\"serve\": {\n", `:2:1: it is not a JSON object: its end is missing`},
		"something behind it":      {"{}\n{}", `:2:1: it is not a JSON object: invalid character '{' after top-level value`},
		"a comment without an end": {"{/*", `:1:2: it is not a JSON object: `},
		"wide characters before":   {`{"data": "日本", "lops": 1}`, `:1:16: unknown setting "lops"; do you mean "loops"?`},
		"behind a byte order mark": {"\ufeff{\"lops\": 1}", `:1:2: unknown setting "lops"`},
		"lines of Windows":         {"{\r\n  \"serve\": {\r\n    \"lops\": 1}}", `:3:5: unknown setting "lops" for serve; do you mean "loops"?`},

		"a typing error in a section": {`{"serve":{"lops":2}}`, `:1:11: unknown setting "lops" for serve; do you mean "loops"?`},
		"nothing like it":             {`{"load":{"frobnicate":2}}`, `:1:10: unknown setting "frobnicate" for load; parley load --help lists them`},
		"an unknown section":          {`{"frobnicate":{}}`, `:1:2: unknown setting "frobnicate"; there are the sections serve, chat, web, user, hook, audit, load, cluster, doctor, backup, restore, check and completions`},
		"a section that is none":      {`{"chat": true}`, `:1:10: "chat" is true; it can be an object`},
		"a setting of another":        {`{"chat":{"loops":2}}`, `:1:10: unknown setting "loops" for chat`},
		"what is no setting":          {`{"serve":{"help":true}}`, `:1:11: unknown setting "help" for serve`},
		"the config file itself":      {`{"config":"x"}`, `:1:2: unknown setting "config"`},
		"twice":                       {"{\"serve\":{\"loops\":1,\n\"loops\":1}}", `:2:1: "loops" for serve is set twice`},
		"a section twice":             {`{"serve":{}, "serve":{}}`, `:1:14: "serve" is set twice`},

		"a word for a number":           {`{"serve":{"loops":"two"}}`, `:1:19: "loops" for serve is "two"; it can be a whole number`},
		"half of a loop":                {`{"serve":{"loops":1.5}}`, `:1:19: "loops" for serve is 1.5; it can be a whole number`},
		"a number too large":            {`{"serve":{"loops":1e400}}`, `"loops" for serve is 1e400; it can be a whole number`},
		"true for a number":             {`{"serve":{"rate":true}}`, `"rate" for serve is true; it can be a number`},
		"nothing for a number":          {`{"serve":{"rate":null}}`, `"rate" for serve is null; it can be a number`},
		"a duration without its unit":   {`{"serve":{"pace":50}}`, `"pace" for serve is 50; it can be a time with its unit, such as "90s" or "5m"`},
		"a list for a duration":         {`{"serve":{"pace":["50ms"]}}`, `"pace" for serve is a list; it can be a time with its unit`},
		"a number for a text":           {`{"serve":{"data":5}}`, `"data" for serve is 5; it can be a text in quotation marks`},
		"a number for a choice":         {`{"chat":{"bell":1}}`, `"bell" for chat is 1; it can be off, mentions or all`},
		"a word that is no choice":      {`{"chat":{"bell":"loud"}}`, `:1:17: "bell" for chat is "loud"; it can be off, mentions or all`},
		"a word that is no such form":   {`{"serve":{"plain-history":"poem"}}`, `is "poem"; it can be replay, replay-with-history, strings, objects or text`},
		"a number for yes":              {`{"chat":{"plain":1}}`, `"plain" for chat is 1; it can be true or false`},
		"a word for yes":                {`{"chat":{"plain":"perhaps"}}`, `"plain" for chat is "perhaps"; it can be true or false`},
		"a number in a list":            {"{\"serve\":{\"listen\":[\"a:1\",\n9998]}}", `:2:1: "listen" for serve is 9998; it can be a list of texts`},
		"an object for a list":          {`{"serve":{"listen":{}}}`, `"listen" for serve is an object; it can be a list of texts`},
		"a level of its own":            {`{"log-level":"loud"}`, `:1:14: "log-level" for parley is "loud": slog: level string "loud": unknown name. It is for: What to log to standard error: debug, info, warn or error.`},
		"one for all that fits not all": {`{"json":true}`, `:1:9: "json" for load is true; it can be a text in quotation marks`},
		"a long text":                   {`{"chat":{"bell":"` + strings.Repeat("x", 100) + `"}}`, `is "` + strings.Repeat("x", 39) + `...; it can be off`},
	} {
		t.Run(name, func(t *testing.T) {
			c := newParser(t)
			path := filepath.Join(t.TempDir(), "config.json")
			if err := os.WriteFile(path, []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := c.parser.LoadConfig(path)
			if err == nil || !strings.HasPrefix(err.Error(), path+":") || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("the error is %v, not %s", err, tt.says)
			}
		})
	}
}

// What is right has its effect, also as it would stand behind a flag.
func TestConfigFileIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.json")
	text := `// mine
{
	"data": "/srv/parley", "log-level": "warn", "loops": 7, // for all that have no other
	"chat": {"bell": "all"},
	"serve": {
		"loops": 2, "history": "50", "rate": 1e3, "burst": 2.5, "timeout": 0, "login-timeout": "1m30s",
		"listen": ["a:1", "b,c:2"], "reserved": "boss,chief", "plain-presence": false, "plain-history": "text", /* and so on */
	},
}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := newParser(t)
	if _, err := c.parser.Parse([]string{"serve", "--config", path}); err != nil {
		t.Fatal(err)
	}
	cli := c.parser.Model.Target.Interface().(commands)
	got := []any{cli.LogLevel, cli.Serve.Data, cli.Serve.Loops, cli.Serve.History, cli.Serve.Flooding.Rate, cli.Serve.Flooding.Burst, cli.Serve.Timeout, cli.Serve.LoginTimeout,
		cli.Serve.Listen, cli.Serve.Reserved, cli.Serve.PlainPresence, cli.Serve.PlainHistory, cli.Serve.Pace}
	want := []any{slog.LevelWarn, "/srv/parley", 2, 50, 1000.0, 2.5, time.Duration(0), 90 * time.Second,
		[]string{"a:1", "b,c:2"}, []string{"boss", "chief"}, false, protocol.HistoryText, 50 * time.Millisecond}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What depends on ranges and on other settings is found when the subcommand checks it.
func TestConfigFileIsToBlame(t *testing.T) {
	for _, tt := range []struct {
		name, config, args, env string
		says, place             string // place "": the file is not to blame
	}{
		{name: "out of range", config: "{\"serve\": {\n \"history\": 3,\n \"loops\": 301}}", args: "serve", says: "--loops is 301", place: ":3:11: \"loops\" for serve: "},
		{name: "for all", config: `{"loops": 301}`, args: "serve", says: "--loops is 301", place: ":1:11: \"loops\": "},
		{name: "a name in a list", config: `{"serve": {"reserved": ["the_boss"]}}`, args: "serve", says: "--reserved is the_boss", place: ":1:24: \"reserved\" for serve: "},
		{name: "two that do not go together", config: "{\"chat\": {\n\"relay-only\": true,\n\"no-relay\": true}}", args: "chat", says: "leave no way", place: ":2:15: \"relay-only\" for chat: "},
		{name: "with a flag", config: `{"chat": {"relay-only": true}}`, args: "chat --no-relay", says: "leave no way", place: ":1:25: \"relay-only\" for chat: "},
		{name: "each of two with a flag", config: "{\"chat\": {\"relay-only\": true,\n\"p2p-listen\": \"off\"}}", args: "chat --p2p-advertise 1.2.3.4", says: "nobody listens", place: ":1:25: \"relay-only\" for chat: "},
		{name: "two that are wrong", config: "{\"serve\": {\"reserved\": [\"the_boss\"],\n\"loops\": 301}}", args: "serve", says: "--loops is 301", place: ":2:10: \"loops\" for serve: "},
		{name: "a threshold", config: "{\"load\": {\n\"fail-if\": [\"p99\"]}}", args: "load localhost", says: "--fail-if", place: ":2:12: \"fail-if\" for load: "},
		{name: "a file that is not there", config: `{"load": {"scenario": "/nowhere"}}`, args: "load localhost", says: "/nowhere", place: ":1:23: \"scenario\" for load is "},
		{name: "of another command", config: `{"serve": {"loops": 301}}`, args: "chat --p2p-listen x", says: "--p2p-listen is"},
		{name: "a flag is", config: `{"serve": {"loops": 2}}`, args: "serve --loops 301", says: "--loops is 301"},
		{name: "a variable is", config: `{"serve": {"loops": 2}}`, env: "PARLEY_LOOPS=301", args: "serve", says: "--loops is 301"},
		{name: "a flag that is stronger is", config: `{"serve": {"loops": 301}}`, args: "serve --loops 302", says: "--loops is 302"},
		{name: "nobody", config: `{"serve": {"loops": 2}}`, args: "load", says: "expected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := filepath.Join(t.TempDir(), "config.json")
			if err := os.WriteFile(config, []byte(tt.config), 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := parley(t, append(strings.Fields(tt.args), "--config", config)...)
			cmd.Env = append(cmd.Env, tt.env)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			_ = cmd.Run()
			if got := cmd.ProcessState.ExitCode(); got != exitUsage || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("exit status %d: %s", got, &stderr)
			}
			blamed := strings.HasPrefix(stderr.String(), "parley: "+config)
			if blamed != (tt.place != "") || !strings.Contains(stderr.String(), tt.place) {
				t.Errorf("the place is not %q: %s", tt.place, &stderr)
			}
		})
	}
}

// The config file that is found without being named is held to the same, and does not
// stand in the way of help.
func TestConfigFileOfTheSystem(t *testing.T) {
	cmd := parley(t, "serve")
	var folder string
	for _, variable := range cmd.Env {
		if value, ok := strings.CutPrefix(variable, "XDG_CONFIG_HOME="); ok {
			folder = filepath.Join(value, "parley")
		}
	}
	config := filepath.Join(folder, "config.json")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(config, []byte("// mine\n{\"serve\": {\"lops\": 1,},}"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := cmd.CombinedOutput()
	want := "parley: " + config + ":2:12: unknown setting \"lops\" for serve; do you mean \"loops\"?\n"
	if cmd.ProcessState.ExitCode() != exitUsage || string(out) != want {
		t.Errorf("exit status %d: %s", cmd.ProcessState.ExitCode(), out)
	}
	for _, args := range []string{"--help", "--version", "serve --help"} {
		help := parley(t, strings.Fields(args)...)
		help.Env = cmd.Env
		if out, err := help.CombinedOutput(); err != nil || len(out) == 0 {
			t.Errorf("parley %s: %v: %s", args, err, out)
		}
	}
}

// Whatever a file holds, it is taken or there is an error with a place in it.
func FuzzConfig(f *testing.F) {
	for _, text := range []string{
		"", "{}", "// x\n{\"serve\": {\"loops\": 2, \"listen\": [\"a:1\",],},}", `{"chat":{"plain":true,"bell":"all"}}`,
		`{"serve":{"pace":"1s","rate":1e3}}`, "{\"load\":\r\n{\"html\":\"\\u0000\"}}", `{"log-level":"warn","data":null}`, "\ufeff[", `{"":{"":""}}`,
	} {
		f.Add([]byte(text))
	}
	app := newParser(f).parser.Model
	f.Fuzz(func(t *testing.T, text []byte) {
		_, err := parseConfig("x", bytes.Clone(text), app, nil)
		var wrong *configError
		if err == nil {
			return
		}
		if !errors.As(err, &wrong) {
			t.Fatalf("%T: %v", err, err)
		}
		lines := bytes.Split(text, []byte("\n"))
		if wrong.line < 1 || wrong.line > len(lines) || wrong.column < 1 || wrong.column > len(lines[wrong.line-1])+1 || wrong.words == "" {
			t.Errorf("%q: %v", text, err)
		}
	})
}

// runWith runs parley with a config file and returns what it says.
func runWith(t *testing.T, config string, args ...string) (out string, status int) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.json")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := parley(t, append(args, "--config", path)...)
	said, _ := cmd.CombinedOutput()
	return string(said), cmd.ProcessState.ExitCode()
}

// child is a subcommand of the model.
func child(c *configs, name string) *kong.Node {
	for _, n := range c.parser.Model.Children {
		if n.Name == name {
			return n
		}
	}
	return nil
}

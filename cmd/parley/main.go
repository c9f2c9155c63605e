// Command parley is a chat system in one binary: a server and a terminal client
// for the chat protocol of NTNU's course TTM4100.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"
)

// Exit statuses, the same for every subcommand.
const (
	exitDone         = 0
	exitRefused      = 1  // the server said no, or this program failed
	exitNoConnection = 2  // the server could not be reached
	exitUsage        = 64 // bad use; EX_USAGE of sysexits(3)
)

// commands are the subcommands and the flags that all of them have.
type commands struct {
	Serve serveCmd `cmd:"" help:"Run a chat server."`
	Chat  chatCmd  `cmd:"" help:"Chat with the people on a server."`
	User  userCmd  `cmd:"" help:"Manage the accounts of a server."`
	Load  loadCmd  `cmd:"" help:"Test how much a server bears, and that it loses nothing."`

	LogLevel slog.Level       `help:"What to log to standard error: debug, info, warn or error." default:"info" placeholder:"LEVEL"`
	Config   kong.ConfigFlag  `help:"A JSON file with settings, such as {\"serve\":{\"loops\":2}}. Flags and environment variables (PARLEY_...) are stronger." placeholder:"FILE"`
	Version  kong.VersionFlag `help:"Print the version and quit." env:"-"`
}

// process is what a subcommand may use of the process it runs in.
type process struct {
	stdin          *os.File
	stdout, stderr *os.File
	getenv         func(string) string
	logLevel       *slog.LevelVar
	log            *slog.Logger
}

// exitError is an error that ends the program with a status of its own.
type exitError struct {
	status int
	err    error
}

func (e exitError) Error() string { return e.err.Error() }
func (e exitError) Unwrap() error { return e.err }

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// run is the whole program but for the exit.
func run(args []string, stdin, stdout, stderr *os.File, getenv func(string) string) int {
	level := new(slog.LevelVar)
	p := &process{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv, logLevel: level, log: newLogger(stderr, level)}
	var cli commands
	var ended *int // kong wants to exit: after --help and --version
	options := []kong.Option{
		kong.Name("parley"),
		kong.Description("A chat server and terminal client for the chat protocol of NTNU's course TTM4100.\n\nStart with: parley serve, and in another terminal: parley alice@localhost"),
		kong.Vars{"version": version()},
		kong.UsageOnError(),
		kong.DefaultEnvars("PARLEY"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { ended = &status; panic(ended) }),
		kong.Bind(p),
	}
	var defaults []string
	if path, err := xdg.SearchConfigFile("parley/config.json"); err == nil {
		defaults = append(defaults, path)
	}
	options = append(options, kong.Configuration(settingsFile, defaults...))
	parser, err := kong.New(&cli, options...)
	if err != nil {
		fmt.Fprintln(stderr, "parley:", err)
		return exitRefused
	}
	return parseAndRun(parser, &cli, p, args, &ended)
}

func parseAndRun(parser *kong.Kong, cli *commands, p *process, args []string, ended **int) (status int) {
	defer func() {
		if *ended != nil {
			recover()
			status = **ended
		}
	}()
	if len(args) == 0 {
		args = []string{"--help"}
	}
	ctx, err := parser.Parse(withChat(args))
	if err != nil {
		fmt.Fprintf(p.stderr, "parley: %s Try: parley --help\n", sentence(err))
		return exitUsage
	}
	p.logLevel.Set(cli.LogLevel)
	err = ctx.Run(p)
	if err == nil || errors.Is(err, context.Canceled) {
		return exitDone
	}
	fmt.Fprintf(p.stderr, "parley: %v\n", err)
	var exit exitError
	if errors.As(err, &exit) {
		return exit.status
	}
	return exitRefused
}

// withChat returns the arguments with chat before them if in place of a command they
// have where to chat, such as alice@localhost. Only what has an @ or a colon is taken for
// that: a single word is rather a command that is mistyped.
func withChat(args []string) []string {
	for i, arg := range args {
		ofFlag := i > 0 && (args[i-1] == "--log-level" || args[i-1] == "--config")
		if strings.HasPrefix(arg, "-") || ofFlag {
			continue
		}
		if strings.ContainsAny(arg, "@:") {
			return append([]string{"chat"}, args...)
		}
		break
	}
	return args
}

// sentence returns an error as a sentence with its mark at the end.
func sentence(err error) string {
	s := err.Error()
	if strings.HasSuffix(s, "?") || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

// newLogger logs as text to a terminal and as JSON to anything else.
func newLogger(w *os.File, level slog.Leveler) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewJSONHandler(w, opts)
	if isatty.IsTerminal(w.Fd()) {
		h = slog.NewTextHandler(w, opts)
	}
	return slog.New(h)
}

// settingsFile reads a config file: an object with an object per subcommand,
// such as {"serve": {"loops": 2}}, beside which may stand settings for all of
// them that have such a flag, such as {"data": "/srv/parley"}. What it does not
// know is an error. A setting that an environment variable gives is left to that
// variable, which is stronger.
func settingsFile(r io.Reader) (kong.Resolver, error) {
	var f settings
	if err := json.NewDecoder(r).Decode(&f); err != nil {
		return nil, fmt.Errorf("the config file is not a JSON object: %w", err)
	}
	return f, nil
}

type settings map[string]any

// Validate implements kong.Resolver.
func (f settings) Validate(app *kong.Application) error {
	for key, value := range f {
		section, isSection := value.(map[string]any)
		i := slices.IndexFunc(app.Children, func(n *kong.Node) bool { return n.Name == key })
		if !isSection || i < 0 {
			if !hasFlag(app.Node, key) && !slices.ContainsFunc(app.Children, func(n *kong.Node) bool { return hasFlag(n, key) }) {
				return fmt.Errorf("the config file has an unknown setting %q", key)
			}
			continue
		}
		for key := range section {
			if !hasFlag(app.Children[i], key) {
				return fmt.Errorf("the config file has an unknown setting %q for %s", key, app.Children[i].Name)
			}
		}
	}
	return nil
}

func hasFlag(n *kong.Node, name string) bool {
	return slices.ContainsFunc(n.Flags, func(f *kong.Flag) bool { return f.Name == name })
}

// Resolve implements kong.Resolver.
func (f settings) Resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil
		}
	}
	if parent.Command != nil {
		section, _ := f[parent.Command.Name].(map[string]any)
		if value, ok := section[flag.Name]; ok {
			return value, nil
		}
	}
	return f[flag.Name], nil
}

// version is that of the module, and the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "parley (unknown version)"
	}
	s := "parley " + info.Main.Version
	for _, kv := range info.Settings {
		if kv.Key == "vcs.revision" {
			s += " " + kv.Value
		}
	}
	return s + " " + info.GoVersion
}

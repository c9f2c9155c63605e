// Command parley is a chat system in one binary: a server and a terminal client
// for the chat protocol of NTNU's course TTM4100.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/adrg/xdg"
	"github.com/alecthomas/kong"
	"github.com/mattn/go-isatty"

	"parley/protocol"
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
	Web   webCmd   `cmd:"" help:"Chat in a browser on this machine. The address of the page is printed, and is for you alone."`
	User  userCmd  `cmd:"" help:"Manage the accounts of a server."`
	Hook  hookCmd  `cmd:"" help:"Manage the hooks of a server, by which programs say things in rooms."`
	Audit auditCmd `cmd:"" help:"Show who has done what to keep order on a server."`
	Load  loadCmd  `cmd:"" help:"Test how much a server bears, and that it loses nothing."`

	Cluster clusterCmd `cmd:"" help:"See to several servers that are one: parley serve --cluster."`

	Doctor doctorCmd `cmd:"" help:"Look whether somebody's server or client speaks the course's protocol, and with which programs it will work."`

	Backup  backupCmd  `cmd:"" help:"Write all that a server keeps to one file, while it runs or not. The key of --tls-self is not among it."`
	Restore restoreCmd `cmd:"" help:"Put a backup into the data folder of a server that does not run."`
	Check   checkCmd   `cmd:"" help:"Look for faults in what a server keeps, while it runs or not, or in a backup."`

	Completions completionsCmd `cmd:"" help:"Print what has a shell complete command lines of parley."`

	HashPasswords hashCmd `cmd:"" hidden:"" help:"Hash passwords for a server, which starts this by itself."`

	LogLevel slog.Level       `help:"What to log to standard error: debug, info, warn or error." default:"info" placeholder:"LEVEL"`
	Config   kong.ConfigFlag  `help:"A JSON file with settings, such as {\"serve\":{\"loops\":2}}; it may have comments. Flags and environment variables (PARLEY_...) are stronger. Without it: ${config}, if that is there." predictor:"file" placeholder:"FILE"`
	Version  kong.VersionFlag `help:"Print the version and quit." env:"-"`
}

// process is what a subcommand may use of the process it runs in.
type process struct {
	stdin          *os.File
	stdout, stderr *os.File
	getenv         func(string) string
	logLevel       *slog.LevelVar
	log            *slog.Logger
	logTo          *logWriter // of parley serve; nil: standard error itself
	args           []string   // the command with its flags
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
	config, err := newConfigs(p, &cli, func(status int) { ended = &status; panic(ended) })
	if err != nil {
		fmt.Fprintln(stderr, "parley:", err)
		return exitRefused
	}
	return parseAndRun(config, &cli, p, args, &ended)
}

// newConfigs returns a parser of the command line into cli, with what reads config files.
func newConfigs(p *process, cli *commands, exit func(status int)) (*configs, error) {
	config := new(configs)
	parser, err := kong.New(cli,
		kong.Name("parley"),
		kong.Description("A chat server and terminal client for the chat protocol of NTNU's course TTM4100.\n\nStart with: parley serve, and in another terminal: parley alice@localhost"),
		helpVars(),
		numberDefaults(),
		kong.UsageOnError(),
		kong.DefaultEnvars("PARLEY"),
		kong.Writers(p.stdout, p.stderr),
		kong.Exit(exit),
		kong.KindMapper(reflect.Float64, kong.MapperFunc(decodeFloat)),
		kong.Bind(p),
		kong.Bind(config),
		kong.Configuration(config.load),
	)
	config.parser = parser
	return config, err
}

// decodeFloat reads the number of a flag. NaN and the infinities, with which no comparison of a
// limit holds, are none.
func decodeFloat(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("number", &text); err != nil {
		return err
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return fmt.Errorf("%q is no number", text)
	}
	target.SetFloat(n)
	return nil
}

// helpVars are what the help of flags takes from where the program runs.
func helpVars() kong.Vars {
	return kong.Vars{
		"version": version(),
		"config":  filepath.Join(xdg.ConfigHome, defaultConfig),
		"history": filepath.Join(xdg.StateHome, defaultHistory),

		"least_text": strconv.Itoa(leastText), "max_text": strconv.Itoa(protocol.MaxText),
		"least_frame": strconv.Itoa(protocol.LeastFrame(leastText)), "max_frame": strconv.Itoa(protocol.MaxFrame),
	}
}

func parseAndRun(config *configs, cli *commands, p *process, args []string, ended **int) (status int) {
	defer func() {
		if *ended != nil {
			recover()
			status = **ended
		}
	}()
	completeLine(config.parser)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	if args[0] == "help" {
		args = append(args[1:], "--help")
	}
	p.args = withChat(args)
	if p.args[0] == "serve" && slices.Contains(p.args, "--check-config") {
		return checkConfig(p)
	}
	ctx, err := config.parser.Parse(p.args)
	if err != nil {
		var wrong *configError
		if err = config.blame(err); errors.As(err, &wrong) {
			fmt.Fprintf(p.stderr, "parley: %v\n", wrong)
			return exitUsage
		}
		fmt.Fprintf(p.stderr, "parley: %s %s\n", sentence(err), advice(err, args))
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
		flag := "" // whose value arg may be
		if i > 0 && strings.HasPrefix(args[i-1], "--") && !strings.Contains(args[i-1], "=") {
			flag = args[i-1]
		}
		switch {
		case strings.HasPrefix(arg, "-") || flag == "--log-level" || flag == "--config":
		case strings.ContainsAny(arg, "@:"):
			return append([]string{"chat"}, args...)
		case flag == "":
			return args
		}
	}
	return args
}

// advice says what to type in place of arguments that are wrong. A first word that is
// like no command may be where to chat, or a name.
func advice(err error, args []string) string {
	if !strings.HasPrefix(args[0], "-") && err.Error() == "unexpected argument "+args[0] {
		return "To chat, type: parley NAME@HOST, such as parley alice@localhost. For more, try: parley --help"
	}
	return "Try: " + commandOf(err) + " --help"
}

// commandOf returns the command whose arguments are wrong: parley, if it is not known.
func commandOf(err error) string {
	command := "parley"
	var failed *kong.ParseError
	if errors.As(err, &failed) && failed.Context != nil {
		for _, path := range failed.Context.Path {
			if path.Command != nil {
				command = path.Command.FullPath()
			}
		}
	}
	return command
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
func newLogger(w *os.File, level slog.Leveler) *slog.Logger { return newLoggerTo(w, w, level) }

// newLoggerTo does so for what goes to a file through w.
func newLoggerTo(w io.Writer, file *os.File, level slog.Leveler) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level, ReplaceAttr: withUnit}
	var h slog.Handler = slog.NewJSONHandler(w, opts)
	if isatty.IsTerminal(file.Fd()) {
		h = slog.NewTextHandler(w, opts)
	}
	return slog.New(h)
}

// withUnit writes a length of time with its unit, as text does: JSON would have a bare number.
func withUnit(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
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

package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/alecthomas/kong"

	"parley/eventloop/cert"
	"parley/eventloop/server"
)

// reloadable are the settings of parley serve that can change while it runs, by the names of
// their flags, and which field of server.Config takes them; "": something else does, see
// reloader.apply. Another one goes into this table and, if the server has it, into that of
// server.Reconfigure.
var reloadable = map[string]string{
	"log-level":             "",
	"plain-history":         "PlainHistory",
	"history":               "History",
	"keep-days":             "KeepDays",
	"keep-messages":         "KeepMessages",
	"max-resume":            "MaxResume",
	"token-lifetime":        "GuestGrace",
	"edit-for":              "EditFor",
	"sessions":              "Sessions",
	"max-text":              "MaxText",
	"max-frame":             "MaxFrame",
	"flood":                 "Flood",
	"rate":                  "Flood",
	"burst":                 "Flood",
	"flood-wait":            "Flood",
	"flood-refusals":        "Flood",
	"malformed":             "Malformed",
	"max-deferred":          "Deferred",
	"accounts":              "AccountsRequired",
	"registration":          "RegistrationClosed",
	"reserved":              "Reserved",
	"attempts":              "Logins",
	"block-duration":        "Logins",
	"max-block":             "Logins",
	"block-quiet":           "Logins",
	"address-attempts":      "Logins",
	"address-window":        "Logins",
	"address-block":         "Logins",
	"lockout":               "Logins",
	"name-attempts":         "Logins",
	"name-reserve":          "Logins",
	"name-memory":           "Logins",
	"known-days":            "Logins",
	"confusable":            "Lookalikes",
	"address-connections":   "Addresses.Connections",
	"address-new":           "Addresses.New",
	"address-guests":        "Addresses.Guests",
	"address-registrations": "Addresses.Registrations",
	"plain-presence":        "PlainPresence",
	"presence-limit":        "PresenceLimit",
	"plain-passwords":       "PasswordsNeedTLS",
}

// A reloader does what SIGHUP asks for. One goroutine uses it.
type reloader struct {
	p       *process
	files   *cert.Files // nil: there are none
	running *commands   // the settings that hold,
	flags   []*kong.Flag
	from    []*configFile                 // they are from
	srv     atomic.Pointer[server.Server] // nil: not yet
}

// newReloader returns one for the settings with which this process was started.
func newReloader(p *process, files *cert.Files) (*reloader, error) {
	r := &reloader{p: p, files: files, running: new(commands)}
	config, err := parseAgain(p, r.running)
	if err != nil {
		return nil, err
	}
	r.flags, r.from = serveFlags(config.parser), config.files
	return r, nil
}

// reload reads the settings again, and has those changed that can be. The log goes on in a
// new file, and the certificate is read again, also if the settings are wrong.
func (r *reloader) reload(s os.Signal) {
	if err := r.p.logTo.Reopen(); err != nil {
		r.p.log.Error("the log goes on in the old file", "error", err)
	}
	if r.files != nil {
		r.files.Reload()
	}
	changed, restart, err := r.settings()
	if err != nil {
		r.p.log.Error("the settings cannot be used, and stay as they are", "signal", s.String(), "error", err.Error())
		return
	}
	level := r.running.LogLevel
	r.p.logLevel.Set(min(level, slog.LevelInfo, r.p.logLevel.Level())) // this is said in any case
	r.p.log.Info("the settings were read again", "signal", s.String(), "changed", changed, "need a restart", restart)
	r.p.logLevel.Set(level)
}

// settings reads all settings from where they came from, and returns which have changed and
// which would with a restart.
func (r *reloader) settings() (changed, restart []string, err error) {
	srv := r.srv.Load()
	if srv == nil {
		return nil, nil, errors.New("the server is only starting: send the signal again")
	}
	config, err := parseAgain(r.p, new(commands))
	if err != nil {
		return nil, nil, err
	}
	if err := areThere(r.from, config.files); err != nil {
		return nil, nil, err
	}
	r.from = config.files
	changed, restart = []string{}, []string{}
	for i, to := range serveFlags(config.parser) {
		_, can := reloadable[to.Name]
		switch was := r.flags[i].Target; {
		case !isSetting(to) || reflect.DeepEqual(was.Interface(), to.Target.Interface()):
		case can:
			was.Set(to.Target)
			changed = append(changed, to.Name)
		default:
			restart = append(restart, to.Name)
		}
	}
	srv.Reconfigure(r.running.Serve.config(r.p))
	return changed, restart, nil
}

// areThere returns an error if a config file that was read before neither was read now nor is
// there: then it is rather broken than not wanted any more, and its settings are no defaults.
func areThere(before, now []*configFile) error {
	for _, f := range before {
		if slices.ContainsFunc(now, func(n *configFile) bool { return n.path == f.path }) {
			continue
		}
		if _, err := os.Stat(f.path); err != nil { // else a stronger one is read in its place
			return fmt.Errorf("the config file that they are from is missing: %w; put it back, or start the server again to go on without it", err)
		}
	}
	return nil
}

// parseAgain reads the settings of this process from where they came from.
func parseAgain(p *process, into *commands) (*configs, error) {
	config, err := newConfigs(p, into, func(int) {})
	if err != nil {
		return nil, err
	}
	_, err = config.parser.Parse(p.args)
	return config, config.blame(err)
}

// serveFlags are the flags of parley serve, with those that all commands have.
func serveFlags(parser *kong.Kong) []*kong.Flag {
	i := slices.IndexFunc(parser.Model.Children, func(n *kong.Node) bool { return n.Name == "serve" })
	return append(slices.Clone(parser.Model.Flags), parser.Model.Children[i].Flags...)
}

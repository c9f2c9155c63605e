package server

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
)

// The log has one line for each thing that an operator would look for: who logs in and out,
// who does not get in and why, who is blocked, whom the server drops. Those of one connection
// have the same number ("conn"), and where it comes from ("remote"), as HOST:PORT. What
// people say, passwords and tokens are in no line, nor is what somebody has typed in place of
// a name unless it can be one. cmd/parley/fail2ban has the filter that reads these lines.

// journal writes a line about a session.
func (c *Core) journal(level slog.Level, s *session, what string, more ...slog.Attr) {
	if !c.cfg.Log.Enabled(context.Background(), level) { // most of the cost
		return
	}
	attrs := append(make([]slog.Attr, 0, 8), slog.Uint64("conn", uint64(s.id)), slog.String("remote", remoteName(netip.AddrPortFrom(s.addr, s.port))))
	c.cfg.Log.LogAttrs(context.Background(), level, what, append(attrs, more...)...)
}

// journalLogin says that somebody has logged in.
func (c *Core) journalLogin(s *session) {
	kind := protocol.StateGuest
	if s.account {
		kind = protocol.StateAccount
	}
	c.journal(slog.LevelInfo, s, "login", slog.String("user", s.name), slog.String("as", kind), slog.Bool("extended", s.extended))
}

// journalLogout says that somebody has left, and how. Where it was the server that ended the
// connection, the line before says why.
func (c *Core) journalLogout(s *session, how users.Change) {
	if s.name != "" && !c.drain.stopping { // then all do
		c.journal(slog.LevelInfo, s, "logout", slog.String("user", s.name), slog.String("how", how.String()))
	}
}

// maxRefusals is how many refused logins of one connection are in the log, beside wrong passwords,
// which are limited by what they cost: else who sends nothing but logins would fill the disk.
const maxRefusals = 10

// journalRefused says that somebody did not get in. What may be guessing is a warning.
func (c *Core) journalRefused(s *session, name string, why protocol.Code) {
	level := slog.LevelInfo
	if why != protocol.WrongCredentials {
		if s.refusals == maxRefusals {
			return
		}
		s.refusals++
	}
	if why == protocol.WrongCredentials || why == protocol.BlockedLogin {
		level = slog.LevelWarn
	}
	c.journal(level, s, "login refused", slog.String("reason", string(why)), slog.String("name", nameOrNothing(name)))
}

// journalUnseen tells the owner, once, that passwords are refused because of what a proxy does not
// say, and what to set.
func (c *Core) journalUnseen(s *session) {
	if c.unseen {
		return
	}
	c.unseen = true
	c.journal(slog.LevelWarn, s, "passwords are refused: the proxy before the server does not say whether its clients use TLS. Have it send PROXY version 2 with what it knows of TLS (send-proxy-v2-ssl of HAProxy), or pass TLS on to --proxy-tls-listen; or set --plain-passwords if nobody comes without TLS. This is told once")
}

// refusedLogin counts a login that was refused, and writes it down.
func (c *Core) refusedLogin(s *session, r protocol.Request, why protocol.Code) {
	c.counts.loginRefused(why)
	name := ""
	if v := c.verbs.Lookup(loginVerb); v != nil {
		if args, err := v.Parse(r.Content); err == nil && len(args) > 0 {
			name = args[0]
		}
	}
	name, _, _ = strings.Cut(name, " ") // behind it may be a password
	c.journalRefused(s, name, why)
}

// nameOrNothing returns a name that somebody can have, or nothing: what was typed in its
// place may be anything.
func nameOrNothing(name string) string {
	if protocol.CheckName(name) != nil {
		return ""
	}
	return name
}

// journalBlocked says that a wrong password has blocked a name, or the address that it came
// from, or that they are blocked still.
func (c *Core) journalBlocked(s *session, name string, wait time.Duration, now time.Time) {
	if wait <= 0 {
		return
	}
	what := "name"
	if c.state.Locked("", s.addrKey(), c.log.Time(now)) > 0 {
		what = "address"
	}
	c.journal(slog.LevelWarn, s, "logins blocked", slog.String("blocked", what), slog.String("name", nameOrNothing(name)), slog.Int("seconds", inSeconds(wait)))
}

// dropped counts a connection that the server ends, and writes it down.
func (c *Core) dropped(s *session, why Drop) {
	c.counts.dropped[why]++
	c.journal(slog.LevelInfo, s, "a connection was dropped", slog.String("user", s.name), slog.String("reason", why.String()))
}

// tracing reports whether frames are written to the log.
func (s *Server) tracing() bool {
	return s.cfg.Log.Enabled(context.Background(), slog.LevelDebug)
}

// traceIn writes a request down, with its contents masked.
func (s *Server) traceIn(id eventloop.ConnID, r protocol.Request) {
	r.Verb = s.core.verbOf(r)
	if r.Content.Text == "" { // it may be an object
		r.Content.Fields = s.core.argsOf(r)
	}
	s.cfg.Log.Debug("request", "conn", id, "request", r.Verb, "frame", masked(protocol.AppendRequest(nil, r), plainInRequests))
}

// argsOf returns the arguments of a request that the verb table knows, by their names; nil if
// there are none.
func (c *Core) argsOf(r protocol.Request) map[string]string {
	v := c.verbs.Lookup(r.Verb)
	if v == nil {
		return nil
	}
	args, err := v.Parse(r.Content)
	if err != nil {
		return nil
	}
	var fields map[string]string
	for i, a := range v.Args {
		if i < len(args) && args[i] != "" {
			if fields == nil {
				fields = make(map[string]string)
			}
			fields[a.Name] = args[i]
		}
	}
	return fields
}

// verbOf returns which request of the verb table it is, "" if it is none: that may be anything.
func (c *Core) verbOf(r protocol.Request) string {
	if c.verbs.Lookup(r.Verb) == nil {
		return ""
	}
	return r.Verb
}

// traceOut writes frames down that go to a connection, with their contents masked.
func (s *Server) traceOut(to eventloop.ConnID, frames ...[]byte) {
	if s.tracing() {
		for _, frame := range frames {
			s.cfg.Log.Debug("response", "conn", to, "frame", masked(frame, plainInResponses))
		}
	}
}

// traceSaid is traceOut of what people have said.
func (s *Server) traceSaid(to eventloop.ConnID, frames []protocol.SaidFrame) {
	if s.tracing() {
		for _, frame := range frames {
			s.traceOut(to, frame.Bytes)
		}
	}
}

// traceDelivery writes a frame down that goes to all who hear a room.
func (s *Server) traceDelivery(d Delivery) {
	if !s.tracing() {
		return
	}
	frame := d.Extended
	if frame == nil && len(d.Plain) > 0 {
		frame = d.Plain[0].Bytes
	}
	s.cfg.Log.Debug("delivery", "room", masked(strconv.AppendQuote(nil, d.Room), nil), "frame", masked(frame, plainInResponses))
}

// plainInRequests are the keys of requests whose values are words of the protocol: who asks
// may write anything under the others.
var plainInRequests = map[string]bool{"request": true}

// plainInResponses are those of responses whose values are words of the protocol or of no
// concern to anybody.
var plainInResponses = map[string]bool{"response": true, "event": true, "code": true, "timestamp": true, "sender": true, "state": true}

// masked returns a frame in which each text is replaced by how many bytes it has, but for those
// under some keys.
func masked(frame []byte, plain map[string]bool) string {
	var v any
	d := json.NewDecoder(strings.NewReader(string(frame)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return "(" + strconv.Itoa(len(frame)) + " bytes)"
	}
	b, err := json.Marshal(mask("", v, plain))
	if err != nil {
		return "(" + strconv.Itoa(len(frame)) + " bytes)"
	}
	return string(b)
}

// mask replaces the texts of a value that is under a key.
func mask(key string, v any, plain map[string]bool) any {
	switch v := v.(type) {
	case string:
		if plain[key] || v == "" {
			return v
		}
		return "(" + strconv.Itoa(len(v)) + " bytes)"
	case []any:
		for i := range v {
			v[i] = mask(key, v[i], plain)
		}
	case map[string]any:
		for k := range v {
			v[k] = mask(k, v[k], plain)
		}
	}
	return v
}

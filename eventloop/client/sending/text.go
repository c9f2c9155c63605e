package sending

import (
	"strconv"
	"strings"
	"time"

	"parley/eventloop/client/seen"
	"parley/protocol"
	"parley/protocol/printable"
)

const (
	loginVerb  = "login"
	logoutVerb = "logout"
	namesVerb  = "names"

	// maxPlainRequest is the size in bytes of a request to a plain server,
	// newline included: most read 4,096 bytes at a time.
	maxPlainRequest = 4095
)

// text is a Text with all that is known of it.
type text struct {
	Text
	clean   string       // the body as it is compared with what comes back
	number  int          // texts are sent in this order
	tag     string       // ref and id of its request, on every attempt the same
	sentAt  time.Time    // last
	first   time.Time    // it was sent, by the clock on the wall; zero: it was not
	echoed  bool         // it came back
	again   bool         // it was sent on a connection that was lost
	offline bool         // it was typed without a login
	record  *seen.Record // on plain servers
}

func newText(t Text) *text { return &text{Text: t, clean: cleaned(t.Body)} }

// cleaned returns a text as it is compared: some servers trim what they are sent.
func cleaned(s string) string { return strings.TrimSpace(printable.Text(s)) }

// request is what waits in the outbox.
type request struct {
	Request
	text      *text  // of msg and dm
	command   bool   // a person or a pipe waits for its answer
	probe     bool   // names that nobody has asked for
	number    int    // of the last text before a command
	name      string // under which a command was typed
	overtaken bool   // of what is parked: another name was logged in since
}

// typed returns what was typed, a command with its slash.
func (r request) typed() Text {
	if r.text != nil {
		t := r.text.Text
		t.Tried = !r.text.sentAt.IsZero()
		return t
	}
	return Text{Name: r.name, Body: strings.TrimSpace("/" + r.Verb + " " + r.Content)}
}

// request returns what says a text.
func (t *text) request() request {
	if t.To != "" {
		return request{Request: Request{Verb: "dm", Content: t.To + " " + t.Body}, text: t}
	}
	return request{Request: Request{Verb: "msg", Content: t.Body}, text: t}
}

// leaves reports whether r ends this session. A logout that names a session ends that one.
func (r request) leaves() bool { return r.Verb == logoutVerb && r.Content == "" }

// content is the content of the request. An extended server is told the room in any case,
// also the lobby: what it takes for one's room may not be what the person has seen.
func (r request) content(extended bool) protocol.Content {
	if r.text == nil || !extended || r.text.To != "" && r.text.Re == 0 {
		return protocol.Content{Text: r.Content, Fields: r.Fields}
	}
	fields := map[string]string{"text": r.text.Body}
	switch room := r.text.Room; {
	case r.text.To != "":
		fields["name"] = r.text.To
	case room == "":
		fields["room"] = protocol.Lobby
	default:
		fields["room"] = room
	}
	if r.text.Re != 0 {
		fields["re"] = strconv.FormatUint(r.text.Re, 10)
	}
	return protocol.Content{Fields: fields}
}

// place is where in the order of what was typed a request belongs.
func (r request) place() int {
	if r.text != nil {
		return r.text.number
	}
	return r.number
}

// requestSize is the size in bytes of the request that says body.
func requestSize(body string) int {
	return len(protocol.AppendRequest(nil, protocol.Request{Verb: "msg", Content: protocol.Content{Text: body}}))
}

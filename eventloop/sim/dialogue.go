package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"parley/protocol"
)

// A Dialogue is a script of what clients send and what they receive, a line
// each. The first line that names a client connects it.
//
//	# a comment
//	alice> login alice              a request: verb and content
//	alice> {"request":"names"}      the same as JSON, sent as it is
//	eve>> GET / HTTP/1.1\r\n        bytes, with the escapes of Go
//	bob< message alice: hello       the next response: kind, sender, content
//	bob< history alice: hi | bob: ho   a history and its messages
//	bob& {"event":"message","id":3} the response before this one had this data, and perhaps more
//	bob& none                       ... it had no data
//	bob< nothing                    no response is waiting
//	bob< closed                     the server has closed the connection
//	bob hangs up
//	bob resets                      breaks the connection
//	bob vanishes                    the connection is dead, and the server does not know
//	wait 31s                        only where the clock is a fake one
//	server crashes                  all connections are gone; what was safe is there again
//	server ends                     as it does at SIGTERM: it has been told so
//	server starts                   once it has ended, on the same disk
//	disk fails                      nothing can be kept until:
//	disk works
//	clock -1h                       somebody sets the clock, likewise
//	bob ends                        his side: he can still be told something
//	bob from 127.0.0.2              connects him from another address than the others have
//	operator gives bob owner        the server's owner, at its command line, gives him a role
//	operator hooks ciHook Den       and makes a hook for a room
//	operator forwards aHook Den     or for a room from which what is said goes to a program
//	operator unhooks ciHook         and ends it
//	operator posts ciHook k1 Hello  a program says something by it, under an id of its own
//
// In an expected content or field * stands for any text; a field that is not
// there is <nil>. $WORD is a field that was met before under that word: the first one
// that is expected to be it is remembered, for what is expected and sent later.
type Dialogue struct {
	steps []step
}

type step struct {
	line int
	who  string
	what string // ">", ">>", "<", "&", "ends", "hangs up", "resets", "vanishes", "from", "wait", "clock", "happens"
	arg  string
}

// A Peer is a client's side of a connection.
type Peer interface {
	Send(b []byte) error
	// Receive returns the next response frame, io.EOF when the server has closed
	// the connection, and ErrNothing if none comes.
	Receive() ([]byte, error)
	End() // of what it sends
	HangUp()
	Reset()
	Vanish() // without a word, and with all that comes
}

// ErrNothing is returned by a Peer for which no response comes.
var ErrNothing = errors.New("no response came")

// A Stage is where a dialogue is played.
type Stage interface {
	Dial() (Peer, error)
	// DialFrom is Dial from another address; ErrNotHere if it cannot be.
	DialFrom(addr netip.Addr) (Peer, error)
	// Wait lets time pass; false if it cannot.
	Wait(d time.Duration) bool
	// Happen has something happen that no client does, such as "server crashes"; false if it
	// cannot.
	Happen(what string) bool
	// SetClock has somebody set the clock by d; false if that cannot be.
	SetClock(d time.Duration) bool
}

// ErrNotHere is returned for a dialogue that waits, or in which there are mishaps,
// on a stage that has neither.
var ErrNotHere = errors.New("the dialogue needs a clock that can be moved, and a server that can be killed")

// ParseDialogue reads a script.
func ParseDialogue(script string) (Dialogue, error) {
	var d Dialogue
	for i, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		s := step{line: i + 1}
		end := strings.IndexFunc(line, func(r rune) bool { return !isWord(r) })
		if end <= 0 {
			return d, fmt.Errorf("line %d: no name in front of %q", i+1, line)
		}
		s.who, line = line[:end], strings.TrimSpace(line[end:])
		switch {
		case s.who == "wait" || s.who == "clock":
			s.what, s.arg = s.who, line
		case s.who == "server" || s.who == "disk" || s.who == operator:
			s.what, s.arg = "happens", s.who+" "+line
		case line == "ends" || line == "hangs up" || line == "resets" || line == "vanishes":
			s.what = line
		case strings.HasPrefix(line, "from "):
			s.what, s.arg = "from", strings.TrimSpace(line[5:])
		case strings.HasPrefix(line, ">>"):
			bytes, err := unescape(strings.TrimSpace(line[2:]))
			if err != nil {
				return d, fmt.Errorf("line %d: cannot read the escapes of %q", i+1, line)
			}
			s.what, s.arg = ">>", bytes
		case strings.IndexAny(line, "<>&") == 0:
			s.what, s.arg = line[:1], strings.TrimSpace(line[1:])
		default:
			return d, fmt.Errorf("line %d: cannot read %q", i+1, line)
		}
		d.steps = append(d.steps, s)
	}
	return d, nil
}

// unescape replaces the escapes of Go; quotes need none.
func unescape(s string) (string, error) {
	return strconv.Unquote(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
}

func isWord(r rune) bool {
	return '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// Play runs the dialogue and returns an error for the first line that does not
// hold.
func (d Dialogue) Play(stage Stage) error {
	p := play{stage: stage, peers: map[string]Peer{}, last: map[string]heard{}, fields: map[string]string{}}
	for _, s := range d.steps {
		if err := p.step(s); err != nil {
			return fmt.Errorf("line %d: %s%s %s: %w", s.line, s.who, s.what, s.arg, err)
		}
	}
	return nil
}

type play struct {
	stage  Stage
	peers  map[string]Peer
	last   map[string]heard
	fields map[string]string // that are remembered, by the words for them
}

// heard is the last response of a client.
type heard struct {
	response protocol.Response
	frame    []byte
}

func (p *play) step(s step) error {
	if s.what == "wait" || s.what == "clock" {
		let := p.stage.Wait
		if s.what == "clock" {
			let = p.stage.SetClock
		}
		d, err := time.ParseDuration(s.arg)
		if err == nil && !let(d) {
			err = ErrNotHere
		}
		return err
	}
	if s.what == "happens" {
		if !p.stage.Happen(s.arg) {
			return ErrNotHere
		}
		if s.arg == crash || s.arg == start {
			clear(p.peers)
		}
		return nil
	}
	if s.what == "from" {
		addr, err := netip.ParseAddr(s.arg)
		if err == nil {
			p.peers[s.who], err = p.stage.DialFrom(addr)
		}
		return err
	}
	peer := p.peers[s.who]
	if peer == nil {
		var err error
		if peer, err = p.stage.Dial(); err != nil {
			return err
		}
		p.peers[s.who] = peer
	}
	switch s.what {
	case "ends":
		peer.End()
	case "hangs up":
		peer.HangUp()
		delete(p.peers, s.who)
	case "resets":
		peer.Reset()
		delete(p.peers, s.who)
	case "vanishes":
		peer.Vanish()
		delete(p.peers, s.who)
	case ">":
		return peer.Send(requestFrame(p.filled(s.arg)))
	case ">>":
		return peer.Send([]byte(p.filled(s.arg)))
	case "<":
		return p.expect(s.who, peer, s.arg)
	case "&":
		return p.expectData(s.who, s.arg)
	}
	return nil
}

var remembered = regexp.MustCompile(`\$[a-zA-Z0-9]+`)

// filled puts what is remembered in place of the words for it.
func (p *play) filled(s string) string {
	return remembered.ReplaceAllStringFunc(s, func(word string) string {
		if field, ok := p.fields[word]; ok {
			return field
		}
		return word
	})
}

// remember does so with what is met for the first time, and fills in the rest.
func (p *play) remember(want, got map[string]any) {
	for k, v := range want {
		if inner, ok := v.(map[string]any); ok {
			has, _ := got[k].(map[string]any)
			p.remember(inner, has)
		}
		word, ok := v.(string)
		if !ok || !strings.HasPrefix(word, "$") {
			continue
		}
		if _, known := p.fields[word]; !known && got[k] != nil {
			p.fields[word] = fmt.Sprint(got[k])
		}
		want[k] = p.filled(word)
	}
}

// requestFrame makes a frame of what a script says.
func requestFrame(arg string) []byte {
	if strings.HasPrefix(arg, "{") {
		return []byte(arg + "\n")
	}
	verb, content, _ := strings.Cut(arg, " ")
	return protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Text: content}})
}

func (p *play) expect(who string, peer Peer, want string) error {
	switch want {
	case "nothing": // a request whose answer must be the next response
		if err := peer.Send(requestFrame("help")); err != nil {
			return err
		}
		want = "info server: Requests:*"
	case "closed":
		b, err := peer.Receive()
		if err != io.EOF {
			return fmt.Errorf("it is open: %s %w", b, err)
		}
		delete(p.peers, who)
		return nil
	}
	frame, err := peer.Receive()
	if err != nil {
		return err
	}
	r, bad := protocol.DecodeResponse(frame)
	if bad != nil {
		return fmt.Errorf("%w: %s", bad, frame)
	}
	p.last[who] = heard{r, frame}
	if got := show(r); !matches(p.filled(want), got) {
		return fmt.Errorf("got %s", got)
	}
	return nil
}

// show writes a response as scripts do.
func show(r protocol.Response) string {
	if r.Kind != protocol.KindHistory {
		return fmt.Sprintf("%s %s: %s", r.Kind, r.Sender, strings.ReplaceAll(r.Content, "\n", `\n`))
	}
	var entries []string
	for _, m := range r.History {
		entries = append(entries, m.Sender+": "+m.Content)
	}
	return strings.TrimSpace("history " + strings.Join(entries, " | "))
}

// matches reports whether got is want, in which * stands for any text.
func matches(want, got string) bool {
	if !strings.Contains(want, "*") {
		return want == got
	}
	escape := strings.NewReplacer(`\`, `\\`, "[", `\[`, "?", `\?`, "/", "\x00")
	ok, err := path.Match(escape.Replace(want), strings.ReplaceAll(got, "/", "\x00"))
	return err == nil && ok
}

func (p *play) expectData(who, want string) error {
	var frame struct {
		Ref  any
		Data map[string]any
	}
	if err := json.Unmarshal(p.last[who].frame, &frame); err != nil {
		return err
	}
	if want == "none" {
		if frame.Data != nil || frame.Ref != nil {
			return fmt.Errorf("got %s", p.last[who].frame)
		}
		return nil
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(want), &fields); err != nil {
		return err
	}
	if _, ok := fields["ref"]; ok && frame.Data != nil {
		frame.Data["ref"] = frame.Ref
	}
	p.remember(fields, frame.Data)
	if k, got := differs(fields, frame.Data); k != "" {
		return fmt.Errorf("%s is %v in %s", k, got, p.last[who].frame)
	}
	return nil
}

// differs returns a field that is not as it is wanted, "" if there is none. Of an
// object within it are the wanted fields that count.
func differs(want, got map[string]any) (field string, is any) {
	for k, v := range want {
		inner, ok := v.(map[string]any)
		has, _ := got[k].(map[string]any)
		if !ok {
			if !matches(fmt.Sprint(v), fmt.Sprint(got[k])) {
				return k, got[k]
			}
		} else if k, is := differs(inner, has); k != "" {
			return k, is
		}
	}
	return "", nil
}

package client

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/mattn/go-runewidth"

	"parley/eventloop/client/conn"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// A deceit is a stage whose screen looks at each row that it is given: whatever a server
// or a peer sends, nobody may be imitated, and no terminal be told anything.
type deceit struct {
	*stage
	columns int
	prompts map[string]bool   // that there were
	titles  map[string]bool   // likewise
	likes   map[string]string // that stand in what is looked up
	blocks  []func(columns int) []string
	rows    int
}

// A deceived is the screen.
type deceived struct {
	stageTerminal
	*deceit
}

func (d deceived) Show(_ uint64, block func(columns int) []string) { d.look(block) }

func (d deceived) Replace(_ uint64, block func(columns int) []string) bool {
	d.look(block)
	return true
}

func (d deceived) SetPrompt(p string) {
	d.prompts[p] = true
	if !safePrompt.MatchString(p) {
		d.t.Errorf("the prompt %q", p)
	}
}

func (d deceived) SetTitle(title string) {
	d.titles[title] = true
	if unprintable(title) {
		d.t.Errorf("the title %q", title)
	}
}

const (
	// person is a name in a sentence, perhaps with whose it is not. What is no name is quoted.
	person  = `("[^"]*"|[A-Za-z0-9]+)` + notLike
	notLike = `( \(not ("[^"]*"|[A-Za-z0-9]{1,32})\))?`

	// reaction is one kind of them, and who has put it to a message.
	reaction = `("[^"]*"|[^ ;:,"()<>¦]+) ` + person + `(, ` + person + `)*( and \d+ more)?`
)

var (
	// safePrompt is a question, or where a line goes and notes in brackets.
	safePrompt = regexp.MustCompile(`^([ -~]*: |[A-Za-z0-9-]{1,32}( \(([ !#-'*-~]|"[^"]*"|\(not [A-Za-z0-9]{1,32}\))*\))?> )$`)

	// heads are all that a block may begin with, at 16 columns and more.
	heads = regexp.MustCompile(`^(¦ |--- |(\d{1,2} [A-Z][a-z][a-z] (\d{4,} )?)?(\d\d|--):(\d\d|--)( |$))`)

	// people are who may speak without quotation marks.
	people = regexp.MustCompile(`^(\d{1,2} [A-Z][a-z][a-z] (\d{4,} )?)?(\d\d:\d\d|--:--) (#\d+ )?(\[("[^"]*"|[A-Za-z0-9-]{1,32})\] )?` +
		`((\* |! |¦.*¦ |you -> )?("[^"]*"|[A-Za-z0-9]*)` + notLike + `( -> you)?: |[*!] |` + person + ` has edited #\d+( of (\d{1,2} [A-Z][a-z][a-z] (\d{4,} )?)?\d\d:\d\d)?(, to (you|` + person + `))?: |\*\*\* (` + person + `|The server's owner) announces: )`)

	// marks are all that may stand between two marks in what others have said.
	marks = regexp.MustCompile(`^(edited|(edited; )?reactions: ` + reaction + `(; ` + reaction + `)*|removed( by ` + person + `)?(: "[^"]*")?|re (#\d+|` + person + `: "[^"]*")|private ` + person + `[ -~]*)$`)

	rules = regexp.MustCompile(`^--- ([A-Z][a-z]+day \d{1,2} [A-Z][a-z]+ \d+|new since you were away|(new in )?(the lobby|room [A-Za-z0-9-]{1,32}|a conversation)|new from [A-Za-z0-9]{1,32}` + notLike + `|[A-Za-z0-9]{1,32}` + notLike + ` alone) ---$`)

	// looks are what the client selects itself.
	looks = regexp.MustCompile("\x1b\\[(0|[0-9]|[39][0-7]|[0-9](;[39][0-7]|;[0-9])+)m")
)

// look checks a block, and keeps it for other widths.
func (d *deceit) look(block func(columns int) []string) {
	d.t.Helper()
	d.blocks = append(d.blocks, block)
	d.rows += len(block(d.columns))
	d.check(block(d.columns), d.columns)
}

func (d *deceit) check(rows []string, columns int) {
	d.t.Helper()
	own := false
	for i, drawn := range rows {
		row := looks.ReplaceAllString(drawn, "")
		rule := strings.HasPrefix(row, "--- "[:min(4, columns)])
		own = own || isOwn(row) // what is folded ends with such a row
		switch {
		case unprintable(row):
			d.t.Errorf("%d columns: %q is not safe", columns, drawn)
		case wide(row) > columns:
			d.t.Errorf("%d columns: %q has %d", columns, drawn, wide(row))
		case rule && i == 0 && columns >= 80:
			if len(rows) != 1 || !rules.MatchString(row) {
				d.t.Errorf("a line across: %q", rows)
			}
		case i == 0 && columns >= 16 && !heads.MatchString(row), i == 0 && !strings.ContainsAny(row[:1], "0123456789-") && !own:
			d.t.Errorf("%d columns: %q has no head", columns, drawn)
		case i == 0 && columns >= 400 && !own && !people.MatchString(row):
			d.t.Errorf("%q is nobody", row)
		case i > 0 && own && !isOwn(row), i > 0 && !own && !strings.HasPrefix(row, "  "):
			d.t.Errorf("%d columns: %q stands at the margin, under %q", columns, drawn, rows[0])
		}
	}
	if columns >= 400 && !own && len(rows) < 40 {
		d.checkMarks(rows)
	}
	if len(rows) > 41+56/columns { // a folded text, and that there is more, which takes a word a row where there is no room
		d.t.Errorf("%d rows at %d columns", len(rows), columns)
	}
}

// checkMarks checks that what stands between marks is of the client's own.
func (d *deceit) checkMarks(rows []string) {
	d.t.Helper()
	var text []string
	for _, row := range rows {
		text = append(text, strings.TrimLeft(looks.ReplaceAllString(row, ""), " "))
	}
	parts := strings.Split(strings.Join(text, " "), "¦")
	if len(parts)%2 == 0 {
		d.t.Errorf("a mark has no end: %q", rows)
		return
	}
	for i := 1; i < len(parts); i += 2 {
		if !marks.MatchString(parts[i]) {
			d.t.Errorf("nobody may mark that: %q in %q", parts[i], rows)
		}
	}
}

func unprintable(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
	})
}

// wide counts what is the widest for the terminals of today, character by character.
func wide(s string) (n int) {
	c := runewidth.Condition{StrictEmojiNeutral: true}
	for _, r := range s {
		n += max(c.RuneWidth(r), (&runewidth.Condition{}).RuneWidth(r))
	}
	return n
}

func newDeceit(t *testing.T, columns int, options ...string) *deceit {
	d := &deceit{columns: columns, prompts: make(map[string]bool), titles: make(map[string]bool)}
	colours := columns%2 == 0
	if colours {
		options = append(options, "colours")
	}
	d.stage = newStage(t, append(options, "name=alice", "highlight=lunch")...)
	layout := view.Layout{Location: time.UTC, Clock: "15:04", Highlight: []string{"lunch"}, Colours: colours}
	if colours {
		layout.Theme, _ = view.NewTheme(nil)
	}
	v := view.NewPerson(layout, deceived{stageTerminal{d.stage}, d}, d.clk.now)
	d.cfg.View = v
	if d.cfg.Private != nil {
		d.peers = newStagePeers(d.stage)
		d.cfg.Private = &Private{Transport: d.peers, Pins: d.peers}
	}
	d.app = New(d.cfg)
	d.app.dial = func(int) { d.dials++ }
	d.dials = 0
	d.app.begin()
	d.dial("ok")
	d.settle()
	return d
}

func (d *deceit) settle() {
	d.peers.look()
	d.app.settle()
	d.log = nil
}

// send lets the server send bytes, as far as there is a connection, and checks that
// each draws no more than it may.
func (d *deceit) send(b []byte) {
	if d.link == nil || d.link.closed || d.app.ended {
		return
	}
	before := len(d.blocks)
	d.decoder.Decode(bytes.Clone(b), func(e conn.Event) bool {
		d.app.happened(e)
		d.app.settle()
		return true
	})
	d.settle()
	if n, most := len(d.blocks)-before, maxOldShown*2+10+2*len(b); n > most {
		d.t.Errorf("%d blocks of %d bytes", n, len(b))
	}
}

// answer lets the server send one response with any strings in it.
func (d *deceit) answer(kind protocol.Kind, sender, content string, data map[string]any) {
	r := map[string]any{"timestamp": d.clk.now.Format(time.RFC3339), "sender": sender, "response": kind, "content": content, "ref": d.ref}
	if data != nil {
		r["data"] = data
	}
	b, err := json.Marshal(r)
	if err != nil {
		d.t.Fatal(err)
	}
	d.send(b)
}

// everywhere sends the strings wherever a response has one.
func (d *deceit) everywhere(name, text string) {
	for _, kind := range []protocol.Kind{protocol.KindMessage, protocol.KindInfo, protocol.KindError, "other"} {
		d.answer(kind, name, text, nil)
	}
	old := []map[string]string{
		{"timestamp": text, "sender": name, "response": "message", "content": text},
		{"timestamp": "2020-02-03T04:05:06Z", "sender": name, "response": "message", "content": text},
		{"sender": name, "response": "message", "content": text + "2"},
	}
	b, _ := json.Marshal(map[string]any{"timestamp": nil, "sender": name, "response": "history", "content": old})
	d.send(b)
	d.events(name, text, name, []string{name, "ops", "", text}, map[string]string{name: text, text: name, "bob": name})
	for _, code := range []protocol.Code{protocol.BadRequest, protocol.NotAllowed, protocol.PasswordRequired, protocol.WrongCredentials, protocol.BlockedLogin, protocol.Code(text)} {
		d.answer(protocol.KindError, name, text, map[string]any{"code": code, "seconds": 5})
	}
}

// events sends each kind of event with the strings in it, about the rooms in turn. Word is a
// reaction.
func (d *deceit) events(name, text, word string, rooms []string, likes map[string]string) {
	for i, event := range []string{
		protocol.EventMessage, protocol.EventMessage, protocol.EventMessage, protocol.EventDirect, protocol.EventPresence, protocol.EventAccepted, protocol.EventDelivered, protocol.EventStored,
		protocol.EventNames, protocol.EventBlocked, protocol.EventInvited, protocol.EventInvitation, protocol.EventIntroduced,
		protocol.EventDeclined, protocol.EventLapsed, protocol.EventStopped, protocol.EventIdle, protocol.EventPong, protocol.EventLogout, text,
		protocol.EventCreated, protocol.EventJoined, protocol.EventTopic, protocol.EventRooms, protocol.EventRoomInvited, protocol.EventRoomInvitation,
		protocol.EventRead, protocol.EventUnread, protocol.EventSessions, protocol.EventSessionEnded, protocol.EventLeft,
		protocol.EventEdited, protocol.EventReacted, protocol.EventUnreacted, protocol.EventChanged, protocol.EventMessage, protocol.EventDirect, protocol.EventRemoved, protocol.EventReacted, protocol.EventEdited,
		protocol.EventKicked, protocol.EventMuted, protocol.EventUnmuted, protocol.EventBanned, protocol.EventUnbanned, protocol.EventBans,
		protocol.EventRole, protocol.EventAnnouncement, protocol.EventLockdown, protocol.EventReport, protocol.EventReports, protocol.EventSlow,
		protocol.EventAudit, protocol.EventKeep, protocol.EventForgotten, protocol.EventForwarded,
	} {
		kind := protocol.KindInfo
		if i < 4 || event == protocol.EventMessage || event == protocol.EventDirect {
			kind = protocol.KindMessage
		}
		room := rooms[i%len(rooms)]
		id := i + 1
		if i > 31 { // what becomes of the first ones, and of what is not known
			id = i%5 + 1
		}
		d.answer(kind, name, text, map[string]any{
			"event": event, "id": id, "re": i % 3, "marks": markedWith(event == protocol.EventRemoved || i%7 == 6, name, text, word),
			"order": map[string]any{"by": name, "why": text, "role": text, "acts": []map[string]any{{"act": text, "by": name, "name": text, "room": room, "address": text, "why": text, "id": i}, {"act": "ban", "name": name, "why": text}}},
			"name":  name, "to": name, "names": []string{name, text}, "away": map[string]string{name: text}, "likes": likes,
			"state": protocol.StateAway, "text": text, "seconds": 60, "log": name, "room": room, "topic": text, "read": i,
			"rooms":    []map[string]any{{"name": room, "topic": text, "members": i}, {"name": "ops", "topic": text}},
			"unread":   []map[string]any{{"room": room, "count": i}, {"name": name, "count": 1, "more": true}},
			"sessions": []map[string]any{{"id": i, "address": text}},
			"private":  map[string]any{"session": i + 1, "fingerprint": keyOf("key-b"), "paths": []string{text, "relay"}, "token": strings.Repeat("0a", protocol.TokenSize)},
		})
	}
}

// markedWith are marks of a message with the strings in them.
func markedWith(removed bool, name, text, word string) map[string]any {
	m := map[string]any{"edited": "2026-08-03T12:00:00Z", "reactions": []map[string]any{{"word": text, "names": []string{name, text}, "more": 2}, {"word": word, "names": []string{text}}}}
	if removed {
		m["removed"] = map[string]any{"by": name, "why": text}
	}
	return m
}

// lookUp has the person look something up, and the strings found.
func (d *deceit) lookUp(name, text string) {
	for _, line := range []string{"/ids on", "/history ops", "/search lunch", "/versions 3", "/ids off"} {
		if d.app.ended {
			return
		}
		d.ref = ""
		d.app.typed(Input{Text: line})
		d.settle()
		if d.ref == "" {
			continue
		}
		event := map[string]string{"/history": protocol.EventHistory, "/search": protocol.EventSearch, "/versions": protocol.EventVersions}[strings.Fields(line)[0]]
		var list []map[string]any
		for i, room := range []string{"ops", "", text, name} {
			list = append(list, map[string]any{"timestamp": []string{text, "2020-02-03T04:05:06Z", "2026-08-03T12:00:00Z"}[i%3], "sender": name, "response": "message", "content": text,
				"data": map[string]any{"event": []string{protocol.EventMessage, protocol.EventDirect}[i%2], "id": i + 1, "room": room, "to": name, "text": text, "re": 4 - i, "marks": markedWith(i == 2, name, text, d.word(name)), "likes": d.likes}})
		}
		b, err := json.Marshal(map[string]any{"timestamp": nil, "sender": name, "response": "history", "content": list, "ref": d.ref,
			"data": map[string]any{"event": event, "room": text, "name": name, "likes": d.likes, "id": 3, "before": 1, "after": 2, "state": protocol.StateNotKept}})
		if err != nil {
			d.t.Fatal(err)
		}
		d.send(b)
	}
}

// word is a reaction in what is looked up: the name, unless that stands for nothing else.
func (d *deceit) word(name string) string {
	if d.likes != nil {
		return "+1"
	}
	return name
}

// turns goes through the rooms and conversations that there are.
func (d *deceit) turns() {
	for _, line := range []string{"/hold on", "/room ops", "a text", "/room", "/room 2", "/room 3", "/unread", "/recent", "/rooms", "/sessions", "/edit x", "no", "/remove", "/react +1", "/reply #2 x", "/kick bob", "/audit", "/leave ops", "/lobby", "/hold off"} {
		if !d.app.ended {
			d.app.typed(Input{Text: line})
			d.settle()
		}
	}
}

// isOwn reports whether a row is of the client's own words. It may have none, where the
// next word takes a row of its own.
func isOwn(row string) bool { return row == "¦" || strings.HasPrefix(row, "¦ ") }

// peer lets bob open a private session, say something, and give reasons.
func (d *deceit) peer(text string, at time.Time) {
	if d.peers == nil || d.app.phase != loggedIn || d.link == nil || d.link.closed {
		return
	}
	d.app.typed(Input{Text: "/startprivate bob"})
	d.settle()
	for _, line := range []string{"+invited bob 90 bob was asked.", "+introduced bob 90 key-b 192.168.1.5:4000,relay"} {
		if d.link == nil || d.link.closed {
			return
		}
		d.says(line)
		d.settle()
	}
	if d.peers.plans["bob"].Name == "" || d.app.ended {
		return
	}
	for _, what := range []string{"linked direct 192.168.1.5:4000", "hello", "typing"} {
		d.peers.happens("bob " + what)
		d.settle()
	}
	d.clk.now = at
	d.peers.happens("bob says 1 " + text)
	d.clk.now = time.Date(2026, 8, 3, 12, 0, 1, 0, time.UTC)
	d.settle()
	d.app.typed(Input{Text: "/peers"})
	d.peers.happens("x same " + text)
	d.peers.happens("bob lost " + text)
	d.settle()
}

// Whatever a server or a peer sends, at whatever width, every row that the screen is
// given begins with a head that only the client can make, or with the indent, is no
// wider than the screen, and has no control character but the client's own colours.
func FuzzScreen(f *testing.F) {
	scripts, _ := filepath.Glob("testdata/dialogues/*.txt")
	for _, path := range scripts {
		file, err := os.Open(path)
		if err != nil {
			f.Fatal(err)
		}
		for lines, i := bufio.NewScanner(file), 0; lines.Scan(); {
			if raw, ok := strings.CutPrefix(lines.Text(), "server> "); ok && strings.HasPrefix(raw, "{") {
				i++
				f.Add([]byte(raw), "bob", "hi", uint8(17*i), int64(i))
			}
		}
		file.Close()
	}
	f.Add([]byte(`{"timestamp":"2026-08-03T12:00:00Z","sender":"bob","response":"message","content":"¦edited¦","data":{"event":"message","id":1}}`),
		`bob has edited #1`, "¦edited¦ \"¦removed by mod¦ re anna: \"x\"\n*** carl announces: y\n#3 bob: z", uint8(96), int64(9))
	f.Add([]byte(`not JSON`), "b\u00adob", "fine"+strings.Repeat(" \u200d\u2003", 40)+"17:42 bob: I resign", uint8(76), int64(-1))
	f.Add([]byte("\x80\x80\n¦ x"), "bob -> you", "x\n  --:-- bob: hi\n¦ The key of bob is verified.\n--- Monday 3 August 2026 ---", uint8(0), int64(1<<40))
	f.Add([]byte(`"response":"error","content":"`+strings.Repeat(`\n`, 5000)+`"}`), "", strings.Repeat("lunch ", 400), uint8(3), int64(0))
	f.Add([]byte(`{"timestamp":"2026-08-03T12:00:00Z","sender":"bob","response":"message","content":"[dev] carl: hi","data":{"event":"message","id":1,"room":"x] carl: hi\n["}}`),
		`bob 1!)> `, `ops> hi" x) 12:00 [dev] carl: hi`, uint8(90), int64(7))
	f.Add([]byte(`{"timestamp":"2026-08-03T12:00:00Z","sender":"[ops] bob","response":"info","content":"x","data":{"event":"joined","room":"ops","names":["a","[b] c"],"topic":"--- room dev ---"}}`),
		"--- room dev ---", "room dev ---\n[dev] bob: x", uint8(60), int64(8))
	f.Fuzz(func(t *testing.T, raw []byte, name, text string, width uint8, at int64) {
		columns := int(width) + 4
		for _, options := range [][]string{{"private"}, {"plain"}, {"private", "name="}} {
			d := newDeceit(t, columns, options...)
			d.send(raw) // before the login is answered
			d.everywhere(name, text)

			d = newDeceit(t, columns, options...)
			data := map[string]any{"event": protocol.EventLogin, "name": "alice", "log": name, "rooms": []map[string]any{{"name": "ops"}, {"name": text}}}
			if options[0] == "plain" {
				data = nil
			}
			d.answer(protocol.KindInfo, "server", text, data)
			d.app.typed(Input{Text: "a text"})
			d.settle()
			d.send(raw)
			d.pass("5s")
			d.everywhere(name, text)
			d.lookUp(name, text)
			d.turns()
			d.peer(text, time.Unix(at%(1<<36), 0).UTC())
			d.send([]byte(text))
			d.pass("2m")
			d.everywhere(text, name)
			d.turns()
			for _, block := range d.blocks {
				for _, columns := range []int{4, 20, 400} {
					d.check(block(columns), columns)
				}
			}
		}
	})
}

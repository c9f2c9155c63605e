package client

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/p2p"
	"parley/protocol"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (go test -update writes it):\n%s", name, diff)
	}
}

func TestHelpText(t *testing.T) {
	table := NewCommands()
	text := table.helpText()
	const rows, columns = 24 - 1, 80 - len("- ") // the prompt takes one row, notices have a mark
	if n := strings.Count(text, "\n") + 1; n > rows {
		t.Errorf("%d rows", n)
	}
	for line := range strings.Lines(text) {
		if len(strings.TrimSpace(line)) > columns {
			t.Errorf("too wide: %q", line)
		}
	}
	text += "\n\n"
	for i := range table.List() {
		text += table.helpOn(&table.List()[i]) + "\n"
	}
	golden(t, "help.golden", text)
}

var noon = time.Date(2026, 8, 3, 12, 0, 0, 0, time.UTC)

func newView() *View {
	v := &View{Location: time.UTC, Self: "alice"}
	v.begin(noon)
	return v
}

func said(sender, text string) protocol.Response {
	return protocol.Response{Time: noon, Sender: sender, Kind: protocol.KindMessage, Content: text}
}

func TestMentionsAreMarked(t *testing.T) {
	lines := newView().message(said("bob", "Alice, malice, alice2 and ALICE!"), noon, false)
	want := []Span{
		{"12:00 ", ToneTime}, {"bob", ToneSender}, {": ", ToneText},
		{"Alice", ToneMention}, {", malice, alice2 and ", ToneText}, {"ALICE", ToneMention}, {"!", ToneText},
	}
	if diff := cmp.Diff(want, lines[0].Spans); diff != "" {
		t.Error(diff)
	}
	for text, want := range map[string]bool{
		"alice": true, "hi alice": true, "@Alice?": true, "alice's": true, "ålice": false, "æalice": false,
		"alice_x": false, "alicé": false, "alice\u0301": false, "al\u200bice": true, "": false,
	} {
		if got := newView().Mentions(text); got != want {
			t.Errorf("Mentions(%q) = %v", text, got)
		}
	}
	if (&View{}).Mentions("anything") {
		t.Error("nobody is mentioned")
	}
}

func TestOldLinesAndSelf(t *testing.T) {
	v := newView()
	if l := v.message(said("ALICE", "hi"), noon, true)[0]; !l.Old || l.Spans[1] != (Span{"ALICE", ToneSelf}) {
		t.Errorf("%+v", l)
	}
	l := v.own("", "a\nb", noon, true)
	if l[0].String() != "12:00 alice: a" || l[1].String() != indent+"b (unsent)" {
		t.Errorf("%q", l)
	}
}

func TestLocalTime(t *testing.T) {
	v := newView()
	v.Location = time.FixedZone("CEST", 2*3600)
	v.begin(noon)
	late := said("bob", "x")
	late.Time = time.Date(2026, 8, 3, 22, 30, 0, 0, time.UTC)
	if got := v.message(late, noon, false); len(got) != 2 || got[0].String() != "--- Tuesday 4 August 2026 ---" || got[1].String() != "00:30 bob: x" {
		t.Errorf("%q", got)
	}
}

func TestForeignTimes(t *testing.T) {
	for stamp, want := range map[string]string{
		"10-07-2026 09:30:15": "09:30", "9:05": "09:05", "Mon Aug  3 14:15:16 2026": "14:15", "2026-08-03T23:59:00": "23:59",
		"24:00": "12:00", "99:99": "12:00", "yesterday": "12:00", "": "12:00", "1156": "12:00", "123:45": "12:00",
	} {
		r := protocol.Response{Stamp: stamp, Sender: "bob", Content: "x"}
		if got := newView().message(r, noon, false)[0].String(); got != want+" bob: x" {
			t.Errorf("%q is shown as %q", stamp, got)
		}
	}
}

func TestHugeTexts(t *testing.T) {
	v := newView()
	lines := v.message(said("bob", strings.Repeat("æ", maxShown)), noon, false)
	if len(lines) != 2 || lines[1].String() != indent+"(65536 more bytes are not shown)" {
		t.Errorf("%d lines, the last one %.80q", len(lines), lines[len(lines)-1])
	}
	lines = v.message(said("bob", strings.Repeat("x\n", 500)), noon, false)
	if len(lines) != maxShownLines+1 || lines[maxShownLines].String() != indent+"(400 more lines are not shown)" {
		t.Errorf("%d lines, the last one %.80q", len(lines), lines[len(lines)-1])
	}
	lines = v.message(said(strings.Repeat("日", 100), "x"), noon, false)
	if got := lines[0].String(); got != "12:00 "+strings.Repeat("日", 19)+"~: x" {
		t.Errorf("%q", got)
	}
	if got := v.info(protocol.Response{Kind: protocol.KindInfo, Content: " \n "}, noon); got != nil {
		t.Errorf("a blank info is shown as %q", got)
	}
	if got := v.message(said("bob", "\n\n"), noon, false); len(got) != 1 {
		t.Errorf("blank lines are shown as %q", got)
	}
}

// No text, whatever is in it, makes a line that looks like another message.
func FuzzOneMessageOneHead(f *testing.F) {
	f.Add("eve", "x\n12:00 bob: I love Mondays")
	f.Fuzz(func(t *testing.T, sender, text string) {
		for i, l := range newView().message(said(sender, text), noon, false) {
			s := l.String()
			if unsafe(s) != "" || strings.Contains(s, "\n") {
				t.Errorf("%q and %q are shown as %q", sender, text, s)
			}
			if i > 0 && !strings.HasPrefix(s, indent) {
				t.Errorf("%q begins at the margin", s)
			}
		}
		for i, l := range newView().private(sender, p2p.Path{Address: sender}, true, sender, text, noon, false) {
			if s := l.String(); unsafe(s) != "" || strings.Contains(s, "\n") || i > 0 && !strings.HasPrefix(s, indent) {
				t.Errorf("%q and %q are shown in private as %q", sender, text, s)
			}
		}
	})
}

func TestPrivateLines(t *testing.T) {
	relay, direct := p2p.Path{Relay: true}, p2p.Path{Address: "[fd00::2]:4000"}
	want := []Span{{"12:00 ", ToneTime}, {"[private bob, direct [fd00::2]:4000]", ToneDirect}, {" ", ToneText}, {"bob", ToneSender}, {": ", ToneText},
		{"psst, ", ToneText}, {"alice", ToneMention}}
	if diff := cmp.Diff(want, newView().private("bob", direct, true, "bob", "psst, alice", noon, false)[0].Spans); diff != "" {
		t.Error(diff)
	}
	for _, test := range []struct {
		path     p2p.Path
		verified bool
		from     string
		unsent   bool
		want     string
	}{
		{relay, true, "alice", false, "12:00 [private bob, relay] alice: hi"},
		{relay, true, "bob", false, "12:00 [private bob, relay] bob: hi"},
		{relay, false, "bob", false, "12:00 [private bob, relay, not verified] bob: hi"},
		{p2p.Path{}, true, "alice", true, "12:00 [private bob] alice: hi (unsent)"},
		{p2p.Path{}, false, "alice", true, "12:00 [private bob, not verified] alice: hi (unsent)"},
	} {
		if got := newView().private("bob", test.path, test.verified, test.from, "hi", noon, test.unsent)[0].String(); got != test.want {
			t.Errorf("%q, not %q", got, test.want)
		}
	}
}

func TestPeerTable(t *testing.T) {
	ago := func(d time.Duration) time.Time { return noon.Add(-d) }
	got := peerTable([]p2p.Peer{
		{Name: "bob", State: p2p.Open, Path: p2p.Path{Address: "192.168.1.5:4000"}, Fingerprint: "x", Verified: true, Since: ago(90 * time.Minute), RoundTrip: 1234 * time.Microsecond},
		{Name: "carl", State: p2p.Open, Path: p2p.Path{Relay: true}, Fingerprint: "x", Since: ago(2 * time.Minute), RoundTrip: 80 * time.Millisecond, Waiting: 3},
		{Name: "dora", State: p2p.Asking, Since: ago(7 * time.Second)},
		{Name: "eve", State: p2p.Closed, Waiting: 1},
	}, noon)
	want := `name  path                     key           age    round trip  waiting
bob   direct 192.168.1.5:4000  verified      1 h    1.2 ms
carl  relay                    not verified  2 min  80.0 ms     3
dora  has not answered                       7 s
eve   none                                                      1`
	if got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
}

func TestColours(t *testing.T) {
	lines := newView().message(said("bob", "hi alice"), noon, false)
	if got := render(lines, false); got != "12:00 bob: hi alice\n" {
		t.Errorf("without colours %q", got)
	}
	want := "\x1b[2m12:00 \x1b[0m\x1b[" + senderColour("bob") + "mbob\x1b[0m: hi \x1b[1;7malice\x1b[0m\n"
	if got := render(lines, true); got != want {
		t.Errorf("with colours %q, not %q", got, want)
	}
	old := newView().message(said("bob", "hi"), noon, true)
	want = "\x1b[2m12:00 \x1b[0m\x1b[2;" + senderColour("bob") + "mbob\x1b[0m\x1b[2m: \x1b[0m\x1b[2mhi\x1b[0m\n"
	if got := render(old, true); got != want {
		t.Errorf("old: %q, not %q", got, want)
	}
}

func TestDirectMessages(t *testing.T) {
	m := said("bob", "psst, alice")
	m.Data = &protocol.Data{Event: protocol.EventDirect, To: "alice"}
	want := []Span{{"12:00 ", ToneTime}, {"bob", ToneSender}, {" -> ", ToneDirect}, {"you", ToneSelf}, {": ", ToneText},
		{"psst, ", ToneText}, {"alice", ToneMention}}
	if diff := cmp.Diff(want, newView().direct(m, noon)[0].Spans); diff != "" {
		t.Error(diff)
	}
	m.Sender, m.Data.To = "Alice", "bob"
	if got := newView().direct(m, noon)[0].String(); got != "12:00 you -> bob: psst, alice" {
		t.Errorf("one's own is %q", got)
	}
	if got := newView().own("bob", "a\nb", noon, true); got[0].String() != "12:00 you -> bob: a" || got[1].String() != indent+"b (unsent)" {
		t.Errorf("%q", got)
	}
}

func TestPresenceIsDim(t *testing.T) {
	r := protocol.Response{Time: noon, Sender: "server", Kind: protocol.KindInfo, Content: "bob logged in", Data: &protocol.Data{Event: protocol.EventPresence}}
	if got := render(newView().info(r, noon), true); got != "\x1b[2m12:00 \x1b[0m\x1b[2m* \x1b[0m\x1b[2mbob logged in\x1b[0m\n" {
		t.Errorf("%q", got)
	}
}

// A name keeps its colour from one version to the next and in any case, and the
// colours are spread over names.
func TestSenderColours(t *testing.T) {
	if got := senderColour("alice") + " " + senderColour("bob") + " " + senderColour("carl"); got != senderColour("ALICE")+" "+senderColour("Bob")+" "+senderColour("cArl") {
		t.Error("the case of a name changes its colour")
	}
	used := map[string]int{}
	for _, name := range strings.Fields("alice bob carl dora eve fred gus hal ida jo kim lea max nina olav per") {
		used[senderColour(name)]++
	}
	if len(used) < 6 {
		t.Errorf("16 names have the colours %v", used)
	}
	if senderColour("alice") != "96" {
		t.Errorf("the colour of alice has changed to %s", senderColour("alice"))
	}
}

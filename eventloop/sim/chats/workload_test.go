package chats

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"parley/eventloop/client/timeline"
)

// A workload is what people do in one run. Chance decides which kinds of things they do at
// all: where everything happens at once, much of it is an excuse for what is missed.
type workload struct {
	commands []string // that are typed; see filled
	ways     []string // before a line
	changes  bool     // people change what they have said
	order    bool     // and keep order
	private  bool     // and have private sessions
	flood    bool     // who asks too fast is slowed down
	glued    []int    // how many lines that a client of the standard may send together
}

// kinds are the commands by what they are about. WHO is one of the people, ID the number of a
// message that was shown, MINE that of one's own.
var kinds = map[string][]string{
	"places": {"/room lobby", "/room den", "/lobby", "/names", "/unread", "/rooms", "/room", "/recent", "/names den"},
	"people": {"/whoelse", "/whoelsesince 60", "/whois WHO", "/blocked", "/away for lunch", "/away", "/back", "/sessions", "/ping", "/query WHO", "/query", "/register", "/passwd", "/takeover"},
	"past": {"/history", "/history 3", "/history den", "/history lobby before ID", "/history after ID", "/history with:WHO", "/around ID",
		"/search line", "/search line from:WHO", "/search line in:den", "/versions ID", "/ids on", "/ids off"},
	"program": {"/help", "/help rooms", "/help join", "/help server", "/bell off", "/bell all", "/show ID", "/clear", "/hold on", "/hold off", "/nothing", "/joni den",
		"/unsent", "/unsent drop", "/unsent send", "/peers"},
	"changes": {"/edit MINE line KEY again", "/edit MINE line KEY and again", "/remove MINE", "/react ID +1", "/react ID ok", "/unreact ID +1", "/react ID WHO"},
	"private": {"/startprivate WHO", "/accept", "/decline", "/stopprivate WHO", "/stopprivate", "/private WHO", "/private", "/peers", "/verify WHO", "/verify WHO yes", "/trust WHO"},
	"blocks":  {"/block WHO", "/unblock WHO", "/block WHO"},
	"rooms": {"/leave den", "/join den", "/join den", "/leave", "/create hall", "/join hall", "/leave hall", "/topic about WHO", "/topic", "/topic -", "/invite WHO hall",
		"/create nook private", "/invite dora nook", "/join nook", "/leave nook", "/room nook", "/room hall", "/history nook", "/names nook", "/search line in:nook"},
	"order": {"/mute WHO 10s", "/mute WHO den 5s too loud", "/unmute WHO", "/kick WHO den", "/ban WHO den 5s", "/unban WHO den", "/bans den", "/slow den 1", "/slow den 0", "/remove ID spam",
		"/report ID spam", "/reports", "/audit", "/announce soup is ready", "/role WHO moderator den", "/role WHO none den", "/bans", "/keep den", "/export"},
}

// drawWorkload has chance decide what people do.
func drawWorkload(r *rapid.T) workload {
	w := workload{commands: slices.Clone(kinds["places"]), ways: []string{"", "", "/room lobby ", "/dm ann ", "/dm carl "}}
	w.flood = rapid.Bool().Draw(r, "flood limits")
	if w.glued = []int{3, 12, 39, 45}; w.flood {
		w.glued = []int{3, 9, 11, 14}
	}
	for _, kind := range []string{"people", "past", "program", "changes", "blocks", "rooms", "order", "private"} {
		if !rapid.Bool().Draw(r, kind) {
			continue
		}
		w.commands = append(w.commands, kinds[kind]...)
		switch kind {
		case "people":
			w.ways = append(w.ways, "/query bob ", "/msg ", "/tell dora ")
		case "past":
			w.ways = append(w.ways, "/reply ", "/reply ")
		case "private":
			w.private = true
			w.ways = append(w.ways, "/private ann ", "/private bob ", "/private carl ", "/private dora ")
		case "order":
			w.order = true
		case "changes":
			w.changes = true
		case "rooms":
			w.ways = append(w.ways, "/room hall ", "/room nook ", "/room nook ")
		}
	}
	return w
}

// unique finds what no two lines have in common.
var unique = regexp.MustCompile(`(?:line|secret|plain) \d+|last \d* ?of [a-z]+`)

// filled puts what chance decides in place of the words for it.
func (p *chatter) filled(r *rapid.T, line string) string {
	if strings.Contains(line, "WHO") {
		line = strings.ReplaceAll(line, "WHO", rapid.SampledFrom([]string{"ann", "bob", "carl", "dora"}).Draw(r, "whom"))
	}
	if strings.Contains(line, "MINE") {
		e := p.someEntry(r, func(e timeline.Entry) bool { return e.Own && p.keys[e.ID] != "" })
		line = strings.ReplaceAll(strings.ReplaceAll(line, "MINE", fmt.Sprint(e.Number)), "line KEY", p.keyOf(e))
	}
	if strings.Contains(line, "ID") {
		e := p.someEntry(r, func(e timeline.Entry) bool { return true })
		line = strings.ReplaceAll(line, "ID", fmt.Sprint(e.Number))
	}
	word, _, _ := strings.Cut(line, " ")
	p.met[word]++
	return line
}

// someEntry returns one of the messages that were shown, and have a number.
func (p *chatter) someEntry(r *rapid.T, is func(timeline.Entry) bool) timeline.Entry {
	var found []timeline.Entry
	for _, id := range p.said {
		if e := p.entries[id]; e.Number != 0 && is(e) {
			found = append(found, e)
		}
	}
	if len(found) == 0 {
		r.Skip("there is no such message")
	}
	return found[rapid.IntRange(0, len(found)-1).Draw(r, "message")]
}

// keyOf returns what is unique in the text of an entry, as it was at first.
func (p *chatter) keyOf(e timeline.Entry) string {
	if key := p.chats.keys[e.Number]; e.Number != 0 && key != "" {
		return key
	}
	return p.keys[e.ID]
}

// account reports whether the name is somebody's for good.
func (p *chatter) account() bool { return p.name == "carl" || p.name == "dora" }

// excuses notes what a line that is typed may keep from whom.
func (p *chatter) excuses(line string) {
	words := append(strings.Fields(line), "", "", "")
	switch words[0] {
	case "/block", "/unblock":
		p.excused["from "+words[1]] = true
		delete(p.blocked, words[1])
	case "/leave":
		room := words[1]
		if room == "" {
			room = p.status.To.Name
		}
		p.excused["in "+room] = true
	case "/kick", "/ban":
		for _, other := range p.all {
			if other.name == words[1] {
				other.excused["in "+words[2]] = true
			}
		}
	}
}

// isExcused reports whether somebody may have had some of what another one says in a place
// kept from them.
func (p *chatter) isExcused(sender string, where timeline.Conversation) bool {
	return p.excused["from "+sender] || where.Place == timeline.Room && (where.Name != roomOfAll || p.excused["in "+where.Name])
}

// hearsOfBlocks notes whom the person does not hear any more, and holds the client to it.
func (p *chatter) hearsOfBlocks(e timeline.Entry) {
	if name, ok := strings.CutPrefix(e.Text, "You have blocked "); ok && e.Kind != timeline.Message {
		name, _, _ = strings.Cut(name, ":")
		p.met["blocked"]++
		p.blocked[name] = true
	}
	if e.Kind == timeline.Message && !e.Own && p.blocked[e.Sender] {
		p.fail("%s is shown %q of %s, and has blocked them", p.name, e.Text, e.Sender)
	}
}

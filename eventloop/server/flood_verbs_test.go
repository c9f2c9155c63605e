package server_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
	"parley/users/state"
)

// A flood of any request there is ends, at the latest, with the connection, and who behaves
// is heard and answered meanwhile.
func TestFloodOfEachVerb(t *testing.T) {
	for _, line := range floods(t) {
		verb, content, _ := strings.Cut(line, " ")
		for _, extended := range []bool{true, false} {
			c := floodChat(t)
			ann, bob, flooder := c.login("ann", true), c.login("bob", false), c.login("flooder", extended)
			c.net.Advance(time.Second)
			c.besideFlood(fmt.Sprintf("%s, extended %t", line, extended), ann, bob, flooder, bytes.Repeat(request(verb, content), 200))
			free := verb == "seen" && extended // costs nothing, says nothing
			if !free && !ended(flooder) {
				t.Errorf("%s, extended %t: who has sent 6,000 is still there", line, extended)
			}
		}
	}
}

// besides is how many messages are said beside a flood, one each second.
const besides = 30

// besideFlood has somebody flood the server for half a minute, while two behave: one is heard,
// and the other one answered, within the second. It returns for how many seconds the flooder was there.
func (c chat) besideFlood(what string, ann, bob, flooder *sim.Conn, flood []byte) (lived int) {
	c.Helper()
	for i := range besides {
		if !flooder.Closed() {
			flooder.Send(flood)
			lived++
		}
		c.responses(flooder)
		ann.Send(request("msg", fmt.Sprint("line ", i)))
		bob.Send(request("names", ""))
		c.net.Advance(time.Second)
		texts, errors := c.heard(ann)
		if !slices.Contains(texts, fmt.Sprint("line ", i)) || len(errors) > 0 {
			c.Fatalf("%s: ann has heard %v and %v", what, texts, errors)
		}
		if answered := slices.ContainsFunc(c.responses(bob), func(r protocol.Response) bool {
			return r.Content == "ann, bob" || strings.HasPrefix(r.Content, "ann, bob, ")
		}); !answered {
			c.Fatalf("%s: bob is not answered", what)
		}
	}
	return lived
}

// floods returns requests of each kind, each with what it is about.
func floods(t *testing.T) []string {
	lines := []string{"nonsense", "login other", "msg hello", "msg " + strings.Repeat("x", protocol.MaxText), "dm ann hello", "dm nobody hello", "create den", "join lobby", "history", "history with:ann", "search hello",
		"whoelsesince 100", "edit 1 x", "remove 1", "react 1 :)", "unreact 1 :)", "report ann no", "forget me flooder", "startprivate ann", "acceptprivate ann", "declineprivate ann", "stopprivate ann", "relay ann 1 0 aGk=",
		"invite ann lobby", "topic x", "read lobby 1", "away x", "seen 1", "whois ann", "block ann", "unblock ann", "register blue-horse", "passwd blue-horse red-horse", "export after 1",
		"kick ann lobby", "mute ann lobby 1h", "unmute ann lobby", "ban ann lobby", "ban 192.0.2.0/24 lobby", "unban ann lobby", "bans lobby", "role ann moderator lobby", "announce hello", "lockdown on",
		"slow lobby 10", "versions 1", "keep lobby 1", "audit lobby ann"}
	known := make(map[string]bool)
	for _, line := range lines {
		verb, _, _ := strings.Cut(line, " ")
		known[verb] = true
	}
	for _, v := range protocol.NewVerbs().List() {
		switch {
		case known[v.Name] || v.Name == "logout":
		case len(v.Args) > 0 && !v.Args[0].Optional:
			t.Errorf("a flood of %s is not about anything", v.Name)
		default:
			lines = append(lines, v.Name)
		}
	}
	return lines
}

// The same of what is carried out each time, and told to others: the flooder keeps order in a
// room of his own.
func TestFloodOfWhatIsCarriedOut(t *testing.T) {
	key := "SHA256:" + strings.Repeat("b", 42) + "A relay"
	for _, lines := range []string{
		"mute carl den|unmute carl den", "ban dora den|unban dora den", "role carl moderator den|role carl none den", "slow den 1|slow den 0", "topic tea|topic -", "keep den 1|keep den -",
		"create other|leave other", "join open|leave open", "away tea|back", "block dora|unblock dora", "react #1 ok|unreact #1 ok", "edit #1 x|edit #1 y", "msg x|remove #1",
		"invite ann den|invite bob den", "startprivate carl " + key + "|stopprivate carl", "dm carl hello|dm dora hello", "report carl no|report dora no", "kick carl den|invite carl den", "search tea|history den",
	} {
		c := floodChat(t)
		ann, bob, carl, flooder := c.login("ann", true), c.login("bob", false), c.login("carl", true), c.register("flooder")
		c.login("dora", true)
		flooder.Send(request("create", "den"))
		ann.Send(request("create", "open"))
		c.net.Advance(time.Second)
		carl.Send(request("join", "den"))
		c.net.Advance(time.Second)
		c.responses(carl)
		flooder.Send(request("msg", "the first"))
		c.net.Advance(time.Second)
		number := ""
		for _, r := range c.responses(carl) {
			if r.Kind == protocol.KindMessage {
				number = fmt.Sprint(r.Data.ID)
			}
		}
		var once []byte
		for line := range strings.SplitSeq(strings.ReplaceAll(lines, "#1", number), "|") {
			verb, content, _ := strings.Cut(line, " ")
			once = append(once, request(verb, content)...)
		}
		c.responses(flooder)
		flooder.Send(once)
		c.net.Advance(10 * time.Second)
		for _, r := range c.responses(flooder) {
			if r.Kind == protocol.KindError {
				t.Errorf("%s: once it is refused: %s", lines, r.Content)
			}
		}
		c.responses(ann)
		c.responses(bob)
		kept := 0
		c.Disk.Kept = func(rows *state.Rows) { kept += rows.Count }
		lived := c.besideFlood(lines, ann, bob, flooder, bytes.Repeat(once, 100))
		if most := besides + (10*lived + 1) + 10*protocol.MessageCost/protocol.KeptCost; kept > most {
			t.Errorf("%s: in %d s is kept what %d commands have left, more than %d", lines, lived, kept, most)
		}
		if !ended(flooder) {
			t.Errorf("%s: who has sent 6,000 is still there", lines)
		}
	}
}

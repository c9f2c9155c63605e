package server

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
)

// Wherever the server speaks of somebody whose name can be taken for an account's, it says whose
// name it is not, in sentences for those who have nothing else as well: those of a plain session.
// What a person has said is theirs, the sender is the name and no more, and so are lists, which
// programs read, and commands.
func TestSentencesTellLookalikesApart(t *testing.T) {
	cfg := benchConfig()
	cfg.Lookalikes, cfg.Flood, cfg.PlainPresence, cfg.RelayRate = users.ShowLookalikes, FloodLimits{}, true, 1<<20
	c := newTestCore(t, cfg, 1<<20)
	c.outside(&command.AddAccount{Name: "alice", Hash: "h"})
	c.outside(&command.AddAccount{Name: "mod", Hash: "h"})
	c.outside(&command.SetRole{Name: "mod", Role: users.Owner})
	mod := c.enterAccount(&command.Enter{Name: "mod", Verified: "h"})
	plain := c.connect()
	c.ask(plain, `{"request":"login","content":"carl"}`)
	c.settle()

	heard := map[string]int{}      // what has named her, by session and event
	numbers := map[string]uint64{} // of messages, by their texts
	c.heard = func(to eventloop.ConnID, r protocol.Response) {
		session := map[eventloop.ConnID]string{mod: "extended", plain: "plain"}[to]
		event := "plain"
		if r.Data != nil {
			event = r.Data.Event
		}
		if session == "" || r.Data != nil && len(r.Data.Names) > 0 || r.Data == nil && strings.Contains(r.Content, "aIice, ") { // nobody, or a list
			return
		}
		if r.Kind == protocol.KindMessage && session == "extended" {
			numbers[r.Content] = r.Data.ID
		}
		for _, said := range append(r.History, r) {
			sentence, _ := protocol.CutCommands(said.Content)
			for _, told := range herName.FindAllStringSubmatch(sentence, -1) {
				if told[1] == "" {
					t.Errorf("%s, %s: %q does not say who she is not", session, event, said.Content)
				}
				heard[session+" "+event]++
			}
			if session == "extended" && r.Data.Likes["aIice"] == "" && strings.Contains(sentence, "aIice") {
				t.Errorf("%s: %q has no likes", event, said.Content)
			}
		}
	}
	own := c.enter("aIice", "")
	c.settle()
	do := func(id eventloop.ConnID, requests ...string) {
		for _, r := range requests {
			for _, text := range []string{"hers", "mine"} { // by its number
				r = strings.ReplaceAll(r, "#"+text, fmt.Sprint(numbers[text]))
			}
			c.ask(id, "%s", r)
			c.settle()
		}
	}
	do(own, `{"request":"create","content":"den"}`, `{"request":"invite","content":{"name":"carl","room":"den"}}`, `{"request":"invite","content":{"name":"mod","room":"den"}}`)
	do(mod, `{"request":"join","content":"den"}`)
	do(plain, `{"request":"join","content":"den"}`, `{"request":"msg","content":"hers"}`)
	do(own, `{"request":"msg","content":{"text":"mine","room":"den"}}`, `{"request":"msg","content":{"text":"an answer","room":"den","re":#mine}}`,
		`{"request":"react","content":{"id":#mine,"word":"+1"}}`, `{"request":"unreact","content":{"id":#mine,"word":"+1"}}`, `{"request":"react","content":{"id":#hers,"word":"ok"}}`,
		`{"request":"edit","content":{"id":#mine,"text":"still mine"}}`, `{"request":"topic","content":{"text":"tea","room":"den"}}`, `{"request":"topic","content":{"text":"-","room":"den"}}`,
		`{"request":"slow","content":{"room":"den","seconds":1}}`, `{"request":"slow","content":{"room":"den","seconds":0}}`,
		`{"request":"mute","content":{"name":"carl","room":"den"}}`)
	do(plain, `{"request":"msg","content":"and this"}`) // is muted by her
	do(own, `{"request":"unmute","content":{"name":"carl","room":"den"}}`, `{"request":"role","content":{"name":"carl","role":"moderator","room":"den"}}`,
		`{"request":"remove","content":{"id":#hers,"why":"no"}}`, `{"request":"dm","content":{"name":"carl","text":"psst"}}`, `{"request":"dm","content":{"name":"mod","text":"psst"}}`,
		`{"request":"report","content":{"about":"carl","why":"no"}}`, `{"request":"away","content":"tea"}`)
	for _, id := range []eventloop.ConnID{plain, mod} {
		do(id, `{"request":"dm","content":{"name":"aIice","text":"yes"}}`, `{"request":"whois","content":"aIice"}`, `{"request":"report","content":{"about":"aIice"}}`,
			`{"request":"msg","content":"to you","re":#mine}`, `{"request":"history","content":"den"}`, `{"request":"history","content":{"with":"aIice"}}`, `{"request":"search","content":"mine"}`, `{"request":"search","content":"yes"}`,
			`{"request":"block","content":"aIice"}`, `{"request":"unblock","content":"aIice"}`, `{"request":"names"}`)
	}
	key := `"fingerprint":"SHA256:` + strings.Repeat("b", 42) + `A","paths":"relay"`
	do(own, `{"request":"startprivate","content":{"name":"mod",`+key+`}}`, `{"request":"stopprivate","content":"mod"}`, `{"request":"startprivate","content":{"name":"mod",`+key+`}}`)
	do(mod, `{"request":"acceptprivate","content":{"name":"aIice",`+key+`}}`, `{"request":"stopprivate","content":"aIice"}`, `{"request":"startprivate","content":{"name":"aIice",`+key+`}}`)
	do(own, `{"request":"declineprivate","content":"mod"}`)
	do(mod, `{"request":"unread"}`, `{"request":"reports"}`, `{"request":"audit","content":"den"}`, `{"request":"versions","content":#mine}`,
		`{"request":"mute","content":{"name":"aIice","room":"lobby"}}`, `{"request":"bans","content":"lobby"}`, `{"request":"unmute","content":{"name":"aIice","room":"lobby"}}`)
	do(own, `{"request":"ban","content":{"who":"carl","room":"den","why":"no"}}`)
	do(plain, `{"request":"join","content":"den"}`) // is refused
	do(mod, `{"request":"kick","content":{"name":"aIice","room":"den"}}`, `{"request":"invite","content":{"name":"aIice","room":"den"}}`, `{"request":"kick","content":{"name":"aIice","room":"lobby"}}`)
	c.settle()
	for _, want := range []string{
		protocol.EventPresence, protocol.EventRoomInvitation, protocol.EventReacted, protocol.EventUnreacted, protocol.EventEdited, protocol.EventRemoved, protocol.EventTopic, protocol.EventSlow,
		protocol.EventMuted, protocol.EventUnmuted, protocol.EventRole, protocol.EventBanned, protocol.EventKicked, protocol.EventReport, protocol.EventReports, protocol.EventAudit, protocol.EventBans,
		protocol.EventWhois, protocol.EventDelivered, protocol.EventBlocked, protocol.EventUnblocked, protocol.EventInvitation, protocol.EventInvited, protocol.EventIntroduced, protocol.EventDeclined, protocol.EventStopped,
		protocol.EventUnread,
	} {
		if heard["extended "+want] == 0 {
			t.Errorf("no sentence of %s names her", want)
		}
	}
	if n := heard["plain plain"]; n < 30 {
		t.Errorf("%d sentences and marks name her in the plain session", n)
	}
}

// herName is a name that is told apart, or is not.
var herName = regexp.MustCompile(`aIice( [(\[]not alice[)\]]| is [a-z: ]+; .*not alice)?`)

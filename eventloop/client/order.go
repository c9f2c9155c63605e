package client

import (
	"fmt"
	"strconv"
	"strings"

	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
	"parley/eventloop/client/view"
	"parley/protocol"
)

// cmdOrder is a command of those who keep order, or of who asks for it: a request of that
// name.
func cmdOrder(verb string) handler {
	return func(a *App, arg string) {
		if f, ok := a.readForm(verb, arg); ok {
			a.askFor(sending.Request{Verb: verb, Fields: f})
		}
	}
}

// orderVerbs are the acts that events tell of.
var orderVerbs = map[string]string{
	protocol.EventKicked: "kick", protocol.EventMuted: "mute", protocol.EventUnmuted: "unmute", protocol.EventBanned: "ban",
	protocol.EventUnbanned: "unban", protocol.EventRole: "role", protocol.EventLockdown: "lockdown", protocol.EventReport: "report",
	protocol.EventSlow: "slow",
}

// orderEvent handles what was done to keep order. It reports whether there is nothing left
// to show of it.
func (a *App) orderEvent(r *protocol.Response) (done bool) {
	d := r.Data
	if d.Event == protocol.EventAnnouncement {
		a.announced(r)
		return true
	}
	verb := orderVerbs[d.Event]
	if verb == "" || a.cfg.Mode != Interactive && !a.putsOut(d) {
		return false
	}
	if a.cfg.Mode != Interactive {
		a.showWords(*r)
	} else {
		a.tellAct(verb, d)
	}
	if a.putsOut(d) {
		a.outOfRoom(d.Room)
	}
	return true
}

// putsOut reports whether one is put out of a room.
func (a *App) putsOut(d *protocol.Data) bool {
	return (d.Event == protocol.EventKicked || d.Event == protocol.EventBanned) && d.Room != "" && a.isSelf(d.Name)
}

// tellAct says what was done.
func (a *App) tellAct(verb string, d *protocol.Data) {
	act := protocol.Act{Act: verb, Name: d.Name, Room: d.Room, Message: d.ID}
	if o := d.Order; o != nil {
		act.By, act.Why, act.Until, act.Set = o.By, o.Why, o.Until, o.Role
		if len(o.Acts) > 0 {
			act.Address = o.Acts[0].Address
		}
		if verb == "lockdown" {
			act.Set = map[bool]string{true: protocol.On, false: protocol.Off}[o.On]
		}
	}
	if verb == "slow" {
		act.Set = strconv.Itoa(d.Seconds)
	}
	words := a.actWords(act)
	meant := a.isSelf(d.Name) || verb == "report" && !a.isSelf(act.By)
	if verb == "report" && d.ID != 0 && !a.isSelf(act.By) {
		words += fmt.Sprintf(" To see it, type: /around %d", d.ID)
	}
	kind := timeline.Notice
	if meant {
		kind = timeline.Warning
	}
	a.tell(kind, "%s", words)
	if meant && a.bell != BellOff {
		a.cfg.Ring()
	}
}

// actWords are an act as a sentence. What others have typed stands in quotation marks.
func (a *App) actWords(act protocol.Act) string {
	for _, name := range []*string{&act.By, &act.Name} {
		if *name != "" && !a.isSelf(*name) {
			*name = a.toldApart(*name)
		}
	}
	if act.Room != "" && protocol.CheckRoom(act.Room) != nil {
		act.Room = quote(act.Room)
	}
	for _, words := range []*string{&act.Address, &act.Act, &act.Set} {
		*words = view.Plain(*words)
	}
	if act.Why != "" {
		act.Why = quote(act.Why)
	}
	return act.Sentence(a.login.Name(), nil)
}

// announced shows what somebody who keeps order tells everybody.
func (a *App) announced(r *protocol.Response) {
	d := r.Data
	by := ""
	if d.Order != nil {
		by = d.Order.By
	}
	a.add(timeline.Entry{Kind: timeline.Announcement, Sender: by, Text: d.Text, Times: timesOf(*r)})
	if a.cfg.Mode == Interactive && a.bell != BellOff && !a.isSelf(by) {
		a.cfg.Ring()
	}
}

// listActs shows who is banned, what was reported, or what was done.
func (a *App) listActs(d *protocol.Data) {
	acts := d.Order.Acts
	where := "on the whole server"
	if d.Room != "" {
		where = "in " + view.Name(d.Room)
	}
	words := map[string]struct{ title, none string }{
		protocol.EventBans:    {"Banned or muted " + where + ":", "Nobody is banned or muted " + where + "."},
		protocol.EventReports: {"What was reported:", "Nothing was reported."},
		protocol.EventAudit:   {"What was done to keep order " + where + ":", "Nothing was done to keep order " + where + "."},
	}[d.Event]
	if len(acts) == 0 {
		a.tell(timeline.Notice, "%s", words.none)
		return
	}
	rows := []string{words.title}
	for _, act := range acts {
		row := ago(a.now().Sub(act.Time)) + ": " + a.actWords(act)
		if d.Event == protocol.EventAudit {
			row = view.Number(act.ID) + ", " + row
		}
		rows = append(rows, "  "+row)
	}
	if d.Event == protocol.EventAudit && d.Before != 0 {
		rows = append(rows, fmt.Sprintf("Earlier: /audit before %d, with the same words before it", d.Before))
	}
	a.tell(timeline.Notice, "%s", strings.Join(rows, "\n"))
}

package state_test

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// What dialogues say of keeping order. The operator is called "op", with any session.

// askOrder answers what is asked about it.
func (d *dialogue) askOrder(at time.Time, what string, args []string) (answer string, ok bool) {
	s, arg := d.state, func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	switch what {
	case "rank":
		return rankNames[s.Rank(arg(0), arg(1))], true
	case "roleof":
		return s.Role(arg(0), arg(1)).String(), true
	case "sanctions":
		var all []string
		for _, v := range s.Sanctions(arg(0), at) {
			all = append(all, sanction(v))
		}
		return strings.Join(all, ", "), true
	case "sanctioned":
		v, is := s.Sanctioned(users.Penalty(arg(0)), arg(1), arg(2), arg(3), at)
		if !is {
			return "no", true
		}
		return sanction(v), true
	case "banned":
		v, is := s.BannedAddr(netip.MustParseAddr(arg(0)), at)
		if !is {
			return "no", true
		}
		return sanction(v), true
	case "settings":
		v := s.Settings()
		return strings.Join(strings.Fields(fmt.Sprintf("lockdown %t %s %s slow %d", v.Lockdown, v.By, v.Why, v.Slow)), " "), true
	case "keepers":
		return strings.Join(s.Keepers(arg(0)), " "), true
	case "reports":
		var all []string
		for _, a := range s.Reports(arg(0), 1<<63, 100) {
			all = append(all, act(a))
		}
		return strings.Join(all, ", "), true
	}
	return "", false
}

var rankNames = []string{"none", "room moderator", "room owner", "server moderator", "server owner", "operator"}

// act writes an act in few words.
func act(a state.Act) string {
	parts := []string{fmt.Sprintf("%d %s:", a.Number, cmp.Or(a.By, "op")), a.Act, a.Name + a.Addr, a.Set}
	if a.Message != 0 {
		parts = append(parts, fmt.Sprint("of ", a.Message))
	}
	if a.Room != "" {
		parts = append(parts, "in "+a.Room)
	}
	if !a.Until.IsZero() {
		parts = append(parts, fmt.Sprint("until ", a.Until.Sub(start).Seconds()))
	}
	if a.Why != "" {
		parts = append(parts, "for "+a.Why)
	}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

func sanction(v state.Sanction) string {
	text := fmt.Sprintf("%s %s", v.Kind, v.Target)
	if v.Person != "" && v.Person != v.Target {
		text += " who is " + v.Person
	}
	if v.Room != "" {
		text += " in " + v.Room
	}
	if !v.Until.IsZero() {
		text += fmt.Sprint(" until ", v.Until.Sub(start).Seconds())
	}
	if v.Why != "" {
		text += " for " + v.Why
	}
	return text
}

// toldOrder writes what became of order.
func toldOrder(r state.Result) (parts []string) {
	if r.Act != nil {
		parts = append(parts, act(*r.Act))
	}
	if r.Sanction != nil && r.Err != nil {
		parts = append(parts, sanction(*r.Sanction))
	}
	for _, x := range r.Out {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("out of %s: %s", x.Room.Name, x.Name)))
	}
	if r.Reports > 0 {
		parts = append(parts, fmt.Sprintf("%d reports", r.Reports))
	}
	return parts
}

// keptOrder writes rows of it. Acts are not written: they are what is told.
func keptOrder(r *state.Rows) (parts []string) {
	for _, v := range r.Sanctions {
		sign := ""
		if v.Gone {
			sign = "-"
		}
		parts = append(parts, sign+sanction(v.Sanction))
	}
	if v := r.Settings; v != nil {
		parts = append(parts, "settings")
	}
	return parts
}

// parseOrder makes a command that keeps order; nil if it is another.
func parseOrder(what string, by command.By, named map[string]string, arg func(int) string) command.Command {
	if by.Name == "op" {
		by = command.By{}
	}
	room, why := named["in"], named["why"]
	lasts, _ := time.ParseDuration(named["for"])
	switch what {
	case "role":
		role, ok := users.ParseRole(arg(3))
		if !ok {
			role = users.Role(arg(3))
		}
		return &command.SetRole{By: by, Name: arg(2), Role: role, Room: room}
	case "kick":
		return &command.Kick{By: by, Name: arg(2), Room: room, Why: why}
	case "ban", "mute":
		return &command.Sanction{By: by, Kind: users.Penalty(what), Name: arg(2), Addr: named["addr"], Room: room, For: lasts, Why: why}
	case "unban", "unmute":
		return &command.Lift{By: by, Kind: users.Penalty(strings.TrimPrefix(what, "un")), Name: arg(2), Addr: named["addr"], Room: room}
	case "lockdown":
		return &command.Lockdown{By: by, On: arg(2) == "on", Why: why}
	case "slow":
		seconds, _ := strconv.Atoi(arg(2))
		return &command.Slow{By: by, Room: cmp.Or(room, state.Lobby), Seconds: seconds}
	case "announce":
		return &command.Announce{By: by, Text: arg(2)}
	case "report":
		if named["id"] == "" {
			return &command.Report{By: by, Name: arg(2), Why: why}
		}
		n, _ := strconv.ParseUint(named["id"], 10, 64)
		return &command.Report{By: by, Why: why, Of: &command.Target{Number: n, Room: room, Sender: arg(2), From: named["from"], To: named["to"]}}
	}
	return nil
}

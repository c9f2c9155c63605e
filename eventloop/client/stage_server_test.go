package client

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/eventloop/client/conn"
	"parley/protocol"
)

// says lets the server speak. Beside JSON there are short forms, all with the
// present time:
//
//	info|error|message|history ...      a plain response
//	+login LOG [STATE [SECONDS]] [token=TOKEN] [id=ID] [resume=WORD] | +resumed ID | +resume_waits TEXT | +message ID SENDER TEXT | +direct ID FROM TO TEXT | +presence NAME STATE TEXT
//	+accepted ID #N | +delivered TO #N | +stored TO #N | +names NAME, NAME | +pong
//	+shutting_down [SECONDS] TEXT
//	+error CODE #N|#ask|#VERB-N|#|SECONDS TEXT | +timeout TEXT | +moved TEXT | +ended TEXT
//	+invited|+declined|+lapsed|+stopped NAME SESSION TEXT | +invitation NAME SESSION KEY
//	+introduced NAME SESSION KEY PATHS | +relayed NAME SESSION CREDIT PAYLOAD
//	+history ID SENDER TEXT | ID SENDER TEXT ... [| more]      from an extended session
//
// Before TEXT of a message, in +accepted behind #N, and first of all in +history and
// +presence may stand a room: [ROOM]. A login may have rooms=ROOM:READ,ROOM and read=N.
// More that is told of rooms stands at roomResponse.
//
// What is told of what was said before stands at pastResponse.
//
// What answers a request that is no text has the ref of the last one, or that of #VERB-N.
func (s *stage) says(text string) {
	if s.link == nil || s.link.closed {
		s.t.Fatalf("%s: there is no connection", s.where)
	}
	if text == "lost" {
		s.app.happened(conn.Event{Gen: s.gen, Kind: conn.Lost, Err: io.EOF})
		return
	}
	b := []byte(strings.ReplaceAll(text, `\n`, "\n"))
	if strings.Contains(text, "{") {
		b = []byte(text)
	}
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "info", "error":
		b = protocol.AppendPlain(nil, protocol.Response{Time: s.clk.now, Sender: "server", Kind: protocol.Kind(word), Content: rest})
	case "message":
		sender, said, _ := strings.Cut(rest, " ")
		b = protocol.AppendPlain(nil, protocol.Response{Time: s.clk.now, Sender: sender, Kind: protocol.KindMessage, Content: said})
	case "history":
		b = fmt.Appendf(nil, `{"timestamp":null,"sender":"server","response":"history","content":%s}`, rest)
	default:
		if event, ok := strings.CutPrefix(word, "+"); ok {
			b = s.extended(event, rest)
		}
	}
	s.decoder.Decode(b, func(e conn.Event) bool {
		s.app.happened(e)
		return true
	})
}

func (s *stage) extended(event, rest string) []byte {
	r := protocol.Response{Time: s.clk.now, Sender: "server", Kind: protocol.KindInfo, Content: rest, Ref: s.ref, Data: &protocol.Data{Event: event}}
	d := r.Data
	words := append(strings.SplitN(rest, " ", 3), "", "")
	ref := func(i int) string {
		return fmt.Sprintf("%016x-", uint64(stageRand)) + strings.TrimPrefix(words[i], "#")
	}
	if pastResponse(&r, s.clk.now, event, rest) || roomResponse(&r, s.clk.now, rest) {
		return protocol.AppendExtended(nil, r)
	}
	switch event {
	case protocol.EventLogin:
		loginResponse(&r, s.app.login.Name(), strings.Fields(rest))
	case protocol.EventResumed:
		r.Content, r.Ref = "That is all that you have missed.", ""
		d.ID, _ = strconv.ParseUint(words[0], 10, 64)
	case protocol.EventResumeWaits:
		r.Ref = ""
	case protocol.EventAccepted:
		r.Content, r.Ref = "Accepted.", ref(1)
		d.Room, _ = cutRoom(words[2] + " ")
		d.ID, _ = strconv.ParseUint(words[0], 10, 64)
	case protocol.EventDelivered, protocol.EventStored:
		r.Content, r.Ref, d.To = "Your message was "+event+".", ref(1), words[0]
	case protocol.EventNames, protocol.EventBlocked:
		d.Names = strings.Split(rest, ", ")
	case protocol.EventPresence:
		d.Room, rest = cutRoom(rest)
		words = append(strings.SplitN(rest, " ", 3), "", "")
		r.Ref, d.Name, d.State, r.Content = "", words[0], words[1], words[2]
	case protocol.EventMessage:
		r = extendedMessage(s.clk.now, rest)
	case protocol.EventDirect:
		r = extendedMessage(s.clk.now, rest)
		r.Data.Event = event
		r.Data.To, r.Content, _ = strings.Cut(r.Content, " ")
	case protocol.EventShuttingDown:
		r.Ref = ""
		d.Seconds, _ = strconv.Atoi(words[0])
	case "timeout":
		d.Event, d.Code, r.Ref = protocol.EventLogout, protocol.Timeout, ""
	case "ended":
		d.Event, d.Code, r.Ref = protocol.EventLogout, protocol.NotAllowed, ""
	case "moved":
		d.Event, d.Code, r.Ref = protocol.EventLogout, protocol.LoggedInElsewhere, ""
	case protocol.EventError:
		r.Kind, d.Code, r.Content = protocol.KindError, protocol.Code(words[0]), words[2]
		switch tag, ok := strings.CutPrefix(words[1], "#"); {
		case !ok:
			r.Ref = ""
			d.Seconds, _ = strconv.Atoi(words[1])
		case tag == "":
			r.Ref = ""
		case strings.Contains(tag, "-"):
			r.Ref = tag
		case tag != "ask":
			r.Ref = ref(1)
		}
	case protocol.EventInvited, protocol.EventInvitation, protocol.EventIntroduced, protocol.EventDeclined,
		protocol.EventLapsed, protocol.EventStopped, protocol.EventRelayed:
		privateResponse(&r, words)
	case protocol.EventHistory:
		r.Kind, r.Content, r.Ref = protocol.KindHistory, "", ""
		d.Room, rest = cutRoom(rest)
		for _, m := range strings.Split(rest, " | ") {
			if m == "more" {
				d.More = true
			} else if m != "" {
				r.History = append(r.History, extendedMessage(s.clk.now, m))
			}
		}
	}
	return protocol.AppendExtended(nil, r)
}

// loginResponse fills in the answer to a login.
func loginResponse(r *protocol.Response, name string, words []string) {
	d := r.Data
	r.Content, r.Ref, d.Name = "Welcome!", "", name
	plain := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Contains(w, "=") })
	plain = append(plain, "", "", "")
	d.Log, d.State = plain[0], plain[1]
	d.Seconds, _ = strconv.Atoi(plain[2])
	for _, w := range words {
		switch key, value, _ := strings.Cut(w, "="); key {
		case "token":
			d.Token = value
		case "resume":
			d.Resume = value
		case "rooms":
			for room := range strings.SplitSeq(value, ",") {
				name, read, _ := strings.Cut(room, ":")
				d.Rooms = append(d.Rooms, roomOf([]string{name, "read=" + read}))
			}
		case "read":
			d.Read, _ = strconv.ParseUint(value, 10, 64)
		case "id":
			d.ID, _ = strconv.ParseUint(value, 10, 64)
		}
	}
}

func extendedMessage(now time.Time, s string) protocol.Response {
	words := strings.SplitN(s, " ", 3)
	id, _ := strconv.ParseUint(words[0], 10, 64)
	room, text := cutRoom(words[2])
	return protocol.Response{Time: now, Sender: words[1], Kind: protocol.KindMessage, Content: text,
		Data: &protocol.Data{Event: protocol.EventMessage, ID: id, Room: room}}
}

// described is a request as a script has it. Refs of what is no text are left out.
// What is said names its room, if the server is an extended one: the lobby is left out.
func described(r protocol.Request) string {
	line := r.Verb
	text, fields := r.Content.Text, maps.Clone(r.Content.Fields)
	if r.Verb == "msg" && r.ID != "" {
		switch room := fields["room"]; room {
		case protocol.Lobby:
		case "":
			line += " nowhere"
		default:
			line += " " + room
		}
		text = fields["text"]
		delete(fields, "room")
		delete(fields, "text")
	}
	if text != "" {
		line += " " + strconv.Quote(text)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		line += fmt.Sprintf(" %s=%s", key, keyName(strconv.Quote(fields[key])))
	}
	if r.Extended {
		line += " extended"
	}
	if r.Password != "" {
		line += fmt.Sprintf(" password=%q", r.Password)
	}
	if r.Register {
		line += " register"
	}
	if r.Takeover {
		line += " takeover"
	}
	for _, key := range []struct{ name, value string }{{"token", r.Token}, {"log", r.Log}} {
		if key.value != "" {
			line += fmt.Sprintf(" %s=%s", key.name, key.value)
		}
	}
	if r.HasAfter {
		line += fmt.Sprintf(" after=%d", r.After)
	}
	if r.ID != "" {
		line += " #" + r.ID[strings.IndexByte(r.ID, '-')+1:]
	}
	return line
}

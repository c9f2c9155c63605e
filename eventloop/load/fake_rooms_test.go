package load

import (
	"net"
	"time"

	"parley/protocol"
)

// A fakeRoom is a room of a fake.
type fakeRoom struct {
	members map[string]bool
	all     []protocol.Response
}

// move has somebody create, join or leave a room.
func (f *fake) move(name string, c net.Conn, r protocol.Request) {
	room := r.Content.Fields["room"]
	in := f.rooms[room]
	if f.moved != nil {
		defer f.moved(r.Verb, name, room)
	}
	switch {
	case r.Verb == "create" && in != nil:
		f.answer(c, r, protocol.KindError, protocol.Data{Event: protocol.EventError, Code: protocol.RoomTaken})
	case r.Verb == "create":
		if f.rooms == nil {
			f.rooms = map[string]*fakeRoom{}
		}
		f.rooms[room] = &fakeRoom{members: map[string]bool{name: true}}
		f.answer(c, r, protocol.KindInfo, protocol.Data{Event: protocol.EventCreated, Room: room})
	case in == nil:
		f.answer(c, r, protocol.KindError, protocol.Data{Event: protocol.EventError, Code: protocol.UnknownRoom})
	case r.Verb == "join":
		in.members[name] = true
		f.answer(c, r, protocol.KindInfo, protocol.Data{Event: protocol.EventJoined, Room: room})
		f.roomHistory(name, c, room, in)
	default:
		delete(in.members, name)
		f.answer(c, r, protocol.KindInfo, protocol.Data{Event: protocol.EventLeft, Room: room})
	}
}

// roomHistory tells who joins a room what was said in it last.
func (f *fake) roomHistory(name string, c net.Conn, room string, in *fakeRoom) {
	newest := in.all[max(0, len(in.all)-5):]
	if len(newest) == 0 {
		return
	}
	response := protocol.Response{Time: time.Now(), Sender: protocol.ServerName, Kind: protocol.KindHistory, History: newest,
		Data: &protocol.Data{Event: protocol.EventHistory, Room: room}}
	if f.history != nil {
		response.History = f.history(name, room, newest)
	}
	f.write(c, protocol.AppendExtended(nil, response))
}

// hearsIn reports whether somebody is told message k, which is said in a room.
func (f *fake) hearsIn(k int, receiver, room string) bool {
	in := room == "" || f.rooms[room].members[receiver]
	if f.hears != nil && k > 0 {
		return f.hears(k, receiver, room, in)
	}
	return in
}

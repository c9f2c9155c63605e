package load

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/protocol"
)

// A byte that is altered anywhere in what one member of a room is told is one fault, not
// none and not two, unless it means the same.
func TestEveryByteInARoom(t *testing.T) {
	s := base()
	s.Clients, s.Senders, s.Size, s.Rooms, s.RoomsEach = 4, 2, MinSize+2, 4, 3
	const messages, spoilt = 6, 3
	said := func(h hearing, n int) message { // by two senders by turns, in their rooms by turns
		m := mark{sender: uint32(n % 2), seq: uint32(n/2) + 1, due: int64(n)}
		return message{mark: m, room: h.plan.turn(m.sender, m.seq).room, id: uint64(40 + n)}
	}
	tell := func(h hearing, n int) []byte {
		m := said(h, n)
		return told(h.shape.names[m.sender], string(appendText(nil, h.shape.tag, m.mark, s.Size)), &protocol.Data{Event: protocol.EventMessage, ID: m.id, Room: h.plan.name(m.room)})
	}
	room := func(h hearing) []int32 { return h.plan.members[said(h, spoilt).room] }
	length := len(tell(newHearing(t, s), spoilt))
	for at := range length {
		for bit := range 7 {
			for _, first := range []bool{true, false} { // the one who is told the altered one is told first, or last
				h := newHearing(t, s)
				for _, c := range h.clients {
					for _, room := range h.plan.of(c.index) {
						c.move(room, true)
					}
				}
				for _, sender := range h.senders {
					sender.sent.Store(messages)
				}
				order := []int{0, 1, 2, 3}
				victim := room(h)[0]
				if !first {
					slices.Reverse(order)
				}
				frame := tell(h, spoilt)
				right, _ := protocol.DecodeResponse(frame)
				altered := bytes.Clone(frame)
				altered[at] ^= 1 << bit
				for _, i := range order {
					var read []byte
					for n := range messages {
						switch {
						case !slices.Contains(h.plan.members[said(h, n).room], int32(i)):
						case n == spoilt && int32(i) == victim:
							read = append(read, altered...)
						default:
							read = append(read, tell(h, n)...)
						}
					}
					c := h.clients[i]
					c.tail = c.consume(h.w, read)
				}
				want := uint64(1)
				if got, err := protocol.DecodeResponse(altered); err == nil && cmp.Equal(got, right) {
					want = 0
				}
				if n := h.faults(); n != want {
					t.Fatalf("byte %d, bit %d, first %v: %d faults: %q %+v in %q", at, bit, first, n, h.finds.list, h.troubles.list, altered)
				}
			}
		}
	}
}

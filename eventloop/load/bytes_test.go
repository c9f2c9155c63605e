package load

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/protocol"
)

// hearing is a room whose clients are told what a test says, without connections.
type hearing struct {
	*round
	w *worker
}

func newHearing(t *testing.T, s Scenario) hearing {
	r := newRound(context.Background(), &Config{Clock: realClock{}, Tag: 7, Workers: 1, Drain: time.Second}, s, 0)
	r.probe.stop()
	r.newSenders(s.Senders)
	r.drained = true
	for _, c := range r.clients {
		c.in = true
	}
	w := <-r.workers
	r.workers <- w
	return hearing{r, w}
}

// faults judges as at the end of a round and returns how much was wrong.
func (h hearing) faults() uint64 {
	here := make(map[*client]bool)
	for _, c := range h.clients {
		here[c] = true
	}
	h.judge(here)
	return h.finds.wrong() + uint64(h.troubles.count())
}

// A byte that is altered anywhere in what one receiver is told is one fault, not none and
// not two, unless it means the same: keys may be in any letter case.
func TestEveryByte(t *testing.T) {
	s := base()
	s.Clients, s.Senders, s.Size = 3, 2, MinSize+2
	const messages, spoilt = 6, 3
	tell := func(h hearing, n int) []byte {
		m := mark{sender: uint32(n % 2), seq: uint32(n / 2), due: int64(n)}
		return told(h.shape.names[m.sender], string(appendText(nil, h.shape.tag, m, s.Size)), &protocol.Data{Event: protocol.EventMessage, ID: uint64(40 + n)})
	}
	length := len(tell(newHearing(t, s), spoilt))
	for at := range length {
		for bit := range 7 {
			for _, first := range []bool{true, false} { // the one who is told the altered one is told first, or last
				h := newHearing(t, s)
				for _, sender := range h.senders {
					sender.sent.Store(messages)
				}
				order := []int{0, 1, 2}
				if !first {
					order = []int{2, 1, 0}
				}
				for _, i := range order {
					var read []byte
					for n := range messages {
						frame := tell(h, n)
						if n == spoilt && i == 0 {
							frame = bytes.Clone(frame)
							frame[at] ^= 1 << bit
						}
						read = append(read, frame...)
					}
					c := h.clients[i]
					c.tail = c.consume(h.w, read)
				}
				want := uint64(1)
				frame := tell(h, spoilt)
				right, _ := protocol.DecodeResponse(frame)
				frame[at] ^= 1 << bit
				if got, err := protocol.DecodeResponse(frame); err == nil && cmp.Equal(got, right) {
					want = 0
				}
				if n := h.faults(); n != want {
					t.Fatalf("byte %d, bit %d, first %v: %d faults: %q %+v in %q", at, bit, first, n, h.finds.list, h.troubles.list, frame)
				}
			}
		}
	}
}

// The same of a direct message, but for its timestamp, which only one receiver is told: it
// is compared with the clock.
func TestEveryByteOfADirectMessage(t *testing.T) {
	s := base()
	s.Name, s.Clients, s.Senders, s.Size = "dm", 2, 2, MinSize+2
	const messages, spoilt = 6, 3
	tell := func(h hearing, n int) []byte {
		text := string(appendText(nil, h.shape.tag, mark{sender: 1, seq: uint32(n + 1), due: int64(n)}, s.Size))
		return told(h.shape.names[1], text, &protocol.Data{Event: protocol.EventDirect, To: h.shape.names[0]})
	}
	right, _ := protocol.DecodeResponse(tell(newHearing(t, s), spoilt))
	for at := senderAt; at < len(tell(newHearing(t, s), spoilt)); at++ {
		for bit := range 7 {
			h := newHearing(t, s)
			h.senders[1].sent.Store(messages)
			var read []byte
			for n := range messages {
				frame := tell(h, n)
				if n == spoilt {
					frame[at] ^= 1 << bit
				}
				read = append(read, frame...)
			}
			h.clients[0].tail = h.clients[0].consume(h.w, read)
			frame := tell(h, spoilt)
			frame[at] ^= 1 << bit
			want := uint64(1)
			if got, err := protocol.DecodeResponse(frame); err == nil && cmp.Equal(got, right) {
				want = 0
			}
			if n := h.faults(); n != want {
				t.Fatalf("byte %d, bit %d: %d faults: %q %+v in %q", at, bit, n, h.finds.list, h.troubles.list, frame)
			}
		}
	}
}

// And of the answer to a message.
func TestEveryByteOfAnAnswer(t *testing.T) {
	s := base()
	s.Clients, s.Senders, s.Size = 2, 1, MinSize+2
	tell := func(h hearing, n int) []byte {
		m := mark{seq: uint32(n + 1), due: int64(n)}
		return protocol.AppendExtended(nil, protocol.Response{Time: time.Unix(1e9, 0), Sender: protocol.ServerName, Kind: protocol.KindInfo, Content: "so it is",
			Ref: ref(h.shape.tag, m), Data: &protocol.Data{Event: protocol.EventAccepted, ID: uint64(40 + n)}})
	}
	h := newHearing(t, s)
	frame := tell(h, 1)
	for at := bytes.Index(frame, []byte(`","ref"`)) + 3; at < len(frame)-1; at++ {
		for bit := range 7 {
			h := newHearing(t, s)
			h.senders[0].sent.Store(3)
			for n := range 3 {
				m := mark{seq: uint32(n + 1), due: int64(n)}
				for _, c := range h.clients {
					c.consume(h.w, told(h.shape.names[0], string(appendText(nil, h.shape.tag, m, s.Size)), &protocol.Data{Event: protocol.EventMessage, ID: uint64(40 + n)}))
				}
				h.clients[0].owed.Add(1)
			}
			var read []byte
			for n := range 3 {
				answer := tell(h, n)
				if n == 1 {
					answer[at] ^= 1 << bit
				}
				read = append(read, answer...)
			}
			c := h.clients[0]
			c.tail = c.consume(h.w, read)
			altered := bytes.Clone(frame)
			altered[at] ^= 1 << bit
			if n := h.faults(); n > 1 || n == 0 && !bytes.Equal(bytes.ToLower(altered), bytes.ToLower(frame)) {
				t.Errorf("byte %d, bit %d: %d faults: %q %+v in %q", at, bit, n, h.finds.list, h.troubles.list, altered)
			}
		}
	}
}

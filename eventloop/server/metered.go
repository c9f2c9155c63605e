package server

import (
	"parley/eventloop"
	"parley/protocol"
)

// bytesPerUnit is how many bytes of output cost a request one unit more. What a
// user may save up (500 units at default settings) is then a quarter of what may
// wait for a connection: who is told all of it at once and reads at any speed is not
// dropped for it.
const bytesPerUnit = 512

// metered is Effects that count what they send: to one session, or to one of those
// that are sent the same.
type metered struct {
	Effects
	sent int // bytes
}

// take returns how much was sent since the last time.
func (m *metered) take() int {
	n := m.sent
	m.sent = 0
	return n
}

func (m *metered) Send(to eventloop.ConnID, frame []byte) {
	m.sent += len(frame)
	m.Effects.Send(to, frame)
}

func (m *metered) SendMessage(to eventloop.ConnID, frames []protocol.SaidFrame) {
	m.sent += protocol.SizeOf(frames)
	m.Effects.SendMessage(to, frames)
}

func (m *metered) Replay(to eventloop.ConnID, frames []protocol.SaidFrame) {
	m.sent += protocol.SizeOf(frames)
	m.Effects.Replay(to, frames)
}

func (m *metered) SendLater(to eventloop.ConnID, frame []byte) {
	m.sent += len(frame)
	m.Effects.SendLater(to, frame)
}

func (m *metered) Deliver(d Delivery) {
	m.sent += max(protocol.SizeOf(d.Plain), len(d.Extended))
	m.Effects.Deliver(d)
}

package server

import (
	"bytes"
	"time"

	"parley/eventloop"
	"parley/protocol"
)

// Send implements Effects.
func (s *Server) Send(to eventloop.ConnID, frame []byte) {
	s.traceOut(to, frame)
	if to.Loop() == 0 { // without the memory that the function below takes
		sh := s.shards[0].Load()
		defer sh.contain(to)
		sh.send(to, frame)
		return
	}
	frame = bytes.Clone(frame)
	s.onShard(to, func(sh *shard) { sh.send(to, frame) })
}

// SendLater implements Effects.
func (s *Server) SendLater(to eventloop.ConnID, frame []byte) {
	s.traceOut(to, frame)
	if to.Loop() == 0 {
		sh := s.shards[0].Load()
		defer sh.contain(to)
		sh.sendLater(to, frame)
		return
	}
	frame = bytes.Clone(frame)
	s.onShard(to, func(sh *shard) { sh.sendLater(to, frame) })
}

// SendMessage implements Effects.
func (s *Server) SendMessage(to eventloop.ConnID, frames []protocol.SaidFrame) {
	s.traceSaid(to, frames)
	s.onShard(to, func(sh *shard) { sh.sendMessage(to, frames) })
}

// Replay implements Effects.
func (s *Server) Replay(to eventloop.ConnID, frames []protocol.SaidFrame) {
	s.traceSaid(to, frames)
	s.onShard(to, func(sh *shard) { sh.replay(to, frames) })
}

// Withdraw implements Effects.
func (s *Server) Withdraw(number uint64) {
	s.onAllShards(func(sh *shard) { sh.pacer.withdraw(number) })
}

// Enter implements Effects.
func (s *Server) Enter(id eventloop.ConnID) {
	s.onShard(id, func(sh *shard) { sh.enter(id) })
}

// Extend implements Effects.
func (s *Server) Extend(id eventloop.ConnID) {
	s.onShard(id, func(sh *shard) { sh.extend(id) })
}

// Join implements Effects.
func (s *Server) Join(id eventloop.ConnID, room string, extended bool) {
	s.onShard(id, func(sh *shard) { sh.join(id, room, extended) })
}

// Leave implements Effects.
func (s *Server) Leave(id eventloop.ConnID, room string) {
	s.onShard(id, func(sh *shard) { sh.leave(id, room) })
}

// Deliver implements Effects.
func (s *Server) Deliver(d Delivery) {
	if d.Extended == nil && d.Plain == nil {
		return
	}
	s.traceDelivery(d)
	s.onAllShards(func(sh *shard) { sh.deliver(d) })
}

// onAllShards runs a function on all shards that have had connections.
func (s *Server) onAllShards(run func(*shard)) {
	for i := range s.cfg.Loops {
		if s.shards[i].Load() != nil {
			s.onLoop(i, nobody, run)
		}
	}
}

// TellOut implements Effects.
func (s *Server) TellOut(id eventloop.ConnID, mark uint64) {
	s.onShard(id, func(sh *shard) { sh.tellOut(id, mark) })
}

// out tells the core that all has gone out that was sent to a connection.
func (s *Server) out(from *eventloop.Loop, id eventloop.ConnID, mark uint64) {
	s.onCore(from, func(now time.Time) { s.guarded(id, now, func() { s.core.Out(id, mark, now) }) })
}

// AskFlush implements Effects.
func (s *Server) AskFlush() {
	if sh := s.shards[0].Load(); sh != nil { // else Post does it
		sh.loop.AskTurn()
	}
}

// WakeAt implements Effects.
func (s *Server) WakeAt(t time.Time) {
	if sh := s.shards[0].Load(); sh != nil { // else nobody waits for anything: the first connection has the core look
		sh.loop.WakeAt(t)
	}
}

// Close implements Effects.
func (s *Server) Close(id eventloop.ConnID) {
	s.onShard(id, func(sh *shard) { sh.close(id) })
}

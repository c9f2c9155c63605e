package cluster

// Publish implements log.Stream. It waits for nothing: whoever sends something by a connection to
// NATS waits while that is made anew, which takes seconds where a machine does not answer.
func (s *Stream) Publish(data []byte) {
	for {
		select {
		case s.turn <- data:
			return
		default:
		}
		select {
		case <-s.turn: // a node has one turn under way: it is the same one, or has come back
		default:
		}
	}
}

// sendTurns publishes what waits.
func (s *Stream) sendTurns() {
	for {
		select {
		case <-s.life.Done():
			return
		case data := <-s.turn:
			// An error says that there is no connection: it is published again.
			_ = s.conn.PublishRequest(s.cfg.turns(), s.acks, data)
		}
	}
}

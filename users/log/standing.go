package log

// A Standing says where a node is in the log that it shares, and what it has done since its
// process began.
type Standing struct {
	Node     string // its name
	Number   uint32 // as the state numbers it; 0: none has begun under the name
	Epoch    uint64 // the newest that has begun under the name
	Begun    bool   // it takes part
	Position uint64 // of the message that was carried out last
	Last     uint64 // of the newest message that is known to be in the stream
	Failing  error  // why nothing can be decided now; nil: it can

	Turns   uint64 // that were published
	Again   uint64 // times that one of them was published again
	Fetches uint64 // times that the stream was asked for messages
	Epochs  uint64 // that have begun in this process
}

// Behind returns how many messages are known to be in the stream that were not carried out.
func (s Standing) Behind() uint64 { return s.Last - s.Position }

// Standing returns where the node is.
func (l *Replicated) Standing() Standing {
	s := l.did
	me := l.cfg.State.Node(l.cfg.Node)
	s.Node, s.Number, s.Epoch, s.Begun, s.Failing = l.cfg.Node, me.Number, me.Epoch, l.begun, l.Failing()
	s.Position = l.Position()
	s.Last = max(l.did.Last, s.Position)
	return s
}

package seen

import "parley/protocol"

// A point is how far a log has been told on the servers that number direct messages
// with the others, and that tell what was missed.
type point struct {
	whole  bool   // all up to told was shown, or was said before one came
	told   uint64 // a number; that of a message that was shown may be larger
	newest uint64 // of the log when one logged in: what was said up to it is the history
	unseen uint64 // the newest direct message that was shown and not acknowledged; 0: none
}

// LoggedIn notes what the answer to a login says of the log. If what was missed does
// not follow, the newest history does, that of the lobby last, and ends with HistoryEnded.
func (s *Messages) LoggedIn(d *protocol.Data) {
	switch {
	case d.Log == "":
		return
	case d.Log != s.log, d.Resume == protocol.ResumeOtherLog, d.Resume == protocol.ResumeAhead:
		s.log, s.last, s.room, s.own, s.directs, s.point = d.Log, 0, nil, nil, nil, point{}
	}
	if d.Resume != protocol.ResumeFollows {
		s.whole, s.told, s.newest = false, 0, d.ID
	}
}

// Begin says that all up to a number of a log was shown before, by another process.
func (s *Messages) Begin(log string, after uint64) {
	s.log, s.whole, s.told = log, true, after
}

// HistoryEnded notes that the newest history has come.
func (s *Messages) HistoryEnded() {
	if !s.whole {
		s.whole, s.told = true, s.newest
	}
}

// Resumed notes that all that was missed has come, up to a number.
func (s *Messages) Resumed(upTo uint64) { s.whole, s.told = true, max(s.told, upTo) }

// After returns behind which number of the log something can have been missed. It
// reports false if that is not known.
func (s *Messages) After() (after uint64, known bool) {
	return max(s.told, s.last), s.whole && s.log != ""
}

// Unseen reports whether direct messages are to be acknowledged.
func (s *Messages) Unseen() bool { return s.unseen > 0 }

// TakeUnseen returns up to which number direct messages are to be acknowledged now;
// 0: there are none.
func (s *Messages) TakeUnseen() uint64 {
	upTo := s.unseen
	s.unseen = 0
	return upTo
}

// directShown notes the number of a direct message that is shown, or was before. It is
// to be acknowledged in any case: the server would not tell it again if it knew.
func (s *Messages) directShown(id uint64) {
	s.unseen, s.told = max(s.unseen, id), max(s.told, id)
}

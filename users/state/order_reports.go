package state

import (
	"parley/users"
	"parley/users/command"
)

// MaxReports is how many reports the state remembers, the newest.
const MaxReports = 1000

// report tells those who keep order of a message, or of a person.
func (s *State) report(c *command.Report, rows *Rows) Result {
	who, err := s.caller(c.By)
	switch {
	case err != nil:
		return refused(err)
	case len(c.Why) > MaxWhy:
		return refused(ErrTooLong)
	}
	act := Act{Act: ActReport, Why: c.Why}
	if c.Of != nil {
		of := s.asNow(*c.Of)
		err = s.reportMessage(&act, who, &of)
	} else {
		to := s.subject(c.Name)
		act.Name, act.Target = to.Name, to.Person
		switch {
		case !users.ValidName(c.Name): // of one who has left nothing may be known any more
			err = ErrName
		case to.Person == who.Person || users.Fold(to.Name) == users.Fold(who.Name):
			err = users.ErrSelf
		}
	}
	if err != nil {
		return Result{Err: err, Name: act.Name}
	}
	r := Result{Name: act.Name, Act: s.note(actor{Online: who}, act, rows)}
	s.addReport(r.Act)
	s.noteTold(r.Act, rows)
	return r
}

// noteTold notes of those who are told of a report at once that they were online after it, in the
// same rows as the report: at their next login it is not counted, also if the process is killed
// before they leave. Where nodes share the log it is not known who was told: a node may be dead
// that they were at, until the others take it for gone. Then they leave in any case.
func (s *State) noteTold(a *Act, rows *Rows) {
	if len(s.nodes.all) > 0 {
		return
	}
	for _, name := range s.Keepers(a.Room) {
		s.touchLastSeen(name, a.Time.Add(1), rows) // of a guest nothing is kept
	}
}

// reportMessage has an act be about a message, which who asks must be able to know.
func (s *State) reportMessage(act *Act, who Online, of *command.Target) error {
	act.Name, act.Target, act.Room, act.Message = of.Sender, of.From, of.Room, of.Number
	r := s.rooms.find(of.Room)
	switch {
	case of.Number == 0 || of.Number > s.last:
		return ErrNoMessage
	case of.Room == "" && of.From != who.Person && of.To != who.Person: // a direct message of others
		return ErrNoMessage
	case of.Room != "" && of.Room != Lobby && (r == nil || of.Number <= r.Number):
		return ErrNoMessage
	case s.ownsMessage(who.Person, of):
		return users.ErrSelf
	}
	return nil
}

// addReport remembers a report.
func (s *State) addReport(a *Act) {
	if s.reports = append(s.reports, a); len(s.reports) > MaxReports {
		s.reports[0] = nil
		s.reports = s.reports[1:]
	}
}

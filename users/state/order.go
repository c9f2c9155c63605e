package state

import (
	"time"

	"parley/users"
	"parley/users/command"
)

// A Sanction is that somebody is banned or muted, in one place. There is one of a kind for
// each target in each place.
type Sanction struct {
	Kind   users.Penalty
	Room   string // Room.Name; "": the whole server
	Target string // the folded name, or the prefix of addresses
	Addr   bool   // it is the latter
	Name   string // the name as it was spelled; "" of a prefix
	Person string // who had the name then; "": nobody, or a prefix
	By     string // the name of who has done it, as it was spelled; "": the server's owner at its command line
	Why    string
	Since  time.Time
	Until  time.Time // by the log's time; zero: for ever
}

// An Act is one entry of the audit log. Nobody changes one.
type Act struct {
	Number  uint64 // its own, of the one sequence
	Time    time.Time
	Act     string    // a verb of the protocol, such as "ban"
	By      string    // who, as the name was spelled; "": the server's owner at its command line
	Person  string    // who that is; "" of the server's owner at its command line
	Name    string    // whom, as it was spelled; "": nobody
	Target  string    // the person whom
	Addr    string    // the prefix of addresses that it is about
	Room    string    // Room.Name, or Lobby; "": the whole server
	Message uint64    // the number of the message that it is about; 0: none
	Why     string    // also the text of an announcement
	Set     string    // what was set: the role ("none" for no one any more), "on" or "off", how many seconds
	Until   time.Time // zero: for ever, or it has no end
}

// Settings are what is set for the whole server.
type Settings struct {
	Lockdown bool   // no new guests and no registrations
	By       string // the name of who has begun it, as it was spelled; "": the server's owner at its command line
	Why      string // as that one has said
	Slow     int    // how many seconds each person has to wait between two messages in the lobby; 0: not
}

// order carries out what those ask for who keep order.
func (s *State) order(at time.Time, c command.Command, rows *Rows) Result {
	switch c := c.(type) {
	case *command.SetRole:
		return s.setRole(c, rows)
	case *command.Kick:
		return s.kick(at, c, rows)
	case *command.Sanction:
		return s.sanction(at, c, rows)
	case *command.Lift:
		return s.lift(at, c, rows)
	case *command.Lockdown:
		return s.lockdown(c, rows)
	case *command.Slow:
		return s.slow(c, rows)
	case *command.Announce:
		return s.announce(c, rows)
	case *command.Report:
		return s.report(c, rows)
	}
	return refused(ErrUnknown)
}

// note adds an act of somebody to the audit log.
func (s *State) note(by actor, v Act, rows *Rows) *Act {
	v.Number, v.Time, v.By, v.Person = s.next(), s.time, by.Name, by.Person
	rows.act(v)
	return &v
}

// A subject is whom something is done to.
type subject struct {
	Name   string // as it is spelled, or as it was given
	Person string // "": nobody is known to be that
	there  bool   // is connected under the name
}

// subject returns who has a name.
func (s *State) subject(name string) subject {
	to, there, err := s.receiver(name)
	if err != nil {
		return subject{Name: name}
	}
	return subject{to.Name, to.Person, there}
}

// mayTouch returns nil if somebody may do something in a place to another one, or else
// users.ErrSelf or ErrHigher.
func (s *State) mayTouch(a actor, to subject, in place) error {
	switch {
	case a.rank == Operator:
		return nil
	case to.Person == a.Person || users.Fold(to.Name) == users.Fold(a.Name):
		return users.ErrSelf
	case s.Rank(to.Person, in.name) >= a.rank:
		return ErrHigher
	}
	return nil
}

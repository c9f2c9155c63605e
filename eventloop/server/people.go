package server

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/state"
)

// idleInterval is how often it is looked who is inactive.
const idleInterval = time.Second

// scanIdle warns those who will be logged out soon for doing nothing, and logs
// out those whose time is over.
func (c *Core) scanIdle(now time.Time) {
	defer c.freely()()
	warned, over := c.idle.Scan(now, func(id uint64) time.Duration {
		s := c.sessions.get(eventloop.ConnID(id))
		if c.state.Presence().Count(s.name) > 1 {
			return c.idleFor(s.name, now)
		}
		return c.idle.Since(&s.seat, now)
	})
	for _, id := range warned {
		if s := c.sessions.get(eventloop.ConnID(id)); s != nil && !s.leaving {
			ahead := c.idle.WarnAhead()
			r := c.info(fmt.Sprintf("You have been inactive for long: you will be logged out in %s unless you do something.", ahead), protocol.EventIdle, now)
			r.Data.Seconds = int(ahead / time.Second)
			c.reply(s, r)
		}
	}
	for _, id := range over {
		if s := c.sessions.get(eventloop.ConnID(id)); s != nil && !s.leaving {
			r := c.info(fmt.Sprintf("Good bye: you were logged out because you did nothing for %s.", c.idle.Timeout()), protocol.EventLogout, now)
			r.Data.Code = protocol.Timeout
			c.reply(s, r)
			c.dropped(s, DropIdle)
			c.close(s, users.TimedOut, now)
		}
	}
}

// dropSilent ends sessions whose clients have pinged and are silent now. That
// finds what TCP cannot: a client that hangs while its system still answers.
func (c *Core) dropSilent(now time.Time) {
	defer c.freely()()
	_, over := c.silent.Scan(now, nil)
	for _, id := range over {
		if s := c.sessions.get(eventloop.ConnID(id)); s != nil && !s.leaving {
			c.refuse(s, protocol.Request{}, protocol.Errorf(protocol.Timeout, "Good bye: nothing has come from you for %s.", c.silent.Timeout()), now)
			c.dropped(s, DropSilent)
			c.close(s, users.LostConnection, now)
		}
	}
}

// presenceStates are what data.state says of a change.
var presenceStates = [...]string{users.LoggedIn: protocol.StateOnline, users.LoggedOut: protocol.StateOffline,
	users.TimedOut: protocol.StateTimedOut, users.LostConnection: protocol.StateLost,
	users.JoinedRoom: protocol.StateJoined, users.LeftRoom: protocol.StateLeft}

// announce tells everybody who came and went, but those who have blocked the
// user or whom the user has blocked. In a crowd only those are told who share a room
// with them that is none: ten thousand logins would be fifty million lines that nobody
// can read.
func (c *Core) announce(what state.Result, now time.Time) {
	if len(what.Announce) > 0 {
		c.names = nil
	}
	if c.drain.stopping {
		return
	}
	crowd := c.state.Len() > c.cfg.PresenceLimit
	for i := range what.Announce {
		a := &what.Announce[i]
		if crowd && len(a.Rooms) == 0 {
			continue
		}
		a.Like = c.state.MistakenFor(a.Name)
		r := c.info(a.String(), protocol.EventPresence, now)
		r.Data.Name = a.Name
		r.Data.State = presenceStates[a.Change]
		untold := a.Untold
		if untold == nil {
			untold = c.state.Untold(a.Name)
		}
		except := c.connections(untold)
		if !crowd {
			d := c.encode(r, state.Lobby, c.cfg.PlainPresence)
			d.Except, d.News, d.Later = except, a, true
			c.fx.Deliver(d)
		}
		c.announceToRooms(a, r, except, crowd)
	}
}

func names(c *Core, s *session, r call) *protocol.Error {
	if c.names == nil {
		answer := c.list(c.state.Names(), "", r.now)
		answer.Data.Away = c.state.Presence().Absent()
		c.names = &answer
	}
	answer := *c.names
	answer.Time, answer.Ref = r.now, r.Ref
	c.replyNames(s, answer)
	return nil
}

// list makes the answer that lists names; nobody is what to say of none.
func (c *Core) list(names []string, nobody string, now time.Time) protocol.Response {
	answer := c.info(strings.Join(names, ", "), protocol.EventNames, now)
	answer.Data.Names = names
	if len(names) == 0 {
		answer.Content, answer.Data.Names = nobody, []string{}
	}
	return answer
}

func whoelse(c *Core, s *session, r call) *protocol.Error {
	others := slices.DeleteFunc(c.state.Names(), func(name string) bool { return strings.EqualFold(name, s.name) })
	return c.replyWho(s, r, others, c.state.Presence().Absent(), "Nobody else is connected.")
}

func whoelsesince(c *Core, s *session, r call) *protocol.Error {
	seconds, err := strconv.Atoi(strings.TrimSpace(r.args[0]))
	if most := int(users.MaxSince / time.Second); err != nil || seconds < 1 || seconds > most {
		return protocol.Errorf(protocol.BadRequest, "SECONDS is a whole number from 1 to %d. Use:", most).WithCommands("whoelsesince SECONDS")
	}
	seen := c.state.Presence().WhoElseSince(s.name, time.Duration(seconds)*time.Second, c.log.Time(r.now))
	names, away := make([]string, 0, len(seen)), make(protocol.Absences)
	for i := range seen {
		other := &seen[i]
		names = append(names, other.Name)
		if other.Online && other.Away {
			away[other.Name] = other.Text
		}
	}
	return c.replyWho(s, r, names, away, "Nobody else was connected in that time.")
}

// replyWho lists users, in the order of the names, and who of them is away. Who is connected is
// told to everybody, also to those whom one has blocked: the standard's names lists all,
// everybody hears them talk in the room, and a login with their name is refused. Not
// to tell it here would promise what it cannot keep.
func (c *Core) replyWho(s *session, r call, names []string, away protocol.Absences, nobody string) *protocol.Error {
	answer := c.list(names, nobody, r.now)
	answer.Ref, answer.Data.Away = r.Ref, away
	c.replyNames(s, answer)
	return nil
}

func whois(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	account, registered := c.state.Account(name)
	seen, known := c.state.Presence().Lookup(name)
	if !registered && !known {
		return domainError(users.ErrUnknownUser, name)
	}
	answer := c.info("", protocol.EventWhois, r.now)
	answer.Ref = r.Ref
	d := answer.Data
	d.Name, d.State = seen.Name, protocol.StateOffline
	if registered {
		since := account.Registered
		d.Name, d.Registered = account.Name, &since
	}
	words := []string{d.Name + " is not connected"}
	if known && seen.Online {
		idle := c.idleFor(name, r.now).Round(time.Second)
		d.State, d.Seconds = protocol.StateOnline, int(idle/time.Second)
		words = []string{d.Name + " is connected", fmt.Sprintf("idle for %s", idle)}
		if seen.Away {
			d.State, d.Text = protocol.StateAway, seen.Text
			words[0] = d.Name + " is " + awayWords(seen.Text)
		}
	}
	if registered {
		words = append(words, "registered since "+account.Registered.UTC().Format(time.DateOnly))
	} else {
		words = append(words, "a guest")
	}
	if like := c.state.MistakenFor(d.Name); like != "" {
		words = append(words, "not "+like+", whose name looks like it")
	}
	words = append(words, c.addRole(d, s.current())...)
	answer.Content = strings.Join(words, "; ") + "."
	c.reply(s, answer)
	return nil
}

// addRole adds to what is told of somebody which role they have: of the server or, if none,
// in a room.
func (c *Core) addRole(d *protocol.Data, room string) (words []string) {
	person := users.Fold(d.Name)
	if there, is := c.state.Online(d.Name); is {
		person = there.Person
	}
	role, of := c.state.Role(person, state.Lobby), "the server"
	if role == users.NoRole && room != state.Lobby {
		role, of = c.state.Role(person, room), room
		if role != users.NoRole {
			d.Room = room
		}
	}
	if role == users.NoRole {
		return nil
	}
	d.Order = &protocol.Order{Role: string(role)}
	return []string{string(role) + " of " + of}
}

// idleFor returns for how long somebody who is there has done nothing, in any session.
func (c *Core) idleFor(name string, now time.Time) (idle time.Duration) {
	for i, s := range c.sessionsOf(name) {
		if since := c.idle.Since(&s.seat, now); i == 0 || since < idle {
			idle = since
		}
	}
	return idle
}

// awayWords say that somebody is away, and why if they have said so.
func awayWords(why string) string {
	if why == "" {
		return "away"
	}
	return "away: " + why
}

// addAway adds to an answer about somebody, whom its sentence has named, that they are
// away: who writes to one is to know why nothing comes back. A client may say it less
// often than at each text.
func (c *Core) addAway(answer *protocol.Response, name string) {
	why, away := c.state.Presence().WhyAway(name)
	if !away {
		return
	}
	answer.Content += " They are " + protocol.EndSentence(awayWords(why))
	answer.Data.State, answer.Data.Text = protocol.StateAway, why
}

func away(c *Core, s *session, r call) *protocol.Error {
	if r.args[0] != "" {
		if err := protocol.CheckText(r.args[0], protocol.MaxText); err != nil {
			return err
		}
	}
	return c.propose(s, &r, s.name, &command.Away{By: s.by(), Text: r.args[0]}, func(_ *Core, _ *session, _ asked, _ state.Result) {
		answer := c.info(protocol.WithCommands("You are away. Use:", "back"), protocol.EventAway, r.now)
		answer.Ref, answer.Data.Text = r.Ref, r.args[0]
		c.reply(s, answer)
	})
}

func back(c *Core, s *session, r call) *protocol.Error {
	if _, away := c.state.Presence().WhyAway(s.name); !away {
		return protocol.Errorf(protocol.BadRequest, "You are not away.")
	}
	return c.propose(s, &r, s.name, &command.Back{By: s.by()}, func(_ *Core, _ *session, _ asked, _ state.Result) {
		answer := c.info("You are back.", protocol.EventBack, r.now)
		answer.Ref = r.Ref
		c.reply(s, answer)
	})
}

func ping(c *Core, s *session, r call) *protocol.Error {
	if s.extended {
		c.silent.Add(&s.pulse, uint64(s.id), r.now) // from now on it is expected to go on
	}
	if s.name != "" && r.args[0] == protocol.StateActive {
		c.idle.Reset(&s.seat, r.now)
	}
	answer := c.info("pong", protocol.EventPong, r.now)
	answer.Ref = r.Ref
	c.reply(s, answer)
	return nil
}

func block(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	return c.propose(s, &r, name, &command.Block{By: s.by(), Name: name}, func(_ *Core, _ *session, _ asked, result state.Result) {
		answer := c.info(fmt.Sprintf("You have blocked %s: you hear nothing more of them.", c.toldApart(result.Name)), protocol.EventBlocked, r.now)
		answer.Ref, answer.Data.Name = r.Ref, result.Name
		c.reply(s, answer)
	})
}

func unblock(c *Core, s *session, r call) *protocol.Error {
	name := r.args[0]
	return c.propose(s, &r, name, &command.Unblock{By: s.by(), Name: name}, func(_ *Core, _ *session, _ asked, result state.Result) {
		answer := c.info(fmt.Sprintf("You hear %s again.", c.toldApart(result.Name)), protocol.EventUnblocked, r.now)
		answer.Ref, answer.Data.Name = r.Ref, result.Name
		c.reply(s, answer)
	})
}

func blocked(c *Core, s *session, r call) *protocol.Error {
	answer := c.list(c.state.Blocks().Blocked(s.name), "You have blocked nobody.", r.now)
	answer.Ref, answer.Data.Event = r.Ref, protocol.EventBlocked
	c.replyNames(s, answer)
	return nil
}

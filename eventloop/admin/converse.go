package admin

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/users"
	"parley/users/state"
)

const (
	// idleTime is how long a connection may take to say what it wants.
	idleTime = 10 * time.Second

	// requestTime is how long a request may take, such as one that waits for a disk.
	requestTime = 30 * time.Second

	// writeTime is how long a line of an answer may take.
	writeTime = 5 * time.Second
)

// A conversation is one connection of the owner.
type conversation struct {
	conn net.Conn
	srv  Server
}

// converse answers one request after the other, until the connection ends, is idle for
// too long or says what is no request, or until ctx ends.
func converse(ctx context.Context, conn net.Conn, srv Server) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	c := conversation{conn, srv}
	lines := bufio.NewScanner(conn)
	lines.Buffer(nil, maxRequest)
	for {
		_ = conn.SetReadDeadline(time.Now().Add(idleTime))
		if ctx.Err() != nil {
			return
		}
		if !lines.Scan() {
			if errors.Is(lines.Err(), bufio.ErrTooLong) {
				_ = c.say(answer{Error: "that request is too long"})
			}
			return
		}
		r, err := parse(lines.Bytes())
		if err != nil {
			_ = c.say(answer{Error: err.Error()})
			return
		}
		if c.answer(ctx, r) != nil {
			return
		}
	}
}

// answer carries out a request. The error is of the connection.
func (c *conversation) answer(ctx context.Context, r request) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	switch {
	case r.List:
		return c.list(ctx)
	case r.Show != "":
		return c.show(ctx, r.Show)
	case r.Audit != nil:
		return c.audit(ctx, *r.Audit)
	case r.Hooks:
		return c.hooks(ctx)
	}
	return c.propose(ctx, r)
}

func (c *conversation) propose(ctx context.Context, r request) error {
	commands, err := r.commands()
	if err != nil {
		return c.say(answer{Error: err.Error()})
	}
	results, err := c.srv.Propose(ctx, commands)
	if err != nil {
		failed := failure(ctx, err)
		failed.Unsure = ctx.Err() != nil
		return c.say(failed)
	}
	outcomes := make([]outcome, len(results))
	for i, result := range results {
		outcomes[i] = toOutcome(result.Err)
	}
	return c.say(answer{Outcomes: outcomes})
}

func (c *conversation) list(ctx context.Context) error {
	kept, online, err := c.look(ctx)
	if err != nil {
		return c.say(failure(ctx, err))
	}
	accounts := make([]Account, len(kept.Accounts))
	for i, a := range kept.Accounts {
		accounts[i] = summary(a, online)
	}
	slices.SortFunc(accounts, func(a, b Account) int { return strings.Compare(users.Fold(a.Name), users.Fold(b.Name)) })
	for len(accounts) > pageSize {
		if err := c.say(answer{Accounts: accounts[:pageSize], More: true}); err != nil {
			return err
		}
		accounts = accounts[pageSize:]
	}
	return c.say(answer{Accounts: accounts})
}

func (c *conversation) show(ctx context.Context, name string) error {
	kept, online, err := c.look(ctx)
	if err != nil {
		return c.say(failure(ctx, err))
	}
	folded := users.Fold(name)
	i := slices.IndexFunc(kept.Accounts, func(a users.Account) bool { return users.Fold(a.Name) == folded })
	if i < 0 {
		return c.say(answer{})
	}
	return c.say(answer{Account: details(kept, kept.Accounts[i], online)})
}

// hooks answers with all hooks: there are at most state.MaxHooks.
func (c *conversation) hooks(ctx context.Context) error {
	kept, err := c.srv.Kept(ctx)
	if err != nil {
		return c.say(failure(ctx, err))
	}
	var a answer
	for _, h := range kept.Hooks {
		a.Hooks = append(a.Hooks, Hook{Name: h.Name, Room: h.Room, Made: h.Made, URL: h.URL, Stopped: h.Stopped})
	}
	return c.say(a)
}

// audit answers with a page of the audit log.
func (c *conversation) audit(ctx context.Context, asked audit) error {
	f := state.ActFilter{Room: asked.Room, Name: asked.Name, Before: asked.Before}
	if f.Room != "" {
		kept, err := c.srv.Kept(ctx)
		if err != nil {
			return c.say(failure(ctx, err))
		}
		for _, room := range kept.Rooms { // one that has ended must be spelled as it was
			if users.Fold(room.Name) == users.Fold(f.Room) {
				f.Room = room.Name
			}
		}
	}
	acts, err := c.srv.Acts(ctx, f, maxActs+1)
	if err != nil {
		return c.say(failure(ctx, err))
	}
	var a answer
	if a.More = len(acts) > maxActs; a.More {
		acts = acts[len(acts)-maxActs:]
	}
	for _, one := range acts {
		a.Acts = append(a.Acts, Act{Number: one.Number, Time: one.Time, Act: one.Act, By: one.By, Name: one.Name, Address: one.Addr,
			Room: one.Room, Message: one.Message, Why: one.Why, Set: one.Set, Until: one.Until})
	}
	return c.say(a)
}

// look returns what is kept, and who is online, by folded name.
func (c *conversation) look(ctx context.Context) (kept state.Kept, online map[string]bool, err error) {
	if kept, err = c.srv.Kept(ctx); err != nil {
		return kept, nil, err
	}
	names, err := c.srv.Online(ctx)
	online = make(map[string]bool, len(names))
	for _, name := range names {
		online[users.Fold(name)] = true
	}
	return kept, online, err
}

func summary(a users.Account, online map[string]bool) Account {
	return Account{Name: a.Name, Registered: a.Registered, LastSeen: a.LastSeen, Online: online[users.Fold(a.Name)], Role: string(a.Role)}
}

func details(kept state.Kept, a users.Account, online map[string]bool) *Details {
	d, person := &Details{Account: summary(a, online)}, users.Fold(a.Name)
	for _, b := range kept.Blocks {
		if users.Fold(b.Blocker) == person {
			d.Blocks = append(d.Blocks, b.Blocked)
		}
	}
	slices.SortFunc(d.Blocks, func(a, b string) int { return strings.Compare(users.Fold(a), users.Fold(b)) })
	for _, b := range kept.Lockouts {
		switch name, addr := b.Pair(); {
		case b.Key == person:
			d.Lockout = &b
		case name == person && addr != "" || b.Key == person+"/":
			d.From = append(d.From, b)
		}
	}
	slices.SortFunc(d.From, func(a, b users.Lockout) int { return cmp.Or(b.Until.Compare(a.Until), strings.Compare(a.Key, b.Key)) })
	d.From = d.From[:min(len(d.From), MaxFrom)]
	for _, u := range kept.Unseen {
		if u.Person == person {
			d.Waiting++
		}
	}
	return d
}

// failure is the answer where the server has none, in words for its owner.
func failure(ctx context.Context, err error) answer {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return answer{Error: "the server is stopping"}
	case ctx.Err() != nil:
		return answer{Error: "the server did not get it done in " + requestTime.String() + "; its disk may be slow or full"}
	}
	return answer{Error: err.Error()}
}

// say writes an answer.
func (c *conversation) say(a answer) error {
	line, err := json.Marshal(a, jsontext.AllowInvalidUTF8(true)) // which an error may have, from a path
	if err != nil {
		return err
	}
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, err = c.conn.Write(append(line, '\n'))
	return err
}

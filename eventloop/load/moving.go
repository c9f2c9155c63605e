package load

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"parley/protocol"
)

// moves are the requests that bring clients into rooms and out of them, by the events that
// answer them.
var moves = map[string]string{protocol.EventCreated: "create", protocol.EventJoined: "join", protocol.EventLeft: "leave"}

// moveRef tags a request to join or leave a room.
func moveRef(verb, room string) string { return verb + " " + room }

// isMoveRef reports whether a tag is one of those.
func isMoveRef(ref string) bool {
	verb, _, ok := strings.Cut(ref, " ")
	return ok && (verb == "create" || verb == "join" || verb == "leave")
}

// answerMove tells who has asked what became of a request.
func (c *client) answerMove(refused *protocol.Error) {
	select {
	case c.moving <- refused:
	default:
	}
}

// ask has the client create, join or leave a room and waits for the answer. The error is a
// *protocol.Error if the server refuses it.
func (c *client) ask(ctx context.Context, verb, room string) error {
	select {
	case <-c.moving: // of one that nobody waits for any more
	default:
	}
	request := protocol.Request{Verb: verb, Content: protocol.Content{Fields: map[string]string{"room": room}}, Ref: moveRef(verb, room)}
	if err := c.write(protocol.AppendRequest(nil, request)); err != nil {
		return err
	}
	select {
	case refused := <-c.moving:
		if refused != nil {
			return refused
		}
		return nil
	case <-c.left:
		return fmt.Errorf("%s is disconnected", c.name)
	case <-ctx.Done():
		return ctx.Err()
	case <-c.r.cfg.Clock.After(answerTimeout):
		c.r.troubles.add(noAnswerKind, fmt.Sprintf("%s was not told what became of %s %s within %s", c.name, verb, room, answerTimeout))
		return fmt.Errorf("%s %s was not answered", verb, room)
	}
}

// moveIn brings all clients into their rooms: first those who make them.
func (r *round) moveIn() error {
	err := r.eachClient(func(c *client) error {
		for _, room := range c.stays.kept {
			if err := c.ask(r.ctx, "leave", room); err != nil {
				return fmt.Errorf("%s cannot leave %s: %w", c.name, room, err)
			}
		}
		for _, room := range r.plan.of(c.index) {
			if int(r.plan.creators[room]) != c.index {
				continue
			}
			err := c.ask(r.ctx, "create", r.plan.name(room))
			if refused, ok := err.(*protocol.Error); ok && refused.Code == protocol.RoomTaken {
				err = c.ask(r.ctx, "join", r.plan.name(room)) // is there since an earlier run
			}
			if err != nil {
				return fmt.Errorf("%s cannot create %s: %w", c.name, r.plan.name(room), err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.eachClient(func(c *client) error {
		for _, room := range r.plan.of(c.index) {
			if int(r.plan.creators[room]) == c.index {
				continue
			}
			if err := c.ask(r.ctx, "join", r.plan.name(room)); err != nil {
				return fmt.Errorf("%s cannot join %s: %w", c.name, r.plan.name(room), err)
			}
		}
		return nil
	})
}

// eachClient does something with every client, a bounded number of them at once, until one
// fails.
func (r *round) eachClient(do func(*client) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for range min(maxHandshakes, len(r.clients)) {
		wg.Go(func() {
			for failed.Load() == nil && r.ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(r.clients) {
					return
				}
				if err := do(r.clients[i]); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	if err := failed.Load(); err != nil && r.ctx.Err() == nil {
		return *err
	}
	return r.ctx.Err()
}

// word has somebody in each room say something that is not part of the measurement, and
// waits until all who are there have heard it: then nothing that the server has numbered
// before is still to come. It reports whether all have.
func (r *round) word() bool {
	r.heard.Store(0)
	due, want := r.now(), int64(0)
	for room, members := range r.plan.members {
		if speakers := r.plan.speakers[room]; len(speakers) > 0 {
			members = speakers // who do not leave
		}
		for _, i := range members {
			c := r.clients[i]
			if !c.here() {
				continue
			}
			if c.speaker() != nil {
				c.owed.Add(1)
			}
			if c.write(r.appendRoomMessage(nil, c, mark{sender: uint32(c.index), due: due}, int32(room))) == nil {
				want += r.plan.inside[room].Load()
			}
			break
		}
	}
	return r.await(func() bool { return r.heard.Load() >= want && r.owed() == 0 })
}

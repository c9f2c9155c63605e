package load

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/protocol"
)

// declinePause is how long who was declined asks no more; a server may want half a minute.
const declinePause = 35 * time.Second

// A pair is two clients who invite each other.
type pair struct {
	sides [2]*client
	turns int
	until [2]int64 // until when a side is not to invite, ns since the run began
}

// next returns who invites whom, and whether that is to be declined: every fifth is,
// as long as there is a side left that may invite.
func (p *pair) next(now int64) (a, b *client, decline bool) {
	p.turns++
	side := p.turns % 2
	if now < p.until[side] {
		side = 1 - side
	}
	decline = p.turns%5 == 0 && now >= p.until[1-side]
	if decline {
		p.until[side] = now + int64(declinePause)
	}
	return p.sides[side], p.sides[1-side], decline
}

// private has pairs invite each other.
func (r *round) private() error {
	for _, c := range r.clients {
		c.answers = make(chan protocol.Response, 16)
	}
	if err := r.arrive(); err != nil {
		return err
	}
	var unknown sync.Once
	var failed error
	r.measure()
	pairs := make([]pair, r.Clients/2)
	r.storm(r.schedule(), len(pairs), func(i int, due int64) {
		p := &pairs[i]
		p.sides = [2]*client{r.clients[2*i], r.clients[2*i+1]}
		a, b, decline := p.next(r.now())
		err := r.invite(a, b, due, decline)
		if err != nil && r.ctx.Err() == nil {
			if strings.Contains(err.Error(), string(protocol.UnknownRequest)) {
				unknown.Do(func() { failed = fmt.Errorf("this server does not know private sessions") })
			}
			r.wait(r.ctx, r.now()+int64(retryPause))
		}
	})
	r.done()
	r.drain()
	if failed != nil {
		return failed
	}
	return r.ctx.Err()
}

// paths are what invitations offer. Nobody connects to them.
const paths = "127.0.0.1:9"

// fingerprint is that of a key that nobody has.
var fingerprint = "SHA256:" + strings.Repeat("A", 43)

// invite has a invite b, and b accept or decline. The latency counts until both know.
func (r *round) invite(a, b *client, due int64, decline bool) error {
	ask := func(c *client, verb, content string) error {
		return c.write(protocol.AppendRequest(nil, protocol.Request{Verb: verb, Content: protocol.Content{Text: content}, Ref: ref(r.shape.tag, mark{sender: uint32(c.index), due: due})}))
	}
	if err := ask(a, "startprivate", b.name+" "+fingerprint+" "+paths); err != nil {
		return err
	}
	invited, err := r.hear(a, protocol.EventInvited, b.name, nil)
	if err != nil {
		return err
	}
	invitation, err := r.hear(b, protocol.EventInvitation, a.name, invited)
	if err != nil {
		return err
	}
	verb, arguments, end := "acceptprivate", a.name+" "+fingerprint+" "+paths, protocol.EventIntroduced
	if decline {
		verb, arguments, end = "declineprivate", a.name, protocol.EventDeclined
	}
	if err := ask(b, verb, arguments); err != nil {
		return err
	}
	for _, side := range [][2]*client{{a, b}, {b, a}} {
		if _, err := r.hear(side[0], end, side[1].name, invitation); err != nil {
			return err
		}
	}
	w := <-r.workers
	w.took(delivery, r.now(), due)
	r.workers <- w
	r.introduced.Add(1)
	return nil
}

// hear waits until a client is told of an event about a name, in the session of an
// earlier one.
func (r *round) hear(c *client, event, name string, of *protocol.Private) (*protocol.Private, error) {
	late := r.cfg.Clock.After(answerTimeout)
	for {
		select {
		case answer := <-c.answers:
			if answer.Kind == protocol.KindError && answer.Data != nil {
				return nil, fmt.Errorf("%s: %s", answer.Data.Code, answer.Content)
			}
			if answer.Data == nil || answer.Data.Event != event || answer.Data.Private == nil {
				continue
			}
			if answer.Data.Name != name || of != nil && answer.Data.Private.Session != of.Session {
				c.altered(fmt.Sprintf("%s of session %d with %s, which is not its own", event, answer.Data.Private.Session, answer.Data.Name))
				continue
			}
			if event == protocol.EventInvitation || event == protocol.EventIntroduced {
				c.checkOffer(answer.Data.Private, name)
			}
			return answer.Data.Private, nil
		case <-c.left:
			return nil, fmt.Errorf("%s is disconnected", c.name)
		case <-r.ctx.Done():
			return nil, r.ctx.Err()
		case <-late:
			err := fmt.Errorf("%s was not told that it is %s within %s", c.name, event, answerTimeout)
			r.troubles.add(noAnswerKind, err.Error())
			return nil, err
		}
	}
}

// checkOffer judges what a client was told that somebody else has sent.
func (c *client) checkOffer(p *protocol.Private, name string) {
	if p.Fingerprint != fingerprint {
		c.altered(fmt.Sprintf("the fingerprint %.60q of %s, which has sent another", p.Fingerprint, name))
	}
	if len(p.Paths) > 0 && !slices.Equal(p.Paths, []string{paths}) {
		c.altered(fmt.Sprintf("the paths %.60q of %s, which has sent others", p.Paths, name))
	}
}

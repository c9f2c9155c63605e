package server

import (
	"parley/protocol"
	"parley/users"
)

// tellLikes notes in a response, of those whom it names, whose names theirs can be taken for.
// Extended sessions are told that; in plain ones marks and lists are made with it.
func (c *Core) tellLikes(r *protocol.Response) {
	if c.cfg.Lookalikes != users.ShowLookalikes || r.Data == nil {
		return
	}
	d := r.Data
	d.Likes = nil
	for name := range r.People() {
		like := c.state.MistakenFor(name)
		if like == "" {
			continue
		}
		if d.Likes == nil {
			d.Likes = make(protocol.Likes)
		}
		if d.Likes[name] = like; len(d.Likes) == protocol.MaxLikes {
			return
		}
	}
}

// toldApart returns a name as the server's own sentences have it, with whose it is not where it
// can be taken for that. What one may type stays as it is typed: a command at the end of a
// sentence, a list of names, and what refuses a request about a name that stands in it.
func (c *Core) toldApart(name string) string {
	return protocol.ToldApart(name, c.state.MistakenFor(name))
}

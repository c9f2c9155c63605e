package server

import (
	"parley/protocol"
	"parley/users"
)

// maxLikes is how many people one response says whose names theirs can be taken for. They
// take less than the part of a page of names that is left free.
const maxLikes = 20

// tellLikes notes in a response, of those whom it names, whose names theirs can be taken for.
func (c *Core) tellLikes(r *protocol.Response) {
	if c.cfg.Lookalikes != users.ShowLookalikes || r.Data == nil {
		return
	}
	d := r.Data
	d.Likes = nil
	for _, name := range append([]string{r.Sender, d.Name, d.To}, d.Names...) {
		like := c.state.MistakenFor(name)
		if like == "" {
			continue
		}
		if d.Likes == nil {
			d.Likes = make(protocol.Likes)
		}
		if d.Likes[name] = like; len(d.Likes) == maxLikes {
			return
		}
	}
}

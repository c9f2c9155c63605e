package eventloop

import "iter"

// A membership has two sides, which name each other's places: 16 bytes at the group and
// 16 at the connection, whose first one is part of the Conn.

// A member is the group's side.
type member struct {
	conn   *Conn
	index  int32 // of the membership among the connection's
	missed int32 // chain of what it does not hear of the group's outbox; 0: it hears all
}

// A membership is the connection's side.
type membership struct {
	group *Group
	slot  int32 // index in the group's members
}

// memberships are those of a connection that is in several groups.
type memberships struct {
	list   []membership
	chosen int32 // chain of the merge's sources for it; 0: there is none
}

// memberships returns all that c has, by their indices.
func (c *Conn) memberships() iter.Seq2[int32, membership] {
	return func(yield func(int32, membership) bool) {
		if c.several == nil {
			if c.group != nil {
				yield(0, membership{c.group, c.slot})
			}
			return
		}
		for i, m := range c.several.list {
			if !yield(int32(i), m) {
				return
			}
		}
	}
}

// find returns where c is in g and among c's memberships.
func (c *Conn) find(g *Group) (slot, index int32, ok bool) {
	if c.several == nil {
		return c.slot, 0, c.group == g
	}
	for i, m := range c.several.list {
		if m.group == g {
			return m.slot, int32(i), true
		}
	}
	return 0, 0, false
}

// enter adds a membership and returns its index.
func (c *Conn) enter(g *Group, slot int32) int32 {
	switch {
	case c.several != nil:
		c.several.list = grow(c.several.list, membership{g, slot})
	case c.group != nil:
		c.several = &memberships{list: []membership{{c.group, c.slot}, {g, slot}}}
		c.group = nil
	default:
		c.group, c.slot = g, slot
		return 0
	}
	return int32(len(c.several.list) - 1)
}

// leave takes out the membership of an index, to which the last one goes.
func (c *Conn) leave(index int32) {
	if c.several == nil {
		c.group = nil
		return
	}
	list := c.several.list
	if last := len(list) - 1; int(index) != last {
		moved := list[last]
		list[index] = moved
		moved.group.members[moved.slot].index = index
	}
	list = shrink(list)
	c.several.list = list
	if len(list) == 1 {
		c.group, c.slot = list[0].group, list[0].slot
		c.several = nil
	}
}

// moved tells c that it has another slot in the group of a membership.
func (c *Conn) moved(index, slot int32) {
	if c.several == nil {
		c.slot = slot
		return
	}
	c.several.list[index].slot = slot
}

// leaveAll takes c out of all its groups: it still gets what they were sent before.
func (c *Conn) leaveAll() {
	for _, m := range c.memberships() {
		c.take(m)
	}
	c.keepTaken()
	for c.several != nil {
		last := int32(len(c.several.list) - 1)
		m := c.several.list[last]
		c.leave(last)
		m.group.drop(m.slot)
	}
	if g := c.group; g != nil {
		c.leave(0)
		g.drop(c.slot)
	}
}

// least is the capacity of a list below which nothing is saved.
const least = 8

// grow appends x. It leaves a quarter of the list unused at most, where append would
// leave a half: there are many lists, and most of them rarely grow.
func grow[T any](list []T, x T) []T {
	if len(list) == cap(list) {
		list = append(make([]T, 0, len(list)+len(list)/4+2), list...)
	}
	return append(list, x)
}

// shrink drops the last of the list, and what has become unused of its memory once
// that is more than a half.
func shrink[T any](list []T) []T {
	last := len(list) - 1
	clear(list[last:])
	list = list[:last]
	if cap(list) > least && last < cap(list)/2 {
		list = append(make([]T, 0, last+last/4+2), list...)
	}
	return list
}

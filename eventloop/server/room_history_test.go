package server

import (
	"fmt"
	"testing"
)

// Who joins a room is told what was said there, from the file and from memory, without a
// gap, and need not wait until nobody says anything any more.
func TestJoiningWhileOthersTalk(t *testing.T) {
	c := newTestCore(t, benchConfig(), 4000) // eight messages or so
	alice, bob := c.enter("alice", ""), c.connect()
	c.ask(bob, `{"request":"login","content":"bob"}`)
	c.ask(alice, `{"request":"create","content":"den"}`)
	for i := range 12 {
		c.ask(alice, `{"request":"msg","content":"m%d"}`, i+1)
	}
	c.settle()
	c.take(bob)
	if after := c.tail.After(); after == 0 || after > 8 {
		t.Fatalf("the tail has what is behind %d: that is not what the test is about", after)
	}
	c.ask(bob, `{"request":"join","content":"den"}`)
	reads := 0
	for ; len(c.reads) > 0 && reads < 10; reads++ {
		for range 3 { // the tail drops some of what it had
			c.ask(alice, `{"request":"msg","content":{"room":"lobby","text":"else"}}`)
		}
		c.ask(alice, `{"request":"msg","content":"meanwhile %d"}`, reads)
		c.commit()
		read := c.reads[0]
		c.reads = c.reads[1:]
		read()
	}
	c.settle()
	want := ""
	for i := range 12 {
		want += fmt.Sprintf(", (in den) m%d", i+1)
	}
	want += ", (in den) meanwhile 0"
	got := c.take(bob)
	if reads != 1 || len(got) < len(want) || got[len(got)-len(want):] != want {
		t.Errorf("bob is told after %d reads\n%s\nwant it to end in\n%s", reads, got, want)
	}
}

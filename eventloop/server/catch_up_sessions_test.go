package server

import (
	"testing"

	"parley/users/command"
)

// A session that is still being told what was not acknowledged gets what another one of its
// user has sent, in its place.
func TestWhatAnotherSessionSendsWhileOneCatchesUp(t *testing.T) {
	c := newTestCore(t, benchConfig(), 1000)
	c.outside(&command.AddAccount{Name: "dora", Hash: "hash"})
	alice := c.enter("alice", "")
	for range 5 {
		c.ask(alice, `{"request":"dm","content":"dora hello, this is a text of some length"}`)
	}
	c.account("dora", call{})
	first := conn(c.last)
	second := c.connect()
	r := call{now: c.now}
	r.Extended = true
	if err := c.Core.enter(c.sessions.get(second), r, &command.Enter{Name: "dora", Verified: "hash"}); err != nil {
		t.Fatal(err)
	}
	c.commit()
	if c.sessions.get(second).catch() == nil {
		t.Fatal("the second session has been told everything: that is not what the test is about")
	}
	c.take(second)
	c.ask(first, `{"request":"dm","content":"alice hi"}`)
	c.settle()
	const hello = " hello, this is a text of some length"
	c.told(int(c.last), "1"+hello+", 2"+hello+", 3"+hello+", 4"+hello+", 5"+hello+", 6 hi")
}

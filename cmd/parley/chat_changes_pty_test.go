//go:build unix

package main

import "testing"

// Two people change what they have said, on the real server: the question before the last
// line of one's own is changed, what Up does not do, and what the past shows then.
func TestChangesInATerminal(t *testing.T) {
	srv := serveIn(t, t.TempDir(), nil, "127.0.0.1:0")
	alice := open(t, "alice@"+srv.addrs[0])
	alice.shows("lobby> ")
	bob := open(t, "bob@"+srv.addrs[0])
	bob.shows("lobby> ")
	alice.types("/ids on\r")
	alice.shows("Messages are shown with their numbers")
	alice.types("lnuch at noon?\r")
	alice.shows("#1 alice: lnuch at noon?") // the server has it
	bob.shows("alice: lnuch at noon?")
	const up = "\x1b[A"
	alice.types(up) // brings the line back, and no more than that
	alice.shows("lobby> lnuch at noon?")
	alice.types("\x15/edit lunch at noon?\r")
	alice.shows("Edit this line of yours?")
	alice.shows("#1 alice: lnuch at noon?")
	alice.shows("edit #1 (y or n): ")
	alice.types("n\r")
	alice.shows("Nothing was done.")
	alice.types(up)
	alice.shows("lobby> /edit lunch at noon?")
	alice.types("\r")
	alice.shows("edit #1 (y or n): ")
	alice.types("y\r")
	for _, chat := range []*screen{alice, bob} {
		chat.shows("alice: lunch at noon? ¦edited¦") // where the line stands
	}

	bob.types("/reply 1 me, too\r")
	alice.shows(`bob: ¦re alice: "lunch at noon?"¦ me, too`)
	alice.types("/react +1\r")
	bob.shows(`¦reactions: +1 alice¦`)
	bob.types("/ids on\r")
	bob.shows("Messages are shown with their numbers")
	bob.types("a slip\r")
	bob.shows(" bob: a slip")
	alice.shows(" bob: a slip")
	bob.types("/names\r") // is answered behind that
	bob.shows("Connected (2)")
	bob.types("/remove\r")
	bob.shows("(y or n): ")
	bob.types("\x03") // Ctrl-C
	bob.shows("Nothing was done.")
	bob.types("/remove 99 nothing\r")
	bob.shows("! ")
	bob.types("/remove wrong room\r")
	bob.shows("Remove this line of yours?")
	bob.shows(" bob: a slip")
	bob.shows("(y or n): ")
	bob.types("y\r")
	alice.shows(`bob: ¦removed by bob: "wrong room"¦`)

	alice.types("/history\r")
	alice.shows("Said in the lobby:")
	alice.shows("#1 alice: lunch at noon? ¦edited¦")
	alice.shows("bob: ¦removed by bob")
	alice.types("/search noon\r")
	alice.shows("Found:")
	alice.shows("#1 alice: lunch at [noon]?")
	alice.types("/search slip\r")
	alice.shows("Nothing was found.")
	alice.types("/edit \t") // the newest line of one's own
	alice.shows("lobby> /edit 1")
	alice.types("\x15/around 1\r")
	alice.shows("Said in the lobby, around #1:")
	alice.shows("#1 alice: lunch at noon?")
}

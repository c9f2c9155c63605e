package main

import (
	"io"
	"strings"
	"testing"

	"parley/protocol"
)

// For whom a chat's lines are must be clear before anything is said.
func TestReceiverIsWrong(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"--room tea --to bob":  "--room and --to do not go together",
		"--room tea --plain":   "--room and --plain do not go together",
		"--to bob --plain":     "--to and --plain do not go together",
		"--room tea_time":      `--room is "tea_time"; the name of a room has 1 to 32 letters, digits and hyphens`,
		"--to bob,carol":       `--to is "bob,carol"; a name has 1 to`,
		"--to bob@example.org": `--to is "bob@example.org"`,
	} {
		out, status := runWith(t, "{}", append([]string{"chat", "alice@localhost:1"}, strings.Fields(args)...)...)
		if status != exitUsage || !strings.Contains(out, says) {
			t.Errorf("%s: exit status %d, %s, which lacks %q", args, status, out, says)
		}
	}
}

// The lobby has no name towards the client.
func TestRoomOfAChat(t *testing.T) {
	t.Parallel()
	for room, want := range map[string]string{"": "", "lobby": "", "LOBBY": "", "Tea-Time": "Tea-Time"} {
		if got := (&chatCmd{Room: room}).room(); got != want {
			t.Errorf("%q: %q, want %q", room, got, want)
		}
	}
}

// Lines of a pipe go to a room, or to one person, and the exit status says what became of them.
func TestReceiverOfAPipe(t *testing.T) {
	t.Parallel()
	s := serve(t, "127.0.0.1:0")
	alice := chatWith(t, s.addrs[0], "alice")
	defer alice.stdin.Close()
	_, _ = io.WriteString(alice.stdin, "/create Tea-Time\n")
	alice.until("You have made Tea-Time")
	for _, tt := range []struct {
		name, args, input string
		heard             []string // by alice
		status            int
		says              string
	}{
		{name: "a room", args: "--room tea-time", input: "hello\n/names tea-time\nis there any left?\n", heard: []string{"[Tea-Time] bob: hello", "[Tea-Time] bob: is there any left?"}},
		{name: "one person", args: "--to ALICE", input: "hi\nare you there?\n", heard: []string{"bob -> you: hi", "bob -> you: are you there?"}},
		{name: "the lobby", args: "--room Lobby", input: "good morning\n", heard: []string{" bob: good morning"}},
		{name: "a room that is not there", args: "--room coffee", input: "hello\n", status: exitRefused, says: "There is no room coffee."},
		{name: "a person who is not there", args: "--to carol", input: "hello\n", status: exitRefused, says: "There is nobody called carol."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bob := chatWith(t, s.addrs[0], "bob", strings.Fields(tt.args)...)
			_, _ = io.WriteString(bob.stdin, tt.input)
			bob.stdin.Close()
			for _, want := range tt.heard {
				alice.until(want)
			}
			bob.ends(tt.status, tt.says)
		})
	}
}

// until reads lines up to one that has some words.
func (c *chatting) until(words string) {
	c.t.Helper()
	for !strings.Contains(c.line(), words) {
	}
}

// A server that knows no rooms, and nothing of direct messages, is told from one that does.
func TestReceiverAtAnotherServer(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{"--room tea": "This server has no rooms but the lobby", "--to alice": "This server cannot carry words to one person alone."} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			s := listen(t)
			c := chatWith(t, s.addr, "bob", strings.Fields(args)...)
			_, _ = io.WriteString(c.stdin, "hello\n")
			c.stdin.Close()
			s.expects("login", "bob")
			s.says(protocol.Response{Kind: protocol.KindInfo, Content: "Welcome"})
			c.ends(exitRefused, says)
		})
	}
}

// A program that --notify runs may chat: what it is told in its environment must not decide
// where its lines go.
func TestNoticesAreNoSettings(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"chat", "serve", "load"} {
		out, _ := runWith(t, "{}", command, "--help")
		if !strings.Contains(out, "$PARLEY_CONFIG)") {
			t.Fatalf("the help of %s does not name variables: %s", command, out)
		}
		for _, name := range []string{"SENDER", "TEXT", "CONVERSATION", "ROOM", "SERVER", "TIME"} {
			if strings.Contains(out, "$PARLEY_"+name+")") {
				t.Errorf("%s takes a setting from PARLEY_%s, which a notified program has", command, name)
			}
		}
	}
}

package sim_test

import (
	"context"
	"fmt"

	"parley/users/command"
	"parley/users/state"
)

// bell is a program that says something in the lobby through an incoming hook, which the owner
// makes at the command line, also while the server is locked.
const bell = "BellBot"

// post has the program say something new, or say once more what it has said last, as one does
// that has heard no answer.
func (d *day) post() {
	if d.posts == 0 || d.rand.IntN(3) > 0 {
		d.posts++
	}
	text, token := fmt.Sprint(bell, " says ", d.posts), command.TokenID(bell)
	d.posted[text] = true
	d.note("    %s is posted", text)
	done, cancel := context.WithCancel(context.Background())
	cancel() // it is carried out, and not waited for
	_, _ = d.world.Server.Propose(done, []command.Command{
		&command.AddHook{Name: bell, Room: lobby, Token: token, Hash: "of a password that nobody knows"},
		&command.HookMessage{Token: token, ID: fmt.Sprint(d.posts), Text: text},
	})
}

// checkPosted checks that what a program has said is said where its hook is, once, in its name.
func (d *day) checkPosted(m state.Message) {
	d.met["posted"]++
	if m.Room != lobby || m.Sender != bell || d.times[m.Text] != 1 {
		d.fail("%q is said %d times, by %s in %s", m.Text, d.times[m.Text], m.Sender, m.Room)
	}
}

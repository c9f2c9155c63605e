package client

import (
	"time"

	"parley/eventloop/client/conn"
	"parley/p2p"
)

// A Driven is an App without goroutines. Somebody else than Run has things happen to it, one
// at a time: a simulation that has the clock, the server and many clients. There are no
// files; Config.Saver, Password and Dial are not used, nor what the Keyboard, Clock.After and
// the Events of a transport of private sessions give.
type Driven struct{ app *App }

// Drive begins a chat. dial is called when a connection is wanted, with its generation; a
// conn.Event of the kind Dialled answers it.
func Drive(cfg Config, dial func(gen int)) *Driven {
	cfg.Saver, cfg.Password = nil, nil
	d := &Driven{New(cfg)}
	d.app.dial = dial
	d.app.begin()
	return d
}

// Type has the person type something. The Keyboard was asked for it (Next).
func (d *Driven) Type(in Input) { d.do(func() { d.app.typed(in) }) }

// Report tells what a connection reports.
func (d *Driven) Report(e conn.Event) { d.do(func() { d.app.happened(e) }) }

// Peered tells what a transport of private sessions reports, or what is known of a key.
func (d *Driven) Peered(e p2p.Event) { d.do(func() { d.app.peered(e) }) }

// Undelivered returns how many lines in private sessions have not arrived, as far as is known
// here.
func (d *Driven) Undelivered() int { return d.app.private.Undelivered() }

// Due returns when it wants to be woken at the latest; zero: never.
func (d *Driven) Due() time.Time { return d.app.due() }

// Wake has what is due happen.
func (d *Driven) Wake() { d.do(func() {}) }

// Ended reports whether the chat is over, and why: see [App.Run].
func (d *Driven) Ended() (bool, error) { return d.app.ended, d.app.err }

func (d *Driven) do(event func()) {
	if !d.app.ended {
		event()
		d.app.settle()
	}
}

package client

import (
	"fmt"
	"strings"

	"parley/eventloop/client/sending"
	"parley/eventloop/client/timeline"
)

// maxListed is how many lines of one name /unsent lists.
const maxListed = 20

func (d sendDoor) Parked(name string, lines int) {
	d.app.tell(timeline.Notice, "What you typed as %s is not sent as %s (%d). /unsent shows it.", name, d.app.login.Name(), lines)
}

// cmdUnsent lists what was typed and not sent, above all what was typed under another
// name; or says that under the present one, or throws it away.
func (a *App) cmdUnsent(arg string) {
	parked := a.queue.Parked()
	switch kept := a.queue.Kept(); {
	case len(parked)+len(kept) == 0:
		a.tell(timeline.Notice, "Nothing is waiting to be sent.")
	case strings.EqualFold(arg, "drop"):
		a.tell(timeline.Notice, "Thrown away (%d).", a.queue.Drop())
	case strings.EqualFold(arg, "send") && len(parked) > 0:
		a.sendParked()
	default:
		a.listUnsent(parked, kept)
	}
}

// listUnsent says what is parked, and what is kept for the present name.
func (a *App) listUnsent(parked [][]sending.Text, kept []sending.Text) {
	var words []string
	for _, group := range parked {
		words = append(words, fmt.Sprintf("Typed as %s and not sent (%d):", group[0].Name, len(group)))
		words = append(words, listed(group)...)
	}
	if len(parked) > 0 {
		as := ""
		if a.login.Name() != "" {
			as = " as " + a.login.Name()
		}
		words = append(words, fmt.Sprintf("/unsent send says it%s now, /unsent drop throws it away.", as))
	}
	if len(kept) > 0 {
		words = append(words, a.keptWords(kept))
		words = append(words, listed(kept)...)
	}
	a.tell(timeline.Notice, "%s", strings.Join(words, "\n"))
}

// keptWords say for what it is that texts wait.
func (a *App) keptWords(kept []sending.Text) string {
	if a.phase == loggedIn {
		return fmt.Sprintf("Sent when you are in the room (%d):", len(kept))
	}
	return fmt.Sprintf("Sent when %s is logged in (%d):", kept[0].Name, len(kept))
}

// listed is a line for each text, as it is typed.
func listed(texts []sending.Text) (lines []string) {
	for i, t := range texts {
		if i == maxListed {
			return append(lines, fmt.Sprintf("  and %d more", len(texts)-i))
		}
		line := "  " + quote(typedAgain(t))
		if t.Tried {
			line += " (may have arrived)"
		}
		lines = append(lines, line)
	}
	return lines
}

// sendParked says what is parked under the present name.
func (a *App) sendParked() {
	if !a.maySay() {
		return
	}
	own, others := a.queue.SendParked()
	when := "now"
	if a.phase < loggedIn {
		when = "when you are logged in"
	}
	a.tell(timeline.Notice, "Sent as %s %s (%d).", a.login.Name(), when, own+len(others))
	for _, t := range others {
		if o := a.sayText(t.Where, t.Body); o.Why != 0 {
			a.giveUp(t, o)
		}
	}
	a.flush()
}

// offerParked shows once what was parked of a name that is logged in again.
func (a *App) offerParked() {
	if parked := a.queue.Offered(); parked != nil {
		a.listUnsent(parked, nil)
	}
}

// tellNotLoggedIn says when a command can be used that needs a login.
func (a *App) tellNotLoggedIn() {
	switch {
	case a.login.Name() == "":
		a.tell(timeline.Error, "%s", a.loginFirst())
	case a.phase < connected:
		a.tellWithHint(timeline.Error, "There is no connection to "+a.cfg.Target.Label+" now.", " Wait until the prompt no longer says offline.")
	default:
		a.tellWithHint(timeline.Error, "You are not logged in yet.", " Wait until the prompt no longer says logging in.")
	}
}

// loginFirst says what to do for a line that needs a name.
func (a *App) loginFirst() string {
	if a.naming() {
		return "Log in first: type a name, such as alice."
	}
	return "Log in first: /login NAME."
}

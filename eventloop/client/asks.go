package client

import (
	"strings"
	"time"

	"parley/protocol"
)

// silencePatience is how long a command may stay unanswered before that is said.
const silencePatience = 5 * time.Second

// An ask is a command that the server was sent and has not answered.
type ask struct {
	verb, ref string
	at        time.Time
}

// asked notes that a command was sent.
func (a *App) asked(r request) {
	a.asks = append(a.asks, ask{r.verb, r.ref, a.now()})
	a.awaitAsks()
}

func (a *App) awaitAsks() {
	a.clear(alarmAsk)
	if len(a.asks) > 0 {
		a.alarms[alarmAsk] = a.asks[0].at.Add(silencePatience)
	}
}

// answerAsk notes which command r answers: an extended server says so, of another
// one it is the oldest. In a pipe an error is a refusal, which its exit status tells.
func (a *App) answerAsk(r protocol.Response) {
	for i, x := range a.asks {
		words := r.Kind == protocol.KindInfo || r.Kind == protocol.KindError
		if a.manner == extended && x.ref != r.Ref || !words {
			continue
		}
		a.asks = append(a.asks[:i:i], a.asks[i+1:]...)
		if r.Kind == protocol.KindError {
			a.unmet++
		}
		a.awaitAsks()
		return
	}
}

// asksUnanswered says which commands have waited for too long.
func (a *App) asksUnanswered() {
	var verbs []string
	for len(a.asks) > 0 && a.now().Sub(a.asks[0].at) >= silencePatience {
		verbs = append(verbs, "/"+a.asks[0].verb)
		a.asks = a.asks[1:]
	}
	a.missAnswers(verbs)
	a.awaitAsks()
}

// dropAsks gives up the answers that a lost connection owes.
func (a *App) dropAsks() {
	var verbs []string
	for _, x := range a.asks {
		verbs = append(verbs, "/"+x.verb)
	}
	a.asks = nil
	a.clear(alarmAsk)
	if a.cfg.Mode != Interactive {
		a.missAnswers(verbs)
	}
}

func (a *App) missAnswers(verbs []string) {
	if len(verbs) == 0 {
		return
	}
	a.unmet += len(verbs)
	a.tell(ToneError, "%s has not answered %s.", a.cfg.Target.Label, strings.Join(verbs, ", "))
}

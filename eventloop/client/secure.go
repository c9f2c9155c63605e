package client

import (
	"errors"
	"fmt"
	"strings"

	"parley/eventloop/client/conn"
	"parley/eventloop/client/timeline"
)

// tellKey says what is to be known of the key of a server with TLS that was reached.
func (a *App) tellKey(e conn.Event) {
	if e.First != nil {
		a.tell(timeline.Notice, "The key of %s is new here, and no certificate authority vouches for it (%s):\n%s\nWhoever runs the server can say whether that is right: it logs its key when it starts. From now on no other one is accepted there.",
			a.cfg.Target.Address, certificateWords(e.First.Why), e.First.Fingerprint)
	}
	if e.Unkept != nil {
		a.tell(timeline.Warning, "The next chat does not know that this server has TLS: %s", sanitizeLine(e.Unkept.Error()))
	}
}

// certificateWords is why a certificate proves nothing.
func certificateWords(err error) string {
	return strings.TrimPrefix(sanitizeLine(err.Error()), "x509: ")
}

// refusal is why a server was not used that has answered, "" for any other error of a
// dial. It is the same at each try until something has changed.
func (a *App) refusal(err error) string {
	var wrong *conn.WrongKeyError
	var other *conn.NotTLSError
	var unknown *conn.MemoryError
	switch {
	case errors.As(err, &wrong):
		return a.wrongKeyWords(wrong)
	case errors.As(err, &other):
		said := ""
		if other.Said != "" {
			said = fmt.Sprintf("It says: %q ", other.Said)
		}
		return fmt.Sprintf("What %s answers is not TLS, so nothing was sent there. %s%s", a.cfg.Target.Address, said, a.withoutTLS())
	case errors.As(err, &unknown):
		return fmt.Sprintf("It is not known which key %s had before, so nothing was sent there: %s", unknown.Server, sanitizeLine(unknown.Err.Error()))
	}
	return ""
}

func (a *App) wrongKeyWords(e *conn.WrongKeyError) string {
	const careful = "Somebody may be in between who reads and changes all that is said, or the server has got a new key. Ask whoever runs it, in another way than by this chat."
	if e.Pinned {
		return fmt.Sprintf("The key of %s is NOT the one that --tls-pin says, so nothing was sent there:\nsaid %s\nis   %s\n%s", e.Server, e.Right, e.Now, careful)
	}
	how, program := a.anew()
	return fmt.Sprintf("The key of %s HAS CHANGED, so nothing was sent there:\nwas  %s\nis   %s\n%s If the new one is right, %s:\n%s --tls-pin %s %s",
		e.Server, e.Right, e.Now, careful, how, program, e.Now, a.cfg.Target.secureWords(a.login.Name()))
}

// anew is how one begins this chat with other settings, and the program that one types. As long as a page of it is there,
// no other process can have one.
func (a *App) anew() (how, program string) {
	switch {
	case a.cfg.Unshown:
		return "end parley web with Ctrl-C, and type", "parley web"
	case a.cfg.Watch != nil:
		return "leave with Ctrl-D, and type", "parley chat --web"
	}
	return "type", "parley chat"
}

// withPlain is how one leaves this chat for one with a server of the standard.
func (a *App) withPlain() string {
	how, program := a.anew()
	if a.cfg.Watch == nil {
		how = "leave with Ctrl-D, and type"
	}
	return how + ": " + program + " --plain"
}

// withoutTLS says what to do about a server that may have no TLS. It is never used without
// TLS by itself.
func (a *App) withoutTLS() string {
	file := a.cfg.Target.Remembered
	switch {
	case file != "":
		return fmt.Sprintf("It had TLS before, as %s says, so somebody may be in between. If it is right that it has none any more, remove its line there, and type no parleys:// and no --tls.", file)
	case a.reached:
		return "It had TLS before, so somebody may be in between."
	}
	_, program := a.anew()
	return "Is there a server with TLS at another port? Without TLS: " + program + " NAME@HOST:PORT"
}

// secureHint is what to do about a server with TLS that was not reached.
func (a *App) secureHint(err error) string {
	var failed *conn.HandshakeError
	switch file := a.cfg.Target.Remembered; {
	case errors.As(err, &failed):
		return a.withoutTLS()
	case file != "":
		return fmt.Sprintf("Is it running? It had TLS before, as %s says, so it is not used without.", file)
	}
	return "Is a server with TLS running there?"
}

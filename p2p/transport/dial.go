package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"parley/p2p"
)

// dialTimeout is how long one try waits: a lost SYN is sent again after a second.
const dialTimeout = 1500 * time.Millisecond

// dial tries an address again and again, within limits.
func (a *attempt) dial(to netip.AddrPort) {
	tries, wrong := 0, 0
	for {
		if !a.linkedDirectly() {
			err := a.dialOnce(to)
			a.note(to.String(), err)
			var wrongKey *wrongKeyError
			var answer *answerError
			switch {
			case errors.As(err, &wrongKey):
				return // it is the peer's session, and not the peer
			case errors.As(err, &answer):
				wrong++
			}
			if !errors.Is(err, syscall.EADDRNOTAVAIL) { // of that nobody has seen anything
				tries++
			}
		}
		wait, more := pauseBefore(tries, wrong)
		if !more || time.Until(a.direct) < wait || !pause(a.ctx, wait) {
			return
		}
	}
}

func (a *attempt) dialOnce(to netip.AddrPort) error {
	until := time.Now().Add(dialTimeout)
	if a.direct.Before(until) {
		until = a.direct
	}
	ctx, cancel := context.WithDeadline(a.ctx, until)
	defer cancel()
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(a.source), Control: control}
	network := "tcp4"
	if to.Addr().Is6() {
		network = "tcp6"
	}
	conn, err := dialer.DialContext(ctx, network, to.String())
	if err != nil {
		return err
	}
	if err := a.enter(); err != nil {
		conn.Close()
		return err
	}
	defer a.leave()
	if err := a.showFirst(conn); err != nil {
		conn.Close()
		return &answerError{err}
	}
	return a.secure(conn, p2p.Path{Address: to.String()}, time.Now().Add(a.t.cfg.Handshake))
}

// note remembers what went wrong with an address.
func (a *attempt) note(address string, err error) {
	// The address is taken by a connection that the peer has dialled.
	if err == nil || errors.Is(err, syscall.EADDRNOTAVAIL) || a.ctx.Err() != nil {
		return
	}
	a.t.cfg.Log.Debug("no link", "session", a.plan.Session, "address", address, "error", err)
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	if len(a.faults) < 2*maxConns { // peers choose the ports from which they come
		a.faults[address] = err
	}
}

// verdict is why nothing led to the peer, for a person.
func (a *attempt) verdict() error {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	var tried []string
	for address, err := range a.faults {
		var wrong *wrongKeyError
		if errors.As(err, &wrong) {
			return err
		}
		if address != relayName {
			tried = append(tried, address+" ("+reason(err)+")")
		}
	}
	slices.Sort(tried)
	text := a.plan.Name + " cannot be reached"
	if len(tried) > 0 {
		text += " at " + strings.Join(tried, ", ")
	} else if len(a.targets) == 0 {
		text += ": there was no address to try"
	}
	switch err := a.faults[relayName]; {
	case err != nil:
		text += "; over the relay: " + reason(err)
	case a.relay == nil:
		text += "; the relay may not be used, since one of you does not offer it"
	}
	return errors.New(text)
}

// reason is an error in a few words.
func reason(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return "no way there"
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return "no answer"
	}
	return plain(err).Error()
}

// A wrongKeyError says that somebody answered for a session with a key that is
// not that of the plan.
type wrongKeyError struct {
	name, got, want string
}

func (e *wrongKeyError) Error() string {
	return fmt.Sprintf("who answers for %s has another key, %s, than the one announced, %s: nothing was sent; somebody may be between you", e.name, e.got, e.want)
}

// An answerError says that something has answered that does not know the session.
type answerError struct{ error }

func (e *answerError) Unwrap() error { return e.error }

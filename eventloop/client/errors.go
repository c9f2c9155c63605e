package client

import (
	"errors"
	"fmt"
	"net"
)

// A Reason says why a chat ended other than by its user's wish.
type Reason uint8

// The reasons.
const (
	Refused      Reason = iota + 1 // the server said no
	NoConnection                   // the server could not be reached
	BadUse                         // what was asked for makes no sense
)

// An Error ends a chat. Its text is a sentence for the person who started it.
type Error struct {
	Reason Reason
	Text   string
}

func (e *Error) Error() string { return e.Text }

// OtherName ends a chat in place of which another one begins, for somebody else: see
// Config.Claim.
type OtherName struct{ Name string }

func (e *OtherName) Error() string { return "the chat goes on as " + e.Name }

func failure(reason Reason, format string, args ...any) *Error {
	return &Error{Reason: reason, Text: fmt.Sprintf(format, args...)}
}

// cause returns the innermost words of a network error: "connection refused"
// without the addresses that the sentence around it has already.
func cause(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.Err
	}
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return "no answer in time"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return sanitizeLine(err.Error())
		}
		err = inner
	}
}

package load

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"syscall"

	"parley/protocol"
	"parley/protocol/printable"
)

// A Trouble is a kind of error and how often it was met.
type Trouble struct {
	Kind  string `json:"kind"` // of the connection, or the code that the server gave
	Count int    `json:"count"`
	Hint  string `json:"hint"`  // what it means and what to do
	First string `json:"first"` // the first one's own words
}

// Kinds of errors of connections.
const (
	refusedKind    = "connection refused"
	timeoutKind    = "connection timed out"
	filesKind      = "too many open files"
	portsKind      = "ports used up"
	lostKind       = "disconnected"
	noLoginKind    = "no answer to a login"
	noAnswerKind   = "no answer"
	overdueKind    = "not begun in time"
	unsentKind     = "never sent"
	otherKind      = "other"
	garbledKind    = "not the protocol"
	connectionKind = "connection failed"
	notResumedKind = "not resumed"
	silentKind     = "silent"
	stayedAwayKind = "did not come back"
	delayedKind    = "delayed by the server"
)

// ErrorKinds returns the kinds of errors that a run can meet and that have a name of
// their own: those of connections, and the codes that Parley gives.
func ErrorKinds() []string {
	kinds := sortedKeys(hints())
	for _, code := range []protocol.Code{protocol.BadJSON, protocol.TooLarge, protocol.BadRequest, protocol.UnknownRequest, protocol.NotLoggedIn, protocol.AlreadyLoggedIn, protocol.BadName, protocol.LoggedInElsewhere,
		protocol.PasswordRequired, protocol.WrongCredentials, protocol.BlockedLogin, protocol.TLSRequired, protocol.NotAllowed, protocol.UnknownUser, protocol.UserOffline, protocol.BlockedByUser,
		protocol.UnknownRoom, protocol.RoomTaken, protocol.NotInRoom, protocol.WrongKey, protocol.InviteOnly,
		protocol.UnknownMessage, protocol.TooLate, protocol.Forbidden, protocol.Banned, protocol.Muted, protocol.LockedDown,
		protocol.Timeout, protocol.Internal, protocol.ShuttingDown, plainError} {
		kinds = append(kinds, string(code))
	}
	slices.Sort(kinds)
	return kinds
}

// plainError is the kind of what plain servers call an error: they give no codes.
const plainError protocol.Code = "error"

// IsErrorKind reports whether errors of a kind can be allowed.
func IsErrorKind(kind string) bool { return kind == AllowAll || slices.Contains(ErrorKinds(), kind) }

// floodHint is for what comes of a server's flood control.
const floodHint = "the server limits what each user may send: run it with parley serve --flood off, or take more clients or a lower --rate"

// hints explain kinds of errors.
func hints() map[string]string {
	return map[string]string{
		refusedKind:    "nothing listens there, or more are connecting at once than the server's queue holds: see --ramp",
		timeoutKind:    "the server did not take the connection in time: see --ramp",
		filesKind:      "this process or the machine has as many files open as it may: raise ulimit -n, or take fewer clients",
		portsKind:      "one source address has no free port left: take fewer clients or more --sources",
		lostKind:       "the server closed connections; Parley closes that of a reader that lags more than 1 MiB or reads nothing for 10 s",
		noLoginKind:    "the server took the connection and did not answer the login within 30 s",
		noAnswerKind:   "the server did not answer a request in time",
		overdueKind:    "all clients were still at what was due before: take more --clients or a lower --rate",
		unsentKind:     "the connection of who was to send was lost, or the server did not read: the rate was not kept",
		otherKind:      "there were more kinds of errors than are told apart",
		garbledKind:    "something came that is no response; is it a server of the course protocol?",
		connectionKind: "connections could not be made, or broke",
		delayedKind:    floodHint,
		silentKind:     "nothing came for 5 s, not even an answer to a ping, or nothing was taken: another address was taken, in resume",
		stayedAwayKind: "no address let them in again within 60 s, in resume",
		notResumedKind: "the server did not tell what was missed but the newest history: it cannot, or that was too much",

		string(protocol.RateLimited): floodHint,
		string(protocol.NameTaken):   "somebody is logged in under the name: another tester with the same seed?",
		string(protocol.Busy):        "the server is full, or has too many passwords to look at: see --ramp",
	}
}

// kindOfError sorts an error of a connection.
func kindOfError(err error) string {
	var netErr net.Error
	switch {
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return filesKind
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return portsKind
	case errors.Is(err, syscall.ECONNREFUSED):
		return refusedKind
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, net.ErrClosed):
		return lostKind
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &netErr) && netErr.Timeout():
		return timeoutKind
	}
	return connectionKind
}

// Bounds of what is kept of errors, whose words are the server's.
const (
	maxKinds  = 32
	maxKind   = 40  // characters
	maxDetail = 300 // characters
)

// troubles counts errors by kind. They are rare: a mutex is enough.
type troubles struct {
	mu   sync.Mutex
	list []Trouble // in the order in which they were first met
	all  int
}

// add counts an error of a kind; text is its own words.
func (t *troubles) add(kind, text string) { t.addMany(kind, text, 1) }

func (t *troubles) addMany(kind, text string, n int64) {
	kind = shorten(kind, maxKind)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all += int(n)
	find := func() int { return slices.IndexFunc(t.list, func(k Trouble) bool { return k.Kind == kind }) }
	i := find()
	if i < 0 && len(t.list) >= maxKinds {
		kind = otherKind
		i = find()
	}
	if i < 0 {
		t.list = append(t.list, Trouble{Kind: kind, Hint: hints()[kind], First: shorten(text, maxDetail)})
		i = len(t.list) - 1
	}
	t.list[i].Count += int(n)
}

// shorten makes what a server may have said safe to be shown, in at most so many characters.
func shorten(s string, most int) string {
	runes := []rune(printable.Line(s[:min(len(s), 8*most)]))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-3]) + "..."
}

func (t *troubles) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all
}

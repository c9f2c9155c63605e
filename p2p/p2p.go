package p2p

import (
	"net/netip"
	"slices"
	"time"

	"parley/protocol"
)

// A LinkID names a connection to a peer. It is not used again.
type LinkID uint64

// A Path is the way that a link takes.
type Path struct {
	Relay   bool   // through the server
	Address string // of the peer, if not
}

func (p Path) String() string {
	if p.Relay {
		return "relay"
	}
	return "direct " + p.Address
}

// A Plan is how the links of a session are to be made. It has two numbers: a
// server that was started anew counts from 1 again while sessions of before live
// on, so what the transport is asked and what it reports goes by the plan's own.
type Plan struct {
	Session     uint64   // names the plan between Sessions and Transport; not used again
	Number      uint64   // what the server calls the session
	Token       string   // of the server, for the two: by it they know each other's connections
	Name        string   // of the peer
	Client      bool     // this side is the client of TLS, on every link: its name is the smaller one
	Fingerprint string   // of the key that the peer must have
	Paths       []string // of the peer: addresses, and protocol.PathRelay if it takes relayed frames
}

// A Link is one connection to a peer whose key is that of the plan. Whether the
// peer will use it is not known yet.
type Link struct {
	ID      LinkID
	Session uint64 // of the plan
	Path    Path
	Words   []string // the same on both sides of one session; see the verify command
}

// Server is how the sessions ask the server for something. Answers come back
// through FromServer and Refused of Sessions.
type Server interface {
	// Ask sends a request with named fields. It returns false, and nothing is
	// sent, if there is no session with the server.
	Ask(verb string, fields map[string]string) bool
}

// An Offer is what a peer is told of how one may be reached.
type Offer struct {
	Fingerprint string   // of one's own key
	Paths       []string // addresses, protocol.PathObserved and protocol.PathRelay
	Dials       bool     // peers that tell an address are dialled, and see from where
}

// Addresses returns the addresses of an offer, without ports and the same one
// twice, and protocol.PathObserved if that is offered.
func (o Offer) Addresses() []string {
	var all []string
	for _, p := range o.Paths {
		if a, err := netip.ParseAddrPort(p); err == nil {
			p = a.Addr().String()
		}
		if p != protocol.PathRelay && !slices.Contains(all, p) {
			all = append(all, p)
		}
	}
	return all
}

// Transport makes links. Its methods do not block; what comes of them returns
// as Events.
type Transport interface {
	// Offer returns what a peer is told, and is ready for that: a plan will follow.
	Offer() (Offer, error)
	// Connect tries all paths of a plan until Cancel.
	Connect(p Plan)
	// Cancel ends what is being tried for a session. Its links stay. A relayed one
	// works until Close or RelayEnded.
	Cancel(session uint64)
	// Send queues a frame; false means that the peer does not read.
	Send(link LinkID, frame []byte) bool
	// Close ends a link when what was sent is out, or after a second. Nothing
	// happens if it is gone already.
	Close(link LinkID)
	// Relayed takes what the server has relayed for a session.
	Relayed(session uint64, credit int, payload string)
	// RelayEnded says that nothing more is relayed for a session. Its relayed link
	// is Lost when what has come on it is Received.
	RelayEnded(session uint64)
}

// An Event is what a transport reports, or pins.
type Event struct {
	Kind     EventKind
	Link     Link              // of Linked
	ID       LinkID            // of Received and Lost
	Response protocol.Response // of Received
	Err      error             // of Lost and Unreachable
	Session  uint64            // of Unreachable and Relay: the one of the plan
	Credit   int               // of Relay: units that the peer may send again
	Payload  string            // of Relay: bytes for the peer, in base64
	Pinned   *Pinning          // of Pinned; with an Err nothing but the name is known
	Server   string            // of SameServer: how it was known before
}

// Pinning is what was found out of a person's key.
type Pinning struct {
	Name   string
	Before Pin // before the key was to be kept; zero if nothing was
	Now    Pin
}

// An EventKind is what an event is about.
type EventKind uint8

// The kinds of events.
const (
	Linked      EventKind = iota // a link to the peer is there
	Received                     // a frame has come
	Lost                         // a link is gone
	Unreachable                  // no path of a plan led to the peer, and no more is tried
	Relay                        // something for the server to relay
	Pinned                       // what is known of a key: the answer to Look and Keep
	SameServer                   // the server is one that was known by another address
)

// A Pin is what is remembered of a person's key.
type Pin struct {
	Fingerprint string
	Verified    bool      // the person was asked for the words
	Since       time.Time // first seen
}

// Pins remembers keys, by a person's name in any letter case. All clients that a
// person has share them, so they are looked up where that counts. Nothing blocks;
// what comes of it returns as Events, in order.
type Pins interface {
	// At says which identity the server has told.
	At(identity string)
	// Pin returns what was known of somebody when that was last looked up.
	Pin(name string) (Pin, bool)
	// Look looks somebody up.
	Look(name string)
	// Keep looks somebody up and keeps a key, unless another one is known which is
	// not the one of the fingerprint instead.
	Keep(name string, p Pin, instead string)
}

// A Notice is what the person is to be told.
type Notice struct {
	Kind        NoticeKind
	Name        string    // of the peer
	Time        time.Time // of a text: when it was said
	Text        string    // what was said, or a reason
	Words       string    // a reason in the words of the server, who may say anything
	Path        Path      // of a text, or the one that is used now
	Fingerprint string    // of the peer's key
	Known       Pin       // what was known of it before; zero if nothing was
	Offer       Offer     // what Name learns of this side
	Verified    bool      // of a text and of a path: the words of the key in use were compared
	Seconds     int       // that are left to answer an invitation
	Count       int       // of texts
	Texts       []string  // the last of them, oldest first, at most MaxTold
}

// MaxTold is how many texts a notice has.
const MaxTold = 5

// A NoticeKind is what a notice is about.
type NoticeKind uint8

// The kinds of notices.
const (
	NoticeInvited     NoticeKind = iota // Name was asked
	NoticeInvitation                    // Name asks: Fingerprint, Known, Seconds
	NoticeDeclined                      // Name said no
	NoticeLapsed                        // the invitation of, or to, Name was not answered, or is void: Text
	NoticeConnecting                    // both agree; links are tried
	NoticeOpened                        // the session is open: Path, Fingerprint, Known, Count texts that waited are sent
	NoticePath                          // the session goes on over another Path
	NoticeText                          // Name says Text: Time, Path
	NoticeTyping                        // Name is writing
	NoticeUndelivered                   // Count texts, of which Texts are the last, wait for the next session with Name
	NoticeEnded                         // the session with Name is over: Text says why
	NoticeFailed                        // it could not be opened: Text says why
	NoticeKeyChanged                    // Name has another key, Fingerprint, than Known: nothing is opened before it is trusted
	NoticeVerified                      // the key of Name is kept as verified; with a Text it is not: that is why
	NoticeTrusted                       // the changed key of Name is kept; with a Text it is not
	NoticeOffer                         // what Name, and whoever else, learns when both agree: Offer; told once until it changes
	NoticeSameServer                    // the server is the one that was known as Text: keys of people there count here
)

// A Peer is one row of the list of sessions.
type Peer struct {
	Name        string
	State       State
	Path        Path
	Fingerprint string
	Verified    bool
	Since       time.Time     // it is open; before, since when it is in that state
	RoundTrip   time.Duration // of the last ping; 0 if not known
	Waiting     int           // texts that were not acknowledged

	Until   time.Time // of an invitation: when it lapses; zero: it is none
	Known   Pin       // what was known of the key before; zero if nothing was
	Offered string    // a key that is another one: nothing is opened before it is trusted; "" if there is none
}

// A State is how far a session has come.
type State uint8

// The states of a session.
const (
	Asking     State = iota // for the other one's consent
	Asked                   // for one's own
	Connecting              // links are tried
	Open                    //
	Closed                  // there is no session; texts wait for the next one
)

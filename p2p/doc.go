// Package p2p is private sessions: who asks whom, who agrees, which connection is
// used, what is said on it, and what waits. [Sessions] is a state machine with
// one owner. It has no goroutine, no clock and no I/O: it asks a [Server] and a
// [Transport], is told what comes of it, and tells the person by [Notice]s. Names
// are compared in lower case and shown as the server spells them. What is in a
// notice came from others: whoever prints it cleans it first.
//
// # How a session comes about
//
// Ann's name is the smaller one, so she chooses. She is also the client of TLS.
//
//	Ann               server               bob
//	 | startprivate bob  |                   |
//	 |------------------>| invitation 7      |
//	 | invited 7         |------------------>|  "Ann asks; her key is SHA256:..."
//	 |<------------------|                   |
//	 |                   |  acceptprivate Ann|  from here on his addresses are known
//	 | introduced 7      |<------------------|
//	 |<------------------| introduced 7      |
//	 |                   |------------------>|
//	 |                                       |
//	 |====== links: direct, or relayed ======|  both keys are checked by TLS, and pinned
//	 | hello 7, on the best one              |
//	 |-------------------------------------->|  open
//	 |                               hello 7 |
//	 |<--------------------------------------|
//	 |  open; the other links are closed
//	 | message 1 "hello"                     |
//	 |-------------------------------------->|  shown
//	 |                            accepted 1 |
//	 |<--------------------------------------|
//	 | bye                                   |
//	 |-------------------------------------->|  over
//	 | stopprivate bob   |                   |
//	 |------------------>|                   |
//
// Both may ask at once: the server takes the second request for an acceptance. A
// frame on a link is a [protocol.Response] as extended sessions are sent it:
//
//	hello      session, id 0 or 1   this link is to be used; the answer confirms it
//	message    log, id, content     id counts up in a run (log) of the sender's client
//	accepted   log, id              that message has come
//	typing                          somebody writes
//	ping pong  ref                  is somebody there, and how far away
//	bye                             the session ends, on whatever link it comes
//
// Other events are ignored, so that there is room for files. Before hello nothing
// but hello and bye may come.
//
// # States
//
//	state        what may happen                                    leads to
//	(none)       Start; invitation                                  Asking; Asked
//	Asking       introduced; declined, lapsed, refused, Stop        Connecting; none
//	Asked        Accept and then introduced; Decline, stopped       Connecting; none
//	Connecting   both hellos; unreachable, 40 s, Stop, bye          Open; none
//	Open         a better link and both hellos                      Open, over another path
//	             the link is lost, but there are others, for 10 s   Connecting
//	             Stop, bye, nothing heard for 25 s, no link left    none
//	Closed       there is no session, but texts that wait
//
// An invitation of somebody with whom a session is open (a client that was
// started anew asks again) is shown, and the old session ends when the new one is
// introduced, not before: a server cannot end sessions by inviting.
//
// # Who picks a link
//
// Both sides dial and listen at once, so several links may come about, and each
// side sees them in an order of its own. The smaller name picks one at a time,
// direct before relayed, and says hello on it; the other one never says it first.
// An answer within 10 s makes it the link in use. Then the chooser closes the
// rest. One that moves from the relay to a direct link does the same again, and
// closes the old one when the new one is confirmed; the follower sends on the new
// one from its hello on, reads from both, and goes back if the new one breaks at
// once. Texts that were not acknowledged are sent again, in order, on the new
// link. Every link carries texts without gaps, so a receiver that shows only
// higher numbers than it has seen shows each text once and in order. It knows the
// numbers as long as it runs: one that was started anew before its acknowledgement
// arrived shows the text again. So texts arrive at least once, and twice only there.
//
// # Keys and words
//
// A key is pinned when the first link with it is there, not when a server names it,
// and before anything is said. The clients that a person runs at the same time share
// the pins, so that is when they are looked up anew, and so they are before an
// invitation is shown: what one client has learned the others must not overlook,
// and no use of a key ever takes the place of another one. Pins that cannot be
// looked up open nothing.
//
// Another key than the pinned one is neither accepted nor connected to: the person
// is warned and may Trust the key of the last warning, if the known key is still the
// one that the warning named. Words are shown before they can be said to be the
// same, in each session. Texts that wait were written for one key and go to no other
// without Trust, even if it was never pinned.
//
// The words are those of the first link that the chooser has confirmed, as long as
// the session lasts. Words of the present link would change when a session moves
// to a direct link, most likely in the first half minute, which is when people
// compare them, and not at the same moment on both sides: an alarm about nothing.
// Nothing is lost by it: equal words mean that both sides have seen the same two
// keys, and the next link is accepted from these keys only. The id of hello tells
// the follower whether the chooser had a link before, so that both take the words
// of the same one. People should compare at once, and aloud: a call, not the chat
// of the same server.
//
// # Two numbers
//
// A server numbers sessions, and both sides of a session know it by that number,
// which stands in hello. But a server that was started anew counts from 1 again
// while direct sessions of before live on, and a bad one may use a number twice. So
// Sessions count plans for themselves: what is asked of the transport and what it
// reports goes by [Plan].Session, which is used once, and only [Plan].Number is the
// server's. When the server goes, the sessions that it introduced are marked: its
// successor's numbers mean nothing to them.
//
// Within one run of a server its numbers rise, so what is not newer than the
// newest comes late or twice. Answers carry no tags here but come in the order of
// the requests, so it is counted what is owed: the answer to an invitation that
// was withdrawn is not taken for that to the next.
//
// # The end of a session
//
// Who ends it says bye, closes its links, cancels the plan and sends stopprivate;
// through the relay the latter waits for 1.5 s, or until something new is asked
// about the same person, so that the bye gets out; the peer, who has got it, sends
// stopprivate at once, so that it can ask again. What was not acknowledged waits
// as long as the client runs, for the next session with the same person, from
// the same own name. While the server is away direct sessions go on; invitations
// are void and what was relayed ends. A block is the server's matter and ends
// nothing here.
//
// # Limits
//
// 32 sessions and invitations, beyond which invitations are declined; 4 links of a
// session that wait for hello, 10 s each; 200 texts that wait for a person, 32 of
// them on the link; 8 runs of a person's client whose numbers are known; 1,000
// people of whom anything is known. A peer that sends a text that is too long, or
// no text where one belongs, ends its session.
//
// # Considered and rejected
//
//   - Choosing by time, or by both: two clocks and two orders of arrival do not
//     agree; one chooser does.
//   - Numbers of the server as keys of the transport, made unique by the server's
//     clock: a server is not to be trusted with keeping two people apart.
//   - Words of both keys and the session's number only: whoever sits in between can
//     search for keys that collide beforehand. The words come from the handshake.
//   - To connect again by itself after a loss: addresses are stale, and the person
//     at the other end may be another one by now. Asking again is one command.
//   - Acknowledgements for all up to a number: one for each needs no proof that
//     nothing is missing below it.
//   - To send what waits to whoever has the name next: see keys.
//   - To keep the numbers of texts that were shown on a disk: it would have to be
//     written before each acknowledgement, and would be a record of who talked.
package p2p

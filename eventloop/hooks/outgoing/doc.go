// Package outgoing sends what is said in rooms to the URLs of outgoing hooks, as the
// specification Standard Webhooks has it (https://www.standardwebhooks.com). Each event is a
// POST of its own:
//
//	webhook-id: LOG_NUMBER
//	webhook-timestamp: 1795723200
//	webhook-signature: v1,BASE64
//
//	{"type":"message.said","timestamp":TIME,"data":{"log":LOG,"room":ROOM,"id":NUMBER,"time":TIME,"from":NAME,"text":TEXT}}
//
// The signature is the HMAC-SHA256 of the id, the timestamp (seconds since 1970, of this try)
// and the body, with points between them; its key is what stands in base64 behind "whsec_" in
// the secret. These are the types:
//
//	message.said      somebody has said something: with re, the id of what it answers
//	message.changed   a message was edited, or there are other reactions to it: as it is now, with
//	                  edited, when its text was changed last, and reactions, words with the names
//	                  of those who have put them there
//	message.removed   a message was removed: by whom, and why; without a text
//	messages.missing  what was said up to up_to is gone before it could be sent: the server keeps
//	                  less than that
//
// Whoever keeps what comes puts a message in the place of the one with the same log and id, and
// forgets the text of one that is removed.
//
// # What is promised
//
// What was said behind the making of a hook is sent in order, one event after the other, at
// least once: until the receiver answers with a status of 2xx. What comes a second time has the
// same webhook-id. (TestNothingIsLostByKills)
//
// A message is read for each try as it is then. What was removed before that has no text, and
// what was edited has its new one; the change itself comes behind. Of a message that was
// changed several times the last change may come alone.
// (TestWhatWasRemovedIsNotSent)
//
// Direct messages, private sessions and who comes and goes are never sent. Blocks do not
// matter: the hook hears what is said in the room, as the server's owner wants it, also in a
// private one; people are told so (protocol.EventForwarded). What was delivered is in the hands
// of the receiver: retention and who wants to be forgotten do not reach it.
//
// With the room its hooks end, and what was not delivered by then is gone with the room.
//
// # When a receiver does not answer
//
// A try takes 10 s at most. After one that has failed there is a pause of a second, twice as
// long after each further one, up to a minute; if the receiver asks for more with Retry-After,
// up to an hour. An answer 410 (Gone) stops the hook for good. Redirections are not followed.
// Only the status of an answer is looked at.
//
// Each hook has a goroutine and one connection, so that one receiver keeps no other waiting,
// and no more than one message in memory: it reads what is next from the file. One of them reads
// at a time. How far all receivers have come is kept once a second, with one command: after a crash
// some may come again.
//
// # Several servers that share a log
//
// One of them sends: the first that lives, as long as it reaches the log (server.Forwarder). When
// it does not any more it sends nothing, what it is just sending is broken off, and the next
// one goes on from what the log says of how far the receivers are. What was sent since then comes
// again, under the same webhook-id, since numbers and the name of the log are the same on all. A
// node that is killed is taken for gone after some five seconds, in which nothing is sent; one
// that is told to end has it kept how far it is, and the next one goes on at once.
// (TestHooksOfACluster)
//
// Nothing is sent while a node takes part that is too old to know how that is kept, and no
// hook is made (log.ErrOldNode). A URL is that of one receiver: each node must reach it, and
// has the same setting of where hooks may go.
//
// # Where it goes
//
// Only to addresses of loopback, unless the owner allows others: that is looked at when the
// connection is made, whatever a name has meant before. Proxies of the environment are not
// used.
//
// The secret is kept as it is, in the database of the server, which only its owner may read:
// of a hash nothing can be signed. So backups have it, too. The log and the metrics have
// neither URLs nor texts.
package outgoing

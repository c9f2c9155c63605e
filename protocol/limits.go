package protocol

import "time"

// Limits of the wire contract. What a server's owner may want to change is a
// setting of the server whose default stands here.
const (
	// MaxFrame is the size in bytes of one request, of which a server's owner may
	// allow less (see LeastFrame), or of one extended response. A frame is buffered
	// whole before it is decoded, so this bounds what an unfinished request can cost:
	// 64 KiB holds any text with every byte escaped.
	MaxFrame = 64 << 10

	// MaxPlainFrame is the size in bytes, newline included, of one response to
	// a plain session. Some third-party clients call recv(1024) once per
	// response, so what does not fit is sent as several responses.
	MaxPlainFrame = 1024

	// MaxPlainText is the size in bytes of a response that holds one person's
	// text, which is cut only where most clients could not read it: they call
	// recv(4096) once per response.
	MaxPlainText = 4095

	// MaxServedFrame is the size in bytes of one response that a client takes
	// from anybody's server; some send their whole history as one object.
	MaxServedFrame = 4 << 20

	// MessageCost is how many units a message costs of what its sender may use; see Verb.Cost.
	MessageCost = 50

	// KeptCost is what a request costs, at least, of which something is kept (but for read, which only goes on, and
	// login, which has limits of its own): the disk has it like a message, and so may the audit log. It is no more than a fifth of that because those who keep order may have to do much at
	// once: fifty such requests are carried out at once, and ten each second behind them.
	KeptCost = MessageCost / 5

	// MaxDeferred is how many requests of a session wait, at most, because it is busy or its
	// user has sent too many, and MaxDeferredSize how many bytes of text they may have. Who
	// leaves has them carried out at once, and 16 of the longest texts, in the longest form
	// that they have for plain sessions, are less than half of what may wait for a connection.
	MaxDeferred     = 128
	MaxDeferredSize = 16 * MaxText

	// MaxText is the size in bytes (UTF-8) of the text of one message. A server's owner
	// may allow less, and not more: clients, what is kept and peers are made for it.
	MaxText = 4 << 10

	// MaxName is the length in characters of a user's name.
	MaxName = 32

	// MaxRoom is the length in characters of a room's name.
	MaxRoom = 32

	// MaxTopic is the size in bytes (UTF-8) of the topic of a room.
	MaxTopic = 256

	// MaxWhy is the size in bytes (UTF-8) of why somebody was kicked, banned and so on.
	MaxWhy = 256

	// MaxActs is how many acts one answer to audit or to reports has at most.
	MaxActs = 100

	// MaxJoined is how many rooms one may be in, beside the lobby.
	MaxJoined = 100

	// MaxUnread is up to how many messages of one conversation are counted that one has
	// not read.
	MaxUnread = 999

	// MaxHistoryCount is how many messages one answer to history has at most, and
	// DefaultHistoryCount if none is asked for. Fewer come where their texts are long.
	MaxHistoryCount     = 500
	DefaultHistoryCount = 50

	// MaxReaction is the size in bytes (UTF-8) of a reaction to a message.
	MaxReaction = 32

	// MaxTag is the size in bytes of a request's ref, id, token and log.
	MaxTag = 64

	// RequestMemory is for how long a server remembers the id of a request, so that a retry
	// creates nothing: somebody closes a laptop in the evening and opens it in the morning.
	RequestMemory = 24 * time.Hour

	// MaxDepth is how deep the objects and arrays of one frame may nest.
	MaxDepth = 32

	// MaxStrikes malformed frames in a row end a connection: what sends them
	// does not speak this protocol.
	MaxStrikes = 3

	// LoginTimeout is how long a connection may stay without a login.
	LoginTimeout = 30 * time.Second

	// LoginSize is how many bytes a connection may send before it has logged in: a login has
	// a few hundred, and who talks about the weather first is no client.
	LoginSize = 16 << 10

	// DeadAfter is how long the other side of an extended session may be silent
	// before the connection counts as lost: two pings, one every 30 s, and time for
	// the answer to the second. A server expects that only of a client that has
	// pinged once.
	DeadAfter = 75 * time.Second

	// MaxOutbound is how many bytes may wait for one connection that does not
	// read before it is closed. A socket's own buffers come on top. What one user
	// may say at once is less than half of it.
	MaxOutbound = 1 << 20

	// StallTimeout is for how long a connection may take nothing of what waits for it before it
	// is closed: who reads takes something more often, and who does not would miss what is
	// said with ever more waiting. A client comes back, and misses nothing.
	//
	// What counts is what the client's system takes, whether the network or the client is slow. When
	// its buffer is full it takes nothing before a good part of that is read; and a client that
	// speaks TLS reads a whole record, of 16 KiB, and then nothing before it has used that up.
	// Of one that uses 1,000 bytes a second nothing was acknowledged for so long (Linux 6.18,
	// loopback, 2026-11-28):
	//
	//	                        plain   TLS
	//	buffer of 128 KiB       66 s    more than 70 s
	//	buffer of 4 KiB         7 s     17 s
	//
	// So one with the usual buffer must read 7 kB a second if more waits for it than fits there.
	StallTimeout = 10 * time.Second

	// MaxHistory is how many bytes of earlier messages an extended session is told at
	// its login: half of what may wait for it, so that who reads slowly stays.
	MaxHistory = MaxOutbound / 2

	// MaxPlainHistory is how many bytes a plain session is told of earlier messages at once: half
	// of what may wait for its pauses, so that there is room for as much again.
	MaxPlainHistory = MaxOutbound / 4

	// MaxPaths is how many paths an invitation or its acceptance may name.
	MaxPaths = 16

	// InvitationTimeout is how long an invitation to a private session waits for
	// an answer.
	InvitationTimeout = 60 * time.Second

	// MaxPrivate is how many private sessions, and invitations of one's own that
	// wait, one user may have at a time.
	MaxPrivate = 32

	// MaxRinging is how many invitations of others may wait for one user's answer.
	// They take nothing from MaxPrivate, or others could use it up.
	MaxRinging = 32

	// MaxRelayed is how many bytes one relayed frame carries, before base64.
	MaxRelayed = 8 << 10

	// RelayWindow is how much, in units of RelayCost, one peer may send through
	// the relay before the other one gives credit. MaxPrivate windows are less
	// than MaxOutbound: peers cannot have a slow reader's connection closed.
	RelayWindow = 24 << 10

	// RelayCredit is how much credit the server passes on by itself; less waits
	// for more, or for a payload that it can travel with. So what is given back
	// takes little room beside what it is for. Who gives credit as soon as half
	// of a window is used up keeps nobody waiting.
	RelayCredit = RelayWindow / 24
)

// LeastFrame returns how many bytes a frame must be allowed to have, so that a server takes all
// requests of Parley's clients whose texts have at most some bytes: such a text with every byte
// escaped, or what a peer has relayed, in base64, and what stands around it.
func LeastFrame(text int) int {
	const escape, around = len(`\u0000`), 1 << 10
	return max(escape*text, MaxRelayed*4/3) + around
}

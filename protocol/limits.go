package protocol

import "time"

// Limits of the wire contract. What a server's owner may want to change is a
// setting of the server whose default stands here.
const (
	// MaxFrame is the size in bytes of one request or one extended response.
	// A frame is buffered whole before it is decoded, so this bounds what an
	// unfinished request can cost: 64 KiB holds any text with every byte escaped.
	MaxFrame = 64 << 10

	// MaxPlainFrame is the size in bytes, newline included, of one response to
	// a plain session. Most third-party clients call recv(4096) once per
	// response, so what does not fit is sent as several responses.
	MaxPlainFrame = 4095

	// MaxServedFrame is the size in bytes of one response that a client takes
	// from anybody's server; some send their whole history as one object.
	MaxServedFrame = 4 << 20

	// MaxText is the size in bytes (UTF-8) of the text of one message.
	MaxText = 4 << 10

	// MaxName is the length in characters of a user's name.
	MaxName = 32

	// MaxTag is the size in bytes of a request's ref and of its id.
	MaxTag = 64

	// MaxDepth is how deep the objects and arrays of one frame may nest.
	MaxDepth = 32

	// MaxStrikes malformed frames in a row end a connection: what sends them
	// does not speak this protocol.
	MaxStrikes = 3

	// LoginTimeout is how long a connection may stay without a login.
	LoginTimeout = 30 * time.Second

	// MaxOutbound is how many bytes may wait for one connection that does not
	// read before it is closed. A socket's own buffers come on top.
	MaxOutbound = 1 << 20
)

package eventloop

import (
	"crypto/tls"
	"log/slog"
	"net/netip"
	"os"
	"time"
)

// A Config says how to run loops over gnet.
type Config struct {
	Listen           []string        // addresses: HOST:PORT, unix:PATH, or systemd:NAME of a socket that is Inherited
	ListenTLS        []string        // those at which TLS is spoken: HOST:PORT or systemd:NAME
	ListenProxy      []string        // those at which a proxy says first who its client is, in a PROXY header: as Listen
	ListenProxyTLS   []string        // those with TLS behind that header: as ListenTLS
	Sockets          SocketRights    // of those at Unix sockets
	Inherited        []*os.File      // sockets with which somebody else listens, by their names
	ProxyFrom        []netip.Prefix  // where these proxies are, beside Unix sockets; others are refused there
	MaxHeaders       int             // proxies' connections that may be without their header at once; 0: DefaultMaxHeaders
	NotProxy         func() []byte   // makes what one is sent there who is no such proxy, on any goroutine; nil: nothing
	TLS              *tls.Config     // for addresses with TLS
	MaxHandshakes    int             // of TLS that are under way at once; 0: DefaultMaxHandshakes
	HandshakeTimeout time.Duration   // from the begin of a connection until its proxy's header is there and its handshake is over; 0: DefaultHandshakeTimeout
	HandshakeInput   int             // bytes of a connection that may come before its handshake is over, in any case; 0: DefaultHandshakeInput
	HandshakeMemory  int             // bytes up to which more of one is kept, of all of a loop together; 0: DefaultHandshakeMemory
	NotTLS           func() []byte   // makes what one is sent who does not begin with TLS there, on any goroutine; nil: nothing
	HandshakeFailed  func()          // told of each of TLS that has failed or took too long, on any goroutine; nil: nobody is
	Handshakes       *HandshakeCount // told how many there are; nil: nobody is
	Loops            int             // event loops, 1 to MaxLoops
	MaxConns         int             // connections at most; 0: as many as there may be open files
	OtherFiles       int             // that the rest of the program may have open; 0: DefaultOtherFiles
	MaxOutbound      int             // bytes that may wait for one connection
	MaxOutboundTotal int64           // bytes that may wait for all together; 0: no limit
	Stall            time.Duration   // for which nothing of what waits for a connection may go out; 0: for ever
	PeerTimeout      time.Duration   // after which a peer that acknowledges nothing is gone; 0: DefaultPeerTimeout
	Faulted          func()          // is told that a panic has cost a connection, on any goroutine; nil: nobody is
	Refusal          func() []byte   // makes what a connection is sent that is refused, on any goroutine; nil: nothing
	Ending           func() []byte   // makes what one is sent who comes after Stop was closed, likewise
	Log              *slog.Logger    //
	Listening        func([]string)  // told the addresses, with real ports, in the order of the fields above, when clients can connect
	Stop             <-chan struct{} // closed to end
	Drain            time.Duration   // for all connections to be gone then; after it, or LastWordsTime, the others are closed
	Settled          <-chan struct{} // closed when the handler has nothing more to do, some time after it was told to stop; nil: at once
	SettleTimeout    time.Duration   // after which that is not waited for any more; 0: DefaultSettleTimeout

	// Admit is asked of each connection with an address before anything is done for it, on
	// any goroutine: nil lets it in, and it is opened; else it is sent that, and closed at
	// once, so that who is refused takes no file. nil: all are let in.
	Admit func(remote netip.AddrPort) []byte
	// Left is told of one that Admit has let in and of which the handler is not told, since
	// it has ended before that. It is called on any loop.
	Left func(remote netip.AddrPort)
}

// DefaultPeerTimeout is how long TCP waits for a peer to acknowledge what it was
// sent, or to answer when it was silent.
const DefaultPeerTimeout = 75 * time.Second

// DefaultOtherFiles is how many files are set aside that are neither for connections nor for
// listeners and pollers: standard streams, and files of a program's own.
const DefaultOtherFiles = 64

const (
	// sendBuffer is each socket's, in bytes. Without a limit the kernel takes
	// megabytes for a client that does not read before we notice.
	sendBuffer = 64 << 10

	// A connection that is silent for 2 parts of PeerTimeout is asked by TCP whether
	// the peer is still there, keepCount times within the other 3 parts.
	keepAliveParts = 5
	keepCount      = 3
)

// keepIdle and keepInterval are when the peer is asked for the first time, and how long it is
// from then on from one time to the next; both count in seconds.
func keepIdle(peerTimeout time.Duration) time.Duration {
	return max(peerTimeout*2/keepAliveParts, time.Second)
}

func keepInterval(peerTimeout time.Duration) time.Duration {
	return max(peerTimeout/keepAliveParts, time.Second)
}

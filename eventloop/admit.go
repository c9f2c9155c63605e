package eventloop

import (
	"net/netip"
	"sync/atomic"
	"time"
)

// refusalInterval is how long refused connections are counted before one line of
// the log says how many they were.
const refusalInterval = time.Second

// admitted is the context of a connection for which there is room already: one that came
// to a Unix socket.
type admitted struct{ door door }

// admit takes room for a connection, if there is any.
func (e *engine) admit() bool {
	if int(e.open.Add(1)) <= e.cfg.MaxConns {
		return true
	}
	e.open.Add(-1)
	e.full.add(func(n int64) {
		e.cfg.Log.Warn("connections refused: too many are open", "refused", n, "most", e.cfg.MaxConns)
	})
	return false
}

// repel returns what is said to a connection that is refused because of its address, nil if
// it is not.
func (e *engine) repel(remote netip.AddrPort) []byte {
	if e.cfg.Admit == nil || !remote.IsValid() {
		return nil
	}
	refusal := e.cfg.Admit(remote)
	if refusal == nil {
		return nil
	}
	e.repelled.add(func(n int64) {
		e.cfg.Log.Warn("connections refused: too many come from one address", "refused", n, "first", remote.Addr().String())
	})
	return refusal
}

// forget tells that a connection which was let in has ended before the handler was told of it.
func (e *engine) forget(remote netip.AddrPort) {
	if e.cfg.Left != nil && remote.IsValid() {
		e.cfg.Left(remote)
	}
}

// refusal returns what is said to a connection for which there is no room.
func (e *engine) refusal() []byte {
	if e.cfg.Refusal == nil {
		return nil
	}
	return e.cfg.Refusal()
}

// notTLS returns what is said to one who does not speak TLS where it is spoken.
func (e *engine) notTLS(remote netip.AddrPort) []byte {
	e.tlsless.add(func(n int64) {
		e.cfg.Log.Warn("connections refused: they do not speak TLS at an address with TLS", "refused", n, "first", remote.Addr().String())
	})
	if e.cfg.NotTLS == nil {
		return nil
	}
	return e.cfg.NotTLS()
}

// handshakeFailed says that TLS was not agreed upon with one who has begun with it, or has sent
// nothing for too long.
func (e *engine) handshakeFailed(remote netip.AddrPort, why error) {
	e.cfg.Log.Debug("a TLS handshake failed", "remote", remote, "error", why)
	e.unshaken.add(func(n int64) {
		e.cfg.Log.Warn("connections refused: their TLS handshakes have failed", "refused", n, "first", remote.Addr().String(), "error", why)
	})
	if e.cfg.HandshakeFailed != nil {
		e.cfg.HandshakeFailed()
	}
}

// notProxy returns what is said to one who is no proxy where only those are served.
func (e *engine) notProxy() []byte {
	if e.cfg.NotProxy == nil {
		return nil
	}
	return e.cfg.NotProxy()
}

// A tally counts connections that are refused, until one line of the log says how many
// they were.
type tally struct{ n atomic.Int64 }

// add counts one, and has the first one's log told some time later.
func (t *tally) add(log func(n int64)) {
	if t.n.Add(1) == 1 {
		time.AfterFunc(refusalInterval, func() { log(t.n.Swap(0)) })
	}
}

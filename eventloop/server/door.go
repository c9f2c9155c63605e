package server

import (
	"fmt"
	"net/netip"
	"sync"
	"time"

	"parley/protocol"
)

// A door lets connections in, or refuses them because of what else comes from their address,
// before they cost anything. Loops accept at one time: hence a mutex, which is held for a
// look into two maps.
type door struct {
	limits AddressLimits
	began  time.Time // what its times are counted from

	mu   sync.Mutex
	open addressCount
	news addressQuota
}

func newDoor(limits AddressLimits, now time.Time) *door {
	return &door{limits: limits, began: now, open: newAddressCount(limits.Connections), news: newAddressQuota(limits.New, maxRecentAddresses)}
}

// enter lets a connection in and returns "", or says why it is refused: who is does not
// count.
func (d *door) enter(addr netip.Addr, now time.Time) (refused string) {
	addr = d.limits.counted(addr)
	if !addr.IsValid() {
		return ""
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open.full(addr) {
		return fmt.Sprintf("Too many connections are open from your address: it may have %d. Come back when one of them has ended.", d.limits.Connections)
	}
	since := now.Sub(d.began)
	if wait := d.news.wait(addr, since); wait > 0 {
		return fmt.Sprintf("Too many connections have come from your address: it may open %s. Come back in %d s.", d.limits.New.words(), inSeconds(wait))
	}
	d.open.add(addr)
	d.news.add(addr, since)
	return ""
}

// leave forgets a connection that was let in.
func (d *door) leave(addr netip.Addr) {
	if addr = d.limits.counted(addr); addr.IsValid() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.open.remove(addr)
	}
}

// Admit returns what is sent to a connection that is refused because of its address, nil if
// it is let in. What was let in is to be opened. It may be called from any goroutine.
func (s *Server) Admit(remote netip.AddrPort) []byte {
	now := s.cfg.Clock()
	if refused := s.door.enter(remote.Addr(), now); refused != "" {
		return refusal(refused, now)
	}
	return nil
}

// Left forgets a connection that was let in and has ended before it was opened. It may be called
// from any goroutine.
func (s *Server) Left(remote netip.AddrPort) { s.door.leave(remote.Addr()) }

// Refusal returns the frame for a connection for which there is no room.
func Refusal(now time.Time) []byte {
	return refusal("The server is full. Please try again later.", now)
}

// Ending returns the frame for a connection that comes while the server ends. It may be
// called from any goroutine.
func (s *Server) Ending() []byte {
	now, away := s.cfg.Clock(), restartTime
	if back := s.back.Load(); back != nil {
		away = max(back.Sub(now), restartTime)
	}
	return refusal(fmt.Sprintf("The server is shutting down. Come back in %d s.", inSeconds(away)), now)
}

// NotTLS returns the frame for a connection that does not begin with TLS where it is
// spoken.
func NotTLS(now time.Time) []byte {
	return refusal("Good bye: TLS is spoken at this port, and that is none. Connect with TLS, such as with: parley chat parleys://HOST:PORT", now)
}

// NotProxy returns the frame for a connection that is none of a proxy that is trusted, or
// has not its header, where only those are served.
func NotProxy(now time.Time) []byte {
	return refusal("Good bye: this port is for a proxy before the server, which says whom it connects. Connect to the proxy, or to another port of the server.", now)
}

// refusal returns the frame for a connection that is refused. Nobody is extended yet.
func refusal(text string, now time.Time) []byte {
	return protocol.AppendPlain(nil, protocol.Response{Time: now, Sender: protocol.ServerName, Kind: protocol.KindError, Content: text})
}

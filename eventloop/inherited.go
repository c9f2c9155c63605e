package eventloop

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// inheritedPrefix is that of an address at which somebody else listens already.
const inheritedPrefix = "systemd:"

// inherit listens with a socket that this process was given, and that stays open when it
// ends: who comes then waits for the next process. gnet cannot be given one, since it makes
// its own of addresses; so it is accepted from as from a Unix socket.
//
// There may be several of a name, such as one of IPv4 and one of IPv6.
func (d *doors) inherit(name string, which door, given []*os.File) error {
	var addrs []string
	for _, f := range given {
		if f.Name() != name {
			continue
		}
		l, err := net.FileListener(f)
		if err != nil {
			return fmt.Errorf("what was handed over is no socket to listen with: %w", err)
		}
		d.own, addrs = append(d.own, ownDoor{l, which}), append(addrs, addressOf(l))
		switch _, tcp := l.Addr().(*net.TCPAddr); {
		case tcp:
			if err := d.speaks(l, which); err != nil {
				return err
			}
		case which.tls:
			return errUnixTLS
		}
	}
	if addrs == nil {
		return fmt.Errorf("no socket of that name was handed over, only: %s. It is the FileDescriptorName= of a .socket unit, or else the name of that unit", namesOf(given))
	}
	d.addrs = append(d.addrs, strings.Join(addrs, " and "))
	return nil
}

// addressOf returns the address of a listener as a person can connect to it.
func addressOf(l net.Listener) string {
	if l.Addr().Network() == "unix" {
		return "unix:" + l.Addr().String()
	}
	return l.Addr().String()
}

func namesOf(given []*os.File) string {
	var names []string
	for _, f := range given {
		names = append(names, f.Name())
	}
	if names == nil {
		return "none at all"
	}
	return strings.Join(names, ", ")
}

// prepare gives a connection that gnet has not accepted what it gives those that it has.
func (e *engine) prepare(c net.Conn) {
	switch c := c.(type) {
	case *net.UnixConn:
		_ = c.SetWriteBuffer(sendBuffer)
	case *net.TCPConn:
		_ = c.SetWriteBuffer(sendBuffer)
		_ = c.SetNoDelay(true)
		_ = c.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: keepIdle(e.cfg.PeerTimeout), Interval: keepInterval(e.cfg.PeerTimeout), Count: keepCount})
	}
}

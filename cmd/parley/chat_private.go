package main

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/mattn/go-isatty"

	"parley/eventloop/client"
	"parley/p2p/identity"
	"parley/p2p/transport"
)

// privateFlags are the settings of private sessions.
type privateFlags struct {
	P2PListen    string `name:"p2p-listen" env:"PARLEY_P2P_LISTEN" help:"Where peers can connect to you. ADDRESS:PORT: there, and they learn no other address of yours. :PORT: at all your addresses. off: nowhere, and they learn no address; but those that you dial see yours, unless there is --relay-only. Without it, the port is that of the connection to the server or, if that is a Unix socket, any one on loopback. Two chats cannot have the same PORT; 0 takes a free one." placeholder:"ADDRESS:PORT|off"`
	P2PAdvertise string `name:"p2p-advertise" env:"PARLEY_P2P_ADVERTISE" help:"Tell peers this address, too, beside those that are found, such as that of a router which forwards the port. The address is in digits; without a port it is the one that is listened on." placeholder:"ADDRESS[:PORT]"`
	RelayOnly    bool   `help:"Private sessions go through the server only: no peer learns an address of yours."`
	NoRelay      bool   `help:"Private sessions never go through the server."`
}

// Validate checks what the parser cannot.
func (f *privateFlags) Validate() error {
	switch {
	case f.RelayOnly && f.NoRelay:
		return fmt.Errorf("--relay-only and --no-relay leave no way for private sessions")
	case f.P2PListen == "off" && f.NoRelay:
		return fmt.Errorf("--p2p-listen off and --no-relay leave no way for a peer to come")
	case f.P2PListen != "" && f.P2PListen != "off" && !isListenAddress(f.P2PListen):
		return fmt.Errorf("--p2p-listen is %q; it can be ADDRESS:PORT with the address in digits, :PORT, or off", f.P2PListen)
	case f.P2PAdvertise != "" && (f.P2PListen == "off" || f.RelayOnly):
		return fmt.Errorf("--p2p-advertise tells peers where to come, and with --p2p-listen off or --relay-only nobody listens")
	case isLow(portOf(f.P2PListen)):
		return fmt.Errorf("--p2p-listen is %q; its port must be %d or higher, since peers dial no lower one, or 0 for any", f.P2PListen, transport.MinPort)
	case f.P2PAdvertise != "" && !isAdvertisable(f.P2PAdvertise):
		return fmt.Errorf("--p2p-advertise is %q; it can be ADDRESS:PORT or ADDRESS, in digits, such as 203.0.113.7:4000", f.P2PAdvertise)
	case isLow(portOf(f.P2PAdvertise)):
		return fmt.Errorf("--p2p-advertise is %q; its port must be %d or higher, since peers dial no lower one", f.P2PAdvertise, transport.MinPort)
	}
	return nil
}

// portOf returns the port of an address, 0 if it has none.
func portOf(s string) uint64 {
	_, port, _ := net.SplitHostPort(s)
	n, _ := strconv.ParseUint(port, 10, 16)
	return n
}

func isLow(port uint64) bool { return port > 0 && port < transport.MinPort }

func isListenAddress(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, portErr := strconv.ParseUint(port, 10, 16)
	_, hostErr := netip.ParseAddr(host)
	return portErr == nil && (host == "" || hostErr == nil)
}

func isAdvertisable(s string) bool {
	a, portErr := netip.ParseAddrPort(s)
	_, err := netip.ParseAddr(s)
	return portErr == nil && a.Port() != 0 || err == nil
}

// private returns what private sessions need, and what is to be called when the
// chat is over. Without the files that they need there are none, which is no
// reason not to chat.
func (f *privateFlags) private(p *process, cfg client.Config) (*client.Private, func()) {
	if cfg.Mode != client.Interactive || cfg.Plain {
		return nil, func() {}
	}
	folder := filepath.Join(xdg.StateHome, "parley", "private")
	key, err := identity.Open(folder, rand.Reader, time.Now())
	if err != nil {
		p.log.Warn("there are no private sessions in this chat", "error", err)
		return nil, func() {}
	}
	failed := make(chan error, 1) // the screen is in use: it is said at the end
	log := p.log
	if isatty.IsTerminal(p.stderr.Fd()) {
		log = slog.New(slog.DiscardHandler)
	}
	t := transport.New(transport.Config{
		Identity: key, Listen: f.P2PListen, Advertise: f.P2PAdvertise, RelayOnly: f.RelayOnly, NoRelay: f.NoRelay, Log: log,
	})
	pins, err := identity.OpenPins(folder, serverAddress(cfg.Target), t.Report, func(err error) {
		select {
		case failed <- err:
		default:
		}
	})
	if err != nil {
		p.log.Warn("there are no private sessions in this chat", "error", err)
		return nil, func() {}
	}
	return &client.Private{Transport: t, Pins: pins}, func() {
		pins.Close()
		select {
		case err := <-failed:
			p.log.Warn("what is known of the keys of others is not complete in the file", "error", err)
		default:
		}
	}
}

// serverAddress is the address of a server for the files of keys, without white
// space: names mean something on one server only.
func serverAddress(t client.Target) string {
	address := t.Address
	if absolute, err := filepath.Abs(address); err == nil && t.Network == "unix" {
		address = absolute
	}
	return strings.Join(strings.Fields(address), "_")
}

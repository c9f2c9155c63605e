package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"parley/eventloop"
)

// proxyFlags are those of parley serve that are about proxies and load balancers before it.
type proxyFlags struct {
	ProxyListen    []string  `help:"Addresses for a proxy or load balancer, which says in a PROXY header, version 1 or 2, whom each connection is from: HOST:PORT, unix:PATH or systemd:NAME. Limits and logs are about that address then. Passwords are taken if the header says that there is TLS, which only version 2 can." placeholder:"ADDRESS"`
	ProxyTLSListen []string  `name:"proxy-tls-listen" help:"Those for one that passes on TLS, with the PROXY header before it: HOST:PORT or systemd:NAME." placeholder:"ADDRESS"`
	ProxyFrom      []network `help:"Addresses and networks of the proxies, such as 192.0.2.7,10.0.0.0/8; others are refused at these addresses. Who comes through a Unix socket is one." default:"127.0.0.0/8,::1/128" placeholder:"NETWORK"`
	ProxyWaiting   int       `help:"Connections of proxies that may be without their PROXY header at once, at most; each has --handshake-timeout, with the handshake of TLS."`
}

func (c *proxyFlags) validate() error {
	switch {
	case c.ProxyWaiting < 1:
		return fmt.Errorf("--proxy-waiting is %d; it can be 1 or more", c.ProxyWaiting)
	case len(c.ProxyListen)+len(c.ProxyTLSListen) > 0 && len(c.ProxyFrom) == 0:
		return errors.New("--proxy-from is empty: say where the proxy is")
	}
	return nil
}

// use has the loops listen for proxies.
func (c *proxyFlags) use(cfg *eventloop.Config) {
	cfg.ListenProxy, cfg.ListenProxyTLS, cfg.MaxHeaders = c.ProxyListen, c.ProxyTLSListen, c.ProxyWaiting
	for _, n := range c.ProxyFrom {
		cfg.ProxyFrom = append(cfg.ProxyFrom, n.Prefix)
	}
}

// A network is where proxies are.
type network struct{ netip.Prefix }

// UnmarshalText reads "10.0.0.0/8", or one address.
func (n *network) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	if addr, err := netip.ParseAddr(s); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		n.Prefix = netip.PrefixFrom(addr, addr.BitLen())
		return nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return fmt.Errorf("%q is neither an address nor a network, such as 192.0.2.7 or 10.0.0.0/8", s)
	}
	n.Prefix = p
	return nil
}

// listening returns what a person is told of the addresses that the server listens on, which
// are in the order of the fields of eventloop.Config.
func (c *serveCmd) listening(addrs []string) (told []string) {
	for _, kind := range []struct {
		n    int
		says string
	}{{len(c.Listen), ""}, {len(c.TLS.TLSListen), " with TLS"}, {len(c.Proxy.ProxyListen), " behind a proxy"}, {len(c.Proxy.ProxyTLSListen), " behind a proxy, with TLS"}} {
		for _, a := range addrs[:kind.n] {
			told = append(told, a+kind.says)
		}
		addrs = addrs[kind.n:]
	}
	return told
}

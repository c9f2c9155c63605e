package main

import (
	"fmt"
	"reflect"

	"parley/eventloop"
)

// notNegative refuses what counts something or lasts for a time and is negative.
func (c *serveCmd) notNegative() error {
	for _, s := range []struct {
		flag  string
		value any // a whole number or a time
	}{
		{"pace", c.Pace}, {"edit-for", c.EditFor}, {"login-timeout", c.LoginTimeout}, {"timeout", c.Timeout}, {"history", c.History},
		{"keep-days", c.KeepDays}, {"keep-messages", c.KeepMessages}, {"max-connections", c.MaxConnections},
		{"attempts", c.Attempts}, {"block-duration", c.BlockDuration}, {"presence-limit", c.PresenceLimit}, {"relay-rate", c.RelayRate},
		{"address-attempts", c.AddressAttempts}, {"address-window", c.AddressWindow}, {"address-block", c.AddressBlock},
		{"address-connections", c.AddressConnections}, {"address-guests", c.AddressGuests}, {"address-hashes", c.AddressHashes}, {"address-relay-rate", c.AddressRelayRate},
	} {
		if reflect.ValueOf(s.value).Int() < 0 {
			return fmt.Errorf("--%s is %v; it cannot be negative", s.flag, s.value)
		}
	}
	return nil
}

// addresses refuses what is no address to listen on.
func (c *serveCmd) addresses() error {
	for _, kind := range []struct {
		flag  string
		addrs []string
		tls   bool
	}{{"listen", c.Listen, false}, {"tls-listen", c.TLS.TLSListen, true}, {"proxy-listen", c.Proxy.ProxyListen, false}, {"proxy-tls-listen", c.Proxy.ProxyTLSListen, true}} {
		for _, addr := range kind.addrs {
			if err := eventloop.CheckListen(addr, kind.tls); err != nil {
				return fmt.Errorf("--%s %s: %w", kind.flag, addr, err)
			}
		}
	}
	return nil
}

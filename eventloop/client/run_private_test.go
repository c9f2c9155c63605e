package client

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parley/p2p"
	"parley/protocol"
)

// deafPeers is a transport to peers of whom none can be reached.
type deafPeers struct {
	events  chan p2p.Event
	local   net.Addr
	stopped bool
	server  string // its identity
}

func (d *deafPeers) Events() <-chan p2p.Event          { return d.events }
func (d *deafPeers) ServerConnected(local net.Addr)    { d.local = local }
func (d *deafPeers) At(identity string)                { d.server = identity }
func (d *deafPeers) Look(name string)                  { d.Keep(name, p2p.Pin{}, "") }
func (d *deafPeers) Cancel(uint64)                     {}
func (d *deafPeers) Send(p2p.LinkID, []byte) bool      { return true }
func (d *deafPeers) Close(p2p.LinkID)                  {}
func (d *deafPeers) Relayed(uint64, int, string)       {}
func (d *deafPeers) RelayEnded(uint64)                 {}
func (d *deafPeers) Pin(string) (pin p2p.Pin, ok bool) { return p2p.Pin{}, false }

func (d *deafPeers) Offer() (p2p.Offer, error) {
	return p2p.Offer{Fingerprint: keyOf("key-b"), Paths: []string{"relay"}}, nil
}

func (d *deafPeers) Keep(name string, pin p2p.Pin, _ string) {
	go func() {
		d.events <- p2p.Event{Kind: p2p.Pinned, Pinned: &p2p.Pinning{Name: name, Now: pin}}
	}()
}

func (d *deafPeers) Connect(p p2p.Plan) {
	go func() {
		d.events <- p2p.Event{Kind: p2p.Unreachable, Session: p.Session, Err: errors.New("nobody is there")}
	}()
}

// Stop takes a while, in which there are still events.
func (d *deafPeers) Stop() {
	for range 3 {
		d.events <- p2p.Event{Kind: p2p.Lost}
		time.Sleep(time.Millisecond) // of the bubble
	}
	d.stopped = true
}

// What the transport reports is a case of the one select, and the end waits for it.
func TestRunWithPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peers := &deafPeers{events: make(chan p2p.Event)}
		r := start(t, func(c *Config) {
			c.Mode, c.Ring, c.Private = Interactive, func() {}, &Private{Transport: peers, Pins: peers}
		})
		r.asks("login")
		r.says(info("Welcome", protocol.EventLogin))
		invitation := info("alice asks", protocol.EventInvitation)
		invitation.Data.Name, invitation.Data.Private = "alice", &protocol.Private{Session: 1, Fingerprint: keyOf("key-a")}
		r.says(invitation)
		synctest.Wait()
		go r.stdin.Write([]byte("/accept alice\n"))
		r.asks(`"acceptprivate","content":{"fingerprint":"` + keyOf("key-b") + `","name":"alice","paths":"relay"},"ref":"acceptprivate-1-alice"`)
		introduced := info("agreed", protocol.EventIntroduced)
		introduced.Data.Name, introduced.Data.Private = "alice", invitation.Data.Private
		introduced.Data.Private.Token = strings.Repeat("0a", protocol.TokenSize)
		r.says(introduced)
		r.asks("stopprivate")
		r.stdin.Close()
		r.asks("logout")
		r.server.Close()
		if err := <-r.result; err != nil {
			t.Error(err)
		}
		if out := r.notices.String(); !strings.Contains(out, "nobody is there") {
			t.Errorf("it says %q", out)
		}
		if peers.server != "log" {
			t.Errorf("the server is %q", peers.server)
		}
		if !peers.stopped || peers.local == nil {
			t.Errorf("stopped: %v, this end of the connection to the server: %v", peers.stopped, peers.local)
		}
	})
}

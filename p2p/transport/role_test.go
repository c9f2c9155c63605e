package transport

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"parley/p2p"
	"parley/p2p/identity"
	"parley/protocol"
)

// The test binary plays one of these roles if roleVariable names it, each in a
// network namespace of its own.
const (
	roleVariable   = "PARLEY_TEST_ROLE"
	listenVariable = "PARLEY_TEST_LISTEN" // Config.Listen of a client

	roleServer   = "server" // introduces the first two who come, and relays
	roleClient   = "client" // is introduced, says what stands on its stdin and prints what comes
	rolesPort    = "7000"
	rolesAddress = "203.0.113.1:" + rolesPort
)

func playRole(role string) int {
	play := playServer
	if role == roleClient {
		play = playClient
	}
	if err := play(); err != nil {
		fmt.Println("failed", err)
		return 1
	}
	return 0
}

// A roleMessage is a line between the server and a client of the tests.
type roleMessage struct {
	Fingerprint string   // of an offer
	Paths       []string // of an offer
	Plan        p2p.Plan // of an introduction
	Credit      int
	Payload     string
}

func playServer() error {
	l, err := net.Listen("tcp4", ":"+rolesPort)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	var conns [2]net.Conn
	var readers [2]*json.Decoder
	var offers [2]roleMessage
	for i := range conns {
		if conns[i], err = l.Accept(); err != nil {
			return err
		}
		readers[i] = json.NewDecoder(conns[i])
		if err := readers[i].Decode(&offers[i]); err != nil {
			return err
		}
		if at := slices.Index(offers[i].Paths, protocol.PathObserved); at >= 0 {
			offers[i].Paths[at] = conns[i].RemoteAddr().String()
		}
	}
	var both sync.WaitGroup
	for i := range conns {
		other := offers[1-i]
		plan := p2p.Plan{Session: 1, Number: 5, Token: "0123456789abcdef0123456789abcdef", Name: "other", Client: i == 0, Fingerprint: other.Fingerprint, Paths: other.Paths}
		json.NewEncoder(conns[i]).Encode(roleMessage{Plan: plan})
	}
	for i := range conns {
		both.Go(func() {
			for {
				var m roleMessage
				if readers[i].Decode(&m) != nil {
					return
				}
				json.NewEncoder(conns[1-i]).Encode(m)
			}
		})
	}
	both.Wait()
	return nil
}

// playClient prints "open PATH", then "got TEXT" for each text, and ends with
// stdin.
func playClient() error {
	folder, err := os.MkdirTemp("", "parley-role")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	id, err := identity.Open(folder, rand.Reader, time.Now())
	if err != nil {
		return err
	}
	conn, err := Dialer().Dial("tcp4", rolesAddress)
	if err != nil {
		return err
	}
	t := New(Config{Identity: id, Patience: 2 * time.Second, Listen: os.Getenv(listenVariable)})
	t.ServerConnected(conn.LocalAddr())
	var offer, answer roleMessage
	o, err := t.Offer()
	if err != nil {
		return err
	}
	offer.Fingerprint, offer.Paths = o.Fingerprint, o.Paths
	json.NewEncoder(conn).Encode(offer)
	server := json.NewDecoder(conn)
	if err := server.Decode(&answer); err != nil {
		return err
	}
	start := time.Now()
	t.Connect(answer.Plan)
	go func() {
		for {
			var m roleMessage
			if server.Decode(&m) != nil {
				t.RelayEnded(answer.Plan.Session)
				return
			}
			t.Relayed(answer.Plan.Session, m.Credit, m.Payload)
		}
	}()
	typed := make(chan string)
	go func() {
		defer close(typed)
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			typed <- in.Text()
		}
	}()
	defer os.Stdout.Sync()
	return converse(t, answer.Plan, typed, func(m roleMessage) { json.NewEncoder(conn).Encode(m) }, start)
}

// converse does with links what package p2p does: the client of TLS says hello
// on its first link, and the other one answers there.
func converse(t *Transport, plan p2p.Plan, typed <-chan string, relay func(roleMessage), start time.Time) error {
	links := map[p2p.LinkID]p2p.Link{}
	var used p2p.LinkID
	use := func(id p2p.LinkID) {
		if used != 0 {
			return
		}
		used = id
		t.Cancel(plan.Session)
		fmt.Println("open", links[id].Path, time.Since(start).Round(time.Microsecond))
	}
	for {
		select {
		case line, more := <-typed:
			if !more {
				return nil
			}
			t.Send(used, text(line))
		case e := <-t.Events():
			switch e.Kind {
			case p2p.Linked:
				links[e.Link.ID] = e.Link
				if plan.Client && len(links) == 1 {
					t.Send(e.Link.ID, text("hello"))
				}
			case p2p.Received:
				if e.Response.Content != "hello" {
					fmt.Println("got", e.Response.Content)
					continue
				}
				if !plan.Client {
					t.Send(e.ID, text("hello"))
				}
				use(e.ID)
			case p2p.Lost, p2p.Unreachable:
				if e.Kind == p2p.Unreachable || e.ID == used {
					fmt.Println("lost", strings.ReplaceAll(fmt.Sprint(e.Err), "\n", " "))
				}
			case p2p.Relay:
				relay(roleMessage{Credit: e.Credit, Payload: e.Payload})
			}
		}
	}
}

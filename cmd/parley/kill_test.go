package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/protocol"
	"parley/users"
	"parley/users/store"
)

// TestNothingAcknowledgedIsLost kills the server with SIGKILL at random moments
// under load, starts it again in the same folder, and looks at the end whether
// everything that was acknowledged is there: once, and in order.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	const rounds, senders = 20, 3
	data := t.TempDir()
	var all acknowledged
	for round := range rounds {
		s := serveIn(t, data, "127.0.0.1:0")
		enough := mrand.IntN(150)
		var wg sync.WaitGroup
		acks := make(chan bool, 1000)
		for i := range senders {
			name := fmt.Sprintf("r%dx%d", round, i)
			receiver := fmt.Sprintf("r%dx%d", max(round-1, 0), i) // of the last round: not there
			wg.Go(func() { speak(t, s.addrs[0], name, receiver, &all, acks) })
		}
		for n := 0; n < enough; n++ {
			select {
			case <-acks:
			case <-time.After(deadline):
				_ = s.Process.Kill()
				_ = s.Wait() // now its log is whole
				t.Fatalf("round %d: no more than %d of %d were acknowledged; %s", round, n, enough, s.log)
			}
		}
		_ = s.Process.Kill()
		go func() {
			for range acks { // those that are still on their way
			}
		}()
		wg.Wait()
		close(acks)
		_ = s.Wait()
	}
	all.compare(t, data)
}

// acknowledged is what the server said is safe.
type acknowledged struct {
	mu       sync.Mutex
	accounts []string
	blocks   []users.Block
	messages []string
	directs  map[string][]string // by receiver
}

// underWay is how many requests of one speaker may be unanswered: who sends without
// reading is dropped, which is another test's business.
const underWay = 200

// speak registers, blocks somebody and then says things until the server is
// gone, keeping note of what is acknowledged.
func speak(t *testing.T, addr, name, receiver string, all *acknowledged, acks chan<- bool) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return // killed already
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(6 * deadline))
	asked := make(chan map[string]string, 1)
	asked <- map[string]string{}
	send := func(verb, content, ref string) error {
		texts := <-asked
		texts[ref] = content
		asked <- texts
		r := protocol.Request{Verb: verb, Content: protocol.Content{Text: content}, Ref: ref, ID: ref}
		if verb == "login" {
			r.Extended, r.Register, r.Password = true, true, "blue horse"
		}
		_, err := c.Write(protocol.AppendRequest(nil, r))
		return err
	}
	if send("login", name, "login") != nil {
		return
	}
	free, gone := make(chan bool, underWay), make(chan bool)
	defer close(gone)
	for range underWay {
		free <- true
	}
	lines := bufio.NewScanner(c)
	lines.Buffer(nil, protocol.MaxServedFrame)
	for lines.Scan() {
		var r struct {
			Ref  string
			Data protocol.Data
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return // cut off
		}
		texts := <-asked
		text, answers := texts[r.Ref]
		delete(texts, r.Ref)
		asked <- texts
		if answers && r.Ref != "login" && r.Ref != "block" {
			free <- true
		}
		if !all.note(r.Data, name, receiver, text) {
			continue
		}
		acks <- true
		if r.Data.Event == protocol.EventLogin {
			go func() {
				_ = send("block", receiver, "block")
				for n := 0; ; n++ {
					verb, content := "msg", fmt.Sprintf("%s says %d", name, n)
					if n%8 == 7 {
						verb, content = "dm", fmt.Sprintf("%s %s writes %d", receiver, name, n)
					}
					select {
					case <-free:
					case <-gone:
						return
					}
					if send(verb, content, fmt.Sprintf("%s-%d", name, n)) != nil {
						return
					}
				}
			}()
		}
	}
}

// note keeps what an answer acknowledges; false if it is none that does.
func (a *acknowledged) note(d protocol.Data, name, receiver, text string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch d.Event {
	case protocol.EventLogin:
		a.accounts = append(a.accounts, name)
	case protocol.EventBlocked:
		a.blocks = append(a.blocks, users.Block{Blocker: name, Blocked: d.Name})
	case protocol.EventAccepted:
		a.messages = append(a.messages, text)
	case protocol.EventStored:
		if a.directs == nil {
			a.directs = make(map[string][]string)
		}
		_, text, _ = strings.Cut(text, " ")
		a.directs[receiver] = append(a.directs[receiver], text)
	default:
		return false
	}
	return true
}

// compare reads the folder and looks for what was acknowledged.
func (a *acknowledged) compare(t *testing.T, data string) {
	disk, err := store.Open(data, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Close()
	state, err := disk.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range a.accounts {
		if !slices.ContainsFunc(state.Accounts, func(acc users.Account) bool { return acc.Name == name }) {
			t.Errorf("the account %s is lost", name)
		}
	}
	for _, b := range a.blocks {
		if !slices.Contains(state.Blocks, b) {
			t.Errorf("the block %v is lost", b)
		}
	}
	var kept []string
	for before := state.Last + 1; before > 1; {
		page, err := disk.Before(t.Context(), before, store.PageLimit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		before = page[0].ID
		for i := len(page) - 1; i >= 0; i-- {
			kept = append(kept, page[i].Text)
		}
	}
	slices.Reverse(kept)
	checkKept(t, "message", a.messages, kept)
	directs := 0
	for receiver, texts := range a.directs {
		waiting, err := disk.Directs(t.Context(), receiver)
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, d := range waiting {
			kept = append(kept, d.Text)
		}
		checkKept(t, "direct message", texts, kept)
		directs += len(texts)
	}
	t.Logf("acknowledged: %d accounts, %d blocks, %d messages, %d direct messages", len(a.accounts), len(a.blocks), len(a.messages), directs)
	if len(a.messages) == 0 || len(a.accounts) == 0 || len(a.blocks) == 0 || directs == 0 {
		t.Error("the load was too small to mean anything")
	}
}

// checkKept looks whether everything acknowledged is there once, and each
// sender's in order.
func checkKept(t *testing.T, what string, acknowledged, kept []string) {
	t.Helper()
	at := make(map[string]int, len(kept))
	last := make(map[string]int)
	for i, text := range kept {
		if _, twice := at[text]; twice {
			t.Errorf("the %s %q is there twice", what, text)
		}
		at[text] = i
		var sender, verb string
		var n int
		_, _ = fmt.Sscan(text, &sender, &verb, &n)
		if n < last[sender] {
			t.Errorf("the %s %q is not in order", what, text)
		}
		last[sender] = n
	}
	for _, text := range acknowledged {
		if _, ok := at[text]; !ok {
			t.Errorf("the %s %q is lost", what, text)
		}
	}
}

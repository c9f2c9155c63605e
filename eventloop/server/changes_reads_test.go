package server

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parley/eventloop"
	"parley/protocol"
	"parley/users"
	"parley/users/command"
	"parley/users/tail"
)

// A removal while the text still waits to be told: who hears the text hears the removal behind
// it, and nobody hears it afterwards.
func TestRemovalWhileTheTextWaits(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	c.settle()
	c.take(alice)
	c.take(bob)
	c.say(alice, "secret")
	c.ask(alice, `{"request":"remove","content":"1"}`)
	if got := c.take(alice) + c.take(bob); got != "" {
		t.Errorf("before it is safe is told %s", got)
	}
	carl := c.enter("carl", "")
	dora := c.enter("dora", after(0))
	c.settle()
	if a, b := c.take(alice), c.take(bob); !strings.HasPrefix(a, "1 secret, removed 1") || !strings.HasPrefix(b, "1 secret, removed 1") {
		t.Errorf("alice hears %q, bob %q", a, b)
	}
	if c, d := c.take(carl), c.take(dora); c != "login, history, dora logged in" || !strings.HasPrefix(d, "login follows, 1 removed, resumed") {
		t.Errorf("who comes then hears %q and %q", c, d)
	}
}

// Who comes is told what is said in the lobby as it is then, also within the same second.
func TestRemovalBetweenTwoLogins(t *testing.T) {
	c := newTestCore(t, benchConfig(), tail.Limit)
	alice := c.enter("alice", "")
	c.say(alice, "secret")
	var told []string
	for _, request := range []string{"", `{"request":"edit","content":"1 open"}`, `{"request":"remove","content":"1"}`} {
		if request != "" {
			c.ask(alice, "%s", request)
		}
		c.settle()
		plain := c.connect()
		c.ask(plain, `{"request":"login","content":"bob%d"}`, plain.Index())
		c.settle()
		told = append(told, c.inbox[plain][1])
	}
	if got := strings.Join(told, ", "); got != "secret, open (edited), (removed by alice)" {
		t.Errorf("they are told %s", got)
	}
}

// What was read before a removal and comes back behind it is read again: a page of history or of
// an export, one of what was missed, and what was said in a room to who joins it.
func TestRemovalWhileAPageIsUnderWay(t *testing.T) {
	for name, ask := range map[string]func(c *pager, bob eventloop.ConnID) eventloop.ConnID{
		"history": func(c *pager, bob eventloop.ConnID) eventloop.ConnID {
			c.ask(bob, `{"request":"history","content":"den"}`)
			return bob
		},
		"export": func(c *pager, _ eventloop.ConnID) eventloop.ConnID {
			alice := c.enterAccount(&command.Enter{Name: "alice", Verified: "hash"}) // once more
			c.settle()
			c.ask(alice, `{"request":"export"}`)
			return alice
		},
		"what was missed": func(c *pager, bob eventloop.ConnID) eventloop.ConnID {
			c.Closed(bob, c.now)
			c.settle()
			return c.enter("bob", fmt.Sprintf(`,"log":"this log","after":0,"token":"%s"`, c.token))
		},
		"joining": func(c *pager, bob eventloop.ConnID) eventloop.ConnID {
			carl := c.enter("carl", "")
			c.settle()
			c.ask(carl, `{"request":"join","content":"den"}`)
			return carl
		},
	} {
		for where, tailBytes := range map[string]int{"in the file": 300, "in memory": 1400} {
			t.Run(name+", "+where, func(t *testing.T) {
				c := newPager(t, benchConfig(), tailBytes)
				alice := c.enterAccount(&command.Enter{Name: "alice", Hash: "hash"})
				bob := c.enter("bob", "")
				c.ask(alice, `{"request":"create","content":"den"}`)
				c.ask(bob, `{"request":"join","content":"den"}`)
				for _, text := range []string{"zero", "one", "secret", "three"} {
					c.ask(alice, `{"request":"msg","content":{"text":"%s","room":"den"}}`, text)
				}
				c.settle()
				frames := recordFrames(c)
				c.readsEarly = true
				asker := ask(c, bob)
				if len(c.reads) != 1 {
					t.Fatalf("%d are read: that is not what the test is about", len(c.reads))
				}
				if _, is := c.tail.Find(3); is != (where == "in memory") {
					t.Fatal("the text is elsewhere: that is not what the test is about")
				}
				c.ask(alice, `{"request":"remove","content":"3"}`)
				for _, find := range c.reads[1:] {
					find()
				}
				c.reads = c.reads[:1]
				c.commit()
				*frames = nil
				c.settle()
				all := strings.Join(*frames, "")
				if strings.Contains(all, "secret") || !strings.Contains(all, "zero") || !strings.Contains(all, "one") || !strings.Contains(all, "three") || !strings.Contains(all, `"removed":{"by":"alice"}`) && !strings.Contains(all, `\"removed\":true`) {
					t.Errorf("%d is told %s", asker, all)
				}
			})
		}
	}
}

// recordFrames records all that is sent to anybody from now on.
func recordFrames(c *pager) *[]string {
	r := &recorder{Effects: c.fx.Effects.(*held).Effects}
	c.fx.Effects.(*held).Effects = r
	return &r.frames
}

type recorder struct {
	Effects
	frames []string
}

func (r *recorder) record(frame []byte) { r.frames = append(r.frames, string(frame)) }
func (r *recorder) recordAll(frames []protocol.SaidFrame) {
	for _, frame := range frames {
		r.record(frame.Bytes)
	}
}
func (r *recorder) Send(to eventloop.ConnID, frame []byte) {
	r.record(frame)
	r.Effects.Send(to, frame)
}
func (r *recorder) SendLater(to eventloop.ConnID, frame []byte) {
	r.record(frame)
	r.Effects.SendLater(to, frame)
}
func (r *recorder) SendMessage(to eventloop.ConnID, frames []protocol.SaidFrame) {
	r.recordAll(frames)
	r.Effects.SendMessage(to, frames)
}
func (r *recorder) Replay(to eventloop.ConnID, frames []protocol.SaidFrame) {
	r.recordAll(frames)
	r.Effects.Replay(to, frames)
}
func (r *recorder) Deliver(d Delivery) {
	r.record(d.Extended)
	r.recordAll(d.Plain)
	r.Effects.Deliver(d)
}

// A message that is not in memory any more is found in the file, and its last change in memory
// if somebody else has changed it in between.
func TestChangeOfAnOldMessage(t *testing.T) {
	c := newPager(t, benchConfig(), 300)
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	for _, text := range []string{"one", "two", "three"} {
		c.say(alice, text)
	}
	c.settle()
	c.take(alice)
	c.take(bob)
	c.readsEarly = true
	c.ask(alice, `{"request":"edit","content":"1 uno"}`)
	c.ask(bob, `{"request":"react","content":"1 +1"}`)
	c.ask(bob, `{"request":"ping"}`) // waits for it
	if len(c.reads) != 2 || c.take(bob) != "" {
		t.Fatalf("%d are read", len(c.reads))
	}
	first, second := c.reads[0], c.reads[1]
	c.reads = nil
	first()
	second() // what it has found is old
	c.settle()
	if a, b := c.take(alice), c.take(bob); a != "edited 1, reacted 1" || b != "edited 1, reacted 1, pong" {
		t.Errorf("alice is told %q, bob %q", a, b)
	}
	c.page(bob, `"before 2"`)
	if m := c.pages[0].History[0]; m.Content != "uno" || m.Data.Marks == nil || m.Data.Marks.Edited.IsZero() || len(m.Data.Marks.Reactions) != 1 {
		t.Errorf("it is now %+v %+v", m, m.Data.Marks)
	}
}

// A guest's message is found in the file while the guest registers: what becomes of it is told to the
// account, which that guest is now.
func TestChangeOfTheMessageOfWhoRegisters(t *testing.T) {
	c := newPager(t, benchConfig(), 300)
	alice, dora := c.enter("alice", ""), c.enter("dora", "")
	c.ask(dora, `{"request":"dm","content":"alice hello"}`)
	for range 3 {
		c.say(alice, "something else")
	}
	c.settle()
	if _, is := c.tail.Find(1); is {
		t.Fatal("the message is in memory: that is not what the test is about")
	}
	c.readsEarly = true
	c.ask(alice, `{"request":"react","content":"1 +1"}`)
	guest := c.sessions.get(dora)
	_ = c.propose(guest, &call{now: c.now}, "dora", &command.Register{By: guest.by(), Hash: "hash"}, nil)
	c.commit()
	c.take(alice)
	c.take(dora)
	c.settle()
	if a, d := c.take(alice), c.take(dora); a != "reacted 1" || d != "reacted 1" {
		t.Errorf("alice is told %q, dora %q", a, d)
	}
}

// Who finds that a message was changed again and again, and that much else was said, is told
// so, and goes on.
func TestChangeOfWhatOthersKeepChanging(t *testing.T) {
	c := newPager(t, benchConfig(), 300)
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	for _, text := range []string{"one", "two", "three"} {
		c.say(alice, text)
	}
	c.settle()
	c.readsEarly = true
	for _, request := range []string{`{"request":"react","content":"1 +1"}`, `{"request":"history","content":"before 2"}`} {
		c.take(bob)
		c.ask(bob, "%s", request)
		for i := range 2 * maxFound { // the other one is always a little faster
			his := c.reads
			c.reads = nil
			c.ask(alice, `{"request":"%s","content":"1 ok"}`, []string{"react", "unreact"}[i%2])
			doAll(&c.reads)
			c.say(alice, "hi") // and the tail has no place for that
			c.say(alice, "hi")
			c.reads = his
			doAll(&c.reads)
			c.commit()
		}
		c.settle()
		if got := c.take(bob); !strings.HasSuffix(got, ", busy") && !strings.Contains(got, ", busy,") {
			t.Errorf("%s: bob is told %s", request, got)
		}
		if c.sessions.get(bob).busy {
			t.Errorf("%s: bob waits for ever", request)
		}
	}
}

// What cannot be read is said, also while nothing can be kept.
func TestAMessageThatCannotBeRead(t *testing.T) {
	c := newPager(t, benchConfig(), 300)
	alice := c.enter("alice", "")
	for range 3 {
		c.say(alice, "hi")
	}
	c.settle()
	for err, want := range map[error]string{fmt.Errorf("broken"): "internal", errTooSlow: "busy"} {
		c.take(alice)
		c.readFail = err
		c.ask(alice, `{"request":"edit","content":"1 x"}`)
		c.ask(alice, `{"request":"ping"}`)
		c.settle()
		if got := c.take(alice); got != want+", pong" {
			t.Errorf("%v: the answer is %s, want %s", err, got, want)
		}
	}
	c.readFail, c.writeFail = nil, fmt.Errorf("the disk is full")
	c.say(alice, "hi")
	c.Flush(c.now)
	doAll(&c.writes)
	c.take(alice)
	c.ask(alice, `{"request":"edit","content":"1 x"}`)
	if got := c.take(alice); got != "internal" {
		t.Errorf("the answer is %s", got)
	}
}

// A removed text never comes back: whatever is asked for and in whatever order it comes about,
// nobody is told it any more when its removal is safe.
func TestARemovedTextNeverComesBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		cfg := benchConfig()
		cfg.Flood = FloodLimits{}
		c := newPager(t, cfg, rapid.IntRange(300, 8<<10).Draw(r, "tail"))
		c.readsEarly = rapid.Bool().Draw(r, "early")
		names := []string{"alice", "bob", "carl"}
		ids, tokens := make(map[string]eventloop.ConnID), make(map[string]string)
		frames := recordFrames(c)
		login := func(name, keys string) {
			if name == "carl" { // in a plain session
				ids[name] = c.connect()
				c.ask(ids[name], `{"request":"login","content":"carl"}`)
			} else {
				ids[name] = c.enter(name, keys)
			}
			tokens[name] = c.token
		}
		for _, name := range names {
			login(name, "")
			c.settle()
		}
		c.ask(ids["alice"], `{"request":"create","content":"den"}`)
		c.ask(ids["bob"], `{"request":"join","content":"den"}`)
		c.settle()
		said, gone := make(map[uint64]string), make(map[string]bool) // of numbers, and whose removal is safe
		who := func() eventloop.ConnID { return ids[rapid.SampledFrom(names).Draw(r, "who")] }
		number := func() int { // of the last mostly
			last := int(c.state.Last())
			return rapid.IntRange(max(1, last-rapid.SampledFrom([]int{3, 10, last}).Draw(r, "back")), last+1).Draw(r, "number")
		}
		check := func() {
			for _, frame := range *frames {
				for text := range gone {
					if strings.Contains(frame, text) {
						r.Fatalf("%s comes back: %s", text, frame)
					}
				}
			}
			*frames = nil
		}
		commit := func() {
			check()
			c.commit()
			*frames = nil // what was said before its removal is told before that
			for number, words := range said {
				if m, d, _ := c.table.Find(t.Context(), number); m != nil && m.Marks.IsRemoved() || d != nil && d.Marks.IsRemoved() {
					gone[words] = true
				}
			}
		}
		texts, noted := 0, uint64(0)
		note := func() { // what was said by now
			for ; noted < c.state.Last(); noted++ {
				if e, is := c.tail.Find(noted + 1); is && e.Marks() == nil {
					said[noted+1] = response(&e, nil).Content
				}
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"say": func(r *rapid.T) {
				texts++
				where := rapid.SampledFrom([]string{`"request":"msg","content":{"room":"lobby"`, `"request":"msg","content":{"room":"den"`, `"request":"dm","content":{"name":"alice"`, `"request":"dm","content":{"name":"bob"`}).Draw(r, "where")
				re := ""
				if rapid.Bool().Draw(r, "answer") {
					re = fmt.Sprintf(`,"re":%d`, number())
				}
				c.ask(who(), `{%s,"text":"text-%d-x"%s}}`, where, texts, re)
			},
			"edit": func(r *rapid.T) { c.ask(who(), `{"request":"edit","content":"%d edited"}`, number()) },
			"react": func(r *rapid.T) {
				c.ask(who(), `{"request":"%s","content":"%d +1"}`, rapid.SampledFrom([]string{"react", "unreact"}).Draw(r, "verb"), number())
			},
			"remove": func(r *rapid.T) { c.ask(who(), `{"request":"remove","content":"%d"}`, number()) },
			"history": func(r *rapid.T) {
				c.ask(who(), `{"request":"history","content":"%s"}`, rapid.SampledFrom([]string{"lobby", "den", "with:alice", "with:bob"}).Draw(r, "of"))
			},
			"versions": func(r *rapid.T) { c.ask(ids["alice"], `{"request":"versions","content":"%d"}`, number()) },
			"leave":    func(r *rapid.T) { c.ask(who(), `{"request":"leave","content":"den"}`) },
			"join": func(r *rapid.T) {
				c.ask(who(), `{"request":"join","content":"%s"}`, rapid.SampledFrom([]string{"lobby", "den"}).Draw(r, "room"))
			},
			"come back": func(r *rapid.T) {
				name := rapid.SampledFrom(names).Draw(r, "who")
				keys := ""
				if rapid.Bool().Draw(r, "resume") {
					keys = fmt.Sprintf(`,"log":"this log","after":%d`, rapid.IntRange(0, int(c.state.Last())).Draw(r, "after"))
				}
				c.Closed(ids[name], c.now)
				login(name, fmt.Sprintf(`%s,"token":"%s"`, keys, tokens[name]))
			},
			"read":   func(*rapid.T) { doAll(&c.reads) },
			"out":    func(*rapid.T) { c.out(who()) },
			"commit": func(*rapid.T) { commit() },
			"": func(*rapid.T) {
				note()
				check()
			},
		})
		commit()
		c.settle()
		check()
		for _, name := range names {
			c.ask(ids[name], `{"request":"history","content":"lobby 500"}`)
			c.settle()
		}
		check()
	})
}

// Of reactions one is not told whom one has blocked, nor of what happens to what they have
// said; and what was said in a private room before one has joined it is not told when it is
// edited.
func TestChangesAreOnesOwn(t *testing.T) {
	c := newPager(t, benchConfig(), tail.Limit)
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	token := c.token
	carl := c.enter("carl", "")
	c.ask(carl, `{"request":"block","content":"bob"}`)
	c.say(alice, "one")
	c.say(bob, "two")
	c.settle()
	for _, id := range []eventloop.ConnID{alice, bob, carl} {
		c.take(id)
	}
	c.ask(bob, `{"request":"react","content":"1 +1"}`)
	c.ask(alice, `{"request":"react","content":"1 +1"}`)
	c.ask(alice, `{"request":"react","content":"2 ok"}`)
	c.ask(bob, `{"request":"edit","content":"2 zwei"}`)
	c.ask(bob, `{"request":"react","content":"1 no"}`)
	c.ask(carl, `{"request":"react","content":"2 ok"}`)
	c.settle()
	if got := c.take(carl); got != "unknown_message, reacted 1" {
		t.Errorf("carl, who has blocked bob, is told %s", got)
	}
	if got := c.take(alice); got != "reacted 1, reacted 1, reacted 2, edited 2, reacted 1" {
		t.Errorf("alice is told %s", got)
	}
	c.page(carl, `"lobby"`)
	if m := c.pages[0].History; len(m) != 1 || fmt.Sprint(m[0].Data.Marks.Reactions) != "[{+1 [alice]}]" {
		t.Errorf("carl is shown %+v", m)
	}
	c.ask(alice, `{"request":"create","content":"den private"}`)
	c.ask(alice, `{"request":"msg","content":"secret"}`)
	number := c.state.Last()
	c.ask(alice, `{"request":"invite","content":"bob"}`)
	c.ask(bob, `{"request":"join","content":"den"}`)
	c.settle()
	c.take(bob)
	c.ask(alice, `{"request":"edit","content":"%d secret of alice"}`, number)
	c.ask(bob, `{"request":"react","content":"%d +1"}`, number)
	c.ask(alice, `{"request":"msg","content":"hi"}`)
	c.settle()
	if got := c.take(bob); got != fmt.Sprintf("unknown_message, %d hi", c.state.Last()) {
		t.Errorf("bob, who has joined later, is told %s", got)
	}
	c.Closed(bob, c.now)
	c.ask(alice, `{"request":"remove","content":"%d"}`, number)
	c.settle()
	bob = c.enter("bob", fmt.Sprintf(`,"log":"this log","after":%d,"token":"%s"`, number+2, token))
	c.settle()
	if got := c.take(bob); got != fmt.Sprintf("login follows, resumed %d", c.state.Last()) {
		t.Errorf("when he comes back bob is told %s", got)
	}
}

// A server that keeps nothing changes what it has: also a direct message that waits for its
// receiver and is not among the newest.
func TestChangesInMemory(t *testing.T) {
	c := newTestCore(t, benchConfig(), 1)
	start := StartInMemory("memory", c.now)
	a := start.Reader.(*attic)
	start.Tail = tail.New(1000, 0)
	start.Tail.Dropped = a.put
	cfg := c.cfg
	c.Core = NewCore(cfg, start, nil, c)
	c.Begin(c.now)
	dora, alice := c.enter("dora", ""), c.enter("alice", "")
	person := c.person(c.sessions.get(dora))
	c.ask(alice, `{"request":"dm","content":"dora secret"}`)
	c.ask(alice, `{"request":"dm","content":"dora helo"}`)
	for range 5 {
		c.say(alice, "hi")
	}
	if c.tail.After() < 2 {
		t.Fatal("they are in the tail: that is not what the test is about")
	}
	c.take(alice)
	c.ask(alice, `{"request":"remove","content":"1"}`)
	c.ask(alice, `{"request":"edit","content":"2 hello"}`)
	c.ask(alice, `{"request":"edit","content":"3 x"}`)
	c.ask(alice, `{"request":"edit","content":"%d ho"}`, 7)
	if got := c.take(alice); got != "removed 1, edited 2, unknown_message, edited 7" {
		t.Errorf("alice is told %s", got)
	}
	var told []string
	a.Read(tail.Query{Person: person, UpTo: 100}, func(p tail.Page, _ error) {
		for _, e := range p.Entries {
			told = append(told, e.Direct.Text)
		}
	})
	if got := strings.Join(told, ","); got != ",hello" {
		t.Errorf("kept are %q", got)
	}
}

// Who keeps order on the server removes what others have said everywhere, also where they are
// not and of whom they have blocked, but nothing of who is as high; so does the server's owner.
func TestRemovalByWhoKeepsOrder(t *testing.T) {
	c := newPager(t, benchConfig(), tail.Limit)
	for name, role := range map[string]users.Role{"mia": users.Moderator, "max": users.Moderator} {
		c.outside(&command.AddAccount{Name: name, Hash: "hash"})
		if r := c.outside(&command.SetRole{Name: name, Role: role}); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	enter := func(name string) eventloop.ConnID {
		c.account(name, call{})
		return conn(c.last)
	}
	mia, maxi := enter("mia"), enter("max")
	alice, bob := c.enter("alice", ""), c.enter("bob", "")
	c.ask(mia, `{"request":"block","content":"bob"}`)
	first := int(c.state.Last())
	c.say(bob, "one")
	c.say(maxi, "two")
	c.ask(bob, `{"request":"create","content":"den private"}`)
	c.say(bob, "three")
	c.ask(bob, `{"request":"edit","content":"%d tres"}`, first+3)
	c.ask(bob, `{"request":"dm","content":"alice five"}`)
	c.settle()
	for _, tt := range []struct {
		who           eventloop.ConnID
		request, want string // NUMBER of the message
		message       int
	}{
		{mia, `"react","content":"NUMBER +1"`, "unknown_message", 1},
		{mia, `"edit","content":"NUMBER uno"`, "unknown_message", 1},
		{mia, `"versions","content":"NUMBER"`, "versions", 3},
		{mia, `"react","content":"NUMBER +1"`, "unknown_message", 3},
		{alice, `"remove","content":"NUMBER"`, "unknown_message", 3},
		{alice, `"remove","content":"NUMBER"`, "forbidden", 1},
		{mia, `"remove","content":"NUMBER"`, "removed NUMBER", 3},
		{mia, `"remove","content":"NUMBER"`, "removed NUMBER", 1},
		{mia, `"remove","content":"NUMBER"`, "forbidden", 2},
		{mia, `"remove","content":"NUMBER"`, "unknown_message", 5},
	} {
		c.take(tt.who)
		numbered := strings.NewReplacer("NUMBER", fmt.Sprint(first+tt.message)).Replace
		c.ask(tt.who, `{"request":%s}`, numbered(tt.request))
		c.settle()
		if got := c.take(tt.who); got != numbered(tt.want) {
			t.Errorf("%d: %s: %s, want %s", tt.message, tt.request, got, tt.want)
		}
	}
	c.take(alice)
	c.take(bob)
	two, _ := c.tail.Find(uint64(first + 2))
	if r := c.outside(&command.Remove{Of: target(&two, c.state.Last())}); r.Err != nil {
		t.Fatal(r.Err)
	}
	c.settle()
	if a, b := c.take(alice), c.take(maxi); a != fmt.Sprint("removed ", first+2) || !strings.HasSuffix(b, a) {
		t.Errorf("alice is told %q, max %q", a, b)
	}
}

package sim_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parley/eventloop/sim"
)

var (
	seedCount = flag.Int("seeds", 1000, "how many random days the simulation lives through")
	seed      = flag.Uint64("seed", 0, "live through this random day only")
	from      = flag.Uint64("from", 1, "the first of these days")
)

// events are some that must happen in random days.
var events = []string{"follows", "other_log", "resumed", "missed", "again", "accepted", "delivered", "stored", "reused", "timeout", "replaced", "delayed",
	"plain login", "crash", "graceful end", "closed in peace", "posted", "disk fails", "internal", "registered", "blocked", "name_taken", "logged_in_elsewhere"}

// TestRandomDays has people with accounts, on several machines, and guests come and go,
// talk, change what they have said, make rooms, join, leave and invite each other to them,
// keep order in them, write directly, block each
// other, say what they have read, wait, try again, stop to read and vanish, come back with
// what they know or without, on a slow disk that fails now and then, under a clock that
// somebody sets, with a program that says something through a hook, and a server that is killed now and then, or ends as on SIGTERM, under many
// seeds. It holds the server to this:
//
//   - nothing is told that is not on the disk, and no number is used twice;
//   - who is in a room hears each message of it once, in order, and nothing of people whom
//     they have blocked; a plain session hears the room in which it talks;
//   - nobody hears a room in which they are not, nor of it what was said before they joined a
//     private one, nor what was said in an older one of the same name;
//   - a message is said in the room that was meant;
//   - private rooms are shown to those who are in them or invited;
//   - who comes back with a number is told exactly what came behind it, once, in order;
//   - a direct message comes until it is acknowledged, and never after that, to the person
//     for whom it was and to nobody who has the name later;
//   - a request that is sent again creates nothing again, and another one under its id is
//     refused;
//   - the answers to a session come in the order of its requests, unless the disk fails;
//   - a server that ends tells all, and answers what it was asked for before, before it closes
//     a connection;
//   - each session of an account has its own copy of all of that, and of what another one
//     does; as many are there as may be, and who takes the place of one ends it;
//   - what was read goes forward only, and what is not read is counted right;
//   - a text that was removed, or edited, never comes to anybody by any way when somebody has
//     been told so, and it is kept nowhere; the texts that people write are unique, so they are
//     found in whatever a client is told;
//   - what a client shows that has caught up is what it may see, as it is now, also if it came
//     back with a number that is older than an edit, a removal or a reaction;
//   - nobody changes what they may not, nor more than once, nor too late;
//   - a page of what was said earlier has what one may see;
//   - who is banned or muted is not heard until that has ended by the log's time, and a
//     session that was ended by who keeps order is not heard behind that; nobody who is banned
//     logs in or joins;
//   - nobody does to others what their rank does not allow;
//   - the audit log has what was answered with success once, and nothing that was refused;
//   - a search finds all that one may see and nothing else, and an export has what is one's own;
//   - nothing is pruned that is to be kept, and what was pruned, or is forgotten with who has
//     said it, does not come;
//   - nobody is said to be gone who has a session;
//   - who does nothing for too long is logged out, once;
//   - in every third day what people ask for too fast is delayed, and all of that holds.
//
// A seed that fails is printed, with as few of its steps as still fail; -seed runs it alone.
func TestRandomDays(t *testing.T) {
	first, n := seeds()
	met := map[string]int{}
	for s := first; s < first+n; s++ {
		newDay(t, s, met).live(t, -1)
	}
	t.Log(met)
	for _, what := range append(events, "created", "joined", "left", "plain create", "plain join", "plain leave", "invite_only", "wrong_key", "room_taken",
		"said in a room", "said in the lobby", "heard in a room", "heard in a room, plain", "history of a room", "presence in a room", "rooms", "private room hidden",
		"room_invitation", "read", "read elsewhere", "unread", "beside", "refused beside", "copy of one's own", "ended from another session",
		"edited", "removed", "reacted", "unreacted", "changed", "removed text", "answers", "page", "shown as it is", "forbidden", "unknown_message",
		"act kick", "act mute", "act ban", "act role", "act lockdown", "act announce", "act report", "act slow", "act remove", "banned", "muted", "put out",
		"act keep", "pruned", "account forgotten", "export", "found all", "told audit", "told bans", "told reports", "told kicked", "told muted", "told banned", "told role") {
		if n >= 100 && met[what] == 0 {
			t.Errorf("%s has never happened", what)
		}
	}
}

// TestACrashAtEachStep lives through a few of these days once for each step, with a
// crash at that one.
func TestACrashAtEachStep(t *testing.T) {
	first, n := seeds()
	for s := first; s < first+max(n/100, 1); s++ {
		for step := range steps {
			newDay(t, s, map[string]int{}).live(t, step)
		}
	}
}

const steps = 90 // of a day

// live lives through a day, with a crash at one of its steps, -1: at none but those that
// chance brings. One that fails is printed without the steps that are not needed for that.
func (d *day) live(t *testing.T, crash int) {
	t.Helper()
	if d.lives(crash, nil); d.err == nil {
		return
	}
	again := func(without map[int]bool) *day {
		short := newDay(t, d.seed, map[string]int{})
		short.lives(crash, without)
		return short
	}
	without := sim.Shrink(steps, func(without map[int]bool) bool { return again(without).err != nil })
	short := again(without)
	t.Fatalf("seed %d, crash at %d: %v\nWith %d of its %d steps: %v\n%s", d.seed, crash, d.err, steps-len(without), steps, short.err, strings.Join(short.script, "\n"))
}

// lives goes through a day without some of its steps. What chance does in one does not depend
// on what it has done in those before.
func (d *day) lives(crash int, without map[int]bool) {
	for i := 0; i < steps && d.err == nil; i++ {
		d.rand = rand.New(rand.NewPCG(d.seed, uint64(i)+2))
		if !without[i] {
			d.act()
		}
		if i == crash {
			d.crash()
		}
		d.listen()
	}
	d.end()
}

// seeds returns the first of the seeds that the flags ask for, and how many.
func seeds() (first, n uint64) {
	first, n = *from, uint64(*seedCount)
	if *seed != 0 {
		first, n = *seed, 1
	}
	if testing.Short() {
		n = min(n, 100)
	}
	return first, n
}

// record is what was done in a run, and the first thing that was wrong.
type record struct {
	script []string
	err    error
}

func (r *record) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *record) note(format string, args ...any) {
	r.script = append(r.script, fmt.Sprintf(format, args...))
}

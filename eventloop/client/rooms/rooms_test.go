package rooms

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"parley/protocol"
)

func named(names ...string) (list []protocol.Room) {
	for _, name := range names {
		list = append(list, protocol.Room{Name: name})
	}
	return list
}

func (r *Rooms) names() string {
	in, _ := r.Names()
	return strings.Join(in, " ")
}

func TestInAndOut(t *testing.T) {
	var r Rooms
	r.LoggedIn(named("ops", "Dev", "ops", "lobby", "", "no room", "OPS"))
	if got := r.names(); got != "OPS Dev" {
		t.Errorf("after a login one is in %q", got)
	}
	if _, in := r.In("dev"); !in {
		t.Error("letter case counts")
	}
	if r.Join(protocol.Room{Name: "Lobby"}) || r.Join(protocol.Room{Name: "a b"}) || !r.Join(protocol.Room{Name: "qa"}) {
		t.Error("one can be in the lobby, or in what is no room, or not in a room")
	}
	if last, ok := r.Last(); !ok || last.Name != "qa" {
		t.Errorf("the last room is %v", last)
	}
	if !r.Leave("QA") || r.Leave("qa") {
		t.Error("one leaves twice, or not at all")
	}
	r.SetTopic("DEV", "the release")
	r.SetTopic("qa", "nobody is there")
	if dev, _ := r.In("Dev"); dev.Topic != "the release" {
		t.Errorf("%+v", dev)
	}
	r.LoggedIn(nil)
	if _, ok := r.Last(); ok || r.names() != "" {
		t.Error("one is in a room")
	}
}

// What was asked is answered once, and what a lost connection leaves open is told.
func TestAsked(t *testing.T) {
	var r Rooms
	for _, q := range []Request{{Ref: "join-1", Room: "ops"}, {Ref: "leave-2", Room: "dev", Leaves: true}, {Ref: "join-3", Room: "Qa", Quiet: true}} {
		r.Ask(q)
	}
	if !r.Joining("OPS") || r.Joining("dev") || !r.Leaving("dev") || r.Leaving("ops") {
		t.Error("joining and leaving are taken for each other")
	}
	if q, ok := r.Answered("join-1"); !ok || q.Room != "ops" {
		t.Errorf("%+v", q)
	}
	if _, ok := r.Answered("join-1"); ok || r.Joining("ops") {
		t.Error("it is answered twice")
	}
	lost := r.Lost(func(ref string) bool { return ref == "join-3" })
	if diff := cmp.Diff([]Request{{Ref: "leave-2", Room: "dev", Leaves: true}}, lost); diff != "" || !r.Joining("qa") {
		t.Error(diff)
	}
}

// Whatever a server says, what is known is bounded.
func TestBounds(t *testing.T) {
	var r Rooms
	for i := range maxHeard + maxIn + 10 {
		r.Heard(fmt.Sprint("heard", i), "no room", "lobby")
		r.Join(protocol.Room{Name: fmt.Sprint("in", i)})
	}
	in, all := r.Names()
	if len(in) != maxIn || len(all) > maxHeard || len(all) == 0 {
		t.Errorf("in %d, heard of %d", len(in), len(all))
	}
	if slices.ContainsFunc(all, func(name string) bool { return protocol.CheckRoom(name) != nil || IsLobby(name) }) {
		t.Error("what is no room was heard of")
	}
}

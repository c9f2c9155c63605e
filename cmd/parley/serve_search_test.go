package main

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"parley/protocol"
)

// TestServeSearch searches in what is kept, before and after a crash, and after texts were
// changed.
func TestServeSearch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	server, addr := startFrom(t, dir)
	alice := enter(t, addr, "alice")
	for _, text := range []string{"Blåbær på fjellet", "a hello with a mistake", "a hello too many", "the last hello"} {
		alice.say(text)
		alice.answer(text)
	}
	alice.finds("hello", "the last [hello] | a [hello] too many | a [hello] with a mistake")
	alice.finds("BLABÆR", "[Blåbær] på fjellet")
	alice.ask("edit", "2 a good bye")
	alice.ask("remove", "3")
	alice.finds("hello", "the last [hello]")
	alice.finds("mistake", "")
	alice.Close()
	_ = server.Process.Kill()
	_ = server.Wait()
	_, addr = startFrom(t, dir)
	bob := enter(t, addr, "bob")
	bob.finds("hello", "the last [hello]")
	bob.finds("good*", "a [good] bye")
	bob.finds("many", "")
}

func enter(t *testing.T, addr, name string) conversation {
	v := converse(t, addr)
	v.send(protocol.Request{Verb: "login", Content: protocol.Content{Text: name}, Extended: true, Ref: "login"})
	v.answer("login")
	return v
}

func (v conversation) ask(verb, text string) {
	v.t.Helper()
	v.send(protocol.Request{Verb: verb, Content: protocol.Content{Text: text}, Ref: verb})
	if got := v.answer(verb); got.Code != "" {
		v.t.Fatalf("%s %s is answered with %s", verb, text, got.Code)
	}
}

// finds searches, and compares the words in context of what was found.
func (v conversation) finds(words, want string) {
	v.t.Helper()
	v.send(protocol.Request{Verb: "search", Content: protocol.Content{Text: words}, Ref: "search"})
	for late := time.After(deadline); ; {
		select {
		case r := <-v.came:
			if r.Ref != "search" {
				continue
			}
			var all []string
			for _, m := range r.History {
				all = append(all, m.Data.Text)
			}
			if got := strings.Join(all, " | "); r.Data.Event != protocol.EventSearch || got != want {
				v.t.Errorf("%s: %s %s %q, want %q", words, r.Data.Event, r.Content, got, want)
			}
			return
		case <-late:
			v.t.Fatal("a search is not answered")
		}
	}
}

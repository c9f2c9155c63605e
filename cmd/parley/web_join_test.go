//go:build unix

package main

import (
	"strings"
	"testing"

	"parley/eventloop/client/web"
)

// A page says at its field who hears what is typed, so it is not told there in other words.
func TestPageIsToldThatOneIsInARoom(t *testing.T) {
	srv := serve(t, "127.0.0.1:0")
	page := opensTab(t, openWeb(t, t.TempDir(), "alice@"+srv.addrs[0]).url)
	page.phase("logged_in")
	page.does(web.Ask{Ask: web.AskLine, In: "lobby", Text: "/create tea"})
	var told string
	page.until("it is told", func() bool {
		for _, e := range page.entries {
			if strings.HasPrefix(e.Text, "You are in tea") {
				told = e.Text
			}
		}
		return told != ""
	})
	if told != "You are in tea." {
		t.Errorf("the page is told: %s", told)
	}
}

package server_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"parley/eventloop/sim"
	"parley/users"
	"parley/users/state"
)

// An account that was made when its name was not reserved misleads like any other:
// nobody logs in with it, and the owner is told.
func TestReservedNames(t *testing.T) {
	var log bytes.Buffer
	cfg := config()
	cfg.Reserved = []string{"Principal"}
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	w := sim.NewWorld(cfg, 0, start)
	keep(w, state.Rows{Accounts: []state.AccountRow{{Account: users.Account{Name: "Server", Hash: "hash of blue horse"}}}})
	w.Crash()
	for login, says := range map[string]string{
		`"content":"server","password":"blue horse"`:          "others would take your words for the server's",
		`"content":"server blue horse"`:                       "others would take your words for the server's",
		`"content":{"name":"server","password":"blue horse"}`: "others would take your words for the server's",
		`"content":"principal"`:                               "the server's owner keeps it back",
	} {
		conn := w.Net.Dial()
		conn.Send([]byte(`{"request":"login",` + login + "}\n"))
		w.Net.Run()
		if b, err := conn.Read(); err != nil || !strings.Contains(string(b), says) {
			t.Errorf("%s: %s, %v", login, b, err)
		}
	}
	if !strings.Contains(log.String(), "accounts have reserved names") || !strings.Contains(log.String(), "[Server]") {
		t.Errorf("the log says %q", log.String())
	}
}

// Names that would be taken for the server's are for nobody new; accounts that have one stay.
func TestNamesMadeOfTitles(t *testing.T) {
	cfg := config()
	cfg.Lookalikes = users.RefuseLookalikes
	w := sim.NewWorld(cfg, 0, start)
	keep(w, state.Rows{Accounts: []state.AccountRow{{Account: users.Account{Name: "Helpdesk", Hash: "hash of blue horse"}}}})
	w.Crash()
	for login, says := range map[string]string{
		`"content":"Server1"`: "The name Server1 is reserved: others would take your words for the server's",
		`"content":"mod"`:     "The name mod is reserved: others would take your words for the server's",
		`"content":"m0d"`:     "The name m0d looks like mod, which is reserved: others would take your words for the server's",
		`"content":"TheParleyAdmins","password":"blue horse","register":true`: "The name TheParleyAdmins is reserved",
		`"content":"helpdesk","password":"blue horse"`:                        "Login successful",
		`"content":"Stafford"`: "Login successful",
	} {
		conn := w.Net.Dial()
		conn.Send([]byte(`{"request":"login",` + login + "}\n"))
		w.Net.Run()
		if b, err := conn.Read(); err != nil || !strings.Contains(string(b), says) {
			t.Errorf("%s: %s, %v", login, b, err)
		}
	}
}

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

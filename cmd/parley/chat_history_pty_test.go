//go:build unix

package main

import (
	"os"
	"path/filepath"
	"testing"

	"parley/protocol"
)

// What is typed is kept where /help keys says, unless that is switched off.
func TestHistoryIsWhereTheHelpSays(t *testing.T) {
	for _, kept := range []bool{true, false} {
		srv := listen(t)
		args, says := []string{"alice@" + srv.addr}, "parley/history"
		if !kept {
			args, says = append(args, "--history-file", "off"), "Nothing is kept when you leave."
		}
		s := openScreen(t, args...)
		srv.expects("login", "alice")
		srv.says(protocol.Response{Kind: protocol.KindInfo, Content: "Login successful"})
		s.shows("* Login successful")
		s.types("/help keys\r")
		s.shows(says)
		s.types("\x04")
		srv.expects("logout", "")
		srv.conn.Close()
		s.ends(exitDone)
		content, err := os.ReadFile(filepath.Join(s.home, "parley", "history"))
		if kept && string(content) != "/help keys\n" || !kept && !os.IsNotExist(err) {
			t.Errorf("kept: %t, but the history is %q (%v)", kept, content, err)
		}
	}
}

//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The password or the token of NATS is said nowhere: not where the setting is wrong, neither at
// the start nor on SIGHUP, and not where nobody is reached.
func TestSecretsOfNATSAreNotSaid(t *testing.T) {
	for _, server := range []string{"nats://u:secret@h:x", "nats://secret@h:x", "nats:u:secret@h", "u:secret@h:4222", "nats://u:secret,more@h"} {
		for _, command := range []string{"serve --check-config", "serve", "cluster status"} {
			status, says := does(t, append(strings.Fields(command), "--cluster", server)...)
			if status == exitDone || strings.Contains(says, "secret") || !strings.Contains(says, "xxxxx@h") {
				t.Errorf("%s --cluster %s: exit status %d: %s", command, server, status, says)
			}
		}
	}
	if _, says := does(t, "cluster", "status", "--cluster", "nats://u:secret@127.0.0.1:1"); strings.Contains(says, "secret") || !strings.Contains(says, "NATS is not reached") {
		t.Error(says)
	}
	config := filepath.Join(t.TempDir(), "config.json")
	mustWrite(t, config, `{}`)
	s := serveLogging(t, "--data", t.TempDir(), "--config", config)
	s.until("listening on ")
	mustWrite(t, config, `{"serve": {"cluster": ["nats://u:secret@h:x"]}}`)
	s.signal(syscall.SIGHUP)
	if line := s.until("stay as they are"); strings.Contains(line, "secret") || !strings.Contains(line, "nats://xxxxx@h:x") {
		t.Error(line)
	}
}

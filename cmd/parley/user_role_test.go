package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"parley/eventloop/admin"
	"parley/users/store"
)

// Roles are given, and what was done is read, with a server that runs and without one.
func TestRolesAndTheAuditLog(t *testing.T) {
	const (
		owns    = "The server's owner has made alice owner of the server.\n"
		orders  = "The server's owner has made bob moderator of the server.\n"
		nothing = "The server's owner has taken away the role of bob for the whole server.\n"
	)
	dir := shortFolder(t)
	auditSays(t, dir, "The audit log of "+dir+" is empty.\n")
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	userDoes(t, dir, "", "alice is owner of the server now.", "role", "ALICE", "owner")
	auditSays(t, dir, owns)
	serveFrom(t, dir)
	userDoes(t, dir, secret, "bob has an account", "add", "bob")
	userDoes(t, dir, "", "bob is moderator of the server now.", "role", "bob", "moderator")
	userDoes(t, dir, "", "moderator", "show", "bob")
	userDoes(t, dir, "", "bob has no role now.", "role", "bob", "none")
	auditSays(t, dir, owns+orders+nothing)
	auditSays(t, dir, orders+nothing, "--name", "BOB")
	auditSays(t, dir, nothing, "--count", "1")
	auditSays(t, dir, "There is no such act in the audit log of "+dir+".\n", "--room", "den")
	_, out, _ := auditCommand(t, dir, "--json", "--count", "2")
	for i, line := range strings.SplitAfter(strings.TrimSuffix(out, "\n"), "\n") {
		var act admin.Act
		if err := json.Unmarshal([]byte(line), &act); err != nil || act.Act != "role" || act.Name != "bob" || act.Set != []string{"moderator", "none"}[i] || act.Time.IsZero() {
			t.Errorf("%s is %+v, %v", line, act, err)
		}
	}
}

func TestRolesThatCannotBe(t *testing.T) {
	dir := shortFolder(t)
	userDoes(t, dir, secret, "alice has an account", "add", "alice")
	for want, args := range map[string][]string{
		"there is no account of the name bob":   {"role", "bob", "owner"},
		"alice has no role already":             {"role", "alice", "none"},
		"must be one of":                        {"role", "alice", "king"},
		"That name is not allowed":              {"role", "al-ice", "owner"},
		"expected \"<name> <role>\"":            {"role"},
		"nobody can have that name":             {"audit", "--name", "al-ice"},
		"no room can have that name":            {"audit", "--room", "a room"},
		"must be at least 1":                    {"audit", "--count", "0"},
		"what a server keeps in memory only it": {"audit", "--data", store.Memory},
	} {
		run := userCommand
		if args[0] == "audit" {
			args, run = args[1:], func(t *testing.T, dir, _ string, args ...string) (int, string, string) {
				return auditCommand(t, dir, args...)
			}
		}
		if status, out, errs := run(t, dir, "", args...); status == exitDone || !strings.Contains(errs, want) || out != "" {
			t.Errorf("%v: exit status %d, %q, %q; want %q", args, status, out, errs, want)
		}
	}
}

func auditCommand(t *testing.T, dir string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	cmd := parley(t, append([]string{"audit", "--data", dir}, args...)...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

var momentInFront = regexp.MustCompile(`(?m)^\S+T\S+ `)

// auditSays runs parley audit, which is to say something, but for the times.
func auditSays(t *testing.T, dir, says string, args ...string) {
	t.Helper()
	status, out, errs := auditCommand(t, dir, args...)
	if got := momentInFront.ReplaceAllString(out, ""); status != exitDone || got != says || errs != "" {
		t.Fatalf("%v: exit status %d, %q, %q; want %q", args, status, out, errs, says)
	}
}

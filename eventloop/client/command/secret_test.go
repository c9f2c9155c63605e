package command

import "testing"

func TestSecretLines(t *testing.T) {
	table := NewTable()
	for line, want := range map[string]bool{
		"/login alice":     true,
		"  /LOGIN alice":   true,
		"login alice":      true,
		"Login alice pw":   true,
		"/logn alice pw":   true,
		"/lgoin alice pw":  true,
		"/register":        true,
		"/register pw":     true,
		"register pw":      true,
		"/regster pw":      true,
		"/passwd a b":      true,
		"passwd a b":       true,
		"/paswd a b":       true,
		"register alice x": true, "Register pw": true, "lgoin alice pw2": true, "identify pw": true,
		"/identify pw": true, "/pass pw": true, "/ns identify pw": true, "/nick alice pw": true,
		"/msg NickServ identify pw": true, "msg nickserv identify pw": true, "/dm nickserv identify pw": true,
		"nickserv identify pw": true, "nick is here": false, "pass me that": false, "/me waves": false,
		"/join ops pw": true, "/j ops pw": true, "/jion ops pw": true, "join ops pw2": true, "/create ops key pw": true, "create ops key pw": true,
		"/join ops": false, "/create ops": false, "/create ops private": false, "join the club": false, "/room ops hi": false,
		"/logout":       false,
		"/message x y":  false,
		"/names":        false,
		"hello login":   false,
		"logan is here": false,
	} {
		if got := table.IsSecret(line); got != want {
			t.Errorf("isSecret(%q) = %v", line, got)
		}
	}
}

// What is for one person alone, or is meant to be, is told apart: no file keeps it.
func TestForOne(t *testing.T) {
	table := NewTable()
	for line, want := range map[string]bool{
		"/dm bob x": true, "/w bob x": true, "/dm bob": true, "/dn bob x": true, "dm bob x": true, "pm bob x": true, "/reply x": true, "reply x": true, "/r x": true,
		"/private bob x": true, "private bob x": true, "/msg bob x": true, "msg bob x": true, "/msg @bob x": true, "dm bob x\ny": true,
		"hello": false, "/msg hello": false, "/broadcast bob x": false, "bob: x": false, "/names": false, "/block bob": false, "block bob": false,
		"/nope x": false, "": false,
	} {
		if m := table.Read(line, people(false, true, false, false)); m.ForOne != want {
			t.Errorf("%q is for one: %t", line, m.ForOne)
		}
	}
}

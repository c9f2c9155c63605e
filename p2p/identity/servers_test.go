package identity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/p2p"
)

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"localhost:9998": "localhost:9998", "LOCALHOST:9998": "localhost:9998", "127.0.0.1:9998": "localhost:9998", "[::1]:9998": "localhost:9998",
		"[::ffff:127.0.0.1]:9998": "localhost:9998", "[0:0:0:0:0:0:0:1]:9998": "localhost:9998", "localhost.:9998": "localhost:9998",
		"Chat.Example.:9998": "chat.example:9998", "[2001:DB8:0::1]:1": "[2001:db8::1]:1", "127.0.0.2:9998": "127.0.0.2:9998", "10.0.0.1:1": "10.0.0.1:1",
		"/run/Parley.sock": "/run/Parley.sock", "one": "one", "": "",
	} {
		if got := Address(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
		if again := Address(want); again != want {
			t.Errorf("%q becomes %q", want, again)
		}
	}
}

// at is a client at an address of a server that tells an identity; it returns
// by which name that one was known, if it was by another.
func at(t *testing.T, folder, address, identity string) (c *client, also string) {
	t.Helper()
	c = openPins(t, folder, address)
	t.Cleanup(c.Close)
	c.At(identity)
	c.Look("nobody")
	for e := range c.events {
		if e.Kind == p2p.Pinned {
			break
		}
		also = e.Server
	}
	return c, also
}

// Whatever a server is called, it is the one that it was.
func TestAServerHasManyAddresses(t *testing.T) {
	folder := closedFolder(t)
	home, _ := at(t, folder, "localhost:9998", "id1")
	home.keep("bob", "b", true, "")
	for _, address := range []string{"LOCALHOST:9998", "127.0.0.1:9998", "[::1]:9998"} { // no identity is needed
		if pin, _ := openPinsAt(t, folder, address).Pin("bob"); !pin.Verified {
			t.Errorf("at %s bob is %v", address, pin)
		}
	}
	for _, address := range []string{"chat.example.:9998", "203.0.113.7:9998", "/run/parley.sock"} {
		c, also := at(t, folder, address, "id1")
		if pin, _ := c.Pin("bob"); !pin.Verified || also != "localhost:9998" {
			t.Errorf("at %s bob is %v, and the server %q", address, pin, also)
		}
		c, also = at(t, folder, address, "id1")
		if pin, _ := c.Pin("bob"); !pin.Verified || also != "" {
			t.Errorf("the second time bob is %v, and the server %q", pin, also)
		}
	}
	away, _ := at(t, folder, "chat.example:9998", "id1")
	away.keep("carl", "c", false, "")
	if pin := home.look("carl"); pin.Fingerprint != printOf("c") {
		t.Errorf("carl is %v", pin)
	}
	if text := fileOf(t, folder, pinsFile); !strings.Contains(text, "carl@localhost:9998 ") || strings.Contains(text, "@chat") {
		t.Errorf("the file:\n%s", text)
	}
	other, also := at(t, folder, "chat.example:9999", "id2")
	if pin, ok := other.Pin("bob"); ok || also != "" {
		t.Errorf("at another server bob is %v, and it is %q", pin, also)
	}
}

func openPinsAt(t *testing.T, folder, address string) *client {
	c := openPins(t, folder, address)
	t.Cleanup(c.Close)
	return c
}

// A server gets rid of no key by saying that it is another one.
func TestAServerThatChangesItsIdentity(t *testing.T) {
	folder := closedFolder(t)
	c, _ := at(t, folder, "a:1", "id1")
	c.keep("bob", "b", true, "")
	d, _ := at(t, folder, "d:1", "id4")
	d.keep("bob", "d", false, "")
	for _, identity := range []string{"id2", "id4", "", "-", "with blank", "#x", strings.Repeat("x", 65), "id1"} {
		c, also := at(t, folder, "a:1", identity)
		if pin, _ := c.Pin("bob"); pin.Fingerprint != printOf("b") || !pin.Verified || also != "" {
			t.Errorf("as %q it knows bob as %v, and is %q", identity, pin, also)
		}
	}
	if pin := d.look("bob"); pin.Fingerprint != printOf("d") {
		t.Errorf("the other server's bob is %v", pin)
	}
	// It was set up anew, and has a new address as well.
	at(t, folder, "a:1", "id3")
	if c, also := at(t, folder, "b:1", "id3"); also != "a:1" {
		t.Errorf("it is %q", also)
	} else if pin, _ := c.Pin("bob"); pin.Fingerprint != printOf("b") {
		t.Errorf("and bob is %v", pin)
	}
}

// What is known at an address stays known there when it turns out that the server
// has another name.
func TestAServerIsMetAtAnAddressWithPins(t *testing.T) {
	folder := closedFolder(t)
	at(t, folder, "a:1", "id1")
	b := openPinsAt(t, folder, "b:1")
	b.keep("bob", "b", true, "")
	c, also := at(t, folder, "b:1", "id1")
	if pin, _ := c.Pin("bob"); !pin.Verified || also != "a:1" {
		t.Errorf("bob is %v, and the server %q", pin, also)
	}
}

func TestIdentitiesOfServers(t *testing.T) {
	for s, want := range map[string]bool{
		"azAZ09-_": true, "x": true, strings.Repeat("x", maxIdentity): true, strings.Repeat("x", maxIdentity+1): false, "": false, "-": false, "--": true,
		"/": false, ":": false, "@": false, "[": false, "`": false, "{": false, "a b": false, "a\n": false, "\u00e9": false,
	} {
		if got := isIdentity(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

// A file of the time when every spelling of an address was a server of its own.
func TestOldFiles(t *testing.T) {
	folder := closedFolder(t)
	old := "bob@localhost:9998 " + printOf("b") + " seen 2026-01-02\n" +
		"bob@127.0.0.1:9998 " + printOf("b") + " verified 2026-03-04\n" +
		"carl@LOCALHOST:9998 " + printOf("c") + " seen 2026-01-02\n" +
		"carl@[::1]:9998 " + printOf("d") + " verified 2026-03-04\n" +
		"dora@localhost:9998 " + printOf("e") + " seen 2026-01-02\n" +
		"dora@chat.example:9998 " + printOf("f") + " seen 2026-01-01\n" +
		"erik@chat.example:9998 " + printOf("g") + " seen 2026-01-01\n"
	if err := os.WriteFile(filepath.Join(folder, pinsFile), []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	at(t, folder, "localhost:9998", "id1")
	c, also := at(t, folder, "CHAT.example:9998", "id1")
	if also != "localhost:9998" {
		t.Errorf("it is %q", also)
	}
	for name, want := range map[string]string{"bob": "b", "carl": "d", "dora": "f", "erik": "g"} {
		if pin, _ := c.Pin(name); pin.Fingerprint != printOf(want) || pin.Verified != (name < "d") {
			t.Errorf("%s is %v", name, pin)
		}
	}
	want := "# another key of carl@localhost:9998: carl@localhost:9998 " + printOf("c") + " seen 2026-01-02\n" +
		"# another key of dora@localhost:9998: dora@localhost:9998 " + printOf("e") + " seen 2026-01-02\n" +
		"bob@localhost:9998 " + printOf("b") + " verified 2026-01-02\n" +
		"carl@localhost:9998 " + printOf("d") + " verified 2026-03-04\n" +
		"dora@localhost:9998 " + printOf("f") + " seen 2026-01-01\n" +
		"erik@localhost:9998 " + printOf("g") + " seen 2026-01-01\n"
	if text := fileOf(t, folder, pinsFile); text != want {
		t.Errorf("the file:\n%s", text)
	}
	want = serversTitle + "\nchat.example:9998 localhost:9998 id1\nlocalhost:9998 localhost:9998 id1\n"
	if text := fileOf(t, folder, serversFile); text != want {
		t.Errorf("the servers:\n%s", text)
	}
}

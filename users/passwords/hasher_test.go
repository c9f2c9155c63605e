package passwords

import "testing"

// A Hasher answers where it is told to, and a hash that is none is nobody's.
func TestHasher(t *testing.T) {
	w := NewWorkers(DefaultJobs, DefaultShare, Here{})
	defer w.Close()
	posted := make(chan func(), 1)
	h := &Hasher{Workers: w, Post: func(f func()) { posted <- f }, Salt: func() [SaltSize]byte { return [SaltSize]byte{1} }}
	hash := ""
	if !h.Hash("a", "blue horse", func(made string) { hash = made }) {
		t.Fatal("busy")
	}
	(<-posted)()
	if want := Hash("blue horse", [SaltSize]byte{1}); hash != want {
		t.Errorf("the hash is %s, want %s", hash, want)
	}
	for _, tt := range []struct {
		hash, password string
		ok, rehash     bool
	}{
		{hash, "blue horse", true, false},
		{hash, "red horse", false, false},
		{reference, "password", true, true},
		{"", "blue horse", false, false},
		{"blue horse", "blue horse", false, false},
	} {
		var ok, rehash bool
		if !h.Verify("a", tt.hash, tt.password, func(o, r bool) { ok, rehash = o, r }) {
			t.Fatal("busy")
		}
		if (<-posted)(); ok != tt.ok || rehash != tt.rehash {
			t.Errorf("%q of %q: ok %v, rehash %v", tt.password, tt.hash, ok, rehash)
		}
	}
}

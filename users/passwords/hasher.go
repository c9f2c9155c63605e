package passwords

// A Hasher is Workers as a chat server uses them: it answers on the server's own
// goroutine.
type Hasher struct {
	Workers *Workers
	Post    func(func())              // has a function run on the server's goroutine
	Salt    func() (s [SaltSize]byte) // a fresh salt
}

// Verify reports whether password has the hash, and whether the hash should be
// made anew. An empty hash costs the same time and is nobody's.
func (h *Hasher) Verify(from, hash, password string, done func(ok, rehash bool)) bool {
	known := hash != ""
	if !known {
		hash = Dummy
	}
	return h.Workers.Verify(from, hash, password, func(ok, rehash bool, err error) {
		h.Post(func() { done(ok && known && err == nil, rehash) })
	})
}

// Hash gives the hash of a password.
func (h *Hasher) Hash(from, password string, done func(hash string)) bool {
	return h.Workers.Hash(from, password, h.Salt(), func(hash string) { h.Post(func() { done(hash) }) })
}

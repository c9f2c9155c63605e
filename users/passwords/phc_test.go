package passwords

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// reference is from the test suite of the reference implementation
// (phc-winner-argon2, src/test.c): argon2id, 64 MiB, 2 passes, "password" and
// "somesalt".
const reference = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"

func TestHashIsVerified(t *testing.T) {
	salt := [SaltSize]byte{1, 2, 3}
	hash := Hash("four words in a row", salt)
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$AQIDAAAAAAAAAAAAAAAAAA$") {
		t.Errorf("the hash is %s", hash)
	}
	if ok, rehash, err := Verify(hash, "four words in a row"); !ok || rehash || err != nil {
		t.Errorf("the right password: ok %v, rehash %v, %v", ok, rehash, err)
	}
	if ok, rehash, err := Verify(hash, "four words in a roW"); ok || rehash || err != nil {
		t.Errorf("a wrong password: ok %v, rehash %v, %v", ok, rehash, err)
	}
	if other := Hash("four words in a row", [SaltSize]byte{4}); other == hash {
		t.Error("another salt made the same hash")
	}
}

func TestTheReferenceAgrees(t *testing.T) {
	if ok, rehash, err := Verify(reference, "password"); !ok || !rehash || err != nil {
		t.Errorf("ok %v, rehash %v, %v, want true, true, nil", ok, rehash, err)
	}
	if ok, rehash, err := Verify(reference, "Password"); ok || rehash || err != nil {
		t.Errorf("a wrong password: ok %v, rehash %v, %v, want false, false, nil", ok, rehash, err)
	}
}

func TestADummyCostsWhatAPasswordCosts(t *testing.T) {
	p, err := parse(Dummy)
	if err != nil || !p.current() {
		t.Fatalf("%+v, %v: not what Hash makes", p, err)
	}
	if ok, rehash, err := Verify(Dummy, "password"); ok || rehash || err != nil {
		t.Errorf("ok %v, rehash %v, %v", ok, rehash, err)
	}
}

func TestWhatIsNotAHash(t *testing.T) {
	const salt, key = "c29tZXNhbHQ", "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	for name, s := range map[string]string{
		"nothing":             "",
		"a plain password":    "four words in a row",
		"another function":    "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + key,
		"bcrypt":              "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"another version":     "$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + key,
		"no version":          "$argon2id$m=19456,t=2,p=1$" + salt + "$" + key,
		"4 GiB":               "$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + key,
		"1 KiB over":          "$argon2id$v=19$m=65537,t=2,p=1$" + salt + "$" + key,
		"no memory":           "$argon2id$v=19$m=0,t=2,p=1$" + salt + "$" + key,
		"too little a lane":   "$argon2id$v=19$m=31,t=2,p=4$" + salt + "$" + key,
		"overflow":            "$argon2id$v=19$m=4294967297,t=2,p=1$" + salt + "$" + key,
		"many passes":         "$argon2id$v=19$m=19456,t=5,p=1$" + salt + "$" + key,
		"no pass":             "$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + key,
		"many lanes":          "$argon2id$v=19$m=19456,t=2,p=255$" + salt + "$" + key,
		"lanes beyond a byte": "$argon2id$v=19$m=19456,t=2,p=257$" + salt + "$" + key,
		"another order":       "$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + key,
		"another parameter":   "$argon2id$v=19$m=19456,t=2,p=1,keyid=x$" + salt + "$" + key,
		"a sign":              "$argon2id$v=19$m=+19456,t=2,p=1$" + salt + "$" + key,
		"a leading zero":      "$argon2id$v=19$m=019456,t=2,p=1$" + salt + "$" + key,
		"a space":             "$argon2id$v=19$m=19456, t=2,p=1$" + salt + "$" + key,
		"padding":             "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "==$" + key,
		"loose bits":          "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key[:len(key)-1] + "d",
		"a newline in it":     "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key[:8] + "\n" + key[8:],
		"a newline after it":  reference + "\n",
		"more after it":       reference + "$",
		"a short salt":        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbA$" + key,
		"no salt":             "$argon2id$v=19$m=19456,t=2,p=1$$" + key,
		"a short key":         "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + key[:16],
		"no key":              "$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"a long salt":         "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("AAAA", 22) + "$" + key,
		"a very long salt":    "$argon2id$v=19$m=19456,t=2,p=1$" + strings.Repeat("AAAA", 1<<18) + "$" + key,
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := Verify(s, "password"); !errors.Is(err, ErrFormat) {
				t.Errorf("got %v, want %v", err, ErrFormat)
			}
		})
	}
	if err := Check(reference); err != nil {
		t.Errorf("the one that they are made from: %v", err)
	}
}

// TestWhatIsWrittenIsRead: every hash within the bounds comes back as it was.
func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lanes := rapid.Uint8Range(1, maxThreads).Draw(t, "threads")
		p := phc{
			memory:  rapid.Uint32Range(8*uint32(lanes), maxMemory).Draw(t, "memory"),
			time:    rapid.Uint32Range(1, maxTime).Draw(t, "time"),
			threads: lanes,
			salt:    rapid.SliceOfN(rapid.Byte(), minSalt, maxSalt).Draw(t, "salt"),
			key:     rapid.SliceOfN(rapid.Byte(), minKey, maxKey).Draw(t, "key"),
		}
		got, err := parse(p.String())
		if err != nil || got.String() != p.String() {
			t.Fatalf("%s was read as %+v, %v", p.String(), got, err)
		}
	})
}

// FuzzParse: nothing that is taken asks for more than is allowed, and there is
// one way to write it.
func FuzzParse(f *testing.F) {
	f.Add(reference)
	f.Add(Dummy)
	f.Add("$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc")
	f.Add("$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parse(s)
		if err != nil {
			if p != nil || !errors.Is(err, ErrFormat) {
				t.Fatalf("%+v, %v", p, err)
			}
			return
		}
		if p.memory > maxMemory || p.memory < 8*uint32(p.threads) || p.time > maxTime || p.time < 1 || p.threads > maxThreads || p.threads < 1 ||
			len(p.salt) < minSalt || len(p.salt) > maxSalt || len(p.key) < minKey || len(p.key) > maxKey {
			t.Fatalf("%+v is out of bounds", p)
		}
		if p.String() != s {
			t.Fatalf("%q is written %q", s, p.String())
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Verify(Dummy, "four words in a row"); err != nil {
			b.Fatal(err)
		}
	}
}

// Package tlstest has a client of TLS 1.3 for tests of servers that does with its keys and
// records what it is told to, which crypto/tls lets no client do.
package tlstest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net"

	"golang.org/x/crypto/chacha20poly1305"
)

// A Rekeyer is a client that can ask for new keys. crypto/tls does the handshake, behind which
// the Rekeyer writes its records itself. It reads nothing. It is used by one goroutine.
type Rekeyer struct {
	conn   net.Conn
	suite  uint16
	secret []byte // of what the client sends
	aead   cipher.AEAD
	iv     []byte
	serial uint64
	out    bytes.Buffer // records that are to be sent
}

// Handshake does that of TLS 1.3 over a connection, with what cfg says otherwise, whose
// KeyLogWriter it replaces in a copy.
func Handshake(conn net.Conn, cfg *tls.Config) (*Rekeyer, error) {
	var keys bytes.Buffer
	cfg = cfg.Clone()
	cfg.KeyLogWriter, cfg.MinVersion = &keys, tls.VersionTLS13
	s := tls.Client(conn, cfg)
	if err := s.Handshake(); err != nil {
		return nil, err
	}
	r := &Rekeyer{conn: conn, suite: s.ConnectionState().CipherSuite}
	for line := range bytes.Lines(keys.Bytes()) {
		if f := bytes.Fields(line); string(f[0]) == "CLIENT_TRAFFIC_SECRET_0" {
			r.secret, _ = hex.DecodeString(string(f[2]))
		}
	}
	return r, r.useSecret()
}

// Over has the records written to another connection from now on, such as one that cuts them.
func (r *Rekeyer) Over(conn net.Conn) { r.conn = conn }

// expand is HKDF-Expand-Label of RFC 8446, 7.1, without a context.
func (r *Rekeyer) expand(label string, length int) []byte {
	label = "tls13 " + label
	info := string(binary.BigEndian.AppendUint16(nil, uint16(length))) + string(rune(len(label))) + label + "\x00"
	b, err := hkdf.Expand(sha256.New, r.secret, info, length)
	if err != nil {
		panic(err) // of lengths that there are not
	}
	return b
}

// useSecret derives the keys of what is sent from now on.
func (r *Rekeyer) useSecret() (err error) {
	switch r.suite {
	case tls.TLS_AES_128_GCM_SHA256:
		block, _ := aes.NewCipher(r.expand("key", 16))
		r.aead, err = cipher.NewGCM(block)
	case tls.TLS_CHACHA20_POLY1305_SHA256:
		r.aead, err = chacha20poly1305.New(r.expand("key", chacha20poly1305.KeySize))
	default:
		err = errors.New("no keys can be derived for " + tls.CipherSuiteName(r.suite))
	}
	if err == nil {
		r.iv, r.serial = r.expand("iv", 12), 0
	}
	return err
}

// record adds one of a type.
func (r *Rekeyer) record(kind byte, content []byte) {
	plain := append(bytes.Clone(content), kind)
	header := binary.BigEndian.AppendUint16([]byte{23, 3, 3}, uint16(len(plain)+r.aead.Overhead()))
	nonce := bytes.Clone(r.iv)
	for i, b := range binary.BigEndian.AppendUint64(nil, r.serial) {
		nonce[4+i] ^= b
	}
	r.serial++
	r.out.Write(header)
	r.out.Write(r.aead.Seal(nil, nonce, plain, header))
}

// Data adds a record with data: at most 16 KiB, which may be none.
func (r *Rekeyer) Data(text string) { r.record(23, []byte(text)) }

// Update adds n changes of the client's keys; if wanted, the server is to change its own.
func (r *Rekeyer) Update(n int, wanted bool) {
	for range n {
		request := byte(0)
		if wanted {
			request = 1
		}
		r.record(22, []byte{24, 0, 0, 1, request})
		r.secret = r.expand("traffic upd", len(r.secret))
		_ = r.useSecret() // as the first time
	}
}

// Send sends what was added.
func (r *Rekeyer) Send() error {
	_, err := r.out.WriteTo(r.conn)
	return err
}

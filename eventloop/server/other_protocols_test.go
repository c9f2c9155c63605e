package server_test

import (
	"strings"
	"testing"
	"time"

	"parley/eventloop/sim"
	"parley/protocol"
)

// Whatever another protocol begins with and has behind it, and however it is cut,
// nothing of it is executed: it gets one line and the end.
func TestOtherProtocolsAreNotExecuted(t *testing.T) {
	const evil = `{"request":"login","content":"evil"}{"request":"msg","content":"x"}`
	for what, stream := range map[string]string{
		"a form":               "POST / HTTP/1.1\r\nContent-Type: text/plain\r\n\r\n" + evil,
		"a form on lines":      "POST / HTTP/1.1\r\n\r\n\n" + evil + "\n",
		"form fields":          "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n" + evil + "\r\n--x--\r\n",
		"a path":               "GET /\n" + evil + "\n HTTP/1.1\r\n\r\n",
		"a header":             "GET / HTTP/1.1\r\nX: \n" + evil + "\n",
		"a method":             "X" + evil + " / HTTP/1.1\r\n\r\n",
		"HTTP/0.9":             "GET /" + evil + "\r\n",
		"HTTP/2":               "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + evil,
		"blank lines before":   "\r\n\r\nGET / HTTP/1.1\r\n" + evil,
		"TLS":                  "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + evil,
		"STUN":                 "\x00\x03\x00\x08\x21\x12\xa4\x42" + evil,
		"SSH":                  "SSH-2.0-x\r\n" + evil,
		"SMTP":                 "EHLO x\r\n" + evil,
		"Redis":                "*1\r\n$4\r\nPING\r\n" + evil,
		"JSON of another kind": `"login"` + evil,
		"JSON with a comment":  "// hi\n" + evil,
		"JSON that is cut off": `{"request":` + "\n" + evil,
	} {
		t.Run(what, func(t *testing.T) {
			for loops := 1; loops <= 2; loops++ {
				cfg := config()
				cfg.Loops = loops
				for cut := range len(stream) {
					c := newChat(t, cfg)
					alice := c.login("alice", true)
					page := c.net.Dial()
					for _, part := range []string{stream[:cut], stream[cut:]} {
						page.Send([]byte(part))
						c.net.Run()
					}
					c.net.Advance(time.Second)
					if got := c.responses(alice); len(got) != 0 {
						t.Fatalf("cut at %d: alice hears %+v", cut, got)
					}
					told := c.responses(page)
					if n := len(told); n != 1 || told[0].Kind != protocol.KindError || !strings.HasPrefix(told[0].Content, "Good bye: that is not JSON") {
						t.Fatalf("cut at %d: it is told %+v", cut, told)
					}
					if !ended(page) {
						t.Fatalf("cut at %d: the connection is open", cut)
					}
				}
			}
		})
	}
}

// ended reports whether the server has closed a connection of which all was read.
func ended(conn *sim.Conn) bool {
	_, err := conn.Read()
	return err != nil
}

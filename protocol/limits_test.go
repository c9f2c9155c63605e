package protocol

import (
	"encoding/base64"
	"math"
	"strings"
	"testing"
)

// What clients of Parley send fits into the least frame that a server may allow them, however
// much of it has to be escaped: of "{" each byte takes six.
func TestLeastFrame(t *testing.T) {
	braces := func(n int) string { return strings.Repeat("{", n) }
	const number = "18446744073709551615"
	name, tag := strings.Repeat("m", MaxName), braces(8)+strings.Repeat("x", MaxTag-8)
	for _, text := range []int{64, 100, MaxText} {
		for _, r := range []Request{
			{Verb: "msg", Content: Content{Fields: map[string]string{"text": braces(text), "room": name, "re": number}}},
			{Verb: "dm", Content: Content{Fields: map[string]string{"text": braces(text), "name": name, "re": number}}},
			{Verb: "edit", Content: Content{Fields: map[string]string{"text": braces(text), "id": number}}},
			{Verb: "relay", Content: Content{Fields: map[string]string{"name": name, "session": number, "credit": number, "data": base64.StdEncoding.EncodeToString(make([]byte, MaxRelayed))}}},
			{Verb: "startprivate", Content: Content{Fields: map[string]string{"name": name, "fingerprint": braces(50), "paths": strings.Repeat("[1111:2222:3333:4444:5555:6666:7777:8888]:65535,", MaxPaths)}}},
			{Verb: "login", Content: Content{Text: name}, Extended: true, Register: true, Takeover: true, Password: braces(256), Token: strings.Repeat("0a", TokenSize), Log: tag, After: math.MaxUint64, HasAfter: true},
			{Verb: "topic", Content: Content{Fields: map[string]string{"room": name, "text": braces(MaxTopic)}}},
		} {
			r.Ref, r.ID = tag, tag
			if n := len(AppendRequest(nil, r)); n > LeastFrame(text) {
				t.Errorf("with texts of %d bytes %s takes %d bytes, of %d", text, r.Verb, n, LeastFrame(text))
			}
		}
	}
	if LeastFrame(MaxText) > MaxFrame {
		t.Errorf("the longest texts need %d bytes", LeastFrame(MaxText))
	}
}

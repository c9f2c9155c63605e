package protocol

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// A message of 100 bytes, as the load generators send it.
var benchFrame = []byte(`{"request":"msg","content":"` + strings.Repeat("x", 60) + `","ref":"7"}` + "\n")

func BenchmarkScan(b *testing.B) {
	s := NewScanner(MaxFrame)
	b.ReportAllocs()
	for b.Loop() {
		s.Scan(benchFrame)
	}
}

func BenchmarkScanAndParse(b *testing.B) {
	for name, frame := range map[string][]byte{
		"msg":            benchFrame,
		"login":          []byte(`{"request":"login","content":"alice","extended":1,"ref":"1"}` + "\n"),
		"ping":           []byte(`{"request":"ping","content":null,"ref":"7"}` + "\n"),
		"dm as string":   []byte(`{"request":"dm","content":"bob ` + strings.Repeat("x", 60) + `","ref":"7"}` + "\n"),
		"dm as object":   []byte(`{"request":"dm","content":{"name":"bob","text":"` + strings.Repeat("x", 60) + `"},"ref":"7"}` + "\n"),
		"relay of 8 KiB": []byte(`{"request":"relay","content":{"name":"bob","session":"1","credit":"0","data":"` + strings.Repeat("QUJD", MaxRelayed/3) + `"}}` + "\n"),
		"msg, escaped":   []byte(`{"request":"msg","content":"` + strings.Repeat(`say \"`, 10) + `","ref":"7"}` + "\n"),
		"msg, in UTF-8":  []byte(`{"request":"msg","content":"` + strings.Repeat("blåbær", 10) + `","ref":"7"}` + "\n"),
	} {
		b.Run(name, func(b *testing.B) {
			s, verbs := NewScanner(MaxFrame), NewVerbs()
			p := Parser{Slim: true}
			b.ReportAllocs()
			for b.Loop() {
				frame, _, _ := s.Scan(frame)
				r, err := p.Parse(frame)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := verbs.Lookup(r.Verb).Parse(r.Content); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What the same costs with encoding/json, for the ratio.
func BenchmarkEncodingJSON(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var r struct {
			Request string
			Content json.RawMessage
			Ref     string
		}
		var text string
		if json.Unmarshal(benchFrame, &r) != nil || json.Unmarshal(r.Content, &text) != nil {
			b.Fatal("bad JSON")
		}
	}
}

// What one response costs that memory is allocated for.
func BenchmarkAppend(b *testing.B) {
	now, text := time.Unix(1e9, 0), strings.Repeat("x", 100)
	message := func(event string) Response {
		return Response{Time: now, Sender: "alice", Kind: KindMessage, Content: text, Data: &Data{Event: event, ID: 123456}}
	}
	direct, utf8 := message(EventDirect), message(EventMessage)
	direct.Data.To, utf8.Content = "bob", strings.Repeat("blåbær", 12)
	relayed := Response{Time: now, Sender: ServerName, Kind: KindInfo, Content: "relayed", Data: &Data{Event: EventRelayed, Name: "alice",
		Private: &Private{Session: 1, Payload: strings.Repeat("QUJD", MaxRelayed/3)}}}
	accepted := Response{Time: now, Sender: ServerName, Kind: KindInfo, Content: "Your message was accepted.", Ref: "7", Data: &Data{Event: EventAccepted, ID: 123456}}
	for _, work := range []struct {
		name   string
		encode func([]byte, Response) []byte
		r      Response
	}{
		{"message, extended", AppendExtended, message(EventMessage)},
		{"message, plain", AppendPlain, message(EventMessage)},
		{"message in UTF-8, extended", AppendExtended, utf8},
		{"message in UTF-8, plain", AppendPlain, utf8},
		{"direct message, extended", AppendExtended, direct},
		{"relayed 8 KiB, extended", AppendExtended, relayed},
		{"accepted, extended", AppendExtended, accepted},
	} {
		b.Run(work.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				work.encode(make([]byte, 0, 256+len(work.r.Content)), work.r)
			}
		})
	}
}

func BenchmarkPlainFrames(b *testing.B) {
	r := Response{Time: time.Unix(1e9, 0), Sender: "alice", Kind: KindMessage, Content: strings.Repeat("x", 100)}
	b.ReportAllocs()
	for b.Loop() {
		PlainFrames(r)
	}
}

// BenchmarkPassOver is what it costs to pass over frames that are too long, which whoever attacks
// sends: text, and what is no string.
func BenchmarkPassOver(b *testing.B) {
	for name, piece := range map[string]string{"a string": "x", "numbers": "12345, ", "brackets": "[[]],"} {
		b.Run(name, func(b *testing.B) {
			text := []byte(strings.Repeat(piece, 1<<16/len(piece)))
			s := NewScanner(MaxFrame)
			begin := `{"request":"msg","content":`
			if piece == "x" {
				begin += `"`
			} else {
				begin += `[`
			}
			s.Scan([]byte(begin))
			for !s.Skipping() {
				s.Scan(text)
			}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.Scan(text)
			}
		})
	}
}

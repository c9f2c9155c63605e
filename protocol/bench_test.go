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
	s := NewScanner(MaxFrame)
	var p Parser
	b.ReportAllocs()
	for b.Loop() {
		frame, _, _ := s.Scan(benchFrame)
		if _, err := p.Parse(frame); err != nil {
			b.Fatal(err)
		}
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

func BenchmarkAppend(b *testing.B) {
	r := Response{Time: time.Unix(1e9, 0), Sender: "alice", Kind: KindMessage, Content: strings.Repeat("x", 100), Data: &Data{Event: EventMessage, ID: 123456}}
	for name, f := range map[string]func([]byte, Response) []byte{"plain": AppendPlain, "extended": AppendExtended} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 1024)
			for b.Loop() {
				buf = f(buf[:0], r)
			}
		})
	}
}

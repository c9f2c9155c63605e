package server

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What comes from another node is a frame, or refused; a frame is encoded as it came to be understood.
func FuzzNodeFrame(f *testing.F) {
	for _, frame := range []nodeFrame{
		{}, {From: end{Node: 1, Epoch: 2, Session: 3}, To: end{Node: 2, Epoch: 1 << 40, Session: 1<<64 - 1}, Begun: 7, Session: 9, Count: 4, Payload: "aGk0"},
		{Ends: endings - 1}, {Credit: 1 << 20},
	} {
		f.Add(frame.encode())
	}
	for _, text := range []string{"", "\x80", "\x89", "\xff", "\x9f\x01", "{}", "\xa1\x01\x02"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := decodeNodeFrame(b)
		if err != nil {
			return
		}
		again, err := decodeNodeFrame(frame.encode())
		if err != nil {
			t.Fatalf("%x is a frame, and encoded it is none: %v", b, err)
		}
		if diff := cmp.Diff(frame, again, cmp.AllowUnexported(nodeFrame{}, end{})); diff != "" {
			t.Errorf("%x is another frame when it is encoded again:\n%s", b, diff)
		}
	})
}

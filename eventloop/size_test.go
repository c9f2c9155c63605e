//go:build unix && (amd64 || arm64)

package eventloop

import (
	"testing"
	"unsafe"
)

// What 10,000 idle connections take is 10,000 times these, as the memory comes in pieces
// of 112, 128 and 144 bytes.
func TestIdleConnectionIsSmall(t *testing.T) {
	for _, size := range []struct {
		of        string
		have, max uintptr
	}{
		{"a connection and its socket", unsafe.Sizeof(gnetSocket{}), 144},
		{"a group", unsafe.Sizeof(Group{}), 48},
		{"a group's side of a membership", unsafe.Sizeof(member{}), 16},
		{"a connection's side of a membership", unsafe.Sizeof(membership{}), 16},
	} {
		if size.have > size.max {
			t.Errorf("%s has %d bytes, want %d at most", size.of, size.have, size.max)
		}
	}
}

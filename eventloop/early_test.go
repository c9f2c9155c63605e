package eventloop

import "testing"

// What all clients of a loop send before their handshakes are over has a limit; beyond it each may
// send little, so that thousands of them do not take the memory.
func TestEarlyInputIsBounded(t *testing.T) {
	const clients, piece = 500, 4 << 10
	x, kept := newHandshakes(1), 0
	for range clients {
		s := &secureSocket{handshake: newHandshake()}
		for sent := 0; sent < 1<<20 && x.put(s, make([]byte, piece)); sent += piece {
			kept += piece
		}
	}
	if most := sharedEarly + clients*16<<10; kept < sharedEarly || kept > most {
		t.Errorf("%d bytes are kept, want %d at most", kept, most)
	}
}

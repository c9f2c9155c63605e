package eventloop

import "testing"

// What all clients of a loop send before their handshakes are over has a limit; beyond it each may
// send little, so that thousands of them do not take the memory.
func TestEarlyInputIsBounded(t *testing.T) {
	const clients, piece = 500, 4 << 10
	x, kept := newHandshakes(&Config{Loops: 1, HandshakeInput: DefaultHandshakeInput, HandshakeMemory: DefaultHandshakeMemory, Handshakes: new(HandshakeCount)}), 0
	for range clients {
		s := &secureSocket{handshake: newHandshake()}
		for sent := 0; sent < 1<<20 && x.put(s, make([]byte, piece)); sent += piece {
			kept += piece
		}
	}
	if most := DefaultHandshakeMemory + clients*16<<10; kept < DefaultHandshakeMemory || kept > most {
		t.Errorf("%d bytes are kept, want %d at most", kept, most)
	}
}

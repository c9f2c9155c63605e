package load

import (
	"context"
	"math"
	"testing"

	"parley/protocol"
)

// BenchmarkConsume is what the tester does with one delivery of a crowded room once it is
// read, in the lobby and in a room: 64 messages come in one read, and a hundred receivers
// are told them in turn.
func BenchmarkConsume(b *testing.B) {
	for name, rooms := range map[string]int{"lobby": 0, "room": 1} {
		b.Run(name, func(b *testing.B) { benchmarkConsume(b, rooms) })
	}
}

func benchmarkConsume(b *testing.B, rooms int) {
	s := base()
	s.Clients, s.Senders, s.Rooms, s.RoomsEach = 100, 1, rooms, 1
	r := newRound(context.Background(), &Config{Clock: realClock{}, Tag: 7, Workers: 1}, s, 0)
	r.newSenders(1)
	r.probe.stop()
	r.probe.next.Store(math.MaxInt64) // 50 times a second, whatever the deliveries
	w := <-r.workers
	r.workers <- w
	room := ""
	if r.plan != nil {
		room = r.plan.name(0)
		for _, c := range r.clients {
			c.move(0, true)
		}
	}
	const batch = 64
	var read []byte
	b.ReportAllocs()
	for n := uint64(1); b.Loop(); n += batch {
		b.StopTimer()
		read = read[:0]
		for k := range uint64(batch) {
			m := mark{sender: 0, seq: uint32(n + k), due: int64(n + k)}
			read = append(read, told(user(0), string(appendText(nil, r.shape.tag, m, s.Size)), &protocol.Data{Event: protocol.EventMessage, ID: n + k, Room: room})...)
		}
		r.senders[0].sent.Store(int64(n + batch))
		b.StartTimer()
		for _, c := range r.clients {
			if rest := c.consume(w, read); len(rest) > 0 {
				b.Fatal("not read")
			}
		}
	}
	if n := r.got.Load(); n != int64(b.N)*batch*100 {
		b.Fatalf("%d deliveries in %d rounds", n, b.N)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch*100), "ns/delivery")
}

package transport

import (
	"strings"
	"testing"

	"parley/p2p"
)

// BenchmarkDirectRoundTrip is a text of 100 bytes there and another one back, on
// loopback, through both channels of events.
func BenchmarkDirectRoundTrip(b *testing.B) { roundTrip(b, nil) }

// BenchmarkRelayRoundTrip is the same over a relay that costs nothing.
func BenchmarkRelayRoundTrip(b *testing.B) { roundTrip(b, relayOnly) }

func roundTrip(b *testing.B, how func(*Config)) {
	alice, bob := newSide(b, "alice", how), newSide(b, "bob", how)
	join(b, 1, alice, bob)
	atA, atB := connected(b, 1, alice, bob)
	frame := text(strings.Repeat("x", 100))
	for b.Loop() {
		alice.Send(atA.ID, frame)
		bob.find(received)
		bob.Send(atB.ID, frame)
		alice.find(received)
	}
}

func received(e p2p.Event) bool { return e.Kind == p2p.Received }

// BenchmarkDirectThroughput is texts of 100 bytes in one direction, at most 64 of
// them under way.
func BenchmarkDirectThroughput(b *testing.B) { throughput(b, nil) }

// BenchmarkRelayThroughput is the same over a relay that costs nothing.
func BenchmarkRelayThroughput(b *testing.B) { throughput(b, relayOnly) }

func throughput(b *testing.B, how func(*Config)) {
	alice, bob := newSide(b, "alice", how), newSide(b, "bob", how)
	join(b, 1, alice, bob)
	atA, _ := connected(b, 1, alice, bob)
	frame := text(strings.Repeat("x", 100))
	flying := 0
	for b.Loop() {
		if flying == 64 {
			bob.find(received)
			flying--
		}
		if !alice.Send(atA.ID, frame) {
			b.Fatal("the queue is full")
		}
		flying++
	}
	for range flying {
		bob.find(received)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
}

// BenchmarkConnectDirect is from Connect to the first link at both sides, with
// new ports each time.
func BenchmarkConnectDirect(b *testing.B) { connects(b, nil) }

// BenchmarkConnectRelay is the same over a relay that costs nothing.
func BenchmarkConnectRelay(b *testing.B) { connects(b, relayOnly) }

func connects(b *testing.B, how func(*Config)) {
	for b.Loop() {
		b.StopTimer()
		alice, bob := newSide(b, "alice", how), newSide(b, "bob", how)
		join(b, 1, alice, bob)
		forA, forB := plans(b, 1, alice, bob)
		b.StartTimer()
		bob.Connect(forB)
		alice.Connect(forA)
		bob.other(alice.next(p2p.Linked).Link)
		b.StopTimer()
		alice.Stop()
		bob.Stop()
		b.StartTimer()
	}
}

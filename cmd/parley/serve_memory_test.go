package main

import (
	"os"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// A server has its own GOGC, but that of its owner's environment holds.
func TestCollectsGarbage(t *testing.T) {
	const before = 77
	for env, want := range map[string]uint64{"": gcPercent, "200": before} {
		old := debug.SetGCPercent(before)
		t.Cleanup(func() { debug.SetGCPercent(old) })
		null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer null.Close()
		getenv := func(key string) string { return map[string]string{"GOGC": env}[key] }
		if status := run([]string{"serve", "--data", ":memory:", "--listen", "256.256.256.256:1"}, null, null, null, getenv); status != exitRefused {
			t.Fatalf("an address that is none: exit status %d", status)
		}
		percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		if metrics.Read(percent); percent[0].Value.Uint64() != want {
			t.Errorf("GOGC=%s: it is %d, want %d", env, percent[0].Value.Uint64(), want)
		}
	}
}

// What the owner says of sessions reaches the server.
func TestSessionsOfAnAccount(t *testing.T) {
	if got := (&serveCmd{Sessions: 3}).config(new(process)).Sessions; got != 3 {
		t.Errorf("the server has a limit of %d, want 3", got)
	}
}

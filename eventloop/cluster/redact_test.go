package cluster_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"parley/eventloop/cluster"
	"parley/eventloop/cluster/natstest"
)

func TestRedact(t *testing.T) {
	for server, want := range map[string]string{
		"nats://127.0.0.1:4222":          "nats://127.0.0.1:4222",
		"nats://u:secret@127.0.0.1:4222": "nats://xxxxx@127.0.0.1:4222",
		"nats://secret@127.0.0.1:4222":   "nats://xxxxx@127.0.0.1:4222",
		"tls://u:@nats.example":          "tls://xxxxx@nats.example",
		"nats://u:sec@ret@h:x":           "nats://xxxxx@h:x",
		"nats://u:sec/ret@h":             "nats://xxxxx@h",
		"nats://u:sec//ret@h":            "nats://xxxxx@h",
		"u:secret@h":                     "xxxxx@h",
		"nats:u:secret@h":                "xxxxx@h",
		"nats://u:sec,ret@h":             "nats://xxxxx@h",
		"nats://[::1]:4222":              "nats://[::1]:4222",
		"":                               "",
	} {
		if got := cluster.Redact(server); got != want {
			t.Errorf("%s is said as %s, want %s", server, got, want)
		}
	}
}

// What is said of servers of NATS that are not reached has no password and no token in it.
func TestSecretsAreNotSaid(t *testing.T) {
	for _, server := range []string{"nats://u:secret@127.0.0.1:1", "nats://secret@127.0.0.1:1", "nats://u:secret@h:x", "nats://u:secret%zz@h", "nats://u:sec ret@h", "nats://u:sec/ret@h"} {
		var log strings.Builder
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := cluster.Open(ctx, cluster.Config{Servers: []string{server, "nats://127.0.0.1:1"}, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err == nil {
			t.Fatalf("%s is reached", server)
		}
		if said := log.String() + err.Error(); strings.Contains(said, "sec") || !strings.Contains(said, "nats://127.0.0.1:1") {
			t.Errorf("of %s is said: %s", server, said)
		}
	}
}

// Nor has what is said of one that is.
func TestSecretsOfAServerThatIsReachedAreNotSaid(t *testing.T) {
	servers := natstest.Start(t, 1)
	for _, secret := range []string{"u:secret@", "secret@"} { // which a server that asks for none takes
		var log strings.Builder
		s, err := cluster.Open(t.Context(), cluster.Config{Servers: []string{strings.Replace(servers.URLs()[0], "//", "//"+secret, 1)}, Replicas: 1, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if said := log.String(); strings.Contains(said, "secret") || !strings.Contains(said, "connected to NATS") {
			t.Errorf("with %s is said: %s", secret, said)
		}
	}
}

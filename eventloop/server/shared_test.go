package server_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"parley/eventloop/server"
	"parley/protocol"
	"parley/users/log"
	"parley/users/state"
)

// quietStream is one to which nothing ever comes.
type quietStream struct{ published int }

func (s *quietStream) Publish([]byte) { s.published++ }

func (s *quietStream) Listen(uint32) {}

func (s *quietStream) Send(uint32, []byte) error { return nil }

func (s *quietStream) Fetch(_ uint64, _ int, done func([]log.Message, error)) { done(nil, nil) }

// A node takes part in its log before the first client comes, when there is no loop yet.
func TestANodeWithoutConnectionsTakesPart(t *testing.T) {
	kept := state.NewTable()
	stream := &quietStream{}
	start, err := server.ResumeShared(context.Background(), "log", kept, server.Shared{Node: "one", Stream: stream, Nodes: stream, ID: "stream"})
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cfg := server.Config{Loops: 1, Clock: time.Now, Token: func() string { return strings.Repeat("a", 2*protocol.TokenSize) }, Log: slog.New(slog.NewTextHandler(&said, nil))}
	s := server.New(cfg, start, nil)
	for range 3 {
		s.Post(s.Look)
	}
	if stream.published == 0 || said.Len() > 0 {
		t.Errorf("it has published %d times, and says %s", stream.published, said.String())
	}
}

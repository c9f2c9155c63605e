package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/users/log"
)

// timeHeader says when a message was put into the stream, as time.RFC3339Nano.
const timeHeader = "Nats-Time-Stamp"

// message returns a message of the stream from how it is republished, or sent to who has asked
// for it.
func message(m *nats.Msg) (log.Message, error) {
	position, err := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64)
	if err != nil || position == 0 {
		return log.Message{}, fmt.Errorf("%s is %q", jetstream.SequenceHeader, m.Header.Get(jetstream.SequenceHeader))
	}
	at, err := time.Parse(time.RFC3339Nano, m.Header.Get(timeHeader))
	if err != nil {
		return log.Message{}, fmt.Errorf("%s: %w", timeHeader, err)
	}
	return log.Message{Position: position, Time: at, Data: m.Data}, nil
}

// refusal returns why the servers did not take what was published; "": they did.
func refusal(m *nats.Msg) string {
	if m.Header.Get("Status") == "503" {
		return "" // there is no leader now: the log stands still, and says so itself
	}
	var ack struct {
		Error *jetstream.APIError `json:"error"`
	}
	if err := json.Unmarshal(m.Data, &ack); err != nil {
		return err.Error()
	}
	if ack.Error == nil {
		return ""
	}
	return ack.Error.Description
}

// missing looks why a replica has sent what stands behind a position, and not what is there.
// It returns an error, or has it told that the stream was trimmed.
func (s *Stream) missing(ctx context.Context, from uint64, found []log.Message) ([]log.Message, error) {
	stream, err := s.js.Stream(ctx, s.cfg.stream())
	if err != nil {
		return nil, err
	}
	if first := stream.CachedInfo().State.FirstSeq; first <= from {
		return nil, fmt.Errorf("a replica does not have message %d of the stream, which begins at %d", from, first)
	}
	return found, nil
}

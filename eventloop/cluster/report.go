package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// A Report is what a node says of itself when its operator asks, and of the others as the log
// has them.
type Report struct {
	Node    string `json:"node"`
	Version string `json:"version"` // of the program
	Kinds   uint16 `json:"kinds"`   // the newest kind of command that it knows

	Number   uint32 `json:"number"` // as the log numbers it; 0: none has begun under the name
	Epoch    uint64 `json:"epoch"`
	Begun    bool   `json:"begun"`             // it takes part
	Ending   bool   `json:"ending"`            // it has been told to end
	Failing  string `json:"failing,omitempty"` // why it decides nothing now
	Sessions int    `json:"sessions"`          // that are logged in there

	Position uint64        `json:"position"` // of the message that it has carried out last
	RTT      time.Duration `json:"rtt"`      // in nanoseconds, to its server of NATS and back; 0: there was no answer

	Log []Known `json:"log"` // all that have begun, as the log has them up to that position
}

// A Known is a node as the log has it.
type Known struct {
	Node   string `json:"node"`
	Number uint32 `json:"number"`
	Epoch  uint64 `json:"epoch"`
	Gone   bool   `json:"gone"`
	Kinds  uint16 `json:"kinds"` // as its last heartbeat says; 0: there was none
}

const (
	// maxAnswer is how many bytes of an answer are looked at. Those of a node are fewer: at most
	// 64 nodes are known, with names of 64 bytes.
	maxAnswer = 64 << 10

	// maxWhy is how many bytes of a reason a node tells.
	maxWhy = 500

	// maxAsked is how many questions of operators wait at a node. Others are not answered.
	maxAsked = 64

	// rttWithin is how long a node waits for its server of NATS before it answers without.
	rttWithin = 500 * time.Millisecond
)

// status is the subject on which all nodes are asked for a Report, and drain the one on which
// one of them is told to end.
func (c *Config) status() string { return "parley." + c.Name + ".status" }
func (c *Config) drain() string  { return "parley." + c.Name + ".drain" }

// A drainRequest says which node is to end.
type drainRequest struct {
	Node string `json:"node"`
}

// A drainAnswer is what that node says.
type drainAnswer struct {
	Node string `json:"node"`
	Why  string `json:"why,omitempty"` // it does not end; "": it does
}

// toStatus answers an operator who asks how the node does.
func (s *Stream) toStatus(m *nats.Msg) {
	reports := make(chan Report, 1)
	s.node.Post(func() { reports <- s.node.Report() })
	select {
	case r := <-reports:
		r.Node, r.Version = s.cfg.Node, s.cfg.Version
		r.Failing = r.Failing[:min(len(r.Failing), maxWhy)]
		if began := time.Now(); s.conn.FlushTimeout(rttWithin) == nil {
			r.RTT = time.Since(began)
		}
		s.answer(m, r)
	case <-s.life.Done():
	}
}

// toDrain ends the node if it is the one that is meant. The others say nothing.
func (s *Stream) toDrain(m *nats.Msg) {
	var request drainRequest
	if err := json.Unmarshal(m.Data, &request); err != nil || request.Node != s.cfg.Node {
		return
	}
	answer := drainAnswer{Node: s.cfg.Node}
	if err := s.node.Drain(); err != nil {
		answer.Why = err.Error()
	}
	s.answer(m, answer)
}

// answer answers an operator, but at no other subject than an operator has: who asks could have
// the node put something into the log.
func (s *Stream) answer(m *nats.Msg, what any) {
	if !strings.HasPrefix(m.Reply, nats.InboxPrefix) {
		s.cfg.Log.Warn("an operator asks for an answer at a subject that is no inbox, and gets none", "subject", m.Reply)
		return
	}
	b, err := json.Marshal(what)
	if err == nil {
		err = m.Respond(b)
	}
	if err != nil && s.life.Err() == nil {
		s.cfg.Log.Warn("an operator cannot be answered", "error", err)
	}
}

// decodeAnswer returns what a node has answered, or an error if it was none that did.
func decodeAnswer(b []byte, to any) error {
	if len(b) > maxAnswer {
		return fmt.Errorf("it has %d bytes, and a node's has at most %d", len(b), maxAnswer)
	}
	if err := json.Unmarshal(b, to); err != nil {
		return errors.New("it cannot be read")
	}
	return nil
}

package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"parley/users/state"
)

// An Operator looks at a cluster from outside, and has its nodes do something. It takes no part
// in it.
type Operator struct {
	cfg  Config
	conn *nats.Conn
	js   jetstream.JetStream
}

// Why an operator gets nowhere.
var (
	// ErrUnreached says that no server of NATS was reached.
	ErrUnreached = errors.New("NATS is not reached")

	// ErrNoCluster says that there is no cluster of that name.
	ErrNoCluster = errors.New("there is no such cluster")

	// ErrNoNode says that no node of that name answers.
	ErrNoNode = errors.New("no node of that name answers")
)

const (
	// collectFor is for how long answers of nodes are waited for.
	collectFor = time.Second

	// infoWithin is how long the servers of NATS may take to tell of the stream. Without a leader
	// they do not.
	infoWithin = 2 * time.Second

	// maxAnswers is how many answers are taken: of all nodes there can be, twice.
	maxAnswers = 2 * state.MaxNodes
)

// Reach connects an operator. Of cfg the servers, the credentials and the name count.
func Reach(ctx context.Context, cfg Config) (*Operator, error) {
	cfg.Name, cfg.Node = cmp.Or(cfg.Name, DefaultName), "operator"
	if err := CheckName(cfg.Name); err != nil {
		return nil, err
	}
	conn, err := connect(ctx, &cfg)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreached, err)
	}
	js, err := jetstream.New(conn)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return &Operator{cfg, conn, js}, nil
}

// Close ends the connection.
func (o *Operator) Close() { o.conn.Close() }

// stream returns the stream of the cluster, nil if its servers tell nothing of it now.
func (o *Operator) stream(ctx context.Context) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, infoWithin)
	defer cancel()
	stream, err := o.js.Stream(ctx, o.cfg.stream())
	switch {
	case err == nil:
		return stream, nil
	case errors.Is(err, jetstream.ErrStreamNotFound):
		return nil, o.noCluster(ctx)
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return nil, errNotEnabled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		return nil, nil
	}
	return nil, fmt.Errorf("the stream %s: %w", o.cfg.stream(), err)
}

// noCluster says which clusters there are in place of the one that was looked for.
func (o *Operator) noCluster(ctx context.Context) error {
	var others []string
	names := o.js.StreamNames(ctx)
	for one := range names.Name() {
		if name, is := strings.CutPrefix(one, streamPrefix); is {
			others = append(others, name)
		}
	}
	there := "there is none"
	if len(others) > 0 {
		slices.Sort(others)
		there = "there are: " + strings.Join(others, ", ")
	}
	return fmt.Errorf("%w: none is called %s at %s; %s", ErrNoCluster, o.cfg.Name, Redact(o.conn.ConnectedUrl()), there)
}

// collect asks all nodes something, and calls take with each answer until that returns false or
// the time is over.
func (o *Operator) collect(ctx context.Context, subject string, question any, take func(*nats.Msg) bool) error {
	data, err := json.Marshal(question)
	if err != nil {
		return err
	}
	inbox := o.conn.NewInbox()
	sub, err := o.conn.SubscribeSync(inbox)
	if err != nil {
		return err
	}
	defer func() { _ = sub.Unsubscribe() }() // of a connection that is closed
	if err := o.conn.PublishRequest(subject, inbox, data); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, collectFor)
	defer cancel()
	for range maxAnswers {
		m, err := sub.NextMsgWithContext(ctx)
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrNoResponders) {
			return nil
		}
		if err != nil {
			return err
		}
		if !take(m) {
			return nil
		}
	}
	return nil
}

// reports returns what nodes say of themselves, and what is wrong with other answers.
func (o *Operator) reports(ctx context.Context) (all []Report, strange []string, err error) {
	err = o.collect(ctx, o.cfg.status(), struct{}{}, func(m *nats.Msg) bool {
		var r Report
		err := decodeAnswer(m.Data, &r)
		if err == nil && (r.Node == "" || len(r.Node) > state.MaxNodeName || len(r.Log) > state.MaxNodes) {
			err = errors.New("it is none of a node")
		}
		if err != nil {
			strange = append(strange, err.Error())
			return true
		}
		all = append(all, r)
		return true
	})
	return all, strange, err
}

// Drain has a node end as SIGTERM does: those who are connected there move to others. It returns
// when the node has said that it will.
func (o *Operator) Drain(ctx context.Context, node string) error {
	if _, err := o.stream(ctx); err != nil {
		return err
	}
	var answer *drainAnswer
	err := o.collect(ctx, o.cfg.drain(), drainRequest{node}, func(m *nats.Msg) bool {
		var a drainAnswer
		if decodeAnswer(m.Data, &a) == nil && a.Node == node {
			answer = &a
		}
		return answer == nil
	})
	switch {
	case err != nil:
		return err
	case answer == nil:
		return o.noNode(ctx, node)
	case answer.Why != "":
		return fmt.Errorf("%s does not end: %s", node, answer.Why)
	}
	return nil
}

// noNode says which nodes there are in place of the one that was looked for.
func (o *Operator) noNode(ctx context.Context, node string) error {
	all, _, err := o.reports(ctx)
	if err != nil {
		return err
	}
	names := make([]string, 0, len(all))
	for _, r := range all {
		names = append(names, r.Node)
	}
	if len(names) == 0 {
		return fmt.Errorf("%w: %s; none of cluster %s does", ErrNoNode, node, o.cfg.Name)
	}
	slices.Sort(names)
	return fmt.Errorf("%w: %s; those that do are: %s", ErrNoNode, node, strings.Join(names, ", "))
}

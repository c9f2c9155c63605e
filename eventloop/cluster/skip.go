package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

const (
	// skippedKey is the key of the stream's metadata with the positions of messages that are
	// skipped, in the order in which that was decided: "40,7".
	skippedKey = "parley_skipped"

	// maxSkipped is how many messages can be.
	maxSkipped = 64
)

// ErrNotSkipped says why a message is not skipped.
var ErrNotSkipped = errors.New("the message is not skipped")

// parseSkipped returns the positions in the stream's metadata.
func parseSkipped(text string) (all []uint64, err error) {
	if text == "" {
		return nil, nil
	}
	for one := range strings.SplitSeq(text, ",") {
		position, err := strconv.ParseUint(one, 10, 64)
		if err != nil || position == 0 || slices.Contains(all, position) || len(all) == maxSkipped {
			return nil, fmt.Errorf("its metadata %s is %q, and has positions with commas between them, each once, at most %d", skippedKey, text, maxSkipped)
		}
		all = append(all, position)
	}
	return all, nil
}

func formatSkipped(all []uint64) string {
	texts := make([]string, 0, len(all))
	for _, one := range all {
		texts = append(texts, strconv.FormatUint(one, 10))
	}
	return strings.Join(texts, ",")
}

// Skip has every node that starts from now on not carry out a message. It is refused while a node
// takes part, or has carried the message out: see the documentation of the package.
func (o *Operator) Skip(ctx context.Context, position uint64) error {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrNotSkipped, fmt.Sprintf(format, args...))
	}
	stream, err := o.stream(ctx)
	if err != nil {
		return err
	}
	if stream == nil {
		return refuse("the log has no leader now, try it again when it has one")
	}
	info := stream.CachedInfo()
	skipped, err := parseSkipped(info.Config.Metadata[skippedKey])
	switch {
	case err != nil:
		return refuse("%v", err)
	case position < info.State.FirstSeq || position > info.State.LastSeq:
		return refuse("the log has messages %d to %d", info.State.FirstSeq, info.State.LastSeq)
	case slices.Contains(skipped, position):
		return refuse("it is skipped already")
	case len(skipped) == maxSkipped:
		return refuse("%d others are, and more cannot be", maxSkipped)
	}
	if err := o.stand(ctx, position, refuse); err != nil {
		return err
	}
	cfg := info.Config
	cfg.Metadata = maps.Clone(cfg.Metadata)
	cfg.Metadata[skippedKey] = formatSkipped(append(skipped, position))
	if _, err := o.js.UpdateStream(ctx, cfg); err != nil {
		return refuse("%v", err)
	}
	return o.skipped(ctx, position, refuse)
}

// stand returns an error unless all nodes that answer stand before a message and take no part.
func (o *Operator) stand(ctx context.Context, position uint64, refuse func(string, ...any) error) error {
	all, _, err := o.reports(ctx)
	if err != nil {
		return err
	}
	for _, r := range all {
		switch {
		case r.Position >= position:
			return refuse("%s has carried it out: no node ends there, or that one is of another version", r.Node)
		case r.Begun:
			return refuse("%s takes part: end all nodes, as with parley cluster drain %s, then skip it", r.Node, r.Node)
		}
	}
	return nil
}

// skipped looks whether a message is skipped by now: JetStream does not compare before it changes
// metadata, so another operator may have undone it at the same time.
func (o *Operator) skipped(ctx context.Context, position uint64, refuse func(string, ...any) error) error {
	stream, err := o.stream(ctx)
	if err != nil {
		return err
	}
	if stream != nil {
		if all, err := parseSkipped(stream.CachedInfo().Config.Metadata[skippedKey]); err == nil && slices.Contains(all, position) {
			return nil
		}
	}
	return refuse("somebody else has changed the stream at the same time; look with parley cluster status, and try it again")
}

package log

import (
	"cmp"
	"errors"
	"fmt"

	"parley/users/command"
)

// ErrOldNode says that a command was not proposed since a node that takes part is of an older
// version, and would have to stop at it.
var ErrOldNode = errors.New("a node of the cluster is too old for that")

// Kinds are which kinds of commands nodes know. The zero value has what this program knows.
type Kinds struct {
	Newest command.Kind // that this node knows; 0: command.Newest
	Base   command.Kind // every node knows those up to this one, and those about nodes; 0: command.Base
}

func (k Kinds) orOwn() Kinds {
	return Kinds{cmp.Or(k.Newest, command.Newest), cmp.Or(k.Base, command.Base)}
}

// knows returns an error as command.Decode does if this node does not know a kind.
func (k Kinds) knows(c command.Command) error {
	if kind := command.KindOf(c); kind > k.Newest && !kind.OfNodes() {
		return fmt.Errorf("%w: %d", command.ErrKind, kind)
	}
	return nil
}

// knownByAll returns an error, which names a node, unless every node that lives has said with a
// heartbeat that it knows the kind of a command. One that begins behind that and does not know it
// stops there, and has to be updated.
func (l *Replicated) knownByAll(c command.Command) error {
	kind := command.KindOf(c)
	if _, is := c.(*command.AddOutgoingHook); is { // it sends nothing where that is not kept
		kind = command.KindHooksSent
	}
	return l.Known(kind)
}

// Known returns nil if every node that lives is known to know a kind of commands, and else an error
// that names one.
func (l *Replicated) Known(kind command.Kind) error {
	if kind <= l.cfg.Kinds.Base || kind.OfNodes() {
		return nil
	}
	if kind > l.cfg.Kinds.Newest {
		return fmt.Errorf("%w: this one knows kinds of commands up to %d, and this is %d; update it", ErrOldNode, l.cfg.Kinds.Newest, kind)
	}
	for _, n := range l.cfg.State.Nodes() {
		if !n.Gone && n.Number != l.node && n.Kinds < kind {
			return fmt.Errorf("%w: %s knows kinds of commands up to %d, and this is %d; update that node", ErrOldNode, n.Name, n.Kinds, kind)
		}
	}
	return nil
}

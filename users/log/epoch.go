package log

import (
	"fmt"
	"time"

	"parley/users/command"
	"parley/users/state"
)

// takePart begins an epoch once all was read, and says from then on that the node lives.
func (l *Replicated) takePart(now time.Time) {
	switch {
	case !l.reached || l.underWay != nil && !l.begun || l.retired && !l.begun:
	case !l.begun:
		l.run, l.wanted = l.cfg.Chance(), l.cfg.State.Node(l.cfg.Node).Epoch+1
		begin := &command.Begin{Node: l.cfg.Node, Epoch: l.wanted, Run: l.run, Log: l.cfg.Config.Name}
		encoded, err := command.Append(nil, begin)
		if err != nil {
			l.stop(err)
			return
		}
		l.publish(now, encodedTurn{Epoch: begin.Epoch, Commands: [][]byte{encoded}}, nil)
	case !l.beats && !now.Before(l.nextBeat):
		l.beat(now)
	}
}

// beat says that the node lives, and of others that they do not.
func (l *Replicated) beat(now time.Time) {
	l.nextBeat = now.Add(beatEvery)
	l.beats = true
	sum, _ := l.sums.at(l.next - 1)
	l.Insist(now, &command.Heartbeat{Node: l.node, Epoch: l.epoch, Kinds: l.cfg.Kinds.Newest, Mark: l.next - 1, Sum: sum},
		func(state.Result) { l.beats = false })
	for _, gone := range l.cfg.State.Silent(l.node) {
		l.Insist(now, gone, nil)
	}
}

// lookAtEpoch looks what a message has made of the node itself.
func (l *Replicated) lookAtEpoch() {
	me := l.cfg.State.Node(l.cfg.Node)
	switch {
	case l.begun && me.Epoch != l.epoch:
		l.stop(fmt.Errorf("%w, %s: end one of them, or give it another name and data folder", ErrSuperseded, l.cfg.Node))
	case l.begun && me.Gone:
		l.lose()
	case !l.begun && l.run != "" && me.Run == l.run && !me.Gone:
		l.epoch, l.number, l.node, l.begun = me.Epoch, 0, me.Number, true
		l.did.Epochs++
		l.underWay, l.beats, l.nextBeat = nil, false, time.Time{}
		l.cfg.Owner.Begun(l.node)
		l.ask()
		l.owner.AskTick(l.clock())
	case !l.begun && l.underWay != nil && me.Epoch >= l.wanted: // it came behind another's, or behind that of a process before
		l.underWay = nil
		l.owner.AskTick(l.clock())
	}
}

// lose ends the epoch of a node that the others have taken for gone.
func (l *Replicated) lose() {
	var open []proposal
	if l.underWay != nil {
		open = l.underWay.proposals
	}
	open = append(open, l.queue...)
	l.underWay, l.queue, l.size, l.begun, l.beats, l.run = nil, nil, 0, false, false, ""
	if !l.retired {
		l.cfg.Owner.Lost()
	}
	for _, p := range open {
		if p.then != nil {
			p.then(state.Result{Err: ErrLost})
		}
	}
	l.owner.AskTick(l.clock())
}

// sawHeartbeat compares what another node has come to with what was here at that position.
// Which of the two is wrong the others say, and where they do not, the first node.
func (l *Replicated) sawHeartbeat(c *command.Heartbeat) {
	sum, known := l.sums.at(c.Mark)
	if c.Node == l.node || !known {
		return
	}
	l.agree[c.Node] = sum == c.Sum
	agree, against := 1, 0
	for _, n := range l.cfg.State.Nodes() {
		if n.Gone || n.Number == l.node {
			continue
		}
		switch agrees, heard := l.agree[n.Number]; {
		case !heard:
			return
		case agrees:
			agree++
		default:
			against++
		}
	}
	first, heard := l.agree[l.cfg.State.First()]
	if against > agree || against == agree && heard && !first {
		l.stop(fmt.Errorf("%w at message %d of the stream: this node differs; begin with an empty data folder, and report this", ErrDiffers, c.Mark))
	}
}

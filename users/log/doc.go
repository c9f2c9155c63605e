// Package log orders commands and has them applied, and says which of them are safe. It
// is the one way to change what a server knows.
//
//	core ── Propose ──► Log ── Apply(at, command, rows) ──► result, at once or later
//	                     │
//	                     └── a turn's rows ──► Keeper ── done ──► Committed, release
//
// The local log decides by itself: a command is applied as it is proposed, and what a
// turn of the loop has changed goes to the keeper as one batch at its end. One batch is
// under way at a time; what is decided meanwhile is the next one. A batch that could not
// be kept is tried again until it is: what was decided is never undone.
//
// # A log that several nodes share
//
// [Replicated] is the log of a node that shares it with others, for availability and not for
// throughput: every node applies everything. It is pure: a [Stream] is asked, and what has come
// is told to it.
//
//	turn     {version, node, epoch, number, commands}, in CBOR: what a node proposes in one turn
//	         of its loop. One is under way; it is published again with the same bytes each second
//	         until it has come back.
//	taking   the state takes the turn that is the next one of the node's epoch, and no other
//	         (state.TakeTurn): late copies, and copies in another order, do nothing.
//	epoch    begins with a command (Begin), which ends the node's older sessions. Whoever begins
//	         last under a name has it; the process before stops.
//	alive    each node says so once a second (Heartbeat). Another one is gone (Gone) when five of
//	         the witness's have come behind its last one: no clock decides, and a log that stands
//	         still ends nobody. A node may say it of itself, when it ends.
//	same     a heartbeat carries the sum of all results and rows up to a position. When all other
//	         nodes that live have said theirs, the one stops that differs from most; where as many
//	         agree as differ, the first node is right.
//	kinds    a heartbeat says which kinds of commands its node knows. One that came later is
//	         proposed only when every node that lives has said that it knows it (ErrOldNode). A node
//	         that meets one it does not know stops before it.
//	skipped  a message at which every node ends is passed over by all, when the operator says so:
//	         its turn counts as taken, and its commands do nothing.
//	reading  in the order of the positions. What comes early waits (1,024 messages); gaps, and a
//	         second in which nothing comes, are filled with Fetch; who is asked may be behind, and
//	         is asked again after 50 ms.
//	time     is the stream's. Where that is behind the log's, because somebody has set a clock,
//	         the log's goes on at half the pace of the stream's. It never goes back.
//
// # Where a node begins
//
// A node that starts reads the stream from its first message into an empty state, or from behind
// a snapshot ([Snapshot]) into the state that was then. What is kept already, up to the mark in its
// rows (state.Mark), is applied without rows and without telling anybody. So nothing of the state
// has to be a row that is none with one node: sessions, invitations, who is slow.
//
//	snapshot  {stream, position, hash of the message there, position of the last message that has
//	          left rows, the stream's and the log's time, sum, state}, under a SHA-256. It is taken
//	          between two messages: copying the state is all that holds the loop, and the copy is
//	          encoded elsewhere.
//	safe      it must not be kept before all rows up to it are (Replicated.Safe). What is written
//	          without waiting for the disk may be lost with the power nevertheless: so it is not
//	          used where the mark is behind the last message that had left rows, nor with another
//	          stream (Snapshot.Fits), nor damaged. Without it more is read, and nothing is lost.
//	looking   the messages at the mark and at the snapshot must be those that were there. They are
//	          fetched before anything behind them is carried out. A stream that was trimmed up to
//	          the snapshot, and no further, has them no more: then its name has to do.
//	sums      go on from the snapshot's, so the node agrees with those that have read everything.
//	          Those of positions before it are forgotten: heartbeats about them are not compared.
//
// What a snapshot must have is found out by a walk through all fields of a state and of the one
// that was restored from it (TestARestoredStateGoesOnLikeTheOther, package state), which also
// fails for a field in which nothing ever was.
//
// Effects wait for the node's own commit, as with one node, so that what is read from the file is
// never behind what was told: the file is written without waiting for the disk, since the stream
// is what is kept. Telling when a command is applied would save that, and needs every reader to
// know two positions.
//
// A session waits for what it has asked for until that has come back: requests may be about what
// the one before has done. So one client gets as many answers a second as there are round trips.
//
// A login needs no waiting of its own for a node that is behind: it goes through the log itself,
// behind everything that its client has ever been told. Who has heard more than the node knows is
// refused after five seconds, and may be let in elsewhere.
//
// # What was planted, and what found it
//
// Seeds are those of TestRandomClusters (package sim), from 1 on.
//
//	a turn applied twice (Turn > in place of Turn+1 !=)        seed 6: a node has kept more than another
//	two commands of a turn change places on one node           seed 1: that node stops, its sum differs
//	one node with another limit (GuestGrace)                   seed 1: two nodes differ at one position
//	a gap is passed over                                       seed 1: two nodes differ at one position
//	an answer before what was asked has come back              seed 1: a login is answered with nothing
//	the end of the stream is lost, nodes running or restarted  TestAStreamThatLosesItsEnd, each of 5 seeds
//	a login whose connection is gone is not ended              TestALoginWhoseConnectionIsGone; no seed of 60
//	Gone counts behind fewer than five heartbeats              TestANodeIsGoneAfterFiveHeartbeatsOfAnother
//	a node reads on one message behind its snapshot            TestANodeGoesOnFromASnapshot
//	the sum does not go on from a snapshot                     TestANodeGoesOnFromASnapshot
//	the stream's time does not                                 TestTheTimeOfTheLogGoesOnFromASnapshot
//	a map's order in the result of a message                   seed 1: a node stops, its sum differs
//	a new kind is proposed whoever lives                       TestANewKindWaitsForTheOldestNode, ...ForAllWhoLive
//	a kind counts as known before the first heartbeat          TestANewKindWaitsForAllWhoLive
//	a turn that is skipped does not count as taken             TestAMessageIsSkipped: a copy of it ends the node
//	the sessions of a node end in the order of a map           no seed of 60: nothing that is told, kept or
//	                                                           decided depends on that order
package log

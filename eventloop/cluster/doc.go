// Package cluster is how nodes share a log: a stream of NATS JetStream, which is a log.Stream.
//
//	log.Replicated ── Publish ──► subject turns ──► stream (R copies) ──► subject heard ──► Arrived
//	               ── Fetch ──► direct get from any copy ──► done
//
// What is published is not waited for: it comes back as what the stream republishes behind its
// commit, or log.Replicated publishes it again. Who hears a gap, or nothing for a second, fetches;
// so nothing depends on what is heard, and there is no consumer, whose place may die, too. An
// answer of which a part was lost counts up to there; one that begins behind what was asked for
// counts only if the leader of the stream says that it begins there.
//
// # The stream
//
// It is made by the first node that comes: parley-NAME with the subjects parley.NAME.turns and,
// for what it republishes, parley.NAME.heard; in files, with as many copies as are wanted, without
// any limit, so that it refuses what does not fit any more and forgets nothing; nothing can be
// deleted from its middle. A name that no other stream has is in its metadata, and goes with it
// into a backup of NATS. One that is otherwise is refused, and so are servers that are older than
// 2.12.3. Whether they write to the disk what they acknowledge (sync_interval: always), which they
// do not unless they are told to, cannot be seen from outside.
//
// Who may publish to these subjects can say anything in the name of every node. An account of
// NATS that only the nodes have is the way to keep others out.
//
// # Frames between nodes
//
// What one session alone is to be told, and may be lost, goes beside the stream: on the subject
// parley.NAME.to.NODE, NODE being the number of a node in the state, to which that node listens
// once it has one. Package server says what is in a frame, and finds out what was lost or has
// come twice. Core NATS does not keep anything: what is on its way when a connection breaks is lost.
// What is sent by one goroutine on one connection comes to each who listens in that order, also
// through several servers; behind a new connection of either side it may come before what was sent
// over the old one.
//
//	waits to be sent            1,024 frames, 4 MiB    more is refused, and the sender is told
//	waits for the server        4,096 frames           more is dropped, which ends their relays
//	  that has heard it         (4 MiB in the client of NATS before that)
//	bytes of a frame            server.MaxNodeFrame
//
// What waits while there is no connection to NATS is sent when there is one.
//
// # Snapshots of the cluster
//
// A node keeps a snapshot in its data folder (package log, "Where a node begins"). The first node
// that lives puts one that others can begin with into an object store, parley-NAME-snapshots, with
// as many copies as the stream: each object is a tar of two files, the state at a position, and a
// copy of that node's database which was read later. So its rows are kept up to there, and what
// they have more is carried out without rows, as with any node that starts.
//
//	when      --cluster-snapshots (12 h) after the last, or behind 2^20 messages, or when the stream
//	          has 512 MiB and half of it is new. Times are those of the servers of NATS.
//	whole     an object is there when its last part is; one of which a part is missing is not used,
//	          nor one whose SHA-256 is another, whose database has faults, or whose state does not
//	          fit it. Each time that is logged. Parts that a process has left that was killed go when
//	          they have become no more from one snapshot to the next.
//	two       stay, of this stream. Those of another one that had the name stay, too: whoever has
//	          lost that stream needs them.
//	trimming  the front of the stream is purged up to the older of the two, and never beyond the
//	          mark of a node that lives. So the one before can be used where the newest turns out to
//	          be damaged, and a node that was away for less than that needs neither. The message at
//	          the snapshot stays, for comparing. What was removed is in the stream and in a snapshot
//	          until two more were made, a day where nobody says otherwise; servers of NATS delete
//	          files then, and do not overwrite them.
//	pace      16 MiB a second are sent, since the same servers write the log.
//
// What decides about all this, and about what is below, is in package snapshots, which knows neither
// NATS nor files. The simulator makes the same decisions, in nodes whose stream and object store are
// in memory: see TestRandomSnapshots (package sim).
//
// # What a node finds at its start
//
//	its own snapshot and mark are in the stream   it goes on from them
//	an empty folder, and there is a snapshot      it fetches the newest
//	the stream begins behind what it has          likewise, once the message at its mark, if the
//	                                              stream has that, is the one that was there
//	the stream has less, or is another            refused: what this node has is in its folder only
//	the stream begins later, and no snapshot      refused, with what to do
//
// Both files are put in place under the lock of the folder: the old snapshot goes, the database is
// replaced by renaming, the new snapshot comes. A folder without a snapshot is what a process leaves
// that is killed between; the next start fetches again. A running node that the stream was trimmed in
// front of ends, and fetches at its next start. What looks right is compared at the mark and at the
// snapshot as it is read (log.CheckStream).
//
// # Import and export
//
// A cluster that goes on from a single server begins with a snapshot at position 1, and its stream
// with message 2: it looks as if it had been trimmed, so its nodes begin as others do. The snapshot is
// there before the stream, which nobody can find without it: an import that ends before it was done
// has made the cluster or it has not, which the next import says. Message 2 changes nothing, and is
// there so that a node finds something behind the snapshot; where the import did not put it there,
// a node that opens the stream does. The snapshot has the name of the log; a copy of a database has
// none. Export takes the mark out of a node's database and gives that name back, which
// is in the node's snapshot. How far the node is, is compared with the stream: heartbeats leave no
// rows, but the snapshot that a node leaves behind its own farewell is as far as the stream is, if
// it has ended last.
//
// # The operator
//
// Each node answers at parley.NAME.status with a Report, and the one that is meant at
// parley.NAME.drain: JSON, to inboxes only, since else who asks could have a node put something
// into the log. Who asks waits for a second; a node that says nothing is known from what the
// others have in the log.
//
// # A message at which every node ends
//
// A command that panics ends every node, and each again that is started, since it reads the same
// message. Nothing may be deleted from the middle of the stream, and a command that says "skip it"
// would stand behind it, where nobody comes. So its position goes into the metadata of the stream
// (Operator.Skip), which each node reads when it opens the stream, before it reads a message. All
// nodes come to the same with it, because:
//
//   - It is refused while a node takes part, whose list is that of its start, or while one that
//     answers has carried the message out. Who stands before the message, reads, and has the older
//     list ends at the message, and has the newer one at its next start.
//   - One that does not end there, such as one of another version, comes to another sum than those
//     that skip it, and the fewer of them stop (log.ErrDiffers).
//   - A mark says which messages were skipped up to it: a data folder in which is what came of a
//     message that is skipped by now is refused (log.ErrStream).
//
// A turn that is skipped counts as taken, so a copy of it does nothing either. JetStream cannot
// compare before it changes metadata: of two operators at the same moment one may undo what the
// other has said, which is looked at afterwards, and at worst has the nodes end there once more.
//
// # Figures
//
// What a cluster costs beside one server, how long things take when something ends, and where all
// of it ends, is in limits.md.
//
// TestServersAreKilled: 8 s from the kill of the leader of three servers until all was acknowledged
// that three nodes had under way and 60 commands more, most of it the election (2 shared cores of
// an AMD EPYC, Linux, Go 1.26.8, 2026-11-26, nats-server 2.15.3).
package cluster

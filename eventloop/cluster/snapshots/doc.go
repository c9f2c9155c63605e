// Package snapshots decides about the snapshots that the nodes of a cluster share: when one is
// made and of what, which are whole and which of them go, how far the stream is trimmed, and what
// a node begins with. It knows neither NATS nor files: those are in package cluster and at the
// command line, and in memory in package sim, where the same decisions are made under thousands of
// seeds.
//
//	Keeper ── Make ──► Bundle ── Put ──► Bucket ── Store ──► an object
//	       ── Trim ──► the front of the stream
//	Begin  ◄── Get ─── Bucket, into the Folder of a node
//
// What is called here may take its time: it is for a goroutine beside the one that owns the log.
//
// # What was planted, and what found it
//
// Each was found by one of the first 25 seeds of TestRandomSnapshots (package sim), most of them by
// one of the first seven.
//
//	the stream is trimmed beyond a node that lives        it takes part, and needs what is gone
//	the stream is trimmed up to the newest snapshot       there is one only behind its front
//	one snapshot stays, and not two                       there is one only behind its front
//	a database is older than the snapshot beside it       what somebody has heard is not kept
//	a node reads on one message before its snapshot       two nodes differ at one position
//	a snapshot says that it is of one message more        the message there is another one
//	an object is named by one message more                a node finds no snapshot to begin with
//	one without a part counts as whole                    there is one only behind the front
//	an object is not read up to its end                   a node begins with a damaged one
//	the name of the log is not in a snapshot              two nodes differ at one position
//	a node fetches though its own folder is newer         it could have gone on
package snapshots

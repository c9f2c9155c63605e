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
package snapshots

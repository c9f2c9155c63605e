// Package store keeps accounts, blocks, login blocks, messages and waiting direct
// messages in SQLite: one file in a folder, or memory that ends with the process.
//
// # What is promised
//
// When a write's callback is called with nil, the write survives a kill and, if
// the disk keeps what it was told to (WAL with synchronous=FULL: one fsync a
// commit), a loss of power. Callbacks come in the order of the calls, once each.
// (TestKill, TestManyWriters)
//
// Writes that wait are committed together, up to BatchLimit of them; one that
// comes alone is not made to wait for others. If a commit fails, all writes of
// the batch are told why and none has left anything; the next batch is tried as
// if nothing had been, so that all is well again once there is room.
// (TestSmallDisk, TestDiskFullAndReadOnly) A write that is refused, such as an
// account with a name that is taken, concerns nobody else in its batch.
// (TestRefusalConcernsOneWrite)
//
// Before each commit it is looked whether the files that are open are those in the
// folder: when somebody has deleted, moved or replaced one, writes are refused with
// ErrMoved until it is back. (TestFilesThatAreNotInTheFolder)
//
// What a queue has no room for is refused at once with ErrBusy. Nothing blocks
// but Open, Close, Wait and the reads.
//
// # Who owns what
//
// One goroutine, the writer, has the only connection that writes, the memory of
// requests, and calls the callbacks. Reads have connections of their own, which
// see the last commit and are not held up by the writer; in memory there is one
// connection, and they take turns.
//
// A server locks parley.lock for as long as it runs, however it ends. An owner's
// command does not: SQLite lets both write in turn. What such a command changes
// is listed in the table changes, from which the server learns it, name by name,
// so that nothing else of what it has in memory and in its queue is disturbed.
//
// # The schema
//
// The steps that lead to it are in migrations, in order; user_version counts
// those that were applied, application_id says that the file is ours. All that
// are missing are applied in one transaction. A step that was released is never
// changed.
//
//   - Names are folded by this program (users.Fold) and stored so, beside their
//     spelling: a primary key is what makes an account unique.
//   - Times are nanoseconds since 1970 in UTC, so that what is read equals what
//     was written; 0 is the zero time. Texts are UTF-8.
//   - Numbers of messages and direct messages come from the caller, who needs them
//     before the commit. A number that is taken is an error.
//   - Requests are a log without an index. Theirs would be the only pages that are
//     changed in random places: with a UNIQUE index, BenchmarkAppend64Requests
//     made 11,000 to 14,000 messages a second instead of 20,000 to 29,000 beside
//     it, on a machine that did other things too.
//   - An account takes its blocks and what waits for it along, by foreign keys.
//
// A file that is damaged is reported when a damaged page is read, as ErrCorrupt;
// the whole file is not searched when it is opened.
//
// # Figures
//
// 200-byte texts, 2 cores of an AMD EPYC shared with other work, a virtual disk
// whose fsync took 0.41 to 0.45 ms, Go 1.26.8, modernc.org/sqlite v1.61.1,
// 2026-11-21, the range of the runs that others disturbed least, by
// go test -run '^$' -bench . -benchtime 2s ./users/store:
//
//	                                        file              memory
//	one message, p50                        0.32 to 0.35 ms   14 to 18 us
//	one message, p99                        0.7 to 1.5 ms     0.10 to 0.21 ms
//	64 writers that wait, messages/s        46,000 to 54,000  128,000 to 158,000
//	  a commit has                          31 messages       10 to 20
//	the same with request ids, messages/s   26,000 to 34,000  31,000 to 65,000
//	a queue never empty, with request ids   59,000 to 99,000  65,000 to 129,000
//	a page of 50 of 100,000 messages        0.14 to 0.18 ms   0.13 to 0.16 ms
//	Changes when there are none             57 to 68 us       46 to 64 us
//
// One message takes as long as the fsync. With slower disks commits get larger.
package store

// Package store keeps what package state says is to be kept in SQLite: one file in a
// folder, or memory that ends with the process.
//
// # What is promised
//
// Commit keeps all of the rows that it is given, or nothing. When it returns nil, they
// survive a kill and, with SyncAlways and a disk that keeps what it was told to (WAL with
// synchronous=FULL: one fsync a commit), a loss of power. (TestKill, TestSmallDisk,
// TestDiskFullAndReadOnly)
//
// Nothing in the schema refuses a row: what is decided is decided by package state. An
// error is the disk's, and goes away with its cause, or it names the row and is a bug.
// (TestErrorThatIsNotTheDisks)
//
// Before each commit it is looked whether the files that are open are those in the
// folder: when somebody has deleted, moved or replaced one, commits fail with ErrMoved
// until it is back. (TestFilesThatAreNotInTheFolder)
//
// # The name of the log
//
// Clients go on from the last number that they know, in the log of that name. So the log
// gets another name where numbers may be given a second time (TestLogName):
//
//   - after an end with SyncNone that was not a clean one, which a row of facts says that
//     only Close removes; also where nothing was lost, as after a kill;
//   - when the database was put back from a backup: parley.mark beside it says which file
//     it was (number and time of birth) and the newest number that was committed.
//
// A mark does not find out about a backup whose files were all copied into those that are
// there, the mark too, so that no file is a new one; nor, where the time of birth is not
// known (Unix but Linux) or handed on (Windows, for seconds), about a whole folder whose
// database was given the number of the old one. After a loss of power the mark may lack
// the newest numbers: then an older state of the very same file may pass. A folder that
// is moved to another file system gets another name without need.
//
// # Who owns what
//
// One connection writes, one commit at a time. Reads have connections of their own, which
// see the last commit and are not held up by one; in memory there is one connection, and
// they take turns. A process locks parley.lock for as long as it has the folder, however
// it ends.
//
// # The schema
//
// The steps that lead to it are in migrations, in order; user_version counts those that
// were applied, application_id says that the file is ours. All that are missing are
// applied in one transaction. A step that was released is never changed.
//
//   - Each table has a file of its own: how its rows are put, and how they are loaded.
//   - Names are folded by this program (users.Fold) and stored so, beside their spelling;
//     names of rooms stand as they were created, and are compared without case.
//   - Times are nanoseconds since 1970 in UTC, so that what is read equals what was
//     written; 0 is the zero time. Texts are UTF-8.
//   - Requests are a log without an index by person: see requests.go.
//
// # Rooms that end
//
// With a room that ends go its messages, of which there may be many: a commit deletes 500
// at most, the others go with later ones, of this process or the next one. Until then a
// row of ended_rooms says up to which number they are nobody's: no read returns them, also
// not to who is in another room of that name. (TestARoomThatEnds)
//
// A file that is damaged is reported when a damaged page is read, as ErrCorrupt; the whole
// file is not searched when it is opened.
//
// # Figures
//
// 200-byte texts, each message with its request, 2 cores of an AMD EPYC shared with a load
// of 10, Go 1.26.8, modernc.org/sqlite v1.60.0, 2026-11-26, by
// go test -run '^$' -bench . ./users/store:
//
//	                                            always            none               memory
//	one message, messages/s                     1,300 to 1,900    2,100 to 6,500     16,000 to 34,000
//	64 messages, messages/s                     33,000 to 40,000  53,000 to 72,000   70,000 to 92,000
//	1,024 messages, messages/s                  40,000 to 82,000  48,000 to 103,000  61,000 to 116,000
//	a page of 50 of 100,000 messages            0.17 ms
//	a person forgotten beside 100,000 requests  11 ms
//	start with a million messages, 200,000      0.28 s
//	direct messages and 100,000 requests
//
// The same with 10,000 rooms of 10 members, who all have a read cursor there, took 0.3 s of
// CPU more. A page of 16 KB (81 messages) out of a million took 1.1 to 1.4 ms of CPU in
// the lobby, 1.8 to 2.7 ms in 100 rooms, 2.6 to 3.8 ms in both, while others used the cores.
//
// 64 messages took 0.7 ms of CPU and one fsync of 0.5 ms. Sixteen rows in one statement
// were tried: they took 4 % less.
package store

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
//     it was (number and time of birth) and the newest number that was committed. An older
//     state of the same file that is no backup is refused (ErrLost).
//
// A mark does not find out about a backup whose files were all copied into those that are
// there, the mark too, so that no file is a new one; nor, where the time of birth is not
// known (Unix but Linux) or handed on (Windows, for seconds), about a whole folder whose
// database was given the number of the old one. After a loss of power the mark may lack
// the newest numbers: then an older state of the very same file may pass. A folder that
// is moved to another file system gets another name without need.
//
// parley.state is the newest snapshot of a node that shares a log (package log). It is written
// beside, waits for the disk, and is renamed. A backup has none, and where a database is put back
// the one of the folder is taken away first. One that is left beside another database, by who
// copies files, fits it only if that has all rows that the node needs which begins with it
// (log.Snapshot.Fits).
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
// # The audit log
//
// The table acts has what was done to keep order. Rows are added to it and never deleted, nor
// is anything of them changed but the names of who wants to be forgotten: triggers refuse it,
// also to who has the file open with another program and does not mean to.
// (TestNobodyEditsTheAuditLog)
//
// # What is gone
//
// With a room that ends go its messages, with retention the older ones of a room or the
// direct messages that were seen, and with who is forgotten what they have said, if they
// wish: there may be many. A commit only notes that (the tables gone and forgotten), and no
// read returns them from then on. Sweep deletes them in steps of 64 at most, each in a
// transaction of its own with pauses between them, in this process or the next one.
// (TestARoomThatEnds, TestWhatIsPrunedIsGone, TestWhoIsForgottenHasSaidNothing)
//
// Empty pages are given back in small steps, too (auto_vacuum=incremental), but for an
// eighth of the file: what is said next needs some. A file that was made before is made anew
// as it is opened if at most 32 MB of it are in use, which takes half a second. A larger one
// uses its empty pages again and does not become smaller. (TestTheFileShrinks)
//
// # What is removed
//
// Messages are changed where they are; one that was changed is found by the number of that
// in an index of its own, which others are not in. With a message go its reactions and what
// it said before it was edited: by triggers, wherever messages are deleted.
//
// A text that was removed is in no file any more within a second, and was overwritten by the
// commit in the file itself: its row (PRAGMA secure_delete), and then copies in the free parts
// of pages, which SQLite leaves when rows move (wipe.go); the write-ahead log, in which older
// pages are, is emptied a moment later (scrub.go), or by the next process after a crash. Of
// who reads just then it is waited for. (TestWhatIsRemovedIsGoneFromTheFiles,
// TestWhatIsRemovedIsGoneAfterAKill) Only a crash within the microseconds in which the log is
// begun anew may leave such a copy, of a text that need not have been removed at that time.
// What a file system or a disk keeps of blocks that were written before is not in reach.
//
// Such a commit takes about a millisecond more than one of messages.
//
// A file that is damaged is reported when a damaged page is read, as ErrCorrupt; the whole
// file is not searched when it is opened. A write-ahead log is read up to its first damage: that
// something is missing behind it is known from the mark, and the folder is not opened (ErrLost),
// unless the disk was not waited for (SyncNone). (TestWhatWasLostIsNoticed)
//
// # Backups
//
// Backup writes what is there at one moment to a file that is complete, or not there, while
// a server goes on in the folder: it reads through SQLite from a process of its own (VACUUM
// INTO), so that the file has nothing of what was removed, and no free pages. Restore puts
// such a file into a folder of which nobody has the lock, and Check looks for faults: in the
// file, and in what rows promise each other (rules.go). SQLite has no checksums: that a letter
// of a text is another one in a page that is whole is not found. The name of the log is not in
// a backup, so that it gets another one wherever it is put. (TestBackupWhileAServerCommits,
// TestWhatIsRemovedIsNotInABackup, TestTheLogOfABackupHasAnotherName)
//
// # Search
//
// An FTS5 index has the words of messages and direct messages, with a word for where each
// was said and one for who has said it, so that a search in one room looks at that room's
// alone. Who may see something in many places is first searched for anywhere: mostly that is
// a page, and if it is not, the index is asked for the places (search.go).
//
// The index is behind what is committed: it is made in steps of 128 messages, which take at
// most a twentieth of the time while commits go on, and a search first has those made that
// are missing: none, if nothing with words was committed since. Those who search make them one
// after the other, so that a commit waits for one step at most, however many search. After an
// upgrade the same steps go back from the newest of what was there before; until they are at
// the first one a search says that not all can be found yet. What is edited, removed, renamed or deleted changes in
// the index by triggers, in the same commit. Of a text that was edited or removed nothing is
// left there; of what goes in large numbers something is until it is merged: the first takes
// 1.2 ms for a message, the second 5 us. (TestSearchFindsWhatIsThere, TestIndexAfterUpgrade,
// TestWhatIsRemovedIsGoneFromTheFiles)
//
// Reads can be ended at their deadline, but not while FTS5 collects what begins with some
// letters. So searches have connections of their own, which never take more than half of the
// processors.
//
// # Figures
//
// 200-byte texts, each message with its request, 2 cores of an AMD EPYC with nothing else to
// do, Go 1.26.8, modernc.org/sqlite v1.60.0, 2026-11-26, by
// go test -run '^$' -bench . ./users/store:
//
//	                            always    none      memory
//	one message, messages/s      2,200     8,800    37,000
//	64 messages, messages/s     55,000    67,000    95,000
//	1,024 messages, messages/s  94,000    89,000    89,000
//
// The same day, while ten others wanted the cores: a page of 50 of 100,000 messages took 0.17
// ms, a person forgotten beside 100,000 requests 11 ms; 10,000 rooms of 10 members, who all
// have a read cursor there, took 0.3 s of CPU more at a start. A page of 16 KB (81 messages)
// out of a million took 1.1 to 1.4 ms of CPU in the lobby, 1.8 to 2.7 ms in 100 rooms, 2.6 to
// 3.8 ms in both.
//
// Messages of 65 bytes in 100 rooms whose words and rooms are as unequal as people's, a page
// of 50 hits each, beside 1,000 messages/s that are kept in commits of ten and indexed (they
// took 0.9 ms, at p99 6 to 11), in ms; PARLEY_LARGE=N go test -v -run TestLarge ./users/store,
// the same machine and day, with nothing else to do:
//
//	                                    a million    ten million
//	                                    p50   p99    p50   p99
//	64 messages of one room             0.6   1.6    0.7   2.3
//	16 KB out of 100 rooms, 256         5.1    10    5.7    11
//	frequent word, one room             3.5    10    3.1    25
//	frequent word, all                  1.6     6    1.4    10
//	rare word, one room                 1.5     4    4.1    18
//	rare word, all                      1.4     5    2.4    13
//	rare prefix, one room               1.5     8    4.0    17
//	rare prefix, all                    1.5     4    2.1    12
//	frequent prefix, one room            11    83     53   650
//	frequent prefix, all                 10    83     39   660
//	two words of one message, one room    8    30     35   190
//	two words of one message, all         5    18      8    49
//
// A start took 0.7 s with a million, most of it for the tail, and 2.8 s with ten million.
//
// The longest are of what is frequent by itself and rare together, such as two words that
// are said all the time, and behind each other in a quiet room hardly ever: it takes
// as long as there are messages with both.
//
// A message took 119 bytes of the file with what leads to it, and 51 more in the index,
// which takes 21 us for it and 15 to merge that. With an index of prefixes of two and three
// letters it would be 118 in place of 49, and a removal 3.8 ms in place of 1.2.
//
// Half of a million messages were deleted in 110 to 125 s (TestRetentionAmongMany) while 500
// commits a second of two messages went on: they took 0.5 ms and at p99 10 ms, in place of 4
// to 5, and the longest one 70 ms; in one of three runs one of 46,000 took 1.2 s.
//
// 64 messages took 0.7 ms of CPU and one fsync of 0.5 ms. Sixteen rows in one statement
// were tried: they took 4 % less.
package store

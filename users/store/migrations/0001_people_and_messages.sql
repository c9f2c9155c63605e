-- Names are compared folded: columns called name, blocker, blocked, receiver and
-- sender (of requests) hold folded names. A column called shown holds a name as
-- it was spelled. Times are nanoseconds since 1970 in UTC; 0 stands for none.

CREATE TABLE facts (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE accounts (
	name       TEXT PRIMARY KEY,
	shown      TEXT NOT NULL,
	hash       TEXT NOT NULL,
	registered INTEGER NOT NULL,
	last_seen  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whom an account does not want to hear. The blocked one need not be an account.
CREATE TABLE blocks (
	blocker TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
	blocked TEXT NOT NULL,
	shown   TEXT NOT NULL,
	PRIMARY KEY (blocker, blocked)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_by_blocked ON blocks (blocked);

-- Wrong passwords, by folded name or by address; names without account too.
CREATE TABLE login_blocks (
	key           TEXT PRIMARY KEY,
	failures      INTEGER NOT NULL,
	level         INTEGER NOT NULL,
	blocked_until INTEGER NOT NULL,
	first         INTEGER NOT NULL,
	last          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
	id     INTEGER PRIMARY KEY,
	time   INTEGER NOT NULL,
	sender TEXT NOT NULL,
	text   TEXT NOT NULL
) STRICT;

-- AUTOINCREMENT remembers the highest id after its row is gone.
CREATE TABLE directs (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	time     INTEGER NOT NULL,
	sender   TEXT NOT NULL,
	receiver TEXT NOT NULL REFERENCES accounts (name) ON DELETE CASCADE,
	shown    TEXT NOT NULL,
	text     TEXT NOT NULL
) STRICT;
CREATE INDEX directs_by_receiver ON directs (receiver, id);

-- Which request of whom became which message, for as long as a retry may come.
-- Rows come at the new end and go at the old one. There is no index by sender and
-- request: that they are unique is seen to in memory.
CREATE TABLE requests (
	number  INTEGER PRIMARY KEY,
	sender  TEXT NOT NULL,
	request TEXT NOT NULL,
	id      INTEGER NOT NULL,
	time    INTEGER NOT NULL
) STRICT;

-- What somebody beside the server changed: folded names and keys of login_blocks.
CREATE TABLE changes (
	number INTEGER PRIMARY KEY,
	key    TEXT NOT NULL
) STRICT;

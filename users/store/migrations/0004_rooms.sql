-- Names of rooms are ASCII. Here they stand as they were created and are compared without
-- case, so that a room is found however it is spelled; in messages and ended_rooms they
-- are compared as they are: a room whose name is spelled in another way is another one.

CREATE TABLE rooms (
	name       TEXT PRIMARY KEY COLLATE NOCASE,
	number     INTEGER NOT NULL, -- the last one when it was created: what is up to it is not of this room
	owner      TEXT NOT NULL,    -- a person; '': nobody
	owner_name TEXT NOT NULL,    -- as it was spelled then
	private    INTEGER NOT NULL,
	key_hash   TEXT NOT NULL,
	topic      TEXT NOT NULL,
	topic_name TEXT NOT NULL     -- of who has set it
) STRICT, WITHOUT ROWID;

CREATE TABLE members (
	room   TEXT NOT NULL COLLATE NOCASE,
	person TEXT NOT NULL,
	since  INTEGER NOT NULL, -- the last number when they joined
	PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE room_invitations (
	room      TEXT NOT NULL COLLATE NOCASE,
	person    TEXT NOT NULL,
	from_name TEXT NOT NULL,
	PRIMARY KEY (room, person)
) STRICT, WITHOUT ROWID;

-- Up to which number an account has read a room, or, where room is '', the direct messages
-- with a person.
CREATE TABLE read_cursors (
	person      TEXT NOT NULL,
	room        TEXT NOT NULL COLLATE NOCASE,
	with_person TEXT NOT NULL,
	number      INTEGER NOT NULL,
	PRIMARY KEY (person, room, with_person)
) STRICT, WITHOUT ROWID;

-- Rooms that have ended and whose messages up to a number are still to be deleted: nobody
-- reads them any more.
CREATE TABLE ended_rooms (
	room  TEXT PRIMARY KEY,
	up_to INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

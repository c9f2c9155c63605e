-- Columns called ..._person hold persons and ..._name names as they were spelled, here those
-- of who has done something; name and person are of whom it was done to.

ALTER TABLE accounts ADD COLUMN role TEXT NOT NULL DEFAULT ''; -- of the server; '': none
ALTER TABLE members ADD COLUMN role TEXT NOT NULL DEFAULT '';  -- in the room; '': none
ALTER TABLE rooms ADD COLUMN slow INTEGER NOT NULL DEFAULT 0;  -- seconds between two messages of a person

CREATE TABLE sanctions (
	room    TEXT NOT NULL COLLATE NOCASE, -- '': the whole server
	kind    TEXT NOT NULL,
	target  TEXT NOT NULL,    -- a folded name, or a prefix of addresses
	is_addr INTEGER NOT NULL, -- it is the latter
	name    TEXT NOT NULL,
	person  TEXT NOT NULL,
	by_name TEXT NOT NULL,
	why     TEXT NOT NULL,
	since   INTEGER NOT NULL,
	until   INTEGER NOT NULL, -- 0: for ever
	PRIMARY KEY (room, kind, target)
) STRICT, WITHOUT ROWID;

-- What is set for the whole server: one row, or none.
CREATE TABLE settings (
	id       INTEGER PRIMARY KEY,
	lockdown INTEGER NOT NULL,
	by_name  TEXT NOT NULL,
	why      TEXT NOT NULL,
	slow     INTEGER NOT NULL
) STRICT;

-- The audit log. Nothing of it is ever deleted, nor changed but the names of who wants to be
-- forgotten.
CREATE TABLE acts (
	id        INTEGER PRIMARY KEY,
	time      INTEGER NOT NULL,
	act       TEXT NOT NULL,
	by_name   TEXT NOT NULL COLLATE NOCASE, -- '': the server's owner at its command line
	by_person TEXT NOT NULL,
	name      TEXT NOT NULL COLLATE NOCASE,
	person    TEXT NOT NULL,
	address   TEXT NOT NULL,
	room      TEXT NOT NULL,
	message   INTEGER NOT NULL,
	why       TEXT NOT NULL,
	what      TEXT NOT NULL, -- was set
	until     INTEGER NOT NULL
) STRICT;
CREATE INDEX acts_by_room ON acts (room, id);
CREATE INDEX acts_by_name ON acts (name, id);
CREATE INDEX acts_by_who ON acts (by_name, id);
CREATE INDEX acts_that_report ON acts (id) WHERE act = 'report';
CREATE TRIGGER acts_are_not_deleted BEFORE DELETE ON acts
	BEGIN SELECT raise(ABORT, 'nothing is deleted from the audit log'); END;
CREATE TRIGGER acts_are_not_changed BEFORE UPDATE OF id, time, act, address, room, message, why, what, until ON acts
	BEGIN SELECT raise(ABORT, 'nothing is changed in the audit log'); END;

-- Who has said a message, as an account's folded name or as a guest; '': is not known. The
-- number of what it answers; 0: nothing.
ALTER TABLE messages ADD COLUMN person TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN re INTEGER NOT NULL DEFAULT 0;
-- When its text was changed last; 0: it was not. Who has removed it, and why; NULL: it was
-- not removed. What has changed has the number of its last change in changed, which is
-- greater than id then; else that says nothing.
ALTER TABLE messages ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN removed_by TEXT;
ALTER TABLE messages ADD COLUMN removed_why TEXT;

-- An index has the id behind its own columns: so this one is in the order of the numbers.
DROP INDEX messages_by_change;
CREATE INDEX messages_by_room ON messages (room);
CREATE INDEX messages_by_change ON messages (room, changed) WHERE changed > id;

ALTER TABLE directs ADD COLUMN re INTEGER NOT NULL DEFAULT 0;
ALTER TABLE directs ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE directs ADD COLUMN edited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE directs ADD COLUMN removed_by TEXT;
ALTER TABLE directs ADD COLUMN removed_why TEXT;
CREATE INDEX directs_by_receiver_and_change ON directs (to_person, changed) WHERE changed > id;
CREATE INDEX directs_by_sender_and_change ON directs (from_person, changed) WHERE changed > id;

-- The newest changes: which message was changed by which.
CREATE TABLE changes (
	number  INTEGER PRIMARY KEY,
	message INTEGER NOT NULL
) STRICT;

-- Reactions to messages and direct messages, by the number of the change.
CREATE TABLE reactions (
	message INTEGER NOT NULL,
	number  INTEGER NOT NULL,
	word    TEXT NOT NULL,
	person  TEXT NOT NULL,
	name    TEXT NOT NULL,
	PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

-- What messages in rooms said since a time, until they were edited by the change of that
-- number.
CREATE TABLE old_texts (
	message INTEGER NOT NULL,
	number  INTEGER NOT NULL,
	since   INTEGER NOT NULL,
	text    TEXT NOT NULL,
	PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;

-- With a message go its reactions and what it said before.
CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
	DELETE FROM reactions WHERE message = old.id;
	DELETE FROM old_texts WHERE message = old.id;
END;
CREATE TRIGGER directs_deleted AFTER DELETE ON directs BEGIN
	DELETE FROM reactions WHERE message = old.id;
END;

-- What was said under the name of an account up to a number was said by somebody else. The
-- guest who has registered it; '': none.
ALTER TABLE accounts ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN guest TEXT NOT NULL DEFAULT '';

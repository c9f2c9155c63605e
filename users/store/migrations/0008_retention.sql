-- Up to which number what was said in a room is nobody's any more. Of a room that has ended
-- the row goes when it is deleted; where there is retention it stays. Where room is '' it is
-- about direct messages: those that were not seen yet stay until they are.

CREATE TABLE gone (
	room   TEXT PRIMARY KEY,
	up_to  INTEGER NOT NULL,
	pruned INTEGER NOT NULL, -- 1: the row stays
	swept  INTEGER NOT NULL  -- up to this number it was deleted
) STRICT, WITHOUT ROWID;
INSERT INTO gone (room, up_to, pruned, swept) SELECT room, up_to, 0, 0 FROM ended_rooms;
DROP TABLE ended_rooms;
CREATE INDEX gone_and_there ON gone (room) WHERE swept < up_to;

ALTER TABLE rooms ADD COLUMN keep_days INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rooms ADD COLUMN keep_messages INTEGER NOT NULL DEFAULT 0;

-- Accounts of which all is gone, and still to be deleted, that they have said in rooms: by the
-- account up_to a number, or by the guest that it was before up to the number after; of what
-- nobody is known of, what was said under the name since a time.
CREATE TABLE forgotten (
	account TEXT NOT NULL,
	after   INTEGER NOT NULL,
	guest   TEXT NOT NULL,
	since   INTEGER NOT NULL,
	up_to   INTEGER NOT NULL,
	swept   INTEGER NOT NULL, -- up to this number it was deleted
	PRIMARY KEY (account, up_to)
) STRICT, WITHOUT ROWID;

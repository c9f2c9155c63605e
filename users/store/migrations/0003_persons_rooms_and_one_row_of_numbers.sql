-- From here on there is one sequence of numbers, for messages and direct messages;
-- rows are put in place of others and nothing refuses them: no foreign keys.
--
-- A person is an account's folded name, or of a guest "~" and the id of a token. In
-- directs, columns called ..._person hold persons and ..._name names as they were spelled.

-- Clients may have seen numbers of messages that were lost: the program before this one
-- told them before they were kept, and went on 65,536 behind the last that was.
INSERT INTO facts (name, value)
	SELECT 'last', CASE given WHEN 0 THEN 0 ELSE given + 65536 END
	FROM (SELECT max(
		(SELECT coalesce(max(id), 0) FROM messages),
		(SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'directs'),
		(SELECT coalesce(max(id), 0) FROM requests)) AS given);

INSERT INTO facts (name, value)
	SELECT 'time', max(
		(SELECT coalesce(max(time), 0) FROM messages),
		(SELECT coalesce(max(time), 0) FROM directs),
		(SELECT coalesce(max(time), 0) FROM requests));

ALTER TABLE messages ADD COLUMN room TEXT NOT NULL DEFAULT 'lobby';
-- The number of the last change, which is the message's own if there was none.
ALTER TABLE messages ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET changed = id;
CREATE INDEX messages_by_change ON messages (room, changed);

-- Nobody has seen the numbers of direct messages: these come behind all others. Those of
-- guests get persons that nobody can be, because the id of no token begins with "~".
CREATE TABLE new_directs (
	id          INTEGER PRIMARY KEY,
	time        INTEGER NOT NULL,
	from_person TEXT NOT NULL,
	from_name   TEXT NOT NULL,
	to_person   TEXT NOT NULL,
	to_name     TEXT NOT NULL,
	text        TEXT NOT NULL
) STRICT;
INSERT INTO new_directs (id, time, from_person, from_name, to_person, to_name, text)
	SELECT (SELECT value FROM facts WHERE name = 'last') + row_number() OVER (ORDER BY id), time,
		CASE WHEN lower(sender) IN (SELECT name FROM accounts) THEN lower(sender) ELSE '~~' || lower(sender) END,
		sender, receiver, shown, text
	FROM directs;
DROP TABLE directs;
ALTER TABLE new_directs RENAME TO directs;
CREATE INDEX directs_by_receiver ON directs (to_person, id);
CREATE INDEX directs_by_sender ON directs (from_person, id);
UPDATE facts SET value = value + (SELECT count(*) FROM directs) WHERE name = 'last';

-- Up to which number a person has seen the direct messages to them.
CREATE TABLE cursors (
	person TEXT PRIMARY KEY,
	number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Guests who come back now are other persons: their requests are nobody's.
CREATE TABLE new_requests (
	serial  INTEGER PRIMARY KEY,
	person  TEXT NOT NULL,
	request TEXT NOT NULL,
	digest  INTEGER NOT NULL,
	number  INTEGER NOT NULL,
	time    INTEGER NOT NULL
) STRICT;
INSERT INTO new_requests (serial, person, request, digest, number, time)
	SELECT number, sender, request, digest, id, time FROM requests
	WHERE sender IN (SELECT name FROM accounts);
DROP TABLE requests;
ALTER TABLE new_requests RENAME TO requests;

CREATE TABLE new_blocks (
	blocker TEXT NOT NULL,
	blocked TEXT NOT NULL,
	shown   TEXT NOT NULL,
	PRIMARY KEY (blocker, blocked)
) STRICT, WITHOUT ROWID;
INSERT INTO new_blocks SELECT blocker, blocked, shown FROM blocks;
DROP TABLE blocks;
ALTER TABLE new_blocks RENAME TO blocks;

DROP TABLE changes;

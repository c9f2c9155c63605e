-- An account may be forgotten, made again and forgotten again before anything is said: then two
-- of them have the same number, and of both all is to go.
CREATE TABLE forgotten_anew (
	account TEXT NOT NULL,
	after   INTEGER NOT NULL,
	guest   TEXT NOT NULL,
	since   INTEGER NOT NULL,
	up_to   INTEGER NOT NULL,
	swept   INTEGER NOT NULL, -- up to this number it was deleted
	PRIMARY KEY (account, up_to, after, guest)
) STRICT, WITHOUT ROWID;
INSERT INTO forgotten_anew SELECT account, after, guest, since, up_to, swept FROM forgotten;
DROP TABLE forgotten;
ALTER TABLE forgotten_anew RENAME TO forgotten;

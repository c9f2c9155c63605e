-- Hooks: whoever has a token says things in one room, under the name of an account that
-- nobody can log in with.

CREATE TABLE hooks (
	name  TEXT PRIMARY KEY, -- folded
	shown TEXT NOT NULL,
	room  TEXT NOT NULL,    -- as it is spelled, also the lobby
	token TEXT NOT NULL,    -- what is kept of it
	made  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

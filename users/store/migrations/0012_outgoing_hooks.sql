-- Outgoing hooks: what is said in the room behind a number is sent to a URL, and signed with
-- a secret. The number is the hook's own. '' is the URL of incoming ones.
ALTER TABLE hooks ADD COLUMN url TEXT NOT NULL DEFAULT '';
ALTER TABLE hooks ADD COLUMN secret TEXT NOT NULL DEFAULT '';
ALTER TABLE hooks ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hooks ADD COLUMN stopped INTEGER NOT NULL DEFAULT 0; -- 1: nothing is sent any more

-- Up to this number the receiver has acknowledged all, as far as that is known: some that it
-- has acknowledged in the second before a crash is sent again.
ALTER TABLE hooks ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;

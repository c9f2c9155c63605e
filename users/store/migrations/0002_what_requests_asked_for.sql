-- What a request asked for, as a digest: another one under its id is no retry. 0: it
-- is not known, because the request is older than this column.
ALTER TABLE requests ADD COLUMN digest INTEGER NOT NULL DEFAULT 0;

-- From where somebody has logged in to an account, not as an address: see users.KnownAddrs.
ALTER TABLE accounts ADD COLUMN known TEXT NOT NULL DEFAULT '';

-- An address goes from the audit log when no ban is about it any more.
DROP TRIGGER acts_are_not_changed;
CREATE TRIGGER acts_are_not_changed BEFORE UPDATE OF id, time, act, room, message, why, what, until ON acts
	BEGIN SELECT raise(ABORT, 'nothing is changed in the audit log'); END;
CREATE TRIGGER addresses_of_acts_only_go BEFORE UPDATE OF address ON acts WHEN new.address <> ''
	BEGIN SELECT raise(ABORT, 'nothing is changed in the audit log'); END;
CREATE INDEX acts_by_address ON acts (address) WHERE address <> '';
UPDATE acts SET address = '' WHERE address <> '' AND address NOT IN (SELECT target FROM sanctions WHERE is_addr);

-- A pseudonym stands where somebody has put a reaction, or removed what another has said, who
-- is forgotten.
CREATE INDEX reactions_by_person ON reactions (person, number);
CREATE INDEX messages_by_remover ON messages (removed_by COLLATE NOCASE) WHERE removed_by IS NOT NULL;

package store

// A statement is one that the writer has prepared.
type statement int

const (
	insertMessage statement = iota
	insertDirect
	deleteDirects
	insertRequest
	pruneRequests
	insertAccount
	selectExists
	updateHash
	updateLastSeen
	deleteAccount
	insertBlock
	deleteBlock
	deleteBlocksOf
	insertLoginBlock
	deleteLoginBlock
	insertChange
	statementCount
)

func statementTexts() [statementCount]string {
	return [...]string{
		insertMessage: `INSERT INTO messages (id, time, sender, text) VALUES (?, ?, ?, ?)`,

		insertDirect: `INSERT INTO directs (id, time, sender, receiver, shown, text)
			VALUES (?, ?, ?, ?, ?, ?)`,
		deleteDirects: `DELETE FROM directs WHERE receiver = ? AND id <= ?`,

		insertRequest: `INSERT INTO requests (sender, request, digest, id, time) VALUES (?, ?, ?, ?, ?)`,
		pruneRequests: `DELETE FROM requests WHERE number IN (
			SELECT number FROM (SELECT number, time FROM requests ORDER BY number LIMIT ?3)
			WHERE time < ?1 OR number <= (SELECT max(number) FROM requests) - ?2)
			RETURNING sender, request`,

		insertAccount: `INSERT INTO accounts (name, shown, hash, registered, last_seen)
			VALUES (?, ?, ?, ?, ?)`,
		selectExists:   `SELECT 1 FROM accounts WHERE name = ?`,
		updateHash:     `UPDATE accounts SET hash = ?3 WHERE name = ?1 AND ?2 IN ('', hash)`,
		updateLastSeen: `UPDATE accounts SET last_seen = max(last_seen, ?2) WHERE name = ?1`,
		deleteAccount:  `DELETE FROM accounts WHERE name = ?`,

		insertBlock: `INSERT INTO blocks (blocker, blocked, shown) VALUES (?, ?, ?)
			ON CONFLICT DO NOTHING`,
		deleteBlock:    `DELETE FROM blocks WHERE blocker = ? AND blocked = ?`,
		deleteBlocksOf: `DELETE FROM blocks WHERE blocked = ?`,

		insertLoginBlock: `INSERT OR REPLACE INTO login_blocks
			(key, failures, level, blocked_until, first, last) VALUES (?, ?, ?, ?, ?, ?)`,
		deleteLoginBlock: `DELETE FROM login_blocks WHERE key = ?`,

		insertChange: `INSERT INTO changes (key) VALUES (?)`,
	}
}

const (
	pageText = `SELECT id, time, sender, text FROM messages WHERE id < ? ORDER BY id DESC LIMIT ?`

	accountColumns    = `SELECT shown, hash, registered, last_seen FROM accounts`
	loginBlockColumns = `SELECT key, failures, level, blocked_until, first, last FROM login_blocks`
	requestColumns    = `SELECT sender, request, digest, id, time FROM requests ORDER BY number`
	directColumns     = `SELECT id, time, sender, shown, text FROM directs`
)

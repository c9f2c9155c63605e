package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// A rule is what rows promise each other, and the schema does not look to: package state does.
type rule struct {
	broken string // said of the rows that break it
	query  string // finds them, as texts; ?1 is the number that was given last
}

// noRoom is true of a room that there is not.
const noRoom = `room NOT IN (SELECT name FROM rooms)`

// nobody is true of a person in a column who is neither an account nor a guest.
func nobody(column string) string {
	return column + ` NOT LIKE '~%' AND ` + column + ` NOT IN (SELECT name FROM accounts)`
}

// rules are those of the newest schema.
var rules = []rule{
	{"messages have numbers behind the last one that was given, which would be given again", `SELECT id FROM messages WHERE id > ?1 OR id < 1`},
	{"direct messages have numbers behind the last one that was given, which would be given again", `SELECT id FROM directs WHERE id > ?1 OR id < 1`},
	{"messages have the same number as a direct message", `SELECT m.id FROM directs d CROSS JOIN messages m ON m.id = d.id`},
	{"messages were changed under a number that was not given yet", `SELECT id FROM messages WHERE changed > ?1`},
	{"direct messages were changed under a number that was not given yet", `SELECT id FROM directs WHERE changed > ?1`},
	{"changes have a number that was not given yet", `SELECT number FROM changes WHERE number > ?1`},
	{"requests have created what has a number that was not given yet", `SELECT number FROM requests WHERE number > ?1`},
	{"accounts were registered under a number that was not given yet", `SELECT shown FROM accounts WHERE number > ?1`},
	{"accounts are kept under a name that is not theirs", `SELECT shown FROM accounts WHERE name <> lower(shown)`},
	{"direct messages are for people of whom there is no account", `SELECT id FROM directs WHERE ` + nobody("to_person")},
	{"people of whom there is no account have seen direct messages", `SELECT person FROM cursors WHERE ` + nobody("person")},
	{"people have seen direct messages that were not sent yet", `SELECT person FROM cursors WHERE number > ?1`},
	{"people of whom there is no account have read something", `SELECT DISTINCT person FROM read_cursors WHERE ` + nobody("person")},
	{"people block others and have no account", `SELECT DISTINCT blocker FROM blocks WHERE blocker NOT IN (SELECT name FROM accounts)`},
	{"rooms are of owners of whom there is no account", `SELECT name FROM rooms WHERE owner <> '' AND ` + nobody("owner")},
	{"rooms were made under a number that was not given yet", `SELECT name FROM rooms WHERE number > ?1`},
	{"people are in rooms that there are not", `SELECT person || ' in ' || room FROM members WHERE ` + noRoom},
	{"people are in rooms of whom there is no account", `SELECT person || ' in ' || room FROM members WHERE ` + nobody("person")},
	{"people are invited to rooms that there are not", `SELECT person || ' to ' || room FROM room_invitations WHERE ` + noRoom},
	{"people are banned or muted in rooms that there are not", `SELECT name || ' in ' || room FROM sanctions WHERE room NOT IN ('', 'lobby') AND ` + noRoom},
	{"hooks have a name that is no account's", `SELECT shown FROM hooks WHERE name NOT IN (SELECT name FROM accounts)`},
	{"hooks have, or have sent, numbers that were not given yet", `SELECT shown FROM hooks WHERE number > ?1 OR sent > ?1`},
	{"reactions are to messages that there are not", `SELECT message FROM reactions
		WHERE message NOT IN (SELECT id FROM messages) AND message NOT IN (SELECT id FROM directs)`},
	{"older texts are of messages that there are not", `SELECT message FROM old_texts WHERE message NOT IN (SELECT id FROM messages)`},
	{"words are indexed of messages that there are not yet", `SELECT up_to FROM words_range WHERE up_to > ?1`},
	{"the index of words ends before it begins", `SELECT behind FROM words_range WHERE behind > up_to`},
	{"it is not known which words are indexed", `SELECT count(*) FROM words_range HAVING count(*) <> 1`},
}

// check returns what is wrong, in a sentence; "" if nothing is.
func (r rule) check(ctx context.Context, tx *sql.Tx, last uint64) (string, error) {
	rows, err := tx.QueryContext(ctx, r.query, signed(last))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	count, examples := 0, []string{}
	for ; rows.Next(); count++ {
		if count < maxExamples {
			var text string
			if err := rows.Scan(&text); err != nil {
				return "", err
			}
			examples = append(examples, text)
		}
	}
	if err := rows.Err(); err != nil || count == 0 {
		return "", err
	}
	if count > maxExamples {
		examples = append(examples, "...")
	}
	return fmt.Sprintf("Rows contradict each other: %s (%d: %s).", r.broken, count, strings.Join(examples, ", ")), nil
}

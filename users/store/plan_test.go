package store

import (
	"regexp"
	"strings"
	"testing"
)

// TestReadsGoByIndexes has no statement that is used while the server runs, and none that
// loads what there is of each room, walk over all messages or sort what it finds.
func TestReadsGoByIndexes(t *testing.T) {
	s := mustOpen(t, Memory)
	walks := regexp.MustCompile(`SCAN (messages|directs|m|d)\b`)
	for _, query := range []string{betweenText, numbersText, numberedText, directsText, directsToText, newestOfPairText, oldestOfPairText, roomsText, unseenText, string(deleteEnded),
		string(deleteDirectsTo), string(deleteDirectsFrom), string(deleteDirectsFromGuest)} {
		plan := planOf(t, s, query)
		if walks.MatchString(plan) {
			t.Errorf("%s\nwalks over a table:\n%s", query, plan)
		}
		if query != numbersText && query != unseenText && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nsorts:\n%s", query, plan)
		}
	}
	for _, query := range []string{membersText, roomInvitationsText, readCursorsText, roomsText} {
		if plan := planOf(t, s, query); strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nsorts:\n%s", query, plan)
		}
	}
}

// planOf returns how a query goes, a line for each step.
func planOf(t *testing.T, s *Store, query string) string {
	t.Helper()
	rows, err := s.write.Query("EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	if err != nil {
		t.Fatal(query, err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(step + "\n")
	}
	if err := rows.Err(); err != nil || plan.Len() == 0 {
		t.Fatal("no plan of ", query, err)
	}
	return plan.String()
}

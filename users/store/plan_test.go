package store

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestReadsGoByIndexes has no statement that is used while the server runs, and none that
// loads what there is of each room, walk over all messages or sort what it finds.
func TestReadsGoByIndexes(t *testing.T) {
	s := mustOpen(t, Memory)
	walks := regexp.MustCompile(`SCAN (messages|directs|acts|reactions|m|d)\b`)
	for _, query := range []string{betweenText, numbersText, numberedText, directsText, directsToText, newestOfPairText, oldestOfPairText, roomsText, unseenText, string(goneIn), string(goneSeen), string(firstGone), string(deleteMessages), string(deleteDirects), string(saidBy), string(renameActsBy), string(renameActsOf), string(renameReactions), exportReactionsText, string(renameRemovals), string(dropAddress),
		string(deleteDirectsTo), string(deleteDirectsFrom), string(deleteDirectsFromGuest),
		actsText, actsInRoomText, actsOfNameInRoomText,
		findMessageText, findDirectText, versionsText, changedIDsText, changedMessagesText, changedDirectsText, recentMessagesText, recentDirectsText,
		string(editMessage), string(removeMessage), string(putOldText), string(putReaction),
		nextMessageText, nextChangeText, string(indexRows), numberedDirectsText, messageTimeText, directTimeText} {

		plan := planOf(t, s, query)
		if walks.MatchString(plan) {
			t.Errorf("%s\nwalks over a table:\n%s", query, plan)
		}
		sorts := []string{numbersText, unseenText, changedIDsText, changedMessagesText} // what is little
		if !slices.Contains(sorts, query) && strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s\nsorts:\n%s", query, plan)
		}
	}
	for _, query := range []statement{nextRows, rowsBefore} { // they sort the few that they have
		if plan := planOf(t, s, string(query)); walks.MatchString(plan) {
			t.Errorf("%s\nwalks over a table:\n%s", query, plan)
		}
	}
	if plan := planOf(t, s, changedIDsText); !strings.Contains(plan, "USING COVERING INDEX messages_by_change") {
		t.Errorf("%s\nlooks at what was not changed:\n%s", changedIDsText, plan)
	}
	if plan := planOf(t, s, changedDirectsText); !strings.Contains(plan, "directs_by_receiver_and_change") || !strings.Contains(plan, "directs_by_sender_and_change") {
		t.Errorf("%s\nlooks at what was not changed:\n%s", changedDirectsText, plan)
	}
	if plan := planOf(t, s, actsOfNameText); walks.MatchString(plan) { // of two lists it sorts the ends
		t.Errorf("%s\nwalks over a table:\n%s", actsOfNameText, plan)
	}
	if plan := planOf(t, s, reportsText); !strings.Contains(plan, "USING INDEX acts_that_report") {
		t.Errorf("%s\nwalks over a table:\n%s", reportsText, plan)
	}
	for _, query := range []string{sanctionsText, membersText, roomInvitationsText, readCursorsText, roomsText} {
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

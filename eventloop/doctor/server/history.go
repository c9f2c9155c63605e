package server

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"parley/eventloop/doctor"
)

// history is what who logs in is told of what was said before.
func history() group {
	said := []step{logsIn("ann"), logsIn("bob"), says("ann", "$first"), hears("bob", with("$first")), says("bob", "$second"), hears("ann", with("$second"))}
	return group{"history", []point{
		{
			Rule: doctor.Rule{ID: "history_at_login_has_earlier_messages", Section: "history", Asks: "Who logs in is told what was said before.",
				Change: "Keep what is said, and send it behind the answer to each login."},
			given: said,
			play:  []step{need(arrives("cat")), isTold("cat", "$first", "$second")},
		},
		{
			Rule: doctor.Rule{ID: "history_in_order", Section: "history", Asks: "The history has what was said first before what was said later.",
				Change: "Append to the history, and send it from its beginning."},
			given: said,
			play:  []step{need(arrives("cat")), need(isTold("cat", "$first", "$second")), inOrder("$first", "$second")},
		},
		{
			Rule: doctor.Rule{ID: "history_names_the_senders", Section: "history", Asks: "The history tells who has said what.",
				Change: "Keep with each message who has said it, and tell it in the history."},
			given: said,
			play:  []step{need(arrives("cat")), need(isTold("cat", "$first", "$second")), tells("@ann", "@bob")},
		},
	}}
}

// isTold has somebody hear all words, in one response or in several, as history or as
// messages.
func isTold(who string, words ...string) step {
	return func(s *stage) error {
		p, err := s.person(who)
		if err != nil {
			return err
		}
		s.told = ""
		_, others := s.hear(p, func(v *value) bool {
			if v.kind() == "history" || isMessage(v) {
				s.told += " " + text(v.V)
			}
			return s.tells(words)
		})
		if !s.tells(words) {
			return fmt.Errorf("%s was not told, but heard %s", who, heardInstead(p, others))
		}
		return nil
	}
}

// tells looks for words in the history that was told.
func tells(words ...string) step {
	return func(s *stage) error {
		if !s.tells(words) {
			return errors.New("they are not in " + s.told)
		}
		return nil
	}
}

func (s *stage) tells(words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(s.told, s.expand(w)) })
}

// inOrder looks for the order of two words in the history that was told.
func inOrder(first, second string) step {
	return func(s *stage) error {
		if strings.Index(s.told, s.expand(first)) > strings.Index(s.told, s.expand(second)) {
			return errors.New("the later one came first")
		}
		return nil
	}
}

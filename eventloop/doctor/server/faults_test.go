package server

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"parley/eventloop/doctor"
)

// examineFake examines a fake server in a bubble of simulated time.
func examineFake(t *testing.T, f faults, only ...string) (r doctor.Report) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &fake{faults: f, mu: make(lock, 1)}
		Examine(t.Context(), Config{Dial: s.dial, Only: only}, &r)
		time.Sleep(time.Minute) // the server notices that they have gone
		synctest.Wait()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, c := range s.conns {
			if !c.gone {
				t.Errorf("%q is still there", c.name)
			}
		}
		if s.most > 12 || s.heard > 90 {
			t.Errorf("%d connections at a time, %d messages", s.most, s.heard)
		}
		for _, name := range s.names {
			if !strings.HasPrefix(name, "doctor") && !f.anyName {
				t.Errorf("somebody logged in as %q", name)
			}
		}
	})
	return r
}

// verdicts returns the points that are not passed, each with what came of it.
func verdicts(r doctor.Report) (list []string) {
	for _, p := range r.Points {
		if p.Verdict != doctor.Pass {
			list = append(list, string(p.Verdict)+" "+p.ID)
		}
	}
	slices.Sort(list)
	return list
}

// Each fault of a server is named, and nothing else.
func TestFaultsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		faults
		want string
	}{
		{faults{name: "none"}, ""},
		{faults{name: "says hello", greets: true}, ""},
		{faults{name: "notices late who is lost", late: true}, ""},
		{faults{name: "answers in kind", inKind: true}, ""},
		{faults{name: "history as strings", history: "strings"}, ""},
		{faults{name: "newline by itself", loneNewline: true}, "warn newline_in_the_same_segment"},
		{faults{name: "newline behind", newline: true}, "warn no_newline_behind_responses"},
		{faults{name: "glued answers", glued: true}, "warn one_response_per_segment"},
		{faults{name: "responses in two segments", split: true}, "warn response_in_one_segment"},
		{faults{name: "indented", indented: true}, "warn compact_json"},
		{faults{name: "keys in capitals", capitals: true}, "fail keys_in_small_letters"},
		{faults{name: "no timestamp", keyMissing: true}, "fail all_responses_have_the_four_keys"},
		{faults{name: "integer time", numberTime: true}, "warn timestamp_is_a_string"},
		{faults{name: "sender null", nullSender: true}, "warn sender_is_a_string"},
		{faults{name: "$ in the pattern", dollar: true}, "fail login_invalid_newline_rejected"},
		{faults{name: "name taken twice", twins: true}, "fail duplicate_name_rejected, not tested other_name_after_duplicate_ok"},
		{faults{name: "any name", anyName: true}, "fail login_invalid_dash_rejected, fail login_invalid_newline_rejected, fail login_invalid_non_ascii_rejected, fail login_invalid_punctuation_rejected, fail login_invalid_space_rejected, fail login_invalid_underscore_rejected"},
		{faults{name: "counts braces", braces: true}, "fail unbalanced_braces_in_text"},
		{faults{name: "wrong sender", wrongSender: true}, "fail msg_sender_is_username, fail history_names_the_senders"},
		{faults{name: "colours", colours: true}, "fail msg_sender_is_username, warn sender_is_a_plain_word"},
		{faults{name: "nobody leaves", stays: true}, "fail logout_removes_from_names, fail msg_after_logout_rejected"},
		{faults{name: "dies of what is no object", dies: true}, "warn json_array_gets_error, warn malformed_json_gets_error, warn nul_byte_survived"},
		{faults{name: "no echo", noEcho: true}, "warn msg_echoed_to_sender"},
		{faults{name: "messages before login", toAll: true}, "fail msg_not_sent_before_login"},
		{faults{name: "history as text", history: "text"}, "warn history_as_most_can_read"},
		{faults{name: "history of objects", history: "objects"}, "warn history_as_most_can_read"},
		{faults{name: "no history", history: "none"}, "fail history_at_login_has_earlier_messages, fail login_history_sent_even_if_empty, not tested history_in_order, not tested history_names_the_senders"},
		{faults{name: "history backwards", backwards: true}, "fail history_in_order"},
		{faults{name: "list of names", namesList: true}, "warn names_as_one_string"},
		{faults{name: "wrong kind", namesKind: true}, "fail all_responses_of_a_known_kind"},
		{faults{name: "ghosts", ghosts: true}, "warn eof_removes_from_names, warn name_free_after_reset, warn reset_removes_from_names"},
		{faults{name: "closes on an error", closes: true}, "fail other_name_after_duplicate_ok"},
		{faults{name: "no words of success", noWords: true}, "warn login_says_success"},
		{faults{name: "content must be there", noKeys: true}, "warn msg_content_absent_survived, warn names_with_content_absent, warn empty_object_gets_error"},
		{faults{name: "blocks", blocks: true}, "warn slow_reader_does_not_block_others"},
		{faults{name: "out of order", swaps: true}, "warn burst_in_order"},
		{faults{name: "limits", limit: 15}, "not tested burst_in_order, not tested slow_reader_does_not_block_others"},
		{faults{name: "one line is one request", firstLine: true}, "warn login_and_msg_glued, warn request_in_one_byte_segments, warn request_leading_space, warn request_pretty_printed, warn request_split_in_two_segments, warn two_requests_glued_in_one_segment, warn two_requests_newline_separated_in_one_segment"},
		{faults{name: "escapes", escapes: true}, "fail html_chars, fail quotes_backslashes_newlines, fail json_lookalike_in_text"},
		{faults{name: "ignores", ignores: true}, "fail empty_request_gets_error, fail unknown_request_gets_error, warn empty_object_gets_error, warn request_is_null_gets_error, warn request_is_number_gets_error, warn request_is_object_gets_error"},
		{faults{name: "one read is one request", readIsRequest: true}, "warn login_and_msg_glued, warn request_in_one_byte_segments, warn request_split_in_two_segments, warn two_requests_glued_in_one_segment, warn two_requests_newline_separated_in_one_segment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Split(c.want, ", ")
			slices.Sort(want)
			if c.want == "" {
				want = nil
			}
			r := examineFake(t, c.faults)
			if diff := cmp.Diff(want, verdicts(r)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
				for _, p := range r.Points {
					if p.Verdict != doctor.Pass && !slices.Contains(want, string(p.Verdict)+" "+p.ID) {
						t.Logf("%s: %s", p.ID, p.Found)
					}
				}
			}
		})
	}
}

// Whoever ends an examination has what was found up to then, and nobody is left behind.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		s := &fake{faults: faults{ghosts: true}, mu: make(lock, 1)} // who does not log out stays
		var r doctor.Report
		began := time.Now()
		Examine(ctx, Config{Dial: s.dial}, &r)
		if late := time.Since(began) - 20*time.Second; !r.Interrupted || len(r.Points) < 10 || late > 2*time.Second {
			t.Errorf("interrupted %v, %d points, %s late", r.Interrupted, len(r.Points), late)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for _, c := range s.conns {
			t.Errorf("%q was left behind", c.name)
		}
	})
}

package server

import (
	"fmt"
	"slices"

	"parley/eventloop/doctor"
)

const shapeGroup = "shape"

// A shape is a rule on all that a server sends, and the habits that are against it.
type shape struct {
	doctor.Rule
	against []doctor.Habit
	often   bool // once is chance: TCP may always join or cut
}

var shapes = []shape{
	{Rule: doctor.Rule{ID: "all_responses_have_the_four_keys", Section: "responses", Asks: "Each response is an object with timestamp, sender, response and content.",
		Change: "Send each response as one object with all four keys."}, against: []doctor.Habit{lacks, noObject}},
	{Rule: doctor.Rule{ID: "keys_in_small_letters", Section: "responses", Asks: "The keys are in small letters.",
		Change: `Write the keys in small letters: in Go with tags such as json:"timestamp".`}, against: []doctor.Habit{capitals}},
	{Rule: doctor.Rule{ID: "all_responses_of_a_known_kind", Section: "responses", Asks: "Each response is an error, an info, a history or a message.", World: "5 of 27 clients bear the kind names",
		Change: "Use no other kinds than error, info, history and message, in small letters."}, against: []doctor.Habit{unknownKind, namesKind}},
	{Rule: doctor.Rule{ID: "one_response_per_segment", World: "3 to 5 of 27 clients hear two responses that come in one segment", Asks: "Responses come in segments of their own.",
		Change: "Leave a pause of about 50 ms between two responses on one connection, as between info and history behind a login."}, against: []doctor.Habit{glued}, often: true},
	{Rule: doctor.Rule{ID: "response_in_one_segment", World: "3 of 27 clients hear a response that comes in two", Asks: "Each response comes whole in one segment.",
		Change: "Write each response with one call."}, against: []doctor.Habit{split}, often: true},
	{Rule: doctor.Rule{ID: "newline_in_the_same_segment", World: "7 of 27 clients bear a newline in a segment of its own", Asks: "No newline comes by itself.",
		Change: "Write a response and the newline behind it with one call, or leave the newline out."}, against: []doctor.Habit{loneNewline}},
	{Rule: doctor.Rule{ID: "no_newline_behind_responses", World: "3 of 36 clients die of one, and none needs it", Asks: "Nothing comes behind a response.",
		Change: "Leave the newline behind responses out."}, against: []doctor.Habit{newline}},
	{Rule: doctor.Rule{ID: "compact_json", World: "25 of 27 clients bear indented JSON", Asks: "Each response is on one line.",
		Change: "Do not indent the JSON of responses."}, against: []doctor.Habit{indented}},
	{Rule: doctor.Rule{ID: "timestamp_is_a_string", World: "26 of 27 clients bear a string, 17 a number or null", Asks: "The timestamp is a string.",
		Change: "Write the timestamp as a string."}, against: []doctor.Habit{timeNumber, timeNull}},
	{Rule: doctor.Rule{ID: "sender_is_a_string", World: "20 of 27 clients bear a sender that is null", Asks: "The sender is a string, also of what the server itself says.",
		Change: `Write "server" or "" as the sender of what the server itself says.`}, against: []doctor.Habit{senderNull}},
	{Rule: doctor.Rule{ID: "sender_is_a_plain_word", World: "some servers colour their senders with ANSI codes", Asks: "The sender has no control characters.",
		Change: "Leave colours to the clients."}, against: []doctor.Habit{controls}},
	{Rule: doctor.Rule{ID: "names_as_one_string", World: "27 of 27 clients bear a string, 16 a list", Asks: "The content of the answer to names is one string.",
		Change: `Write the names as one string, such as "alice, bob".`}, against: []doctor.Habit{namesList}},
	{Rule: doctor.Rule{ID: "no_objects_in_extra_keys", World: "26 of 27 clients bear an extra key that holds an object", Asks: "Keys beside the four hold no objects.",
		Change: "Leave out keys that the specification does not have."}, against: []doctor.Habit{extraObject}},
	{Rule: doctor.Rule{ID: "responses_of_4096_bytes", World: "20 of 27 clients hear a response of 3,000 characters, 2 one of 20,000", Asks: "What the server itself says has at most 4,096 bytes in one response.",
		Change: "Keep a response below 4,096 bytes: leave out the oldest of a history, or tell it as messages."}, against: []doctor.Habit{above4096}},
	{Rule: doctor.Rule{ID: "login_says_success", World: "1 of 27 clients waits for such words", Asks: `The answer to a login has the word "success" or "logged in".`,
		Change: `Answer a login with "Login successful".`}, against: []doctor.Habit{noWords}},
	{Rule: doctor.Rule{ID: "history_as_most_can_read", World: "of 65 clients 40 to 44 go on after a history that is a list of strings, 25 after one of objects, 22 after one string, 61 after messages", Asks: "What was said before is told as messages or as a list of strings.",
		Change: "Tell the history as message responses with a pause between them, or as a list of strings, each a whole response as JSON."}, against: []doctor.Habit{historyObjects, historyText, historyEmpty}},
}

// shape judges all that the server has sent.
func (s *stage) shape() (list []doctor.Point) {
	for _, x := range shapes {
		x.Group = shapeGroup
		if s.seen.responses == 0 {
			list = append(list, x.Untested("the server has sent nothing"))
			continue
		}
		i := slices.IndexFunc(x.against, func(h doctor.Habit) bool { return s.has(h, x.often) })
		if i < 0 {
			list = append(list, x.Judge(true, "", nil))
			continue
		}
		seen := s.seen.seen[x.against[i]]
		list = append(list, x.Judge(false, fmt.Sprintf("%s, %s: %s", x.against[i], doctor.Plural(seen.times, "time", "times"), seen.example), nil))
	}
	return list
}

// has reports whether the server has a habit. What TCP may do by chance is one only if it
// is no exception.
func (s *stage) has(h doctor.Habit, often bool) bool {
	n := s.seen.times(h)
	if often {
		return n > 1 && n*20 > s.seen.segments
	}
	return n > 0
}

// habits returns those habits of the server that others may not bear.
func (s *stage) habits() (list []doctor.Habit) {
	for h := range s.seen.seen {
		if s.has(h, h == glued || h == split) {
			list = append(list, h)
		}
	}
	slices.Sort(list)
	return list
}

package server

import "parley/eventloop/doctor"

// chat is what people log in for.
func chat() group {
	both := []step{logsIn("ann"), logsIn("bob")}
	return group{"chat", []point{
		{
			Rule: doctor.Rule{ID: "msg_delivered_to_other", Section: "msg", Asks: "What one says comes to the others as a message response.",
				Change: "Send a response of the kind message, with the text as it came, to all who are logged in."},
			given: both,
			play:  []step{says("ann", "$hello"), hears("bob", response("message", "$hello"))},
		},
		{
			Rule: doctor.Rule{ID: "msg_sender_is_username", Section: "msg", Asks: "The sender of a message is the name of who has said it.",
				Change: "Put the name of who has said it into sender, and nothing else."},
			given: both,
			play:  []step{says("ann", "$hello"), need(hears("bob", saying("$hello"))), hasSender("ann")},
		},
		{
			Rule: doctor.Rule{ID: "msg_echoed_to_sender", World: "22 of 27 servers do it, and most clients show what comes back, not what was typed",
				Asks: "What one says comes to oneself, too.", Change: "Send a message also to who has said it."},
			given: both,
			play:  []step{says("ann", "$hello"), hears("ann", with("$hello"))},
		},
		{
			Rule: doctor.Rule{ID: "msg_not_sent_before_login", Section: "msg", Asks: "Who has not logged in hears nothing of what is said.",
				Change: "Send messages only to connections that are logged in."},
			given: append(both, connects("cat")),
			play:  []step{says("ann", "$hello"), hearsNothing("cat", with("$hello"))},
		},
		{
			Rule: doctor.Rule{ID: "names_lists_both", Section: "names", Asks: "names tells everybody who is logged in.",
				Change: "Answer names with the names of all who are logged in, in an info response."},
			given: both,
			play:  []step{asks("ann", "names"), hears("ann", with("@ann", "@bob"))},
		},
		{
			Rule: doctor.Rule{ID: "help_after_login", Section: "help", Asks: "help is answered with an info also after the login.",
				Change: "Answer help with an info response."},
			given: both,
			play:  []step{asks("ann", "help"), hears("ann", anInfo)},
		},
	}}
}

package server

import "parley/eventloop/doctor"

// names is who may log in under what name.
func names() group {
	invalid := func(label, what, name, world string) point {
		return point{
			Rule: doctor.Rule{ID: "login_invalid_" + label + "_rejected", Section: "names of users", World: world,
				Asks:   "A login whose name " + what + " is answered with an error.",
				Change: "Let a name pass only if the whole of it is one or more of a-z, A-Z and 0-9."},
			given: []step{connects("ann")},
			play:  []step{sends("ann", string(request("login", name))), hears("ann", anError)},
		}
	}
	newline := invalid("newline", "ends in a newline", "doctorevil\n", "23 of 29 servers let it pass, since $ in their pattern also matches before a newline at the end")
	newline.Change = `Match the whole name: in Python with re.fullmatch, or \Z in place of $, which also matches before a newline at the end.`
	return group{"names", []point{
		invalid("space", "has a space", "doctor bad", ""),
		invalid("punctuation", "has a punctuation mark", "doctor!bad", ""),
		invalid("underscore", "has an underscore", "doctor_bad", ""),
		invalid("dash", "has a dash", "doctor-bad", ""),
		invalid("empty", "is empty", "", ""),
		invalid("non_ascii", "has a letter beyond a-z", "doctorbl\u00e5b\u00e6r", ""),
		newline,
		{
			Rule: doctor.Rule{ID: "login_ok", Section: "login", Asks: "A login with a good name is answered with an info.",
				Change: "Answer a login that succeeds with an info response."},
			given: []step{connects("ann")},
			play:  []step{logsInAs("ann", "$doctor"), hears("ann", loginOK)},
		},
		{
			Rule: doctor.Rule{ID: "login_history_sent_even_if_empty", Section: "history", World: "some clients let nobody in without it",
				Asks:   "A history follows a login, also where nothing was said before, or what was said comes as messages.",
				Change: "Send a history response behind the answer to each login, and an empty one if nothing was said."},
			given: []step{connects("ann")},
			play:  []step{need(logsInAs("ann", "$doctor")), hears("ann", ofKind("a history", "history", "message"))},
		},
		{
			Rule: doctor.Rule{ID: "second_login_on_connection_rejected", Section: "login", Asks: "A second login on the same connection is answered with an error.",
				Change: "Answer a login with an error on a connection that is logged in already."},
			given: []step{logsIn("ann")},
			play:  []step{sends("ann", `{"request": "login", "content": "$doctor"}`), hears("ann", anError)},
			fresh: true,
		},
		{
			Rule: doctor.Rule{ID: "duplicate_name_rejected", Section: "names of users", Asks: "A login with a name that somebody has who is logged in is answered with an error.",
				Change: "Answer a login with an error if the name is taken."},
			given: []step{arrives("ann"), connects("bob")},
			play:  []step{sends("bob", `{"request": "login", "content": "@ann"}`), hears("bob", anError)},
		},
		{
			Rule: doctor.Rule{ID: "other_name_after_duplicate_ok", Section: "login", Asks: "Whose name was taken may log in with another one on the same connection.",
				Change: "Keep a connection open whose login was refused, and let it try again."},
			given: []step{arrives("ann"), connects("bob"), sends("bob", `{"request": "login", "content": "@ann"}`), hears("bob", anError)},
			play:  []step{logsInAs("bob", "$doctor")},
		},
		{
			Rule: doctor.Rule{ID: "login_with_extra_keys", World: "26 of 27 servers do it, and some clients send such a login",
				Asks:   "A login with keys that the specification does not know is answered as one without them.",
				Change: "Look only for the keys you know, and leave the others alone."},
			given: []step{connects("cat")},
			play: []step{sends("cat", `{"request": "login", "content": "$doctor", "version": "2", "colour": "blue"}`),
				hears("cat", loginOK)},
		},
	}}
}

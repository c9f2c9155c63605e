package server

import "parley/eventloop/doctor"

// leave is how people go, with a logout and without.
func leave() group {
	pair := []step{logsIn("ann"), arrives("bob")}
	const ghosts = "24 of 27 servers keep who has gone, and clients go without a logout"
	return group{"leaving", []point{
		{
			Rule: doctor.Rule{ID: "logout_acknowledged_or_closed", Section: "logout", Asks: "logout is answered, or ends the connection.",
				Change: "Answer logout with an info response, and close the connection behind it."},
			given: pair,
			play:  []step{asks("bob", "logout"), either(hears("bob", ofKind("an answer", "info", "logout", "message", "history", "")), isClosed("bob"))},
		},
		{
			Rule: doctor.Rule{ID: "logout_removes_from_names", Section: "logout", Asks: "Who has logged out is not among the names any more.",
				Change: "Take who logs out from the list of names."},
			given: pair,
			play:  []step{remember("bob"), asks("bob", "logout"), waits(1), findsGone("ann", "$gone")},
		},
		{
			Rule: doctor.Rule{ID: "msg_after_logout_rejected", Section: "logout", Asks: "A msg after the logout is answered with an error, or the connection has ended.",
				Change: "Have a connection that has logged out be as one that has not logged in, or close it."},
			given: pair,
			play:  []step{asks("bob", "logout"), refusesOrCloses("bob", `{"request": "msg", "content": "$ghost"}`)},
		},
		{
			Rule: doctor.Rule{ID: "name_free_after_logout", Section: "logout", Asks: "A name is free again after the logout.",
				Change: "Take who logs out from the list of names."},
			given: pair,
			play:  []step{remember("bob"), departs("bob"), connects("cat"), logsInAs("cat", "$gone")},
		},
		{
			Rule: doctor.Rule{ID: "eof_removes_from_names", World: ghosts, Asks: "Who closes the connection without a logout is not among the names any more.",
				Change: "Take a person from the list of names when reading from the connection brings nothing any more, or fails."},
			given: pair,
			play:  []step{remember("bob"), dropsOut("bob", false), findsGone("ann", "$gone")},
		},
		{
			Rule: doctor.Rule{ID: "reset_removes_from_names", World: ghosts, Asks: "Whose connection is reset is not among the names any more.",
				Change: "Catch the error of a read or write on a lost connection, and take its person from the list of names."},
			given: pair,
			play:  []step{remember("bob"), dropsOut("bob", true), findsGone("ann", "$gone")},
		},
		{
			Rule: doctor.Rule{ID: "name_free_after_reset", World: "21 of 27 servers keep the name taken", Asks: "The name of who was lost is free again.",
				Change: "Take a person from the list of names when the connection is lost."},
			given: pair,
			play:  []step{remember("bob"), dropsOut("bob", true), waits(2), connects("cat"), logsInAs("cat", "$gone")},
		},
		{
			Rule: doctor.Rule{ID: "others_still_served_after_drops", Section: "msg", Asks: "When people are lost the others can talk on.",
				Change: "Catch the error of a write to a connection that is lost, and go on with the next one."},
			given: append(pair, arrives("cat")),
			play:  []step{dropsOut("cat", true), says("ann", "$hello"), hears("bob", saying("$hello"))},
		},
	}}
}

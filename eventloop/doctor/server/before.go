package server

import "parley/eventloop/doctor"

// before is what may be asked without a login: only help, and login itself.
func before() group {
	refused := func(verb, request string) point {
		return point{
			Rule: doctor.Rule{ID: verb + "_before_login_rejected", Section: "requests before the login",
				Asks:   verb + " before the login is answered with an error.",
				Change: "Before the login answer everything but login and help with an error."},
			given: []step{connects("ann")},
			play:  []step{sends("ann", request), hears("ann", anError)},
		}
	}
	return group{"before", []point{
		{
			Rule: doctor.Rule{ID: "connect", Section: "TCP", Asks: "The server accepts a connection.", Change: "Listen on the address, for TCP."},
			play: []step{connects("ann")},
		},
		{
			Rule: doctor.Rule{ID: "help_before_login", Section: "requests before the login", Asks: "help before the login is answered with an info.",
				Change: "Answer help with an info response, also for who has not logged in."},
			given: []step{connects("ann")},
			play:  []step{asks("ann", "help"), hears("ann", anInfo)},
		},
		refused("names", `{"request": "names", "content": null}`),
		refused("msg", `{"request": "msg", "content": "$tooearly"}`),
		refused("logout", `{"request": "logout", "content": null}`),
	}}
}

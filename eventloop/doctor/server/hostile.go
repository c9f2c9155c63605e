package server

import (
	"strings"

	"parley/eventloop/doctor"
)

const notMeasured = "the specification is silent, and the measured servers differ"

// hostile is what no client should send. The server is to say so, and to go on.
func hostile() group {
	var list []point
	add := func(id, section, what, bytes string, more ...step) {
		p := point{
			Rule: doctor.Rule{ID: id + "_gets_error", Section: section, Asks: what + " is answered with an error.",
				Change: "Catch what goes wrong with one request, answer it with an error response, and read on."},
			given: []step{isServed("ann")},
			play:  append([]step{sends("ann", bytes), hears("ann", anError)}, more...),
		}
		if section == "" {
			p.World = notMeasured
		}
		list = append(list, p)
	}
	add("malformed_json", "", "A request that is not JSON", `{"request": "msg", "content": }`)
	add("not_json", "", "Words in place of a request", "hello there\n")
	add("json_array", "", "An array in place of a request", "[1,2,3]")
	add("json_number", "", "A number in place of a request", "42\n")
	add("json_string", "", "A string in place of a request", "\"login\"\n")
	add("json_null", "", "null in place of a request", "null\n")
	add("empty_object", "", "A request without keys", "{}")
	add("request_is_number", "", "A request that is a number", `{"request": 5, "content": "x"}`)
	add("request_is_null", "", "A request that is null", `{"request": null, "content": null}`)
	add("request_is_object", "", "A request that is an object", `{"request": {"a": 1}, "content": "x"}`)
	add("unknown_request", "error responses", "A request that the specification does not know", `{"request": "frobnicate", "content": "x"}`)
	add("empty_request", "error responses", "A request that is an empty string", `{"request": "", "content": ""}`)
	list = append(list, lenient()...)
	list = append(list, point{
		Rule: doctor.Rule{ID: "deep_nesting_gets_error", World: notMeasured, Asks: "A request of 20,000 lists in each other is answered with an error, or ends the connection.",
			Change: "Limit how deep a request may be, or catch the error of the JSON library."},
		given: []step{isServed("ann")},
		play:  []step{sends("ann", `{"request": "msg", "content": `+strings.Repeat("[", 20000)+strings.Repeat("]", 20000)+"}"), either(hears("ann", anError), isClosed("ann"))},
	})
	for _, c := range []struct{ label, body string }{{"null", "null"}, {"number", "12"}, {"object", `{"a": 1}`}, {"list", `["bob"]`}} {
		list = append(list, point{
			Rule: doctor.Rule{ID: "login_content_" + c.label + "_gets_error", Section: "names of users", Asks: "A login whose content is " + c.body + " is answered with an error.",
				Change: "Look whether the name of a login is a string before doing anything with it."},
			given: []step{connects("cat")},
			play:  []step{sends("cat", `{"request": "login", "content": `+c.body+"}"), hears("cat", anError)},
		})
	}
	return group{"hostile", append(list, point{
		Rule:  doctor.Rule{ID: "server_survives_hostile_input", Section: "TCP", Asks: "The server still lets people in after all that.", Change: "Let no request of one client end the server, or what serves the others."},
		fresh: true,
		play:  []step{connects("cat"), tries(sends("cat", `{"request": "login", "content": "`+strings.Repeat("a", 100_000))), logsIn("ann"), stillServes("ann")},
	})}
}

// lenient is what a server may as well take for a text.
func lenient() (list []point) {
	for _, c := range []struct{ id, what, bytes string }{
		{"msg_content_null", "A msg whose content is null", `{"request": "msg", "content": null}`},
		{"msg_content_absent", "A msg without content", `{"request": "msg"}`},
		{"msg_content_number", "A msg whose content is a number", `{"request": "msg", "content": 7}`},
		{"msg_content_object", "A msg whose content is an object", `{"request": "msg", "content": {"a": [1]}}`},
		{"msg_content_list", "A msg whose content is a list", `{"request": "msg", "content": ["a"]}`},
		{"invalid_utf8", "A text that is no UTF-8", "{\"request\": \"msg\", \"content\": \"\xff\xfe\"}"},
		{"nul_byte", "A text with a NUL byte", "{\"request\": \"msg\", \"content\": \"a\x00b\"}"},
		{"lone_surrogate", "A text with half a character", `{"request": "msg", "content": "a\ud800b"}`},
		{"duplicate_key", "A request with a key twice", `{"request": "names", "request": "frobnicate", "content": null}`},
		{"http_request", "A request of HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
	} {
		list = append(list, point{
			Rule: doctor.Rule{ID: c.id + "_survived", World: notMeasured, Asks: c.what + " is answered with an error or taken as it is; if it ends the connection, it says why.",
				Change: "Catch what goes wrong with one request, answer it with an error response, and read on."},
			given: []step{isServed("ann")},
			play:  []step{sends("ann", c.bytes), either(hears("ann", anError), stillServes("ann"))},
		})
	}
	return list
}

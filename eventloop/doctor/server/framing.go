package server

import "parley/eventloop/doctor"

const (
	saysHello = `{"request": "msg", "content": "$hello"}`
	oneByOne  = "the specification is silent, and 28 of 29 servers take what one read brings for one request"
)

// framing is what stands around requests. The specification has nothing about it.
func framing() group {
	around := func(label, what, bytes, world string) point {
		return point{
			Rule: doctor.Rule{ID: "request_" + label, World: world, Asks: "A request " + what + " is understood.",
				Change: "Skip white space before and behind a request and within it: read values from the stream, not lines."},
			fresh: true,
			given: []step{logsIn("ann"), logsIn("bob")},
			play:  []step{sends("ann", bytes), hears("bob", saying("$hello"))},
		}
	}
	return group{"framing", []point{
		around("trailing_newline", "with a newline behind it", saysHello+"\n", "clients send it; 1 of 29 servers dies of it"),
		around("trailing_crlf", "with a carriage return and a newline behind it", saysHello+"\r\n", "clients on Windows send it"),
		around("leading_space", "with white space before it", " \r\n"+saysHello, "clients send nothing, a newline or white space between requests"),
		around("pretty_printed", "that is indented, on several lines", "{\n    \"request\": \"msg\",\n    \"content\": \"$hello\"\n}", "JSON allows it, and clients send it"),
	}}
}

// splits is requests of which several come in one segment, or one in several, as TCP may
// always have it.
func splits() group {
	pair := []step{logsIn("ann"), logsIn("bob")}
	second := `{"request": "msg", "content": "$second"}`
	rule := func(id, asks string) doctor.Rule {
		return doctor.Rule{ID: id, World: oneByOne, Asks: asks,
			Change: "Add what a read brings to a buffer for the connection, take whole objects from its front, and leave the rest there: TCP has no message boundaries."}
	}
	two := []step{hears("bob", saying("$hello")), hears("bob", saying("$second"))}
	return group{"splits", []point{
		{Rule: rule("request_split_in_two_segments", "A request that comes in two segments is understood."), fresh: true, given: pair,
			play: []step{sendsInPieces("ann", half, slowly, saysHello), hears("bob", saying("$hello"))}},
		{Rule: rule("request_in_one_byte_segments", "A request that comes byte by byte is understood."), fresh: true, given: pair,
			play: []step{sendsInPieces("ann", 1, quickly, saysHello), hears("bob", saying("$hello"))}},
		{Rule: rule("two_requests_glued_in_one_segment", "Two requests that come in one segment, with nothing between them, are both understood."), fresh: true, given: pair,
			play: append([]step{sends("ann", saysHello+second)}, two...)},
		{Rule: rule("two_requests_newline_separated_in_one_segment", "Two requests that come in one segment, with a newline between them, are both understood."), fresh: true, given: pair,
			play: append([]step{sends("ann", saysHello+"\n"+second)}, two...)},
		{Rule: rule("login_and_msg_glued", "A login and a msg that come in one segment are both understood."), fresh: true, given: append(pair, connects("cat")),
			play: []step{logsInSaying("cat", saysHello), hears("bob", saying("$hello"))}},
	}}
}

package server

import (
	"strings"

	"parley/eventloop/doctor"
)

// content is what may be in a request.
func content() group {
	pair := []step{logsIn("ann"), logsIn("bob")}
	list := []point{}
	for _, c := range []struct{ id, what, text string }{
		{"unicode_escaped", "in other alphabets, written with escapes,", "bl\u00e5b\u00e6rsyltet\u00f8y \u4f60\u597d \U0001f600 $hello"},
		{"quotes_backslashes_newlines", "with quotes, backslashes and line ends", "say \"hi\" \\ back\\\\slash \n second line \t tab $hello"},
		{"unbalanced_braces_in_text", "with braces that are not balanced", "smile :-} {{ [ ] } $hello"},
		{"json_lookalike_in_text", "that looks like a request", `{"request":"logout","content":null}$hello`},
		{"html_chars", "with the characters of HTML", "<b>&amp;</b> $hello"},
	} {
		list = append(list, point{
			Rule: doctor.Rule{ID: c.id, Section: "JSON", Asks: "A text " + c.what + " comes to the others as it is.",
				Change: "Read and write JSON with a library, and look for nothing in its bytes: no counting of braces, no replacing."},
			given: pair,
			play:  []step{says("ann", c.text), hears("bob", saying(c.text))},
		})
	}
	raw := "bl\u00e5b\u00e6rsyltet\u00f8y \u4f60\u597d \U0001f600 $hello"
	for _, c := range []struct{ id, section, world, what, bytes, text, change string }{
		{"unicode_raw_utf8", "JSON", "", "whose text is UTF-8", `{"request": "msg", "content": "` + raw + `"}`, raw, "Decode what comes as UTF-8, and not before a whole request is there."},
		{"content_before_request", "JSON", "", "with content before request", `{"content": "$hello", "request": "msg"}`, "$hello", "Look for keys by their names: an object has no order."},
		{"extra_unknown_key_in_request", "", "26 of 27 servers do it, and clients of Parley send some", "with a key that the specification does not know", `{"request": "msg", "content": "$hello", "foo": [1, {"a": null}]}`, "$hello", "Look only for the keys you know, and leave the others alone."},
		{"keys_in_capitals", "", "one of 29 clients sends them, which is written in Go", "with Request and Content in place of request and content", `{"Request": "msg", "Content": "$hello"}`, "$hello", "Compare keys without regard to capitals, if you want that client."},
		{"message_for_msg", "", "one of 36 clients sends it", "with message in place of msg", `{"request": "message", "content": "$hello"}`, "$hello", "Take message for msg, if you want that client."},
	} {
		list = append(list, point{
			Rule:  doctor.Rule{ID: c.id, Section: c.section, World: c.world, Asks: "A request " + c.what + " is understood.", Change: c.change},
			given: pair,
			play:  []step{sends("ann", c.bytes), hears("bob", saying(c.text))},
		})
	}
	for _, c := range []struct{ label, section, world, what, bytes string }{
		{"absent", "", "clients send it", "without content", `{"request": "names"}`},
		{"empty_string", "", "clients send it", "whose content is an empty string", `{"request": "names", "content": ""}`},
		{"None_string", "", "clients send it, since the specification writes None", `whose content is the string "None"`, `{"request": "names", "content": "None"}`},
		{"null", "requests", "", "whose content is null", `{"request": "names", "content": null}`},
	} {
		list = append(list, point{
			Rule: doctor.Rule{ID: "names_with_content_" + c.label, Section: c.section, World: c.world, Asks: "A names request " + c.what + " is answered.",
				Change: "Do not look at the content of requests that need none."},
			given: pair,
			play:  []step{sends("ann", c.bytes), hears("ann", with("@ann"))},
		})
	}
	for _, n := range []int{1000, 5000, 64 << 10} {
		list = append(list, long(n))
	}
	return group{"content", list}
}

const mustBear = 4096 // bytes of a text; a longer one may be refused

// long is a text of n bytes. Most programs read up to 4,096 bytes at a time.
func long(n int) point {
	size := doctor.Plural(n, "byte", "bytes")
	body := "$" + "long" // a word has six letters more than its name
	body = strings.Repeat("x", n-len("long")-6) + body
	p := point{
		Rule: doctor.Rule{ID: "message_of_" + strings.Fields(size)[0] + "_bytes", World: "most programs read 4,096 bytes at a time",
			Asks:   "A text of " + size + " comes to the others whole.",
			Change: "Read on until a request is complete, up to a limit of yours, and answer what is above it with an error."},
		given: []step{logsIn("ann"), logsIn("bob")},
		play:  []step{says("ann", body), hears("bob", saying(body))},
	}
	if n > mustBear {
		p.Asks = "A text of " + size + " comes to the others whole, or is answered with an error."
		p.play[1] = either(p.play[1], hears("ann", anError))
	}
	return p
}

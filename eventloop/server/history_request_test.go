package server

import (
	"strings"
	"testing"

	"parley/protocol"
)

func TestAskedHistory(t *testing.T) {
	n := func(r historyRequest) historyRequest {
		if r.count == 0 {
			r.count = protocol.DefaultHistoryCount
		}
		return r
	}
	for content, want := range map[string]historyRequest{
		`null`:                   {},
		`"None"`:                 {},
		`"20"`:                   {count: 20},
		`"500"`:                  {count: 500},
		`"den"`:                  {room: "den"},
		`"Den 7"`:                {room: "Den", count: 7},
		`"50 7"`:                 {room: "50", count: 7},
		`"50 before 7"`:          {room: "50", where: "before", id: 7},
		`"before 7"`:             {where: "before", id: 7},
		`" BEFORE\t7  3 "`:       {where: "before", id: 7, count: 3},
		`"after 0"`:              {where: "after"},
		`"around 12"`:            {where: "around", id: 12},
		`"den after 7 3"`:        {room: "den", where: "after", id: 7, count: 3},
		`"with:Bob around 1 1"`:  {with: "Bob", where: "around", id: 1, count: 1},
		`"WITH:bob"`:             {with: "bob"},
		`{}`:                     {},
		`{"room":"before"}`:      {room: "before"},
		`{"with":"bob"}`:         {with: "bob"},
		`{"before":7,"count":3}`: {where: "before", id: 7, count: 3},
		`{"room":"den","after":"18446744073709551615"}`: {room: "den", where: "after", id: 1<<64 - 1},
		`{"around":" 7 ","count":"500"}`:                {where: "around", id: 7, count: 500},
	} {
		got, err := parseHistory(t, content)
		if err != nil || got != n(want) {
			t.Errorf("%s: %+v %v, want %+v", content, got, err, n(want))
		}
	}
	for content, says := range map[string]string{
		`"0"`:                              "COUNT is a whole number from 1 to 500",
		`"501"`:                            "COUNT is",
		`"99999999999999999999"`:           "COUNT is",
		`"den -1"`:                         "COUNT is",
		`"den many"`:                       "COUNT is",
		`"den 1.5"`:                        "COUNT is",
		`"before"`:                         "before is missing its ID",
		`"den around"`:                     "around is missing its ID",
		`"before x"`:                       "ID is the number of a message",
		`"before 0"`:                       "ID is",
		`"around 0"`:                       "ID is",
		`"after -1"`:                       "ID is",
		`"after 18446744073709551616"`:     "ID is",
		`"before 1 2 3"`:                   `not clear what "3" means`,
		`"before 1 after 2"`:               `not clear what`,
		`"with: 5"`:                        "NAME is missing",
		`{"room":"den","with":"bob"}`:      "either for a room or",
		`{"before":1,"after":2}`:           "only one of",
		`{"after":1,"around":2}`:           "only one of",
		`{"count":0}`:                      "COUNT is",
		`{"before":"` + manyNines() + `"}`: "ID is",
		`{"before":1.5}`:                   "must be a whole number",
		`{"room":5}`:                       "must be a string",
		`5`:                                "must be a string",
	} {
		got, err := parseHistory(t, content)
		if err == nil || err.Code != protocol.BadRequest || !strings.Contains(err.Text, says) {
			t.Errorf("%s: %+v %v, want an error that says %q", content, got, err, says)
		}
	}
}

func manyNines() string { return strings.Repeat("9", 1000) }

// parseHistory reads a content as it comes on the wire.
func parseHistory(t *testing.T, content string) (historyRequest, *protocol.Error) {
	t.Helper()
	p := protocol.Parser{Slim: true}
	r, err := p.Parse([]byte(`{"request":"history","content":` + content + `}`))
	if err != nil {
		t.Fatal(content, err)
	}
	args, err := protocol.NewVerbs().Lookup("history").Parse(r.Content)
	if err != nil {
		return historyRequest{}, err
	}
	return askedHistory(call{Request: r, args: args})
}

package protocol

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestCheckRoom(t *testing.T) {
	for _, name := range []string{"a", "Z", "0", "-", "lobby", "Go-talk-2026", strings.Repeat("x", MaxRoom), "nonesuch"} {
		if err := CheckRoom(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, tt := range []struct{ name, says string }{
		{"", "The name of the room is missing."},
		{strings.Repeat("x", MaxRoom+1), "at most 32"},
		{"den\n", "only the letters"},
		{"my den", "only the letters"},
		{"my_den", "only the letters"},
		{"blåbær", "only the letters"},
		{"den\x00", "only the letters"},
		{"@den", "only the letters"},
		{"None", "No room may be called None"},
		{"nONE", "No room may be called nONE"},
	} {
		checkError(t, CheckRoom(tt.name), BadName, tt.says)
	}
}

func TestCheckTopic(t *testing.T) {
	for _, text := range []string{"x", "All about blåbær 😀.", strings.Repeat("x", MaxTopic)} {
		if err := CheckTopic(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, tt := range []struct {
		text string
		code Code
		says string
	}{
		{"", BadRequest, "blank"},
		{" \u200b", BadRequest, "blank"},
		{strings.Repeat("å", MaxTopic/2+1), TooLarge, "at most 256 bytes, yours has 258"},
		{"one\ntwo", BadRequest, "one line"},
		{"one\ttwo", BadRequest, "one line"},
		{"one\u2028two", BadRequest, "one line"},
		{"one\x1b[2Jtwo", BadRequest, "one line"},
	} {
		checkError(t, CheckTopic(tt.text), tt.code, tt.says)
		checkError(t, CheckWhy(tt.text), tt.code, tt.says)
	}
	if err := CheckWhy("spam: 3 times."); err != nil {
		t.Error(err)
	}
}

// What a server sends of another type than it should is left out.
func TestDecodeRooms(t *testing.T) {
	nine := strings.Repeat("9", 30)
	for data, want := range map[string]Data{
		`"room":"den","topic":"x","read":7,"rooms":[{"name":"den","topic":"x","members":3,"read":7,"joined":true,"private":true,"key":true,"invited":true,"forwarded":true}]`: {Room: "den", Topic: "x", Read: 7,
			Rooms: []Room{{Name: "den", Topic: "x", Members: 3, Read: 7, Joined: true, Private: true, Key: true, Invited: true, Forwarded: true}}},
		`"unread":[{"room":"den","read":7,"count":3,"mentions":1,"more":true},{"name":"bob","count":1}]`: {Unread: []Unread{{Room: "den", Read: 7, Count: 3, Mentions: 1, More: true}, {Name: "bob", Count: 1}}},
		`"sessions":[{"id":2,"since":"2026-11-21T12:00:00Z","address":"::1","mine":true}]`:               {Sessions: []Session{{ID: 2, Since: noon.Truncate(time.Second), Address: "::1", Mine: true}}},
		`"rooms":[],"unread":[],"sessions":[]`:                                                           {Rooms: []Room{}, Unread: []Unread{}, Sessions: []Session{}},
		`"rooms":{},"unread":"x","sessions":7`:                                                           {},
		`"before":5,"after":18446744073709551615,"state":"not_kept"`:                                     {Before: 5, After: 1<<64 - 1, State: StateNotKept},
		`"before":"5","after":-1`:                                                                        {},
		`"rooms":null,"room":null,"topic":1`:                                                             {},
		`"rooms":[1,null,"den",[{}],{"name":"x"}]`:                                                       {Rooms: []Room{{Name: "x"}}},
		`"id":` + nine + `,"read":` + nine:                                                               {},
		`"read":-1,"rooms":[{"members":-1,"read":"7","joined":1,"key":"yes"},{"members":2147483648},{"members":` + nine + `},{"members":1.5}]`: {Rooms: []Room{{}, {}, {}, {}}},
		`"unread":[{"count":4294967296,"mentions":18446744073709551615,"more":null}]`:                                                          {Unread: []Unread{{}}},
		`"sessions":[{"id":18446744073709551615,"since":"yesterday","address":["::1"],"mine":"true"},{"since":null}]`:                          {Sessions: []Session{{}, {}}},
	} {
		r, err := DecodeResponse([]byte(`{"response":"info","data":{"event":"x",` + data + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		want.Event = "x"
		if diff := cmp.Diff(&want, r.Data); diff != "" {
			t.Errorf("%s (-want +got):\n%s", data, diff)
		}
	}
}

// In a plain session each part of a text that was not said in the lobby says where it was,
// and no text of the lobby looks as if it was said elsewhere.
func TestMarks(t *testing.T) {
	long := strings.Repeat("word ", 1000)
	for _, tt := range []struct {
		name, text string
		data       *Data
		want       []string // beginnings of the parts
	}{
		{"lobby", "hi (you)", &Data{Event: EventMessage}, []string{"hi (you)"}},
		{"room", "hi", &Data{Event: EventMessage, Room: "Go-talk"}, []string{"(in Go-talk) hi"}},
		{"room, cut", long, &Data{Event: EventMessage, Room: "den"}, []string{"(in den) word ", "(in den) word "}},
		{"room, with a mark in the text", "(in den) hi", &Data{Event: EventMessage, Room: "loft"}, []string{"(in loft) (in den) hi"}},
		{"direct", "(in den) hi", &Data{Event: EventDirect}, []string{"(to you alone) (in den) hi"}},
		{"a mark", "(in den) hi", &Data{Event: EventMessage}, []string{"(in lobby) (in den) hi"}},
		{"an aside", "(to you alone) hi", &Data{Event: EventMessage}, []string{"(in lobby) (to you alone) hi"}},
		{"of the lobby", "(in lobby) hi", &Data{Event: EventMessage}, []string{"(in lobby) (in lobby) hi"}},
		{"in capitals", "(IN DEN) hi", &Data{Event: EventMessage}, []string{"(in lobby) (IN DEN) hi"}},
		{"behind blanks", " \n\u00a0(in den) hi", &Data{Event: EventMessage}, []string{"(in lobby)  \n\u00a0(in den) hi"}},
		{"behind what cannot be seen", "\u200b\u0301(in den) hi", &Data{Event: EventMessage}, []string{"(in lobby) \u200b\u0301(in den) hi"}},
		{"with other blanks", "( in\u00a0den ) hi", &Data{Event: EventMessage}, []string{"(in lobby) ( in\u00a0den ) hi"}},
		{"in other letters", "(іn den) hi", &Data{Event: EventMessage}, []string{"(in lobby) (іn den) hi"}},
		{"in another parenthesis", "（in den) hi", &Data{Event: EventMessage}, []string{"(in lobby) （in den) hi"}},
		{"without data", "(in den) hi", nil, []string{"(in lobby) (in den) hi"}},
		{"where a text is cut", "hi\n" + strings.Repeat("(in den) hi\n", 700), &Data{Event: EventMessage}, []string{"hi\n(in den)", "(in lobby) (in den) hi\n", "(in lobby) (in den) hi\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := Response{Time: noon, Sender: "bob", Kind: KindMessage, Content: tt.text, Data: tt.data}
			check := func(what string, parts []Response) {
				if len(parts) != len(tt.want) {
					t.Fatalf("%s: %d parts, want %d", what, len(parts), len(tt.want))
				}
				for i, part := range parts {
					if !strings.HasPrefix(part.Content, tt.want[i]) {
						t.Errorf("%s: part %d begins with %.60q, want %q", what, i+1, part.Content, tt.want[i])
					}
				}
			}
			var parts []Response
			for _, frame := range PlainFrames(m) {
				checkPlain(t, frame, false)
				parts = append(parts, decoded(t, frame))
			}
			check("a response", parts)
			for _, form := range []HistoryForm{HistoryStrings, HistoryObjects, HistoryReplay} {
				parts = nil
				frames, _ := PlainHistory(Response{Time: noon, Sender: ServerName, Kind: KindHistory, History: []Response{m}}, form, 10)
				for _, frame := range frames {
					if r := decoded(t, frame.Bytes); form == HistoryReplay {
						parts = append(parts, r)
					} else {
						parts = append(parts, r.History...)
					}
				}
				check("history as "+string(form), parts)
			}
		})
	}
	for _, kind := range []Kind{KindInfo, KindError} {
		r := Response{Time: noon, Sender: ServerName, Kind: kind, Content: "(in short) no", Data: &Data{Event: EventTopic, Room: "den"}}
		if got := decoded(t, PlainFrames(r)[0]).Content; got != r.Content {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

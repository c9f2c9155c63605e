package forms

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"parley/protocol"
)

var ops = Here{Room: "ops", KnowsRoom: func(name string) bool {
	return slices.Contains([]string{"lobby", "ops", "dev", "12"}, strings.ToLower(name))
}}

func described(f Fields) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		words = append(words, name+"="+f[name])
	}
	return strings.Join(words, " ")
}

func TestForms(t *testing.T) {
	for _, test := range []struct{ typed, want string }{ // "!" and words of the refusal
		{"history", "room=ops"},
		{"history 20", "count=20 room=ops"},
		{"history dev", "room=dev"},
		{"history #dev 20", "count=20 room=dev"},
		{"history unknown", "room=unknown"},
		{"history with:bob before 12", "before=12 with=bob"},
		{"history @bob after #12 5", "after=12 count=5 with=bob"},
		{"history WITH:bob", "with=bob"},
		{"history After 0", "after=0 room=ops"},
		{"history around 12", "around=12 room=ops"},
		{"history before", "!stands behind before"},
		{"history before x", "!stands behind before"},
		{"history before 1 after 2", "!Only one of"},
		{"history 5 6", "!a number alone"},
		{"history 5 ops", "!a number alone"},
		{"history ops dev", "!Type /history"},
		{"history with:", "!Type /history"},
		{"history with:b_b", "!Type /history"},
		{"history a_b", "!Type /history"},
		{"around 12", "around=12 room=ops"},
		{"around #12 5", "around=12 count=5 room=ops"},
		{"around", "!Type /around"},
		{"around 0", "!Type /around"},
		{"around ops", "!Type /around"},
		{"around 12 ops", "!Type /around"},
		{"versions #12", "id=12"},
		{"versions x", "!Type /versions"},
		{"kick bob", "name=bob room=ops"},
		{"kick @bob dev", "name=bob room=dev"},
		{"kick bob LOBBY out with you", "name=bob room=LOBBY why=out with you"},
		{"kick bob #new out", "name=bob room=new why=out"},
		{"kick bob dav out", "name=bob room=ops why=dav out"},
		{"kick b_b", "!Type /kick"},
		{"kick", "!Type /kick"},
		{"mute bob 10m", "for=10m name=bob room=ops"},
		{"mute bob dev 1h30m too  loud", "for=1h30m name=bob room=dev why=too  loud"},
		{"mute bob too loud", "name=bob room=ops why=too loud"},
		{"mute bob forever", "for=forever name=bob room=ops"},
		{"mute bob 10 min", `!"10" does not say`},
		{"unmute bob", "name=bob room=ops"},
		{"unmute bob dev", "name=bob room=dev"},
		{"unmute bob dav", "!write it #dav"},
		{"unmute bob dev please", "!Type /unmute"},
		{"ban bob 7d spam", "for=7d room=ops who=bob why=spam"},
		{"ban 10.0.0.0/8 spam", "room=lobby who=10.0.0.0/8 why=spam"},
		{"ban 2001:db8::1", "room=lobby who=2001:db8::1"},
		{"ban 10.0.0.0/8 dev", "room=dev who=10.0.0.0/8"}, // which the server refuses
		{"ban 10.0.0.300", "!neither a name"},
		{"unban 10.0.0.0/8", "room=lobby who=10.0.0.0/8"},
		{"unban bob", "room=ops who=bob"},
		{"bans", "room=ops"},
		{"bans lobby", "room=lobby"},
		{"bans dav", "!write it #dav"},
		{"role bob Moderator", "name=bob role=moderator room=ops"},
		{"role bob none lobby", "name=bob role=none room=lobby"},
		{"role bob none dav", "!write it #dav"},
		{"role bob king", "!A role is"},
		{"role bob", "!A role is"},
		{"announce  all of you ", "text=all of you"},
		{"lockdown ON why not", "mode=on why=why not"},
		{"lockdown off", "mode=off"},
		{"lockdown", "!Type /lockdown on"},
		{"lockdown maybe", "!Type /lockdown on"},
		{"slow 10", "room=ops seconds=10"},
		{"slow 10s", "room=ops seconds=10"},
		{"slow dev 0", "room=dev seconds=0"},
		{"slow off", "room=ops seconds=0"},
		{"slow dev", "!Type /slow"},
		{"slow -1", "!Type /slow"},
		{"slow 12 10", "room=12 seconds=10"},
		{"keep", "room=ops"},
		{"keep 30", "days=30 room=ops"},
		{"keep - 1000", "days=- messages=1000 room=ops"},
		{"keep dev 30 1000", "days=30 messages=1000 room=dev"},
		{"keep #12 30", "days=30 room=12"},
		{"keep dev all", "!Days and messages"},
		{"keep 1 2 3", "!Type /keep"},
		{"report 12", "about=12"},
		{"report #12 spam and more", "about=12 why=spam and more"},
		{"report @bob", "about=bob"},
		{"report ¦", "!Type /report"},
		{"audit", "room=ops"},
		{"audit bob", "name=bob room=ops"},
		{"audit dev bob before #9", "before=9 name=bob room=dev"},
		{"audit before 9", "before=9 room=ops"},
		{"audit dav bob", "!write it #dav"},
		{"audit bob before", "!Type /audit"},
	} {
		verb, arg, _ := strings.Cut(test.typed, " ")
		f, why := Read(verb, arg, ops)
		got := described(f)
		if refusal, refused := strings.CutPrefix(test.want, "!"); refused != (why != "") || refused && !strings.Contains(why, refusal) || !refused && got != test.want {
			t.Errorf("/%s is %q %q, not %q", test.typed, got, why, test.want)
		}
	}
}

// What names no place is of the place that plain lines are for, and refused where there is
// none.
func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		here  Here
		typed string
		want  string
	}{
		{Here{Person: "bob"}, "history", "with=bob"},
		{Here{Person: "bob"}, "around 12", "around=12 with=bob"},
		{Here{}, "history", ""},
		{Here{}, "history ops", "room=ops"},
		{Here{Room: "lobby"}, "kick bob", "name=bob room=lobby"},
		{Here{Person: "bob"}, "kick bob", ""},
		{Here{}, "bans", ""},
		{Here{}, "slow 10", ""},
		{Here{}, "keep 10", ""},
		{Here{}, "ban 10.0.0.1", "room=lobby who=10.0.0.1"},
		{Here{}, "audit bob", "name=bob"},
		{Here{Person: "bob"}, "announce hi", "text=hi"},
	} {
		test.here.KnowsRoom = ops.KnowsRoom
		verb, arg, _ := strings.Cut(test.typed, " ")
		f, why := Read(verb, arg, test.here)
		if got := described(f); (test.want == "") != (why != "") || why == "" && got != test.want {
			t.Errorf("%+v: /%s is %q %q, not %q", test.here, test.typed, got, why, test.want)
		}
	}
}

func TestCutID(t *testing.T) {
	for _, test := range []struct{ arg, id, rest string }{
		{"12 text", "12", "text"}, {"#12  two words", "12", "two words"}, {"12", "12", ""}, {"", "", ""}, {"text 12", "", "text 12"},
		{"12th of May", "", "12th of May"}, {"# x", "", "# x"}, {"##1 x", "", "##1 x"}, {"-1 x", "", "-1 x"}, {"12\nlines", "12", "lines"},
	} {
		if id, rest := CutID(test.arg); id != test.id || rest != test.rest {
			t.Errorf("%q is %q and %q", test.arg, id, rest)
		}
	}
}

// Whatever is typed: what is sent has fields that the verb has, none is empty, and the verb
// takes them; what is refused is told why.
func FuzzForms(f *testing.F) {
	for _, line := range []string{"history ops before #12 5", "ban 10.0.0.1/8 7d x", "role a owner #b", "slow off", "keep - 5", "audit x before 3", "report @a"} {
		verb, arg, _ := strings.Cut(line, " ")
		f.Add(verb, arg)
	}
	verbs := protocol.NewVerbs()
	f.Fuzz(func(t *testing.T, verb, arg string) {
		if byVerb[verb] == nil {
			t.Skip()
		}
		fields, why := Read(verb, arg, ops)
		if (why == "") == (fields == nil) {
			t.Fatalf("%v, %q", fields, why)
		}
		request := verbs.Lookup(verb)
		if verb == "around" {
			request = verbs.Lookup("history")
		}
		for name, value := range fields {
			if value == "" || !slices.ContainsFunc(request.Args, func(a protocol.Arg) bool { return a.Name == name }) {
				t.Errorf("%s has the field %s=%q", verb, name, value)
			}
		}
		for _, a := range request.Args {
			if why == "" && !a.Optional && fields[a.Name] == "" && verb != "announce" { // which needs a text
				t.Errorf("%s %q has no field %s: %s", verb, arg, a.Name, fmt.Sprint(fields))
			}
		}
	})
}

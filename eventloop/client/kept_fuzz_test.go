package client

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/eventloop/client/timeline"
)

// Whatever a run has left, the next one begins with it and goes on: nothing of private sessions
// is in it, it is not more than is kept, and a third run finds what the second one found.
func FuzzKept(f *testing.F) {
	for _, text := range []string{`{}`,
		`{"Name":"alice","Log":"log1","Token":"abc","After":6,"Whole":true,"Talks":[{"In":{"Place":4,"Name":"dev"},"Name":"Dev","Cursor":3,"Draft":"half\na line","Entries":[{"ID":3,"In":{"Place":4,"Name":"dev"},"Room":"Dev","Sender":"bob","Text":"two","Number":5}]},{"In":{"Place":1},"Entries":[{"ID":1,"In":{"Place":1},"Sender":"bob","Text":"one","Number":4},{"ID":9,"In":{"Place":1},"Own":true,"State":1,"Text":"not sent"}]},{"In":{"Place":2,"Name":"bob"},"Name":"bob","Entries":[{"ID":5,"In":{"Place":2,"Name":"bob"},"Sender":"bob","Text":"psst","Number":6},{"ID":6,"In":{"Place":2,"Name":"bob"},"Own":true,"State":2,"To":"bob","Text":"yes"}]}],"Settings":{"theme":"dark"}}`,
		`{"Name":"x y","Talks":[{"In":{"Place":3,"Name":"bob"},"Draft":"secret","Entries":[{"ID":1,"In":{"Place":3,"Name":"bob"},"Sender":"bob","Text":"secret"}]}]}`,
		`{"Talks":[{"In":{"Place":200,"Name":"BOB"},"Cursor":99,"Entries":[{"In":{"Place":6},"Kind":77,"State":99},{"In":{"Place":5},"Left":-1}]}]}`,
		`{"Name":"alice","Log":"log1","Token":"` + strings.Repeat("\ufffd", 22) + `","After":6,"Whole":true}`,
		`{"Name":"alice","Log":"log1","Token":"\u001b[2J","Whole":true}`,
		`{"Name":"alice","Log":"log\u0000","Token":"abc","After":6,"Whole":true}`,
		`{"Talks":[{"Entries":[{"ID":18446744073709551615},{"ID":1},{"ID":9223372036854775809}]}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var kept Kept
		if err := json.Unmarshal(text, &kept); err != nil {
			return
		}
		second := goneOn(t, &kept)
		left := keptOf(t, second)
		entries := 0
		for _, talk := range left.Talks {
			entries += len(talk.Entries)
			for _, e := range talk.Entries {
				if e.In != talk.In {
					t.Errorf("%q: %+v stands in %+v", text, e, talk.In)
				}
			}
			if p := talk.In.Place; p != timeline.Lobby && p != timeline.Direct && p != timeline.Room {
				t.Errorf("%q: %+v is kept", text, talk)
			}
		}
		if entries > keptTotal || len(left.Settings) > maxSettings {
			t.Errorf("%q: %d entries and %d settings are kept", text, entries, len(left.Settings))
		}
		third := goneOn(t, &left)
		if again := keptOf(t, third); !cmp.Equal(again, left, cmpopts.EquateEmpty()) {
			t.Errorf("%q: a second run leaves %+v, and a third one %+v", text, left, again)
		}
		for _, s := range []*stage{second, third} {
			for _, line := range []string{
				"dial> ok", "server> +login log1 account rooms=dev token=def id=8 resume=follows", "server> +message 7 bob five",
				"server> +message 8 bob [dev] six", "server> +direct 9 bob alice seven", "server> +resumed 9", "person> hello", "person> /recent",
			} {
				s.log = nil
				s.do(line)
			}
			keptOf(t, s)
		}
	})
}

// goneOn returns a client that goes on with what another run has left.
func goneOn(t *testing.T, kept *Kept) *stage {
	s := newStageAfter(t, kept, "name=alice", "unshown")
	s.where = "the next run"
	return s
}

// keptOf returns what a client leaves, as it is read.
func keptOf(t *testing.T, s *stage) (kept Kept) {
	t.Helper()
	text, err := json.Marshal(s.app.Kept())
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

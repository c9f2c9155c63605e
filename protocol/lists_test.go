package protocol

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestListFrames(t *testing.T) {
	second := noon.Truncate(time.Second)
	for _, tt := range []struct {
		name string
		data Data
		want string
	}{
		{"no rooms", Data{Event: EventRooms, Rooms: []Room{}}, "nothing"},
		{"rooms", Data{Event: EventRooms, Rooms: []Room{
			{Name: "den"},
			{Name: "Go-talk", Members: 12, Topic: "Generics. Use: back", Joined: true},
			{Name: "key-room", Members: 1, Key: true},
			{Name: "secret", Members: 3, Private: true, Invited: true},
		}}, "Rooms:\nden (0 connected).\nGo-talk (12 connected, you are in it): Generics. Use: back.\nkey-room (1 connected, with a key).\nsecret (3 connected, private, you are invited)."},
		{"nothing unread", Data{Event: EventUnread, Unread: []Unread{}}, "nothing"},
		{"unread", Data{Event: EventUnread, Unread: []Unread{
			{Room: Lobby, Count: 3},
			{Room: "den", Count: MaxUnread, Mentions: 2, More: true},
			{Name: "bob", Count: 1},
		}}, "Not read:\nlobby: 3.\nden: 999 or more, 2 with your name.\ndirect messages, bob: 1."},
		{"sessions", Data{Event: EventSessions, Sessions: []Session{
			{ID: 1, Since: noon, Address: "10.0.0.1"},
			{ID: 12, Since: noon, Mine: true},
		}}, "Your sessions:\n1: since 2026-11-21 12:00, from 10.0.0.1.\n12: since 2026-11-21 12:00 (this one)."},
		{"nobody is banned", Data{Event: EventBans, Order: &Order{Acts: []Act{}}}, "nothing"},
		{"bans", Data{Event: EventBans, Order: &Order{Acts: []Act{
			{ID: 7, Time: second, Act: "ban", By: "alice", Name: "bob", Room: "den", Until: second.Add(time.Hour), Why: "spam. Use: back"},
			{ID: 8, Time: second, Act: "ban", Address: "10.0.0.0/8"},
		}}}, "Who is banned or muted:\n7, 2026-11-21 12:00:00 UTC: alice has banned bob from den until 2026-11-21 13:00:00 UTC: spam. Use: back.\n" +
			"8, 2026-11-21 12:00:00 UTC: The server's owner has banned all who come from 10.0.0.0/8."},
		{"reports", Data{Event: EventReports, Order: &Order{Acts: []Act{{ID: 9, Time: second, Act: "report", By: "carol", Name: "bob", Message: 5}}}},
			"Reports, the newest first:\n9, 2026-11-21 12:00:00 UTC: carol has reported message 5 of bob."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := Response{Time: noon.Truncate(time.Second), Sender: ServerName, Kind: KindInfo, Content: "nothing", Ref: "7", Data: &tt.data}
			frames := ListFrames(r, 0, false)
			if len(frames) != 1 {
				t.Fatalf("%d frames", len(frames))
			}
			r.Content = tt.want
			for i := range tt.data.Sessions { // in whole seconds
				tt.data.Sessions[i].Since = tt.data.Sessions[i].Since.Truncate(time.Second)
			}
			if diff := cmp.Diff(r, decoded(t, frames[0])); diff != "" {
				t.Errorf("extended (-want +got):\n%s", diff)
			}
			plain := ListFrames(r, 0, true)
			if len(plain) != 1 || decoded(t, plain[0]).Content != tt.want {
				t.Errorf("plain: %s", plain)
			}
			if _, commands := CutCommands(tt.want); commands != nil {
				t.Errorf("%q ends in commands", tt.want)
			}
		})
	}
}

// However long a list is and whatever is in it, each response can be taken, together they
// hold it all in order, up to the limit, and what is left out is counted.
func TestLongLists(t *testing.T) {
	quotes := strings.Repeat(`"`, MaxTopic) // as bytes of JSON the double
	for _, tt := range []struct {
		rooms int
		topic string
		out   int // are left out by the caller
		all   bool
	}{{100, quotes, 0, true}, {1000, "", 0, true}, {100, "", 7, false}, {5000, "", 0, false}, {5000, quotes, 7, false}, {50000, "about horses", 0, false}} {
		t.Run(fmt.Sprint(tt.rooms, " rooms, topics of ", len(tt.topic)), func(t *testing.T) {
			list := make([]Room, tt.rooms)
			for i := range list {
				list[i] = Room{Name: fmt.Sprintf("room-%027d", i), Topic: tt.topic, Members: 7, Private: true, Joined: true}
			}
			r := Response{Time: noon, Sender: ServerName, Kind: KindInfo, Ref: "7", Data: &Data{Event: EventRooms, Rooms: list}}
			frames := ListFrames(r, tt.out, false)
			var told []Room
			size, last := 0, ""
			for i, frame := range frames {
				got := decoded(t, frame)
				size += len(frame)
				last = got.Content
				if more := i < len(frames)-1; len(frame) > MaxFrame || got.Data.More != more || got.Ref != "7" || more && len(frame) < MaxFrame-4096 {
					t.Errorf("response %d of %d: %d bytes, more %v, ref %q", i+1, len(frames), len(frame), got.Data.More, got.Ref)
				}
				if title := fmt.Sprintf("Rooms, %d of %d:\n", i+1, len(frames)); len(frames) > 1 && !strings.HasPrefix(last, title) {
					t.Errorf("response %d begins with %.40q", i+1, last)
				}
				told = append(told, got.Data.Rooms...)
			}
			if diff := cmp.Diff(list[:len(told)], told); diff != "" || len(told) == 0 {
				t.Errorf("%d are told (-want +got):\n%s", len(told), diff)
			}
			if size > 2*MaxListed+1024*len(frames) {
				t.Errorf("%d bytes", size)
			}
			left := fmt.Sprintf("\nand %d more", tt.rooms-len(told)+tt.out)
			if all := len(told) == tt.rooms && tt.out == 0; all != tt.all || strings.HasSuffix(last, left) == all {
				t.Errorf("%d of %d are told, the end is %q", len(told), tt.rooms, last[len(last)-40:])
			}
			if len(r.Data.Rooms) != tt.rooms || r.Data.More {
				t.Error("the caller's data was changed")
			}
			var plain strings.Builder
			for _, frame := range ListFrames(r, tt.out, true) {
				if len(frame) > MaxPlainFrame {
					t.Fatalf("plain: %d bytes", len(frame))
				}
				plain.WriteString(decoded(t, frame).Content)
			}
			if lines := strings.Count(plain.String(), "room-"); lines != len(told) || strings.HasSuffix(plain.String(), left) == tt.all {
				t.Errorf("plain: %d rooms of %d", lines, len(told))
			}
		})
	}
}

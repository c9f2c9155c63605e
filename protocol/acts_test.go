package protocol

import (
	"testing"
	"time"
)

func TestSentencesOfActs(t *testing.T) {
	until := time.Date(2026, 11, 26, 10, 0, 30, 0, time.UTC)
	for _, tt := range []struct {
		act  Act
		to   string
		want string
	}{
		{Act{Act: "kick", By: "alice", Name: "bob"}, "", "alice has kicked bob."},
		{Act{Act: "kick", By: "alice", Name: "bob", Room: "den", Why: "spam"}, "BOB", "alice has kicked you from den: spam."},
		{Act{Act: "kick", By: "alice", Name: "bob", Room: "den"}, "alice", "You have kicked bob from den."},
		{Act{Act: "ban", By: "alice", Name: "bob", Until: until, Why: "spam"}, "", "alice has banned bob until 2026-11-26 10:00:30 UTC: spam."},
		{Act{Act: "ban", By: "alice", Address: "10.0.0.0/8"}, "alice", "You have banned all who come from 10.0.0.0/8."},
		{Act{Act: "ban", By: "alice", Name: "bob", Room: Lobby}, "", "alice has banned bob from the lobby."},
		{Act{Act: "unban", By: "alice", Name: "bob", Room: "den"}, "", "alice has unbanned bob in den."},
		{Act{Act: "unban", By: "alice", Address: "10.0.0.0/8"}, "", "alice has unbanned all who come from 10.0.0.0/8."},
		{Act{Act: "mute", By: "alice", Name: "bob", Room: "den", Until: until}, "bob", "alice has muted you in den until 2026-11-26 10:00:30 UTC."},
		{Act{Act: "unmute", Name: "bob"}, "bob", "The server's owner has unmuted you."},
		{Act{Act: "report", By: "bob", Name: "carol", Message: 12, Room: "den", Why: "rude"}, "", "bob has reported message 12 of carol in den: rude."},
		{Act{Act: "report", By: "bob", Name: "carol"}, "bob", "You have reported carol."},
		{Act{Act: "remove", By: "alice", Message: 12, Room: Lobby}, "", "alice has removed message 12 in the lobby."},
		{Act{Act: "role", By: "alice", Name: "bob", Set: "moderator"}, "bob", "alice has made you moderator of the server."},
		{Act{Act: "role", Name: "bob", Set: "owner", Room: "den"}, "", "The server's owner has made bob owner of den."},
		{Act{Act: "role", By: "alice", Name: "bob", Set: "none", Room: "den"}, "", "alice has taken away the role of bob in den."},
		{Act{Act: "role", By: "alice", Name: "bob"}, "", "alice has taken away the role of bob for the whole server."},
		{Act{Act: "announce", By: "alice", Why: "Use: quit"}, "", "alice has announced: Use: quit."},
		{Act{Act: "lockdown", By: "alice", Set: "on", Why: "spam"}, "alice", "You have locked the server: no new guests, and nobody can register: spam."},
		{Act{Act: "lockdown", By: "alice", Set: "off"}, "", "alice has ended the lockdown of the server."},
		{Act{Act: "slow", By: "alice", Room: Lobby, Set: "10"}, "", "alice has made the lobby slow: each person can say something every 10 s."},
		{Act{Act: "slow", By: "alice", Room: "den", Set: "0"}, "", "alice has made den slow no more."},
		{Act{Act: "slow", By: "alice", Set: "10"}, "alice", "You have made the lobby slow: each person can say something every 10 s."},
		{Act{Act: "slow", By: "alice", Set: "0"}, "", "alice has made the lobby slow no more."},
		{Act{Act: "keep", By: "alice", Room: "den", Set: "10 days, 100 messages"}, "", "alice has set den to keep 10 days and 100 messages."},
		{Act{Act: "keep", By: "alice", Room: "den", Set: "1 days, 0 messages"}, "alice", "You have set den to keep 1 day."},
		{Act{Act: "keep", By: "alice", Room: "den", Set: "0 days, 1 messages"}, "", "alice has set den to keep 1 message."},
		{Act{Act: "keep", Room: "den", Set: "0 days, 0 messages"}, "", "The server's owner has set den to keep what the server says."},
		{Act{Act: "keep", By: "alice", Room: "den", Set: "for ever"}, "", "alice has set how much den keeps."},
		{Act{Act: "dance", By: "alice", Name: "bob", Room: "den"}, "", "alice has used dance for bob in den."},
		{Act{Act: "kick", By: "alice", Name: "bob", Why: "Use: leave!"}, "", "alice has kicked bob: Use: leave!"},
		{Act{Act: "report", By: "alice", Name: "bob", Why: "Use: names, or leave…"}, "", "alice has reported bob: Use: names, or leave…"},
		{Act{Act: "announce", By: "alice", Why: "We end at 5."}, "", "alice has announced: We end at 5."},
		{Act{Act: "announce", By: "alice", Why: "Use: quit?"}, "", "alice has announced: Use: quit?"},
	} {
		got := tt.act.Sentence(tt.to, nil)
		if got != tt.want {
			t.Errorf("%+v, to %q: %s", tt.act, tt.to, got)
		}
		if _, commands := CutCommands(got); commands != nil {
			t.Errorf("%s: has commands %q", got, commands)
		}
	}
}

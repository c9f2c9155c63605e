package web

import (
	"strings"

	"parley/eventloop/client/timeline"
)

// places are what the ids of conversations begin with.
var places = map[timeline.Place]string{
	timeline.Status: "status", timeline.Lobby: "lobby", timeline.Room: "room", timeline.Direct: "direct", timeline.Private: "private",
	timeline.Again: "again",
}

// idOf is the id of a conversation.
func idOf(c timeline.Conversation) string {
	if c.Name == "" {
		return places[c.Place]
	}
	return places[c.Place] + ":" + line(c.Name)
}

// conversationOf reads an id that a page has sent, and the name in it as it is written there.
func conversationOf(id string) (c timeline.Conversation, name string, ok bool) {
	word, name, named := strings.Cut(id, ":")
	for place, is := range places {
		if word != is || place == timeline.Again {
			continue
		}
		switch place {
		case timeline.Status, timeline.Lobby:
			return timeline.Conversation{Place: place}, "", !named
		}
		return timeline.With(place, name), name, name != ""
	}
	return c, "", false
}

func sameName(a, b string) bool { return strings.EqualFold(a, b) }

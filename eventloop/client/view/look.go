package view

import "parley/eventloop/client/timeline"

// A Look is what somebody sees again who turns to a conversation.
type Look struct {
	In      timeline.Conversation
	Name    string           // of the room or of the other one, as it is written
	Like    string           // whose name that of the other one can be taken for; "": nobody's
	Entries []timeline.Entry // oldest first
	Left    int              // how many that were not read are not among them
	New     timeline.ID      // the first that was not read; 0: there is none
}

// Package timeline is the model of what a person has been told: entries in the
// order in which they came, each in a conversation, and for each conversation what
// of it was not read yet.
//
// It is pure: it knows no clock, no screen and no connection. Whoever owns a
// [Timeline] adds entries and changes them; views subscribe, and are called for each
// change, in the order of the changes, by the goroutine of the owner. No view keeps
// state of an entry that is not here, so two views of one timeline always agree.
//
// All of it is bounded, since others decide how much comes: a conversation keeps its
// newest [MaxEntries] entries or [MaxBytes] bytes of text, whichever is less, and a
// timeline at most [MaxConversations] conversations, of rooms and with single persons,
// beside the lobby and the status; the one goes first that has said nothing for longest. Texts are kept as
// they came: to make them safe for a screen is a view's job. What is fetched of the past, for
// somebody who looks back, is kept beside all that ([Timeline.Keep]): views are told what
// becomes of it, and not that it is there.
package timeline

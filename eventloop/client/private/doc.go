// Package private is the person's side of private sessions: what package p2p decides
// becomes words and entries of the timeline, and what is typed about them becomes
// calls of p2p. It is pure: a [Transport], which is given, moves the bytes, and the
// chat is reached by a [Door]. Without a transport there are no private sessions,
// and one says no to whoever asks.
//
// That one is writing is told to the other side when keys are pressed while lines are
// for it alone. That the other one is writing is no entry: it is in the status, for the
// title of the window.
package private

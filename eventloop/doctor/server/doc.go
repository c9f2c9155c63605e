// Package server examines a chat server: it plays dialogues with it, and looks at what
// came of each.
//
// A group of dialogues has a file of its own, in the order in which they are played:
// before.go (the login), names.go, chat.go, framing.go, content.go, hostile.go, leave.go
// and load.go; shape.go looks at all that the server has sent meanwhile. A dialogue is a
// table of steps: those under given make ready, and if one fails nothing can be said;
// those under play are what the point asks. People in dialogues are called ann, bob and
// cat. On the server their names begin with "doctor", and words with a $ are new ones for
// each dialogue.
//
// It does no harm: it has at most 12 connections at a time, leaves a pause between two
// requests, says about 70 things (which stay in the history of a server that keeps one),
// registers nothing, and logs out whom it has logged in.
package server

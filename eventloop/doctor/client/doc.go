// Package client examines a client of the chat protocol: it runs the client in a terminal
// of its own, types what a person would type, and looks at what the client sends to a
// scripted server and at what it shows of what that one says.
//
//	Examine    the whole examination, from a command line to a report
//	Templates  what is typed for each act; guessed if nobody says it
//	run        one life of the client, at a server with some habits
//	terminal   the client and its terminal: its process is started and ended here
//	screen     what the client has drawn
//
// The client is run once at a server with no habits, the basic one. If it cannot bear that
// one, others that are common are tried, and the one that it bears best is the basic one.
// Points of the specification are judged there. Then it is run at a server of each dialect,
// which is the basic one with a habit more: a point that was passed at the basic server and
// is not passed there is the client's trouble with the habit.
package client

// Package forms makes of what is typed behind a command the fields of the request of that
// name. It is pure.
//
// What a command leaves out is what the person sees: the room, or the one person, that plain
// lines are for. Each request names its room, the lobby, too: what the server takes for the
// room where one is may not be what the prompt shows. A word is the name of a room if such
// a room is known, or if it has a # before it; else it belongs to what may stand behind it.
package forms

// Package command knows what can be typed in a chat: the table of commands
// ([Table]), what a line means ([Table.Read]), what Tab completes ([Completion])
// and the answer to /help. It runs nothing and sends nothing: the client has what
// runs each command, by its name.
//
// # What typed lines mean
//
// A line is said unless it begins with a slash; two slashes say one. The five
// words of the specification work without a slash where their arguments fit.
// Other chats take their commands without a slash; so a line that looks like one
// ("block bob", "whoelse") is not said, and the person told how to say it and how
// to run it. What may be a password is neither said nor remembered.
//
// msg before the name of somebody who was met is not said either: in other chats
// that speaks to one person alone, and here to everybody. broadcast, the other word
// of the same command, is never asked about; so there is a way to say anything.
//
// Words of IRC and of other chats do what a command here does, or the answer says
// what to do in their place (borrowed.go).
package command

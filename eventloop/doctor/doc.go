// Package doctor looks whether a server or a client speaks the chat protocol of the
// course TTM4100, and with which of the world's programs it will get on.
//
// The specification leaves framing and much else open, so every program filled the
// gaps in its own way. What is asked of a program is therefore of two kinds. A point
// of the specification is passed or failed. A habit, what most of the measured
// programs do or can bear, is passed or only warned of. The exit status counts failed
// points of the specification alone.
//
//	Rule      what a point asks, and by whose word: the specification's or the world's
//	Point     a rule, the verdict on one program, and the bytes that show it
//	Habit     what a program was seen to do that some other programs cannot bear
//	Estimate  with how many of the measured programs it works, from its habits
//	Report    all of it, as text, as JSON and as a page
//
// It reads the wire with eyes of its own and not through package protocol, which
// forgives on purpose what is to be reported here.
//
// The specification has no numbers that all its editions share: its sections are
// named here by their subject.
package doctor

// Package dialect has servers of the chat protocol with the habits that were seen in the
// wild, for a client to be tried on.
//
//	Habits   how a server speaks where the specification leaves it open, or errs
//	Dialect  a habit with its name: a change of Habits, and what is known of it
//	Words    what a server says: random words, so that each can be found on a screen
//	Server   a server for one client. It answers requests by itself; what it says
//	         beside that, its owner has it say
//	Request  what a client asked for, read with all forgiveness, and what is odd in it
package dialect

// Package users knows who is there. It is pure: no sockets, no clock, no disk, no
// randomness, and no goroutine; what it needs of them are arguments.
//
// A Presence knows who is online, with which sessions, who was when, and what the others
// are told of it; Accounts all users who are registered, Blocks who does not want to hear
// whom, Invitations and Relays who has asked whom for a private session and what is passed
// on in it. A Lockouts blocks logins after wrong passwords, and an Idle finds the sessions
// that do nothing. Each is owned by one goroutine. What has to outlast the process is
// returned by what changes it, as an Account, a Block or a Lockout.
//
// Package state puts them together, with rooms and what was said, into what a log of
// commands leads to.
package users

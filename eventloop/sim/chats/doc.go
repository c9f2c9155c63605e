// Package chats has tests in which people use Parley's own client: many clients and the server
// live in one world, under one clock, on one goroutine, and chance decides what happens next.
package chats

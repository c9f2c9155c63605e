// Package chats has tests in which people chat with Parley's own client, and some with clients
// of the standard: many clients and the server live in one world, under one clock, on one
// goroutine, and chance decides what happens next. What is promised stands at
// TestRandomClients. A run that fails is printed as who typed and was told what, made as short
// as it can be.
//
//	go test -count=1 -run '^TestRandomClients$' ./eventloop/sim/chats -rapid.checks=5000 -rapid.steps=60 -rapid.seed=1
//	go run ./eventloop/sim/night     for a night, with the other random runs
//
// # What it finds
//
// These faults were planted, one at a time, and the tests run as above with the seeds 1, 2 and 3.
// How many runs passed before the one that failed, and which of the days of
// parley/eventloop/sim did (go test -run '^TestRandomDays$' ./eventloop/sim -seeds 2000):
//
//	fault                                                     clients          days
//	lost wake-up: a loop does not ask again for a later one    4    1    0      1
//	... an earlier time does not replace a later one           4   13   14      2
//	... of the pauses between responses, of what is left       4   11   17      none
//	delivered twice: ids of messages are not looked for        7    1    0      1
//	... ids of direct messages are not kept on the disk       71   23    4    159
//	leak: who comes back is told what the blocked have said  599  373  304      4
//	... direct messages of the blocked are delivered         715    -  179     61
//	a connection is looked up by its slot alone               47  304  118      1
//	pacing: one message more than may be said at once        100  821  153   none
//	... a pause is given up for one response too few         564  716  307   none
//
// The dash is a run that another fault ended first, which was real.
//
// Which of the days found these, for which the clients were not run:
//
//	a server that ends does not carry out what waits         1
//	... closes whoever waits for an answer (which was real)  109
//	what a hook says is said again when it is sent again     5
package chats

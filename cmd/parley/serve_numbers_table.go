package main

import (
	"time"

	"parley/eventloop"
	"parley/eventloop/cluster"
	"parley/eventloop/cluster/snapshots"
	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/passwords"
)

// What packages use whose owner says nothing.
var (
	addressDefaults = server.DefaultAddressLimits()
	lockoutDefaults = users.DefaultLockoutLimits()
)

// numbers are those that can be set, in the order of --print-config.
var numbers = []number{
	{name: "loops", unit: "loops", value: 1, why: "One is best on two cores, where the disk and the passwords have the other one."},
	{name: "max-connections", unit: "connections", value: 0, why: "What the system lets the process open is the bound that holds in any case."},
	{name: "max-outbound", unit: "KiB", value: protocol.MaxOutbound >> 10, why: "What one user may say at once is less than half of it, so who reads at all is not dropped; a thousand who do not read take no more than 1 GiB."},
	{name: "stall", unit: aTime, value: protocol.StallTimeout, why: "Who reads 7 kB a second takes something more often, however slow the network is, and who does not would miss ever more; a client comes back, and misses nothing."},
	{name: "max-waiting", unit: "MiB", value: 128, why: "A small machine has that to spare; it is a hundred clients with all that may wait for one."},
	{name: "pace", unit: aTime, value: 50 * time.Millisecond, why: "Plain clients read one response at a time, and two in one piece are more than they can take; a person does not notice it."},
	{name: "history", unit: "messages", value: 100, why: "It is what somebody reads who has just come, a few screens."},
	{name: "keep-days", unit: "days", value: 0, why: "What people have said is deleted only when the owner wants that."},
	{name: "keep-messages", unit: "messages", value: 0, why: "What people have said is deleted only when the owner wants that."},
	{name: "max-resume", unit: "messages", value: server.DefaultMaxResume, why: "It is what a busy room says in a day. What is more, nobody reads."},
	{name: "token-lifetime", unit: aTime, value: server.DefaultGuestGrace, why: "It covers a change of networks, and a restart of the machine."},
	{name: "edit-for", unit: aTime, value: server.DefaultEditFor, why: "It is long enough to correct what one has said, and not to have said something else."},
	{name: "login-timeout", unit: aTime, value: protocol.LoginTimeout, why: "A person types a name and a password in it, and who only holds connections open loses them soon."},
	{name: "sessions", unit: "sessions", value: server.DefaultSessions, why: "It is a few machines and a telephone."},
	{name: "timeout", unit: aTime, value: users.DefaultTimeout, why: "It is long enough for lunch beside a terminal, and what is forgotten open does not stay for days."},
	{name: "max-text", unit: "bytes", value: protocol.MaxText, why: "It is two screens of text. It cannot be more, since clients refuse longer ones before they send them, and what is kept and peers of private sessions are made for it."},
	{name: "max-frame", unit: "bytes", value: protocol.MaxFrame, why: "It holds any text with every byte escaped, and is buffered whole before it is read, so it bounds what an unfinished request can cost. More would help nobody: clients make their requests for it."},
	{name: "rate", unit: "messages per second", value: float64(server.DefaultFloodPerSecond), why: "It is more than a person types, and less than a room can bear from one."},
	{name: "burst", unit: "messages", value: float64(server.DefaultFloodBurst), why: "A paste of ten lines goes at once."},
	{name: "flood-wait", unit: aTime, value: server.DefaultFloodWait, why: "It holds forty messages: a paste of fifty lines arrives whole."},
	{name: "login-size", unit: "KiB", value: protocol.LoginSize >> 10, why: "A login has a few hundred bytes, and who talks about the weather first is no client."},
	{name: "malformed", unit: "requests", value: protocol.MaxStrikes, why: "What sends three in a row does not speak this protocol."},
	{name: "max-deferred", unit: "requests", value: protocol.MaxDeferred, why: "A client that does not wait for answers gets on, and who leaves has them all carried out at once. It is four times what one of Parley's clients sends without an answer."},
	{name: "flood-refusals", unit: "requests", value: server.DefaultFloodRefusals, why: "A paste of a hundred lines has its last fifty refused: who does that has made a mistake, and who goes on means it."},

	{name: "relay-rate", unit: "bytes per second", value: 256 << 10, why: "It is enough for talk and a small file, and two hundred pairs who use it up at once fill a line of a gigabit no more than half."},
	{name: "attempts", unit: "passwords", value: lockoutDefaults.Failures, why: "Three tries are what people need who know their password."},
	{name: "block-duration", unit: aTime, value: lockoutDefaults.Block, why: "A person who has mistyped can wait for it, and who goes on waits twice as long each time."},
	{name: "max-block", unit: aTime, value: lockoutDefaults.MaxBlock, why: "Who goes on gets 3 guesses in that, 288 a day, and an owner who comes meanwhile waits no longer."},
	{name: "block-quiet", unit: aTime, value: lockoutDefaults.Quiet, why: "With an hour it never pays for a guesser to wait for it: the average stays under the 12 guesses an hour of going on."},
	{name: "address-attempts", unit: "passwords", value: lockoutDefaults.AddrFailures, why: "It is a classroom behind one address that has a bad day."},
	{name: "address-window", unit: aTime, value: lockoutDefaults.AddrWindow, why: "A classroom logs in within it, and two wrong passwords a minute are more than people behind one address give in the long run."},
	{name: "address-block", unit: aTime, value: lockoutDefaults.AddrBlock, why: "Who guesses at many names gets no more than 20 tries an hour from an address."},

	{name: "address-connections", unit: "connections", value: addressDefaults.Connections, why: "It is a household or a small office with a few clients for each. A thousand connections, which is what many systems let a process have, need 63 addresses."},
	{name: "address-new", unit: "connections within a time", value: addressDefaults.New, why: "It is twice what can be there at once: all may lose their connections and come back, and one of them may try something out."},
	{name: "address-guests", unit: "guests", value: addressDefaults.Guests, why: "It is half of the connections: people with accounts get in beside guests from the same address. Filling a lobby of 500 takes 63 addresses."},
	{name: "address-registrations", unit: "names within a time", value: addressDefaults.Registrations, why: "It is all in a household on its first evening. Names are for ever, and a script that takes them needs a month for 7,200 from one address."},
	{name: "address-hashes", unit: "passwords", value: passwords.DefaultShare, why: "It is 1.6 s of hashing on one core: a classroom behind one address can come back at once, and one address is a quarter of all that may wait, and keeps out nobody else."},
	{name: "max-hashes", unit: "passwords", value: passwords.DefaultJobs, why: "It is 6.4 s of hashing on one core: who came later would be answered after a client has given up."},
	{name: "address-relay-rate", unit: "bytes per second", value: addressDefaults.RelayRate, why: "It is four times what one session may have relayed: a file each for a few people at once."},

	{name: "presence-limit", unit: "users", value: 500, why: "Telling all of all costs the square of their number: of 500 who come, 125,000 responses."},

	{name: "cluster-replicas", unit: "servers", value: cluster.DefaultReplicas, why: "One of three may be lost."},
	{name: "cluster-patience", unit: aTime, value: 30 * time.Second, why: "Servers of NATS agree on another leader in a few seconds; whoever waits longer than this had better be elsewhere."},
	{name: "cluster-snapshots", unit: aTime, value: snapshots.DefaultEvery, why: "What was removed is in the log and in older snapshots until two more were made: a day."},

	{name: "drain", unit: aTime, value: 10 * time.Second, why: "All can be told and let go in it one after the other, and systemd waits for 90 s."},

	{name: "name-attempts", unit: "passwords within a time", value: server.Quota{Most: lockoutDefaults.NameFailures, Per: lockoutDefaults.NameWindow}, why: "It is 1,440 a day from any number of addresses, and 90 more on the first: a password that is not among the first thousands that are guessed holds for years. NIST SP 800-63B-4, 3.2.2 allows 100 in a row."},
	{name: "name-reserve", unit: "passwords", value: lockoutDefaults.NameReserve, why: "Who has 30 addresses, of IPv6 30 networks, does not keep the owner out, and who has thousands has 30 guesses more, once."},
	{name: "name-memory", unit: aTime, value: lockoutDefaults.NameMemory, why: "Who has 1,440 addresses has used up all within a day, and comes behind the owner then."},
	{name: "known-days", unit: "days", value: lockoutDefaults.KnownDays, why: "Who comes once a month, or is away on holiday, comes home to a known address."},

	{name: "tls-handshakes", unit: "handshakes", value: eventloop.DefaultMaxHandshakes, why: "Each takes a goroutine and some 30 kB while it waits for its client: 30 MB together."},
	{name: "handshake-timeout", unit: aTime, value: eventloop.DefaultHandshakeTimeout, why: "A handshake goes to and fro two or three times, which even by satellite is some 2 s; who opens connections and says nothing loses them soon."},
	{name: "handshake-input", unit: "KiB", value: eventloop.DefaultHandshakeInput >> 10, why: "A handshake has a few thousand bytes, and behind it come the first requests of a client that does not wait."},
	{name: "handshake-memory", unit: "MiB", value: eventloop.DefaultHandshakeMemory >> 20, why: "It is 128 connections with all of their own, and a small machine has that to spare."},
	{name: "proxy-waiting", unit: "connections", value: eventloop.DefaultMaxHeaders, why: "A proxy sends its header before all else, so there are hardly any; each may take 4 kB."},

	{name: "hook-rate", unit: "messages per second", value: float64(server.DefaultFloodPerSecond), why: "It is what a person may: more than one reads."},
	{name: "hook-burst", unit: "messages", value: server.DefaultFloodBurst, why: "It is what a person may: a build that ends says a few things at once."},
}

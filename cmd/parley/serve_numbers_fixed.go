package main

import (
	"parley/eventloop"
	"parley/eventloop/cluster"
	"parley/eventloop/hooks"
	"parley/eventloop/monitor"
	"parley/eventloop/server"
	"parley/protocol"
	"parley/users"
	"parley/users/log"
	"parley/users/state"
)

// fixedWhy begins the list of those that are fixed.
const fixedWhy = "What follows is fixed and cannot be set, and stands here so that each number is known. Clients count on most of it, or all servers of a cluster must decide the same."

// fixedNumbers are those that cannot be set.
var fixedNumbers = []number{
	// Of the protocol: other programs count on them.
	{"max-response", "bytes", protocol.MaxFrame, "Programs can read it into a buffer of that size; what is longer comes in several.", "Size of one response to an extended session."},
	{"max-plain-frame", "bytes", protocol.MaxPlainFrame, "Some clients of other people call recv(1024) once per response.", "Size of one response to a plain session."},
	{"max-plain-text", "bytes", protocol.MaxPlainText, "Most clients of other people call recv(4096) once per response.", "Size of a response to a plain session that holds one person's text."},
	{"max-served-frame", "bytes", protocol.MaxServedFrame, "Some servers send their whole history as one object.", "Size of one response that a client of Parley takes from any server."},
	{"max-depth", "levels", protocol.MaxDepth, "Requests have three, and what is nested without an end would exhaust the stack.", "How deep the objects and lists of one request may nest."},
	{"max-deferred-size", "bytes", protocol.MaxDeferredSize, "It is 16 of the longest texts: as plain sessions are told them they are less than half of --max-outbound.", "What the texts of the requests have together that wait of one session."},
	{"message-cost", "units", protocol.MessageCost, "So a request can cost as little as a fiftieth of a message.", "What a message costs of --rate and --burst; other requests cost what the help of them says."},
	{"kept-cost", "units", protocol.KeptCost, "The disk has it like a message, but those who keep order may have to do much at once: fifty of them.", "What a request costs at least of which something is kept."},
	{"dead-after", aTime, protocol.DeadAfter, "It is two pings, one every 30 s, and time for the answer to the second.", "How long the other side of an extended session may be silent that has pinged once."},
	{"max-history", "bytes", protocol.MaxHistory, "It is half of the least --max-outbound, so that who reads slowly stays.", "Earlier messages that an extended session is told at its login."},
	{"max-plain-history", "bytes", protocol.MaxPlainHistory, "It is half of what may wait for the pauses of a plain session, so that there is room for as much again.", "Earlier messages that a plain session is told at once; --pace may allow fewer."},
	{"max-listed", "bytes", protocol.MaxListed, "It is a quarter of the least --max-outbound: asking must not close one's own connection.", "Names that one answer lists, some 20,000."},
	{"max-likes", "names", protocol.MaxLikes, "They take less than what is left free beside a page of names.", "Names of which one response says whose they can be taken for."},
	{"max-search", "bytes", protocol.MaxSearch, "Nobody looks for a whole page of text.", "Size of what is looked for."},
	{"max-history-count", "messages", protocol.MaxHistoryCount, "It is what one scrolls through; more is asked for again.", "Messages that one answer to history has at most."},
	{"default-history-count", "messages", protocol.DefaultHistoryCount, "It is a screen or two.", "Messages that an answer to history has if the request says nothing."},
	{"request-memory", aTime, protocol.RequestMemory, "Somebody closes a laptop in the evening and opens it in the morning.", "How long the id of a request is remembered, so that a retry does nothing twice."},
	{"max-requests", "requests", state.MaxRequests, "They take 20 MB or so.", "Ids of requests that are remembered, the newest."},
	{"max-tag", "bytes", protocol.MaxTag, "It has room for a UUID and a name.", "Size of the ref and the id of a request."},
	{"max-name", "characters", protocol.MaxName, "A name stands in each line beside what is said.", "Length of the name of a user."},
	{"max-room", "characters", protocol.MaxRoom, "It is that of a user's name.", "Length of the name of a room."},
	{"max-topic", "bytes", protocol.MaxTopic, "A topic stands in one line.", "Size of the topic of a room."},
	{"max-why", "bytes", protocol.MaxWhy, "A reason stands in one line.", "Size of the reason of a kick, a ban and so on, as a client sends it."},
	{"max-acts", "acts", protocol.MaxActs, "It is what one reads at once; more is asked for again.", "Acts that one answer to audit or reports has."},
	{"max-joined", "rooms", protocol.MaxJoined, "It is more than a person follows, and what one keeps of them is bounded.", "Rooms that one may be in beside the lobby."},
	{"max-unread", "messages", protocol.MaxUnread, "Nobody needs a count of four digits.", "Up to how many unread messages of a conversation are counted."},
	{"max-reaction", "bytes", protocol.MaxReaction, "It has room for an emoji of several parts.", "Size of a reaction to a message."},
	{"max-paths", "paths", protocol.MaxPaths, "A machine with several networks has fewer.", "Network addresses that an invitation to a private session may name."},
	{"invitation-timeout", aTime, protocol.InvitationTimeout, "Who is at the keyboard answers within it.", "How long an invitation to a private session waits for an answer."},
	{"max-private", "sessions", protocol.MaxPrivate, "All of them with a full window of the relay are less than what may wait for a connection.", "Private sessions, and one's own invitations that wait, of one user."},
	{"max-ringing", "invitations", protocol.MaxRinging, "They take nothing from max-private, or others could use it up.", "Invitations of others that wait for one user's answer."},
	{"max-relayed", "bytes", protocol.MaxRelayed, "In base64 it fits into a frame, and others talk between two of them.", "What one relayed frame carries, before base64."},
	{"relay-window", "bytes", protocol.RelayWindow, "Peers cannot have a slow reader's connection closed: max-private windows are less than what may wait for it.", "What a peer may send through the relay until the other one gives credit."},
	{"relay-credit", "bytes", protocol.RelayCredit, "What is given back takes little room beside what it is for.", "Credit that the server passes on by itself; less waits for more."},

	// Of connections and of what waits.
	{"max-loops", "loops", eventloop.MaxLoops, "A loop's number has 8 bits in the number of a connection.", "What --loops can be."},
	{"peer-timeout", aTime, eventloop.DefaultPeerTimeout, "It is that of dead-after, for clients that do not ping.", "How long TCP waits for a peer to acknowledge what it was sent, or to answer when it was silent."},
	{"max-empty-records", "records", eventloop.MaxEmptyRecords, "A client wants new keys once in millions of records, and as long as a loop deals with those of one it does nothing else.", "TLS records without data, as for new keys, that a client may send at once behind its handshake; one more may come each second."},
	{"other-files", "files", eventloop.DefaultOtherFiles, "The database, the owner's commands and the standard streams have fewer.", "Open files that are set aside and not for connections."},
	{"settle-timeout", aTime, eventloop.DefaultSettleTimeout, "A disk that has no room may get some.", "How long the end waits for what is to be kept, behind --drain."},
	{"max-waiting-commands", "commands", log.MaxWaiting, "With the longest text each they are max-waiting-size.", "What may be decided and not yet safe on the disk; beyond it requests are refused."},
	{"max-waiting-size", "bytes", log.MaxWaitingBytes, "A disk that hangs must not take all memory.", "Texts that may be decided and not yet safe on the disk."},
	{"max-turn", "bytes", log.MaxTurn, "Servers of NATS take messages of 1 MiB where nobody says otherwise.", "Commands that one message of a cluster's log has."},
	{"max-node-frame", "bytes", server.MaxNodeFrame, "It is the longest payload that is relayed, in base64, and what stands around it.", "Size of a frame from one server of a cluster to another."},
	{"admin-connections", "connections", monitor.MaxConns, "Who looks is Prometheus and an operator; others wait.", "Connections to --admin that are answered at once."},
	{"admin-timeout", aTime, monitor.DefaultTimeout, "Loops that do not answer within it are no good to anybody.", "How long a request to --admin may take to come, and the loops to answer it."},
	{"hook-connections", "connections", hooks.MaxConns, "Programs say something and go; others wait.", "Connections to --hooks that are answered at once."},
	{"max-cluster-replicas", "servers", cluster.MaxReplicas, "JetStream has no more.", "What --cluster-replicas can be."},
	{"max-nodes", "servers", state.MaxNodes, "Each of them reads all of the log.", "Servers that a cluster can have."},
	{"max-node-name", "bytes", state.MaxNodeName, "It is that of the name of a machine.", "Size of the name of a server of a cluster."},

	// Of names and passwords.
	{"min-password", "bytes", users.MinPassword, "NIST SP 800-63B, 5.1.1.2 asks for it.", "Size of a password at least."},
	{"max-password", "bytes", users.MaxPassword, "It has room for any sentence, and what is hashed for strangers has an end.", "Size of a password at most."},
	{"max-known", "addresses", users.MaxKnown, "It is home, work, a telephone's, and two of a journey.", "Addresses that are known of an account: see --known-days."},
	{"lockout-names", "names", lockoutDefaults.Names, "It takes some 10 MB, and two cores need four minutes of wrong passwords to fill it.", "Names, and pairs of a name and an address, of which wrong passwords are remembered."},
	{"lockout-addresses", "addresses", lockoutDefaults.Addrs, "It is as many as of names.", "Addresses of which wrong passwords are remembered."},
	{"max-accounts", "accounts", users.MaxAccounts, "It is 60 MB, and registration that is open to everybody must not take all memory.", "Names that can be registered by their users."},

	// Of what one can leave behind.
	{"max-directs", "messages", users.MaxDirects, "It bounds what strangers can fill a disk with through one name, 800 KiB, and what is poured over a user at the next login.", "Direct messages that wait for one user who is not there."},
	{"max-directs-from", "messages", users.MaxDirectsFrom, "Nobody keeps out the others.", "Those of them that one sender may have left."},
	{"max-directs-of-guests", "messages", users.MaxDirectsOfGuests, "A guest who has left as many as one may takes another name.", "Those of them that all guests may have left together."},
	{"max-blocked", "users", users.MaxBlocked, "A block costs some 220 bytes: one user can make the server keep 220 KB.", "Others whom one user may have blocked."},
	{"max-away", "bytes", users.MaxAway, "It stands in one line.", "Size of the text of a user who is away."},
	{"max-since", aTime, users.MaxSince, "It is a month.", "How far back one may ask who was there."},
	{"max-gone", "users", users.MaxGone, "They take 2 MB; who has been gone for the longest is forgotten.", "Users who are not there and of whom it is known when they left."},
	{"max-rooms", "rooms", state.MaxRooms, "With nobody in it a room takes some 300 bytes: 15 MB.", "Rooms that there may be beside the lobby."},
	{"max-made", "rooms", state.MaxMade, "A thousand people are needed to use up max-rooms.", "Rooms that one person may have made that are there."},
	{"max-slow", "seconds", state.MaxSlow, "Six hours are nearly silence, for which there is mute.", "What slow can make people wait between two messages."},
	{"max-sanctions", "sanctions", state.MaxSanctions, "Each takes some 400 bytes.", "Bans and mutes of the whole server."},
	{"max-sanctions-in", "sanctions", state.MaxSanctionsIn, "One room cannot use up what all have.", "Bans and mutes in one room."},
	{"max-sanctions-in-rooms", "sanctions", state.MaxSanctionsInRooms, "They take 40 MB.", "Bans and mutes in all rooms together."},
	{"max-lasting", aTime, protocol.MaxLasting, "It is that of max-sanction.", "How long a ban or a mute may be asked for that ends."},
	{"max-sanction", aTime, state.MaxSanction, "What is longer is without an end.", "How long a ban or a mute may last that ends."},
	{"max-kept-why", "bytes", state.MaxWhy, "It is twice what clients send.", "Size of a reason that is kept."},
	{"max-kinds", "kinds", state.MaxKinds, "A message with all of them is told in one frame.", "Kinds of reactions that a message has."},
	{"max-reactions", "reactions", state.MaxReactions, "A message with all of them is told in one frame.", "Reactions of all kinds that a message has."},
	{"max-word", "bytes", state.MaxWord, "It has room for any emoji.", "Size of a reaction that is kept."},
	{"max-changes", "changes", state.MaxChanges, "They take 1 MB or so.", "Changes of messages that are remembered, the newest."},
	{"max-reports", "reports", state.MaxReports, "Those who keep order have done with older ones.", "Reports that are remembered, the newest."},
	{"max-hooks", "hooks", state.MaxHooks, "It is one for each of a thousand programs.", "Hooks that there can be."},
	{"max-outgoing-hooks", "hooks", state.MaxOutgoingHooks, "Each has a connection of its own, so that a receiver that hangs keeps no other waiting.", "Those of them that may be outgoing ones."},
	{"max-hook-url", "bytes", users.MaxHookURL, "It is what programs make of URLs, and more than any of theirs has.", "Size of the URL of an outgoing hook."},
}

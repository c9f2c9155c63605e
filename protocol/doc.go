// Package protocol is the wire contract of Parley: requests, responses, verbs,
// error codes, limits and framing. It is pure: no sockets, no clock, no state
// but that of a stream being read.
//
// # The standard
//
// The chat protocol of the course TTM4100 at NTNU is JSON over TCP:
//
//	request   {"request": VERB, "content": ARGUMENT}
//	response  {"timestamp", "sender", "response": error|info|history|message, "content"}
//
// It has no framing, so a [Scanner] finds where objects end in whatever bytes
// have come. What we send ends in a newline, so that it can be read with nc.
//
// # One rule
//
// The standard keys always hold the standard's meaning and a sentence that a
// person can read. What is ours travels in extra keys:
//
//	request   + "extended", "ref", "id"; at login "password", "register", "takeover",
//	           "token", "log", "after"
//	response  + "ref", "data"
//
// # Plain and extended sessions
//
// A login opens a plain session. It is sent exactly the four keys in compact
// ASCII, one response at a time with a pause behind it, each of at most
// [MaxPlainFrame] bytes unless it is one text, which may have [MaxPlainText]. What
// does not fit is sent as several responses. That is what third-party clients can
// read. 65 of them were measured, 29 and later 36:
//
//	still hears after a login with earlier messages      of 29   of 36
//	told as a list of strings                               20      20
//	a list of objects                                       13      12
//	one text                                                10      12
//	an empty list, then each as a message response          25      25
//	an empty string, then the same                          26       ?
//	no history response, then the same                      27      31
//	the same, no newline behind objects                     27      34
//
//	still hears after several responses in one segment    3 to 5 of 27
//	after one response in two segments                    3 of 27
//	after more than 1,024 bytes in one response           all but 4 or 5
//
// So what was said before is told as message responses, the newest that take two
// seconds, and the answer to the login says how many they are. Where nothing was
// said a history still comes, as the specification has it, and one client does not
// begin without. It is the empty string: 8 of the 61 clients that can be had die of
// an empty list, and 4 at most of an empty string (one of the first 29; of the
// others it was not measured). The owner may choose another [HistoryForm].
//
// A direct message is told by the words [Aside] before its text, and what is said in
// another room than the lobby by its [RoomMark], because the four keys have no other
// place for it. Each part of a text that is cut has it. A text of the lobby, or a part of
// it, that begins with a parenthesis of any kind is marked as of the lobby: nobody can
// have a text look as if it was said elsewhere.
//
// A login with "extended": 1 opens an extended session: UTF-8 as it is, the
// history as a list of response objects, and beside the four keys "ref", the
// request's own tag on every direct answer, and "data", the half that is made
// for programs: [Data]. Before login nobody is extended; only an error to a
// login that carried "extended": 1 has its data. A client finds out by the first
// answer to its login: with data it talks to Parley, without to somebody else.
//
// A history that is larger than a response may be comes in several, the oldest
// first; data.more says of one that another one follows. What is larger than
// [MaxHistory], in a plain session [MaxPlainHistory], is left out, which the answer to the
// login says.
//
// A msg that carries a ref or an id is answered with the event "accepted" and
// the message's sequence number when it is safe; without them its echo is answer
// enough. An id makes a retry of a msg or a dm harmless: a second request of the same
// name with the same id is answered like the first, and nothing is created twice. It
// is for one request only: with another text, another receiver or the other verb it is
// refused with the code bad_request. Ids are remembered for [RequestMemory]. A guest who comes back with the token of the login
// has the ids from before; another guest of that name has ids of their own.
//
// A list that is too long for one response, of names, rooms, conversations or sessions,
// comes in several: all with the ref of the request, all but the last with "more": true.
// Of more than [MaxListed] bytes the last response says how many are left out.
//
// # Rooms
//
// Everybody is in the [Lobby], the room of the standard, and may be in [MaxJoined] others.
// Names of rooms are those that [CheckRoom] lets pass, in any letter case, and are shown
// as they were created. In data.room the lobby is left out: what says no room is of the
// lobby, or of none.
//
//	create ROOM               makes a room, which all see and may join
//	create ROOM private       one that is shown to nobody who was not invited
//	create ROOM key KEY       one that needs the key
//	join ROOM [KEY]           be in it
//	leave [ROOM]              be in it no more
//	topic [TEXT]              tell what it is about, or change that; "-" is nothing
//	invite NAME [ROOM]        let a person join it once, whatever it needs
//	rooms, names [ROOM]       which there are, and who is in one
//
// A session has a current room: at first the lobby, then that which it has joined last and
// is still in. What names no room goes there: msg, topic, invite and leave. In an object
// "room" names another one. To join a room where one is already makes it the current one.
// A plain session hears its current room, and no other; an extended one hears all that its
// person is in.
//
// The answer to create and join is the event "created" or "joined", with all about the room
// in data.rooms, and its topic and who is there, unless they are many. Behind "joined"
// comes the newest history of the room, unless the session hears it already: of a private
// one only what is behind the joining, which is nothing at first. At the login data.rooms
// has those that one is in, and each one's newest messages come in front of the history of the
// lobby, unless what was missed is told. An account stays in its rooms; a guest leaves them with
// the session, or when nobody comes back with its token.
//
// Who joins and leaves is told to those who are in the room, by the event "presence" with
// the state [StateJoined] or [StateLeft]; who logs in and out once, and not in each room.
// Rooms of accounts stay when they are empty; a guest's ends with the last who leaves.
//
// The server's owner may have what is said in a room, or in the lobby, sent to another program
// (an outgoing hook). Those who are there are told so by the event "forwarded", with data.room
// and in data.names the hooks by which it is, none if it is not any more: when that begins or
// ends, and at the login, but behind a number that a client shows only of newer hooks. In
// data.rooms such a room is marked with "forwarded". A plain session is told in the answer to
// login or join. Direct messages and private sessions are never sent.
//
// # What was read
//
// An account has a read cursor for each conversation, which is a room or the direct
// messages with one person: up to which number it has read that, in whatever session. It
// is not the cursor of seen, which says that direct messages have arrived. A cursor is
// moved by
//
//	read {"room":ROOM,"id":NUMBER}    or as one types it: read ROOM NUMBER
//	read {"name":NAME,"id":NUMBER}    read NAME NUMBER, or read @NAME NUMBER if a room
//	                                  that one is in has that name
//
// and never goes back, nor beyond the newest number. The answer, and what the other
// sessions of the account are told, is the event "read" with where it stands now. The
// answer to unread is data.unread: the conversations in which others have said something
// behind it, how much ([MaxUnread] at most are counted), and in how many of these messages
// one's own name stands ([Mentions]). What was said before one has joined, by whom one has
// blocked, and to one by a guest who is gone is not counted.
//
// # What was said earlier
//
//	history {"room":ROOM,"before":ID,"count":N}    or as one types it: history ROOM before ID N
//	history {"with":NAME,"after":ID}               history with:NAME after ID
//
// returns a page of a conversation: of the session's current room if it names none. It has
// the newest messages, those "before" or "after" the number of one, or those "around" it,
// half of them before it and it among the others (all is behind 0); 50 unless "count" says how many
// ([MaxHistoryCount] at most), fewer if their texts are long. As one types it, a word of
// digits alone is COUNT, and before, after and around are never the name of a room. One
// is shown what one may see: of a public room that one is in all that was said in it, of a
// private one what was said since one has joined, direct messages to and from oneself, and
// nothing of whom one has blocked.
//
// The answer is the event "history" with the messages in the order of their numbers, and
// with data.room, or with data.name of direct messages. If they need several responses,
// all but the last have data.more. data.before says that there are earlier messages, and
// what to ask for: those before that number; data.after the same of later ones. Each is
// told where it was looked: at both ends around a number, else at the end towards which
// one goes. In between there may be no message that one is shown: a page may be empty and
// there be more. The state [StateNotKept] says that the server keeps nothing but what was
// said lately, and that earlier messages may be gone. In a plain session a sentence says
// all of that, and the messages follow as they came then; before one's own direct
// messages stands "(to NAME alone) ".
//
// # What becomes of messages
//
//	edit {"id":ID,"text":TEXT}       or as one types it: edit ID TEXT
//	remove {"id":ID,"why":WHY}       remove ID WHY
//	react {"id":ID,"word":WORD}      react ID WORD
//	unreact {"id":ID,"word":WORD}    unreact ID WORD
//	versions {"id":ID}               versions ID
//
// One may edit what one has said, for as long as the server's owner lets one; remove it, or as
// somebody who keeps order what others have said in that place; and put to all that one may see
// reactions, which are words or emoji ([CheckReaction]), and take them back. It is the number of
// the message that names it, in rooms and among direct messages alike; of one that one may not
// see one is told the code unknown_message, whatever the reason. What was removed has no text
// any more, and nothing else becomes of it. Who keeps order is shown what an edited message said
// before, unless it was removed.
//
// Who has asked is answered with the event "edited", "removed", "reacted" or "unreacted", and
// those who hear the room, or both between whom a direct message is, are told the same without
// the ref. Its data.id is the message's number, and data.marks is what has changed alone. In a
// history, and behind a login with "after", a message is as it is now, with all of data.marks
// ([Marks]); reactions of people whom one has blocked are left out.
//
// A plain session is told a sentence. In a history it is shown "(edited)" behind a text,
// "(removed by NAME: WHY)" in place of it, and reactions in a line of their own. What a plain
// session is shown beside a text, in front of where it was said, nobody can write themselves.
// The answer to history has the number of each message in front: "(12) hello".
//
// A msg or dm may answer another message: {"text":TEXT,"re":ID}. An extended session is told
// data.re, a plain one "(re NAME: "the beginning of it")", or "(re ID)" if the server has not that
// text at hand or its user may not see it.
//
// # Search
//
// A search finds messages by their words, of those that one is shown by history:
//
//	search {"words":"one \"two three\" four*","in":ROOM}    or as one types it: search one "two three" four* in:ROOM
//	search {"words":WORDS,"from":NAME,"with":NAME,
//	        "after":DATE,"before":DATE,"page":ID}           search WORDS from:NAME with:NAME after:DATE before:DATE page:ID
//
// All words have to be there; those in quotes follow each other, and with a * behind it a
// word is the beginning of some, of three letters at least. Words are letters and digits;
// great and small ones are the same, and Latin ones with and without accents (é is e, å is
// a), but not ø and o. As one types it, filters may stand anywhere between the words, and
// what looks like one and is none stands in quotes. Without in or with it is searched in the
// lobby, in all rooms that one is in and in one's direct messages. after is a day (from its
// beginning on, in UTC), a time of RFC 3339, or how long ago (7d, 2h); before is what was said
// until then.
//
// The answer is a history with the event "search": messages as they come otherwise, the
// newest first, with data.text, in which the words stand in square brackets in what is
// around them, in one line. data.before says that there may be more: that is the page to ask
// for next. The state [StateIndexing] says that not all can be found yet, as after an upgrade,
// and [StateNotKept] the same as of a history. In a plain session a response has a line for
// each: #ID in ROOM, NAME, TIME: text.
//
// # What is kept, and for how long
//
// A server may keep what is said for some days only, or the newest of each room. Who owns a
// room may have less kept of it with "keep ROOM [DAYS] [MESSAGES]", where "-" is as the
// server says; without numbers that tells how much is kept. The answer is the event "keep"
// with data.rooms, a room with keep_days and keep_messages (0: all). What is older is gone
// then from histories, searches and what was missed: a page that ends there has the state
// [StateNotKept], and who comes back from behind it is told [ResumeTooFar]. Direct messages
// stay until they were seen.
//
// The answer to export is the event "export": data.text has lines of JSON with all that is
// kept of one's account, and, if data.after is there, "export after NUMBER" has more. In a
// plain session a sentence says so, and each line is a response. Each line is an object with
// a kind: account, member, room, invitation, read, unseen, block, ban, mute, message, direct,
// request.
//
// The answer to "forget me" is the event "forget", whose text says what that means. With
// one's own name behind it the account is deleted, and with "texts" all that was said in
// rooms, too; the last answer is the event "forgotten", and the connection closes.
//
// # Keeping order
//
// Some people keep order: on the whole server, and in a room. Roles are owner and moderator;
// who makes a room owns it. Roles of the server are accounts', and are given by an owner or
// by whoever runs the server: parley user role NAME owner.
//
//	kick NAME [ROOM] [WHY]             ends all their sessions, or has them leave the room
//	ban WHO [ROOM] [FOR] [WHY]         keeps them out; WHO is a name, an address or a range
//	mute NAME [ROOM] [FOR] [WHY]       has them say nothing: no msg, dm, topic or invite
//	unban WHO [ROOM], unmute NAME [ROOM], bans [ROOM]
//	role NAME ROLE [ROOM]              ROLE is owner, moderator or none; an owner's
//	announce TEXT                      tells all who are connected
//	lockdown on|off [WHY]              no new guests, and nobody can register
//	slow ROOM SECONDS                  between two messages of one person; 0 is not slow
//	report ID|NAME [WHY]               anybody's: @NAME where the name has only digits
//	reports, audit [ROOM] [NAME] [before ID]
//
// What names no room is about the session's current room, and in the lobby, or with "lobby",
// about the whole server. As one types it, the word behind WHO is ROOM if there is a room of
// that name, but never if it reads like FOR ([ParseLasting]); in an object each field is what
// it says. Without FOR there is no end. An end is a date, compared with the time of the
// server's log: that goes on evenly from what the clock showed when the server started, so a
// clock that is set moves ends from the next start on. A ban of a name holds for whoever has
// the name, and for who had it then: a guest also under another name. A ban of addresses holds
// in the whole server, of IPv6 for 64 bits at least, and is told as soon as one connects.
//
// Nobody can do any of this to somebody whose role there is as high as their own, or higher,
// nor to themselves; but one may give up a role, unless nobody else owns the server. The
// owner of a room gives it to somebody else: role NAME owner.
//
// The answer is the event of the act ([EventKicked], [EventBanned] and so on) with whom it
// hits in data.name, the room in data.room (none is the whole server), and in data.order by
// whom, why and until when. The same event, without a ref, is told to whom it hits and to all
// who hear the room, or the lobby. A ban of addresses is told only to those who keep order;
// data.order.acts has the prefix. Whose sessions end is told the event "logout" with the code
// not_allowed or, after a ban, banned, and data.order. Who is refused something because of a
// ban, a mute or a lockdown is told the same in data.order of the error, and in data.seconds
// when it ends.
//
// A report is told, as the event "report", to those who keep order there and are connected:
// the number of a message in data.id, and what it says in data.text while the server has that
// at hand, but nothing of a direct message. Who comes later is told how many there were.
// reports, bans and audit are answered with data.order.acts, the newest first; the last one is
// at most [MaxActs], and data.before says that there are earlier ones. Each act has a number,
// from the one sequence of all. Nobody can change one.
//
// # Several sessions
//
// An account may be logged in more than once at a time, as often as the server's owner
// allows, if all its sessions are extended. Each is told what is told to one: the messages
// of the rooms, direct messages to and from, what another of them has joined, left, created
// or read (an event without a ref), and invitations, which the first that answers has. So
// a direct message may be one's own: its sender is then who one is, and data.to says to
// whom. The name is gone when the last session is.
//
// The answer to sessions is data.sessions; "logout ID" ends another one, which is told the
// event "logout" with the code not_allowed. In a plain session what stands behind logout
// is ignored: some clients write all kinds of words there.
//
// # Coming back
//
// The answer to the login of an extended session says what a client needs that loses
// its connection:
//
//	{"event":"login","name":"alice","log":LOG,"id":NUMBER,"token":TOKEN}
//
// A log gives each message to all and each direct message a number, data.id: one
// sequence for both, ascending, with gaps, since nobody is told everything. id is the
// newest at that moment. The numbers mean something together with the name of their
// log. Who comes back says what they had, in the keys of the login:
//
//	token   of the session before: it ends, if the server has not seen yet that it is
//	        lost, and nobody is told that its user went. So one needs no takeover,
//	        and a guest is who they were, and keeps the token, unless they are there
//	        under another name. The password of an account is still asked for
//	log     the name of the log
//	after   the newest number that was shown, a JSON number or a string of digits.
//	        0 asks for everything
//
// If "after" came, data.resume says what becomes of what was missed. With
// [ResumeFollows] all of it comes now: the messages and direct messages behind that
// number, ascending, each as it is now; there is no history. Among them, in the order in which
// they came about, are the last changes of messages up to that number that one may see: the
// event "changed" with all that such a message is now. Behind the
// last one comes the event "resumed", whose id is the number up to which all is told
// now; what is said meanwhile may come before it, in its place. In front of them come
// direct messages up to that number that were not acknowledged. Who has to wait,
// because too many catch up at once, is told so by the event "resume_waits". With
// anything else ([ResumeOtherLog], [ResumeAhead], [ResumeTooFar]) it cannot be told:
// the newest history comes as it comes to somebody new, and there is no "resumed". When that
// of the lobby is there, which is the last, all up to the id of the login's answer was told.
//
// Who loses the connection before "resumed" comes back with the newest number that
// was shown then: all that is behind it comes again. Who loses it before the end of the
// history comes back as somebody new.
//
// The request seen acknowledges, and nothing else does: direct messages up to that
// number have been seen by the user. Those that were not come again at the next login,
// whether they were sent before or not; a client leaves out those whose numbers it has
// shown.
//
// # Who is away
//
// Others are not told when somebody goes away or comes back; they learn it when it
// matters. The answers to dm and to startprivate have the state "away" and the text of
// why beside the sentence, which says it, too, each time: a client that has shown it
// need not do so again. The answers to names, whoelse and whoelsesince have it in the
// data alone, since programs read their content as a list:
//
//	{"event":"names","names":["alice","bob"],"away":{"bob":"at lunch"}}
//
// The names in data.away are of the same response. Why is "" of those who have not
// said it. Where there is no room for all absences (see [MaxListed]) some are left out.
//
// # Names that look alike
//
// A server may let people in whose names can be taken for those of others, as a guest aIice
// beside the account alice. What names such a person tells then for whom, in data.likes:
//
//	{"event":"message","id":7,"likes":{"aIice":"alice"}}
//
// That is of the sender and of all whom the data names ([Response.People]), 20 of them at most. An
// account stands there never: it is who it is. The names are as they were taken when that was
// told. Where a sentence of the server speaks of such a person it says so, too, for sessions
// that have no data: "aIice (not alice) invites you to the room den." In the marks around what
// was said that is "aIice [not alice]". The sender stays the bare name, as do the names in a
// list, which programs read, and in commands.
//
// # Sentences that name requests
//
// Where an info or an error says what to ask for, that stands at its end as one would
// type it, behind a colon and without a full stop: "You are away. Use: back". All that
// somebody has typed, such as why one is away, ends in a full stop, which the server adds
// unless there is one, or "!", "?" or "…". So a client whose commands look different can show its own: [CutCommands].
//
// # Accounts
//
// A name that nobody has registered is anybody's. One that is registered needs
// its password at login: "password" beside the four keys or in the content, or
// behind the name for clients that pass on what is typed ("login alice secret"),
// which counts only if there is such an account, or if everybody needs one.
// "register": true makes the name an account with that password and logs in. Who
// gives the right password of somebody who is logged in gets a session beside the
// others, if all are extended and no more than the owner allows. If not, they are refused
// with the code logged_in_elsewhere, or with "takeover": true take the place of the
// oldest, or of all if one of them is plain. After too many wrong passwords a login is refused
// with the code blocked_login, and so is passwd. If its data.state is [StateUnchecked], the password
// was not looked at and is as good as before: a client sends it again when data.seconds are over.
// Verbs that are [Verb] Secret may carry
// passwords and are not logged.
//
// Both sides ignore keys that they do not know. A key that the server knows, with a
// value of another type, is an error, as it is in a content: nobody is to log in as
// a guest who meant something else.
//
// # Verbs
//
// Every verb takes a string as a person would type it and an object with named
// fields: "login alice" is {"request":"login","content":"alice"} or
// {"request":"login","content":{"name":"alice"}}. [Verbs] is the table.
// Where a number is asked for, an object may have one of JSON or a string of its digits.
// In a string a password may stand in double quotes, with a backslash before a quote
// or a backslash of its own, and must if it has blanks and something follows:
// passwd "blue horse" "red horses". In keys and fields it is as it is.
//
// # Private sessions
//
// Two people in extended sessions agree, through the server, on a connection of
// their own. [Private] is data.private. What is relayed is encrypted between the keys
// whose fingerprints the server tells: that it tells the right ones only the two can
// find out, in another way.
//
//	startprivate    asks: the asker is told "invited", the other one "invitation" with
//	                the asker's fingerprint; neither is told where the other one is
//	acceptprivate   agrees: both are told "introduced", with the other one's
//	                fingerprint and paths, and with a token that only the two get.
//	                To ask the one who has asked is to agree
//	declineprivate  both are told "declined"
//	stopprivate     withdraws an invitation, or ends what is relayed: both are told "stopped"
//
// One may have [MaxPrivate] sessions and invitations of one's own; those of others,
// [MaxRinging] at most, take nothing from that.
//
// After [InvitationTimeout], when one leaves and when one blocks the other, an
// invitation is void: who is there is told "lapsed". All events of one invitation,
// and of what comes of it, carry its number: data.private.session.
//
// A client sends its fingerprint and its paths when it asks and when it agrees:
// addresses "IP:PORT" separated by commas, and the words [PathObserved], for which
// the server puts the address that it sees, and [PathRelay]. If both have sent
// that, it is among the paths of both, and each may send the other, through the
// server, what is sealed:
//
//	relay {"name":NAME,"session":"NUMBER","credit":"UNITS","data":BASE64}
//
// There is no answer; the other one is told "relayed". A frame with data costs
// [RelayCost] units of [RelayWindow], until the other one gives them back as the
// credit of a frame of its own, with data or without. Credit may come late: it is
// held back from who sends faster than the server's owner allows, and little
// credit waits for more ([RelayCredit]). Who sends more than the window, or gives
// back more than it was sent, ends the relay: both are told "stopped". "stopped"
// also comes when the other one leaves the server. It says nothing of a
// connection that the two have.
//
// # Where the standard is silent
//
//   - Verbs and keys may be in any letter case; "message" is "msg".
//   - What others are shown must pass [CheckText]: nothing that moves a cursor, and
//     something to see. A text that is too long is refused as too_large, in words
//     that say how long one may be: [MaxText], or less if the owner of the server
//     has set that. So is a request that is longer than [MaxFrame], or than what
//     the owner has set.
//   - Of a key that comes twice the last one counts. Text must be UTF-8.
//   - A missing content, null and "" are no argument. A verb without arguments
//     ignores what its content says: some clients send the word None there.
//   - Bytes that are no JSON before the login end the connection, so that nothing
//     is executed of what is another protocol, such as HTTP from a page in a browser.
//   - A byte order mark at the beginning of a stream is passed over.
//   - After [MaxStrikes] malformed frames in a row, or what the owner of the
//     server has set, the server hangs up.
//   - Timestamps are RFC 3339 in UTC: "2026-11-21T09:30:00Z".
//   - The server speaks as "server".
//   - names, and all else that lists who is connected, lists everybody, also those
//     who have blocked one: that they are there is heard in the lobby anyway.
//   - names of what is no room's name lists everybody in a plain session, since some
//     clients write all kinds of words there.
//
// The limits stand in limits.go, the codes of data.code in errors.go.
package protocol

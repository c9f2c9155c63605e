// Package client is the chat client: what a person types and what servers and peers
// send becomes requests, and entries of a timeline.
//
// # Who owns what
//
// One goroutine, the caller of [App.Run], owns all state. It selects over typed lines,
// pressed keys, what a page asks, what the connection to the server reports, what the links
// to peers report, one alarm and the end of its context. All that waits or blocks is elsewhere
// and is given to it:
//
//	              Input                      conn.Event
//	person --> terminal ---------> App <---------------- conn <--> server
//	              ^                | ^
//	blocks of     |         entries| '-- p2p.Event ---- Transport <--> peers
//	rows, prompt  |                v
//	             view <-------- timeline --------> chatlog, notify
//	                     Change           Change
//
// The App has parts that decide, each with a state of its own. They do not know the
// App: those that want something of it are given a narrow door.
//
//	command    what a typed line means, what Tab completes, /help
//	forms      which fields of a request stand in what is typed behind a command
//	login      under which name and with which password to log in; its questions
//	sending    what waits, what was sent and is not answered, when the next one goes
//	seen       which messages were shown, so that none is shown twice, and none missed
//	keepalive  whether the server is there, and knows that the person is
//	private    private sessions: package p2p, in words
//	names      which names stand in what a server says
//	rooms      in which rooms one is, and into which one is about to go
//	roster     who is there, who of them is away, and who is in these rooms
//
// Three move what comes and goes, and one keeps what they need to know:
//
//	conn       connections: bytes, and nothing of what they mean; TLS
//	known      which servers had TLS, and with which keys
//	timeline   what the person has been told, as entries in conversations
//	view       entries as text: rows for a screen, lines for a pipe, JSON for a program
//
// The App has what is left: the state of the connection (session.go), where a line
// goes (recipient.go), what is told of rooms (rooms.go), what was read (reading.go),
// which command does what (handlers.go), and the end (leave.go). It lays out no text.
//
// Imports point the same way, which a test of cmd/parley holds:
//
//	cmd/parley   makes all of it
//	    |
//	terminal, web  chatlog, notify --> timeline
//	    |
//	client --> command, login, keepalive, rooms, roster
//	       --> conn    --> known
//	       --> forms   --> command
//	       --> sending --> seen, names
//	       --> private --> command, view, timeline, p2p
//	       --> view    --> timeline
//
// An event of a connection carries its generation, and what a closed one reports late
// is ignored. Each connection has a goroutine that reads and one that writes from a
// bounded queue, so a server that does not read cannot freeze the prompt. Clock,
// randomness, dialer, [Keyboard] and [View] are given. Apart from Run no method of the
// App waits for anything: the tests call them one by one, with a clock of their own.
//
// # What a server must do, and what it need not
//
// A server is treated as a plain one, which speaks nothing but the standard, until an
// answer to the login carries data; then it speaks Parley's extension.
//
//	                      plain or not yet known          extended
//	between requests      250 ms, and the answer to the   nothing
//	                      one before: package sending
//	size of a request     under 4,096 bytes               64 KiB
//	behind a request      a newline; once the server has  a newline
//	                      answered, what it puts behind
//	                      its own responses
//	login succeeded       the first info or history, or   event login
//	                      a message and no error within
//	                      1 s
//	login failed          an error                        an error
//	a password            is not sent                     is sent when the answer to a
//	                                                      login without it asks for it
//	own text              shown when typed; its echo      the same; each has a ref and an id,
//	                      is dropped if it comes          and an error with that ref names it
//	after a loss          texts in doubt are named        they are sent again with the id that
//	                                                      they had: the server knows it
//	message twice         known by sender, text and       known by the number, as long as
//	                      timestamp, counted              the log is the same
//	what was missed       what of the history was not     all of it, if the server can tell
//	                      shown                           that; else it is said that it cannot
//	is the server there   what the system says            a ping after 30 s of silence, lost
//	                                                      after 75 s
//	direct messages,      nothing is sent; the person     requests with a ref
//	presence, accounts,   is told
//	private sessions,
//	rooms, the past,
//	keeping order
//
// Nothing that a plain server may leave out is needed: no greeting, no history, no
// echo, no answer to the logout. A greeting may come; so within two seconds an
// error may still take back a login that an info seemed to confirm. A text that
// does not fit into a plain server's request is refused and not cut: the reader of
// half a sentence would not know that there is more. What is no JSON is shown as
// the server's words; who has never said anything else is no chat server.
//
// All ten servers whose sessions were recorded read requests without a newline,
// and eight of them send none; one that was met later dies of one. It also counts
// braces in strings, so these are escaped, as Parley's server does.
//
// others_test.go runs the client at servers with each of the habits that were seen,
// and says how many have them.
//
// # Where a line goes
//
// A plain line goes to the recipient that the prompt shows: to everybody in the lobby or
// in a room, to one person by way of the server, or to one person in a private session. For one
// person alone only the slash makes a command, and no line goes anywhere else by
// mistake: not when the session ends, not when a name is asked for, and not as one of
// the words that work without a slash. What cannot be said there is refused and can be
// fetched with Up.
//
//   - /reply answers whoever spoke last to one alone, in the same way. If that has
//     become another one while the line was typed, the line is refused.
//   - What is fetched from the history says the same to the same ones as before,
//     wherever it is fetched (remember). What was for one person alone is not kept on
//     the disk.
//   - For five minutes after something was said to one alone, or by one, and while a
//     private session is asked for or open, the prompt says that a plain line is public.
//   - A line goes out under the name under which it was typed: package sending. /unsent
//     lists what waits.
//   - Each line names its room to an extended server, the lobby, too: what the server
//     takes for the room where one is may not be what the prompt has shown. It has that
//     room however long it waits, and in each retry.
//   - What is typed behind /join waits until one is in the room. If one does not come in,
//     is sent out, or is not there any more after a loss, what waits is shown as unsent,
//     and lines go to nobody until the person says where, as after a /query or /private
//     that has failed. The server moves no line from one place to another: not by letting
//     one into a room that another session has joined, and not by an answer that names
//     another room.
//   - A line that was begun at one prompt and ended at another is refused: where lines go
//     has changed while it was typed. So is a command that is about the room where it is
//     typed, such as /leave.
//   - What was said in a room comes back from the history as /room ROOM TEXT.
//   - From a pipe, only the slash makes a command; commands wait there for the login, as
//     texts do, and their answers are waited for.
//
// A line that a peer has not acknowledged waits in p2p for the next session as long
// as the program runs.
//
// # Many conversations
//
// The lobby, each room and each person spoken to alone are conversations of the timeline.
// They have numbers, in the order in which they began, which stay; /room takes one, if no
// room is called like that. On the screen all come as they are said, each line of a room
// with the room before it. /hold on keeps lines of other rooms off the screen, and /room
// shows the last ones of a conversation again, with a line across where they are new.
//
// What was shown is read once the person presses a key; what is held back, once it was
// looked at. What others have said since is counted in the prompt. Somebody who was away
// finds a line across, in all that was said and in each conversation. An extended server
// keeps for an account how far each conversation was read: it is told a few seconds after
// that, all at once, and tells it at a login and when another session of one's own has
// read on. So a line stands in the history, too, and what is behind it counts as unread.
// What another session of one's own says is shown as one's own, in its conversation.
//
// # A view that is no terminal
//
// Package web shows the same chat in a browser: alone (Config.Unshown), or beside a
// terminal. It is a second consumer of the same state. The timeline tells it of each entry,
// and Config.Watch of all else that there is to be known, as a [Model]: conversations with
// what was not read, people, private sessions, the connection, and what is asked. What the
// prompt and the title say is a part of that.
//
// What is done there comes as an [Ask], in the same loop as a typed line:
//
//   - Each names the conversation that it is about. What is said goes there or is refused;
//     whom the terminal's lines are for changes with a conversation that is opened, and a line
//     that was begun at the terminal before is refused then, as always.
//   - A question has a number. An answer to another one is used for nothing: a password must
//     not be said because the question was answered elsewhere.
//   - What is told at once because of an ask stands in its answer, too. A page is told only there why it was refused: it
//     shows that beside the field, where what was typed still stands, or, if that is hidden, in what is shown in its place.
//   - What the server refuses later, or does not answer, is given back in words if a person has written it: its
//     field is empty by then.
//   - What is for who types lines, such as where these go, is told as a hint (timeline.Entry), which a page
//     leaves out: it says of each line whom that is for, and has buttons.
//   - A terminal shows all that is said, so a key that is pressed there has read it. Without one
//     nothing is read before an ask says so.
//   - Who looks back gets what is kept here, and behind that pages of the server's history.
//     These are kept where a change of them is told (timeline.Past), and are shown to nobody
//     else.
//
// What another run of the program goes on with is in [Kept]: what was said but in private
// sessions, how far it was read, drafts, and the token of the session, with which the server
// tells what was missed.
//
// # What was said before, and what becomes of it
//
// A page of a history and what a search finds are told again (timeline.Again): with their
// numbers, and in no conversation, so they are neither new nor read. The newest history,
// which comes with a login, is history.go's.
//
// A message that is edited, removed or reacted to is changed wherever it stands, with what
// others quote of it: Timeline.Amend. So what is shown again with /room, /show or another
// width is what the message is now, and what was removed is nowhere. The screen draws anew
// what is still on it. What it cannot draw anew it tells: a new text and a removal always,
// below all else; reactions, which are gathered for a second, where their line has gone.
// What has become of older messages while the connection was lost, the server tells behind the
// login (the event "changed").
//
// /edit and /remove without a number are about the last line of one's own, which is too
// easily another one than was meant: it is shown, and the next line is the answer
// (question.go). What is neither yes nor no was typed for something else, and goes to nobody.
// A number behind /reply may be the beginning of what is for one person alone: if there is
// somebody to answer, it needs its #.
//
// What keeps order names its room, as what is said does: package forms. What was done is told
// in sentences of the protocol's own (protocol.Act), with what others have typed in quotation
// marks.
//
// /export asks for one page after the other and has each written before it asks for the
// next: the Saver, which is given, has a goroutine for that. What is not whole is not kept.
//
// # Servers with TLS
//
// Which key is right is decided in conn, before anything is sent: the one of --tls-pin; or
// one that a certificate authority of the system vouches for; or the one that known has;
// or, where it has none, any, which the person is told. It is decided anew for each
// connection. Where TLS is to be, because the person has said so or known has a key for that
// address, nothing is ever sent without: an answer that is no TLS is told, as a wrong key is.
// Both end a chat that has not begun and one in a pipe; a person who was there before keeps
// what was typed, and the one of before is tried again (session.go, secure.go).
//
// # Who can be imitated
//
// Nobody: which row is whose is decided in package view, which also makes safe what
// others send. What is compared here, such as a name, or put into a sentence of the
// client's own, is cleaned of control characters first (sanitize). The frames of a
// program (--json) keep every character, hidden ones as escapes.
//
// # Passwords
//
// A password is never part of a line; package login asks for it, and says to whom it
// goes. What looks like one that was typed by mistake is neither said nor remembered,
// and what was typed as one is never sent as anything else (reveals).
//
// # Private sessions
//
// Package p2p knows what happens between two who talk privately; a private.Transport,
// which is given, moves the bytes; package private puts it in words. They take a person
// at a terminal and a server that speaks the extension: a pipe declines what it is asked
// for. The server sees nothing of what is said there. So that it does not log out who
// talks, it is told three times within its timeout that somebody is there, and with the
// first key after its warning at once.
//
// Lines can be for one peer alone, which the prompt shows. Then only the slash
// makes a command, and no line goes anywhere else by mistake: not when the session
// ends, not when a name is asked for, not when there is nobody of that name, and not
// as one of the words that work without a slash, which are asked about. What cannot
// be said there is refused and can be fetched with Up.
//
// A line that a peer has not acknowledged waits in p2p for the next session as long
// as the program runs. That one is writing is told when keys are pressed while
// lines are for somebody alone, and shown in the title of the window only.
//
// # Losing and leaving a session
//
// A lost connection is made again, and what was typed meanwhile is sent then. A server
// that has given a token is told it in the next login of that name, with the number up
// to which all was shown: so it ends one's own dead connection, and tells what was missed
// (resume.go). That is shown as what is said now, and how much it was is counted behind
// it. Who lost the connection before all of it had come goes on behind what was shown.
// Direct messages that were shown are acknowledged, or they come again. To a server
// without tokens, or if nobody knows whether a login has succeeded, who has an account
// says with the password that it takes over: what may still hold the name is one's own.
//
// A server that ends in peace says in how many seconds to come back (restart.go). That is one
// line; the loss and the return are not told, unless the server is not back within half a
// minute of that, or something was missed. Of those who were told the same second each comes at
// a moment of its own within it. A pipe waits for the server with what was not accepted.
//
// Who was logged out for doing nothing, or has logged in elsewhere, is not brought back,
// since that would keep a name for nobody, or fight with oneself: the next thing that is
// typed does it. A pipe ends.
//
// /quit, /logout, Ctrl-D and the end of a pipe send what is waiting, then the
// logout, and wait half a second or until the server closes. Nothing follows a
// logout. From a pipe, texts are out when an extended server has accepted them, or
// when they came back from a plain one, or when it answers what is asked behind them;
// what is in doubt, was refused or not answered is told and makes the exit status 1. A
// signal sends the logout at once and gives up the rest. Peers are told first, and are
// waited for for a second at most.
package client

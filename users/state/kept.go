package state

import (
	"time"

	"parley/users"
)

// A Kept is what a store has, to go on from.
type Kept struct {
	Last     uint64
	Time     time.Time
	Accounts []users.Account
	Blocks   []users.Block
	Lockouts []users.Lockout
	Cursors  []Cursor
	Requests []Request // oldest first
	Unseen   []Unseen  // ascending
	Changes  []Changed // the newest, ascending
	Guests   []string  // persons of whom there are direct messages, or who are in rooms or invited to one

	Rooms           []Room           // in the order of the folded names
	Members         []Member         // in the order of the rooms, then of the persons
	RoomInvitations []RoomInvitation // likewise
	ReadCursors     []ReadCursor     // in the order of the persons, then of rooms and others

	Hooks []Hook // in the order of the folded names

	Pruned []Pruned // in the order of the rooms

	Sanctions []Sanction // in the order of rooms, kinds and targets
	Reports   []Act      // the newest MaxReports of the audit log, oldest first
	Settings  Settings

	Mark Mark // the zero Mark where the log is none of several nodes
}

// An Unseen is a direct message behind the cursor of the person whom it is for.
type Unseen struct {
	Number       uint64
	From, Person string
}

// A Message is one thing that was said in a room.
type Message struct {
	Number uint64
	Room   string
	Time   time.Time
	Sender string // as it was spelled
	Text   string // "" if it was removed
	Person string // who has said it; "": is not known
	Re     uint64 // the number of what it answers; 0: nothing
	Marks  *Marks // what has become of it; nil: nothing. Nobody changes it any more
}

// Lobby is the room in which everybody is who is logged in. It is no row, and nobody is a
// member of it in one.
const Lobby = "lobby"

// A Room is one beside the lobby.
type Room struct {
	Name    string // as it was created; messages are in the room of that name
	Number  uint64 // the last one when it was created: all that is said in it is behind
	Owner   string // the person who has created it, or to whom it was given; "": the account is deleted
	By      string // that one's name as it was spelled then
	Private bool   // only who was invited may join, and the owner
	Key     string // the hash of its key; "": there is none
	Topic   string
	TopicBy string // who has set it; "": nobody
	Slow    int    // how many seconds each person has to wait between two messages; 0: not
	Newest  uint64 // number of what was said last in it; 0: nothing. No row has it: it is found when rooms are loaded

	KeepDays     int // for so long its owner has kept what is said in it; 0: as the server says
	KeepMessages int // and so much of it, the newest; 0: as the server says
}

// A Member is a person in a room. Since is the last number when they joined: only what
// comes behind it is told in a private room, and to who comes back.
type Member struct {
	Room   string // Room.Name
	Person string
	Since  uint64
	Role   users.Role // in the room: users.Moderator, or none. The owner is Room.Owner
}

// A RoomInvitation lets a person join a room once.
type RoomInvitation struct {
	Room   string // Room.Name
	Person string
	By     string // the name of who has invited them
}

// A ReadCursor says up to which number an account has read a conversation.
type ReadCursor struct {
	Person string
	Room   string // Room.Name, or Lobby; "" of direct messages
	With   string // the person with whom direct messages are; "" of a room
	Number uint64
}

// A Direct is one thing that was said to one person.
type Direct struct {
	Number       uint64
	Time         time.Time
	Sender, To   string // as they were spelled
	From, Person string // who they are: the folded name of an account, or command.GuestPrefix and a token's id
	Text         string // "" if it was removed
	Re           uint64 // the number of what it answers; 0: nothing
	Marks        *Marks // what has become of it; nil: nothing. Nobody changes it any more
}

// A Request is what somebody's client called something that it asked for, and what
// became of it.
type Request struct {
	Serial uint64 // in the order in which they were carried out: Number, or one more than the last if that is larger
	Person string
	ID     string // the client's own
	Digest uint64 // of what was asked for; 0: is not known
	Number uint64 // of what was created
	Time   time.Time
}

package state

import (
	"errors"
	"time"

	"parley/users"
	"parley/users/command"
)

// Why a command was refused, besides the errors of package users.
var (
	ErrStale     = errors.New("the password was changed meanwhile")
	ErrElsewhere = errors.New("logged in elsewhere") // with the right password, and without Takeover
	ErrLocked    = errors.New("locked out after too many wrong passwords")
	ErrGone      = errors.New("the session is not there any more")
	ErrBlocked   = errors.New("the other one has blocked who asks")
	ErrBlocking  = errors.New("who asks has blocked the other one")
	ErrOffline   = errors.New("the receiver is gone and has no account")
	ErrPlain     = errors.New("the receiver's client cannot do that")
	ErrPause     = errors.New("the other one did not agree a moment ago")
	ErrNotAway   = errors.New("who comes back was not away")
	ErrReused    = errors.New("the id belongs to another request")
	ErrNoRoom    = errors.New("there is no room of that name")
	ErrName      = errors.New("nobody may have that name, or come from that address")
	ErrNoMember  = errors.New("who asks is not in that room")
	ErrMember    = errors.New("who asks, or the other one, is in that room already")
	ErrRoomTaken = errors.New("there is a room of that name")
	ErrRoomName  = errors.New("no room may have that name")
	ErrLobby     = errors.New("that cannot be done in the lobby")
	ErrKey       = errors.New("the room has another key")
	ErrPrivate   = errors.New("the room is private, and who asks was not invited")
	ErrJoinedAll = errors.New("who asks is in as many rooms as one can be")
	ErrMadeAll   = errors.New("who asks has made as many rooms as one can")
	ErrRoomsFull = errors.New("there are as many rooms as there can be")
	ErrInvited   = errors.New("the other one was invited to that room already")
	ErrTooLong   = errors.New("that is too long")
	ErrNoAccount = errors.New("who asks has no account")
	ErrSession   = errors.New("who asks has no such session")
	ErrForbidden = errors.New("the role of who asks does not allow that")
	ErrHigher    = errors.New("the other one has the same role, or a higher one")
	ErrLastOwner = errors.New("the last owner cannot go")
	ErrBanned    = errors.New("who asks is banned there")      // with Sanction
	ErrMuted     = errors.New("who asks is muted there")       // with Sanction
	ErrKeptOut   = errors.New("the other one is banned there") // of an InviteToRoom
	ErrGuest     = errors.New("the other one has no account, and only accounts have a role of the server")
	ErrNotIn     = errors.New("the other one is not in that room")
	ErrOwnsAll   = errors.New("the other one has as many rooms as one can")
	ErrRole      = errors.New("there is no such role")
	ErrAddr      = errors.New("addresses are banned from the whole server only, and nowhere muted")
	ErrFull      = errors.New("there are as many bans and mutes as there can be")
	ErrSlow      = errors.New("the room is slow, and who asks said something a moment ago") // with Wait
	ErrLookalike = errors.New("the name can be taken for somebody else's")                  // with Name
	ErrLockdown  = errors.New("no new guests and no registrations now")
	ErrNotSo     = errors.New("there is no such sanction, or it is so already")
	ErrNoMessage = errors.New("there is no such message")
	ErrChanged   = errors.New("the message was changed meanwhile") // it is to be read again
	ErrTooLate   = errors.New("the message is too old to be edited")
	ErrNotOwn    = errors.New("the message is somebody else's")
	ErrKinds     = errors.New("there are as many reactions, or kinds of them, as a message can have")
	ErrKeep      = errors.New("the server keeps less than that")
	ErrNoHook    = errors.New("there is no such hook")
	ErrHook      = errors.New("nobody can log in with the name of a hook")
	ErrHooksFull = errors.New("there are as many hooks as there can be")
	ErrUnknown   = errors.New("that kind of command is not known here")
)

// A Result is what became of a command.
type Result struct {
	Err  error         // why it was refused; nothing has changed then
	Wait time.Duration // with ErrLocked, ErrPause and ErrSlow, and of a WrongPassword: how long; 0: not at all

	Erased  *Erased         // of a ForgetMe: who is forgotten
	Renamed *Renamed        // of a Register, or an Enter that registers a guest who comes back: which guest is which account now
	Number  uint64          // of what was created, or by the request of that id before; of a Read: where the cursor is
	Again   bool            // that was before: there is nothing new
	Name    string          // of the other person, or of the one whom it is about, as it is spelled; with ErrHigher: of who is so high; with ErrLookalike: of whose it can be taken for
	There   command.Session // whose session it is: of a Direct the receiver's, of an Invite, Accept, Decline or Withdraw the other's; zero if they are not there
	Message *Message        // of a Message that is new; nobody changes it any more
	Direct  *Direct         // of a Direct that is new, likewise

	Change *Change // of an Edit, Remove or React
	Act    *Act    // what the audit log has of it; nil: nothing

	Hook     *Hook     // of an AddHook, AddOutgoingHook or StopHook, and of a DropHook or DeleteAccount that has ended one: as it is now, or was
	Sanction *Sanction // of a Sanction or Lift: which; with ErrBanned and ErrMuted: that by which it was refused
	Out      []Exit    // who is in a room no more because of it, and has not left it themselves
	Reports  int       // of an Enter of somebody who keeps order: how many were made since they were here

	Room       *Room                // of CreateRoom, JoinRoom, LeaveRoom, SetTopic, InviteToRoom, and of a Read of one: as it is now; of LeaveRoom as it was. Of a Message only if that was before
	Gone       bool                 // of a LeaveRoom: nobody is in the room any more, and it has ended
	Ended      []Online             // sessions that end because of it: of an Enter older ones, of an EndSession that one, of an AddAccount the guest's, of a DeleteAccount all its own, of a Kick or a ban of the server those of whom it hits
	RoomsEnded []*Room              // all that have ended because of it: nobody is in them any more
	Beside     bool                 // of an Enter, Leave or EndSession: other sessions of that name go on, and nobody is told
	Announce   []users.Announcement // what others are to be told
	Agreed     *users.Invitation    // of an Invite or Accept: to what
	Invited    *users.Invitation    // of an Invite
	Void       []users.Invitation   // invitations that have ended because of it: of Decline, Withdraw, LapseInvitations, Block, Leave, Enter, DeleteAccount, Kick, Sanction
}

// An Exit is somebody who is in a room no more.
type Exit struct {
	Room *Room  // as it is now, or was when it ended
	Name string // under which they are connected, as it is spelled; "": they are not
	Gone bool   // nobody is in the room any more, and it has ended
}

// An Online is somebody who is logged in.
type Online = users.Online

func refused(why error) Result { return Result{Err: why} }

package server

import (
	"errors"
	"fmt"
	"strings"

	"parley/protocol"
	"parley/users"
	"parley/users/log"
	"parley/users/state"
)

// refusals are what is said of the errors of the domain: NAME is whom, or the room that, it
// is about. A text that is missing is that of the error.
var refusals = [...]struct {
	err  error
	code protocol.Code
	text string
}{
	{users.ErrNameTaken, protocol.NameTaken, "The name NAME is taken. Log in with another one."},
	{state.ErrLookalike, protocol.NameTaken, "The name NAME can be taken for somebody else's. Log in with another one."},
	{users.ErrUnknownUser, protocol.UnknownUser, "There is nobody called NAME."},
	{users.ErrRegistered, protocol.NotAllowed, "The name NAME is registered already. Log in with its password."},
	{users.ErrTooManyAccounts, protocol.NotAllowed, "There are too many accounts: ask the server's owner."},
	{users.ErrSelf, protocol.BadRequest, "That is you."},
	{users.ErrAlreadyBlocked, protocol.BadRequest, "You have blocked NAME already."},
	{users.ErrNotBlocked, protocol.BadRequest, "You have not blocked NAME."},
	{users.ErrTooManyBlocked, protocol.NotAllowed, "You have blocked as many people as you can: unblock one first."},
	{users.ErrInvited, protocol.BadRequest, "You have invited NAME already: wait for the answer, or withdraw it."},
	{users.ErrNotInvited, protocol.BadRequest, "There is no invitation of NAME: it may have lapsed, or been withdrawn."},
	{users.ErrNotRelayed, protocol.NotAllowed, "Nothing is relayed between you and NAME in that session."},
	{users.ErrRelayAbused, protocol.RateLimited, "That was too much at once for NAME: nothing more is relayed between you."},
	{users.ErrAwayTooLong, protocol.TooLarge, ""},
	{users.ErrMailboxFull, protocol.NotAllowed, fmt.Sprintf("%d messages wait for NAME already, which is as many as can be kept. Try again when they have been here.", users.MaxDirects)},
	{users.ErrSenderFull, protocol.NotAllowed, fmt.Sprintf("%d messages of yours wait for NAME already, which is as many as one may leave. Try again when they have been here.", users.MaxDirectsFrom)},
	{users.ErrGuestsFull, protocol.NotAllowed, fmt.Sprintf("%d messages of guests wait for NAME already, which is as many as guests may leave. Try again when they have been here, or register your name.", users.MaxDirectsOfGuests)},
	{state.ErrReused, protocol.BadRequest, "That id belongs to another request of yours. Send this one with an id of its own."},
	{state.ErrBlocked, protocol.BlockedByUser, "That could not be delivered: NAME has blocked you."},
	{state.ErrBlocking, protocol.NotAllowed, "You have blocked NAME; unblock first."},
	{state.ErrOffline, protocol.UserOffline, "NAME is gone and has no account, so nothing can be kept for them."},
	{state.ErrPlain, protocol.NotAllowed, "NAME's client cannot do private sessions."},
	{state.ErrStale, protocol.WrongCredentials, "The password was changed meanwhile: use the new one."},
	{state.ErrGone, protocol.NotLoggedIn, "You are not logged in any more."},
	{state.ErrNoRoom, protocol.UnknownRoom, "There is no room NAME. Use: rooms"},
	{state.ErrNoMember, protocol.NotInRoom, "You are not in NAME. Use: join NAME"},
	{state.ErrRoomTaken, protocol.RoomTaken, "There is a room NAME already. Use: join NAME"},
	{state.ErrRoomName, protocol.BadName, "No room may be called NAME. Use another name."},
	{state.ErrLobby, protocol.NotAllowed, "That cannot be done in the lobby, in which everybody is. Use: rooms"},
	{state.ErrKey, protocol.WrongKey, "NAME has another key. Use: join NAME KEY"},
	{state.ErrPrivate, protocol.InviteOnly, "NAME is private: somebody who is in it has to invite you."},
	{state.ErrMember, protocol.BadRequest, "NAME is in that room already."},
	{state.ErrInvited, protocol.BadRequest, "NAME was invited to that room already: wait until they come."},
	{state.ErrJoinedAll, protocol.NotAllowed, fmt.Sprintf("You are in %d rooms, which is as many as one can be in. Use: leave ROOM", state.MaxJoined)},
	{state.ErrMadeAll, protocol.NotAllowed, fmt.Sprintf("You have made %d rooms, which is as many as one can: talk in one of them.", state.MaxMade)},
	{state.ErrRoomsFull, protocol.NotAllowed, "There are as many rooms as there can be. Use: rooms, or join ROOM"},
	{state.ErrTooLong, protocol.TooLarge, fmt.Sprintf("That topic is too long: at most %d bytes.", state.MaxTopic)},
	{state.ErrNoAccount, protocol.NotAllowed, "What was read is kept for accounts only. Use: register PASSWORD"},
	{state.ErrSession, protocol.BadRequest, "You have no session NAME. Use: sessions"},
	{state.ErrKeep, protocol.NotAllowed, "The server keeps less than that. Use smaller numbers, or - for what the server says."},
	{state.ErrForbidden, protocol.Forbidden, "Your role does not allow that there."},
	{state.ErrHigher, protocol.Forbidden, "NAME has the same role as you there, or a higher one."},
	{state.ErrGuest, protocol.NotAllowed, "NAME has no account: only accounts have a role of the server."},
	{state.ErrNotIn, protocol.NotInRoom, "NAME is not in that room."},
	{state.ErrKeptOut, protocol.Banned, "NAME is banned from that room. Use: unban NAME"},
	{state.ErrOwnsAll, protocol.NotAllowed, "NAME has as many rooms as one can."},
	{state.ErrAddr, protocol.BadRequest, "Addresses are banned from the whole server only, and not muted. Use: ban ADDRESS lobby"},
	{state.ErrFull, protocol.NotAllowed, "There are as many bans and mutes as there can be. Use: bans, or unban NAME"},
	{log.ErrBusy, protocol.Busy, "The server has too much to do. Wait a moment and send that again."},
	{log.ErrReading, protocol.Busy, "This part of the server begins, and reads what has happened. Send it again in a moment."},
	{log.ErrOldNode, protocol.NotAllowed, "That cannot be done while a part of this server is of an older version. Try it again when all are updated."},
	{log.ErrStanding, protocol.Busy, "This part of the server cannot reach the others now. Send it again in a moment."},
	{log.ErrLost, protocol.Busy, "This part of the server was cut off from the others. Connect again, and look whether that was done."},
	{log.ErrFailing, protocol.Internal, "The server cannot keep that: its storage has failed. Send it again later."},
}

// domainError makes an answer of an error of the domain that concerns a name.
func domainError(err error, name string) *protocol.Error {
	for _, known := range refusals {
		if !errors.Is(err, known.err) {
			continue
		}
		if known.text == "" {
			known.text = sentence(err)
		}
		return &protocol.Error{Code: known.code, Text: strings.ReplaceAll(known.text, "NAME", shorten(name))}
	}
	return protocol.Errorf(protocol.Internal, "The server failed to answer that. Please try again.")
}

// reservedName says why nobody may have a name.
func reservedName(name string, why users.Reservation) *protocol.Error {
	return protocol.Errorf(protocol.BadName, "The name %s is reserved: %s. Log in with another one.", name, why)
}

// lookalike refuses a name because of another one.
func lookalike(name, like string) *protocol.Error {
	return protocol.Errorf(protocol.NameTaken, "The name %s looks like %s, which is somebody else's. Log in with a name that cannot be taken for it.", name, like)
}

// sentence makes a sentence of an error's text.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

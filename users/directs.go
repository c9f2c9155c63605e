package users

import "errors"

const (
	// MaxDirects is how many direct messages may wait for one receiver who is not
	// online. It bounds what strangers can fill a disk with through one name (at
	// 4 KiB each, 800 KiB), and what is poured over a user at the next login.
	MaxDirects = 200

	// MaxDirectsFrom is how many of them one sender may have left, so that nobody
	// keeps out the others.
	MaxDirectsFrom = 50

	// MaxDirectsOfGuests is how many of them guests may have left together: a guest
	// who has left as many as one may takes another name.
	MaxDirectsOfGuests = 100
)

// Why a direct message is not kept.
var (
	ErrMailboxFull = errors.New("as many direct messages wait for that user as can be kept")
	ErrSenderFull  = errors.New("as many of the sender's direct messages wait for that user as one sender may leave")
	ErrGuestsFull  = errors.New("as many direct messages of guests wait for that user as guests may leave")
)

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

// Mailboxes count the direct messages that wait for users who are not online, by
// sender. Names are compared without regard to case. One goroutine owns them. The
// zero value is empty.
type Mailboxes struct {
	boxes map[string]map[string]int // by receiver, by sender, both folded
}

// Check returns nil if one more message of a sender may wait for a receiver, or
// else ErrMailboxFull, ErrSenderFull or ErrGuestsFull. guest tells whether a name
// is no account's.
func (m *Mailboxes) Check(to, from string, guest func(name string) bool) error {
	box, guests := m.boxes[Fold(to)], 0
	if guest(from) {
		for sender, n := range box { // of whom there are no more than messages
			if guest(sender) {
				guests += n
			}
		}
	}
	switch {
	case m.Len(to) >= MaxDirects:
		return ErrMailboxFull
	case box[Fold(from)] >= MaxDirectsFrom:
		return ErrSenderFull
	case guests >= MaxDirectsOfGuests:
		return ErrGuestsFull
	}
	return nil
}

// Add counts messages that wait.
func (m *Mailboxes) Add(to, from string, n int) {
	if m.boxes == nil {
		m.boxes = make(map[string]map[string]int)
	}
	box := m.boxes[Fold(to)]
	if box == nil {
		box = make(map[string]int)
		m.boxes[Fold(to)] = box
	}
	box[Fold(from)] += n
}

// Remove counts a message that waits no more, if one does.
func (m *Mailboxes) Remove(to, from string) {
	box := m.boxes[Fold(to)]
	if box[Fold(from)] == 0 {
		return
	}
	if box[Fold(from)]--; box[Fold(from)] == 0 {
		delete(box, Fold(from))
	}
	if len(box) == 0 {
		delete(m.boxes, Fold(to))
	}
}

// Forget counts nothing more for a receiver: the account is deleted.
func (m *Mailboxes) Forget(to string) { delete(m.boxes, Fold(to)) }

// Len returns how many messages wait for a receiver.
func (m *Mailboxes) Len(to string) (n int) {
	for _, of := range m.boxes[Fold(to)] {
		n += of
	}
	return n
}

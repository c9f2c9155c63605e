package state

import (
	"time"

	"parley/users"
)

// Rows are what commands have changed of what is kept, for the store: each is to be put
// in place of the one with its key, in any order of the tables, and in the order of each
// slice. Nothing of it can be refused. All methods of a nil *Rows do nothing: nothing is
// kept then.
type Rows struct {
	Last uint64    // the last number that was given
	Time time.Time // the log's, of the last command

	Messages []Message
	Directs  []Direct
	Cursors  []Cursor
	Requests []Request
	Changes  []Change // behind Messages and Directs

	Accounts []AccountRow
	Blocks   []BlockRow
	Lockouts []users.Lockout // removed if Forgotten

	Rooms           []RoomRow // before the three below
	Members         []MemberRow
	RoomInvitations []RoomInvitationRow
	ReadCursors     []ReadCursorRow

	Acts      []Act // new ones
	Sanctions []SanctionRow
	Settings  *Settings // nil: as they were

	Hooks []HookRow

	Renamed   []Renamed   // behind Directs, Requests and Cursors
	Forgotten []Forgotten // likewise, each behind as many of Renamed as it says

	Pruned []PrunedRow // behind Messages, Directs, Cursors and Rooms

	Mark *Mark // in a stream; nil: as it was, or there is none

	OldRequests uint64 // requests up to this Serial are forgotten; 0: none
	OldChanges  uint64 // that changes up to this number were made is forgotten, not the changes; 0: of none
	Count       int    // of commands that left something here
	Size        int    // bytes of texts, about

	touched bool // by the command that is being applied
}

// A Cursor says up to which number a person has seen their direct messages.
type Cursor struct {
	Person string
	Number uint64
}

// An AccountRow is an account as it is now, or one that is Gone.
type AccountRow struct {
	users.Account
	Gone bool
}

// A RoomRow is a room, by its folded name, or one that is Gone: with it go, of what was
// kept before it, the messages of the room of exactly that name up to UpTo. What else
// there is of it has rows of its own.
type RoomRow struct {
	Room
	Gone bool
	UpTo uint64
}

// A MemberRow is a person in a room, or one who is Gone.
type MemberRow struct {
	Member
	Gone bool
}

// A RoomInvitationRow is an invitation, or one that is Gone.
type RoomInvitationRow struct {
	RoomInvitation
	Gone bool
}

// A HookRow is a hook, or one that is Gone.
type HookRow struct {
	Hook
	Gone bool
}

// A ReadCursorRow is a cursor, or one that is Gone.
type ReadCursorRow struct {
	ReadCursor
	Gone bool
}

// A SanctionRow is a sanction, or one that is Gone: if it was about addresses, the acts with
// numbers UpTo its end do not say any more which.
type SanctionRow struct {
	Sanction
	Gone bool
	UpTo uint64
}

// A BlockRow is a block, or one that is Gone. Only accounts' blocks are kept.
type BlockRow struct {
	users.Block
	Gone bool
}

// Renamed says that a guest has become an account: what was theirs up to a number, and
// their requests, are the account's; of two cursors the one that is further.
type Renamed struct {
	From, To string // persons
	UpTo     uint64
}

// Forgotten says that nothing is kept of a person any more up to a number: neither direct
// messages to or from them, but of a guest those to an account that has not seen them,
// nor the cursor, nor requests: but a guest's, which nobody else can ask for again, are
// forgotten in time.
type Forgotten struct {
	Person string
	UpTo   uint64
	Behind int // how many of Renamed come before it, the others after it

	Erased *Erased // of an account that has had itself forgotten; nil of others
}

// A Pruned is up to which number nothing is kept any more of what was said in a room, or of
// direct messages but those that were not seen yet.
type Pruned struct {
	Room string // Room.Name, or Lobby; "" of direct messages
	UpTo uint64
}

// A PrunedRow is one, or one that is Gone, with its room.
type PrunedRow struct {
	Pruned
	Gone bool
}

// Erased says what else goes of an account that has had itself forgotten. Where its name, or
// who it is, stands in what is kept of others, such as what was done to keep order and
// reactions to what they have said, As stands from then on; and with Texts all is gone that it has said in rooms, also as the guest that
// it was before.
type Erased struct {
	Author
	Name  string // as it was spelled
	As    string
	Texts bool
}

// Empty reports whether there is nothing to keep.
func (r *Rows) Empty() bool { return r == nil || r.Count == 0 }

// Reset empties the rows, whose memory is used again.
func (r *Rows) Reset() {
	if r == nil {
		return
	}
	empty(&r.Messages)
	empty(&r.Directs)
	empty(&r.Cursors)
	empty(&r.Requests)
	empty(&r.Changes)
	empty(&r.Accounts)
	empty(&r.Blocks)
	empty(&r.Lockouts)
	empty(&r.Rooms)
	empty(&r.Members)
	empty(&r.RoomInvitations)
	empty(&r.ReadCursors)
	empty(&r.Acts)
	empty(&r.Sanctions)
	empty(&r.Hooks)
	empty(&r.Renamed)
	empty(&r.Forgotten)
	empty(&r.Pruned)
	r.Settings, r.Mark = nil, nil
	r.Last, r.Time, r.OldRequests, r.OldChanges, r.Count, r.Size, r.touched = 0, time.Time{}, 0, 0, 0, 0, false
}

// empty lets go of what the elements point to.
func empty[T any](list *[]T) {
	clear(*list)
	*list = (*list)[:0]
}

// touch reports whether something is to be kept, which counts the command then.
func (r *Rows) touch() bool {
	if r != nil {
		r.touched = true
	}
	return r != nil
}

// end is called when a command has been applied.
func (r *Rows) end(last uint64, at time.Time) {
	if r == nil || !r.touched {
		return
	}
	r.Last, r.Time, r.touched = last, at, false
	r.Count++
}

func (r *Rows) message(m *Message) {
	if r.touch() {
		r.Messages = append(r.Messages, *m)
		r.Size += len(m.Room) + len(m.Sender) + len(m.Text)
	}
}

func (r *Rows) direct(d *Direct) {
	if r.touch() {
		r.Directs = append(r.Directs, *d)
		r.Size += len(d.Sender) + len(d.To) + len(d.From) + len(d.Person) + len(d.Text)
	}
}

func (r *Rows) cursor(c Cursor) {
	if r.touch() {
		r.Cursors = append(r.Cursors, c)
		r.Size += len(c.Person)
	}
}

func (r *Rows) request(q Request) {
	if r.touch() {
		r.Requests = append(r.Requests, q)
		r.Size += len(q.Person) + len(q.ID)
	}
}

func (r *Rows) oldRequests(upTo uint64) {
	if r.touch() {
		r.OldRequests = max(r.OldRequests, upTo)
	}
}

func (r *Rows) change(c *Change) {
	if r.touch() {
		r.Changes = append(r.Changes, *c)
		r.Size += len(c.Text) + len(c.Word) + len(c.By.Person) + len(c.By.Name)
		if c.Removed != nil {
			r.Size += len(c.Removed.Why)
		}
	}
}

func (r *Rows) oldChanges(upTo uint64) {
	if r.touch() {
		r.OldChanges = max(r.OldChanges, upTo)
	}
}

func (r *Rows) account(a users.Account, gone bool) {
	if r.touch() {
		r.Accounts = append(r.Accounts, AccountRow{Account: a, Gone: gone})
		r.Size += len(a.Name) + len(a.Hash)
	}
}

func (r *Rows) block(b users.Block, gone bool) {
	if r.touch() {
		r.Blocks = append(r.Blocks, BlockRow{Block: b, Gone: gone})
		r.Size += len(b.Blocker) + len(b.Blocked)
	}
}

// lockouts notes what a Lockouts says that has changed, which may be nothing.
func (r *Rows) lockouts(changed []users.Lockout) {
	if len(changed) > 0 && r.touch() {
		r.Lockouts = append(r.Lockouts, changed...)
		for _, b := range changed {
			r.Size += len(b.Key)
		}
	}
}

func (r *Rows) act(a Act) {
	if r.touch() {
		r.Acts = append(r.Acts, a)
		r.Size += len(a.By) + len(a.Person) + len(a.Name) + len(a.Target) + len(a.Addr) + len(a.Room) + len(a.Why)
	}
}

func (r *Rows) sanction(v Sanction) { r.sanctionRow(SanctionRow{Sanction: v}) }

func (r *Rows) sanctionRow(v SanctionRow) {
	if r.touch() {
		r.Sanctions = append(r.Sanctions, v)
		r.Size += len(v.Room) + len(v.Target) + len(v.Name) + len(v.Person) + len(v.By) + len(v.Why)
	}
}

func (r *Rows) settings(v Settings) {
	if r.touch() {
		r.Settings = &v
		r.Size += len(v.Why)
	}
}

func (r *Rows) renamed(from, to string, upTo uint64) {
	if r.touch() {
		r.Renamed = append(r.Renamed, Renamed{From: from, To: to, UpTo: upTo})
		r.Size += len(from) + len(to)
	}
}

func (r *Rows) forgotten(person string, upTo uint64) {
	if r.touch() {
		r.Forgotten = append(r.Forgotten, Forgotten{Person: person, UpTo: upTo, Behind: len(r.Renamed)})
		r.Size += len(person)
	}
}

func (r *Rows) room(v Room, gone bool, upTo uint64) {
	if r.touch() {
		r.Rooms = append(r.Rooms, RoomRow{Room: v, Gone: gone, UpTo: upTo})
		r.Size += len(v.Name) + len(v.Owner) + len(v.By) + len(v.Key) + len(v.Topic) + len(v.TopicBy)
	}
}

func (r *Rows) member(v Member, gone bool) {
	if r.touch() {
		r.Members = append(r.Members, MemberRow{Member: v, Gone: gone})
		r.Size += len(v.Room) + len(v.Person)
	}
}

func (r *Rows) roomInvitation(v RoomInvitation, gone bool) {
	if r.touch() {
		r.RoomInvitations = append(r.RoomInvitations, RoomInvitationRow{RoomInvitation: v, Gone: gone})
		r.Size += len(v.Room) + len(v.Person) + len(v.By)
	}
}

func (r *Rows) hook(v Hook, gone bool) {
	if r.touch() {
		r.Hooks = append(r.Hooks, HookRow{Hook: v, Gone: gone})
		r.Size += len(v.Name) + len(v.Room) + len(v.Token) + len(v.URL) + len(v.Secret)
	}
}

func (r *Rows) readCursor(v ReadCursor, gone bool) {
	if r.touch() {
		r.ReadCursors = append(r.ReadCursors, ReadCursorRow{ReadCursor: v, Gone: gone})
		r.Size += len(v.Person) + len(v.Room) + len(v.With)
	}
}

func (r *Rows) prune(v Pruned, gone bool) {
	if r.touch() {
		r.Pruned = append(r.Pruned, PrunedRow{Pruned: v, Gone: gone})
		r.Size += len(v.Room)
	}
}

// erased says more of the person who was forgotten last.
func (r *Rows) erased(v Erased) {
	if r.touch() {
		r.Forgotten[len(r.Forgotten)-1].Erased = &v
		r.Size += len(v.Name) + len(v.As)
	}
}

package protocol

import "time"

// Order is what a response says that is about keeping order, beside the person (name) and
// the room.
type Order struct {
	By    string    // who has done it; "": the server's owner at its command line
	Why   string    // as that one has said
	Role  string    // a person's now: "owner", "moderator" or "none"
	Until time.Time // zero: for ever, or it has no end
	On    bool      // of the lockdown
	Acts  []Act     // in the answers to audit, bans and reports
}

// An Act is one of data.acts: what somebody has done to keep order, a sanction, or a report.
type Act struct {
	ID      uint64 // its number
	Time    time.Time
	Act     string    // such as "ban"; a verb
	By      string    // who; "": the server's owner at its command line
	Name    string    // whom; "": it is about no person
	Address string    // or which addresses: a prefix
	Room    string    // where; "": the whole server
	Message uint64    // the number of the message that it is about; 0: none
	Why     string    // also the text of an announcement
	Set     string    // what was set: the role, "on" or "off", how many seconds
	Until   time.Time // zero: for ever, or it has no end
}

// Marks are what has become of a message since it was said.
type Marks struct {
	Edited    time.Time  // when it was changed last; zero: it was not
	Removed   *Removal   // nil: it was not; else the text is ""
	Reactions []Reaction // in the order in which each kind came first
}

// A Removal says who has removed a message.
type Removal struct {
	By  string
	Why string
}

// A Reaction is one word or emoji, and who has put it to a message.
type Reaction struct {
	Word  string
	Names []string // in the order in which they did
}

func orderFields(o *object, v *Order) {
	o.text("by", v.By)
	o.text("why", v.Why)
	o.text("role", v.Role)
	o.time("until", v.Until)
	o.truth("on", v.On)
	if v.Acts != nil {
		o.key("acts")
		o.dst = appendObjectList(o.dst, v.Acts, actFields)
	}
}

func actFields(o *object, a *Act) {
	o.number("id", a.ID)
	o.time("time", a.Time)
	o.text("act", a.Act)
	o.text("by", a.By)
	o.text("name", a.Name)
	o.text("address", a.Address)
	o.text("room", a.Room)
	o.number("message", a.Message)
	o.text("why", a.Why)
	o.text("set", a.Set)
	o.time("until", a.Until)
}

func marksFields(o *object, m *Marks) {
	o.time("edited", m.Edited)
	if m.Removed != nil {
		o.key("removed")
		o.dst = appendObject(o.dst, m.Removed, removalFields)
	}
	if len(m.Reactions) > 0 {
		o.key("reactions")
		o.dst = appendObjectList(o.dst, m.Reactions, reactionFields)
	}
}

func removalFields(o *object, r *Removal) {
	o.text("by", r.By)
	o.text("why", r.Why)
}

func reactionFields(o *object, r *Reaction) {
	o.text("word", r.Word)
	o.key("names")
	o.dst = appendList(o.dst, r.Names)
}

func decodeOrder(v any) *Order {
	f, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	o := fields(f)
	order := &Order{By: o.text("by"), Why: o.text("why"), Role: o.text("role"), Until: o.time("until"), On: o.truth("on")}
	order.Acts = decodeObjects(f["acts"], func(a fields) Act {
		return Act{ID: a.number("id"), Time: a.time("time"), Act: a.text("act"), By: a.text("by"), Name: a.text("name"), Address: a.text("address"),
			Room: a.text("room"), Message: a.number("message"), Why: a.text("why"), Set: a.text("set"), Until: a.time("until")}
	})
	return order
}

func decodeMarks(v any) *Marks {
	f, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	m := &Marks{Edited: fields(f).time("edited")}
	if r, ok := f["removed"].(map[string]any); ok {
		m.Removed = &Removal{By: fields(r).text("by"), Why: fields(r).text("why")}
	}
	m.Reactions = decodeObjects(f["reactions"], func(r fields) Reaction {
		return Reaction{Word: r.text("word"), Names: decodeNames(r["names"])}
	})
	return m
}

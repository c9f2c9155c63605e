package outgoing

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/users/state"
	"parley/users/store"
)

// The types of events.
const (
	said    = "message.said"
	changed = "message.changed"
	removed = "message.removed"
	missing = "messages.missing"
)

// An event is the body of a request.
type event struct {
	Type string    `json:"type"`
	Time time.Time `json:"timestamp"` // when it was; of a change when it was found
	Data data      `json:"data"`
}

type data struct {
	Log       string     `json:"log"` // numbers of two logs are not to be compared
	Room      string     `json:"room"`
	ID        uint64     `json:"id,omitzero"`
	UpTo      uint64     `json:"up_to,omitzero"`
	Time      time.Time  `json:"time,omitzero"` // when it was said
	From      string     `json:"from,omitzero"`
	Text      string     `json:"text,omitzero"`
	Re        uint64     `json:"re,omitzero"`
	Edited    time.Time  `json:"edited,omitzero"`
	Removed   *removal   `json:"removed,omitzero"`
	Reactions []reaction `json:"reactions,omitempty"`
}

type removal struct {
	By  string `json:"by,omitzero"` // "": the server's owner
	Why string `json:"why,omitzero"`
}

type reaction struct {
	Word string   `json:"word"`
	By   []string `json:"by"`
}

// eventOf makes an event of what is new in a room, and returns the number under which it is
// known, whenever it is sent. There is none of a message that is removed by now: its removal
// comes behind.
func eventOf(log, room string, n *store.News, now time.Time) (e event, id string, is bool) {
	if n.Message == nil {
		e = event{Type: missing, Time: now.UTC(), Data: data{Log: log, Room: room, UpTo: n.Missing}}
		return e, fmt.Sprintf("%s_missing_%d", log, n.Missing), true
	}
	m := n.Message
	e = event{Type: said, Time: m.Time.UTC(), Data: data{Log: log, Room: room, ID: m.Number, Time: m.Time.UTC(), From: m.Sender, Text: m.Text, Re: m.Re}}
	if n.Change != 0 {
		e.Type, e.Time = changed, now.UTC()
	}
	if m.Marks.IsRemoved() {
		e.Type, e.Data.Text, e.Data.Removed = removed, "", &removal{By: m.Marks.Removed.By, Why: m.Marks.Removed.Why}
	} else {
		e.Data.mark(m.Marks)
	}
	return e, fmt.Sprintf("%s_%d", log, n.Number()), e.Type != removed || n.Change != 0
}

// mark adds what has become of a message.
func (d *data) mark(marks *state.Marks) {
	if marks == nil {
		return
	}
	d.Edited = marks.Edited.UTC()
	if marks.Edited.IsZero() {
		d.Edited = time.Time{}
	}
	for _, r := range marks.Reactions {
		one := reaction{Word: r.Word}
		for _, by := range r.By {
			one.By = append(one.By, by.Name)
		}
		d.Reactions = append(d.Reactions, one)
	}
}

func (e *event) body() ([]byte, error) { return json.Marshal(e, jsontext.AllowInvalidUTF8(true)) }

// sign returns the signature of a body that is sent at a time, in seconds since 1970.
func sign(key []byte, id string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + strconv.FormatInt(at, 10) + "."))
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

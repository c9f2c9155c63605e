package rooms_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"testing"
	"time"

	"parley/users/rooms"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// found returns what became of a request that may be known.
func found(t *testing.T, r *rooms.Requests, q rooms.Request, text string) *rooms.Outcome {
	t.Helper()
	o, err := r.Find(q, "", text)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// An id is for one request of one person, whether or not it is safe yet.
func TestAnIDIsForOneRequest(t *testing.T) {
	for _, c := range []struct {
		name             string
		receiver, text   string // of the first, to alice's name
		again, otherwise string // receiver and text of the second
		want             error
	}{
		{"the same to all", "", "hi", "", "hi", nil},
		{"another text to all", "", "hi", "", "FIRE!", rooms.ErrReused},
		{"no text at all", "", "hi", "", "", rooms.ErrReused},
		{"the same to one", "bob", "hi", "BOB", "hi", nil},
		{"another text to one", "bob", "hi", "bob", "ho", rooms.ErrReused},
		{"the same to another", "bob", "hi", "carl", "hi", rooms.ErrReused},
		{"to all what was to one", "bob", "hi", "", "hi", rooms.ErrReused},
		{"to one what was to all", "", "hi", "bob", "hi", rooms.ErrReused},
		{"a name that runs into the text", "bob", "hi", "bobh", "i", rooms.ErrReused},
	} {
		for _, committed := range []bool{false, true} {
			r := rooms.NewRequests()
			q := rooms.Request{Sender: "alice", ID: "1"}
			r.Add(q, rooms.Digest(c.receiver, c.text), 7, committed, noon)
			o, err := r.Find(q, c.again, c.otherwise)
			if !errors.Is(err, c.want) || (o != nil) != (c.want == nil) {
				t.Errorf("%s: got %v, %v, want %v", c.name, o, err, c.want)
			}
			if found(t, r, rooms.Request{Sender: "bob", ID: "1"}, "hi") != nil {
				t.Errorf("%s: bob's request is alice's", c.name)
			}
		}
	}
}

// A digest is kept in files: it must stay the same.
func TestDigest(t *testing.T) {
	for _, c := range [][2]string{{"", ""}, {"", "hi"}, {"Bob", "hi"}, {"bob", "blåbær \x00\xff"}} {
		h := fnv.New64a()
		h.Write([]byte(strings.ToLower(c[0]) + "\x00" + c[1]))
		if got := rooms.Digest(c[0], c[1]); got != h.Sum64() {
			t.Errorf("%q: %#x, want %#x", c, got, h.Sum64())
		}
	}
}

// What was asked for before it was remembered what it was is taken for a retry.
func TestARequestOfWhichTheTextIsNotKnown(t *testing.T) {
	r := rooms.NewRequests()
	q := rooms.Request{Sender: "alice", ID: "1"}
	r.Add(q, 0, 7, true, noon)
	if o := found(t, r, q, "hi"); o == nil || o.Number != 7 {
		t.Errorf("got %v", o)
	}
}

func TestRetryWaitsForTheFirst(t *testing.T) {
	for _, failure := range []error{nil, errors.New("the disk is full")} {
		r := rooms.NewRequests()
		q := rooms.Request{Sender: "alice", ID: "a"}
		r.Add(q, rooms.Digest("", "hi"), 7, false, noon)
		told := []string{}
		for i := range 2 {
			found(t, r, q, "hi").Wait(func(err error) { told = append(told, fmt.Sprint(i, err)) })
		}
		if len(told) != 0 {
			t.Errorf("told %v before it is known", told)
		}
		r.Done(q, failure)
		if want := fmt.Sprint([]string{fmt.Sprint(0, failure), fmt.Sprint(1, failure)}); fmt.Sprint(told) != want {
			t.Errorf("told %v, want %v", told, want)
		}
		after := found(t, r, q, "hi")
		if known := after != nil; known != (failure == nil) {
			t.Errorf("after %v it is known: %v", failure, known)
		}
		if after != nil {
			at := "not"
			after.Wait(func(err error) { at = fmt.Sprint(err) })
			if at != "<nil>" {
				t.Errorf("a retry after it is safe was told: %s", at)
			}
		}
	}
}

func TestRequestsAreForgottenInTime(t *testing.T) {
	r := rooms.NewRequests()
	for i := range 10 {
		r.Add(rooms.Request{Sender: "alice", ID: fmt.Sprint(i)}, rooms.Digest("", "hi"), uint64(i+1), true, noon.Add(time.Duration(i)*10*time.Minute))
	}
	for i := range 10 {
		want := i >= 4 // an hour before the last
		if known := found(t, r, rooms.Request{Sender: "alice", ID: fmt.Sprint(i)}, "hi") != nil; known != want {
			t.Errorf("request %d is known: %v, want %v", i, known, want)
		}
	}
}

func TestTheNewestRequestsAreRemembered(t *testing.T) {
	r := rooms.NewRequests()
	request := func(i int) rooms.Request { return rooms.Request{Sender: "alice", ID: fmt.Sprint(i)} }
	for i := range rooms.MaxRequests + 1 {
		r.Add(request(i), rooms.Digest("", "hi"), uint64(i+1), true, noon)
	}
	if found(t, r, request(0), "hi") != nil || found(t, r, request(1), "hi") == nil || found(t, r, request(rooms.MaxRequests), "hi") == nil {
		t.Error("it is not the oldest one that was forgotten")
	}
}

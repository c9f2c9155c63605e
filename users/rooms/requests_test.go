package rooms_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"parley/users/rooms"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func TestRetryWaitsForTheFirst(t *testing.T) {
	for _, failure := range []error{nil, errors.New("the disk is full")} {
		r := rooms.NewRequests()
		q := rooms.Request{Sender: "alice", ID: "a"}
		r.Add(q, 7, false, noon)
		told := []string{}
		for i := range 2 {
			r.Find(q).Wait(func(err error) { told = append(told, fmt.Sprint(i, err)) })
		}
		if len(told) != 0 {
			t.Errorf("told %v before it is known", told)
		}
		r.Done(q, failure)
		if want := fmt.Sprint([]string{fmt.Sprint(0, failure), fmt.Sprint(1, failure)}); fmt.Sprint(told) != want {
			t.Errorf("told %v, want %v", told, want)
		}
		after := r.Find(q)
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
		r.Add(rooms.Request{Sender: "alice", ID: fmt.Sprint(i)}, uint64(i+1), true, noon.Add(time.Duration(i)*10*time.Minute))
	}
	for i := range 10 {
		want := i >= 4 // an hour before the last
		if known := r.Find(rooms.Request{Sender: "alice", ID: fmt.Sprint(i)}) != nil; known != want {
			t.Errorf("request %d is known: %v, want %v", i, known, want)
		}
	}
}

func TestTheNewestRequestsAreRemembered(t *testing.T) {
	r := rooms.NewRequests()
	request := func(i int) rooms.Request { return rooms.Request{Sender: "alice", ID: fmt.Sprint(i)} }
	for i := range rooms.MaxRequests + 1 {
		r.Add(request(i), uint64(i+1), true, noon)
	}
	if r.Find(request(0)) != nil || r.Find(request(1)) == nil || r.Find(request(rooms.MaxRequests)) == nil {
		t.Error("it is not the oldest one that was forgotten")
	}
}

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
		if known := r.Find(q) != nil; known != (failure == nil) {
			t.Errorf("after %v it is known: %v", failure, known)
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

package client

import (
	"strings"
	"testing"
	"time"
)

func TestDurationsInWords(t *testing.T) {
	for _, c := range []struct {
		d          time.Duration
		since, ago string
	}{
		{-time.Second, "less than a minute", "just now"}, // by a clock that is ahead
		{0, "less than a minute", "just now"},
		{time.Minute, "1 min", "1 min ago"},
		{time.Hour - 1, "59 min", "59 min ago"},
		{time.Hour, "1 h", "1 h ago"},
		{48 * time.Hour, "2 days", "2 days ago"},
	} {
		if got := since(c.d); got != c.since {
			t.Errorf("since(%v) is %q, not %q", c.d, got, c.since)
		}
		if got := ago(c.d); got != c.ago {
			t.Errorf("ago(%v) is %q, not %q", c.d, got, c.ago)
		}
	}
}

// Conversations that have nothing but a draft are kept in the same order each time.
func TestDraftsAreKeptInOrder(t *testing.T) {
	s := newStageAfter(t, nil, "name=alice", "unshown")
	for _, name := range []string{"zoe", "bob", "anna", "carl", "dora", "eve", "fred", "gil"} {
		s.asks("draft in=direct:" + name + " : half a line")
		s.log = nil
	}
	var names []string
	for _, talk := range s.app.Kept().Talks {
		if talk.Draft != "" {
			names = append(names, talk.Name)
		}
	}
	if got := strings.Join(names, " "); got != "anna bob carl dora eve fred gil zoe" {
		t.Errorf("the drafts to %s are kept", got)
	}
}

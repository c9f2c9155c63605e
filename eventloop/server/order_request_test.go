package server

import (
	"slices"
	"testing"
)

// isTestRoom says which rooms there are in these tests.
func isTestRoom(word string) bool { return slices.Contains([]string{"den", "lobby", "10m"}, word) }

func TestTypedOrder(t *testing.T) {
	for text, want := range map[string]orderWords{
		"bob":                       {who: "bob"},
		" \tbob \n":                 {who: "bob"},
		"bob den":                   {who: "bob", room: "den"},
		"bob spam":                  {who: "bob", why: "spam"},
		"bob 10m":                   {who: "bob", lasts: "10m"}, // although there is a room of that name
		"bob 10m 2h":                {who: "bob", lasts: "10m", why: "2h"},
		"bob den 2h":                {who: "bob", room: "den", lasts: "2h"},
		"bob den 2h  two  blanks  ": {who: "bob", room: "den", lasts: "2h", why: "two  blanks"},
		"bob 2h den":                {who: "bob", lasts: "2h", why: "den"},
		"bob den den":               {who: "bob", room: "den", why: "den"},
		"bob forever lobby":         {who: "bob", lasts: "forever", why: "lobby"},
		"bob lobby forever":         {who: "bob", room: "lobby", lasts: "forever"},
		"bob 10min":                 {who: "bob", lasts: "10min"}, // is wrong, and said to be
		"bob den for ever":          {who: "bob", room: "den", why: "for ever"},
		"10.0.0.0/8 1d":             {who: "10.0.0.0/8", lasts: "1d"},
		"":                          {},
	} {
		if got := typedOrder(text, true, isTestRoom); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
	for text, want := range map[string]orderWords{ // of what does not last
		"bob 10m":     {who: "bob", room: "10m"},
		"bob 2h":      {who: "bob", why: "2h"},
		"bob den 10m": {who: "bob", room: "den", why: "10m"},
	} {
		if got := typedOrder(text, false, isTestRoom); got != want {
			t.Errorf("%q: %+v, want %+v", text, got, want)
		}
	}
}

func TestTypedAudit(t *testing.T) {
	for text, want := range map[string]auditWords{
		"":                  {},
		"den":               {room: "den"},
		"bob":               {name: "bob"},
		"den bob":           {room: "den", name: "bob"},
		"attic bob":         {room: "attic", name: "bob"}, // is wrong, and said to be
		"before 7":          {before: "7"},
		"den BEFORE 7":      {room: "den", before: "7"},
		"bob before 7":      {name: "bob", before: "7"},
		"den  bob before x": {room: "den", name: "bob", before: "x"},
		"before":            {name: "before"},
		"den before":        {room: "den", name: "before"},
	} {
		if got, ok := typedAudit(text, isTestRoom); !ok || got != want {
			t.Errorf("%q: %+v %v, want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"a b c", "den bob before", "den bob 7 before 7"} {
		if got, ok := typedAudit(text, isTestRoom); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

package client

import (
	"errors"
	"fmt"
	"strings"
)

// stageSaver is what writes files on a stage.
//
//	file< open NAME [any] | write TEXT | close whole|cut
//	file> opened NAME | failed WHY | written | closed
type stageSaver struct {
	s    *stage
	name string
}

func (f *stageSaver) Saved() <-chan Saved { return nil }

func (f *stageSaver) Open(name string, anyName bool) {
	line := "file< open " + name
	if anyName {
		line += " any"
	}
	f.s.say(line)
	f.name = name
}

func (f *stageSaver) Write(text string) { f.s.say("file< write " + escaped(text)) }

func (f *stageSaver) Close(whole bool) {
	f.s.say("file< close " + map[bool]string{true: "whole", false: "cut"}[whole])
}

// happens has the Saver answer.
func (f *stageSaver) happens(text string) {
	word, rest, _ := strings.Cut(text, " ")
	r := Saved{Name: f.name}
	switch word {
	case "opened":
		f.name = rest
		r.Name = rest
	case "failed":
		r.Err = fmt.Errorf("open %s: %w", f.name, errors.New(rest))
	case "written":
	case "closed":
		r.Closed = true
	default:
		f.s.t.Fatalf("%s: what is %q?", f.s.where, text)
	}
	f.s.app.saved(r)
}

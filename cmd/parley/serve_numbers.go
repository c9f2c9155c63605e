package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"parley/eventloop/server"
)

// A number is one of parley serve that bounds or times something. All stand in the tables
// numbers, of what can be set, and fixedNumbers; --print-config shows them.
type number struct {
	name  string // of its flag, or, of one that is fixed, what would be
	unit  string // in which it is counted
	value any    // by default, which is a flag's default: its tag has none
	why   string // it is that and nothing else
	what  string // it is, of one that is fixed; a flag has its help
}

// aTime is the unit of what lasts: the value has its own, such as 90s or 5m.
const aTime = "time"

// text returns the value as one writes it behind a flag.
func (n number) text() string {
	switch v := n.value.(type) {
	case time.Duration:
		return shortTime(v)
	case server.Quota:
		return fmt.Sprintf("%d/%s", v.Most, shortTime(v.Per))
	}
	return fmt.Sprint(n.value)
}

// shortTime is a time without what is zero of it: 15m in place of 15m0s.
func shortTime(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// remark is what --print-config says of one that can be set.
func (n number) remark() string {
	return fmt.Sprintf("Unit: %s. Default: %s. Reason: %s", n.unit, n.text(), n.why)
}

// fixedRemark is what it says of one that is fixed.
func (n number) fixedRemark() string {
	return fmt.Sprintf("%s, fixed: %s. Unit: %s. %s Reason: %s", n.name, n.text(), n.unit, n.what, n.why)
}

// settableNumber returns that of a flag of parley serve.
func settableNumber(flag string) (n number, ok bool) {
	i := slices.IndexFunc(numbers, func(n number) bool { return n.name == flag })
	if i < 0 {
		return number{}, false
	}
	return numbers[i], true
}

// fixedNumber returns the fixed one that somebody means who writes a name, such as max-name
// or name.
func fixedNumber(name string) (n number, ok bool) {
	i := slices.IndexFunc(fixedNumbers, func(n number) bool { return n.name == name || n.name == "max-"+name })
	if i < 0 {
		return number{}, false
	}
	return fixedNumbers[i], true
}

// fixedFlag returns the fixed number that a flag is of which the parser says that there is none.
func fixedFlag(failed *kong.ParseError) (n number, ok bool) {
	name, unknown := strings.CutPrefix(failed.Error(), "unknown flag --")
	if node := failed.Context.Selected(); !unknown || node == nil || node.Name != "serve" {
		return number{}, false
	}
	name, _, _ = strings.Cut(name, ",") // behind it is what else is meant
	return fixedNumber(name)
}

// cannotBeSet says so of one that is fixed.
func (n number) cannotBeSet() string {
	return fmt.Sprintf("%s is fixed and cannot be set: it is %s, in %s. %s", n.name, n.text(), n.unit, n.why)
}

// numberDefaults gives the flags of parley serve the defaults of the table.
func numberDefaults() kong.Option {
	return kong.PostBuild(func(k *kong.Kong) error {
		for _, flag := range serveFlags(k) {
			if n, ok := settableNumber(flag.Name); ok {
				flag.Default, flag.HasDefault = n.text(), true
			}
		}
		return nil
	})
}

package state

import (
	"container/list"
	"fmt"
	"reflect"
	"sort"
	"strings"
	"time"
)

// A Walk goes through two states side by side, through all fields of all that they hold, and
// notes which of those had something in them.
type Walk struct {
	used  map[string]bool // fields, as "room.members"
	pairs map[[2]any]uintptr
	later []func() string // maps by pointers, when it is known which of both are the same
}

// NewWalk returns one that has seen nothing.
func NewWalk() *Walk { return &Walk{used: make(map[string]bool)} }

// notWalked are types that two equal states may have otherwise, and why.
var notWalked = map[string]string{
	"users.guestIndex": "a hash table with a seed of its own: it is asked instead",
	"time.Location":    "all times are in UTC",
}

// Differ says where two states are not the same; "": nowhere. Nothing and an empty slice, or an
// empty map, are the same. Where one refers twice to the same, the other must, too.
func (w *Walk) Differ(a, b *State) string {
	w.pairs, w.later = make(map[[2]any]uintptr), nil
	why := w.walk("state", reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem())
	for _, compare := range w.later {
		if why == "" {
			why = compare()
		}
	}
	if why != "" {
		return why
	}
	for _, name := range a.presence.Names() {
		o, _ := a.presence.Find(name)
		one, there := a.presence.Guest(o.Person)
		if other, also := b.presence.Guest(o.Person); one != other || there != also {
			return fmt.Sprintf("%q is found as %q and %q", o.Person, one, other)
		}
	}
	return ""
}

func (w *Walk) walk(at string, a, b reflect.Value) string {
	switch a.Kind() {
	case reflect.Struct:
		return w.structs(at, a, b)
	case reflect.Pointer:
		return w.pointers(at, a, b)
	case reflect.Interface:
		if a.IsNil() || b.IsNil() || a.Elem().Type() != b.Elem().Type() {
			return differ(at, a, b, a.IsNil() == b.IsNil() && a.IsNil())
		}
		return w.walk(at, a.Elem(), b.Elem())
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s: %d and %d", at, a.Len(), b.Len())
		}
		for i := range a.Len() {
			if why := w.walk(fmt.Sprintf("%s[%d]", at, i), a.Index(i), b.Index(i)); why != "" {
				return why
			}
		}
		return ""
	case reflect.Map:
		return w.maps(at, a, b)
	case reflect.Func:
		return differ(at, a, b, a.IsNil() == b.IsNil())
	}
	return differ(at, a, b, a.Equal(b))
}

func differ(at string, a, b reflect.Value, same bool) string {
	if same {
		return ""
	}
	return fmt.Sprintf("%s: %v and %v", at, a, b)
}

func (w *Walk) structs(at string, a, b reflect.Value) string {
	if notWalked[a.Type().String()] != "" {
		return ""
	}
	if a.Type() == reflect.TypeFor[list.List]() && a.FieldByName("len").IsZero() && b.FieldByName("len").IsZero() {
		return "" // one of which may never have been used
	}
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if !a.Field(i).IsZero() {
			w.used[short(a.Type())+"."+name] = true
		}
		if why := w.walk(at+"."+name, a.Field(i), b.Field(i)); why != "" {
			return why
		}
	}
	return ""
}

// pointers is also for those that meet again.
func (w *Walk) pointers(at string, a, b reflect.Value) string {
	if a.Type().String() == "*users.rareSpan" && isNothing(a) && isNothing(b) {
		return ""
	}
	if a.IsNil() || b.IsNil() {
		return differ(at, a, b, a.IsNil() && b.IsNil())
	}
	one, other := [2]any{a.Type(), a.Pointer()}, [2]any{"back", b.Pointer()}
	if to, met := w.pairs[one]; met {
		return differ(at, a, b, to == b.Pointer())
	}
	if _, met := w.pairs[other]; met && a.Elem().Kind() == reflect.Struct && a.Type().String() != "*list.List" && a.Type().String() != "*list.Element" {
		return fmt.Sprintf("%s: is two, and one", at)
	}
	w.pairs[one], w.pairs[other] = b.Pointer(), a.Pointer()
	return w.walk(at, a.Elem(), b.Elem())
}

// isNothing reports whether a pointer is to a struct that is empty, or to none.
func isNothing(p reflect.Value) bool {
	if p.IsNil() {
		return true
	}
	for i := range p.Elem().NumField() {
		f := p.Elem().Field(i)
		if !f.IsZero() && (f.Kind() != reflect.Slice || f.Len() > 0) {
			return false
		}
	}
	return true
}

func (w *Walk) maps(at string, a, b reflect.Value) string {
	if a.Len() != b.Len() {
		return fmt.Sprintf("%s: %d and %d", at, a.Len(), b.Len())
	}
	if a.Type().Key().Kind() == reflect.Pointer {
		w.later = append(w.later, func() string { return w.byPointer(at, a, b) })
		return ""
	}
	for _, key := range a.MapKeys() {
		if !b.MapIndex(key).IsValid() {
			return fmt.Sprintf("%s: %v is in one of both", at, key)
		}
		if why := w.walk(fmt.Sprintf("%s[%v]", at, key), a.MapIndex(key), b.MapIndex(key)); why != "" {
			return why
		}
	}
	return ""
}

// byPointer compares what is under pointers which are known to be the same in both by now.
func (w *Walk) byPointer(at string, a, b reflect.Value) string {
	of := make(map[uintptr]reflect.Value)
	for _, key := range b.MapKeys() {
		of[key.Pointer()] = b.MapIndex(key)
	}
	for _, key := range a.MapKeys() {
		to := w.pairs[[2]any{key.Type(), key.Pointer()}]
		if v, is := of[to]; !is {
			return fmt.Sprintf("%s: one of both has not %v", at, key.Elem())
		} else if why := w.walk(at, a.MapIndex(key), v); why != "" {
			return why
		}
	}
	return ""
}

func short(t reflect.Type) string { return strings.TrimPrefix(t.String(), "state.") }

// Unused returns the fields of all types that a state can hold which had nothing in them in
// any state that was walked through: of those it is not known whether they were the same.
func (w *Walk) Unused() (fields []string) {
	seen := make(map[reflect.Type]bool)
	var each func(t reflect.Type)
	each = func(t reflect.Type) {
		if seen[t] || t == reflect.TypeFor[time.Time]() || notWalked[t.String()] != "" {
			return
		}
		seen[t] = true
		switch t.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Array:
			each(t.Elem())
		case reflect.Map: // keys are what is in the values
			each(t.Elem())
		case reflect.Struct:
			for i := range t.NumField() {
				if name := short(t) + "." + t.Field(i).Name; !w.used[name] && strings.HasPrefix(t.PkgPath(), "parley/") {
					fields = append(fields, name)
				}
				each(t.Field(i).Type)
			}
		}
	}
	each(reflect.TypeFor[State]())
	each(reflect.TypeFor[Request]()) // which a list does not say
	sort.Strings(fields)
	return fields
}

package main

import (
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"parley/eventloop/server"
)

// Each setting that changes nothing but what a running server can take changes while it runs,
// and no other one does: what each flag changes of the server's settings is looked at.
func TestReloadableSettings(t *testing.T) {
	taken := make(map[string]bool)
	for _, name := range serveFlagNames(t) {
		changed := changedBy(t, name)
		field, can := reloadable[name]
		switch {
		case can && field != "" && !slices.Equal(changed, []string{field}):
			t.Errorf("--%s is to change %s, and changes %v", name, field, changed)
		case can && field == "" && len(changed) > 0:
			t.Errorf("--%s is not of the server, and changes %v", name, changed)
		case !can && len(changed) > 0 && !slices.ContainsFunc(changed, func(f string) bool { return !slices.Contains(server.Changeable(), f) }):
			t.Errorf("--%s changes %v, which a running server can take, and needs a restart", name, changed)
		}
		for _, f := range changed {
			taken[f] = true
		}
	}
	for name := range reloadable {
		if !slices.Contains(serveFlagNames(t), name) {
			t.Errorf("there is no --%s", name)
		}
	}
	for _, field := range server.Changeable() {
		if !taken[field] {
			t.Errorf("no flag changes %s", field)
		}
	}
}

// serveFlagNames are those of the settings of parley serve.
func serveFlagNames(t *testing.T) (names []string) {
	for _, flag := range serveFlags(newParser(t).parser) {
		if isSetting(flag) {
			names = append(names, flag.Name)
		}
	}
	return names
}

// changedBy returns what of the server's settings is another one if a flag has another value
// than its default.
func changedBy(t *testing.T, name string) []string {
	t.Helper()
	config := func(change bool) map[string]string {
		var cmd commands
		p := &process{log: slog.New(slog.DiscardHandler), logLevel: new(slog.LevelVar)}
		parser, err := kong.New(&cmd, kong.Name("parley"), helpVars(), numberDefaults(), kong.Bind(new(configs)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse([]string{"serve"}); err != nil {
			t.Fatal(err)
		}
		for _, flag := range serveFlags(parser) {
			if change && flag.Name == name {
				setAnother(t, flag)
			}
		}
		fields := make(map[string]string)
		put(fields, "", reflect.ValueOf(cmd.Serve.config(p)))
		return fields
	}
	was, is := config(false), config(true)
	var changed []string
	for field := range is {
		if was[field] != is[field] {
			changed = append(changed, field)
		}
	}
	slices.Sort(changed)
	return changed
}

// put writes each field of a struct that can be compared into fields, those of the limits of
// an address one by one.
func put(fields map[string]string, before string, of reflect.Value) {
	for i := range of.NumField() {
		name, value := before+of.Type().Field(i).Name, of.Field(i)
		switch {
		case name == "Addresses":
			put(fields, name+".", value)
		case value.Kind() != reflect.Func && value.Kind() != reflect.Pointer:
			fields[name] = fmt.Sprintf("%+v", value.Interface())
		}
	}
}

// setAnother gives a flag a value that it has not.
func setAnother(t *testing.T, flag *kong.Flag) {
	t.Helper()
	to := flag.Target
	switch was := to.Interface().(type) {
	case time.Duration:
		to.Set(reflect.ValueOf(was + time.Minute))
	case server.Quota:
		to.Set(reflect.ValueOf(server.Quota{Most: was.Most + 1, Per: was.Per + time.Minute}))
	case []string:
		to.Set(reflect.ValueOf(append(was, "another")))
	default:
		switch to.Kind() {
		case reflect.Bool:
			to.SetBool(!to.Bool())
		case reflect.Int, reflect.Int64:
			to.SetInt(to.Int() + 1)
		case reflect.Float64:
			to.SetFloat(to.Float() + 1)
		case reflect.String:
			to.SetString(anotherOf(flag))
		}
	}
}

// anotherOf returns a string that a flag has not, of those that it can have.
func anotherOf(flag *kong.Flag) string {
	for _, one := range strings.Split(flag.Enum, ",") {
		if one != flag.Target.String() {
			return one
		}
	}
	return "another"
}

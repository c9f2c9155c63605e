package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/alecthomas/kong"
	"github.com/tailscale/hujson"
)

// notSettings are flags that say what to do now.
var notSettings = []string{"help", "version", "config", "print-config", "check-config"}

func isSetting(f *kong.Flag) bool { return !slices.Contains(notSettings, f.Name) }

// check looks whether a setting is known and its value allowed. What depends on other
// settings, or is a range, is checked by the subcommand when it runs.
func (f *configFile) check(app *kong.Application, s setting) *configError {
	owners := ownersOf(app, s)
	n, fixed := fixedNumber(s.key)
	switch {
	case len(owners) == 0 && fixed && (s.section == "" || s.section == "serve"):
		return f.errorAt(s.offset, "%q%s: %s", s.key, of(s.section), n.cannotBeSet())
	case len(owners) == 0:
		return f.errorAt(s.offset, "unknown setting %q%s%s", s.key, of(s.section), suggestion(app, s))
	}
	for _, o := range owners {
		if at, words := wrong(o.flag, s.value); words != "" {
			return f.errorAt(at, "%q for %s is %s", s.key, o.command, words)
		}
	}
	return nil
}

// An owner is a flag with the command that has it.
type owner struct {
	command string
	flag    *kong.Flag
}

// ownersOf returns the flags that a setting is for.
func ownersOf(app *kong.Application, s setting) (all []owner) {
	nodes := app.Children
	if s.section == "" {
		nodes = append([]*kong.Node{app.Node}, nodes...)
	}
	for _, n := range nodes {
		if s.section != "" && s.section != n.Name {
			continue
		}
		for _, flag := range n.Flags {
			if flag.Name == s.key && isSetting(flag) {
				all = append(all, owner{n.Name, flag})
			}
		}
	}
	return all
}

// suggestion names what an unknown key may have been meant for.
func suggestion(app *kong.Application, s setting) string {
	best, distance := "", 3
	consider := func(name string) {
		if d := levenshtein.ComputeDistance(strings.ToLower(s.key), name); d < distance {
			best, distance = name, d
		}
	}
	commands := slices.DeleteFunc(slices.Clone(app.Children), func(n *kong.Node) bool { return n.Hidden })
	for _, n := range append([]*kong.Node{app.Node}, commands...) {
		if s.section == "" && n.Parent != nil {
			consider(n.Name)
		}
		if s.section == "" || s.section == n.Name {
			for _, f := range n.Flags {
				if isSetting(f) {
					consider(f.Name)
				}
			}
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("; do you mean %q?", best)
	case s.section != "":
		return fmt.Sprintf("; parley %s --help lists them, without the dashes", s.section)
	}
	var sections []string
	for _, n := range commands {
		sections = append(sections, n.Name)
	}
	return "; there are the sections " + enumerate(sections, "and") + ", with the flags of these commands"
}

// wrong says what is wrong with the value of a flag, and where; "" if nothing is.
func wrong(flag *kong.Flag, v hujson.Value) (offset int, words string) {
	if at, ok := fits(flag, v); !ok {
		return at.StartOffset, shown(at) + "; it can be " + allowedFor(flag)
	}
	scan := kong.Scan().PushTyped(plain(v), kong.FlagValueToken)
	target := reflect.New(flag.Target.Type()).Elem()
	err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, target)
	isWord := flag.Enum == "" || slices.Contains(flag.EnumSlice(), fmt.Sprint(plain(v)))
	switch {
	case !isWord || err != nil && hasRule(flag):
		return v.StartOffset, shown(v) + "; it can be " + allowedFor(flag)
	case err != nil:
		return v.StartOffset, fmt.Sprintf("%s: %v. It is for: %s", shown(v), err, flag.Help)
	}
	return 0, ""
}

// fits reports whether a value is of a kind that a flag can have. Everything but a list
// and an object may stand in quotation marks, as it would stand behind the flag. If it
// does not fit, at is what does not.
func fits(flag *kong.Flag, v hujson.Value) (at hujson.Value, ok bool) {
	kind := v.Value.Kind()
	isText := func(v hujson.Value) bool { return v.Value.Kind() == '"' }
	switch target := flag.Target.Kind(); {
	case kind == '"':
		return v, target != reflect.Map
	case kind == 't' || kind == 'f':
		return v, target == reflect.Bool
	case kind == '0':
		return v, target == reflect.Float64 || flag.Target.CanInt() && !isNamed(flag)
	case kind == '[' && target == reflect.Slice:
		for _, element := range v.Value.(*hujson.Array).Elements {
			if !isText(element) {
				return element, false
			}
		}
		return v, true
	case kind == '{' && target == reflect.Map:
		for _, m := range v.Value.(*hujson.Object).Members {
			if !isText(m.Value) {
				return m.Value, false
			}
		}
		return v, true
	}
	return v, false
}

// isNamed reports whether a flag has words for what is a number inside.
func isNamed(flag *kong.Flag) bool {
	_, isDuration := flag.Target.Interface().(time.Duration)
	return !isDuration && flag.Target.Type().PkgPath() != ""
}

// hasRule reports whether allowedFor says more than an error does.
func hasRule(flag *kong.Flag) bool {
	return flag.Enum != "" || flag.Target.Kind() != reflect.String && !isNamed(flag)
}

// allowedFor says what a flag can be.
func allowedFor(flag *kong.Flag) string {
	if flag.Enum != "" {
		return enumerate(flag.EnumSlice(), "or")
	}
	if _, ok := flag.Target.Interface().(time.Duration); ok {
		return `a time with its unit, such as "90s" or "5m"`
	}
	switch flag.Target.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return `a list of texts, such as ["one", "two"]`
	case reflect.Map:
		return `an object of texts, such as {"one": "two"}`
	}
	if flag.Target.CanInt() && !isNamed(flag) {
		return "a whole number"
	}
	return "a text in quotation marks"
}

func enumerate(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + " " + last + " " + words[n]
}

// shown is a value for a sentence.
func shown(v hujson.Value) string {
	const most = 40 // characters
	if k := v.Value.Kind(); k == '{' || k == '[' {
		return map[hujson.Kind]string{'{': "an object", '[': "a list"}[k]
	}
	text := []rune(string(v.Value.(hujson.Literal)))
	if len(text) > most {
		text = append(text[:most], []rune("...")...)
	}
	return string(text)
}

// plain is a value as kong takes it: numbers are as they were written.
func plain(v hujson.Value) any {
	switch x := v.Value.(type) {
	case *hujson.Array:
		list := []any{}
		for _, element := range x.Elements {
			list = append(list, plain(element))
		}
		return list
	case *hujson.Object:
		object := map[string]any{}
		for _, m := range x.Members {
			object[m.Name.Value.(hujson.Literal).String()] = plain(m.Value)
		}
		return object
	case hujson.Literal:
		switch x.Kind() {
		case 't', 'f':
			return x.Bool()
		case '0':
			return string(x)
		case '"':
			return x.String()
		}
	}
	return nil
}

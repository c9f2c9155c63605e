package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/adrg/xdg"
	"github.com/alecthomas/kong"
	"github.com/tailscale/hujson"
)

// defaultConfig is where the config file is in the folder for settings.
const defaultConfig = "parley/config.json"

// A configFile is what a config file says: an object with an object per subcommand,
// such as {"serve": {"loops": 2}}, beside which may stand settings for all of them that
// have such a flag, such as {"data": "/srv/parley"}. It is JSON that may have comments
// and commas behind the last of a list. Nothing in it is passed over: what is not known
// or not allowed is an error with its place.
type configFile struct {
	path     string
	text     []byte
	settings []setting // in the order of the file
}

// A setting is one value of a config file.
type setting struct {
	section string // the subcommand it is for; "" for all that have such a flag
	key     string // the name of the flag
	offset  int    // of the key in the text
	value   hujson.Value
}

// A configError is what is wrong with a config file.
type configError struct {
	path         string
	line, column int // 1 is the first; a column is a character
	words        string
	setting      *setting // that is wrong; nil: something else is
}

func (e *configError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.path, e.line, e.column, e.words)
}

// configs reads config files for a parser and remembers them.
type configs struct {
	parser *kong.Kong
	files  []*configFile // a later one is stronger

	without []setting // are left out, of any file
}

// load reads a file. It is a kong.ConfigurationLoader.
func (c *configs) load(r io.Reader) (kong.Resolver, error) {
	path := "the config file"
	if f, ok := r.(*os.File); ok {
		path = f.Name()
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f, err := parseConfig(path, text, c.parser.Model, c.without)
	if err != nil {
		return nil, err
	}
	c.files = append(c.files, f)
	return f, nil
}

// BeforeResolve is called by kong: it reads the file that is read without being asked
// for, once it is known that not only help is wanted.
func (*commands) BeforeResolve(ctx *kong.Context, c *configs) error {
	path := findConfig()
	if path == "" {
		return nil
	}
	r, err := c.parser.LoadConfig(path)
	if err == nil {
		ctx.AddResolver(r)
	}
	return err
}

// findConfig returns where the config file is that is read without being asked for; "": there is
// none. A link to a file that is not there is found, too: it is an error to be told, and no
// reason to go on with the defaults.
func findConfig() string {
	for _, folder := range append([]string{xdg.ConfigHome}, xdg.ConfigDirs...) {
		path := filepath.Join(folder, defaultConfig)
		if _, err := os.Lstat(path); err == nil {
			return path
		}
	}
	return ""
}

// parseConfig reads the text of a config file for that application.
// Some settings are left out.
func parseConfig(path string, text []byte, app *kong.Application, without []setting) (*configFile, error) {
	f := &configFile{path: path, text: bytes.TrimPrefix(text, []byte("\ufeff"))}
	root, err := hujson.Parse(f.text)
	if err != nil {
		e := &configError{path: path, line: 1, column: 1}
		_, _ = fmt.Sscanf(err.Error(), "hujson: line %d, column %d: ", &e.line, &e.column)
		e.words = "it is not a JSON object: " + errors.Unwrap(err).Error()
		if errors.Is(err, io.ErrUnexpectedEOF) {
			e.words = "it is not a JSON object: its end is missing"
		}
		return nil, e
	}
	if err := f.read(root, "", app); err != nil {
		return nil, err
	}
	f.settings = slices.DeleteFunc(f.settings, func(s setting) bool {
		return slices.ContainsFunc(without, func(w setting) bool { return w.section == s.section && w.key == s.key })
	})
	for _, s := range f.settings {
		if err := f.check(app, s); err != nil {
			err.setting = &s
			return nil, err
		}
	}
	return f, nil
}

// read takes the settings of the file's object, or of that of a section.
func (f *configFile) read(v hujson.Value, section string, app *kong.Application) error {
	object, ok := v.Value.(*hujson.Object)
	switch {
	case !ok && section == "":
		return f.errorAt(v.StartOffset, `it is %s and not a JSON object, such as {"chat": {"bell": "all"}}`, shown(v))
	case !ok:
		return f.errorAt(v.StartOffset, "%q is %s; it can be an object with the settings of parley %s", section, shown(v), section)
	}
	seen := make(map[string]bool)
	for _, m := range object.Members {
		key := m.Name.Value.(hujson.Literal).String()
		if seen[key] {
			return f.errorAt(m.Name.StartOffset, "%q%s is set twice", key, of(section))
		}
		seen[key] = true
		if section != "" || !slices.ContainsFunc(app.Children, func(n *kong.Node) bool { return n.Name == key }) {
			f.settings = append(f.settings, setting{section, key, m.Name.StartOffset, m.Value})
		} else if err := f.read(m.Value, key, app); err != nil {
			return err
		}
	}
	return nil
}

func of(section string) string {
	if section == "" {
		return ""
	}
	return " for " + section
}

// errorAt returns what is wrong at an offset of the text.
func (f *configFile) errorAt(offset int, format string, args ...any) *configError {
	before := f.text[:offset]
	line := bytes.Count(before, []byte("\n")) + 1
	column := utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
	return &configError{path: f.path, line: line, column: column, words: fmt.Sprintf(format, args...)}
}

// Validate implements kong.Resolver. All is checked when the file is read.
func (f *configFile) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver. A setting that an environment variable gives is
// left to that variable, which is stronger.
func (f *configFile) Resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	for _, env := range flag.Envs {
		if _, ok := os.LookupEnv(env); ok {
			return nil, nil
		}
	}
	if s := f.find(parent.Node(), flag); s != nil {
		return plain(s.value), nil
	}
	return nil, nil
}

// find returns the setting of a flag of a command, nil if there is none.
func (f *configFile) find(node *kong.Node, flag *kong.Flag) *setting {
	if !isSetting(flag) {
		return nil
	}
	for _, section := range []string{node.Name, ""} {
		i := slices.IndexFunc(f.settings, func(s setting) bool { return s.section == section && s.key == flag.Name })
		if i >= 0 {
			return &f.settings[i]
		}
	}
	return nil
}

// blame returns the error of a parser with its place in a config file, if it comes from
// one: there is a setting without which that error goes away.
func (c *configs) blame(err error) error {
	var failed *kong.ParseError
	if !errors.As(err, &failed) || failed.Context == nil {
		return err
	}
	if n, ok := fixedFlag(failed); ok {
		return errors.New(n.cannotBeSet())
	}
	healed := func() bool {
		other := failed.Context.Validate()
		return other == nil || other.Error() != err.Error()
	}
	for _, path := range failed.Context.Path {
		if path.Flag == nil || !path.Resolved {
			continue
		}
		f, s := c.origin(failed.Context, path.Flag)
		if s == nil {
			continue
		}
		if at, found := whatHeals(path.Flag, s, healed); found {
			words := err.Error()
			if node := failed.Context.Selected(); node != nil {
				words = strings.TrimPrefix(words, node.Path()+": ")
			}
			wrong := f.errorAt(at, "%q%s: %s", s.key, of(s.section), words)
			wrong.setting = s
			return wrong
		}
	}
	return err
}

// origin returns the setting that a flag has its value from.
func (c *configs) origin(ctx *kong.Context, flag *kong.Flag) (*configFile, *setting) {
	for _, f := range slices.Backward(c.files) {
		for _, path := range ctx.Path {
			if node := path.Node(); node != nil && path.Flag == nil && slices.Contains(node.Flags, flag) {
				if s := f.find(node, flag); s != nil {
					return f, s
				}
			}
		}
	}
	return nil, nil
}

// whatHeals looks whether all is well with the default of a flag in place of what is
// set, and returns where that is set: of an object, the entry. The flag is left at the
// default: of several settings that are wrong in the same way, the last is to blame.
func whatHeals(flag *kong.Flag, s *setting, healed func() bool) (offset int, found bool) {
	if object, ok := s.value.Value.(*hujson.Object); ok {
		for _, m := range object.Members {
			name := reflect.ValueOf(m.Name.Value.(hujson.Literal).String())
			if flag.Target.SetMapIndex(name, reflect.Value{}); healed() {
				return m.Value.StartOffset, true
			}
		}
	}
	return s.value.StartOffset, flag.Reset() == nil && healed()
}

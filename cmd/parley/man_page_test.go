package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// A manPage is one of man(7) that is being written.
type manPage struct{ strings.Builder }

// macro writes a macro with its arguments.
func (m *manPage) macro(name string, args ...string) {
	m.WriteString("." + name)
	for _, arg := range args {
		m.WriteString(` "` + strings.ReplaceAll(roff(arg), `"`, `\(dq`) + `"`)
	}
	m.WriteString("\n")
}

// text writes paragraphs, of which nothing is taken for a macro.
func (m *manPage) text(text string) {
	for i, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if i > 0 {
			m.macro("PP")
		}
		paragraph = roff(strings.ReplaceAll(paragraph, "\n", " "))
		if strings.HasPrefix(paragraph, ".") || strings.HasPrefix(paragraph, "'") {
			paragraph = `\&` + paragraph
		}
		m.WriteString(paragraph + "\n")
	}
}

// roff returns text as it must be written to be shown as it is: a mere hyphen is another sign.
func roff(text string) string {
	return strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
}

// term writes what a tag, such as that of a flag, is for.
func (m *manPage) term(tag, help string) {
	m.macro("TP")
	m.macro("B", tag)
	m.text(help)
}

// flags writes the flags of a command.
func (m *manPage) flags(all []*kong.Flag) {
	for _, flag := range all {
		m.term(flag.String(), withDefault(flag.Value))
	}
}

// flagsOf returns the flags of a command, with those of the command that it is part of, in the
// order of their names.
func flagsOf(command *kong.Node) (all []*kong.Flag) {
	for node := command; node != nil && node.Type != kong.ApplicationNode; node = node.Parent {
		all = append(all, node.Flags...)
	}
	return inOrder(all)
}

func inOrder(flags []*kong.Flag) []*kong.Flag {
	flags = slices.DeleteFunc(slices.Clone(flags), func(f *kong.Flag) bool { return f.Hidden })
	slices.SortFunc(flags, func(a, b *kong.Flag) int { return strings.Compare(a.Name, b.Name) })
	return flags
}

// withDefault returns the help of a flag or an argument, with what it is without being given.
func withDefault(v *kong.Value) string {
	if v.Default == "" {
		return v.Help
	}
	return v.Help + " The default is " + v.Default + "."
}

// command writes what a command is for, and its arguments and flags.
func (m *manPage) command(node *kong.Node) {
	m.macro("SS", node.Summary())
	m.text(node.Help)
	if node.Detail != "" {
		m.macro("PP")
		m.text(node.Detail)
	}
	for _, arg := range node.Positional {
		m.term(arg.Summary(), withDefault(arg))
	}
	m.flags(flagsOf(node))
}

// newManPage returns the page of all commands, in the order of their names.
func newManPage(app *kong.Application) string {
	help, rest, _ := strings.Cut(app.Help, "\n\n")
	m := new(manPage)
	m.WriteString(`.TH PARLEY 1 "" "parley" "User Commands"` + "\n") // without the day
	m.macro("SH", "NAME")
	m.text(app.Name + " - " + help)
	m.macro("SH", "SYNOPSIS")
	m.WriteString(".B parley\n.I COMMAND\n[flags]\n.br\n.B parley\n.I NAME@HOST\n[flags]\n")
	m.macro("SH", "DESCRIPTION")
	m.text(rest + "\n\nparley NAME@HOST is parley chat NAME@HOST.")
	m.macro("SH", "FLAGS OF ALL COMMANDS")
	m.flags(inOrder(app.Flags))
	m.macro("SH", "COMMANDS")
	commands := app.Leaves(true)
	slices.SortFunc(commands, func(a, b *kong.Node) int { return strings.Compare(a.Path(), b.Path()) })
	for _, command := range commands {
		m.command(command)
	}
	return m.String()
}

// ofTheReader returns a page with paths of who reads it, in place of those of who makes it.
func ofTheReader(page string) string {
	for name, path := range map[string]string{"config": "~/.config/parley/config.json", "history": "~/.local/state/parley/history"} {
		page = strings.ReplaceAll(page, roff(helpVars()[name]), roff(path))
	}
	return page
}

// commandsOf returns the model of all commands.
func commandsOf(t *testing.T) *kong.Application {
	t.Helper()
	c, err := newConfigs(&process{}, new(commands), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return c.parser.Model
}

// parley.1 is the man page of the commands and flags that there are.
func TestManPage(t *testing.T) {
	page := ofTheReader(newManPage(commandsOf(t)))
	if *update {
		if err := os.WriteFile("parley.1", []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile("parley.1")
	if err != nil {
		t.Fatal(err)
	}
	if string(b) != page {
		t.Error("parley.1 is not what the commands say: go test ./cmd/parley -run ManPage -update writes it")
	}
}

// Whoever reads parley.1 finds how to call it, and each command, argument and flag on a line of
// its own with help.
func TestManPageAsItIsRead(t *testing.T) {
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("groff is not here")
	}
	out, err := exec.Command(groff, "-man", "-Tascii", "-P-cbou", "-rLL=10000n", "-ww", "parley.1").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	page := string(out)
	has := func(indent int, words string) {
		t.Helper()
		rest := ""
		if indent+len(words) < 14 {
			rest = "( .*)?" // its help stands beside it, as there is room before the help of others
		}
		if !regexp.MustCompile(fmt.Sprintf(`(?m)^ {%d}%s%s$`, indent, regexp.QuoteMeta(words), rest)).MatchString(page) {
			t.Errorf("no line %q, %d characters from the left", words, indent)
		}
	}
	has(7, "parley COMMAND [flags]")
	has(7, "parley NAME@HOST [flags]")
	for _, command := range commandsOf(t).Leaves(true) {
		has(3, command.Summary())
		for _, arg := range command.Positional {
			if arg.Help == "" {
				t.Errorf("%s says nothing of %s", command.Path(), arg.Summary())
			}
			has(7, arg.Summary())
		}
		for _, flag := range flagsOf(command) {
			has(7, flag.String())
		}
	}
}

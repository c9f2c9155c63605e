package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/doc/comment"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/adrg/xdg"
	"github.com/alecthomas/kong"
)

// printConfigFlag prints all settings of a subcommand as a config file, and quits.
type printConfigFlag bool

// commentWidth is how wide the comments of a printed config file are, in columns.
const commentWidth = 80

// BeforeReset is called by kong, before a config file is read.
func (printConfigFlag) BeforeReset(k *kong.Kong, ctx *kong.Context) error {
	text, err := exampleConfig(ctx.Selected())
	if err != nil {
		return err
	}
	fmt.Fprint(k.Stdout, text)
	k.Exit(exitDone)
	return nil
}

// exampleConfig returns a config file that sets everything of a subcommand to what it is
// without one, with the help as comments, and of numbers in which unit they are and why they are
// what they are.
func exampleConfig(node *kong.Node) (string, error) {
	var b strings.Builder
	remark(&b, "", fmt.Sprintf("The settings of parley %s, each with its default. Leave out what you do not change. They are read from %s, or what --config FILE names. Flags and environment variables (PARLEY_...) are stronger.", node.Name, filepath.Join(xdg.ConfigHome, defaultConfig)))
	fmt.Fprintf(&b, "{\n  %q: {\n", node.Name)
	isServe := node.Name == "serve"
	for _, flag := range node.Flags {
		if !isSetting(flag) {
			continue
		}
		value, err := defaultOf(flag)
		if err != nil {
			return "", err
		}
		help := flag.Help
		if n, ok := settableNumber(flag.Name); ok && isServe {
			help += "\n\n" + n.remark()
		}
		remark(&b, "    ", help)
		if example := flag.Tag.Get("example"); example != "" {
			fmt.Fprintf(&b, "    // Such as: %s\n", example)
		}
		fmt.Fprintf(&b, "    %q: %s,\n\n", flag.Name, value)
	}
	if isServe {
		remarkFixed(&b)
	}
	return strings.TrimSuffix(b.String(), "\n\n") + "\n  },\n}\n", nil
}

// remarkFixed writes what the numbers are that cannot be set.
func remarkFixed(b *strings.Builder) {
	remark(b, "    ", fixedWhy)
	b.WriteString("\n")
	for _, n := range fixedNumbers {
		remark(b, "    ", n.fixedRemark())
		b.WriteString("\n")
	}
}

// remark writes a comment.
func remark(b *strings.Builder, indent, text string) {
	prefix := indent + "// "
	printer := comment.Printer{TextPrefix: prefix, TextWidth: commentWidth - len(prefix)}
	b.Write(printer.Text(new(comment.Parser).Parse(text)))
}

// defaultOf returns what a flag is by default, as JSON.
func defaultOf(flag *kong.Flag) (string, error) {
	var value any = flag.Default
	switch {
	case flag.Target.Kind() == reflect.Bool:
		value = flag.Default == "true"
	case flag.Target.Kind() == reflect.Map:
		value = map[string]string{}
	case flag.Target.Kind() == reflect.Slice && flag.Default == "":
		value = []string{}
	case flag.Target.Kind() == reflect.Slice:
		value = kong.SplitEscaped(flag.Default, flag.Tag.Sep)
	case flag.Target.Kind() == reflect.Float64, flag.Target.CanInt() && !isNamed(flag) && allowedFor(flag) == "a whole number":
		return flag.Default, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(value)
	return strings.TrimSpace(b.String()), err
}

package web

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"parley/eventloop/client/command"
)

// What is offered can be done: its command is one of the client's, its texts name nothing that
// is not put in, and a menu has nothing else.
func TestOffersCanBeDone(t *testing.T) {
	table := command.NewTable()
	for name, o := range Offered.All {
		values := []string{"who", "number", "room"}
		texts := o.Label + o.Line
		if o.Form != nil {
			for _, f := range o.Form.Fields {
				values = append(values, f.Name)
			}
			texts += o.Form.Title + o.Form.Text
		}
		for _, m := range regexp.MustCompile(`\{ ?(\w+)\}`).FindAllStringSubmatch(texts, -1) {
			if !slices.Contains(values, m[1]) {
				t.Errorf("%s: nothing is put in for %s", name, m[0])
			}
		}
		if o.Line != "" {
			word := regexp.MustCompile(`^/\w+`).FindString(o.Line)
			if _, ok := table.Help(word, command.Facts{}); !ok {
				t.Errorf("%s: there is no command %s", name, o.Line)
			}
		}
		if o.Form != nil && o.Line == "" && o.Ask == "" {
			t.Errorf("%s asks something and does nothing with it", name)
		}
		checkNeeds(t, name, o.Needs)
	}
	for menu, groups := range Offered.Menus {
		for _, g := range groups {
			checkNeeds(t, menu, g.Needs)
			for _, name := range g.Offers {
				if Offered.All[name].Label == "" {
					t.Errorf("the menu %s has %s, which has no label", menu, name)
				}
			}
		}
	}
}

func checkNeeds(t *testing.T, where string, needs []string) {
	t.Helper()
	for _, need := range needs {
		if !slices.Contains(Needs, strings.TrimPrefix(need, "!")) {
			t.Errorf("%s needs %s, which nothing is", where, need)
		}
	}
}

package client_test

import (
	"testing"

	"parley/eventloop/client"
	"parley/eventloop/client/web"
)

// A page shows at the field why it is refused what it offers, so that is not told among the lines, too. But
// why an answer is refused all pages show that ask the question.
func TestWhatAPageOffersShowsItsRefusal(t *testing.T) {
	all := map[string]string{"a line": web.AskLine, "a text": web.AskSay, "another text": web.AskEdit}
	for name, o := range web.Offered.All {
		if o.Ask != "" && o.Ask != web.AskAnswer && o.Ask != web.AskCancel {
			all[name] = o.Ask
		}
	}
	for name, ask := range all {
		if !client.AskKind(ask).ShowsRefusal() {
			t.Errorf("of %s (%s) it does not count as shown", name, ask)
		}
	}
}

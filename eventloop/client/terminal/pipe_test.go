package terminal

import (
	"bytes"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"parley/eventloop/client"
)

func TestPipe(t *testing.T) {
	defer goleak.VerifyNone(t)
	var out bytes.Buffer
	tm, err := Open(Config{
		Device:   Device{In: strings.NewReader("one\r\ntwo\tx\x00\x04\x12\n\nlast"), Out: &out},
		Prompt:   "> ",
		Complete: func(string) ([]string, int) { return []string{"completed"}, 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	tm.SetTitle("title")
	tm.Bell()
	for i, want := range []client.Input{
		{Text: "one"}, {Text: "two    x"}, {}, {Text: "last"}, {Kind: client.InputEnd}, {Kind: client.InputEnd},
	} {
		tm.Next()
		if got := <-tm.Input(); got != want {
			t.Errorf("input %d is %+v, want %+v", i, got, want)
		}
		tm.Print("printed\n")
	}
	if err := tm.Close(); err != nil {
		t.Error(err)
	}
	if got, want := out.String(), strings.Repeat("printed\n", 6); got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

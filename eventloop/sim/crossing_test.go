package sim_test

import (
	"os"
	"path/filepath"
	"testing"

	"parley/eventloop/sim"
)

// TestPrivateSessionsAcrossNodes plays the scripts of private sessions with the first at one
// node, the second at the other, and so on: nobody notices. Of some the words come in another
// order there.
func TestPrivateSessionsAcrossNodes(t *testing.T) {
	files, err := filepath.Glob("testdata/private*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if why := notOnNodes[filepath.Base(file)]; why != "" {
				t.Skip(why)
			}
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := sim.ParseDialogue(string(script))
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Play(nodes(config(t, 1), 2)); err != nil {
				t.Error(err)
			}
		})
	}
}

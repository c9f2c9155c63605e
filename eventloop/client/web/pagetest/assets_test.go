package pagetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// most is how many bytes the page may have in all, as it is: with its comments, and not
// compressed.
const most = 60_000

func TestThePageIsSmall(t *testing.T) {
	sum := 0
	for name, data := range assets(t) {
		sum += len(data)
		t.Logf("%6d %s", len(data), name)
	}
	if sum >= most {
		t.Errorf("the page has %d bytes, more than %d", sum, most)
	}
}

// Nothing of the page is inline, is made of markup, or comes from elsewhere.
func TestThePageKeepsToItsPolicy(t *testing.T) {
	for name, data := range assets(t) {
		for _, bad := range []string{`innerHTML`, `outerHTML`, `insertAdjacentHTML`, `document\.write`, `\beval\(`, `new Function`, `\son\w+=`, `\sstyle="`, `<style`, `<script(?: type="module")?>`,
			`(?:src|href)="(?:https?:)?//`, `@import`, `url\(`, `localStorage`} {
			if at := regexp.MustCompile(bad).FindIndex(data); at != nil {
				t.Errorf("%s has %q: %.80s", name, bad, data[at[0]:])
			}
		}
	}
}

func assets(t *testing.T) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "page", "*"))
	if err != nil || len(names) == 0 {
		t.Fatal("there is no page: ", err)
	}
	all := make(map[string][]byte)
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(name)] = data
	}
	return all
}

// TestModules runs the tests of the modules that need no browser.
func TestModules(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here: install it to have the modules of the page tested without a browser")
	}
	dir := t.TempDir()
	files := assets(t)
	files["package.json"] = []byte(`{"type": "module"}`)
	if files["modules.test.js"], err = os.ReadFile(filepath.Join("testdata", "modules.test.js")); err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.Command(node, "--test")
	run.Dir = dir
	if out, err := run.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// Package pagetest has the tests of the page in a real Chromium. The process is played by
// testdata/fake.js, which takes the place of the WebSocket in the page.
package pagetest

import (
	"context"
	_ "embed"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// policy is what the page must do with: nothing of it is inline, and nothing is fetched
// from elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

//go:embed testdata/fake.js
var fake string

var (
	browser    context.Context // of all tests of this package; nil if there is no Chromium
	programDir string          // where the program is built
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "parley-page")
	if err != nil {
		println(err.Error())
		return 1
	}
	defer os.RemoveAll(dir)
	programDir = dir
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
			chromedp.Flag("lang", "en-GB"), chromedp.Flag("disable-gpu", true))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		defer stop()
		ctx, stop := chromedp.NewContext(allocator, chromedp.WithErrorf(complain))
		defer stop()
		if err := chromedp.Run(ctx); err != nil {
			println("chromium does not start:", err.Error())
			return 1
		}
		browser = ctx
		break
	}
	return m.Run()
}

// A tab is a tab of the browser that shows the page.
type tab struct {
	*testing.T
	ctx context.Context
}

// open opens the page in a new tab. script is run in the page before anything of it, behind
// the fake: it may change what there is.
func open(t *testing.T, script string) tab {
	t.Helper()
	if browser == nil {
		t.Skip("there is no chromium here: install it to have the page tested")
	}
	files, fakes := http.FileServer(http.Dir(filepath.Join("..", "page"))), &fakes{tabs: make(map[float64]*fakeTab)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/session" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		if r.URL.Path == "/fake" {
			fakes.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", policy)
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := newTab(t)
	p.do(chromedp.ActionFunc(func(ctx context.Context) error {
		_, err := cdppage.AddScriptToEvaluateOnNewDocument(fake + script).Do(ctx)
		return err
	}), chromedp.Navigate(server.URL))
	p.until(`document.querySelector('#lines li') || document.querySelector('#answer') || document.querySelector('#extra .empty') || document.querySelector('#boot')?.innerText.includes('prints')`)
	return p
}

// complain prints what chromedp complains about, but for changes in the page that it has not asked for.
func complain(format string, args ...any) {
	if what := fmt.Sprintf(format, args...); !strings.Contains(what, "unhandled node event") {
		log.Print("chromedp: ", what)
	}
}

// visit opens an address in a new tab.
func visit(t *testing.T, url string) tab {
	t.Helper()
	p := newTab(t)
	p.do(chromedp.Navigate(url))
	return p
}

func newTab(t *testing.T) tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	p := tab{t, ctx}
	chromedp.ListenTarget(ctx, p.heard)
	p.do(p.size(1280, 800))
	return p
}

// heard fails a test in whose page something went wrong: an exception, or what the policy forbids.
func (p tab) heard(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.Errorf("the page: %v", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			p.Errorf("the console: %s", e.Args[0].Value)
		}
	}
}

func (p tab) do(actions ...chromedp.Action) {
	p.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.Fatal(err)
	}
}

func (p tab) size(width, height int64) chromedp.Action {
	return emulation.SetDeviceMetricsOverride(width, height, 1, false)
}

func (p tab) dark(on bool) chromedp.Action {
	scheme := map[bool]string{true: "dark", false: "light"}[on]
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"}})
}

// front brings a tab before the others: what is behind is not drawn.
func (p tab) front() {
	p.Helper()
	p.do(cdppage.BringToFront())
}

// run runs a script in the page, and waits for what it draws: with the answers to all that it asks of the fake.
func (p tab) run(script string) {
	p.Helper()
	p.do(chromedp.Evaluate("(async () => {"+script+`
		let before;
		do {
			before = window.fake?.waits;
			await new Promise(f => setTimeout(() => requestAnimationFrame(f), 5));
			await new Promise(f => setTimeout(f, 5));
		} while (before || window.fake?.waits); // an answer is drawn with the next frame
	})()`,
		nil, func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
}

// get returns what an expression is in the page.
func get[T any](p tab, expression string) T {
	p.Helper()
	var value T
	p.do(chromedp.Evaluate(expression, &value, func(e *runtime.EvaluateParams) *runtime.EvaluateParams { return e.WithAwaitPromise(true) }))
	return value
}

// text is what one reads in the first node of a selector.
func (p tab) text(selector string) string {
	p.Helper()
	return strings.TrimSpace(get[string](p, `(document.querySelector(`+quoted(selector)+`)?.innerText || '').replace(/\s+/g, ' ')`))
}

// until waits until an expression is true in the page. What it names may not be there yet.
func (p tab) until(expression string) {
	p.Helper()
	p.within(5*time.Second, expression)
}

// within is until with another time: of what is only tried again after a pause.
func (p tab) within(most time.Duration, expression string) {
	p.Helper()
	tries := strconv.Itoa(int(most / (10 * time.Millisecond)))
	wrong := get[string](p, `(async () => {
		let wrong;
		for (let i = 0; i < `+tries+`; i++) {
			try { if (`+expression+`) return ''; wrong = 'it is false' } catch (e) { wrong = e.message }
			await new Promise(f => setTimeout(f, 10));
		}
		return wrong;
	})()`)
	if wrong != "" {
		p.Fatalf("this does not become true: %s\nat last: %s\nthe page shows: %s", expression, wrong, get[string](p, `document.body.innerText.slice(0, 1500)`))
	}
}

// key presses a key, as package kb names it. What the page does with a key that is pressed, the
// character behind it does not do again: chromedp.KeyEvent sends that as one of its own.
func (p tab) key(key string, with ...chromedp.KeyOption) {
	p.Helper()
	events := kb.Encode([]rune(key)[0])
	down, up := events[0], events[len(events)-1]
	if len(events) > 2 {
		down.Text = events[1].Text
	}
	down.Type = input.KeyDown
	for _, option := range with {
		option(down)
		option(up)
	}
	if down.Modifiers&^input.ModifierShift != 0 {
		down.Text = ""
	}
	p.do(down, up)
}

func quoted(s string) string { return "`" + strings.ReplaceAll(s, "`", "\\`") + "`" }

// shot keeps a picture of what is shown, if PARLEY_SHOTS names a directory for them.
func (p tab) shot(name string) {
	p.Helper()
	dir := os.Getenv("PARLEY_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	p.do(chromedp.CaptureScreenshot(&png))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.Fatal(err)
	}
}

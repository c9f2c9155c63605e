package pagetest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A stage has a server, and a process that keeps a chat for pages: the program itself.
type stage struct {
	*testing.T
	parley, server string
}

// program builds the program once, for all tests. It is as this test is: what it is made of
// has been compiled like that for the tests beside this one, and it, too, finds races.
var program = sync.OnceValues(func() (string, error) {
	parley := filepath.Join(programDir, "parley")
	args := []string{"build", "-o", parley, "parley/cmd/parley"}
	if raceDetector {
		args = slices.Insert(args, 1, "-race")
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w\n%s", err, out)
	}
	return parley, err
})

// newStage starts a server, with more flags than those that all have.
func newStage(t *testing.T, more ...string) *stage {
	t.Helper()
	if browser == nil {
		t.Skip("there is no chromium here: install it to have the page tested")
	}
	parley, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{T: t, parley: parley}
	s.server = s.start(`listening on (127\.0\.0\.1:\d+)`, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", ":memory:"}, more...)...)
	return s
}

// page starts a process for pages, and returns the address that it prints.
func (s *stage) page(name string) string {
	s.Helper()
	return s.start(`(http://127\.0\.0\.1:\d+/#token=\S+)`, "web", name+"@"+s.server, "--web-listen", "127.0.0.1:0", "--no-state")
}

// start starts the program until the test ends, and returns what a pattern finds in what it prints.
func (s *stage) start(pattern string, args ...string) string {
	s.Helper()
	return s.launch(s.TempDir(), pattern, args...).said
}

// A running is the program while it runs.
type running struct {
	*exec.Cmd
	said string // what was waited for
	end  func() // ends it as a signal does, and waits for that
}

// launch starts the program with a home folder.
func (s *stage) launch(home, pattern string, args ...string) running {
	s.Helper()
	cmd := exec.Command(s.parley, args...)
	cmd.Env = []string{"HOME=" + home, "XDG_RUNTIME_DIR=" + home, "GORACE=halt_on_error=1"}
	out, err := cmd.StdoutPipe()
	if err == nil {
		cmd.Stderr = cmd.Stdout
		err = cmd.Start()
	}
	if err != nil {
		s.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		late := time.AfterFunc(20*time.Second, func() { cmd.Process.Kill() })
		defer late.Stop()
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	s.Cleanup(end)
	found, said := make(chan string), new(strings.Builder)
	go func() {
		defer close(found)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := regexp.MustCompile(pattern).FindStringSubmatch(lines.Text()); m != nil && said != nil {
				found <- m[1]
				said = nil
			} else if said != nil {
				fmt.Fprintln(said, lines.Text())
			}
		}
	}()
	select {
	case value, ok := <-found:
		if !ok {
			s.Fatalf("parley %v ended: %s", args, said)
		}
		return running{cmd, value, end}
	case <-time.After(30 * time.Second):
		s.Fatalf("parley %v says nothing of what was waited for", args)
		return running{}
	}
}

// A plain client of somebody else: it speaks nothing but the standard protocol.
type plainClient struct {
	*testing.T
	net.Conn
	lines *json.Decoder
}

func (s *stage) plain(name string) plainClient {
	s.Helper()
	conn, err := net.Dial("tcp", s.server)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { conn.Close() })
	c := plainClient{s.T, conn, json.NewDecoder(conn)}
	c.ask("login", name)
	return c
}

func (c plainClient) ask(request, content string) {
	c.Helper()
	line, err := json.Marshal(map[string]string{"request": request, "content": content})
	if err == nil {
		_, err = c.Write(append(line, '\n'))
	}
	if err != nil {
		c.Fatal(err)
	}
}

// hears waits for a message of somebody.
func (c plainClient) hears(sender, text string) {
	c.Helper()
	c.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		var m struct{ Sender, Content any }
		if err := c.lines.Decode(&m); err != nil {
			c.Fatalf("%s: %q was not heard: %v", sender, text, err)
		}
		if m.Sender == sender && m.Content == text {
			return
		}
	}
}

// TestTwoTabsOfOneChat is the whole of it: the server, the process, two tabs, and somebody with
// a plain client.
func TestTwoTabsOfOneChat(t *testing.T) {
	s := newStage(t)
	url := s.page("alice")
	one := visit(t, url)
	one.until(`document.querySelector('#send')?.ariaLabel === 'Send to lobby' && document.querySelector('#nav').innerText.includes('alice, here')`)
	if at := get[string](one, `location.href`); strings.Contains(at, "token") {
		t.Errorf("the token stays in the address: %s", at)
	}
	two := visit(t, url)
	two.until(`document.querySelector('#send')?.ariaLabel === 'Send to lobby'`)

	bob := s.plain("bob")
	bob.ask("msg", "lunch?")
	for _, tab := range []tab{one, two} {
		tab.until(`[...document.querySelectorAll('.msg')].some(m => m.innerText.includes('bob') && m.innerText.includes('lunch?'))`)
	}
	one.front()
	one.write("at noon")
	one.key(kb.Enter)
	bob.hears("alice", "at noon")
	two.until(`[...document.querySelectorAll('.msg.own')].some(m => m.innerText.includes('at noon'))`)
	one.until(`document.querySelector('#field').value === ''`)

	// A room: the tab in which it was typed goes there, the other one stays.
	one.write("/create dev")
	one.key(kb.Enter)
	one.until(`document.querySelector('#title').innerText === 'dev' && document.querySelector('#send').ariaLabel === 'Send to dev'`)
	two.until(`[...document.querySelectorAll('#nav a')].some(a => a.hash === '#room:dev')`)
	if got := two.text("#title"); got != "lobby" {
		t.Errorf("the other tab went to %s", got)
	}
	one.write("first line here")
	one.key(kb.Enter)
	one.until(`document.querySelector('.msg.own')?.innerText.includes('first line here')`)

	// What was typed and not sent, and where one was, are there behind a refresh.
	one.write("half a line")
	one.run(`await new Promise(f => setTimeout(f, 900))`)
	one.do(chromedp.Reload())
	one.until(`document.querySelector('#title')?.innerText === 'dev' && document.querySelector('.msg.own')?.innerText.includes('first line here') && document.querySelector('#field').value === 'half a line'`)
	one.shot("real")

	// What is typed in one tab stands in the other, and what is typed behind it there comes back, whichever has the focus.
	two.front()
	two.run(`location.hash = 'room:dev'`)
	two.until(value + ` === 'half a line'`)
	two.write(", and more")
	one.until(value + ` === 'half a line, and more'`)
	one.front()
	one.write(" of it")
	two.until(value + ` === 'half a line, and more of it'`)

	// What is too long to be kept stands in its tab alone, and stays there: what is shown, and filled, has come before the search.
	one.run(helpers + `type('x'.repeat(4500))`)
	two.front()
	two.write(", and here")
	two.until(value + ` === 'half a line, and more of it, and here'`)
	one.front()
	one.run(`location.hash = '/search'`)
	one.until(`document.querySelector('#words')`)
	if got := len(get[string](one, value)); got != 4500 {
		t.Errorf("of a text of 4,500 bytes there are %d", got)
	}
	one.run(`location.hash = 'room:dev'`)
	one.until(`document.querySelector('#field').checkVisibility()`)

	// Edit, and react.
	one.run(`document.querySelector('#field').value = ''; document.querySelector('#field').dispatchEvent(new Event('input')); document.querySelector('#field').focus()`)
	one.until(`/accepted|^$/.test(document.querySelector('.msg.own .st')?.innerText || '')`)
	one.key(kb.ArrowUp)
	one.until(`document.querySelector('#field').value === 'first line here'`)
	one.write(", changed")
	one.key(kb.Enter)
	one.until(`document.querySelector('.msg.own').innerText.includes('first line here, changed (edited)')`)

	// A name that is wrong is refused by the process, in a sentence.
	one.write("/join nothere")
	one.key(kb.Enter)
	one.until(`/nothere/.test(document.querySelector('#lines').innerText + document.querySelector('#refused').innerText)`)

	// A command that the process refuses by itself is told once, where it was typed.
	one.run(`document.querySelector('#field').focus()`)
	one.write("/edit 12")
	one.key(kb.Enter)
	one.until(`document.querySelector('#refused').innerText.includes('Type /edit TEXT')`)
	if got := get[string](one, `['#alert', '#status', '#lines'].map(id => document.querySelector(id).textContent.split('Type /edit TEXT').length - 1).join()`); got != "1,0,0" {
		t.Errorf("in alert, status and lines it is told so often: %s", got)
	}

	// The search finds it, and shows it where it was said.
	one.run(`location.hash = '/search'`)
	one.until(`document.querySelector('#words')`)
	one.run(`document.querySelector('#words').value = 'lunch'; document.querySelector('#sheet form').requestSubmit()`)
	one.until(`document.querySelector('.hit')?.innerText.includes('lunch?') && document.querySelector('.hit mark')?.innerText === 'lunch'`)
	one.run(`document.querySelector('.hit .lk').click()`)
	one.until(`document.querySelector('#title').innerText === 'lobby' && document.activeElement.innerText.includes('lunch?')`)
	one.run(`location.hash = '/rooms'`)
	one.until(`document.querySelector('.tbl')?.innerText.includes('dev')`)
}

// What a search has found stands there with the newest first, over several pages of the server.
func TestASearchShowsTheNewestFirst(t *testing.T) {
	s := newStage(t, "--flood", "off")
	p := visit(t, s.page("alice"))
	p.until(`document.querySelector('#send')?.ariaLabel === 'Send to lobby'`)
	const said = 60 // more than one page has
	bob := s.plain("bob")
	for i := range said {
		bob.ask("msg", fmt.Sprintf("number %d of many", i+1))
	}
	p.until(fmt.Sprintf(`document.querySelector('#lines').innerText.includes('number %d of')`, said))
	p.run(`location.hash = '/search'`)
	p.until(`document.querySelector('#words')`)
	p.run(`document.querySelector('#words').value = 'number'; document.querySelector('#sheet form').requestSubmit()`)
	p.until(`document.querySelector('[data-do=searchMore]')`)
	shown := `[...document.querySelectorAll('.hit p')].map(p => +/(\d+) of/.exec(p.innerText)[1])`
	newest := get[[]int](p, shown)
	p.run(`document.querySelector('[data-do=searchMore]').click()`)
	p.until(fmt.Sprintf(`document.querySelectorAll('.hit').length === %d`, said))
	all := get[[]int](p, shown)
	for i, n := range all {
		if n != said-i || i < len(newest) && n != newest[i] {
			t.Fatalf("the first page is %v, and both are %v", newest, all)
		}
	}
	if got := get[string](p, `document.querySelector('.hit p').innerHTML`); !strings.Contains(got, "<mark>number</mark> 60 of") {
		t.Errorf("the word that was looked for is not marked: %s", got)
	}
}

// A private session between two pages, with the words compared on both sides.
func TestAPrivateSessionOfTwoPages(t *testing.T) {
	s := newStage(t)
	alice, bob := visit(t, s.page("alice")), visit(t, s.page("bob"))
	for _, tab := range []tab{alice, bob} {
		tab.until(`document.querySelector('#send')?.ariaLabel === 'Send to lobby'`)
	}
	alice.until(`[...document.querySelectorAll('#aside button')].some(b => b.innerText.includes('bob'))`)
	alice.front()
	alice.write("/startprivate bob")
	alice.key(kb.Enter)
	bob.until(`[...document.querySelectorAll('#nav a')].some(a => a.hash === '#private:alice' && a.innerText.includes('asks you'))`)
	bob.front()
	bob.run(`location.hash = 'private:alice'`)
	bob.until(`document.querySelector('.card .b.go')?.innerText === 'Accept'`)
	bob.run(`document.querySelector('.card .b.go').click()`)
	bob.until(`document.querySelector('.box').dataset.aud === 'warn'`)
	alice.front()
	alice.run(`location.hash = 'private:bob'`)
	alice.until(`document.querySelector('.box').dataset.aud === 'warn'`)
	alice.write("between us")
	alice.key(kb.Enter)
	bob.until(`document.querySelector('.msg .text')?.innerText === 'between us'`)
	var words [2]string
	for i, tab := range []tab{alice, bob} {
		tab.front()
		tab.run(`document.querySelector('#aud .lk').click()`)
		tab.until(`document.querySelectorAll('.words input').length === 6`)
		words[i] = get[string](tab, `[...document.querySelectorAll('.words td:nth-child(2)')].map(w => w.innerText).join(' ')`)
		tab.run(`for (let i = 0; i < 6; i++) document.querySelectorAll('.words input')[i].click(); document.querySelector('.card .b.go').click()`)
		tab.until(`document.querySelector('.box').dataset.aud === 'ok'`)
	}
	if words[0] != words[1] || len(strings.Fields(words[0])) != 6 {
		t.Errorf("the words are %q and %q", words[0], words[1])
	}
	alice.shot("real-private")
}

package admin

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"parley/users"
	"parley/users/command"
	"parley/users/passwords"
	"parley/users/state"
)

// raw sends a text to the server at a folder, and returns all that it says until it
// ends the connection, or none is to come because the text is all.
func raw(t *testing.T, dir, text string) string {
	t.Helper()
	conn, err := net.Dial("unix", socketOf(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(deadline))
	_, _ = conn.Write([]byte(text)) // it may end before all is said
	_ = conn.(*net.UnixConn).CloseWrite()
	var said strings.Builder
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
	}
	return said.String()
}

func TestHostileInputIsAnsweredByAnErrorAndAsksNothingOfTheServer(t *testing.T) {
	srv, dir := new(fake), folder(t)
	listen(t, dir, srv)
	add := func(name, hash string) string {
		return fmt.Sprintf(`{"commands":[{"do":"add","name":%q,"hash":%q}]}`+"\n", name, hash)
	}
	many := strings.TrimSuffix(strings.Repeat(`{"do":"unlock","name":"a"},`, MaxCommands+1), ",")
	for name, tt := range map[string]struct{ text, says string }{
		"nothing":               {"", ""},
		"an empty line":         {"\n", "that is no request"},
		"no JSON":               {"GET / HTTP/1.1\r\n", "that is no request"},
		"a zero byte":           {"\x00\n", "that is no request"},
		"no object":             {"[]\n", "that is no request"},
		"nothing asked":         {"{}\n", "must have one of"},
		"no commands":           {`{"commands":[]}` + "\n", "must have one of"},
		"two things asked":      {`{"list":true,"show":"a"}` + "\n", "must have one of"},
		"what is not known":     {`{"list":true,"please":1}` + "\n", "please"},
		"a key twice":           {`{"list":true,"list":true}` + "\n", "that is no request"},
		"something behind":      {`{"list":true}{}` + "\n", "that is no request"},
		"half a request":        {`{"commands":[{"do":"add","name":"alice"`, "that is no request"},
		"no UTF-8":              {`{"show":"` + "\xff" + `"}` + "\n", "that is no request"},
		"deep":                  {strings.Repeat("[", maxRequest-1) + "\n", "that is no request"},
		"a long line":           {strings.Repeat(" ", maxRequest) + "\n", "too long"},
		"a line without end":    {strings.Repeat(`{"list":true,`, 1<<20), "too long"},
		"many commands":         {`{"commands":[` + many + "]}\n", "can have 256"},
		"an unknown command":    {`{"commands":[{"do":"sweep","name":"a"}]}` + "\n", "no such command"},
		"a command of nobody":   {add("", passwords.Dummy), "no name"},
		"a guest's person":      {add("~0123", passwords.Dummy), "no name"},
		"an address as name":    {add("192.0.2.1", passwords.Dummy), "no name"},
		"a long name":           {add(strings.Repeat("a", 33), passwords.Dummy), "no name"},
		"a name with a newline": {add("alice\n", passwords.Dummy), "no name"},
		"a password as hash":    {add("alice", "correct horse"), "not a password hash"},
		"no hash":               {add("alice", ""), "not a password hash"},
		"a hash that eats":      {add("alice", strings.Replace(passwords.Dummy, "m=19456", "m=99999999", 1)), "not a password hash"},
		"a bad one behind":      {`{"commands":[{"do":"delete","name":"alice"},{"do":"delete","name":"?"}]}` + "\n", "command 2"},
		"a role that is none":   {`{"commands":[{"do":"role","name":"alice","role":"king"}]}` + "\n", "no such role"},
		"a role of nobody":      {`{"commands":[{"do":"role","name":"","role":"owner"}]}` + "\n", "no name"},
		"no role":               {`{"commands":[{"do":"role","name":"alice"}]}` + "\n", "no such role"},
		"an audit of a list":    {`{"list":true,"audit":{}}` + "\n", "must have one of"},
		"an audit of words":     {`{"audit":{"before":"all"}}` + "\n", "that is no request"},
		"an unlock of no name":  {`{"commands":[{"do":"unlock","name":"addr:1"}]}` + "\n", "no name"},
	} {
		t.Run(name, func(t *testing.T) {
			said := raw(t, dir, tt.text)
			var a answer
			if tt.says == "" && said == "" {
				return
			}
			if err := json.Unmarshal([]byte(said), &a); err != nil || !strings.Contains(a.Error, tt.says) || a.Error == "" || strings.Count(said, "\n") != 1 {
				t.Errorf("it says %q (%v), want %q", said, err, tt.says)
			}
		})
	}
	if len(srv.proposed) > 0 {
		t.Errorf("the server was asked for %v", srv.proposed)
	}
	works(t, dir)
}

func TestWhyAServerEndsTheConnectionIsReadAlthoughItCannotBeWrittenTo(t *testing.T) {
	dir := folder(t)
	l, err := net.Listen("unix", socketOf(dir))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c := dial(t, dir)
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = far.Write([]byte(`{"error":"no more"}` + "\n"))
	_ = far.Close()
	if _, err := c.Propose(addAccount("alice")); err == nil || err.Error() != "no more" {
		t.Errorf("it is told %v", err)
	}
	if _, err := c.Propose(addAccount("alice")); err == nil || errors.Is(err, ErrUnsure) { // nothing was sent
		t.Errorf("then it is told %v", err)
	}
}

func TestAnswersThatCannotBeAreErrors(t *testing.T) {
	for _, tt := range []struct {
		answer string
		unsure bool
	}{
		{"", true},
		{"\n", true},
		{"nonsense\n", true},
		{"{}\n", true},
		{`{"outcomes":[{},{}]}` + "\n", true},
		{`{"error":"no"}` + "\n", false},
		{`{"error":"no","unsure":true}` + "\n", true},
		{`{"outcomes":[{"code":"of a later version","text":"too blue"}]}` + "\n", false},
		{`{"error":"` + strings.Repeat("x", maxAnswer) + `"}` + "\n", true},
	} {
		near, far := net.Pipe()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			bufio.NewScanner(far).Scan()
			_, _ = far.Write([]byte(tt.answer))
			_ = far.Close()
		}()
		c := newClient(near, func() { <-ended })
		refused, err := c.Propose(addAccount("alice"))
		if err == nil && (len(refused) != 1 || refused[0] == nil) {
			t.Errorf("%.50q: it is done", tt.answer)
		}
		if errors.Is(err, ErrUnsure) != tt.unsure {
			t.Errorf("%.50q: %v", tt.answer, err)
		}
		_ = c.Close()
	}
}

// In a bubble of synctest time passes at once.
func TestWhoIsIdleIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		begun := time.Now()
		go converse(context.Background(), far, new(fake))
		_, _ = near.Write([]byte(`{"list"`))
		if n, err := near.Read(make([]byte, 1)); err == nil && n == 0 {
			t.Error("it says nothing, and stays")
		}
		if took := time.Since(begun); took != idleTime {
			t.Errorf("it was left after %v, not %v", took, idleTime)
		}
		_ = near.Close()
	})
}

func TestWhoDoesNotReadIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		begun, ended := time.Now(), make(chan struct{})
		go func() { converse(context.Background(), far, new(fake)); close(ended) }()
		_, _ = near.Write([]byte(`{"list":true}` + "\n"))
		<-ended
		if took := time.Since(begun); took != writeTime {
			t.Errorf("it was left after %v, not %v", took, writeTime)
		}
		_ = near.Close()
	})
}

func TestACommandThatTakesTooLongMayStillBeDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := Within(&fake{hold: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
		begun := time.Now()
		_, err := c.Propose(addAccount("alice"))
		if !errors.Is(err, ErrUnsure) || !strings.Contains(err.Error(), "disk") || time.Since(begun) != requestTime {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if _, err := c.Accounts(); err == nil || errors.Is(err, ErrUnsure) { // the connection goes on
			t.Errorf("a list: %v", err)
		}
		_ = c.Close()
	})
}

// A server that hangs with the socket open does not hang its owner.
func TestAServerThatHangsIsNotWaitedForForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		c := newClient(near, func() {})
		go bufio.NewScanner(far).Scan()
		begun := time.Now()
		if _, err := c.Propose(addAccount("alice")); !errors.Is(err, ErrUnsure) || time.Since(begun) != answerTime {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		_ = c.Close()
		_ = far.Close()
	})
}

func FuzzRequests(f *testing.F) {
	for _, seed := range []string{`{"list":true}`, `{"show":"alice"}`, `{"commands":[{"do":"add","name":"alice","hash":"` + passwords.Dummy + `"}]}`,
		`{"commands":[{"do":"unlock","name":"::1"},{"do":"set_hash","name":"a","was":"b","hash":"c"},{"do":"delete","name":"a"}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := parse(line)
		if err != nil {
			return
		}
		commands, err := r.commands()
		if err != nil {
			return
		}
		for i, c := range commands {
			again, err := toProposal(c)
			if err != nil {
				t.Fatal(err)
			}
			if c2, err := again.command(); err != nil || !reflect.DeepEqual(c, c2) {
				t.Errorf("command %d: %+v becomes %+v, %v", i, c, c2, err)
			}
			if add, ok := c.(*command.AddAccount); ok && (!users.ValidName(add.Name) || passwords.Check(add.Hash) != nil) {
				t.Errorf("%+v is proposed", add)
			}
		}
	})
}

func TestRefusalsAreToldApart(t *testing.T) {
	for _, err := range []error{nil, users.ErrRegistered, users.ErrUnknownUser, state.ErrStale} {
		wrapped := err
		if err != nil {
			wrapped = fmt.Errorf("it is so: %w", err)
		}
		if got := toOutcome(wrapped).err(); got != err {
			t.Errorf("%v becomes %v", err, got)
		}
	}
}

func TestWhoIsIdleDoesNotKeepAServerFromItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		ctx, end := context.WithCancel(context.Background())
		ended := make(chan struct{})
		go func() { converse(ctx, far, new(fake)); close(ended) }()
		synctest.Wait()
		begun := time.Now()
		end()
		<-ended
		if took := time.Since(begun); took > 0 {
			t.Errorf("it took %v", took)
		}
		_ = near.Close()
	})
}

// The server of a client within the process ends before what it uses does.
func TestAClientWithinIsClosedWhenNothingIsAskedAnyMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stuck = answerTime + time.Minute
		c := Within(&fake{hold: func(context.Context) error { time.Sleep(stuck); return nil }})
		begun := time.Now()
		if _, err := c.Propose(addAccount("alice")); !errors.Is(err, ErrUnsure) {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		_ = c.Close()
		if took := time.Since(begun); took != stuck {
			t.Errorf("it is closed after %v", took)
		}
	})
}

// Whatever a server answers, the owner's client has it all or an error, and has as many outcomes
// as it proposed commands.
func FuzzAnswers(f *testing.F) {
	for _, seed := range []string{`{"outcomes":[{}]}`, `{"outcomes":[{},{}]}`, `{}`, `{"error":"no"}`, `{"accounts":[{"name":"alice"}]}`, `{"acts":[{}]}` + "\n" + `{"acts":[]}`, `{"unsure":true}`, `null`, `{`, ``} {
		f.Add([]byte(seed + "\n"))
	}
	f.Fuzz(func(t *testing.T, answers []byte) {
		asks := map[string]func(*Client) error{
			"propose": func(c *Client) error {
				outcomes, err := c.Propose(addAccount("alice"))
				if err == nil && len(outcomes) != 1 {
					t.Errorf("%q has %d outcomes of one command", answers, len(outcomes))
				}
				return err
			},
			"accounts": func(c *Client) error { _, err := c.Accounts(); return err },
			"account":  func(c *Client) error { _, err := c.Account("alice"); return err },
			"hooks":    func(c *Client) error { _, err := c.Hooks(); return err },
			"acts":     func(c *Client) error { _, err := c.Acts("", "", 10); return err },
		}
		for name, ask := range asks {
			c := newClient(&answered{said: bytes.NewReader(answers)}, func() {})
			err := ask(c)
			if valid := jsontext.Value(firstLine(answers)).IsValid(); err == nil && !valid {
				t.Errorf("%s: %q is taken", name, answers)
			}
			if err != nil && strings.Contains(err.Error(), "%!") {
				t.Errorf("%s: of %q it is said: %v", name, answers, err)
			}
		}
	})
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line
}

// An answered is a connection on which all was answered before.
type answered struct {
	net.Conn
	said *bytes.Reader
}

func (a *answered) Read(b []byte) (int, error)       { return a.said.Read(b) }
func (a *answered) Write(b []byte) (int, error)      { return len(b), nil }
func (a *answered) SetReadDeadline(time.Time) error  { return nil }
func (a *answered) SetWriteDeadline(time.Time) error { return nil }

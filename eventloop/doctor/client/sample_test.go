//go:build unix

package client

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"parley/eventloop/doctor"
	"parley/eventloop/doctor/dialect"
)

// sampleWord makes the test binary be a client: sampleWord, its faults with commas, host,
// port. Without a fault it is a good one that reads a stream and shows all that it can.
const sampleWord = "be-a-client"

// A sample is a client with faults that students' clients have.
type sample struct {
	faults []string
	conn   net.Conn
	in     *bufio.Scanner
	mu     sync.Mutex // of the name: keyboard and network have a goroutine each
	name   string
	said   bool // it has heard something
}

// runSample is the client.
func runSample(args []string) {
	c := &sample{faults: strings.Split(args[0], ","), in: bufio.NewScanner(os.Stdin)}
	if c.has("ignores-hangup") {
		signal.Ignore(syscall.SIGHUP)
	}
	var err error
	if c.conn, err = net.Dial("tcp", net.JoinHostPort(args[1], args[2])); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	hangup := make(chan os.Signal, 1)
	if !c.has("ignores-hangup") && !c.has("drops") {
		signal.Notify(hangup, syscall.SIGHUP)
		go func() {
			<-hangup
			c.leaves()
		}()
	}
	go c.hears()
	c.types()
}

func (c *sample) has(fault string) bool { return slices.Contains(c.faults, fault) }

// types reads the keyboard.
func (c *sample) types() {
	if c.has("prompts") {
		fmt.Print("username: ")
		c.in.Scan()
		c.login(c.in.Text())
	}
	for c.in.Scan() {
		word, rest, _ := strings.Cut(c.in.Text(), " ")
		if c.has("slash") {
			var is bool
			if word, is = strings.CutPrefix(word, "/"); !is {
				word, rest = "msg", c.in.Text()
			}
		}
		if c.has("prompts") && (word == "msg" || !slices.Contains(dialect.Verbs, word)) {
			word, rest = "msg", c.in.Text()
		}
		c.does(word, rest)
	}
	switch {
	case c.has("ignores-hangup"):
		select {}
	case c.has("drops"):
		os.Exit(0)
	}
	c.leaves()
}

// leaves logs out when the terminal is closed.
func (c *sample) leaves() {
	c.mu.Lock() // for good: only one of those who see it is to say so
	c.asks("logout", nil)
	os.Exit(0)
}

func (c *sample) does(word, rest string) {
	switch word {
	case "login":
		c.login(rest)
	case "msg":
		if c.has("one-word") {
			rest = strings.Fields(rest)[0]
		}
		if c.has("latin1") {
			rest = strings.Map(func(r rune) rune { return ascii(r, '?') }, rest)
		}
		if c.has("twice") {
			fmt.Printf("%s: %s\n", c.name, rest)
		}
		c.asks(word, rest)
	case "names", "help":
		if word == "help" || !c.has("names-by-itself") {
			c.asks(word, nil)
		}
	case "logout":
		if !c.has("no-logout") {
			c.asks(word, nil)
		}
		if !c.has("ignores-hangup") {
			os.Exit(0)
		}
	default:
		fmt.Println("There is no such command.")
	}
}

func (c *sample) login(name string) {
	c.mu.Lock()
	c.name = name
	c.mu.Unlock()
	if c.has("object") {
		c.asks("login", map[string]string{"name": name})
		return
	}
	c.asks("login", name)
}

// asks sends a request.
func (c *sample) asks(verb string, content any) {
	if section, is := strings.CutPrefix(c.faults[0], replayWord); is {
		_, _ = c.conn.Write(recorded(section, verb, content))
		return
	}
	keys := []string{"request", "content"}
	if c.has("capitals") {
		keys = []string{"Request", "Content"}
	}
	if c.has("verb-key") {
		keys[0] = "command"
	}
	if c.has("wrong-key") {
		keys[1] = "argument"
	}
	if c.has("shouts") {
		verb = strings.ToUpper(verb)
	}
	b, _ := json.Marshal(content)
	request := fmt.Sprintf(`{"%s": "%s", "%s": %s}`, keys[0], verb, keys[1], b)
	switch {
	case c.has("no-content") && content == nil:
		request = fmt.Sprintf(`{"%s": "%s"}`, keys[0], verb)
	case c.has("repr"):
		request = strings.ReplaceAll(request, `"`, `'`)
	case c.has("talks"):
		request = "SEND " + request
	case c.has("newline"):
		request += "\n"
	}
	if c.has("pieces") {
		_, _ = c.conn.Write([]byte(request[:5]))
		time.Sleep(150 * time.Millisecond) // a segment of its own
		request = request[5:]
	}
	_, _ = c.conn.Write([]byte(request))
	if c.has("asks-twice") {
		_, _ = c.conn.Write([]byte(request))
	}
}

// hears reads what the server says.
func (c *sample) hears() {
	var r doctor.Cutter
	buf := make([]byte, 1<<16)
	if c.has("lines") {
		for in := bufio.NewScanner(c.conn); in.Scan(); {
			c.take(in.Bytes())
		}
		return
	}
	for {
		n, err := c.conn.Read(buf)
		switch {
		case err != nil:
			return
		case c.has("one-read"): // what a read brings is a response
			c.take(buf[:n])
		case c.has("counts-braces"):
			if strings.Count(string(buf[:n]), "{") != strings.Count(string(buf[:n]), "}") {
				continue
			}
			fallthrough
		default:
			list := r.Push(buf[:n])
			if c.has("last-only") && len(list) > 1 {
				list = list[len(list)-1:]
			}
			for _, v := range list {
				c.take(v.Raw)
			}
		}
	}
}

// take shows a response.
func (c *sample) take(raw []byte) {
	var list []any
	if json.Unmarshal(raw, &list) == nil {
		c.history(list)
		return
	}
	var r map[string]any
	if err := json.Unmarshal(raw, &r); err != nil {
		c.dies(err)
	}
	sender, is := r["sender"].(string)
	if c.has("needs-sender") && !is {
		c.dies("no sender")
	}
	if stamp, is := r["timestamp"].(string); c.has("needs-stamp") && !is {
		c.dies(fmt.Sprint("a time as ", stamp))
	}
	kind, _ := r["response"].(string)
	kind = strings.ToLower(kind)
	switch {
	case kind == "error" && c.has("no-errors"):
	case kind == "error" && c.has("dies-late") && c.said:
		c.dies("an error")
	case kind == "history":
		if c.has("names-by-itself") {
			c.asks("names", nil)
		}
		if !c.has("no-history") {
			c.history(r["content"])
		}
	case kind == "message" && c.has("no-sender"):
		fmt.Println(r["content"])
	case kind == "message" || kind == "msg":
		c.said = true
		if name, is := r["name"].(string); is {
			sender = name
		}
		fmt.Printf("%s: %s\n", sender, c.shown(fmt.Sprint(r["content"])))
	case (kind == "info" || kind == "error") && c.has("needs-text"):
		fmt.Println(r["content"].(string))
	case kind != "info" && kind != "error" && c.has("known-kinds"):
		c.dies(kind)
	default:
		fmt.Println("*", r["content"])
	}
}

// shown is a text as the client shows it.
func (c *sample) shown(text string) string {
	for _, fault := range c.faults {
		if id, is := strings.CutPrefix(fault, hidesWord); is && hidden[id](text) {
			return ""
		}
	}
	if c.has("ascii") {
		return strings.Map(func(r rune) rune { return ascii(r, '?') }, text)
	}
	return text
}

// history shows a history, whatever it is.
func (c *sample) history(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			c.history(e)
		}
	case map[string]any:
		fmt.Println(v["sender"], v["username"], v["content"], v["message"])
	case string:
		var inner any
		if json.Unmarshal([]byte(v), &inner) == nil {
			c.history(inner)
			return
		}
		fmt.Println(v)
	}
}

// dies is what a client of a course does with what it has not thought of.
func (c *sample) dies(why any) {
	fmt.Println("panic:", why)
	os.Exit(2)
}

// ascii returns a letter, or another one if it is not ASCII.
func ascii(r, other rune) rune {
	if r < 128 {
		return r
	}
	return other
}

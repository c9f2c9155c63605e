package transport

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// A net has namespaces: s, the public side, is a bridge with the server's
// address; na and nb are routers to it; hosts are behind those.
//
//	a 192.168.10.2 -- 192.168.10.1 na 203.0.113.10 -- s 203.0.113.1 -- 203.0.113.20 nb 192.168.20.1 -- 192.168.20.2 b
type testNet struct {
	t      *testing.T
	prefix string
	listen string // what clients are told to listen on
}

// newNet makes s and the two routers, which masquerade with a flag ("" or
// "fully-random") and let nothing in that was not asked for.
func newNet(t *testing.T, flag string) *testNet {
	t.Helper()
	for _, tool := range []string{"ip", "nft"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("network namespaces need %s (apt-get install iproute2 nftables)", tool)
		}
	}
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	n := &testNet{t: t, prefix: fmt.Sprintf("parley%d", os.Getpid())}
	if out, err := exec.Command("ip", "netns", "add", n.name("s")).CombinedOutput(); err != nil {
		t.Skipf("network namespaces cannot be made here: %s", out)
	}
	t.Cleanup(func() { exec.Command("ip", "netns", "del", n.name("s")).Run() })
	n.ip("s", "link add wan type bridge")
	n.ip("s", "addr add 203.0.113.1/24 dev wan")
	n.ip("s", "link set wan up")
	n.router("na", "203.0.113.10", "192.168.10.1", flag)
	n.router("nb", "203.0.113.20", "192.168.20.1", flag)
	return n
}

func (n *testNet) name(ns string) string { return n.prefix + ns }

func (n *testNet) add(ns string) {
	n.t.Helper()
	n.run("", "ip", "netns", "add", n.name(ns))
	n.t.Cleanup(func() { exec.Command("ip", "netns", "del", n.name(ns)).Run() })
}

func (n *testNet) ip(ns, args string) {
	n.t.Helper()
	n.run("", "ip", append([]string{"-n", n.name(ns)}, strings.Fields(args)...)...)
}

func (n *testNet) run(stdin, name string, args ...string) {
	n.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("%s %v: %v: %s", name, args, err, out)
	}
}

func (n *testNet) router(ns, public, private, flag string) {
	n.t.Helper()
	n.add(ns)
	n.run("", "ip", "link", "add", "wa", "netns", n.name(ns), "type", "veth", "peer", "name", "to"+ns, "netns", n.name("s"))
	n.ip("s", "link set to"+ns+" master wan up")
	n.ip(ns, "link add la type bridge")
	n.ip(ns, "addr add "+public+"/24 dev wa")
	n.ip(ns, "addr add "+private+"/24 dev la")
	n.ip(ns, "link set wa up")
	n.ip(ns, "link set la up")
	in := []string{"netns", "exec", n.name(ns)}
	n.run("", "ip", append(in, "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")...)
	n.run(fmt.Sprintf(`
table ip nat {
 chain post {
  type nat hook postrouting priority srcnat;
  oifname "wa" masquerade %s
 }
}
table ip flt {
 chain forw {
  type filter hook forward priority filter; policy drop;
  iifname "la" accept
  ct state established,related accept
 }
 chain inp {
  type filter hook input priority filter; policy drop;
  ct state established,related accept
 }
}
`, flag), "ip", append(in, "nft", "-f", "-")...)
}

// host puts a host behind a router.
func (n *testNet) host(ns, router, address, gateway string) {
	n.t.Helper()
	n.add(ns)
	n.run("", "ip", "link", "add", "eth", "netns", n.name(ns), "type", "veth", "peer", "name", "to"+ns, "netns", n.name(router))
	n.ip(router, "link set to"+ns+" master la up")
	n.ip(ns, "addr add "+address+"/24 dev eth")
	n.ip(ns, "link set eth up")
	n.ip(ns, "route add default via "+gateway)
}

// An actor is a process in a namespace.
type actor struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines chan string
}

func (n *testNet) actor(ns, role string) *actor {
	n.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", n.name(ns), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, listenVariable+"="+n.listen, "TMPDIR="+n.t.TempDir())
	a := &actor{t: n.t, name: ns, cmd: cmd, lines: make(chan string, 100)}
	a.stdin, _ = cmd.StdinPipe()
	out, _ := cmd.StdoutPipe()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for in := bufio.NewScanner(out); in.Scan(); {
			a.lines <- in.Text()
		}
	}()
	n.t.Cleanup(func() {
		cmd.Process.Kill()
		<-read
		cmd.Wait()
	})
	return a
}

// expect returns what stands behind the beginning of the next line.
func (a *actor) expect(beginning string) string {
	a.t.Helper()
	select {
	case line := <-a.lines:
		rest, ok := strings.CutPrefix(line, beginning)
		if !ok {
			a.t.Fatalf("%s: %q, want %q", a.name, line, beginning)
		}
		return rest
	case <-time.After(patienceOfTests):
		a.t.Fatalf("%s: nothing, want %q", a.name, beginning)
	}
	panic("unreachable")
}

// meet starts a server and two clients and returns the clients with the path
// that each of them has.
func (n *testNet) meet() (server, a, b *actor, atA, atB string) {
	n.t.Helper()
	server = n.actor("s", roleServer)
	server.expect("ready")
	a, b = n.actor("a", roleClient), n.actor("b", roleClient)
	atA, atB = a.expect("open "), b.expect("open ")
	n.t.Logf("a: %s; b: %s", atA, atB)
	n.chat(a, b)
	return server, a, b, atA, atB
}

func (n *testNet) chat(a, b *actor) {
	n.t.Helper()
	fmt.Fprintln(a.stdin, "hi b")
	b.expect("got hi b")
	fmt.Fprintln(b.stdin, "hi a")
	a.expect("got hi a")
}

func TestBehindTwoRouters(t *testing.T) {
	n := newNet(t, "")
	n.host("a", "na", "192.168.10.2", "192.168.10.1")
	n.host("b", "nb", "192.168.20.2", "192.168.20.1")
	server, a, b, atA, atB := n.meet()
	if !strings.HasPrefix(atA, "direct 203.0.113.") || !strings.HasPrefix(atB, "direct 203.0.113.") {
		t.Errorf("the paths are %s and %s", atA, atB)
	}
	// The host of the server goes down.
	server.cmd.Process.Kill()
	n.ip("s", "addr del 203.0.113.1/24 dev wan")
	n.chat(a, b)
	a.cmd.Process.Kill()
	b.expect("lost ")
}

func TestBehindRoutersWithRandomPorts(t *testing.T) {
	n := newNet(t, "fully-random")
	n.host("a", "na", "192.168.10.2", "192.168.10.1")
	n.host("b", "nb", "192.168.20.2", "192.168.20.1")
	if _, _, _, atA, atB := n.meet(); !strings.HasPrefix(atA, "relay") || !strings.HasPrefix(atB, "relay") {
		t.Errorf("the paths are %s and %s", atA, atB)
	}
}

func TestSameLAN(t *testing.T) {
	n := newNet(t, "")
	n.host("a", "na", "192.168.10.2", "192.168.10.1")
	n.host("b", "na", "192.168.10.3", "192.168.10.1")
	if _, _, _, atA, atB := n.meet(); !strings.HasPrefix(atA, "direct 192.168.10.") || !strings.HasPrefix(atB, "direct 192.168.10.") {
		t.Errorf("the paths are %s and %s", atA, atB)
	}
}

// One that names an address in its LAN meets those who are there, and shows the
// others nothing: the router passes nothing on but what is for the server.
func TestNamedAddressInALAN(t *testing.T) {
	n := newNet(t, "")
	n.host("a", "na", "192.168.10.2", "192.168.10.1")
	n.host("b", "na", "192.168.10.3", "192.168.10.1")
	n.ip("a", "addr add 192.168.10.4/24 dev eth") // the other one would be taken by itself
	server := n.actor("s", roleServer)
	server.expect("ready")
	n.listen = "192.168.10.4:0"
	a := n.actor("a", roleClient)
	n.listen = "192.168.10.3:0"
	b := n.actor("b", roleClient)
	if at := a.expect("open "); !strings.HasPrefix(at, "direct 192.168.10.") {
		t.Errorf("the path is %s", at)
	}
	b.expect("open direct 192.168.10.4:")
	n.chat(a, b)
}

func TestNamedAddressBehindARouter(t *testing.T) {
	n := newNet(t, "")
	n.host("a", "na", "192.168.10.2", "192.168.10.1")
	n.host("b", "nb", "192.168.20.2", "192.168.20.1")
	n.run(`
table ip watch {
 chain forw {
  type filter hook forward priority -10;
  iifname "la" ip daddr != 203.0.113.1 tcp flags syn counter
 }
}
`, "ip", "netns", "exec", n.name("na"), "nft", "-f", "-")
	server := n.actor("s", roleServer)
	server.expect("ready")
	n.listen = "192.168.10.2:0"
	a := n.actor("a", roleClient)
	n.listen = ""
	b := n.actor("b", roleClient)
	a.expect("open relay")
	b.expect("open relay")
	n.chat(a, b)
	out, err := exec.Command("ip", "netns", "exec", n.name("na"), "nft", "list", "table", "ip", "watch").Output()
	if err != nil || !strings.Contains(string(out), "counter packets 0 bytes 0") {
		t.Errorf("the router of a has passed on more than what is for the server: %s %v", out, err)
	}
}

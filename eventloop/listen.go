package eventloop

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// doors are the addresses that are listened on. At a TCP port gnet listens, which
// accepts on the loop that a connection is for; at a Unix socket we do, because
// gnet would accept all who wait before it says so of the first, until files run
// out, and would do the same at the ports beside it.
type doors struct {
	addrs []string // as a person can connect to them, with real ports
	tcp   []*probe
	own   []ownDoor

	ports map[int]door // what is spoken at the TCP ports
}

// A door is what connections begin with at an address.
type door struct {
	proxy bool // the header of a proxy, which is before all else
	tls   bool // TLS
}

func (d door) String() string {
	switch {
	case d.proxy && d.tls:
		return " with TLS behind a proxy"
	case d.proxy:
		return " behind a proxy"
	case d.tls:
		return " with TLS"
	}
	return ""
}

// An ownDoor is where gnet does not listen: a Unix socket, or one that was inherited.
type ownDoor struct {
	net.Listener
	door door
}

// A probe listens at a TCP port until gnet does. It is alone there or fails: gnet
// asks for SO_REUSEPORT, with which a second server of this user could share the
// port and its clients.
type probe struct {
	*net.TCPListener
	addr string
}

// openDoors listens at all addresses of a configuration. A port of 0 is replaced by a free
// one.
func openDoors(cfg *Config) (_ *doors, err error) {
	d := &doors{ports: make(map[int]door)}
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	for _, kind := range []struct {
		door  door
		addrs []string
	}{{door{}, cfg.Listen}, {door{tls: true}, cfg.ListenTLS}, {door{proxy: true}, cfg.ListenProxy}, {door{proxy: true, tls: true}, cfg.ListenProxyTLS}} {
		for _, addr := range kind.addrs {
			if err := d.open(addr, kind.door, cfg); err != nil {
				return nil, fmt.Errorf("cannot listen on %s%s: %w", addr, kind.door, err)
			}
		}
	}
	return d, nil
}

// open listens at an address, "HOST:PORT", "unix:PATH", or "systemd:NAME" of one that was
// inherited.
func (d *doors) open(addr string, which door, cfg *Config) error {
	if err := CheckListen(addr, which.tls); err != nil {
		return err
	}
	if name, ok := strings.CutPrefix(addr, inheritedPrefix); ok {
		return d.inherit(name, which, cfg.Inherited)
	}
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		l, err := listenUnix(path, cfg.Sockets.bind)
		if err != nil {
			return err
		}
		d.own, d.addrs = append(d.own, ownDoor{l, which}), append(d.addrs, addr)
		return nil
	}
	p, err := listenTCP(addr)
	if err != nil {
		return explain(err)
	}
	d.tcp, d.addrs = append(d.tcp, p), append(d.addrs, p.addr)
	return d.speaks(p, which)
}

// speaks notes what is spoken at the port of a listener.
func (d *doors) speaks(l net.Listener, which door) error {
	port := l.Addr().(*net.TCPAddr).Port
	if other, is := d.ports[port]; is && other != which {
		return fmt.Errorf("the port is one%s at another address; use another port", cmp.Or(other.String(), " without TLS"))
	}
	d.ports[port] = which
	return nil
}

var errUnixTLS = errors.New("what goes through a Unix socket does not leave the machine; listen there without")

// at returns what is spoken at an address that a connection came to. The port says it: the
// host of one that listens everywhere is not the same on all systems.
func (d *doors) at(local net.Addr) door {
	if a, ok := local.(*net.TCPAddr); ok {
		return d.ports[a.Port]
	}
	return door{}
}

// filesOf returns how many files it takes to listen at an address.
func filesOf(addr string, loops int) int {
	if strings.HasPrefix(addr, "unix:") || strings.HasPrefix(addr, inheritedPrefix) {
		return 3 // the listener, and a connection twice while it is handed over
	}
	return 2 * loops // each loop has a listener, and a connection that it refuses
}

// gnetAddrs returns the TCP addresses in gnet's form.
func (d *doors) gnetAddrs() (all []string) {
	for _, p := range d.tcp {
		all = append(all, "tcp://"+p.addr)
	}
	return all
}

// sharePorts lets gnet listen where the probes do, and still nobody who wants a
// port alone. It returns false where that cannot be.
func (d *doors) sharePorts() bool {
	for _, p := range d.tcp {
		if !sharePort(p.TCPListener) {
			return false
		}
	}
	return true
}

// yield leaves the TCP ports to gnet.
func (d *doors) yield() {
	for _, p := range d.tcp {
		p.Close()
	}
}

// close may be called more than once.
func (d *doors) close() {
	d.yield()
	for _, l := range d.own {
		l.Close() // removes the file of a Unix socket, too, unless it was inherited
	}
}

// gnetSharesPorts reports whether gnet asks for SO_REUSEPORT: not where the system
// would give all connections to one of several loops.
func gnetSharesPorts(loops int) bool {
	switch runtime.GOOS {
	case "linux", "freebsd", "dragonfly":
		return true
	}
	return loops == 1
}

func listenTCP(addr string) (*probe, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		l.Close()
		return nil, err
	}
	return &probe{l.(*net.TCPListener), net.JoinHostPort(host, port)}, nil
}

// ListenForOwner listens at an address, "HOST:PORT" or "unix:PATH", as Run does, for what
// is for the server's owner: nobody else may use a Unix socket, unless its rights say so.
func ListenForOwner(addr string, rights SocketRights) (net.Listener, error) {
	if err := CheckForOwner(addr); err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	if path, ok := strings.CutPrefix(addr, "unix:"); ok {
		bind := BindForOwner
		if rights != (SocketRights{}) {
			bind = rights.bind
		}
		l, err := listenUnix(path, bind)
		if err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
		}
		return l, nil
	}
	p, err := listenTCP(addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, explain(err))
	}
	return p.TCPListener, nil
}

// bindForAll makes a Unix socket for whom the rights of the folder and the umask let use it.
func bindForAll(path string) (*net.UnixListener, error) {
	return net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
}

// listenUnix makes a socket file, instead of one whose server is gone. Looking for
// that and replacing it is not one step: the folder is locked meanwhile.
func listenUnix(path string, bind func(path string) (*net.UnixListener, error)) (*net.UnixListener, error) {
	if err := checkSocketPath(path); err != nil {
		return nil, err
	}
	if !strings.HasPrefix(path, "@") { // else it is a name of Linux and no file
		folder := filepath.Dir(path)
		if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no folder %s", folder)
		} else if err == nil && !info.IsDir() {
			return nil, fmt.Errorf("%s is not a folder", folder)
		}
		unlock, err := lockFolder(folder)
		if err != nil {
			return nil, explain(err)
		}
		defer unlock()
		if err := removeStale(path); err != nil {
			return nil, err
		}
	}
	l, err := bind(path)
	if err != nil {
		return nil, explain(err)
	}
	return l, nil
}

// removeStale removes the socket of a server that is gone. It returns an error if
// there is anything else at path.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return explain(err)
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return errors.New("there is a file of that name")
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return errors.New("another server is listening there")
	}
	if !isStale(err) {
		return fmt.Errorf("there is a socket of that name that may be in use: %w", explain(err))
	}
	return os.Remove(path)
}

// explain puts into words what an error of the system means for somebody who wants
// to listen.
func explain(err error) error {
	var dns *net.DNSError
	var addr *net.AddrError
	text := ""
	switch {
	case errors.As(err, &dns) && strings.Contains(dns.Error(), "port"):
		text = "there is no such port"
	case errors.As(err, &dns):
		text = fmt.Sprintf("there is no host %q", dns.Name)
	case errors.As(err, &addr):
		text = "an address is HOST:PORT or unix:PATH"
	case errors.Is(err, syscall.EADDRINUSE):
		text = "another program is listening there"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		text = "that is no address of this machine"
	case errors.Is(err, syscall.EACCES):
		text = "this user may not"
	default:
		return err
	}
	return fmt.Errorf("%s (%w)", text, err)
}

// acceptPause is how long nothing is accepted after that has failed: files, or
// memory, may have run out for a moment.
const acceptPause = 100 * time.Millisecond

// acceptOwn lets in who comes to the sockets at which gnet does not listen, until the doors
// are closed: then the group is done. enroll hands a connection over to a loop and closes
// what is left here.
func (e *engine) acceptOwn(enroll func(net.Conn, admitted) error) *sync.WaitGroup {
	all := new(sync.WaitGroup)
	for _, l := range e.doors.own {
		all.Go(func() {
			for {
				c, err := l.Accept()
				if errors.Is(err, net.ErrClosed) {
					return
				}
				if err != nil {
					e.cfg.Log.Error("cannot accept a connection", "address", l.Addr().String(), "error", err)
					time.Sleep(acceptPause)
					continue
				}
				e.enter(c, func() error { return enroll(c, admitted{l.door}) })
			}
		})
	}
	return all
}

func (e *engine) enter(c net.Conn, enroll func() error) {
	defer c.Close()
	if !e.admit() {
		_, _ = c.Write(e.refusal())
		return
	}
	e.prepare(c)
	if err := enroll(); err != nil {
		e.open.Add(-1)
		e.cfg.Log.Error("cannot hand a connection over to a loop", "error", err)
	}
}

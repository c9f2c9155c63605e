package client

import (
	"cmp"
	"net"
	"strconv"
	"strings"

	"parley/protocol"
)

// Where a chat goes when nothing else is said.
const (
	defaultHost = "localhost"
	defaultPort = 9998
	tlsPort     = 9999 // with TLS
)

const (
	unixPrefix = "unix:"
	tlsPrefix  = "parleys://"
)

// A Target is a server and the name to log in with there.
type Target struct {
	Name    string // "" if none was given
	Network string // for net.Dial: tcp or unix
	Address string // for net.Dial
	Label   string // the server as the prompt shows it: the port only if it is not the usual one
	TLS     bool   // the server is to speak TLS

	// Others is how many further addresses of the same server there are, which are several
	// machines then: if one does not answer, another one is asked.
	Others int

	// Remembered is the file that says that the server had TLS before; "": none does.
	Remembered string

	host string // of tcp
	port int    // 0: none was given
}

// ParseTarget reads [[NAME@]HOST[:PORT]] or [NAME@]unix:PATH, and for a server with TLS
// parleys://[NAME@][HOST[:PORT]]. An IPv6 address stands in brackets. The error is an
// *Error with the reason BadUse.
func ParseTarget(s string) (Target, error) {
	rest, secure := strings.CutPrefix(s, tlsPrefix)
	if !secure {
		return parseAddress(s)
	}
	t, err := parseAddress(strings.TrimSuffix(rest, "/"))
	if err != nil {
		return t, err
	}
	return t.WithTLS()
}

// ParseTargets reads a target whose host may be several, HOST[:PORT],HOST[:PORT]..., which are
// machines of one server. It returns one for each, in that order.
func ParseTargets(s string) ([]Target, error) {
	hosts, secure := strings.CutPrefix(s, tlsPrefix)
	name, rest, named := strings.Cut(hosts, "@")
	if !named {
		name, rest = "", hosts
	} else {
		name += "@"
	}
	if strings.HasPrefix(hosts, unixPrefix) || strings.HasPrefix(rest, unixPrefix) || !strings.Contains(s, ",") {
		t, err := ParseTarget(s)
		return []Target{t}, err
	}
	if secure {
		name, rest = tlsPrefix+name, strings.TrimSuffix(rest, "/")
	}
	all := strings.Split(rest, ",")
	targets := make([]Target, 0, len(all))
	for _, host := range all {
		if host == "" {
			return nil, failure(BadUse, "A host is missing beside a comma of %q: several are NAME@HOST:PORT,HOST:PORT", rest)
		}
		t, err := ParseTarget(name + host)
		if err != nil {
			return nil, err
		}
		t.Others = len(all) - 1
		targets = append(targets, t)
	}
	return targets, nil
}

// WithTLS returns the same with TLS, which a Unix socket does not have.
func (t Target) WithTLS() (Target, error) {
	if t.Network == "unix" {
		return t, failure(BadUse, "TLS is for connections to HOST:PORT. What goes through the Unix socket %s does not leave this machine.", t.Address)
	}
	t.TLS = true
	return t.located(), nil
}

// Secured are the targets with TLS that somebody may mean who has said t: at the usual
// port, unless another was given, and at the port of t.
func (t Target) Secured() []Target {
	usual, same := t, t
	same.port = cmp.Or(t.port, defaultPort)
	usual.TLS, same.TLS = true, true
	return []Target{usual.located(), same.located()}
}

// located fills in what follows from the host and the port.
func (t Target) located() Target {
	usual := defaultPort
	if t.TLS {
		usual = tlsPort
	}
	port := cmp.Or(t.port, usual)
	t.Network, t.Address, t.Label = "tcp", net.JoinHostPort(t.host, strconv.Itoa(port)), t.host
	if port != usual {
		t.Label = t.Address
	}
	return t
}

// secureWords is what to type for a server with TLS, as name.
func (t Target) secureWords(name string) string {
	if name != "" {
		name += "@"
	}
	return tlsPrefix + name + t.Address
}

// parseAddress reads what stands behind parleys://.
func parseAddress(s string) (Target, error) {
	var t Target
	if !strings.HasPrefix(s, unixPrefix) {
		if name, rest, ok := strings.Cut(s, "@"); ok {
			if err := protocol.CheckName(name); err != nil {
				return t, failure(BadUse, "%s A target is NAME@HOST:PORT, such as alice@localhost", err.Text)
			}
			t.Name, s = name, rest
			if s == "" {
				return t, failure(BadUse, "A host is missing behind %s@: for example %s@localhost", name, name)
			}
			if host, ok := strings.CutPrefix(s, tlsPrefix); ok {
				return t, failure(BadUse, "%s stands before the name: %s%s@%s", tlsPrefix, tlsPrefix, name, host)
			}
		}
	}
	if path, ok := strings.CutPrefix(s, unixPrefix); ok {
		if path == "" {
			return t, failure(BadUse, "A path is missing behind unix: for example unix:/run/parley.sock")
		}
		t.Network, t.Address, t.Label = "unix", path, path[strings.LastIndexByte(path, '/')+1:]
		return t, nil
	}
	var err error
	if t.host, t.port, err = splitHost(s); err != nil {
		return t, err
	}
	return t.located(), nil
}

// splitHost reads HOST[:PORT], each part of which may be missing: port is 0 then.
func splitHost(s string) (host string, port int, err error) {
	host, digits := s, ""
	switch colons := strings.Count(s, ":"); {
	case strings.HasPrefix(s, "["):
		end := strings.IndexByte(s, ']')
		if end < 0 || end+1 < len(s) && s[end+1] != ':' || net.ParseIP(zoneless(s[1:max(end, 1)])) == nil {
			return "", 0, failure(BadUse, "%q is not an IPv6 address in brackets, such as [::1]:9998", s)
		}
		host, digits = s[1:end], strings.TrimPrefix(s[end+1:], ":")
		if digits == "" && end+1 < len(s) {
			return "", 0, missingPort(s)
		}
	case colons > 1 && net.ParseIP(zoneless(s)) != nil:
		return "", 0, failure(BadUse, "Put an IPv6 address in brackets: [%s]", s)
	case colons > 0:
		host, digits, _ = strings.Cut(s, ":")
		if digits == "" {
			return "", 0, missingPort(s)
		}
	}
	if host == "" {
		host = defaultHost
	}
	if strings.ContainsAny(host, " \t\r\n/\\@?#") {
		return "", 0, failure(BadUse, "%q is not a host. A target is NAME@HOST:PORT, such as alice@localhost", host)
	}
	if digits == "" {
		return host, 0, nil
	}
	port, e := strconv.Atoi(digits)
	if e != nil || port < 1 || port > 65535 {
		return "", 0, failure(BadUse, "%q is not a port: it is a number from 1 to 65535, such as %d", digits, defaultPort)
	}
	return host, port, nil
}

func missingPort(s string) *Error {
	return failure(BadUse, "A port is missing behind the colon of %q: for example %d", s, defaultPort)
}

// zoneless is an IPv6 address without its zone: fe80::1 of fe80::1%eth0.
func zoneless(s string) string {
	address, _, _ := strings.Cut(s, "%")
	return address
}

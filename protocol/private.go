package protocol

import (
	"encoding/base64"
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
)

// Private is the part of data that is about a private session: a connection from
// one client to another, opened by request and consent. Fields that are zero are
// not sent.
type Private struct {
	Session     uint64   // number of the invitation, and of the session that comes of it; unique in a run of the server
	Fingerprint string   // of the other one's key: "SHA256:" and 43 characters of base64, as OpenSSH writes it
	Paths       []string // how the other one may be reached: "ADDRESS:PORT", the best first, and PathRelay
	Token       string   // secret of the two, of an introduction: TokenSize random bytes in hexadecimal
	Credit      int      // units of RelayCost that the other one may send again
	Payload     string   // relayed bytes in base64 (RFC 4648, section 4)
}

// Words among the paths of an invitation or its acceptance that are no addresses.
const (
	PathObserved = "observed" // stands for the address that the server sees; it puts the address there
	PathRelay    = "relay"    // relayed frames will be answered
)

// TokenSize is how many random bytes a token has: that of a login, and what a server
// tells two whom it introduces, who know by it which connection is for their session.
const TokenSize = 16

// CheckToken returns nil for what has the form of a token.
func CheckToken(s string) *Error {
	if b, err := hex.DecodeString(s); err != nil || len(b) != TokenSize {
		return Errorf(BadRequest, "That is not a token: %d bytes in hexadecimal.", TokenSize)
	}
	return nil
}

// RelayCost is what a relayed frame uses of RelayWindow: the length of its payload
// in base64 and something for the frame around it.
func RelayCost(payload string) int { return len(payload) + relayFrame }

const relayFrame = 256 // bytes, at most, of a relayed frame beside its payload

// fingerprintPrefix names the hash of a fingerprint.
const fingerprintPrefix = "SHA256:"

// CheckFingerprint returns nil for what has the form of a fingerprint.
func CheckFingerprint(s string) *Error {
	sum, ok := strings.CutPrefix(s, fingerprintPrefix)
	if b, err := base64.RawStdEncoding.Strict().DecodeString(sum); !ok || err != nil || len(b) != 32 || strings.ContainsAny(sum, "\r\n") {
		return Errorf(BadRequest, "That is not the fingerprint of a key: SHA256: and 43 characters of base64.")
	}
	return nil
}

// ParsePaths reads a comma-separated list of at most MaxPaths paths: addresses
// "HOST:PORT", HOST being an IP address (an IPv6 one in brackets, without a
// zone), PathObserved and PathRelay. What stands there twice is returned once.
// An empty list is one of no paths.
func ParsePaths(list string) ([]string, *Error) {
	if list == "" {
		return nil, nil
	}
	words := strings.Split(list, ",")
	if len(words) > MaxPaths {
		return nil, Errorf(BadRequest, "Those are too many paths: at most %d.", MaxPaths)
	}
	var paths []string
	for _, p := range words {
		p = strings.TrimSpace(p)
		if p != PathObserved && p != PathRelay {
			a, err := netip.ParseAddrPort(p)
			if err != nil || a.Port() == 0 || a.Addr().Zone() != "" || a.Addr().IsUnspecified() || a.Addr().IsMulticast() {
				return nil, Errorf(BadRequest, "A path is ADDRESS:PORT, with an address in digits, or %s, or %s.", PathObserved, PathRelay)
			}
			p = netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String()
		}
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	return paths, nil
}

// CheckPayload returns nil for base64 of at most MaxRelayed bytes, without
// newlines in it. "" is the base64 of nothing.
func CheckPayload(s string) *Error {
	if len(s) > base64.StdEncoding.EncodedLen(MaxRelayed) {
		return Errorf(TooLarge, "That is too much for one relayed frame: at most %d bytes.", MaxRelayed)
	}
	body := strings.TrimSuffix(strings.TrimSuffix(s, "="), "=")
	bad := len(s)%4 != 0
	for i := range len(body) {
		bad = bad || !isBase64[body[i]]
	}
	if bad {
		return Errorf(BadRequest, "The data of a relayed frame must be base64.")
	}
	return nil
}

// isBase64 are the bytes of base64 but for the padding.
var isBase64 = func() (table [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		table[c] = true
	}
	return table
}()

func privateFields(o *object, p *Private) {
	o.number("session", p.Session)
	o.text("fingerprint", p.Fingerprint)
	if len(p.Paths) > 0 {
		o.key("paths")
		o.dst = appendList(o.dst, p.Paths)
	}
	o.text("token", p.Token)
	o.count("credit", p.Credit)
	o.text("payload", p.Payload)
}

// appendList appends a list of strings.
func appendList(dst []byte, list []string) []byte {
	dst = append(dst, '[')
	for i, s := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendUTF8(dst, s)
	}
	return append(dst, ']')
}

// decodePrivate reads data.private. What is of another type than it should be is
// left out, and so is what is no object.
func decodePrivate(v any) *Private {
	o, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	f := fields(o)
	p := &Private{Session: f.number("session"), Fingerprint: f.text("fingerprint"), Token: f.text("token"), Credit: f.count("credit"), Payload: f.text("payload")}
	if paths, ok := o["paths"].([]any); ok {
		for _, path := range paths {
			if s, ok := path.(string); ok {
				p.Paths = append(p.Paths, s)
			}
		}
	}
	return p
}

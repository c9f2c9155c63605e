package protocol

import (
	"net/netip"
	"strings"
)

// IsAddress reports whether a word is meant to be an address or a range of them, and no
// name: no name has what these have.
func IsAddress(word string) bool { return strings.ContainsAny(word, ".:/") }

// ParseAddress reads an address, such as 203.0.113.7, or a range in the notation of CIDR,
// such as 203.0.113.0/24 or 2001:db8::/32. The prefix is masked, and one of IPv4 also if it
// is written as one of IPv6.
func ParseAddress(word string) (netip.Prefix, *Error) {
	prefix, err := netip.ParsePrefix(word)
	if addr, bad := netip.ParseAddr(word); bad == nil && addr.Zone() == "" {
		prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	const mapped = 96 // bits in front of an address of IPv4 that is written as one of IPv6
	if err == nil && prefix.Addr().Is4In6() {
		if prefix.Bits() < mapped {
			return netip.Prefix{}, wrongAddress(word)
		}
		prefix = netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-mapped)
	}
	if err != nil {
		return netip.Prefix{}, wrongAddress(word)
	}
	return prefix.Masked(), nil
}

func wrongAddress(word string) *Error {
	return Errorf(BadRequest, "%.32q is neither a name, which has letters and digits, nor an address like 203.0.113.7 or 2001:db8::1, nor a range of them like 203.0.113.0/24.", word)
}

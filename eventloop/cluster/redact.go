package cluster

import "strings"

// redacted stands in place of a user and a password, or of a token.
const redacted = "xxxxx"

// Redact returns the URL of a server of NATS for people and logs, without the user and the
// password, or the token, that may be in it. The text need not be a URL: all between // and the
// last @ is left out.
func Redact(server string) string {
	end := strings.LastIndexByte(server, '@')
	if end < 0 {
		return server
	}
	begin := 0
	if i := strings.Index(server[:end], "//"); i >= 0 {
		begin = i + len("//")
	}
	return server[:begin] + redacted + server[end:]
}

// redactAll returns the URLs of servers, each redacted.
func redactAll(servers []string) string {
	var all []string
	for _, one := range servers {
		all = append(all, Redact(one))
	}
	return strings.Join(all, ", ")
}

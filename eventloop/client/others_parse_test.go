package client

import (
	"bytes"
	"encoding/json"
)

// A typedRequest is a request as a server of the standard reads it.
type typedRequest struct{ verb, text string }

// readRequest reads the first request in b and returns what is behind it.
func readRequest(b []byte) (r typedRequest, rest []byte, ok bool) {
	var keys struct {
		Request string
		Content any
	}
	d := json.NewDecoder(bytes.NewReader(b))
	if d.Decode(&keys) != nil {
		return r, nil, false
	}
	r.verb = keys.Request
	r.text, _ = keys.Content.(string)
	return r, b[d.InputOffset():], true
}

// wholeRead takes a read for a request, and dies of anything else.
func wholeRead(_ *other, read []byte) ([]typedRequest, bool) {
	r, rest, ok := readRequest(read)
	if !ok || len(bytes.TrimSpace(rest)) > 0 {
		return nil, false
	}
	return []typedRequest{r}, true
}

// firstOfRead takes the first request of a read and drops the others.
func firstOfRead(_ *other, read []byte) ([]typedRequest, bool) {
	r, _, ok := readRequest(read)
	return []typedRequest{r}, ok
}

// wholeLine waits for the end of a line.
func wholeLine(o *other, read []byte) (requests []typedRequest, alive bool) {
	o.held = append(o.held, read...)
	for {
		line, rest, ok := bytes.Cut(o.held, []byte("\n"))
		if !ok {
			return requests, true
		}
		o.held = rest
		r, rest, ok := readRequest(line)
		if !ok || len(bytes.TrimSpace(rest)) > 0 {
			return requests, false
		}
		requests = append(requests, r)
	}
}

// countsBraces collects bytes until there are as many closing braces as opening
// ones, in strings, too. Once somebody is logged in nothing else may stand there.
func countsBraces(o *other, read []byte) ([]typedRequest, bool) {
	if !o.entered {
		return wholeRead(o, read)
	}
	depth := 0
	for _, c := range read {
		if depth == 0 && c != '{' {
			return nil, false
		}
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		}
	}
	if depth != 0 {
		return nil, false
	}
	return wholeRead(o, read)
}

// needsContent dies where the key content is not there.
func needsContent(o *other, read []byte) ([]typedRequest, bool) {
	if !bytes.Contains(read, []byte(`"content":`)) {
		return nil, false
	}
	return wholeRead(o, read)
}

// needsText dies of a content that is an object.
func needsText(o *other, read []byte) ([]typedRequest, bool) {
	if bytes.Contains(read, []byte(`"content":{`)) {
		return nil, false
	}
	return wholeRead(o, read)
}

// needsTwoKeys dies of a key beside request and content.
func needsTwoKeys(o *other, read []byte) ([]typedRequest, bool) {
	var keys map[string]any
	if json.Unmarshal(read, &keys) != nil || len(keys) != 2 {
		return nil, false
	}
	return wholeRead(o, read)
}

package doctor

import "encoding/json"

// A Cutter finds the JSON objects and arrays in a stream of bytes, whatever stands
// between them: nothing, a newline, or words.
type Cutter struct {
	buf      []byte // of the value that has begun
	between  []byte // what came since the last value
	depth    int
	inString bool
	escaped  bool
}

// A Value is one object or array of a stream.
type Value struct {
	V      any    // as encoding/json decodes it; nil if it is no JSON
	Raw    []byte // its bytes
	Before []byte // those between the value before it and this one
}

// Push returns the values that end in b.
func (c *Cutter) Push(b []byte) (list []Value) {
	begin := 0 // of what is not kept yet
	for i, x := range b {
		if c.depth == 0 {
			if x != '{' && x != '[' {
				continue
			}
			c.between = append(c.between, b[begin:i]...)
			begin = i
		}
		c.step(x)
		if c.depth > 0 {
			continue
		}
		c.buf = append(c.buf, b[begin:i+1]...)
		begin = i + 1
		v := Value{Raw: c.buf, Before: c.between}
		if json.Unmarshal(c.buf, &v.V) != nil {
			v.V = nil
		}
		list = append(list, v)
		c.buf, c.between = nil, nil
	}
	if c.depth > 0 {
		c.buf = append(c.buf, b[begin:]...)
	} else {
		c.between = append(c.between, b[begin:]...)
	}
	return list
}

func (c *Cutter) step(x byte) {
	switch {
	case c.escaped:
		c.escaped = false
	case c.inString && x == '\\':
		c.escaped = true
	case x == '"':
		c.inString = !c.inString
	case c.inString:
	case x == '{' || x == '[':
		c.depth++
	case x == '}' || x == ']':
		c.depth--
	}
}

// Within reports whether a value has begun that has not ended.
func (c *Cutter) Within() bool { return c.depth > 0 }

// Behind returns the bytes that came since the last value ended.
func (c *Cutter) Behind() []byte { return c.between }

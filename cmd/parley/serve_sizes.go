package main

import (
	"fmt"

	"parley/protocol"
)

// leastText is how many bytes a text may have at least: a line.
const leastText = 64

// sizeFlags are those of parley serve that say how large may be what is sent.
type sizeFlags struct {
	MaxText  int `help:"Bytes, in UTF-8, that the text of a message may have which somebody sends: ${least_text} to ${max_text}. What was said before stays as it is."`
	MaxFrame int `help:"Bytes that a request may have: at least 6 x --max-text + 1024 and never below ${least_frame}; at most ${max_frame}."`
}

// validate refuses settings that make no sense.
func (c *sizeFlags) validate() error {
	switch least := protocol.LeastFrame(c.MaxText); {
	case c.MaxText < leastText || c.MaxText > protocol.MaxText:
		return fmt.Errorf("--max-text is %d; it can be %d to %d, which is what clients, what is kept and peers are made for", c.MaxText, leastText, protocol.MaxText)
	case c.MaxFrame > protocol.MaxFrame:
		return fmt.Errorf("--max-frame is %d; it can be %d at most: clients send no more", c.MaxFrame, protocol.MaxFrame)
	case c.MaxFrame < least:
		return fmt.Errorf("--max-frame is %d; with --max-text %d it must be %d or more, so that each request of Parley's clients fits in", c.MaxFrame, c.MaxText, least)
	}
	return nil
}

package client

import (
	"bufio"
	"errors"
	"io"
	"strings"

	"parley/protocol"
)

// maxPipeLine is how many bytes of one line of a pipe are kept. What is longer
// than a message may be is refused anyway.
const maxPipeLine = protocol.MaxText + 1

// A Pipe is the Keyboard of a program without one: the lines of a reader.
type Pipe struct {
	input  chan Input
	next   chan struct{}
	quit   chan struct{}
	closed bool
}

// NewPipe returns a Pipe. The goroutine that reads from in ends when in does, or with
// the program.
func NewPipe(in io.Reader) *Pipe {
	p := &Pipe{input: make(chan Input), next: make(chan struct{}, 1), quit: make(chan struct{})}
	go p.read(bufio.NewReader(in))
	return p
}

func (p *Pipe) read(in *bufio.Reader) {
	for {
		select {
		case <-p.next:
		case <-p.quit:
			return
		}
		line, err := readLine(in)
		i := Input{Kind: InputLine, Text: line}
		if err != nil && line == "" {
			i = Input{Kind: InputEnd}
		}
		select {
		case p.input <- i:
		case <-p.quit:
			return
		}
	}
}

// readLine reads a line of any length and keeps at most maxPipeLine bytes of it.
func readLine(in *bufio.Reader) (string, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part[:min(len(part), maxPipeLine-len(line))]...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return strings.TrimRight(string(line), "\r\n"), err
		}
	}
}

// Input gives the lines that were read.
func (p *Pipe) Input() <-chan Input { return p.input }

// Next asks for a line.
func (p *Pipe) Next() { p.next <- struct{}{} }

// Active never gives a value: there are no keys.
func (p *Pipe) Active() <-chan struct{} { return nil }

// Remember does nothing: there is no up key.
func (p *Pipe) Remember(string, bool) {}

// Edit does nothing: nobody edits what comes from a pipe.
func (p *Pipe) Edit(string) {}

// Close lets go of the reader.
func (p *Pipe) Close() error {
	if !p.closed {
		p.closed = true
		close(p.quit)
	}
	return nil
}

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

// A Pipe is the Terminal of a program without one: lines in, lines out.
type Pipe struct {
	out    io.Writer
	broken func()
	input  chan Input
	next   chan struct{}
	quit   chan struct{}
	closed bool
}

// NewPipe returns a Pipe. It calls broken when out cannot be written to any
// more. The goroutine that reads from in ends when in does, or with the program.
func NewPipe(in io.Reader, out io.Writer, broken func()) *Pipe {
	p := &Pipe{out: out, broken: broken, input: make(chan Input), next: make(chan struct{}, 1), quit: make(chan struct{})}
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

// Print writes text.
func (p *Pipe) Print(text string) {
	if _, err := io.WriteString(p.out, text); err != nil {
		p.broken()
	}
}

// SetPrompt does nothing, as do SetSecret, SetTitle, Bell and Remember.
func (p *Pipe) SetPrompt(string) {}

// SetSecret does nothing: nobody is asked for a password in a pipe.
func (p *Pipe) SetSecret(bool) {}

// SetTitle does nothing.
func (p *Pipe) SetTitle(string) {}

// Bell does nothing.
func (p *Pipe) Bell() {}

// Remember does nothing.
func (p *Pipe) Remember(string) {}

// Close lets go of the reader.
func (p *Pipe) Close() error {
	if !p.closed {
		p.closed = true
		close(p.quit)
	}
	return nil
}

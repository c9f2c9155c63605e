package p2p

// simPins are pins that all clients of a person share. What is looked up comes
// back later.
type simPins struct {
	file   map[string]Pin
	known  map[string]Pin // by this client
	err    error          // of looking up
	answer func(func() Event)
	at     []string // identities of the server
}

func newSimPins(answer func(func() Event)) *simPins {
	return &simPins{file: map[string]Pin{}, known: map[string]Pin{}, answer: answer}
}

func (p *simPins) At(identity string) {
	if identity != "" {
		p.at = append(p.at, identity)
	}
}

func (p *simPins) Pin(name string) (Pin, bool) {
	pin, ok := p.known[fold(name)]
	return pin, ok
}

func (p *simPins) Look(name string) { p.Keep(name, Pin{}, "") }

func (p *simPins) Keep(name string, pin Pin, instead string) {
	name = fold(name)
	p.answer(func() Event {
		if p.err != nil {
			return Event{Kind: Pinned, Err: p.err, Pinned: &Pinning{Name: name}}
		}
		before, known := p.file[name]
		now := pin
		switch {
		case pin.Fingerprint == "":
			now = before
		case known && before.Fingerprint == pin.Fingerprint:
			now.Since, now.Verified = before.Since, before.Verified || pin.Verified
		case known && before.Fingerprint != instead:
			now = before
		}
		if now.Fingerprint != "" {
			p.file[name] = now
		}
		clear(p.known)
		for name, pin := range p.file {
			p.known[name] = pin
		}
		return Event{Kind: Pinned, Pinned: &Pinning{Name: name, Before: before, Now: now}}
	})
}

package dialect

import (
	"fmt"
	"math/rand/v2"
)

// Words are what a server says. Each has a part that stands nowhere else, so that it is
// found on a screen.
type Words struct {
	Hello, Bye, Help, NotLoggedIn, Unknown string // parts of answers
	Greeting                               string // said to a connection at once
	Others                                 [2]string
	Past                                   [2]Said // before the login
}

// Said is a text and who has said it.
type Said struct{ Name, Text string }

// A Source makes words that are all different.
type Source struct{ r *rand.Rand }

// NewSource returns a source whose words depend on a seed.
func NewSource(seed uint64) *Source { return &Source{rand.New(rand.NewPCG(seed, 0))} }

// Token returns a word that begins so and goes on with six letters at random.
func (s *Source) Token(prefix string) string {
	b := []byte(prefix)
	for range 6 {
		b = append(b, byte('a'+s.r.IntN(26)))
	}
	return string(b)
}

// Text returns a text of words with a length, and its last word, which is a token.
func (s *Source) Text(length int) (text, last string) {
	last = s.Token("lng")
	for len(text)+len(last) < length {
		text += fmt.Sprintf("word%03d ", len(text)%1000)
	}
	return text + last, last
}

// Words returns what a server says.
func (s *Source) Words() Words {
	w := Words{Hello: s.Token("hel"), Bye: s.Token("bye"), Help: s.Token("hlp"), NotLoggedIn: s.Token("not"), Unknown: s.Token("unk"), Greeting: s.Token("grt")}
	for i := range w.Others {
		w.Others[i] = s.Token("oth")
	}
	for i, name := range []string{"anna", "bert"} {
		w.Past[i] = Said{s.Token(name), s.Token("his")}
	}
	return w
}

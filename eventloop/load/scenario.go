package load

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley/protocol"
)

// A Scenario is one measurement and its settings.
type Scenario struct {
	Name     string        `json:"scenario"`
	Clients  int           `json:"clients"`     // connections
	Senders  int           `json:"senders"`     // of the clients, in room, reconnect and resume; see SetSenders
	Rate     float64       `json:"rate"`        // messages, logins or invitations per second, of all together; 0: as Window allows
	Window   int           `json:"window"`      // messages or logins under way at most, with Rate 0
	Size     int           `json:"size"`        // bytes of a text
	Duration time.Duration `json:"duration_ns"` // of the measurement, once all are logged in
	Ramp     time.Duration `json:"ramp_ns"`     // over which the clients arrive, and then the rate rises
	Accounts int           `json:"accounts"`    // of the clients, who log in with a password
	Drop     float64       `json:"drop"`        // percent of the clients that lose their connection, in reconnect and resume
	Miss     int           `json:"miss"`        // messages that are said before they come back, in resume

	Rooms     int     `json:"rooms"`      // that the clients make, in room and resume; 0: all talk in the lobby
	RoomsEach int     `json:"rooms_each"` // of them, how many each client is in
	Churn     float64 `json:"churn"`      // joins and leaves per second of those who do not send, in room
}

// Limits of a scenario.
const (
	MaxClients = 1 << 20
	MaxWindow  = 1 << 20

	// maxChecked is how many pairs of receiver and sender are checked: each takes 4 bytes.
	maxChecked = 1 << 26

	// maxRooms is how many rooms Parley bears.
	maxRooms = 50_000
)

// A kind is one row of the table of scenarios.
type kind struct {
	name     string
	extended bool // needs requests that only Parley has
	talks    bool // has messages, which are checked
	run      func(*round) error
	help     string
}

func kinds() []kind {
	return []kind{
		{"room", false, true, (*round).room, "senders talk to all clients, or in many rooms with --rooms"},
		{"dm", true, true, (*round).dm, "pairs of clients talk to each other alone"},
		{"login", false, false, (*round).login, "clients connect, log in, leave, and do it again"},
		{"idle", false, false, (*round).idle, "clients are logged in and say nothing"},
		{"mixed", false, true, (*round).mixed, "clients come, talk, ask who is there, read slowly and go"},
		{"reconnect", false, true, (*round).reconnect, "a part of a talking room loses its connections at once and comes back"},
		{"resume", true, true, (*round).resume, "the same, but it misses messages and comes back for them"},
		{"private", true, false, (*round).private, "pairs of clients invite each other to private sessions"},
	}
}

func kindOf(name string) (kind, bool) {
	list := kinds()
	i := slices.IndexFunc(list, func(k kind) bool { return k.name == name })
	if i < 0 {
		return kind{}, false
	}
	return list[i], true
}

// names returns those of the scenarios.
func names() []string {
	var names []string
	for _, k := range kinds() {
		names = append(names, k.name)
	}
	return names
}

// Help returns an indented line about each scenario.
func Help() string {
	var b strings.Builder
	for _, k := range kinds() {
		fmt.Fprintf(&b, "  %-10s %s\n", k.name, k.help)
	}
	return b.String()
}

// Check returns an error that says what to change in a scenario that cannot be run.
func (s *Scenario) Check(plain bool) error {
	k, ok := kindOf(s.Name)
	pairs := s.Name == "dm" || s.Name == "private"
	switch {
	case !ok:
		return fmt.Errorf("there is no scenario %q; there are %s", s.Name, strings.Join(names(), ", "))
	case plain && k.extended:
		return fmt.Errorf("%s needs requests that only Parley has: run it without plain", s.Name)
	case s.Clients < 1 || s.Clients > MaxClients:
		return fmt.Errorf("clients is %d; it can be 1 to %d", s.Clients, MaxClients)
	case pairs && s.Clients%2 != 0:
		return fmt.Errorf("clients is %d; %s needs an even number", s.Clients, s.Name)
	case s.Senders < 1 || s.Senders > s.Clients:
		return fmt.Errorf("senders is %d; it can be 1 to the number of clients, %d", s.Senders, s.Clients)
	case !(s.Rate >= 0) || s.Rate > 1e7:
		return fmt.Errorf("rate is %g; it can be 0 to 10000000 a second", s.Rate)
	case s.Rate == 0 && (s.Name == "mixed" || s.drops()):
		return fmt.Errorf("rate is 0; %s needs one, since it is not known beforehand who is there to hear", s.Name)
	case s.drops() && s.Senders == s.Clients:
		return fmt.Errorf("senders is %d; %s needs clients who do not send, since those lose their connections", s.Senders, s.Name)
	case s.Window < 1 || s.Window > MaxWindow:
		return fmt.Errorf("window is %d; it can be 1 to %d", s.Window, MaxWindow)
	case s.Size < MinSize || s.Size > protocol.MaxText:
		return fmt.Errorf("size is %d; it can be %d to %d bytes", s.Size, MinSize, protocol.MaxText)
	case s.Duration <= 0:
		return fmt.Errorf("duration is %s; it must be more than 0", s.Duration)
	case s.Ramp < 0 || s.Ramp > s.Duration && s.Rate > 0:
		return fmt.Errorf("ramp is %s; it can be 0 to the duration, %s", s.Ramp, s.Duration)
	case s.Accounts < 0 || s.Accounts > s.Clients:
		return fmt.Errorf("accounts is %d; it can be 0 to the number of clients, %d", s.Accounts, s.Clients)
	case s.Accounts > 0 && plain:
		return fmt.Errorf("accounts is %d; passwords are not in the course protocol: run it without plain", s.Accounts)
	case !(s.Drop > 0 && s.Drop <= 100):
		return fmt.Errorf("drop is %g; it is percent, more than 0 and at most 100", s.Drop)
	case s.Miss < 0:
		return fmt.Errorf("miss is %d; it must be 0 or more", s.Miss)
	case s.Rooms < 0 || s.Rooms > maxRooms:
		return fmt.Errorf("rooms is %d; it can be 0 to %d", s.Rooms, maxRooms)
	case s.hasRooms():
		return s.checkRooms(plain)
	case s.Name == "room" && s.Churn != 0:
		return fmt.Errorf("churn is %g; it needs rooms to join and leave", s.Churn)
	case s.Clients*s.talkers(plain) > maxChecked:
		return fmt.Errorf("clients times senders is %d; at most %d can be checked", s.Clients*s.talkers(plain), maxChecked)
	}
	return nil
}

// hasRooms reports whether the clients talk in rooms of their own.
func (s *Scenario) hasRooms() bool {
	return s.Rooms > 0 && (s.Name == "room" || s.Name == "resume")
}

// checkRooms is Check of what is about rooms.
func (s *Scenario) checkRooms(plain bool) error {
	pairs := s.Clients * s.RoomsEach * max(1, s.Senders*s.RoomsEach/s.Rooms) // of receivers and the senders of their rooms
	switch {
	case plain:
		return fmt.Errorf("rooms is %d; rooms are not in the course protocol: run it without plain", s.Rooms)
	case s.RoomsEach < 1 || s.RoomsEach > min(s.Rooms, protocol.MaxJoined):
		return fmt.Errorf("rooms-each is %d; it can be 1 to %d", s.RoomsEach, min(s.Rooms, protocol.MaxJoined))
	case s.Clients*s.RoomsEach < s.Rooms:
		return fmt.Errorf("rooms is %d; %d clients that are in %d of them each fill %d", s.Rooms, s.Clients, s.RoomsEach, s.Clients*s.RoomsEach)
	case s.Clients*maxMade < s.Rooms:
		return fmt.Errorf("rooms is %d; %d clients can make %d, at most %d each", s.Rooms, s.Clients, s.Clients*maxMade, maxMade)
	case !(s.Churn >= 0) || s.Churn > 1e6:
		return fmt.Errorf("churn is %g; it can be 0 to 1000000 a second", s.Churn)
	case s.Churn > 0 && s.Name == "room" && s.Rate == 0:
		return fmt.Errorf("rate is 0; churn needs one, since it is not known beforehand who is there to hear")
	case s.Churn > 0 && s.Name == "room" && s.Senders == s.Clients:
		return fmt.Errorf("senders is %d; churn needs clients who do not send, since those join and leave", s.Senders)
	case pairs > maxChecked:
		return fmt.Errorf("there are %d pairs of clients and senders of one room; at most %d can be checked", pairs, maxChecked)
	}
	return nil
}

// defaultSenders is how many clients talk in the lobby, if nothing is said.
const defaultSenders = 4

// SetSenders chooses how many clients talk, if Senders is 0: a few or, in rooms, so many
// that somebody talks in each.
func (s *Scenario) SetSenders() {
	if s.Senders == 0 {
		s.Senders = defaultSenders
		if s.hasRooms() && s.RoomsEach > 0 {
			s.Senders = max(s.Senders, (s.Rooms+s.RoomsEach-1)/s.RoomsEach)
		}
		if s.drops() || s.Churn > 0 {
			s.Senders = min(s.Senders, s.Clients-1)
		}
	}
	s.Senders = min(s.Senders, s.Clients)
}

// drops reports whether a part of the clients loses its connections.
func (s *Scenario) drops() bool { return s.Name == "reconnect" || s.Name == "resume" }

// talkers returns how many senders each receiver keeps account of. Where clients
// come and go, the server's numbers are used, which plain servers do not have.
func (s *Scenario) talkers(plain bool) int {
	switch {
	case s.Name == "room", s.Name == "reconnect" && plain:
		return s.Senders
	case s.Name == "mixed" && plain:
		return s.Clients
	case s.Name == "dm":
		return 1
	}
	return 0
}

// A setting reads one value of a scenario file.
type setting func(s *Scenario, value string) error

func settings() map[string]setting {
	whole := func(field func(*Scenario) *int) setting {
		return func(s *Scenario, value string) (err error) {
			if *field(s), err = strconv.Atoi(value); err != nil {
				err = fmt.Errorf("%q is not a whole number", value)
			}
			return err
		}
	}
	number := func(field func(*Scenario) *float64) setting {
		return func(s *Scenario, value string) (err error) {
			if *field(s), err = strconv.ParseFloat(value, 64); err != nil {
				err = fmt.Errorf("%q is not a number", value)
			}
			return err
		}
	}
	duration := func(field func(*Scenario) *time.Duration) setting {
		return func(s *Scenario, value string) (err error) {
			if *field(s), err = time.ParseDuration(value); err != nil {
				err = fmt.Errorf("%q is not a duration such as 10s or 500ms", value)
			}
			return err
		}
	}
	return map[string]setting{
		"clients":  whole(func(s *Scenario) *int { return &s.Clients }),
		"senders":  whole(func(s *Scenario) *int { return &s.Senders }),
		"rate":     number(func(s *Scenario) *float64 { return &s.Rate }),
		"window":   whole(func(s *Scenario) *int { return &s.Window }),
		"size":     whole(func(s *Scenario) *int { return &s.Size }),
		"duration": duration(func(s *Scenario) *time.Duration { return &s.Duration }),
		"ramp":     duration(func(s *Scenario) *time.Duration { return &s.Ramp }),
		"accounts": whole(func(s *Scenario) *int { return &s.Accounts }),
		"drop":     number(func(s *Scenario) *float64 { return &s.Drop }),
		"miss":     whole(func(s *Scenario) *int { return &s.Miss }),

		"rooms":      whole(func(s *Scenario) *int { return &s.Rooms }),
		"rooms-each": whole(func(s *Scenario) *int { return &s.RoomsEach }),
		"churn":      number(func(s *Scenario) *float64 { return &s.Churn }),
	}
}

// ParseScenarios reads a scenario file: a line per scenario, its name and then
// settings as KEY=VALUE, with the rest as in base. Empty lines and what follows
// a # are passed over.
//
//	# a crowded room, then a storm
//	room   clients=1000 senders=4 rate=100 duration=30s
//	login  clients=500 rate=0 window=64
//
// Errors name the line.
func ParseScenarios(r io.Reader, base Scenario, plain bool) ([]Scenario, error) {
	var list []Scenario
	lines := bufio.NewScanner(r)
	known := settings()
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		s := base
		s.Name = words[0]
		for _, word := range words[1:] {
			key, value, ok := strings.Cut(word, "=")
			set := known[key]
			if !ok || set == nil {
				return nil, fmt.Errorf("line %d: %q is not a setting: KEY=VALUE with one of %s", n, word, strings.Join(sortedKeys(known), ", "))
			}
			if err := set(&s, value); err != nil {
				return nil, fmt.Errorf("line %d: %s: %w", n, key, err)
			}
		}
		s.SetSenders()
		if err := s.Check(plain); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		list = append(list, s)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("there is no scenario in it: a line each, such as: room clients=100 rate=10")
	}
	return list, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

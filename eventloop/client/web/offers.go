package web

// Offers is what a page offers beside saying something: what can be done with a line, with a
// person or with oneself, what is asked before, the settings, and the list of keys. It is the
// same for all chats of a program, and there is one menu and one form for all of it.
type Offers struct {
	All      map[string]Offer   // by the names by which the page calls them
	Menus    map[string][]Group // line, person, self, settings
	Settings []Setting
	Keys     []Keys
}

// An Offer is one thing that can be done. In its texts, and in the command, {who} is the
// person, {room} the room in which one is, {number} that of the line, and {why} and the like
// what was put into the form. A blank within the braces, as in { why}, is there only if
// something is behind it.
//
// Without Line and Ask the page does it by itself, or State.Offered says what it is.
type Offer struct {
	Label string   // in a menu
	Of    string   // line: it is done with a line, else with a person or nobody
	Needs []string // what must hold, see Needs; with a ! what must not
	Form  *Form    // is shown before
	Line  string   // the command that does it
	Goes  string   // the page goes to that of the person: direct:, private:
	Ask   string   // the ask that does it, with in, name, number, on and the fields of the form
}

// A Group is a part of a menu.
type Group struct {
	Title  string // {role} is what one is in the room
	Needs  []string
	Offers []string
}

// A Form asks something before it is done.
type Form struct {
	Title  string
	Text   string // what comes of it
	Fields []Field
	Button string
	Risk   bool // it cannot be taken back, or hurts somebody
}

// A Field of a form is a line of text, or one of some values, each with its label.
type Field struct {
	Name     string
	Label    string
	Values   [][2]string
	Required bool
	Secret   bool // nobody else may see it
}

// A Setting is one of several values, or, without any, yes or no.
type Setting struct {
	Name    string
	Title   string // of what begins with it
	Label   string
	Values  []string
	Default string
}

// Keys are those of one place: each with what it does.
type Keys struct {
	Title string
	Keys  [][2]string
}

// Needs are what an offer or a group may need.
var Needs = []string{
	"plain",   // the server is a plain one
	"private", // there can be private sessions
	"account", // one's own name is registered
	"away",    // one is away
	"own",     // the line is one's own
	"other",   // somebody else has said it, whose name is known
	"able",    // the server knows the line, and it is not removed
	"order",   // one keeps order in the room where one is
}

// Offered is what this program offers.
var Offered = &Offers{
	All: map[string]Offer{
		"reactMenu": {Label: "React…", Needs: []string{"able"}, Of: "line"},
		"reactOther": {Label: "Other…", Of: "line", Ask: AskReact,
			Form: &Form{Title: "React", Text: "A word or an emoji", Fields: []Field{{Name: "text", Label: "Word", Required: true}}, Button: "React"}},
		"reply":       {Label: "Reply", Needs: []string{"able"}, Of: "line"},
		"edit":        {Label: "Edit", Needs: []string{"able", "own"}, Of: "line"},
		"copy":        {Label: "Copy text", Of: "line"},
		"remove":      {Label: "Remove…", Needs: []string{"able", "own"}, Of: "line", Form: removal, Ask: AskRemove},
		"removeOther": {Label: "Remove this line…", Needs: []string{"able"}, Of: "line", Form: removal, Ask: AskRemove},
		"report": {Label: "Report this line…", Needs: []string{"able"}, Of: "line", Line: "/report {number}{ why}",
			Form: &Form{Title: "Report this line", Text: "Those who keep order read it, and why.", Fields: why("Why"), Button: "Report"}},

		"direct":       {Label: "Write to {who} alone", Goes: "direct:"},
		"startPrivate": {Label: "Ask for a private session", Needs: []string{"private"}, Ask: AskPrivateStart, Goes: "private:"},
		"whois":        {Label: "Who is {who}", Line: "/whois {who}"},
		"block": {Label: "Block {who}…", Line: "/block {who}",
			Form: &Form{Title: "Block {who}", Text: "You hear nothing more of {who}. /unblock {who} takes it back.", Button: "Block", Risk: true}},
		"mute":  order("Mute", "/mute {who}{ room}{ time}{ why}", howLong),
		"kick":  order("Kick", "/kick {who}{ room}{ why}"),
		"ban":   order("Ban", "/ban {who}{ room}{ time}{ why}", howLong),
		"audit": {Label: "What was done here", Line: "/audit"},

		"back": {Label: "I am back", Needs: []string{"away"}, Line: "/back"},
		"away": {Label: "Away…", Needs: []string{"!away"}, Line: "/away{ why}",
			Form: &Form{Title: "Away", Text: "Others see that you are away, and why.", Fields: why("Why (may be empty)"), Button: "Go away"}},
		"sessions": {Label: "Where I am logged in", Line: "/sessions"},
		"blocked":  {Label: "Whom I have blocked", Line: "/blocked"},
		"settings": {Label: "Settings"},
		"passwd":   {Label: "Change password…", Needs: []string{"!plain", "account"}, Line: "/passwd"},
		"register": {Label: "Register this name…", Needs: []string{"!plain", "!account"}, Line: "/register"},
		"logout":   {Label: "Log out", Line: "/logout"},

		"join": {Line: "/join {who}"},
		"joinKey": {Line: "/join {who} {key}",
			Form: &Form{Title: "Join {who}", Fields: []Field{{Name: "key", Label: "Its key", Required: true}}, Button: "Join"}},
		"newRoom": {Line: "/create {name}{ how}", Form: &Form{Title: "New room", Button: "Make it", Fields: []Field{
			{Name: "name", Label: "Name (letters and digits)", Required: true}, {Name: "how", Label: "Who may join", Values: [][2]string{{"", "all"}, {"private", "who was invited"}}}}}},

		"accept":     {Ask: AskPrivateAccept},
		"decline":    {Ask: AskPrivateDecline},
		"end":        {Ask: AskPrivateEnd},
		"words":      {Ask: AskPrivateWords, Goes: "private:"},
		"verify":     {Ask: AskPrivateVerify},
		"closeWords": {},
		"trust": {Ask: AskPrivateTrust,
			Form: &Form{Title: "Take the new key of {who}?", Text: "It starts as not verified. Compare the words when the session is open.", Button: "Take the new key", Risk: true}},

		"send": {}, "jumpTo": {}, "beside": {}, "react": {Ask: AskReact}, "around": {Line: "/around {who}"},
		"search": {Ask: AskSearch}, "searchMore": {Ask: AskSearch},
		"answer": {Ask: AskAnswer}, "cancelQuestion": {Ask: AskCancel}, "retry": {Ask: AskRetry},
	},
	Menus: map[string][]Group{
		"line": {
			{Offers: []string{"reactMenu", "reply", "edit", "copy", "remove"}},
			{Needs: []string{"other", "!plain"}, Offers: []string{"direct", "startPrivate", "whois", "block", "report"}},
			{Needs: []string{"other", "!plain", "order"}, Title: "As {role} here", Offers: []string{"removeOther", "mute", "kick", "ban", "audit"}},
		},
		"person":   {{Offers: []string{"direct", "startPrivate", "whois", "block"}}},
		"self":     {{Offers: []string{"back", "away", "sessions", "blocked", "settings"}}},
		"settings": {{Offers: []string{"passwd", "register", "logout"}}},
	},
	Settings: []Setting{
		{Name: "theme", Title: "Theme", Values: []string{"system", "light", "dark"}, Default: "system"},
		{Name: "density", Title: "Density", Values: []string{"comfortable", "compact"}, Default: "comfortable"},
		{Name: "notify", Title: "Notifications", Label: "Show them on this desktop", Default: "no"},
		{Name: "meant", Label: "Only for mentions, direct and private lines", Default: "yes"},
		{Name: "fold", Title: "Reading", Label: "Fold long texts", Default: "yes"},
		{Name: "enter", Title: "Keys", Label: "Enter sends", Default: "yes"},
		{Name: "letters", Label: "Single-letter keys outside the field", Default: "yes"},
		{Name: "typing", Title: "Privacy", Label: "Tell the other one of a private session that I am writing", Default: "yes"},
	},
	Keys: []Keys{
		{"Anywhere", [][2]string{{"Ctrl K", "jump to a room or person"}, {"Alt ↑ ↓", "conversation above, below"}, {"Alt Shift ↑ ↓", "next with unread lines"},
			{"F6", "next part of the page"}, {"Ctrl /", "this list"}, {"Esc", "close; back to the field"}}},
		{"In the field", [][2]string{{"Enter", "send (by touch: new line)"}, {"Shift Enter", "new line"}, {"↑ (empty)", "edit your last line"},
			{"Tab", "complete a command or name"}, {"//", "a line that begins with /"}}},
		{"On a line reached by keys", [][2]string{{"↑ ↓ or j k", "line above, below"}, {"Home End", "first, last line"}, {"Enter", "all actions"}, {"r e +", "reply, edit, react"},
			{"Tab", "its links and buttons"}}},
		{"Outside the field", [][2]string{{"?", "this list"}, {"/", "search"}, {"u (on a line)", "first unread line"}, {"other letters", "go into the field"}}},
	},
}

var removal = &Form{Title: "Remove this line", Text: "Its text is gone for all who see it. That it was there stays.",
	Fields: []Field{{Name: "text", Label: "Why (others read this)"}}, Button: "Remove", Risk: true}

var howLong = Field{Name: "time", Label: "For", Values: [][2]string{{"10m", "10m"}, {"1h", "1h"}, {"1d", "1d"}, {"", "for ever"}}}

func why(label string) []Field { return []Field{{Name: "why", Label: label}} }

// order is what those do who keep order in a room.
func order(label, command string, fields ...Field) Offer {
	return Offer{Label: label + " {who}…", Line: command, Form: &Form{
		Title: label + " {who}", Text: "{who} sees who did it and why. The audit keeps it.", Fields: append(fields, why("Why")...), Button: label, Risk: true}}
}

package forms

import (
	"strconv"
	"strings"

	"parley/eventloop/client/command"
	"parley/protocol"
)

const historySyntax = "/history [ROOM|with:NAME] [before|after|around ID] [COUNT]"

// history reads where to look, and for what.
func history(arg string, here Here) (Fields, string) {
	f := Fields{}
	for first := true; arg != ""; first = false {
		word, rest := command.CutWord(arg)
		name, with := cutFold(word, "with:")
		if !with {
			name, with = strings.CutPrefix(word, "@")
		}
		lower := strings.ToLower(word)
		switch {
		case isCount(word):
			if f["count"] != "" || rest != "" {
				return nil, "Only a number alone stands at the end: " + historySyntax
			}
			f["count"] = word
		case lower == "before" || lower == "after" || lower == "around":
			var why string
			if rest, why = f.anchor(lower, rest); why != "" {
				return nil, why
			}
		case first && with:
			if err := protocol.CheckName(name); err != nil {
				return nil, err.Text + " Type " + historySyntax
			}
			f["with"] = name
		case first && protocol.CheckRoom(strings.TrimPrefix(word, "#")) == nil:
			f["room"] = strings.TrimPrefix(word, "#")
		default:
			return nil, "Type " + historySyntax
		}
		arg = rest
	}
	return f.placed(here, "/history ROOM, or /history with:NAME")
}

// anchor takes the number of the message from which on, or around which, one looks.
func (f Fields) anchor(where, arg string) (rest, why string) {
	word, rest := command.CutWord(arg)
	id, ok := ID(word)
	switch {
	case !ok && word != "0":
		return "", "The number of a message stands behind " + where + ", such as: /history " + where + " 12"
	case f["before"]+f["after"]+f["around"] != "":
		return "", "Only one of before, after and around: " + historySyntax
	}
	f[where] = strconv.FormatUint(id, 10)
	return rest, ""
}

// placed adds the conversation that plain lines are for, if none is named.
func (f Fields) placed(here Here, syntax string) (Fields, string) {
	switch {
	case f["room"] != "" || f["with"] != "":
	case here.Person != "":
		f["with"] = here.Person
	case here.Room != "":
		f["room"] = here.Room
	default:
		return nil, "Your lines are for no room and nobody whose words the server has. Type " + syntax
	}
	return f, ""
}

// around is the history around a message.
func around(arg string, here Here) (Fields, string) {
	word, rest := command.CutWord(arg)
	if _, ok := ID(word); !ok || rest != "" && !isCount(rest) {
		return nil, "Type /around and the number of a message, such as: /around 12"
	}
	return history("around "+arg, here)
}

func isCount(word string) bool { return word != "" && strings.Trim(word, "0123456789") == "" }

func versions(arg string, _ Here) (Fields, string) {
	id, ok := ID(arg)
	if !ok {
		return nil, "Type /versions and the number of a message, such as: /versions 12"
	}
	return Fields{"id": strconv.FormatUint(id, 10)}, ""
}

// cutFold cuts a beginning off a word, in any letter case.
func cutFold(word, before string) (rest string, ok bool) {
	if len(word) < len(before) || !strings.EqualFold(word[:len(before)], before) {
		return word, false
	}
	return word[len(before):], true
}

package web

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	longestLink = 2000 // bytes: one that is longer is text
	mostLinks   = 100  // of one text that can be clicked
)

var (
	links = regexp.MustCompile("(?i)https?://[^\\s\\p{Z}<>\"'`\u00ab\u00bb\ufeff]+")
	opens = map[byte]string{')': "(", ']': "[", '}': "{"}
)

// rich is a text with links that can be clicked, and with one's own name made visible; me is "" if
// that is not in it. Where a link leads is said by the page: the browser reads it in its own way.
func rich(text, me string) list {
	var all list
	behind, found := 0, 0
	for _, m := range links.FindAllStringIndex(text, -1) {
		if m[1]-m[0] > longestLink || found == mostLinks {
			continue
		}
		url := trimmed(text[m[0]:m[1]])
		if strings.HasSuffix(url, "://") {
			continue
		}
		all = append(all, named(text[behind:m[0]], me), el("a", at{"href": url}, url))
		behind, found = m[0]+len(url), found+1
	}
	return append(all, named(text[behind:], me))
}

// trimmed is a link without what ends the sentence around it.
func trimmed(url string) string {
	for url != "" {
		last := url[len(url)-1]
		if open := opens[last]; open != "" {
			if strings.Count(url, open) >= strings.Count(url, string(last)) {
				return url
			}
		} else if !strings.ContainsRune(".,;:!?*_~", rune(last)) {
			return url
		}
		url = url[:len(url)-1]
	}
	return url
}

// named is a text in which a name is made visible wherever it is a word of its own, with the @ before it.
func named(text, me string) list {
	if me == "" || text == "" {
		return list{text}
	}
	var all list
	own := regexp.MustCompile("(?i)" + regexp.QuoteMeta(me))
	shown := 0
	for from := 0; ; {
		m := own.FindStringIndex(text[from:])
		if m == nil {
			return append(all, text[shown:])
		}
		begin, end := from+m[0], from+m[1]
		_, size := utf8.DecodeRuneInString(text[begin:])
		from = begin + size
		before, _ := utf8.DecodeLastRuneInString(text[shown:begin])
		behind, _ := utf8.DecodeRuneInString(text[end:])
		if isOfWord(before) || isOfWord(behind) {
			continue
		}
		if head := text[shown:begin]; strings.HasSuffix(head, "@") {
			if before, _ := utf8.DecodeLastRuneInString(head[:len(head)-1]); !isOfWord(before) {
				begin--
			}
		}
		all = append(all, text[shown:begin], el("span.me", text[begin:end]))
		shown, from = end, end
	}
}

func isOfWord(r rune) bool {
	return r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r))
}

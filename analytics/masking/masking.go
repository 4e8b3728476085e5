// Package masking takes out of a text what names a person: e-mail addresses,
// telephone numbers, links, accounts, and the names of a roster in the forms
// that Ukrainian and English give them. It is pure.
//
// It masks rather too much than too little. What it does not find: nicknames and
// diminutives («Сашко» for Олександр), names misspelt or in another alphabet
// than the roster's, people who are not in the roster, and everything that tells
// who somebody is without a name. A name that is an ordinary word too, such as
// Надія, Роман, Will or May, is masked where it has a capital letter, at the
// beginning of a sentence too; in small letters it is taken for the word.
package masking

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mentorpulse/analytics/lexis"
)

// Mark stands for what was masked. It is one character of Unicode's private use,
// of which texts keep none of their own, so that nothing typed looks like it: no
// mark is a word, and none is found by a search.
type Mark = rune

// The marks.
const (
	Email Mark = '\uE000' + iota
	Phone
	Link
	Account
	Name
)

// Person is one of the roster.
type Person struct{ Name, Email string }

// Masker masks texts. It is not changed after New, so goroutines may share it.
type Masker struct{ names *names }

// New prepares masking for the people of a roster. What is kept grows with the
// number of different names, not of people.
func New(people []Person) *Masker {
	m := &Masker{names: &names{roots: map[string]shape{}}}
	for _, p := range people {
		m.names.add(p)
	}
	return m
}

// Mask returns the text with marks, and without what could not be shown: broken
// bytes, control characters but line breaks and tabs, and those that turn the
// direction of writing past their end. The empty text stays empty.
func (m *Masker) Mask(text string) string {
	text = strings.TrimSpace(strings.Map(showable, strings.ToValidUTF8(text, "")))
	// Most comments have nothing of the kind, and to look first is far quicker.
	if strings.Contains(text, "@") {
		text = emails.ReplaceAllString(text, string(Email))
	}
	if mayBeSpelt(text) {
		text = spelt.ReplaceAllString(text, string(Email))
	}
	if mayBeLink(text) {
		text = links.ReplaceAllString(text, string(Link))
	}
	if strings.Contains(text, "@") {
		text = accounts.ReplaceAllString(text, "${1}"+string(Account))
	}
	return m.names.mask(maskPhones(text))
}

// mayBeSpelt reports whether there is a word that stands for @.
func mayBeSpelt(text string) bool {
	small := strings.ToLower(text)
	for _, word := range []string{"at", "собака", "равлик"} {
		if strings.Contains(small, word) {
			return true
		}
	}
	return false
}

// mayBeLink reports whether a full stop or colon stands inside a word.
func mayBeLink(text string) bool {
	for i, r := range text {
		if r == '.' || r == ':' {
			next, _ := utf8.DecodeRuneInString(text[i+1:])
			if unicode.IsLetter(next) || next == '/' {
				return true
			}
		}
	}
	return false
}

// Marks reports whether the text has a mark.
func Marks(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= Email && r <= Name }) >= 0
}

func showable(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case unicode.IsControl(r) || unicode.Is(unicode.Co, r):
		return -1
	case r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069':
		return -1
	case r == '\u2028' || r == '\u2029':
		return '\n'
	}
	return r
}

const (
	// part is what an address is made of: all but spaces and what encloses it.
	part = `[^\s<>()\[\]{},;:"«»“”„|@\x{E000}-\x{E004}]`
	// domain ends in a letter or digit, so that the full stop of the sentence stays.
	domain = part + `*[\p{L}\p{N}]`
	// zones are the ends of addresses that are known without http:// before them.
	zones = `(?:(?:com|net|org|info|biz|edu|gov|io|me|ai|app|dev|co|cc|tv|ly|eu|ua|uk|us|de|fr|pl|cz|ro|sk|hu|example)\b|укр)`
)

var (
	emails = regexp.MustCompile(part + `+\s?@\s?` + domain + `(?:\.` + domain + `)+|` + part + `+@` + domain)
	// spelt: so that programs do not find it: olena (at) acme.example.
	spelt = regexp.MustCompile(`(?i)` + part + `+\s*[\[({]\s*(?:at|собака|равлик)\s*[\])}]\s*` + domain + `(?:\s*(?:[\[({]\s*(?:dot|крапка)\s*[\])}])\s*` + domain + `)*|` +
		part + `+\s+(?:at|собака|равлик)\s+` + part + `+(?:\.|\s+(?:dot|крапка)\s+)` + zones)
	links = regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s<>«»“”]+[^\s<>«»“”.,;:!?)\]]|\bwww\.[^\s<>«»“”]*[\p{L}\p{N}/]|` +
		`(?:[\p{L}\p{N}-]+\.)+` + zones + `(?:[/?#](?:[^\s<>«»“”]*[^\s<>«»“”.,;:!?)\]])?)?`)
	accounts = regexp.MustCompile(`(^|[^\p{L}\p{N}])@[\p{L}\p{N}_][\p{L}\p{N}_.\-]*`)
)

// mask replaces names, several in a row by one mark.
func (n *names) mask(text string) string {
	if len(n.roots) == 0 {
		return text
	}
	var (
		out  strings.Builder
		done int  // what of the text is written
		last = -1 // end of the last name, with the initials after it
	)
	for _, token := range lexis.Tokens(text) {
		for _, span := range n.find(text, token) {
			start, end := initials(text, span)
			start = max(start, done)
			if last < 0 || !beside(text[last:start]) {
				out.WriteString(text[done:start])
				out.WriteRune(Name)
			}
			done, last = end, end
		}
	}
	out.WriteString(text[done:])
	return out.String()
}

// span is a stretch of the text, in bytes.
type span struct{ start, end int }

// find gives the names in a token: the token, or those of the words that were
// written together with capitals inside («ДякуюОлені»).
func (n *names) find(text string, token lexis.Token) []span {
	whole := text[token.Start:token.End]
	if n.is(token.Word, capital(whole)) {
		return []span{{token.Start, token.End}}
	}
	var found []span
	start, before := 0, rune(0)
	piece := func(end int) {
		if start == 0 && end == len(whole) {
			return
		}
		for _, t := range lexis.Tokens(whole[start:end]) {
			if n.is(t.Word, true) && utf8.RuneCountInString(t.Word) > 2 {
				found = append(found, span{token.Start + start + t.Start, token.Start + start + t.End})
			}
		}
	}
	for i, r := range whole {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			piece(i)
			start = i
		}
		before = r
	}
	piece(len(whole))
	return found
}

func capital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

var (
	initialsBefore = regexp.MustCompile(`(?:^|[^\p{L}\p{N}])((?:\p{Lu}\.\s?){1,3})$`)
	initialsAfter  = regexp.MustCompile(`^\s?(?:\p{Lu}\.\s?){0,2}\p{Lu}\.`)
)

// initials widens a name by the initials beside it: «О. Ковальчук», «Ковальчук О. В.».
func initials(text string, s span) (start, end int) {
	const near = 24 // three initials with spaces take no more
	from := max(0, s.start-near)
	for from < s.start && !utf8.RuneStart(text[from]) {
		from++
	}
	if at := initialsBefore.FindStringSubmatchIndex(text[from:s.start]); at != nil {
		s.start = from + at[2]
	}
	if at := initialsAfter.FindStringIndex(text[s.end:min(len(text), s.end+near)]); at != nil {
		s.end += at[1]
	}
	return s.start, s.end
}

// beside reports whether two names are one: only a space or a hyphen between.
func beside(between string) bool {
	return utf8.RuneCountInString(between) <= 3 && strings.Trim(between, " \u00a0-‐‑") == ""
}

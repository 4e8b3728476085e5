package masking

import (
	"regexp"
	"strings"
	"unicode"
)

// sep is what may stand between the digits of a telephone number.
const sep = `[ \t\x{a0}\x{2009}\x{202f}.\-‐‑–/]{0,2}`

// fewest digits of any telephone number.
const fewest = 7

// phones are the ways to write a telephone number, each with how many digits it
// has. A year, a date, a time, an amount and a short number look like none.
var phones = []struct {
	form     *regexp.Regexp
	min, max int
}{
	// International, +380 (67) 123-45-67 or 00 44 20 7946 0958.
	{regexp.MustCompile(`(?:\+\s?|\b00` + sep + `)\(?\d{1,4}\)?(?:` + sep + `\(?\d{1,5}\)?){1,7}`), 8, 17},
	// Ukrainian without the plus, 380 67 123 45 67, and with the old 8 before it.
	{regexp.MustCompile(`\b(?:38|8)` + sep + `\(?0\d{2}\)?` + sep + `\d{2,3}` + sep + `\d{2}` + sep + `\d{2,3}\b`), 11, 12},
	// National, 067 123-45-67, (044) 123 45 67, 020 7946 0958.
	{regexp.MustCompile(`(?:\(0\d{1,4}\)|\b0\d{1,4})(?:` + sep + `\d{2,4}){2,3}\b`), 9, 11},
	// (555) 123-4567.
	{regexp.MustCompile(`(?:\(\d{3}\)|\b\d{3})` + sep + `\d{3}[.\-‐‑–]\d{4}\b`), 10, 10},
	// Within a town, 123-45-67.
	{regexp.MustCompile(`\b\d{3}[\-‐‑–]\d{2}[\-‐‑–]\d{2}\b`), 7, 7},
	// Ten digits or more in one; amounts are not written so.
	{regexp.MustCompile(`\b\d{10,15}\b`), 10, 15},
}

var (
	// A date within, 05.01.2026, makes it no number to call.
	date = regexp.MustCompile(`\b\d{1,2}[./\-]\d{1,2}[./\-](?:19|20)\d{2}\b|\b(?:19|20)\d{2}[./\-]\d{1,2}[./\-]\d{1,2}\b`)
	// An amount, 10 000 000 or 1000000000, of which the search may have found the
	// end only.
	amount = regexp.MustCompile(`(?:^|[^\d])([1-9]\d{0,2}(?:[ \x{a0}\x{2009}\x{202f}.]\d{3})+|\d+0{6})$`)
)

func maskPhones(text string) string {
	digits := 0
	for _, r := range text {
		if unicode.IsDigit(r) {
			digits++
		}
	}
	if digits < fewest {
		return text
	}
	for _, p := range phones {
		var out strings.Builder
		done := 0
		for _, at := range p.form.FindAllStringIndex(text, -1) {
			start, end := at[0], trimmed(text, at[0], at[1])
			digits = 0
			for _, r := range text[start:end] {
				if unicode.IsDigit(r) {
					digits++
				}
			}
			if digits < p.min || digits > p.max || date.MatchString(text[start:end]) || isAmount(text, start, end) {
				continue
			}
			out.WriteString(text[done:start])
			out.WriteRune(Phone)
			done = end
		}
		text = out.String() + text[done:]
	}
	return text
}

// trimmed is where a number ends: what separates it from the next word, and the
// bracket around it, are the sentence's own.
func trimmed(text string, start, end int) int {
	end = start + len(strings.TrimRightFunc(text[start:end], unicode.IsSpace))
	found := text[start:end]
	if strings.HasSuffix(found, ")") && strings.Count(found, "(") < strings.Count(found, ")") {
		end--
	}
	return end
}

// isAmount reports whether a number is all or the end of an amount.
func isAmount(text string, start, end int) bool {
	from := max(0, start-len("999\u00a0"))
	at := amount.FindStringSubmatchIndex(text[from:end])
	return at != nil && from+at[2] <= start
}

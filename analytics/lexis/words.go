// Package lexis takes a text apart into its words and brings the forms of one
// word together, in Ukrainian and English: tokens, stems, stop words. It is pure
// and knows nothing of comments or people.
package lexis

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// Token is a word, or a run of digits, of a text.
type Token struct {
	// Word is in lower case, with the apostrophe ’ (U+2019), without stress
	// marks and without what no reader sees.
	Word string
	// Start and End are where it stands, in bytes.
	Start, End int
}

// Tokens are the words of a text in order. Letters and digits make tokens apart,
// and a hyphen parts two words; an apostrophe belongs to a word when letters
// stand on both sides of it.
func Tokens(text string) []Token {
	var list []Token
	start, kind := -1, byte(0)
	end := 0 // of the last letter or digit
	flush := func() {
		if start >= 0 {
			list = append(list, Token{fold(text[start:end]), start, end})
			start = -1
		}
	}
	for i, r := range text {
		is := kindOf(r)
		switch {
		case start >= 0 && i == end && unicode.Is(unicode.Mn, r):
			end += len(string(r)) // a mark on the letter before it
			continue
		case start >= 0 && (is == unseen || is == apostrophe && kind == letter && i == end):
			continue // kept when a letter follows
		case is != letter && is != digit:
			flush()
			continue
		case start >= 0 && (is != kind || i > end && !joined(text[end:i])):
			flush()
		}
		if start < 0 {
			start, kind = i, is
		}
		end = i + len(string(r))
	}
	flush()
	return list
}

// The kinds of characters.
const (
	other byte = iota
	letter
	digit
	apostrophe
	unseen // a soft hyphen, a stress mark, a joiner: inside a word as if not there
)

func kindOf(r rune) byte {
	switch {
	case strings.ContainsRune(apostrophes, r):
		return apostrophe // of which Unicode counts some as letters
	case unicode.IsLetter(r) && partsNone(r):
		return letter
	case unicode.IsDigit(r):
		return digit
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		return unseen
	}
	return other
}

// partsNone reports whether a letter is of letters alone when fold takes it apart:
// ŀ is an l and a dot, and ﷺ four words.
func partsNone(r rune) bool {
	for i, part := range string(norm.NFKD.PropertiesString(string(r)).Decomposition()) {
		mark := i > 0 && unicode.Is(unicode.Mn, part)
		if !mark && (!unicode.IsLetter(part) || strings.ContainsRune(apostrophes, part)) {
			return false
		}
	}
	return true
}

// apostrophes are the characters that people type for one.
const apostrophes = "'’‘`´ʼʹ′＇"

// joined reports whether what stands between two letters belongs to their word:
// one apostrophe at most, and what is not seen.
func joined(between string) bool {
	n := 0
	for _, r := range between {
		if kindOf(r) == apostrophe {
			n++
		}
	}
	return n <= 1
}

// fold gives the one form in which words are compared.
func fold(word string) string {
	simple := strings.IndexFunc(word, func(r rune) bool { return kindOf(r) == apostrophe || kindOf(r) == unseen }) < 0
	if simple && norm.NFKC.IsNormalString(word) {
		return norm.NFC.String(strings.ToLower(word)) // which is nearly every word
	}
	word = strings.Map(func(r rune) rune {
		if strings.ContainsRune(apostrophes, r) {
			return '’'
		}
		return r
	}, word)
	// Taken apart, й is и with a breve that is to stay, and a stressed о is о with
	// an acute that is not.
	apart := strings.Map(func(r rune) rune {
		switch {
		case r == '\u0301' || r == '\u0300' || unicode.Is(unicode.Cf, r):
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(word))
	return norm.NFC.String(apart)
}

// Stem brings the forms of a word, as Tokens gives it, together: what is left
// when its endings are taken off. A word in Cyrillic letters is taken for
// Ukrainian, any other for English, by the algorithm of Porter (2001), "Snowball".
// The stem is for comparing, not for reading.
func Stem(word string) string {
	for _, r := range word {
		if unicode.Is(unicode.Cyrillic, r) {
			return ukrainian(word)
		}
	}
	return english.Stem(strings.ReplaceAll(word, "’", "'"), true)
}

var (
	//go:embed stop.uk.txt
	stopUkrainian string
	//go:embed stop.en.txt
	stopEnglish string
)

var stops = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(stopUkrainian + "\n" + stopEnglish) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			set[word] = true
		}
	}
	return set
})

// Stop reports whether a word, as Tokens gives it, says nothing by itself: «і»,
// «який», "the", "would".
func Stop(word string) bool { return stops()[word] }

// Telling reports whether a word can tell what a text is about: it has at least
// three letters and is no stop word.
func Telling(word string) bool {
	n := 0
	for _, r := range word {
		if unicode.IsDigit(r) {
			return false
		}
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n >= 3 && !Stop(word)
}

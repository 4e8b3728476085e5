package masking

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"mentorpulse/analytics/lexis"
)

// names finds the names of a roster in any of their forms. It keeps the root of
// each with how it is declined, since to keep every form would take thirty times
// as much.
type names struct{ roots map[string]shape }

// longestEnding of any declension, in letters: «Оленин-ого» has six.
const longestEnding = 6

// add takes in the parts of a person's name, and of the address before the @,
// where names often stand in Latin letters.
func (n *names) add(p Person) {
	tokens := lexis.Tokens(p.Name)
	capitals := false
	for _, t := range tokens {
		capitals = capitals || capital(p.Name[t.Start:t.End])
	}
	for _, t := range tokens {
		if capitals && !capital(p.Name[t.Start:t.End]) {
			continue // «van», «де»: no name by itself
		}
		n.put(plain(t.Word))
	}
	local, _, _ := strings.Cut(p.Email, "@")
	pieces := strings.FieldsFunc(local, func(r rune) bool { return strings.ContainsRune("._-+", r) })
	for _, piece := range pieces {
		word := plain(strings.ToLower(piece))
		letters := utf8.RuneCountInString(word)
		named := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
		if named && letters >= 3 && (len(pieces) > 1 || letters >= 5) && !offices()[word] {
			n.put(word)
		}
	}
}

func (n *names) put(word string) {
	if utf8.RuneCountInString(word) < 2 || unicode.IsDigit(rune(word[0])) {
		return
	}
	for root, s := range declined(word) {
		n.roots[root] |= s
	}
}

// is reports whether a word, as lexis.Tokens gives it, is a name. One that is an
// ordinary word too, or has but two letters, is one with a capital only.
func (n *names) is(word string, capital bool) bool {
	form := plain(word)
	if !n.matches(form) {
		return false
	}
	return capital || utf8.RuneCountInString(form) > 2 && !ordinary(word)
}

func (n *names) matches(form string) bool {
	known := endings()
	for cut, back := len(form), 0; back <= longestEnding; back++ {
		if s, ok := n.roots[form[:cut]]; ok && s&known[form[cut:]] != 0 {
			return true
		}
		_, size := utf8.DecodeLastRuneInString(form[:cut])
		if cut -= size; cut <= 0 {
			return false
		}
	}
	return false
}

// lookalikes are the Latin letters that look like Cyrillic ones.
var lookalikes = strings.NewReplacer("a", "а", "b", "в", "c", "с", "e", "е", "h", "н", "i", "і", "ï", "ї", "k", "к", "m", "м", "o", "о", "p", "р", "t", "т", "x", "х", "y", "у")

// plain is the form in which names are compared: without apostrophes, in one
// alphabet, and for Latin letters without what stands above and below them.
func plain(word string) string {
	word = strings.ReplaceAll(word, "’", "")
	switch cyrillic, latin := has(word, unicode.Cyrillic), has(word, unicode.Latin); {
	case cyrillic && latin:
		return lookalikes.Replace(word)
	case latin:
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFD.String(word))
	}
	return word
}

func has(word string, script *unicode.RangeTable) bool {
	return strings.IndexFunc(word, func(r rune) bool { return unicode.Is(script, r) }) >= 0
}

//go:embed ordinary.txt
var ordinaryText string

// ordinaryStems are of the words that are names as well.
var ordinaryStems = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for line := range strings.Lines(ordinaryText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(line) {
			set[lexis.Stem(word)] = true
		}
	}
	return set
})

func ordinary(word string) bool { return lexis.Stop(word) || ordinaryStems()[lexis.Stem(word)] }

// offices are what stands before an @ and is nobody's name.
var offices = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields("mentor mentee mentors mentees comparison participant person people user employee employees staff member team lead manager director info office admin support help helpdesk contact hello mail email post sales marketing finance legal service services test demo work intern student junior senior") {
		set[word] = true
	}
	return set
})

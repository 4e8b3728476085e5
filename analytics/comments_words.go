package analytics

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"mentorpulse/analytics/lexis"
)

// stemmer remembers the stems of words: there are far fewer than occurrences.
type stemmer map[string]string

func (s stemmer) of(word string) string {
	stem, known := s[word]
	if !known {
		stem = lexis.Stem(word)
		s[word] = stem
	}
	return stem
}

// has reports whether a text has all of the stems. A mark is no word, so what it
// hides is never found.
func (s stemmer) has(text string, sought []string) bool {
	if len(sought) == 0 {
		return true
	}
	left := slices.Clone(sought)
	for _, token := range lexis.Tokens(text) {
		stem := s.of(token.Word)
		left = slices.DeleteFunc(left, func(one string) bool { return one == stem })
		if len(left) == 0 {
			return true
		}
	}
	return false
}

// recurrence counts the comments that have a word in any of its forms.
type recurrence struct {
	n       int
	forms   map[string]int
	here    int // in the wave and question being counted
	most    int // in any one wave and question
	counted spot
}

// recurring lists the words that at least k people used. To one question of one
// wave a person writes one comment, so a word in k of those is of k people. People
// are not counted over waves or questions, though the store could: a number of
// people smaller than that of the comments to be read would tell that some are of
// the same person.
func recurring(all []comment, k int) []CommentWord {
	stems, found := stemmer{}, map[string]*recurrence{}
	for _, c := range all {
		seen := map[string]bool{}
		part := spot{thread: c.thread, wave: c.wave}
		for _, token := range lexis.Tokens(c.text) {
			if !lexis.Telling(token.Word) {
				continue
			}
			stem := stems.of(token.Word)
			one := found[stem]
			if one == nil {
				one = &recurrence{forms: map[string]int{}}
				found[stem] = one
			}
			one.forms[token.Word]++
			if seen[stem] {
				continue
			}
			seen[stem] = true
			if one.counted != part {
				one.here, one.counted = 0, part
			}
			one.n++
			one.here++
			one.most = max(one.most, one.here)
		}
	}
	list := []CommentWord{}
	for stem, one := range found {
		if one.most >= k {
			list = append(list, CommentWord{one.form(), stem, one.n})
		}
	}
	slices.SortFunc(list, func(a, b CommentWord) int { return cmp.Or(b.N-a.N, strings.Compare(a.Stem, b.Stem)) })
	return list[:min(len(list), CommentWords)]
}

// form is the most frequent one, of several the shortest and first.
func (r *recurrence) form() string {
	best := ""
	for word, n := range r.forms {
		if best == "" || cmp.Or(r.forms[best]-n, utf8.RuneCountInString(word)-utf8.RuneCountInString(best), strings.Compare(word, best)) < 0 {
			best = word
		}
	}
	return best
}

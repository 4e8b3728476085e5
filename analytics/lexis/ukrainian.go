package lexis

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// The inflectional endings of Ukrainian, after the declensions and conjugations
// of the grammar (Український правопис, 2019, §§ 82–117). Those with a suffix
// that makes a noun of a verb or adjective (-ання, -ість) are taken along, so
// that «навчання» finds «навчатися».
const endings = `
а я о е є и і ї у ю ь й
ий ій ого ього ому ьому им ім їм их іх їх ими іми їми ої ьої ою ьою ую юю
ам ям ами ями ах ях ом ем єм ові еві єві ів їв ею єю ей
ість ості істю остей остям остями остях
ання анням анню анні ань яння янням янню янні янь
ати яти ити іти їти ути ять ить ать уть ють ає яє іє ує ює аю яю ію ую юю
ав яв ив ів їв ув ала яла ила іла їла ула ало яло ило іло їло уло али яли или іли їли ули
аєш яєш ієш уєш юєш еш єш иш їш аємо яємо іємо уємо юємо ємо емо имо їмо аєте яєте ієте уєте юєте ете єте ите їте
ають яють іють ують юють аючи яючи іючи уючи юючи учи ючи ачи ячи авши явши ивши івши ймо йте
увати ував увала увало ували увань ування уванням уванню уванні
ювати ював ювала ювало ювали ювань ювання юванням юванню юванні
іш
`

var endingsByLength = sync.OnceValue(func() []string {
	list := strings.Fields(endings)
	slices.SortFunc(list, func(a, b string) int {
		if d := utf8.RuneCountInString(b) - utf8.RuneCountInString(a); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(list)
})

const (
	vowels = "аеєиіїоуюя"
	// leastStem is how many letters are left of a word at least.
	leastStem = 3
)

// ukrainian is a light stemmer: it takes off the reflexive particle and then the
// longest ending, and again those of two letters and more while something with a
// vowel is left, so that «програм» is as «програма»; then it evens out the changes
// in the last syllable. No stemmer for Ukrainian is kept
// in a Go module. The plan is that of light stemmers for Slavic languages
// (Dolamic & Savoy 2009, "Indexing and searching strategies for the Russian
// language"), with the region of Porter's Russian stemmer: what is taken off
// comes after the first vowel. It knows no dictionary, so it brings some words
// together that are none of a kind, and parts some that are.
func ukrainian(word string) string {
	word = strings.ReplaceAll(strings.ReplaceAll(word, "’", ""), "ґ", "г")
	for _, particle := range []string{"ся", "сь"} {
		if rest, ok := strings.CutSuffix(word, particle); ok && utf8.RuneCountInString(rest) > leastStem {
			word = rest
			break
		}
	}
	for least := 1; ; least = 2 {
		shorter := withoutEnding(word, least)
		if shorter == word {
			return even(word)
		}
		word = shorter
	}
}

// withoutEnding takes off the longest ending of at least so many letters.
func withoutEnding(word string, letters int) string {
	for _, ending := range endingsByLength() {
		if utf8.RuneCountInString(ending) < letters {
			break
		}
		rest, ok := strings.CutSuffix(word, ending)
		if ok && utf8.RuneCountInString(rest) >= leastStem && strings.ContainsAny(rest, vowels) {
			return rest
		}
	}
	return word
}

// even undoes what a stem's last syllable does between forms: «зустріччю» and
// «зустріч», «підтримка» and «підтримок», «рівень» and «рівня», «фахівець» and
// «фахівця», «наставник» and «наставниця», «підхід» and «підходу».
func even(stem string) string {
	letters := single([]rune(stem))
	if n := len(letters); n > leastStem+1 && (letters[n-2] == 'о' || letters[n-2] == 'е') &&
		strings.ContainsRune("кцн", letters[n-1]) && !vowel(letters[n-3]) {
		letters = single(append(letters[:n-2], letters[n-1]))
	}
	n := len(letters)
	if letters[n-1] == 'ц' {
		letters[n-1] = 'к'
	}
	if n >= 2 && letters[n-2] == 'і' && !vowel(letters[n-1]) {
		letters[n-2] = 'о'
	}
	return string(letters)
}

// single leaves one of two equal letters at the end.
func single(letters []rune) []rune {
	if n := len(letters); n > leastStem && letters[n-1] == letters[n-2] {
		return letters[:n-1]
	}
	return letters
}

func vowel(r rune) bool { return strings.ContainsRune(vowels, r) }

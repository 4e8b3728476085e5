package masking

import (
	"strings"
	"sync"
	"unicode"
)

// shape is the set of declensions that a root is of. They follow Український
// правопис (2019), §§ 82–117 and 136–144: case forms of singular and plural, and
// the possessive adjectives made of names («Оленин», «Андрієва»).
type shape uint16

const (
	hardA      shape = 1 << iota // Олена, Микола, Зелена
	softA                        // Марія, Наталя, Ілля
	hard                         // Іван, Ковальчук, Шевченко, Любов
	soft                         // Олесь, Ігор, Кравець
	hushing                      // Бабич, Петрович
	iotated                      // Андрій, Гай
	adjective                    // Ковальський, Ковальська
	softAdj                      // Нижній
	patronymic                   // -ів, -ов, -ин as a surname: Ковалів, Пушкін
	onlyI                        // Ользі, with another consonant
	onlyE                        // Ковальчуче
	possessive                   // Ольжин
	bare                         // Рене: not declined
	latin                        // Anna, Anna’s
)

const (
	nounA      = "а и і у ою о ам ами ах ої ій"
	nounYa     = "я і ї ю ею єю є е ь й ям ями ях"
	nounHard   = "а о у ю ові ом е і и ів ам ами ах"
	nounSoft   = "ь я ю лю еві єві ем єм е і ї ів їв ям ями ях"
	nounHush   = "а у еві ем е і и ів ам ами ах"
	nounIot    = "й я ю єві єм ї є їв ям ями ях"
	adjHard    = "ий ого ому им ім і их ими а ої ій у ою е"
	adjSoft    = "ій ього ьому ім їм і іх їх іми їми я ьої ю ьою є"
	ownEndings = "а е і у ого ої ому ій им ою их ими"
)

// endings says of each ending which declensions have it.
var endings = sync.OnceValue(func() map[string]shape {
	known := map[string]shape{"": hardA | softA | hard | hushing | bare | latin, "s": latin, "es": latin}
	put := func(s shape, list string) {
		for ending := range strings.FieldsSeq(list) {
			known[ending] |= s
		}
	}
	// own are the possessive adjectives: with the suffix alone, and declined.
	own := func(s shape, alone, declined string) {
		known[alone] |= s
		for ending := range strings.FieldsSeq(ownEndings) {
			known[declined+ending] |= s
		}
	}
	put(hardA, nounA)
	put(softA, nounYa)
	put(hard, nounHard)
	put(soft, nounSoft)
	put(hushing, nounHush)
	put(iotated, nounIot)
	put(adjective, adjHard)
	put(softAdj, adjSoft)
	put(patronymic, ownEndings)
	put(onlyI, "і")
	put(onlyE, "е")
	for _, s := range []shape{hardA, softA, possessive} {
		own(s, "ин", "ин")
	}
	own(softA, "їн", "їн")
	own(softA, "ін", "ін")
	own(hard, "ів", "ов")
	own(soft, "ів", "ев")
	own(hushing, "ів", "ев")
	own(iotated, "їв", "єв")
	return known
})

// declined gives the roots of a name, in small letters and without apostrophes,
// with how each is declined. It rather takes one declension too many.
func declined(name string) map[string]shape {
	if !has(name, unicode.Cyrillic) {
		return map[string]shape{name: latin}
	}
	d := declensions{}
	letters := []rune(name)
	last := letters[len(letters)-1]
	root := string(letters[:len(letters)-1])
	switch {
	case strings.HasSuffix(name, "ий"):
		d.put(cut(name, 2), adjective)
	case last == 'а':
		d.put(root, hardA)
		d.changing(root, onlyI, possessive)
		if strings.HasSuffix(root, "ськ") || strings.HasSuffix(root, "цьк") || strings.HasSuffix(root, "зьк") {
			d.put(root, adjective)
		}
		if surnameSuffix(root) {
			d.put(root, hard|patronymic)
		}
	case last == 'я':
		d.put(root, softA)
	case last == 'о':
		d.put(root, hard)
		d.changing(root, onlyI, onlyE)
	case last == 'й':
		d.put(root, iotated)
		if strings.HasSuffix(name, "ній") {
			d.put(cut(name, 2), softAdj)
		}
	case last == 'ь':
		d.put(root, soft)
		d.closed(root, soft)
	case strings.ContainsRune("еєиіїую", last):
		d.put(name, bare)
	default:
		d.consonant(name, last)
	}
	return d
}

// declensions are the roots of one name.
type declensions map[string]shape

func (d declensions) put(root string, s shape) {
	if root != "" {
		d[root] |= s
	}
}

// consonant adds the roots of a name that ends in a hard consonant.
func (d declensions) consonant(name string, last rune) {
	s := hard
	switch {
	case strings.ContainsRune("жчшщц", last):
		s |= hushing
	case last == 'р':
		s |= soft
	}
	if surnameSuffix(name) {
		s |= patronymic
	}
	d.put(name, s)
	d.closed(name, s)
	d.changing(name, onlyI, onlyE)
	if name == "лев" {
		d.put("льв", hard)
	}
}

// surnameSuffix: surnames that are declined as possessive adjectives are.
func surnameSuffix(root string) bool {
	for _, suffix := range []string{"ов", "ев", "єв", "ів", "їв", "ин", "ін", "їн"} {
		if rest, ok := strings.CutSuffix(root, suffix); ok && len(rest) >= len("аа") {
			return true
		}
	}
	return false
}

// changing adds the roots whose last consonant changes before і, and before е
// and in possessive adjectives: Ольга – Ользі – Ольжин, Марко – Марку – Марче.
func (d declensions) changing(root string, beforeI, beforeE shape) {
	for _, change := range [][3]string{{"к", "ц", "ч"}, {"г", "з", "ж"}, {"х", "с", "ш"}} {
		if rest, ok := strings.CutSuffix(root, change[0]); ok {
			d.put(rest+change[1], beforeI)
			d.put(rest+change[2], beforeE)
		}
	}
}

// closed adds the roots of a name whose last syllable is closed in the
// nominative alone: Антін – Антона, Ковалів – Ковалева, Лебідь – Лебедя,
// Кравець – Кравця, Козачок – Козачка, Орел – Орла.
func (d declensions) closed(root string, s shape) {
	letters := []rune(root)
	n := len(letters)
	if n < 3 {
		return
	}
	before, consonant := string(letters[:n-2]), string(letters[n-1])
	switch letters[n-2] {
	case 'і':
		d.put(before+"о"+consonant, s)
		if s&soft != 0 || consonant == "в" {
			d.put(before+"е"+consonant, s)
		}
	case 'ї':
		d.put(before+"є"+consonant, s)
	case 'о', 'е':
		if n >= 4 && strings.Contains("к ц л р н", consonant) {
			d.put(before+consonant, s|hushing)
		}
	case 'є':
		if consonant == "ц" {
			d.put(before+"й"+consonant, s|hushing)
		}
	}
}

// cut takes the last n letters off.
func cut(name string, n int) string {
	letters := []rune(name)
	return string(letters[:max(0, len(letters)-n)])
}

package lexis

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"Зв'язок, звʼязок і зв’язок!":       "зв’язок|зв’язок|і|зв’язок",
		"онлайн-зустріч о 10:30":            "онлайн|зустріч|о|10|30",
		"It's 'quoted' – don’t":             "it’s|quoted|don’t",
		"Оле\u0301на йде":                   "олена|йде",
		"Андрі\u0438\u0306 і\u0308х":        "андрій|їх",
		"на\u00adставник 👍🏽 тест\u200bовий": "наставник|тестовий",
		"b2b COVID19":        "b|2|b|covid|19",
		"مرحبا بالعالم":      "مرحبا|بالعالم",
		"''":                 "",
		"а''б в’":            "а|б|в",
		"":                   "",
		"\xff\xfe слово\xff": "слово",
		"ﬁnance １２":          "finance|12",
		"[ім’я] " + strings.Repeat("ї", 4000): "ім’я|" + strings.Repeat("ї", 4000),
	} {
		var got []string
		for _, token := range Tokens(text) {
			got = append(got, token.Word)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%.80q: %.80q, want %.80q", text, strings.Join(got, "|"), want)
		}
	}
}

// TestTokensLieInTheText: whatever the bytes, spans are in order and cut no
// character.
func TestTokensLieInTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[аїʼ'’a\x{301}\x{ad}0\- ]{0,30}`)).Draw(t, "text")
		last := 0
		for _, token := range Tokens(text) {
			if token.Start < last || token.End <= token.Start || token.End > len(text) {
				t.Fatalf("%q: token %+v after %d", text, token, last)
			}
			last = token.End
			if utf8.ValidString(text) && !utf8.ValidString(text[token.Start:token.End]) {
				t.Fatalf("%q: %+v cuts a character", text, token)
			}
			if again := Tokens(token.Word); len(again) != 1 || again[0].Word != token.Word {
				t.Fatalf("%q is not one token of itself: %+v", token.Word, again)
			}
		}
	})
}

// TestEveryCharacterMakesTokensOfThemselves, alone and beside a letter, also those
// that stand for several.
func TestEveryCharacterMakesTokensOfThemselves(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		for _, text := range []string{string(r), "а" + string(r), "а" + string(r) + "а"} {
			for _, token := range Tokens(text) {
				if again := Tokens(token.Word); len(again) != 1 || again[0].Word != token.Word {
					t.Errorf("%U in %q: %q is not one token of itself: %+v", r, text, token.Word, again)
				}
			}
		}
	}
}

// TestStemBringsFormsTogether: forms that people write of the words that matter
// in mentoring.
func TestStemBringsFormsTogether(t *testing.T) {
	for _, family := range []string{
		"наставник наставника наставнику наставником наставники наставників наставникам наставниками наставниця наставниці",
		"програма програми програмі програму програмою програм програмам програмами програмах",
		"зустріч зустрічі зустріччю зустрічей зустрічам зустрічами зустрічах",
		"навчання навчанням навчанню навчань навчатися навчаємося навчалися навчалась навчати",
		"спілкування спілкуванням спілкуватися спілкуємося спілкувалися спілкувалась",
		"підтримка підтримки підтримку підтримкою підтримок підтримці",
		"досвід досвіду досвідом досвіді",
		"підхід підходу підходи підходів підходами",
		"можливість можливості можливістю можливостей можливостями",
		"цікавий цікава цікаве цікаві цікавого цікавих цікавими цікаво цікавіше цікавіший",
		"корисний корисна корисно корисних корисними корисність",
		"ідея ідеї ідею ідей ідеями",
		"час часу часом часі часи",
		"рівень рівня рівні рівнем рівнів",
		"фахівець фахівця фахівці фахівцям",
		"знання знань знанням знаннями",
		"керівник керівника керівники керівників керівником",
		"працювати працював працювала працювали працюємо працюють",
		"зв’язок зв’язку зв’язком зв’язки",
		"впевнений впевнена впевнено впевненість впевненості",
		"колектив колективу колективі колективом",
		"meeting meetings", "mentor mentors mentor’s", "helpful helpfully", "idea ideas",
	} {
		forms := strings.Fields(family)
		for _, form := range forms[1:] {
			if Stem(form) != Stem(forms[0]) {
				t.Errorf("%s → %s, but %s → %s", form, Stem(form), forms[0], Stem(forms[0]))
			}
		}
	}
}

func TestStemKeepsWordsApart(t *testing.T) {
	list := strings.Fields("наставник програма зустріч навчання спілкування підтримка досвід підхід час рівень ідея знання пара мета тема колега команда робота розмова довіра зворотний відгук план графік відео вода meeting mentor idea time")
	for i, a := range list {
		for _, b := range list[:i] {
			if Stem(a) == Stem(b) {
				t.Errorf("%s and %s both → %s", a, b, Stem(a))
			}
		}
	}
}

// TestStemOfAnything: a stem is never longer than its word nor empty, and the
// Ukrainian one leaves letters enough to tell words apart.
func TestStemOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[абвгґдеєжзиіїйклмнопрстуфхцчшщьюя]{1,24}`).Draw(t, "word")
		stem := Stem(word)
		n, of := utf8.RuneCountInString(stem), utf8.RuneCountInString(word)
		if n > of || n < min(of, leastStem) {
			t.Fatalf("%q → %q", word, stem)
		}
	})
	for _, token := range Tokens(strings.Repeat("щ", 4000) + " ’ ї z 1") {
		if Stem(token.Word) == "" {
			t.Errorf("%.20q has an empty stem", token.Word)
		}
	}
}

func TestStopWords(t *testing.T) {
	for _, word := range []string{"і", "який", "п’ять", "дякую", "the", "would", "don’t"} {
		if !Stop(word) || Telling(word) {
			t.Errorf("%q says something", word)
		}
	}
	for _, word := range []string{"час", "досвід", "time", "mentor"} {
		if Stop(word) || !Telling(word) {
			t.Errorf("%q says nothing", word)
		}
	}
	if Telling("ця") || Telling("2026") || Telling("ії") {
		t.Error("a number or two letters tell something")
	}
	// What the lists hold is written as tokens are, or it would never be met.
	for word := range stops() {
		if tokens := Tokens(word); len(tokens) != 1 || tokens[0].Word != word {
			t.Errorf("%q is not as tokens are: %v", word, tokens)
		}
	}
	if n := len(stops()); n < 400 || slices.Contains(strings.Fields(stopEnglish), "") {
		t.Errorf("%d stop words", n)
	}
}

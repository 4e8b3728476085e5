package masking

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"mentorpulse/analytics/lexis"
)

// readable writes marks as <kind>.
var readable = strings.NewReplacer(string(Email), "<e>", string(Phone), "<p>", string(Link), "<l>", string(Account), "<a>", string(Name), "<n>")

func TestAddressesLinksAndAccounts(t *testing.T) {
	m := New(nil)
	for text, want := range map[string]string{
		"Пишіть на olena@acme.example.":                 "Пишіть на <e>.",
		"OLENA.K+x@Mail.Acme.example, або":              "<e>, або",
		"(ann@acme.example)":                            "(<e>)",
		"mailto:ann@acme.example?":                      "mailto:<e>?",
		"олена@пошта.укр тут":                           "<e> тут",
		"ol\u200bena@acme.example":                      "<e>",
		"ann @ acme.example":                            "<e>",
		"ann (at) acme.example":                         "<e>",
		"ann [at] acme [dot] example й далі":            "<e> й далі",
		"ann собака acme.ua":                            "<e>",
		"ann@localhost":                                 "<e>",
		"див. https://acme.example/u/olena?x=1.":        "див. <l>.",
		"www.acme.example":                              "<l>",
		"у t.me/olena_k, так":                           "у <l>, так",
		"linkedin.com/in/olena-k і сайт.укр":            "<l> і <l>",
		"пишіть @olena_k":                               "пишіть <a>",
		"(@olena.k)":                                    "(<a>)",
		"50 @ 3":                                        "50 @ 3",
		"і т. д., тощо. Так":                            "і т. д., тощо. Так",
		"Добре.Але мало":                                "Добре.Але мало",
		"":                                              "",
		" \n ":                                          "",
		"a\x00b\x1b[31m\u202eц\u2066":                   "ab[31mц",
		"рядок\nще\tтаб":                                "рядок\nще\tтаб",
		"\xff\xfe":                                      "",
		string(Name) + "підробка" + string(Email):       "підробка",
		"👍🏽 👩‍💻 чудово":                                 "👍🏽 👩‍💻 чудово",
		"مرحبا بالعالم":                                 "مرحبا بالعالم",
		strings.Repeat("ї", 3990) + " ann@acme.example": strings.Repeat("ї", 3990) + " <e>",
	} {
		if got := readable.Replace(m.Mask(text)); got != want {
			t.Errorf("%.80q: %.80q, want %.80q", text, got, want)
		}
	}
}

func TestPhones(t *testing.T) {
	m := New(nil)
	for _, phone := range []string{
		"+380671234567", "+38 067 123 45 67", "+38 (067) 123-45-67", "+38(067)1234567", "+380 67 123 4567", "+380-67-123-45-67", "+380.67.123.45.67",
		"380671234567", "38 067 123 45 67", "8 067 123 45 67", "8-067-123-45-67", "0671234567", "067 123 45 67", "067-123-45-67", "(067) 123-45-67",
		"067 123 4567", "(044) 123 45 67", "044-123-45-67", "067\u00a0123\u00a045\u00a067", "067–123–45–67", "123-45-67", "0800 500 335", "(0412) 12-34-56",
		"+1 555 123 4567", "+1 (555) 123-4567", "(555) 123-4567", "555-123-4567", "555.123.4567", "+44 20 7946 0958", "0044 20 7946 0958",
		"020 7946 0958", "07700 900123", "+49 30 901820", "+48 22 123 45 67", "+33 1 23 45 67 89",
	} {
		for _, around := range []string{"%s", "дзвоніть %s", "тел.%s, дякую", "(%s)", "моб:%s.", "%s або пишіть"} {
			text := fmt.Sprintf(around, phone)
			want := strings.Replace(text, phone, "<p>", 1)
			if got := readable.Replace(m.Mask(text)); got != want {
				t.Errorf("%q: %q", text, got)
			}
		}
	}
	for _, text := range []string{
		"у 2025 році", "2025-2026", "2025–2026 роки", "05.01.2026", "5/1/2026", "2026-01-05", "2026-01-05 – 2026-01-12", "01.02.2025-03.04.2025", "01.02.2025 12:30",
		"о 10:30", "10:30-11:30", "10 000 грн", "1 000 000", "12 500 000 грн", "1 000 000 000", "1.000.000", "3,14", "100%", "24/7", "1-2 рази", "по 30-40 хвилин",
		"кабінет 305", "п. 4.5.6", "12345", "123456", "версія 1.2.3", "50 000 – 60 000", "1000000000", "на 2-3 зустрічі 15 хв", "1) перше 2) друге 3) третє",
	} {
		if got := readable.Replace(m.Mask(text)); got != text {
			t.Errorf("%q was masked: %q", text, got)
		}
	}
}

// forms are names of a roster with the forms in which people write of them.
var forms = map[string]string{
	"Олена":        "Олена Олени Олені Олену Оленою Олено Оленин Олениного Олениної олені ОЛЕНА Оле\u0301на",
	"Ольга":        "Ольга Ольги Ользі Ольгу Ольгою Ольго Ольжин",
	"Одарка":       "Одарка Одарки Одарці Одарку Одаркою Одарко Одарчин",
	"Марія":        "Марія Марії Марію Марією Маріє Маріїн",
	"Наталя":       "Наталя Наталі Наталю Наталею Наталин",
	"Ілля":         "Ілля Іллі Іллю Іллею Ілле Іллін",
	"Любов":        "Любов Любові Любов’ю Любов'ю",
	"Андрій":       "Андрій Андрія Андрію Андрієві Андрієм Андрії Андріїв Андрієва Андрієвого",
	"Іван":         "Іван Івана Іванові Івану Іваном Іване Іванів Іванова Іванове",
	"Павло":        "Павло Павла Павлові Павлу Павлом Павле Павлів Павлова",
	"Марко":        "Марко Марка Маркові Марку Марком Марків",
	"Олег":         "Олег Олега Олегові Олегу Олегом Олеже",
	"Ігор":         "Ігор Ігоря Ігореві Ігорю Ігорем",
	"Олесь":        "Олесь Олеся Олесеві Олесю Олесем",
	"Лев":          "Лев Лева Льва Левові Льву Левом Львом",
	"Антін":        "Антін Антона Антонові Антону Антоном Антоне",
	"Яків":         "Яків Якова Якову Яковом Якове",
	"Микола":       "Микола Миколи Миколі Миколу Миколою Миколо Миколин",
	"Соломія":      "Соломія Соломії Соломію Соломією",
	"Ігорівна":     "Ігорівна Ігорівни Ігорівні Ігорівну Ігорівною Ігорівно",
	"Петрович":     "Петрович Петровича Петровичу Петровичеві Петровичем",
	"Шевченко":     "Шевченко Шевченка Шевченкові Шевченку Шевченком Шевченки ШЕВЧЕНКО шевченка",
	"Ковальчук":    "Ковальчук Ковальчука Ковальчукові Ковальчуку Ковальчуком Ковальчуче Ковальчуки Ковальчуків",
	"Ковальський":  "Ковальський Ковальського Ковальському Ковальським Ковальська Ковальської Ковальській Ковальську Ковальською",
	"Левицька":     "Левицька Левицької Левицькій Левицьку Левицькою Левицький Левицького",
	"Зелений":      "Зелений Зеленого Зеленому Зеленим Зелена Зеленої Зеленій",
	"Ковалів":      "Ковалів Коваліва Ковалева Ковалеву Ковалевим",
	"Петрів":       "Петрів Петріва Петрова Петрову Петровим Петровій",
	"Пушкін":       "Пушкін Пушкіна Пушкіну Пушкіним Пушкіної",
	"Кравець":      "Кравець Кравця Кравцю Кравцеві Кравцем",
	"Козачок":      "Козачок Козачка Козачку Козачком",
	"Бондар":       "Бондар Бондаря Бондарю Бондареві Бондарем",
	"Коваль":       "Коваль Коваля Ковалю Ковалем",
	"Заєць":        "Заєць Зайця Зайцеві Зайцем",
	"Бабич":        "Бабич Бабича Бабичу Бабичем",
	"Дем’янчук":    "Дем’янчук Дем'янчука Демʼянчуку Дем`янчуком Дем´янчукові",
	"Гай":          "Гай Гая Гаєві Гаю Гаєм",
	"Рене":         "Рене",
	"Сорока":       "Сорока Сороки Сороці Сороку Сорокою",
	"Нечуй-Вітер":  "Нечуй-Вітер Нечуя-Вітра Нечуй-Вітром Нечуєві",
	"Priya":        "Priya Priya’s Priya's priyas PRIYA",
	"James":        "James James’ James's",
	"Müller":       "Müller Muller Müllers",
	"O’Brien":      "O’Brien O'Brien OBrien O’Brien’s",
	"Anna-Maria":   "Anna-Maria Anna Maria’s",
	"Oлена":        "Олена Олени", // the roster's O is Latin
	"Ґонта":        "Ґонта Ґонти Ґонтою",
	"Дмитро":       "Дмитро Дмитра Дмитрові Дмитром Дмитре",
	"Олександр":    "Олександр Олександра Олександру Олександром Олександре",
	"Святослав":    "Святослав Святослава Святославові Святославом",
	"Лебідь":       "Лебідь Лебедя Лебедем",
	"Віра":         "Віра Віри Вірі Вірою",
	"Чорновіл":     "Чорновіл Чорновола Чорноволом",
	"Мартинюк":     "Мартинюк Мартинюка Мартинюкові",
	"Гнатюк":       "Гнатюка\u200b Гна\u00adтюка",
	"Кульчицький":  "Кульчицького",
	"Василь":       "Василь Василя Василем Василів Василева",
	"Григорій":     "Григорій Григорія Григорієм Григорію",
	"Анастасія":    "Анастасія Анастасії Анастасією",
	"Ян":           "Ян Яна Янові",
	"Роксоляна":    "Роксоляна Роксоляни",
	"Гайдамаха":    "Гайдамаха Гайдамасі Гайдамаху",
	"Воробйов":     "Воробйов Воробйова Воробйовим Воробйової",
	"Christopher":  "Christopher christopher’s",
	"Нінель":       "Нінель Нінелі Нінеллю",
	"ОЛЬГА ПАВЛЮК": "Ольгою Павлюк Павлюка",
}

// TestNamesInEveryForm: no form of a name is left, alone or in a sentence.
func TestNamesInEveryForm(t *testing.T) {
	for name, list := range forms {
		m := New([]Person{{Name: name}})
		for _, form := range strings.Fields(list) {
			for _, around := range []string{"%s", "Дякую %s за час", "«%s»!", "до%%%s", "з,%s.", "%s\nі", "пара:%s/я", "#%s", "😀%s😀", "до %s (наставник)"} {
				text := strings.ReplaceAll(fmt.Sprintf(around, form), "%%", "%")
				got := readable.Replace(m.Mask(text))
				if strings.Contains(got, form) || !strings.Contains(got, "<n>") {
					t.Errorf("%s in %q: %q", name, text, got)
				}
			}
		}
	}
}

func TestNamesAreMaskedWhole(t *testing.T) {
	m := New([]Person{{Name: "Олена Ігорівна Ковальчук", Email: "olena.kovalchuk@acme.example"}, {Name: "Андрій Шевченко", Email: "shevchenko@acme.example"},
		{Name: "Will May"}, {Name: "Надія Роман"}, {Name: "Jan van Dijk", Email: "mentor12@acme.example"}})
	for text, want := range map[string]string{
		"Олена Ігорівна Ковальчук допомогла":  "<n> допомогла",
		"О. І. Ковальчук допомогла":           "<n> допомогла",
		"Ковальчук О.І. допомогла":            "<n> допомогла",
		"Олені, Андрієві й Шевченку":          "<n>, <n> й <n>",
		"ДякуюОлені":                          "Дякую<n>",
		"#ОленаКовальчук":                     "#<n>",
		"olena kovalchuk and Kovalchuk’s":     "<n> and <n>",
		"пишіть olena.kovalchuk":              "пишіть <n>.<n>",
		"shevchenko":                          "<n>",
		"Ask Will whether he will come":       "Ask <n> whether he will come",
		"May came in may":                     "<n> came in may",
		"Є надія на Надію":                    "Є надія на <n>",
		"читаю роман, а Роман – ні":           "читаю роман, а <n> – ні",
		"Dijk took the van; mentor 12":        "<n> took the van; mentor 12",
		"оленячий шлях, оленями":              "оленячий шлях, оленями",
		"шевченківський вечір":                "шевченківський вечір",
		"Марія не з цієї програми":            "Марія не з цієї програми",
		"Дякую, Олено. В неї багато ідей":     "Дякую, <n>. В неї багато ідей",
		"Пишіть Олені: olena@acme.example":    "Пишіть <n>: <e>",
		"Oлена з латинською літерою":          "<n> з латинською літерою",
		"наставник наставника, програма, час": "наставник наставника, програма, час",
	} {
		if got := readable.Replace(m.Mask(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestNothingOfTheRosterIsLeft puts forms of names, addresses and numbers between
// anything at all.
func TestNothingOfTheRosterIsLeft(t *testing.T) {
	var people []Person
	var all []string
	for name, list := range forms {
		people = append(people, Person{Name: name, Email: fmt.Sprintf("p%d.x@acme-%d.example", len(people), len(people))})
		all = append(all, strings.Fields(list)...)
	}
	m := New(people)
	rapid.Check(t, func(t *rapid.T) {
		gap := rapid.OneOf(rapid.SampledFrom([]string{" ", ", ", "\n", "! ", " – ", "(", ") ", "… ", " і ", " the "}), rapid.StringMatching(`[ .,!?0-9a-zа-яїєґ😀]{0,8} `))
		var text strings.Builder
		var hidden []string
		for range rapid.IntRange(1, 6).Draw(t, "pieces") {
			text.WriteString(" " + gap.Draw(t, "gap") + " ")
			piece := rapid.OneOf(rapid.SampledFrom(all), rapid.Custom(func(t *rapid.T) string { return rapid.SampledFrom(people).Draw(t, "person").Email }),
				rapid.StringMatching(`\+380 ?\(?(67|44|95)\)? ?[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{2}`)).Draw(t, "piece")
			text.WriteString(piece)
			hidden = append(hidden, piece)
		}
		got := m.Mask(text.String())
		left := map[string]bool{}
		for _, token := range lexis.Tokens(got) {
			left[token.Word] = true
		}
		for _, piece := range hidden {
			if strings.ContainsAny(piece, "@+") {
				if strings.Contains(got, piece) {
					t.Fatalf("%q is left in %q", piece, got)
				}
				continue
			}
			for _, token := range lexis.Tokens(piece) {
				// An ordinary word in small letters may have stood beside.
				if left[token.Word] && strings.Contains(got, piece) && !ordinary(token.Word) && utf8.RuneCountInString(token.Word) > 2 {
					t.Fatalf("%q is left in %q", piece, got)
				}
			}
		}
		if again := m.Mask(readable.Replace(got)); readable.Replace(again) != readable.Replace(got) {
			t.Fatalf("masked again, %q becomes %q", readable.Replace(got), readable.Replace(again))
		}
	})
}

func FuzzMask(f *testing.F) {
	m := New([]Person{{Name: "Олена Ковальчук", Email: "olena.kovalchuk@acme.example"}, {Name: "Anna O’Brien", Email: "anna@acme.example"}, {Name: "Wu Xi"}})
	for _, seed := range []string{"Дякую Олені", "anna@acme.example", "+380 (67) 123-45-67", "О. Ковальчук і Anna’s", "\u0301Оле\u0301на\u0301", "''’", "@@@", "ann @ acme.example."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := m.Mask(text)
		if !utf8.ValidString(got) || strings.Contains(strings.ToLower(got), "anna@acme.example") {
			t.Errorf("%q: %q", text, got)
		}
		for _, token := range lexis.Tokens(got) {
			if token.Word == "олені" || token.Word == "ковальчук" || token.Word == "o’brien" || token.Word == "anna" {
				t.Errorf("%q leaves %q: %q", text, token.Word, got)
			}
		}
	})
}

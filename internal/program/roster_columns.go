package program

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"mentorpulse/internal/table"
)

// Field is a column of a roster that means something to us.
type Field string

// The columns of a roster. Every other column is an attribute or a goal.
const (
	FieldID           Field = "id"
	FieldName         Field = "name"
	FieldSurname      Field = "surname"
	FieldEmail        Field = "email"
	FieldRole         Field = "role"
	FieldPartner      Field = "partner"
	FieldPair         Field = "pair"
	FieldLanguage     Field = "language"
	FieldTimeZone     Field = "time_zone"
	FieldJoined       Field = "joined"
	FieldLeft         Field = "left"
	FieldEmployedFrom Field = "employed_from"
	FieldEmployedTo   Field = "employed_to"
	FieldPairFrom     Field = "pair_from"
	FieldPairTo       Field = "pair_to"
)

// Label is the header under which people know the column.
func (f Field) Label(lang string) string {
	words := headerWords(f)
	if len(words) < 2 {
		return string(f)
	}
	if lang == "uk" {
		return words[1]
	}
	return words[0]
}

func fields() []Field {
	return []Field{
		FieldID, FieldName, FieldSurname, FieldEmail, FieldRole, FieldPartner, FieldPair, FieldLanguage, FieldTimeZone,
		FieldJoined, FieldLeft, FieldEmployedFrom, FieldEmployedTo, FieldPairFrom, FieldPairTo,
	}
}

// headerWords are the headers by which a column is recognised; the first two
// are its labels in English and Ukrainian.
func headerWords(f Field) []string {
	switch f {
	case FieldID:
		return []string{"ID", "Табельний номер", "participant id", "person id", "employee id", "employee number", "staff id", "user id",
			"external id", "personnel number", "ідентифікатор", "ідентифікатор учасника", "id учасника", "id працівника", "код", "код учасника", "табельний №", "таб. номер", "таб. №"}
	case FieldName:
		return []string{"Name", "Ім’я", "full name", "first name", "given name", "participant", "participant name", "employee", "employee name",
			"піб", "ім’я та прізвище", "ім’я й прізвище", "ім’я і прізвище", "ім’я прізвище", "прізвище та ім’я", "прізвище й ім’я", "прізвище і ім’я", "прізвище ім’я",
			"прізвище, ім’я, по батькові", "прізвище, ім’я та по батькові", "повне ім’я", "учасник", "учасник / учасниця", "працівник", "співробітник"}
	case FieldSurname:
		return []string{"Surname", "Прізвище", "last name", "family name"}
	case FieldEmail:
		return []string{"E-mail", "Електронна пошта", "mail", "e-mail address", "work e-mail", "corporate e-mail", "ел. пошта", "пошта", "робоча пошта",
			"корпоративна пошта", "електронна адреса", "ел. адреса", "адреса електронної пошти", "e-mail адреса", "імейл", "емейл", "мейл"}
	case FieldRole:
		return []string{"Role", "Роль", "role in programme", "role in program", "role in the programme", "role in the program", "programme role", "program role",
			"participant role", "роль у програмі", "роль в програмі", "роль учасника"}
	case FieldPartner:
		return []string{"Partner", "Партнер", "partner e-mail", "partner id", "partner's e-mail", "partner's id", "pair partner", "partner in the pair", "match", "matched with", "paired with",
			"партнерка", "партнер / партнерка", "партнер у парі", "партнер в парі", "e-mail партнера", "пошта партнера", "електронна пошта партнера", "id партнера", "табельний номер партнера", "у парі з", "в парі з"}
	case FieldPair:
		return []string{"Pair", "Пара", "pair number", "pair no", "pair id", "pair #", "номер пари", "№ пари", "код пари"}
	case FieldLanguage:
		return []string{"Language", "Мова", "lang", "preferred language", "survey language", "мова опитування", "мова спілкування", "мова листів"}
	case FieldTimeZone:
		return []string{"Time zone", "Часовий пояс", "tz", "tz name", "local time zone", "participant time zone", "часова зона", "місцевий часовий пояс", "часовий пояс учасника"}
	case FieldJoined:
		return []string{"Joined", "Дата приєднання", "joined programme", "joined program", "joined the programme", "joined the program", "joined on", "date joined", "join date", "joining date", "enrolled", "enrolled on",
			"programme from", "program from", "in programme from", "in program from", "приєднання", "приєднався", "приєдналася", "приєднався / приєдналася", "приєднання до програми", "дата приєднання до програми",
			"у програмі з", "в програмі з", "початок участі", "дата початку участі", "дата вступу до програми"}
	case FieldLeft:
		return []string{"Left", "Дата виходу", "left programme", "left program", "left the programme", "left the program", "left on", "date left", "leave date", "leaving date", "withdrew", "withdrawn on",
			"programme to", "program to", "in programme to", "in program to", "вибув", "вибула", "вибув / вибула", "дата вибуття", "вихід із програми", "вихід з програми", "дата виходу з програми", "дата виходу із програми",
			"у програмі до", "в програмі до", "кінець участі", "завершення участі", "закінчення участі", "дата завершення участі", "дата закінчення участі"}
	case FieldEmployedFrom:
		return []string{"Employed from", "Працює з", "employed since", "employment from", "employment start", "employment start date", "start of employment", "hire date", "hired", "hired on", "date hired", "date of hire",
			"прийнято", "прийнято на роботу", "дата прийняття", "дата прийняття на роботу", "дата прийому", "дата прийому на роботу", "дата працевлаштування", "дата найму", "початок роботи", "дата початку роботи", "працює від"}
	case FieldEmployedTo:
		return []string{"Employed to", "Працює до", "employed until", "employed till", "employment to", "employment end", "employment end date", "end of employment", "termination date", "left company", "left the company",
			"left organisation", "left organization", "left the organisation", "left the organization", "звільнено", "звільнення", "дата звільнення", "працював до", "працювала до", "кінець роботи", "завершення роботи"}
	case FieldPairFrom:
		return []string{"Pair from", "Пара з", "pair since", "pair start", "pair started", "пара від", "початок пари", "пара працює з", "дата створення пари", "початок роботи пари"}
	case FieldPairTo:
		return []string{"Pair to", "Пара до", "pair until", "pair end", "pair ended", "кінець пари", "пара працює до", "завершення роботи пари", "кінець роботи пари"}
	}
	return nil
}

// attributeWords groups the headers of the attributes that most organisations
// cut by, so that a programme that declares department reads Підрозділ too.
func attributeWords() [][]string {
	return [][]string{
		{"department", "unit", "division", "team", "відділ", "підрозділ", "департамент", "команда", "напрям"},
		{"level", "grade", "seniority", "job level", "рівень", "рівень посади", "грейд"},
		{"location", "office", "city", "site", "локація", "офіс", "місто", "розташування"},
		{"tenure", "tenure band", "length of service", "стаж", "стаж роботи", "тривалість роботи"},
		{"generation", "age group", "покоління", "вікова група"},
		{"gender", "стать"},
	}
}

// roleWords are the words for the roles, by their keys.
func roleWords() map[string]Role {
	return byKey(map[Role][]string{
		Mentor: {"mentor", "reverse mentor", "ментор", "менторка", "наставник", "наставниця", "наставник / наставниця",
			"молодший наставник", "зворотний наставник", "зворотна наставниця"},
		Mentee: {"mentee", "protégé", "protege", "менті", "підопічний", "підопічна", "підопічний / підопічна"},
		Comparison: {"comparison", "comparison group", "control", "control group", "порівняння", "група порівняння", "для порівняння",
			"учасник групи порівняння", "учасниця групи порівняння", "контроль", "контрольна", "контрольна група"},
	})
}

// languageWords are the words for the languages, by their keys.
func languageWords() map[string]string {
	return byKey(map[string][]string{
		"uk": {"uk", "ua", "ukr", "uk-UA", "ukrainian", "українська", "українською", "укр", "українська мова"},
		"en": {"en", "eng", "en-US", "en-GB", "english", "англійська", "англійською", "англ", "англійська мова"},
	})
}

func byKey[T comparable](words map[T][]string) map[string]T {
	keys := map[string]T{}
	for meaning, all := range words {
		for _, word := range all {
			keys[wordKey(word)] = meaning
		}
	}
	return keys
}

// lookalikes maps the Cyrillic letters that look like Latin ones to these:
// people type both, and see no difference.
var lookalikes = strings.NewReplacer("а", "a", "е", "e", "і", "i", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x")

var bracketed = regexp.MustCompile(`\([^)]*\)|\[[^\]]*\]`)

// wordKey is what stays of a header or a role once case, spaces, punctuation,
// remarks in brackets and look-alike letters no longer count.
func wordKey(text string) string {
	key := func(s string) string {
		return lookalikes.Replace(strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				return unicode.ToLower(r)
			}
			return -1
		}, s))
	}
	if short := key(bracketed.ReplaceAllString(text, "")); short != "" {
		return short
	}
	return key(text)
}

// goalKey is one column about a goal: which goal, and what of it.
type goalKey struct {
	number int // 1…9
	part   goalPart
}

type goalPart int

// The parts of a goal; a level is goalLevel0 + its value, −2…+2.
const (
	goalTitle goalPart = iota
	goalWeight
	goalBaseline
	goalLevel0 goalPart = 10
)

var (
	goalForm     = regexp.MustCompile(`^(?:goal|ціль|мета)[\s_.:№#-]*([1-9])?([^0-9].*)?$`)
	goalPartForm = regexp.MustCompile(`^[^\pL]*(\pL[\pL\s]*?)[^\pL\d+−–-]*([+−–-]?[0-2])?[^\pL\d]*$`)
)

// goalColumn recognises "goal 1", "goal 1 weight", "goal 1 baseline" and
// "goal 1 level -2" … "goal 1 level +2", and the same in Ukrainian.
func goalColumn(header string) (goalKey, bool) {
	m := goalForm.FindStringSubmatch(strings.ToLower(header))
	if m == nil {
		return goalKey{}, false
	}
	key := goalKey{number: 1}
	if m[1] != "" {
		key.number, _ = strconv.Atoi(m[1]) // one digit
	}
	if wordKey(m[2]) == "" {
		return key, true
	}
	p := goalPartForm.FindStringSubmatch(m[2])
	if p == nil {
		return goalKey{}, false
	}
	switch strings.TrimSpace(p[1]) {
	case "title", "назва":
		key.part = goalTitle
	case "weight", "вага":
		key.part = goalWeight
	case "baseline", "baseline level", "start", "вихідний рівень", "початковий рівень":
		key.part = goalBaseline
	case "level", "рівень":
		level, ok := parseLevel(p[2])
		if !ok {
			return goalKey{}, false
		}
		key.part = goalLevel0 + goalPart(level)
		return key, true
	default:
		return goalKey{}, false
	}
	return key, p[2] == ""
}

// parseLevel reads a level of goal attainment, −2…+2, with any kind of minus.
func parseLevel(text string) (int8, bool) {
	n, err := strconv.ParseInt(strings.NewReplacer("−", "-", "–", "-", " ", "").Replace(text), 10, 8)
	return int8(n), err == nil && n >= -2 && n <= 2
}

// Column is a column of the file that the import does not use.
type Column struct {
	Letter string
	Header string
}

type attributeColumn struct {
	name   string
	column int
}

// layout says which column of the file holds what.
type layout struct {
	header     table.Row
	people     []table.Row
	fields     map[Field]int
	goals      map[goalKey]int
	attributes []attributeColumn
	ignored    []Column
}

func (l layout) has(f Field) bool { return l.fields[f] > 0 }

// cell is the cell of a field, empty when the file has no such column.
func (l layout) cell(row table.Row, f Field) table.Cell { return row.Cell(l.fields[f]) }

// findLayout finds the row of headers, which may stand below a title, and says
// what each column is.
func findLayout(t *table.Table, p Program) (layout, []Problem) {
	const deepestHeader = 10
	best, bestScore := 0, -1
	known := fieldKeys()
	for i, row := range t.Rows[:min(len(t.Rows), deepestHeader)] {
		score := 0
		for c := 1; c <= row.Len(); c++ {
			if _, ok := known[wordKey(row.Cell(c).Text)]; ok {
				score++
			}
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	l := layout{header: t.Rows[best], people: t.Rows[best+1:], fields: map[Field]int{}, goals: map[goalKey]int{}}
	problems := l.placeColumns(known, p)
	for _, missing := range l.missing() {
		problems = append(problems, Problem{Row: l.header.Number, Code: MissingColumn, Field: missing})
	}
	if len(l.attributes) > MaxAttributes {
		problems = append(problems, Problem{Row: l.header.Number, Code: TooManyAttributes, Limit: MaxAttributes})
	}
	return l, problems
}

func fieldKeys() map[string]Field {
	keys := map[string]Field{}
	for _, f := range fields() {
		for _, word := range headerWords(f) {
			keys[wordKey(word)] = f
		}
	}
	return keys
}

func (l *layout) placeColumns(known map[string]Field, p Program) []Problem {
	var problems []Problem
	attributes := map[string]int{}
	place := func(cell table.Cell, earlier int) bool {
		if earlier > 0 {
			pr := problemAt(cell, cell.Text, DuplicateColumn)
			pr.Value, pr.Detail = cell.Text, table.ColumnName(earlier)
			problems = append(problems, pr)
		}
		return earlier == 0
	}
	widest := l.header.Len()
	for _, row := range l.people {
		widest = max(widest, row.Len())
	}
	for c := 1; c <= widest; c++ {
		cell := l.header.Cell(c)
		field, isField := known[wordKey(cell.Text)]
		goal, isGoal := goalColumn(cell.Text)
		name, isAttribute := attributeName(cell.Text, p.Attributes)
		switch {
		case cell.Empty():
			if l.holdsAnything(c) {
				l.ignored = append(l.ignored, Column{table.ColumnName(c), ""})
			}
		case isField:
			if place(cell, l.fields[field]) {
				l.fields[field] = c
			}
		case isGoal:
			if place(cell, l.goals[goal]) {
				l.goals[goal] = c
			}
		case isAttribute:
			if place(cell, attributes[name]) {
				attributes[name] = c
				l.attributes = append(l.attributes, attributeColumn{name, c})
			}
		default:
			l.ignored = append(l.ignored, Column{table.ColumnName(c), cell.Text})
		}
	}
	return problems
}

func (l *layout) holdsAnything(column int) bool {
	for _, row := range l.people {
		if !row.Cell(column).Empty() {
			return true
		}
	}
	return false
}

// attributeName is the attribute that a column holds: one that the programme
// declares or, when it declares none, the header itself.
func attributeName(header string, declared []string) (string, bool) {
	key := wordKey(header)
	if len(declared) == 0 {
		return oneLine(header), key != ""
	}
	for _, name := range declared {
		if wordKey(name) == key {
			return name, true
		}
	}
	for _, group := range attributeWords() {
		if !hasKey(group, key) {
			continue
		}
		for _, name := range declared {
			if hasKey(group, wordKey(name)) {
				return name, true
			}
		}
	}
	return "", false
}

func hasKey(words []string, key string) bool {
	for _, word := range words {
		if wordKey(word) == key {
			return true
		}
	}
	return false
}

// missing lists the columns without which nobody can be imported.
func (l layout) missing() []Field {
	var missing []Field
	if !l.has(FieldID) && !l.has(FieldEmail) {
		missing = append(missing, FieldEmail)
	}
	if !l.has(FieldRole) {
		missing = append(missing, FieldRole)
	}
	return missing
}

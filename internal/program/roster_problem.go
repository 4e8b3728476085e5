package program

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"mentorpulse/internal/table"
)

// ProblemCode names a kind of problem in a roster.
type ProblemCode string

// The problems that a roster can have.
const (
	MissingColumn             ProblemCode = "missing-column"
	DuplicateColumn           ProblemCode = "duplicate-column"
	TooManyAttributes         ProblemCode = "too-many-attributes"
	NoPeople                  ProblemCode = "no-people"
	NoIdentity                ProblemCode = "no-identity"
	BadEmail                  ProblemCode = "bad-email"
	EmailForeignLetter        ProblemCode = "email-foreign-letter"
	DuplicateEmail            ProblemCode = "duplicate-email"
	DuplicateID               ProblemCode = "duplicate-id"
	EmailTaken                ProblemCode = "email-taken"
	UnknownRole               ProblemCode = "unknown-role"
	UnknownLanguage           ProblemCode = "unknown-language"
	UnknownTimeZone           ProblemCode = "unknown-time-zone"
	BadDate                   ProblemCode = "bad-date"
	TwoDigitYear              ProblemCode = "two-digit-year"
	MissingJoined             ProblemCode = "missing-joined"
	LeftBeforeJoined          ProblemCode = "left-before-joined"
	EmploymentEndsBeforeStart ProblemCode = "employment-ends-before-start"
	PairEndsBeforeStart       ProblemCode = "pair-ends-before-start"
	PairNeverWorks            ProblemCode = "pair-never-works"
	TextTooLong               ProblemCode = "text-too-long"
	PartnerMissing            ProblemCode = "partner-missing"
	PartnerSelf               ProblemCode = "partner-self"
	PartnerSameRole           ProblemCode = "partner-same-role"
	PartnerInComparison       ProblemCode = "partner-in-comparison"
	ComparisonWithPartner     ProblemCode = "comparison-with-partner"
	PartnerDisagrees          ProblemCode = "partner-disagrees"
	PartnerTaken              ProblemCode = "partner-taken"
	PairIncomplete            ProblemCode = "pair-incomplete"
	PairTooLarge              ProblemCode = "pair-too-large"
	PairContradictsPartner    ProblemCode = "pair-contradicts-partner"
	RowsDisagree              ProblemCode = "rows-disagree"
	GoalWithoutPair           ProblemCode = "goal-without-pair"
	GoalWithoutTitle          ProblemCode = "goal-without-title"
	BadWeight                 ProblemCode = "bad-weight"
	BadLevel                  ProblemCode = "bad-level"
	GoalFixed                 ProblemCode = "goal-fixed"
)

// Problem is one thing that is wrong in a roster, and where. Value may be an
// address or a name: it is shown to whoever imports the file and, see LogValue,
// to nobody else.
type Problem struct {
	Row      int         `json:"row"`              // as the spreadsheet program numbers it
	Column   string      `json:"column,omitempty"` // its letter; empty when about the whole row
	Header   string      `json:"header,omitempty"` // what the file calls the column
	Value    string      `json:"value,omitempty"`  // what stands in the cell
	Code     ProblemCode `json:"code"`
	Field    Field       `json:"field,omitempty"`
	OtherRow int         `json:"other_row,omitempty"` // the row that it contradicts
	ThirdRow int         `json:"third_row,omitempty"` // the row that OtherRow names instead
	Limit    int         `json:"limit,omitempty"`     // the bound that was passed, or the goal's number
	Detail   string      `json:"detail,omitempty"`    // what it was measured against
	Role     Role        `json:"role,omitempty"`
}

func problemAt(cell table.Cell, header string, code ProblemCode) Problem {
	p := Problem{Row: cell.Row, Header: header, Value: cell.Text, Code: code}
	if cell.Column > 0 {
		p.Column = table.ColumnName(cell.Column)
	}
	return p
}

// LogValue leaves out whatever stands in the file.
func (p Problem) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("row", p.Row), slog.String("column", p.Column), slog.String("code", string(p.Code)))
}

// Message tells a person where the problem is, what it is and what is expected,
// in Ukrainian for "uk" and in English otherwise.
func (p Problem) Message(lang string) string {
	text := p.Code.english()
	row, quoted := "Row %d", "“%s”"
	if lang == "uk" {
		text = p.Code.ukrainian()
		row, quoted = "Рядок %d", "«%s»"
	}
	where := fmt.Sprintf(row, p.Row)
	if p.Column != "" {
		where = p.Column + strconv.Itoa(p.Row)
		if p.Header != "" {
			where += " (" + fmt.Sprintf(quoted, p.Header) + ")"
		}
	}
	value, detail := localDay(p.Value, lang), localDay(p.Detail, lang)
	return strings.NewReplacer(
		"{where}", where, "{value}", fmt.Sprintf(quoted, value), "{day}", value, "{detail}", detail,
		"{other}", strconv.Itoa(p.OtherRow), "{third}", strconv.Itoa(p.ThirdRow), "{limit}", strconv.Itoa(p.Limit),
		"{roles}", rolesText(p.Role, lang), "{expected}", expectedHeaders(p.Field, lang),
	).Replace("{where}: " + text)
}

// localDay writes a day as the language does, and leaves any other text alone.
func localDay(text, lang string) string {
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || lang != "uk" {
		return text
	}
	return day.Format("02.01.2006")
}

func rolesText(r Role, lang string) string {
	switch {
	case lang == "uk" && r == Mentee:
		return "підопічні"
	case lang == "uk":
		return "наставники"
	case r == Mentee:
		return "mentees"
	}
	return "mentors"
}

// expectedHeaders names the columns that would do.
func expectedHeaders(f Field, lang string) string {
	or, quoted := " or ", "“%s”"
	if lang == "uk" {
		or, quoted = " або ", "«%s»"
	}
	text := fmt.Sprintf(quoted, f.Label(lang))
	if f == FieldEmail { // either of the two says who somebody is
		text += or + fmt.Sprintf(quoted, FieldID.Label(lang))
	}
	return text
}

func (c ProblemCode) english() string {
	switch c {
	case MissingColumn:
		return "there is no column {expected}. Name the columns in the first row, for example: Name, E-mail, Role, Partner."
	case DuplicateColumn:
		return "the same column stands in {detail} already. Keep one of the two."
	case TooManyAttributes:
		return "there are more than {limit} columns with attributes. Keep those by which results are to be compared, for example Department, Location."
	case NoPeople:
		return "no people follow the row of headers. Give each participant a row, for example: Olena Koval, olena.koval@example.com, mentor."
	case NoIdentity:
		return "the row has neither an e-mail nor an id. Give one of them, for example olena.koval@example.com."
	case BadEmail:
		return "{value} is not an e-mail address. This should be one like olena.koval@example.com."
	case EmailForeignLetter:
		return "the address {value} holds “{detail}”, which is not a Latin letter though it may look like one. Type the address anew, for example olena.koval@example.com."
	case DuplicateEmail:
		return "the e-mail {value} stands in row {other} too. Give each participant one row with an address of their own, for example olena.koval@example.com."
	case DuplicateID:
		return "the id {value} stands in row {other} too. Give each participant one row with an id of their own, for example 1042."
	case EmailTaken:
		return "a participant with the e-mail {value} is in the programme already, under another id or without one. Identify people as in the first import: by the same ids, or by e-mail alone, for example olena.koval@example.com."
	case GoalFixed:
		return "the weight or the baseline of goal {limit} differs from {detail}, which it was set with. Neither can change, since past scores would change with them: put the earlier value back, or set another goal, for example “Goal 4”."
	case UnknownRole:
		return "the role {value} is not known. This should be mentor, mentee or comparison."
	case UnknownLanguage:
		return "{value} is not a language of the programme. This should be one of: {detail}."
	case UnknownTimeZone:
		return "the time zone {value} is not known. This should be a name such as Europe/Kyiv or America/New_York; leave the cell empty for that of the programme."
	case BadDate:
		return "{value} is not a date. This should be one like 2026-03-01 or 01.03.2026."
	case TwoDigitYear:
		return "the year in {value} has two digits. Write all four, for example 01.03.2026."
	case MissingJoined:
		return "there is no day of joining, and the programme has no first day. Fill in the column Joined, for example 2026-03-01."
	case LeftBeforeJoined:
		return "the participant leaves ({day}) before joining ({detail}). This should be the day of joining or a later one, for example {detail}."
	case EmploymentEndsBeforeStart:
		return "the employment ends ({day}) before it starts ({detail}). This should be its first day or a later one, for example {detail}."
	case PairEndsBeforeStart:
		return "the pair ends ({day}) before it starts ({detail}). This should be its first day or a later one, for example {detail}."
	case PairNeverWorks:
		return "the pair with row {other} starts on {detail}, when one of the two has already left. Correct the dates, for example 2026-03-01, or the partner."
	case TextTooLong:
		return "the text {value} is longer than {limit} letters. Shorten it, for example to its first sentence."
	case PartnerMissing:
		return "the partner {value} is not in the file. This should be the e-mail or id of another row, for example olena.koval@example.com."
	case PartnerSelf:
		return "the participant is named as their own partner. This should be the other member of the pair, for example olena.koval@example.com."
	case PartnerSameRole:
		return "the participant and the partner in row {other} are both {roles}. A pair is one mentor and one mentee, for example row {other} with the other role."
	case PartnerInComparison:
		return "the partner in row {other} is in the comparison group. A pair is one mentor and one mentee, for example olena.koval@example.com, mentee."
	case ComparisonWithPartner:
		return "a member of the comparison group has no partner, but {value} stands here. Leave the cell empty, or make the role mentor or mentee."
	case PartnerDisagrees:
		return "the partner in row {other} names the participant in row {third} instead. Both rows must name each other, for example by e-mail, or one of them nobody."
	case PartnerTaken:
		return "the partner in row {other} is already in a pair with row {third}. A participant is in one pair at a time: keep, for example, only row {third}."
	case PairIncomplete:
		return "the pair {value} stands in this row only. It should stand in two rows, for example 7 for a mentor and 7 for a mentee."
	case PairTooLarge:
		return "the pair {value} stands in more than two rows, first in row {other}. A pair is one mentor and one mentee: keep, for example, 7 in two rows only."
	case PairContradictsPartner:
		return "by its number, the pair {value} is with row {other}, but the column with the partner names another. Keep one of the two, for example the partner’s e-mail."
	case RowsDisagree:
		return "{value} stands here, but “{detail}” in row {other} of the same pair. Write the same in both rows, or leave one empty, for example here."
	case GoalWithoutPair:
		return "the participant has a goal but no partner. Goals belong to pairs: name the partner, for example olena.koval@example.com, or leave the cell empty."
	case GoalWithoutTitle:
		return "goal {limit} is described here but has no text. Fill in the column “goal {limit}”, for example: runs a webinar unaided."
	case BadWeight:
		return "the weight {value} is not a number from above 0 to 1000. This should be a number like 1 or 2.5."
	case BadLevel:
		return "the level {value} is not a whole number from −2 to +2. This should be a number like -1."
	}
	return string(c)
}

func (c ProblemCode) ukrainian() string {
	switch c {
	case MissingColumn:
		return "бракує стовпця {expected}. Назвіть стовпці в першому рядку, наприклад: Ім’я, Електронна пошта, Роль, Партнер."
	case DuplicateColumn:
		return "такий самий стовпець уже є – {detail}. Залиште один із двох."
	case TooManyAttributes:
		return "стовпців з ознаками більше ніж {limit}. Залиште ті, за якими порівнюватимете результати, наприклад «Підрозділ», «Місто»."
	case NoPeople:
		return "після рядка із заголовками немає жодної людини. Відведіть кожному учаснику рядок, наприклад: Олена Коваль, olena.koval@example.com, наставниця."
	case NoIdentity:
		return "у рядку немає ні електронної пошти, ні табельного номера. Вкажіть щось із двох, наприклад olena.koval@example.com."
	case BadEmail:
		return "{value} не є електронною адресою. Тут має бути адреса, наприклад olena.koval@example.com."
	case EmailForeignLetter:
		return "в адресі {value} є «{detail}» – це не латинська літера, хоч, можливо, і схожа на неї. Наберіть адресу наново, наприклад olena.koval@example.com."
	case DuplicateEmail:
		return "адреса {value} є також у рядку {other}. Кожному учаснику відведіть один рядок із власною адресою, наприклад olena.koval@example.com."
	case DuplicateID:
		return "номер {value} є також у рядку {other}. Кожному учаснику відведіть один рядок із власним номером, наприклад 1042."
	case EmailTaken:
		return "учасник з адресою {value} уже є в програмі, але з іншим табельним номером або без нього. Позначайте людей так само, як під час першого імпорту: тими самими номерами або лише адресою, наприклад olena.koval@example.com."
	case GoalFixed:
		return "вага або початковий рівень цілі {limit} не такі, як їх визначили: {detail}. Змінити їх не можна, бо змінилися б і минулі показники: поверніть попереднє значення або додайте іншу ціль, наприклад «Ціль 4»."
	case UnknownRole:
		return "роль {value} невідома. Тут має бути «наставник», «підопічний» або «порівняння», наприклад «наставник»."
	case UnknownLanguage:
		return "мови {value} в програмі немає. Тут має бути одна з її мов, наприклад: {detail}."
	case UnknownTimeZone:
		return "часовий пояс {value} нам невідомий. Тут має бути назва, наприклад Europe/Kyiv або America/New_York; якщо пояс той самий, що й у програми, залиште клітинку порожньою."
	case BadDate:
		return "{value} не є датою. Тут має бути дата, наприклад 01.03.2026 або 2026-03-01."
	case TwoDigitYear:
		return "рік у даті {value} записано двома цифрами. Запишіть усі чотири, наприклад 01.03.2026."
	case MissingJoined:
		return "немає дати приєднання, а програма не має першого дня. Заповніть стовпець «Дата приєднання», наприклад 01.03.2026."
	case LeftBeforeJoined:
		return "дата виходу ({day}) передує даті приєднання ({detail}). Тут має бути день приєднання або пізніший, наприклад {detail}."
	case EmploymentEndsBeforeStart:
		return "дата звільнення ({day}) передує даті прийняття на роботу ({detail}). Тут має бути той самий день або пізніший, наприклад {detail}."
	case PairEndsBeforeStart:
		return "останній день пари ({day}) передує першому ({detail}). Тут має бути той самий день або пізніший, наприклад {detail}."
	case PairNeverWorks:
		return "пара з рядком {other} починає працювати {detail}, коли хтось із двох уже вийшов із програми. Виправте дати, наприклад на 01.03.2026, або партнера."
	case TextTooLong:
		return "текст {value} довший, ніж дозволено (символів: {limit}). Скоротіть його, наприклад до першого речення."
	case PartnerMissing:
		return "партнера {value} немає у файлі. Тут має бути електронна адреса або табельний номер з іншого рядка, наприклад olena.koval@example.com."
	case PartnerSelf:
		return "людину вказано партнером самої себе. Тут має бути інший учасник пари, наприклад olena.koval@example.com."
	case PartnerSameRole:
		return "тут і в рядку {other} – {roles}. Пара – це один наставник і один підопічний; змініть роль, наприклад у рядку {other}."
	case PartnerInComparison:
		return "партнер у рядку {other} належить до групи порівняння. Пара – це один наставник і один підопічний, наприклад olena.koval@example.com, підопічна."
	case ComparisonWithPartner:
		return "у групі порівняння партнерів немає, а тут вказано {value}. Залиште клітинку порожньою або змініть роль, наприклад на «наставник»."
	case PartnerDisagrees:
		return "партнер у рядку {other} натомість вказує на рядок {third}. Рядки мають вказувати один на одного, наприклад електронною адресою, або в одному з них партнера не вказують."
	case PartnerTaken:
		return "партнер у рядку {other} вже в парі з рядком {third}. Учасник може бути лише в одній парі: залиште, наприклад, тільки рядок {third}."
	case PairIncomplete:
		return "пару {value} вказано лише в цьому рядку. Той самий номер має стояти у двох рядках, наприклад 7 у наставниці та 7 у підопічного."
	case PairTooLarge:
		return "пару {value} вказано більше ніж у двох рядках, уперше – у рядку {other}. Пара – це один наставник і один підопічний: залиште номер, наприклад 7, лише у двох рядках."
	case PairContradictsPartner:
		return "за номером пара {value} – це пара з рядком {other}, а у стовпці з партнером вказано іншу людину. Залиште щось одне, наприклад адресу партнера."
	case RowsDisagree:
		return "тут стоїть {value}, а в рядку {other} тієї самої пари – «{detail}». Запишіть в обох рядках те саме або залиште одну клітинку порожньою, наприклад цю."
	case GoalWithoutPair:
		return "учасник має ціль, але не має партнера. Цілі належать парам: вкажіть партнера, наприклад olena.koval@example.com, або залиште клітинку порожньою."
	case GoalWithoutTitle:
		return "ціль {limit} тут описано, але її тексту немає. Заповніть стовпець «Ціль {limit}», наприклад: самостійно проводить вебінар."
	case BadWeight:
		return "вага {value} не є числом, більшим за 0 і не більшим за 1000. Тут має бути число, наприклад 1 або 2,5."
	case BadLevel:
		return "рівень {value} не є цілим числом від −2 до +2. Тут має бути число, наприклад -1."
	}
	return string(c)
}

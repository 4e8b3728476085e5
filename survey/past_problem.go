package survey

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"mentorpulse/internal/table"
)

// PastProblemCode names a kind of problem in a file of past answers.
type PastProblemCode string

// The problems that a file of past answers can have.
const (
	PastColumnMissing       PastProblemCode = "column-missing"
	PastColumnTwice         PastProblemCode = "column-twice"
	PastNoRows              PastProblemCode = "no-rows"
	PastNoRespondent        PastProblemCode = "no-respondent"
	PastTextTooLong         PastProblemCode = "text-too-long"
	PastNoWave              PastProblemCode = "no-wave"
	PastWaveUndated         PastProblemCode = "wave-undated"
	PastWavesSameDay        PastProblemCode = "waves-same-day"
	PastWaveNotOver         PastProblemCode = "wave-not-over"
	PastRoleUnknown         PastProblemCode = "role-unknown"
	PastValueUnknown        PastProblemCode = "value-unknown"
	PastNotNumber           PastProblemCode = "not-number"
	PastNotWhole            PastProblemCode = "not-whole"
	PastOutOfRange          PastProblemCode = "out-of-range"
	PastRespondentTwice     PastProblemCode = "respondent-twice"
	PastAttributeUndeclared PastProblemCode = "attribute-undeclared"
	PastSurveyTaken         PastProblemCode = "survey-taken"
	PastMoreProblems        PastProblemCode = "more-problems"
)

// PastProblem is one thing that is wrong in a file of past answers, and where.
// Value may tell about a person: it is shown to whoever imports the file and,
// see LogValue, to nobody else.
type PastProblem struct {
	Row      int             `json:"row"`              // as the spreadsheet program numbers it; 0 when about the file
	Column   string          `json:"column,omitempty"` // its letter; empty when about the whole row
	Header   string          `json:"header,omitempty"` // what the file calls the column
	Value    string          `json:"value,omitempty"`  // what stands in the cell
	Code     PastProblemCode `json:"code"`
	OtherRow int             `json:"other_row,omitempty"` // the row that it contradicts
	Min      float64         `json:"min,omitempty"`       // the points of the item
	Max      float64         `json:"max,omitempty"`
	Limit    int             `json:"limit,omitempty"`  // the bound that was passed
	Detail   string          `json:"detail,omitempty"` // what it was measured against
}

// Ref is the cell as a spreadsheet program names it, such as C17; the row alone
// when the problem is about all of it, and empty when about the file.
func (p PastProblem) Ref() string {
	if p.Row == 0 {
		return ""
	}
	return p.Column + strconv.Itoa(p.Row)
}

// LogValue leaves out whatever stands in the file.
func (p PastProblem) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("row", p.Row), slog.String("column", p.Column), slog.String("code", string(p.Code)))
}

// Message tells a person where the problem is, what it is and what is expected,
// in Ukrainian for "uk" and in English otherwise.
func (p PastProblem) Message(lang string) string {
	text, row, file, quoted := p.Code.english(), "Row %d", "The file", "“%s”"
	if lang == "uk" {
		text, row, file, quoted = p.Code.ukrainian(), "Рядок %d", "Файл", "«%s»"
	}
	where := file
	switch {
	case p.Column != "":
		where = p.Ref()
		if p.Header != "" {
			where += " (" + fmt.Sprintf(quoted, p.Header) + ")"
		}
	case p.Row > 0:
		where = fmt.Sprintf(row, p.Row)
	}
	return strings.NewReplacer(
		"{where}", where, "{value}", fmt.Sprintf(quoted, p.Value), "{detail}", p.Detail, "{other}", strconv.Itoa(p.OtherRow),
		"{min}", signed(p.Min), "{max}", signed(p.Max), "{limit}", strconv.Itoa(p.Limit),
	).Replace("{where}: " + text)
}

// signed writes a number with the minus sign that typography wants.
func signed(x float64) string { return strings.Replace(formatNumber(x), "-", "−", 1) }

func (c PastProblemCode) english() string {
	switch c {
	case PastColumnMissing:
		return "there is no column {value}, which the mapping names ({detail}). Correct the name in the mapping, or add the column."
	case PastColumnTwice:
		return "column {detail} has the same name. Keep one of the two, or rename one."
	case PastNoRows:
		return "there are no answers below the headers. Give each respondent a row for every wave."
	case PastNoRespondent:
		return "the row has no respondent. Expected is the organisation’s id of the person, for example 1042."
	case PastTextTooLong:
		return "the text {value} is longer than {limit} letters. Shorten it."
	case PastNoWave:
		return "the row has no wave. Expected is its date, for example 2026-03-01, or its name as in the other rows."
	case PastWaveUndated:
		return "it is not known when wave {value} opened. Write a date in place of the name, for example 2026-03-01, or give one in the mapping under wave: opens."
	case PastWavesSameDay:
		return "wave {value} opens on {detail}, the same day as another one. Each wave needs a day of its own; correct them in the mapping under wave: opens."
	case PastWaveNotOver:
		return "wave {value} closes on {detail}, which is not past. Import it once it is over, or correct open_days in the mapping."
	case PastRoleUnknown:
		return "the role {value} is not known. Expected is one of: {detail}; say what the others mean in the mapping under role: values."
	case PastValueUnknown:
		return "the mapping does not say what {value} means. Expected is one of: {detail}; or add it to the attribute’s values."
	case PastNotNumber:
		return "{value} is not a number. Expected is a whole number from {min} to {max}, or an empty cell; codes for no answer stand in the mapping under missing."
	case PastNotWhole:
		return "{value} is not a whole number. Expected is one from {min} to {max}, or an empty cell."
	case PastOutOfRange:
		return "{value} is not between {min} and {max}. Correct the answer, or the scale’s points in the mapping; codes for no answer stand there under missing."
	case PastRespondentTwice:
		return "respondent {value} has answered wave {detail} in row {other} already. Keep one of the two rows."
	case PastAttributeUndeclared:
		return "attribute {value} is not one of those that the programme cuts figures by ({detail}). Take it out of the mapping, rename it there, or declare it in the programme."
	case PastSurveyTaken:
		return "the programme has a survey {value} of its own. Choose another id in the mapping."
	case PastMoreProblems:
		return "after {limit} problems no more are listed. Correct these first; when all of them are alike, look at the mapping."
	}
	return string(c)
}

func (c PastProblemCode) ukrainian() string {
	switch c {
	case PastColumnMissing:
		return "немає стовпця {value}, на який посилається файл відповідності ({detail}). Виправте там назву або додайте стовпець."
	case PastColumnTwice:
		return "так само названо стовпець {detail}. Залиште один із двох або один перейменуйте."
	case PastNoRows:
		return "під заголовками немає жодної відповіді. Відведіть кожному респонденту по рядку на кожну хвилю."
	case PastNoRespondent:
		return "у рядку не вказано респондента. Очікується табельний номер або інший ідентифікатор, наприклад 1042."
	case PastTextTooLong:
		return "текст {value} довший, ніж дозволено (символів: {limit}). Скоротіть його."
	case PastNoWave:
		return "у рядку не вказано хвилю. Очікується її дата, наприклад 2026-03-01, або назва, як в інших рядках."
	case PastWaveUndated:
		return "невідомо, коли почалася хвиля {value}. Замість назви вкажіть дату, наприклад 2026-03-01, або додайте її у файлі відповідності (wave: opens)."
	case PastWavesSameDay:
		return "хвиля {value} починається {detail}, того самого дня, що й інша. Кожна хвиля повинна мати свій день; виправте дати у файлі відповідності (wave: opens)."
	case PastWaveNotOver:
		return "хвиля {value} закінчується {detail}, тобто ще триває або не почалася. Імпортуйте її після завершення або виправте open_days у файлі відповідності."
	case PastRoleUnknown:
		return "роль {value} невідома. Очікується одна з таких: {detail}; що означають інші, вкажіть у файлі відповідності (role: values)."
	case PastValueUnknown:
		return "у файлі відповідності не сказано, що означає {value}. Очікується одне з таких значень: {detail}; інші додайте до values цієї ознаки."
	case PastNotNumber:
		return "{value} не є числом. Очікується ціле число від {min} до {max} або порожня клітинка; коди пропущених відповідей перелічують у файлі відповідності (missing)."
	case PastNotWhole:
		return "{value} не є цілим числом. Очікується ціле число від {min} до {max} або порожня клітинка."
	case PastOutOfRange:
		return "{value} виходить за межі від {min} до {max}. Виправте відповідь або бали шкали (points) у файлі відповідності; коди пропущених відповідей перелічують там само (missing)."
	case PastRespondentTwice:
		return "респондент {value} уже відповів на хвилю {detail} — у рядку {other}. Залиште один із двох рядків."
	case PastAttributeUndeclared:
		return "ознаки {value} немає серед тих, за якими програма порівнює результати ({detail}). Вилучіть чи перейменуйте її у файлі відповідності або додайте до програми."
	case PastSurveyTaken:
		return "програма вже має власне опитування {value}. Виберіть у файлі відповідності інший id."
	case PastMoreProblems:
		return "показано лише перші помилки ({limit}). Спочатку виправте їх; якщо всі вони однакові, перевірте файл відповідності."
	}
	return string(c)
}

func pastProblemAt(cell table.Cell, header string, code PastProblemCode) PastProblem {
	p := PastProblem{Row: cell.Row, Header: header, Value: cell.Text, Code: code}
	if cell.Column > 0 {
		p.Column = table.ColumnName(cell.Column)
	}
	return p
}

package table

import (
	"fmt"
	"strconv"
	"strings"
)

// Code names the reason why a file was refused.
type Code string

// The reasons why a file is refused.
const (
	Empty           Code = "empty"
	TooLarge        Code = "too-large"
	InflatesTooFar  Code = "inflates-too-far"
	TooManyRows     Code = "too-many-rows"
	TooManyColumns  Code = "too-many-columns"
	TooManyCells    Code = "too-many-cells"
	OldExcel        Code = "old-excel"
	NotTable        Code = "not-a-table"
	UnknownEncoding Code = "unknown-encoding"
	BadQuotes       Code = "bad-quotes"
	Damaged         Code = "damaged"
)

// Error says why a file was refused as a whole. It never holds what stands in
// the cells, so it may be logged.
type Error struct {
	Code  Code
	File  string
	Row   int   // the row at which reading stopped; 0 when it is about the file
	Limit int64 // the bound that was passed, in bytes or in rows, columns, cells
	Err   error // what the parser said; may be nil
}

// Error is the message in English, with what the parser said.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Message("en") + " (" + e.Err.Error() + ")"
	}
	return e.Message("en")
}

// Unwrap gives what the parser said.
func (e *Error) Unwrap() error { return e.Err }

// Message tells a person what was wrong and what to do, in Ukrainian for "uk"
// and in English otherwise.
func (e *Error) Message(lang string) string {
	limit := strconv.FormatInt(e.Limit, 10)
	if e.Code == TooLarge || e.Code == InflatesTooFar {
		limit = bytesText(e.Limit, lang)
	}
	return strings.NewReplacer("{file}", e.File, "{row}", strconv.Itoa(e.Row), "{limit}", limit).
		Replace(e.Code.text(lang))
}

func bytesText(n int64, lang string) string {
	unit := "MB"
	if lang == "uk" {
		unit = "МБ"
	}
	if n < 1<<20 {
		unit = "kB"
		if lang == "uk" {
			unit = "кБ"
		}
		return fmt.Sprintf("%d\u00a0%s", n>>10, unit)
	}
	return fmt.Sprintf("%d\u00a0%s", n>>20, unit)
}

func (c Code) text(lang string) string {
	if lang == "uk" {
		switch c {
		case Empty:
			return "Файл «{file}» порожній. Перший рядок має містити назви стовпців, наступні – дані."
		case TooLarge:
			return "Файл «{file}» більший за {limit}. Залиште в ньому лише таблицю, без зображень, або поділіть його на частини."
		case InflatesTooFar:
			return "Файл «{file}» після розпакування перевищує {limit}. Скопіюйте лише таблицю до нової книги й збережіть її як .xlsx або CSV."
		case TooManyRows:
			return "У файлі «{file}» забагато рядків: дозволено не більше ніж {limit}. Поділіть його на частини."
		case TooManyColumns:
			return "У рядку {row} файлу «{file}» забагато стовпців: дозволено не більше ніж {limit}. Вилучіть зайві."
		case TooManyCells:
			return "У файлі «{file}» забагато клітинок: дозволено не більше ніж {limit}. Вилучіть зайві стовпці або поділіть файл на частини."
		case OldExcel:
			return "Файл «{file}» збережено у форматі Excel 97–2003 (.xls) або захищено паролем. Збережіть його без пароля як .xlsx або CSV."
		case NotTable:
			return "Файл «{file}» не є таблицею у відомому форматі. Збережіть його як .xlsx або CSV."
		case UnknownEncoding:
			return "Не вдалося розпізнати кодування файлу «{file}». Збережіть його як «CSV UTF-8» або як .xlsx."
		case BadQuotes:
			return "У рядку {row} файлу «{file}» неправильно розставлено лапки. Текст із лапками візьміть у лапки цілком, а внутрішні подвойте: \"ТОВ \"\"Промінь\"\"\"."
		default:
			return "Файл «{file}» пошкоджено. Відкрийте його в Excel чи LibreOffice і збережіть знову як .xlsx."
		}
	}
	switch c {
	case Empty:
		return "The file “{file}” is empty. Its first row must hold the column names, the following ones the data."
	case TooLarge:
		return "The file “{file}” is larger than {limit}. Keep only the table in it, without pictures, or split it."
	case InflatesTooFar:
		return "The file “{file}” unpacks to more than {limit}. Copy the table alone to a new workbook and save that as .xlsx or CSV."
	case TooManyRows:
		return "The file “{file}” has too many rows: at most {limit}. Split it."
	case TooManyColumns:
		return "Row {row} of the file “{file}” has too many columns: at most {limit}. Remove those that are not needed."
	case TooManyCells:
		return "The file “{file}” has too many cells: at most {limit}. Remove columns that are not needed, or split the file."
	case OldExcel:
		return "The file “{file}” is in the format of Excel 97–2003 (.xls) or locked by a password. Save it without a password as .xlsx or CSV."
	case NotTable:
		return "The file “{file}” is not a table in a format known here. Save it as .xlsx or CSV."
	case UnknownEncoding:
		return "The encoding of the file “{file}” could not be recognised. Save it as “CSV UTF-8” or as .xlsx."
	case BadQuotes:
		return "The quotes in row {row} of the file “{file}” do not match. Put a text that holds quotes in quotes as a whole and double the inner ones: \"The \"\"Ray\"\" Ltd\"."
	default:
		return "The file “{file}” is damaged. Open it in Excel or LibreOffice and save it again as .xlsx."
	}
}

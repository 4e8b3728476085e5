package exports

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxCell is how many UTF-16 units Excel keeps in one cell.
const maxCell = 32767

// clean makes text fit for a cell: invalid UTF-8 and the control characters
// that XML and Excel refuse are dropped, and what is longer than a cell is cut
// and says so with the note.
func clean(text, note string) string {
	if plain(text) {
		return text
	}
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfffe, r == 0xffff, r == utf8.RuneError:
			return -1
		}
		return r
	}, strings.ReplaceAll(text, "\r\n", "\n"))
	return cut(text, note)
}

// plain recognises what needs no work: short, printable ASCII. Most texts of a
// raw export are such.
func plain(text string) bool {
	if len(text) > maxCell {
		return false
	}
	for i := range len(text) {
		if text[i] < 0x20 || text[i] >= 0x7f {
			return false
		}
	}
	return true
}

// cut shortens text to what a cell holds, the note included.
func cut(text, note string) string {
	if len(text) <= maxCell {
		return text // no text has more UTF-16 units than bytes
	}
	units := 0
	room := maxCell - len(utf16.Encode([]rune(note)))
	end := len(text)
	for i, r := range text {
		if units <= room {
			end = i
		}
		if units += utf16.RuneLen(r); units > maxCell {
			return text[:end] + note
		}
	}
	return text
}

// looksLikeFormula reports whether a spreadsheet program could take the text
// for a formula when somebody edits the cell or saves it as CSV.
func looksLikeFormula(text string) bool {
	return text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0
}

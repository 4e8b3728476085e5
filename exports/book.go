package exports

import (
	"fmt"
	"io"
	"sort"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// book is a workbook being written. The first error stays and ends it.
type book struct {
	words
	file   *excelize.File
	styles map[style]int
	sheets int
	err    error
}

func newBook(lang words) *book {
	return &book{words: lang, file: excelize.NewFile(), styles: map[style]int{}}
}

func (b *book) note(err error) {
	if b.err == nil && err != nil {
		b.err = err
	}
}

// sheet is one sheet of a book.
type sheet struct {
	*book
	name    string
	heights map[int]int // lines of the rows that have a height
}

// sheet adds a sheet; the first takes the place of the one a new file has.
func (b *book) sheet(name string) *sheet {
	if b.sheets++; b.sheets == 1 {
		b.note(b.file.SetSheetName("Sheet1", name))
	} else {
		_, err := b.file.NewSheet(name)
		b.note(err)
	}
	hide := false
	zoom := 85.0
	b.note(b.file.SetSheetView(name, 0, &excelize.ViewOptions{ShowGridLines: &hide, ZoomScale: &zoom}))
	return &sheet{b, name, map[int]int{}}
}

func at(col, row int) string {
	name, err := excelize.CoordinatesToCellName(col, row)
	if err != nil {
		panic(err) // columns and rows are counted here, from 1
	}
	return name
}

// ref is an absolute reference to cells of the sheet, for charts and names.
func (s *sheet) ref(col, row, toCol, toRow int) string {
	from, err := excelize.CoordinatesToCellName(col, row, true)
	s.note(err)
	to, err := excelize.CoordinatesToCellName(toCol, toRow, true)
	s.note(err)
	if from == to {
		return "'" + s.name + "'!" + from
	}
	return "'" + s.name + "'!" + from + ":" + to
}

// text writes a text that stays one, whatever it looks like.
func (s *sheet) text(col, row int, text string, st style) {
	text = clean(text, s.t("cell.cut"))
	st.quoted = looksLikeFormula(text)
	s.note(s.file.SetCellStr(s.name, at(col, row), text))
	s.style(col, row, st)
}

// number writes a number, or nothing: what is not known is not zero.
func (s *sheet) number(col, row int, v *float64, st style) {
	if v != nil {
		s.note(s.file.SetCellFloat(s.name, at(col, row), *v, -1, 64))
	}
	s.style(col, row, st)
}

func (s *sheet) count(col, row int, v *int, st style) {
	if v != nil {
		s.note(s.file.SetCellInt(s.name, at(col, row), int64(*v)))
	}
	s.style(col, row, st.as(formatCount))
}

// dateCell writes a day (YYYY-MM-DD) as a date; anything else as the text it is.
func (s *sheet) dateCell(col, row int, day string, st style) {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		s.text(col, row, day, st)
		return
	}
	s.note(s.file.SetCellValue(s.name, at(col, row), t))
	st.align = "center"
	s.style(col, row, st.as(s.dateFormat()))
}

func (s *sheet) style(col, row int, st style) {
	s.note(s.file.SetCellStyle(s.name, at(col, row), at(col, row), s.styleID(st)))
}

// header writes the head of a table.
func (s *sheet) header(col, row int, titles ...string) {
	for i, title := range titles {
		s.text(col+i, row, title, headerStyle)
	}
}

func (s *sheet) widths(from int, widths ...float64) {
	for i, w := range widths {
		name, err := excelize.ColumnNumberToName(from + i)
		s.note(err)
		s.note(s.file.SetColWidth(s.name, name, name, w))
	}
}

// height fixes a row's height for at least so many lines of body text. Every
// row that wraps has one: Excel would else fit the row on opening and stretch
// the charts beside it.
func (s *sheet) height(row, lines int) {
	if lines <= s.heights[row] {
		return
	}
	s.heights[row] = lines
	s.note(s.file.SetRowHeight(s.name, row, rowHeight(lines)))
}

// rowHeight is that of so many lines of body text, in points.
func rowHeight(lines int) float64 { return 4 + 13*float64(lines) }

// lines estimates how many lines text takes in a column of a width.
func lines(text string, width float64) int {
	n, used := 1, 0.0
	word := 0.0
	for _, r := range text {
		switch r {
		case '\n':
			n, used, word = n+1, 0, 0
			continue
		case ' ':
			word = 0
		default:
			word++
		}
		if used++; used > width {
			if word > width {
				word = 1 // a word longer than a line is broken
			}
			n, used = n+1, word
		}
	}
	return n
}

// table makes cells that were written, a header above, a named table with
// filters. Tables of no rows stay plain.
func (s *sheet) table(name string, col, row, toCol, toRow int) {
	if toRow <= row {
		return
	}
	stripes := false
	s.note(s.file.AddTable(s.name, &excelize.Table{Range: at(col, row) + ":" + at(toCol, toRow), Name: name, ShowRowStripes: &stripes}))
}

// freeze keeps the rows above row, and the columns before col, in sight.
func (s *sheet) freeze(col, row int) {
	s.note(s.file.SetPanes(s.name, &excelize.Panes{
		Freeze: true, XSplit: col - 1, YSplit: row - 1, TopLeftCell: at(col, row), ActivePane: "bottomRight",
		Selection: []excelize.Selection{{SQRef: at(col, row), ActiveCell: at(col, row), Pane: "bottomRight"}},
	}))
}

// print sets how the sheet prints: A4, one page wide and so many high (0: as
// many as it takes), with the programme, the sheet and the page in the footer.
func (s *sheet) print(orientation string, high int, programme string) {
	paper, one, fit := 9, 1, true
	s.note(s.file.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}))
	s.note(s.file.SetPageLayout(s.name, &excelize.PageLayoutOptions{Size: &paper, Orientation: &orientation, FitToWidth: &one, FitToHeight: &high}))
	margin, foot := 0.5, 0.7
	s.note(s.file.SetPageMargins(s.name, &excelize.PageLayoutMarginsOptions{Left: &margin, Right: &margin, Top: &margin, Bottom: &foot}))
	s.note(s.file.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{
		OddFooter: "&L&8 " + footerText(programme) + "&C&8 &A&R&8 " + s.t("print.page"),
	}))
}

// footerText escapes the sign that starts a code in a footer and keeps the
// whole within the 255 characters Excel allows.
func footerText(text string) string {
	text = clean(text, "")
	const room = 80
	out := ""
	for _, r := range text {
		if r == '\n' || r == '\t' {
			r = ' '
		}
		out += string(r)
		if r == '&' {
			out += "&"
		}
		if utf8.RuneCountInString(out) >= room {
			return out + "…"
		}
	}
	return out
}

// repeat prints row on top of every page.
func (s *sheet) repeat(row int) {
	s.note(s.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: s.name,
		RefersTo: fmt.Sprintf("'%s'!$%d:$%d", s.name, row, row)}))
}

// area prints these ranges, each from a new page.
func (s *sheet) area(ranges string) {
	s.note(s.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Area", Scope: s.name, RefersTo: ranges}))
}

// write ends the book.
func (b *book) write(w io.Writer) error {
	if b.err != nil {
		return b.err
	}
	// excelize lists the types of images in the order of a map.
	if types := b.file.ContentTypes; types != nil {
		sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	}
	return writeTo(w, b.file)
}

package table_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/tealeg/xlsx/v3"
	"github.com/xuri/excelize/v2"

	"mentorpulse/internal/table"
)

// workbook writes a workbook of one sheet by excelize and gives its bytes.
func workbook(t *testing.T, edit func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	edit(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func set(t *testing.T, f *excelize.File, sheet, cell string, values ...any) {
	t.Helper()
	if err := f.SetSheetRow(sheet, cell, &values); err != nil {
		t.Fatal(err)
	}
}

func TestExcelCellsStandWhereTheyStood(t *testing.T) {
	data := workbook(t, func(f *excelize.File) {
		set(t, f, "Sheet1", "A2", "Ім’я", nil, "Дата")
		set(t, f, "Sheet1", "C5", time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
		set(t, f, "Sheet1", "A5", " Їжак ")
		set(t, f, "Sheet1", "A6", 1001.0, 0.5, true)
		if err := f.SetCellFormula("Sheet1", "A9", "=1+1"); err != nil { // never calculated: no value
			t.Fatal(err)
		}
	})
	got := readBytes(t, data)
	want := `2: "Ім’я" "" "Дата"
5: "Їжак" "" "46082"
6: "1001" "0.5" "1"
`
	if dump(got) != want || got.Sheet != "Sheet1" {
		t.Errorf("sheet %q, got\n%swant\n%s", got.Sheet, dump(got), want)
	}
	cell := got.Rows[1].Cell(3)
	if day, err := table.ParseDate(cell); cell.Ref() != "C5" || err != nil || day.Format(time.DateOnly) != "2026-03-01" {
		t.Errorf("%s = %v, %v", cell.Ref(), day, err)
	}
}

func TestExcelDatesOfThe1904System(t *testing.T) {
	yes := true
	data := workbook(t, func(f *excelize.File) {
		if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes}); err != nil {
			t.Fatal(err)
		}
		set(t, f, "Sheet1", "A1", 46082-1462)
	})
	if day, err := table.ParseDate(readBytes(t, data).Rows[0].Cell(1)); err != nil || day.Format(time.DateOnly) != "2026-03-01" {
		t.Errorf("got %v, %v", day, err)
	}
}

func TestExcelFirstVisibleSheetThatHoldsAnything(t *testing.T) {
	data := workbook(t, func(f *excelize.File) {
		for _, name := range []string{"lists", "People", "Later"} {
			if _, err := f.NewSheet(name); err != nil {
				t.Fatal(err)
			}
			set(t, f, name, "A1", "in "+name)
		}
		if err := f.SetSheetVisible("lists", false); err != nil {
			t.Fatal(err)
		}
	})
	if got := readBytes(t, data); got.Sheet != "People" || dump(got) != "1: \"in People\"\n" {
		t.Errorf("sheet %q: %s", got.Sheet, dump(got))
	}
}

func TestExcelWrittenByAnotherProgram(t *testing.T) {
	f := xlsx.NewFile()
	sheet, err := f.AddSheet("Аркуш1")
	if err != nil {
		t.Fatal(err)
	}
	header := sheet.AddRow()
	header.AddCell().SetString("Ім’я")
	header.AddCell().SetString("Дата")
	row := sheet.AddRow()
	row.AddCell().SetString("Ґалаґан Єва")
	row.AddCell().SetDate(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	got := readBytes(t, b.Bytes())
	if want := "1: \"Ім’я\" \"Дата\"\n2: \"Ґалаґан Єва\" \"46082\"\n"; dump(got) != want {
		t.Errorf("got\n%s", dump(got))
	}
}

// parts are the files of the smallest workbook, as LibreOffice and Google
// Sheets vary it: cells without addresses, inline strings, floats for integers.
func parts(sheet string) map[string]string {
	return map[string]string{
		"[Content_Types].xml": `<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels": `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
			`<sheets><sheet name="Аркуш1" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml": `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + sheet,
	}
}

const endOfSheet = `</sheetData></worksheet>`

func zipped(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, content := range files {
		part, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestExcelVariants(t *testing.T) {
	data := zipped(t, parts(`<row><c t="inlineStr"><is><t>Ім’я</t></is></c><c t="n"><v>1001.0</v></c></row>`+
		`<row r="4"><c t="str"><f>A1</f><v>Єва</v></c><c><v>4.6082E4</v></c><c><v>0.30000000000000004</v></c><c t="inlineStr"><is><r><t>дві </t></r><r><t>частини</t></r></is></c></row>`+endOfSheet))
	want := `1: "Ім’я" "1001"
4: "Єва" "46082" "0.3" "дві частини"
`
	if got := dump(readBytes(t, data)); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestExcelRefusals(t *testing.T) {
	row := `<row><c><v>1</v></c></row>`
	with := func(name, content string) map[string]string {
		files := parts(row + endOfSheet)
		files[name] = content
		return files
	}
	limits := table.Limits{Bytes: 4 << 20, Inflated: 1 << 20, Rows: 5, Columns: 4, Cells: 10}
	for name, test := range map[string]struct {
		data []byte
		code table.Code
	}{
		"zip bomb in the sheet":  {zipped(t, parts(row+strings.Repeat(" ", 8<<20)+endOfSheet)), table.InflatesTooFar},
		"zip bomb beside it":     {zipped(t, with("xl/media/image1.png", strings.Repeat("\x00", 2<<20))), table.InflatesTooFar},
		"many small bombs":       {zipped(t, bombs(parts(row+endOfSheet), 30, 100<<10)), table.InflatesTooFar},
		"bomb that lies":         {understate(t, zipped(t, with("xl/media/image1.png", strings.Repeat("\x00", 2<<20)))), table.Damaged},
		"too many parts":         {zipped(t, bombs(parts(row+endOfSheet), 3000, 1)), table.NotTable},
		"too many rows":          {zipped(t, parts(strings.Repeat(row, 6)+endOfSheet)), table.TooManyRows},
		"too many columns":       {zipped(t, parts(`<row><c r="F1"><v>1</v></c></row>`+endOfSheet)), table.TooManyColumns},
		"too many cells":         {zipped(t, parts(strings.Repeat(`<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row>`, 5)+endOfSheet)), table.TooManyCells},
		"too many elements":      {zipped(t, with("xl/styles.xml", "<styleSheet>"+strings.Repeat("<xf/>", 200_100)+"</styleSheet>")), table.TooManyCells},
		"nothing in it":          {zipped(t, parts(`<row r="3"/>`+endOfSheet)), table.Empty},
		"nested too deep":        {zipped(t, parts(strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100)+endOfSheet)), table.Damaged},
		"endless tag":            {zipped(t, parts("<row "+strings.Repeat(`a="" `, 20_000)+"/>"+endOfSheet)), table.Damaged},
		"sheet cut short":        {zipped(t, parts(row)), table.Damaged},
		"sheet with broken XML":  {zipped(t, parts(row+"<row><c><v>&nope;</v></c></row>"+endOfSheet)), table.Damaged},
		"bad cell address":       {zipped(t, parts(`<row><c r="?"><v>1</v></c></row>`+endOfSheet)), table.Damaged},
		"file cut short":         {zipped(t, parts(row+endOfSheet))[:600], table.Damaged},
		"flipped bits":           {flipped(zipped(t, parts(row+endOfSheet)), `Аркуш`), table.Damaged},
		"a Word document":        {zipped(t, map[string]string{"word/document.xml": "<document/>"}), table.NotTable},
		"an empty archive":       {zipped(t, nil), table.NotTable},
		"old Excel":              {append([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), make([]byte, 4096)...), table.OldExcel},
		"only the archive magic": {[]byte("PK\x03\x04"), table.Damaged},
	} {
		t.Run(name, func(t *testing.T) {
			_ = refusal(t, bytes.NewReader(test.data), limits, test.code)
		})
	}
}

func bombs(files map[string]string, n, size int) map[string]string {
	for i := range n {
		files[fmt.Sprintf("xl/media/image%d.png", i)] = strings.Repeat("\x00", size)
	}
	return files
}

// understate rewrites the archive's declared sizes of the picture to 10 bytes.
func understate(t *testing.T, data []byte) []byte {
	t.Helper()
	central := bytes.LastIndex(data, []byte("xl/media/image1.png")) - 46
	if central < 0 || string(data[central:central+4]) != "PK\x01\x02" {
		t.Fatal("no central directory entry found")
	}
	binary.LittleEndian.PutUint32(data[central+24:], 10)
	return data
}

// flipped stores the workbook part uncompressed and damages it, leaving its
// checksum as it was.
func flipped(data []byte, text string) []byte {
	r, _ := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range r.File {
		from, _ := f.Open()
		content, _ := io.ReadAll(from)
		to, _ := w.CreateRaw(&zip.FileHeader{
			Name: f.Name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(content),
			CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
		})
		_, _ = to.Write(content)
	}
	_ = w.Close()
	return bytes.Replace(b.Bytes(), []byte(text), []byte("Шркуа"), 1)
}

package table_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"mentorpulse/internal/table"
)

// dump writes a table as "row: cell|cell" lines.
func dump(t *table.Table) string {
	var b strings.Builder
	for _, row := range t.Rows {
		fmt.Fprintf(&b, "%d:", row.Number)
		for c := 1; c <= row.Len(); c++ {
			fmt.Fprintf(&b, " %q", row.Cell(c).Text)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func readBytes(t *testing.T, data []byte) *table.Table {
	t.Helper()
	got, err := table.Read(bytes.NewReader(data), "file", table.DefaultLimits())
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return got
}

// refusal is the error that reading data gives, which must be of the code and
// have a message in both languages that names the file.
func refusal(t *testing.T, r io.Reader, limits table.Limits, want table.Code) *table.Error {
	t.Helper()
	got, err := table.Read(r, "люди.xlsx", limits)
	var refused *table.Error
	if !errors.As(err, &refused) {
		t.Fatalf("Read = %v, %v; want refusal %q", got, err, want)
	}
	if refused.Code != want {
		t.Fatalf("refused as %q (%v), want %q", refused.Code, refused, want)
	}
	for _, lang := range []string{"uk", "en"} {
		m := refused.Message(lang)
		if !strings.Contains(m, "люди.xlsx") || strings.ContainsAny(m, "{}—") {
			t.Errorf("%s message %q does not name the file or has a gap", lang, m)
		}
	}
	if refused.Message("uk") == refused.Message("en") {
		t.Errorf("%q has one message for both languages", want)
	}
	return refused
}

func encoded(t testing.TB, e encoding.Encoding, text string) []byte {
	t.Helper()
	data, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const people = "Ім’я;Роль;Напрям\r\nҐалаґан Єва;наставниця;Ризики, їх облік\r\nЇжакевич Ігор;підопічний;Дані\r\n"

const peopleRead = `1: "Ім’я" "Роль" "Напрям"
2: "Ґалаґан Єва" "наставниця" "Ризики, їх облік"
3: "Їжакевич Ігор" "підопічний" "Дані"
`

func TestCSVEncodings(t *testing.T) {
	for name, data := range map[string][]byte{
		"UTF-8":          []byte(people),
		"UTF-8 BOM":      []byte("\ufeff" + people),
		"UTF-16 LE BOM":  encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), people),
		"UTF-16 BE BOM":  encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), people),
		"Windows-1251":   encoded(t, charmap.Windows1251, people),
		"decomposed":     norm.NFD.Bytes([]byte(people)),
		"old Mac":        []byte(strings.ReplaceAll(people, "\r\n", "\r")),
		"tabs":           []byte(strings.ReplaceAll(people, ";", "\t")),
		"commas":         []byte("Ім’я,Роль,Напрям\nҐалаґан Єва,наставниця,\"Ризики, їх облік\"\nЇжакевич Ігор,підопічний,Дані\n"),
		"sep line":       []byte("sep=;\r\n" + people),
		"spaces around":  []byte(strings.ReplaceAll(people, ";", " \u00a0;\u200b ")),
		"no end of line": []byte(strings.TrimSpace(people)),
	} {
		t.Run(name, func(t *testing.T) {
			if got := dump(readBytes(t, data)); got != peopleRead {
				t.Errorf("got\n%swant\n%s", got, peopleRead)
			}
		})
	}
}

// The codes of the letters that tell Ukrainian from Russian, by the table of
// Windows-1251 itself and not by the library that decodes them.
func TestWindows1251UkrainianLetters(t *testing.T) {
	data := []byte("a;b\n\xb2\xb3-\xaf\xbf-\xaa\xba-\xa5\xb4;x\n")
	if got := readBytes(t, data).Rows[1].Cell(1).Text; got != "Іі-Її-Єє-Ґґ" {
		t.Errorf("got %q", got)
	}
}

func TestOtherEncodingsAreRefused(t *testing.T) {
	text := "Ім’я;Роль\nГалаган Катерина;наставниця\nПетренко Ігор;учасник порівняння\n"
	plain := strings.NewReplacer("’", "'", "і", "и", "І", "И").Replace(text)
	for name, data := range map[string][]byte{
		"KOI8-U":      encoded(t, charmap.KOI8U, strings.ReplaceAll(text, "’", "'")),
		"OEM 866":     encoded(t, charmap.CodePage866, plain),
		"Latin-1":     encoded(t, charmap.ISO8859_1, "name;role\nJosé Muñoz;mentor\nZoë Brontë;mentee\n"),
		"cut UTF-8":   append([]byte(text), 0xd0),
		"broken BOM":  append([]byte("\ufeff"), encoded(t, charmap.Windows1251, plain)...),
		"odd UTF-16":  {0xff, 0xfe, 'a', 0, ';'},
		"half a pair": {0xff, 0xfe, 0x00, 0xd8, 'a', 0},
	} {
		t.Run(name, func(t *testing.T) {
			_ = refusal(t, bytes.NewReader(data), table.DefaultLimits(), table.UnknownEncoding)
		})
	}
}

func TestCSVRowNumbersAreThoseOfASpreadsheet(t *testing.T) {
	got := dump(readBytes(t, []byte("\n\nname,note\n,\nAnna,\"two\r\nlines, \"\"quoted\"\"\"\n\n\nBen,\"\"\nCleo,x,\n")))
	want := `3: "name" "note"
5: "Anna" "two\nlines, \"quoted\""
8: "Ben"
9: "Cleo" "x"
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCSVRefusals(t *testing.T) {
	limits := table.Limits{Bytes: 1 << 20, Inflated: 1 << 20, Rows: 3, Columns: 4, Cells: 8}
	for name, test := range map[string]struct {
		text string
		code table.Code
		row  int
	}{
		"empty":               {"", table.Empty, 0},
		"white space":         {" \r\n\t\n", table.Empty, 0},
		"separators only":     {";;;\n;;;\n", table.Empty, 0},
		"binary":              {"name,role\nAnna\x00,mentor\n", table.NotTable, 0},
		"binary, eight bits":  {"\x89PNG\xff\xfe\x00\x01", table.NotTable, 0},
		"web page":            {"\n<html><table><tr><td>name</td></tr></table>", table.NotTable, 0},
		"XML":                 {"<?xml version=\"1.0\"?><Workbook/>", table.NotTable, 0},
		"quote never closed":  {"name,role\n\nAnna,\"mentor\nBen,mentee\n", table.BadQuotes, 3},
		"quote in the middle": {"name,role\nAnna \"An\" Poe,mentor\n", table.BadQuotes, 2},
		"rows":                {"a\nb\nc\nd\n", table.TooManyRows, 4},
		"columns":             {"a\nb,,,,c\n", table.TooManyColumns, 2},
		"cells":               {"a,b,c\nd,e,f\ng,h,i\n", table.TooManyCells, 3},
		"a row of commas":     {"a,b\nc" + strings.Repeat(",", 20_000) + "\n", table.TooManyColumns, 2},
		"quoted rows of tabs": {"a\tb\n\"c\n\"" + strings.Repeat("\t\"\n\"", 20_000) + "\n", table.TooManyColumns, 2},
	} {
		t.Run(name, func(t *testing.T) {
			if got := refusal(t, strings.NewReader(test.text), limits, test.code); got.Row != test.row {
				t.Errorf("row %d, want %d", got.Row, test.row)
			}
		})
	}
}

type zeros struct{ read int64 }

func (z *zeros) Read(p []byte) (int, error) {
	clear(p)
	z.read += int64(len(p))
	return len(p), nil
}

func TestALargeFileIsNotReadWhole(t *testing.T) {
	source := &zeros{}
	limits := table.DefaultLimits()
	refused := refusal(t, io.LimitReader(source, 200<<20), limits, table.TooLarge)
	if source.read > limits.Bytes+1 {
		t.Errorf("read %d bytes of a file over the limit of %d", source.read, limits.Bytes)
	}
	if m := refused.Message("uk"); !strings.Contains(m, "20\u00a0МБ") {
		t.Errorf("message %q does not give the limit", m)
	}
}

func TestAFailingReaderIsNotARefusedFile(t *testing.T) {
	broken := errors.New("connection lost")
	_, err := table.Read(io.MultiReader(strings.NewReader("a,b\n"), failing{broken}), "f.csv", table.DefaultLimits())
	var refused *table.Error
	if !errors.Is(err, broken) || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// What a spreadsheet program writes, by whichever separator and encoding, is
// read back as it was.
func TestCSVRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		comma := rapid.SampledFrom([]string{",", ";", "\t"}).Draw(t, "comma")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
		cell := rapid.StringMatching(`[a-zА-ЯЄІЇҐа-яєіїґ0-9,;"'.\t-]{0,8}[а-яєіїґ]`)
		columns := rapid.IntRange(2, 6).Draw(t, "columns")
		rows := rapid.SliceOfN(rapid.SliceOfN(cell, columns, columns), 1, 12).Draw(t, "rows")
		var file, want strings.Builder
		for i, row := range rows {
			fmt.Fprintf(&want, "%d:", i+1)
			for c, text := range row {
				if c > 0 {
					file.WriteString(comma)
				}
				file.WriteString(`"` + strings.ReplaceAll(text, `"`, `""`) + `"`)
				fmt.Fprintf(&want, " %q", strings.TrimSpace(text))
			}
			file.WriteString(end)
			want.WriteString("\n")
		}
		got, err := table.Read(strings.NewReader(file.String()), "f.csv", table.DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		if dump(got) != want.String() {
			t.Fatalf("file\n%s\ngot\n%swant\n%s", file.String(), dump(got), want.String())
		}
	})
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(people))
	f.Add(encoded(f, charmap.Windows1251, people))
	f.Add(encoded(f, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), people))
	f.Add([]byte("sep=;\na;\"b\nc\"\n\n;x\n"))
	f.Add([]byte("a,\"b"))
	f.Add([]byte("\xff\xfe\x00"))
	limits := table.Limits{Bytes: 1 << 16, Inflated: 1 << 16, Rows: 100, Columns: 20, Cells: 500}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := table.Read(bytes.NewReader(data), "f.csv", limits)
		var refused *table.Error
		if err != nil {
			if !errors.As(err, &refused) {
				t.Fatalf("an error without a message for people: %v", err)
			}
			return
		}
		if len(got.Rows) == 0 || len(got.Rows) > limits.Rows {
			t.Fatalf("%d rows", len(got.Rows))
		}
		last := 0
		for _, row := range got.Rows {
			if row.Number <= last || row.Len() < 1 || row.Len() > limits.Columns || row.Cell(row.Len()).Empty() {
				t.Fatalf("row %d after %d with %d cells", row.Number, last, row.Len())
			}
			last = row.Number
			for c := 1; c <= row.Len(); c++ {
				cell := row.Cell(c)
				if !utf8.ValidString(cell.Text) {
					t.Fatalf("%s is not UTF-8: %q", cell.Ref(), cell.Text)
				}
				_, _ = table.ParseDate(cell)
				_, _ = table.ParseNumber(cell)
			}
		}
	})
}

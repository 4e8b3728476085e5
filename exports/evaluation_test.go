package exports

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tealeg/xlsx/v3"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

func encode(t testing.TB, e *Evaluation) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := e.Encode(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// read opens a workbook with a library that did not write it.
func read(t testing.TB, data []byte) *xlsx.File {
	t.Helper()
	file, err := xlsx.OpenBinary(data)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func cell(t testing.TB, s *xlsx.Sheet, col, row int) *xlsx.Cell {
	t.Helper()
	c, err := s.Cell(row-1, col-1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// wantNumber checks that a cell holds the number, to the 15 digits that a
// spreadsheet keeps, or nothing.
func wantNumber(t testing.TB, what string, c *xlsx.Cell, want *float64) {
	t.Helper()
	if want == nil {
		if c.Value != "" {
			t.Errorf("%s: %q, want an empty cell", what, c.Value)
		}
		return
	}
	got, err := strconv.ParseFloat(c.Value, 64)
	if err != nil || math.Abs(got-*want) > 1e-14*math.Abs(*want) || c.Type() != xlsx.CellTypeNumeric {
		t.Errorf("%s: %q (type %d), want the number %v", what, c.Value, c.Type(), *want)
	}
}

func float(n *int) *float64 {
	if n == nil {
		return nil
	}
	return ptr(float64(*n))
}

// Every figure of every report stands in its sheet, with all its numbers.
func TestEveryFigureIsInItsSheet(t *testing.T) {
	for _, lang := range []string{"uk", "en"} {
		e := sample(t, lang)
		file := read(t, encode(t, e))
		for _, r := range e.reports() {
			name := words(lang).t("sheet." + r.Kind)
			s, ok := file.Sheet[name]
			if !ok {
				t.Fatalf("no sheet %q", name)
			}
			want := append([]analytics.Figure{}, r.Figures...)
			for _, f := range r.Series {
				if f.Wave != r.Wave.Label { // those of the wave are among the figures
					want = append(want, f)
				}
			}
			for i, f := range want {
				checkFigure(t, s, headRow+1+i, f, lang)
			}
			if c := cell(t, s, colRole, headRow+1+len(want)); c.Value != "" {
				t.Errorf("%s: %q below the last figure", name, c.Value)
			}
		}
	}
}

func checkFigure(t testing.TB, s *xlsx.Sheet, row int, f analytics.Figure, lang string) {
	t.Helper()
	what := s.Name + " " + f.Measure + " " + string(f.Role) + " row " + strconv.Itoa(row)
	if got := cell(t, s, colRole, row).Value; got != words(lang).role(f.Role) {
		t.Errorf("%s: role %q", what, got)
	}
	if got := cell(t, s, colSegment, row).Value; got != words(lang).segment(f.Segment) {
		t.Errorf("%s: segment %q", what, got)
	}
	if f.Wave != "" {
		at, err := cell(t, s, colWave, row).GetTime(false)
		if err != nil || at.Format("2006-01-02") != f.Wave {
			t.Errorf("%s: wave %v, %v", what, at, err)
		}
	}
	if f.Withheld != nil {
		if c := cell(t, s, colValue, row); c.Value != f.Withheld.Reason || c.Type() == xlsx.CellTypeNumeric {
			t.Errorf("%s: %q, want the reason", what, c.Value)
		}
		for col := colN; col <= colRemark; col++ {
			wantNumber(t, what, cell(t, s, col, row), nil)
		}
		return
	}
	wantNumber(t, what+" value", cell(t, s, colValue, row), f.Value)
	wantNumber(t, what+" n", cell(t, s, colN, row), float(f.N))
	wantNumber(t, what+" low", cell(t, s, colLow, row), f.Low)
	wantNumber(t, what+" high", cell(t, s, colHigh, row), f.High)
	c := f.Change
	if c == nil || c.Withheld != nil {
		c = &analytics.Change{}
	}
	for col, want := range map[int]*float64{colChange: c.Value, colChangeLow: c.Low, colChangeHigh: c.High, colP: c.P, colPExact: c.PExact, colQ: c.Q, colEffect: c.Effect} {
		wantNumber(t, what+" change", cell(t, s, col, row), want)
	}
	remark := cell(t, s, colRemark, row).Value
	for _, w := range []*analytics.Withheld{f.NoInterval, c.NoTest, c.NoEffect, c.Unpaired} {
		if w != nil && !strings.Contains(remark, w.Reason) {
			t.Errorf("%s: remark %q lacks %q", what, remark, w.Reason)
		}
	}
}

// Should a withheld figure carry numbers after all, they reach no part of the
// file: no cell, no chart, no cache, no hidden sheet.
func TestWithheldNumbersAreNowhere(t *testing.T) {
	const secret = 987654.25
	e := sample(t, "en")
	hidden := 0
	spoil := func(figures []analytics.Figure) {
		for i := range figures {
			f := &figures[i]
			if f.Withheld != nil {
				f.Value, f.Low, f.High, f.N = ptr(secret), ptr(secret), ptr(secret), ptr(987654)
				hidden++
			}
			if f.Change != nil && f.Change.Withheld != nil {
				f.Change.Value, f.Change.Low, f.Change.N = ptr(secret), ptr(secret), ptr(987654)
				hidden++
			}
		}
	}
	for _, r := range e.reports() {
		spoil(r.Figures)
		spoil(r.Series)
		for i := range r.Curves {
			if c := &r.Curves[i]; c.Withheld != nil {
				c.Median, c.N = ptr(secret), ptr(987654)
				c.Points = []analytics.CurvePoint{{Survival: secret}, {Time: 3, Survival: secret}}
				hidden++
			}
		}
		for i := range r.Cohorts {
			if c := &r.Cohorts[i]; c.Withheld != nil {
				c.N, c.Active = ptr(987654), []*float64{ptr(secret)}
				hidden++
			}
		}
		for i := range r.Tests {
			if r.Tests[i].Withheld != nil {
				r.Tests[i].P = ptr(secret)
				hidden++
			}
		}
	}
	if hidden < 8 {
		t.Fatalf("only %d withheld things in the sample", hidden)
	}
	for name, part := range parts(t, encode(t, e)) {
		if strings.Contains(part, "987654") {
			t.Errorf("%s holds a withheld number", name)
		}
		if strings.Contains(name, "charts/chart") && (strings.Contains(part, "<c:pt") || strings.Contains(part, "<pt ")) {
			t.Errorf("%s keeps a copy of values", name)
		}
		if name == "xl/workbook.xml" && strings.Contains(part, "idden") {
			t.Errorf("a hidden sheet: %s", part)
		}
	}
}

// parts are the files of a workbook.
func parts(t testing.TB, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(content)
	}
	return all
}

// What people can type in (names, attributes, titles) stays text.
func TestTextsThatLookLikeFormulas(t *testing.T) {
	e := sample(t, "uk")
	e.Program.Name = "=1+1"
	e.MadeBy = "@SUM(A1)"
	e.Questionnaires[0].Title = "-2+3"
	e.Definitions[0].Formula = "+380\x00\x1b"
	e.Engagement.Definitions[analytics.MeasureEngagement] = analytics.Definition{ID: analytics.MeasureEngagement, Title: "=cmd|' /C calc'!A0"}
	data := encode(t, e)
	for name, part := range parts(t, data) {
		if strings.HasPrefix(name, "xl/worksheets/") && strings.Contains(part, "<f>") {
			t.Errorf("%s has a formula", name)
		}
		if strings.ContainsAny(part, "\x00\x1b") {
			t.Errorf("%s has a control character", name)
		}
	}
	file := read(t, data)
	found := map[string]bool{"=1+1": false, "-2+3": false, "+380": false, "=cmd|' /C calc'!A0": false}
	for _, s := range file.Sheets {
		err := s.ForEachRow(func(r *xlsx.Row) error {
			return r.ForEachCell(func(c *xlsx.Cell) error {
				if _, is := found[c.Value]; is && c.Type() == xlsx.CellTypeString && c.Formula() == "" {
					found[c.Value] = true
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for text, ok := range found {
		if !ok {
			t.Errorf("%q is nowhere as a text", text)
		}
	}
	if !strings.Contains(parts(t, data)["xl/styles.xml"], `quotePrefix="true"`) {
		t.Error("no style keeps a text a text when it is edited")
	}
}

func TestSameEvaluationSameBytes(t *testing.T) {
	if !bytes.Equal(encode(t, sample(t, "uk")), encode(t, sample(t, "uk"))) {
		t.Error("two encodings of one evaluation differ")
	}
}

func TestSheetsAndProperties(t *testing.T) {
	for lang, want := range map[string]string{
		"uk": "Підсумок Участь Залученість Впевненість Утримання Цілі Метод",
		"en": "Summary Participation Engagement Confidence Retention Goals Method",
	} {
		data := encode(t, sample(t, lang))
		var names []string
		for _, s := range read(t, data).Sheets {
			names = append(names, s.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("sheets %q, want %q", got, want)
		}
		p := parts(t, data)
		for _, part := range []string{"2026-08-14T09:30:00Z", "HR", "<dc:language>" + lang} {
			if !strings.Contains(p["docProps/core.xml"], part) {
				t.Errorf("properties lack %q: %s", part, p["docProps/core.xml"])
			}
		}
		if n := strings.Count(p["xl/workbook.xml"], "_xlnm.Print_Titles"); n != 6 {
			t.Errorf("%d sheets repeat their head in print, want 6", n)
		}
		if strings.Contains(p["xl/drawings/drawing1.xml"], `descr=""`) || !strings.Contains(p["xl/drawings/drawing1.xml"], "descr=") {
			t.Error("a chart without alt text")
		}
	}
}

// Every definition of what is shown is explained, with its source.
func TestMethodExplainsEveryMeasure(t *testing.T) {
	e := sample(t, "en")
	s := read(t, encode(t, e)).Sheet["Method"]
	texts := map[string]string{}
	for row := 5; ; row++ {
		title := cell(t, s, 1, row).Value
		if title == "" {
			break
		}
		texts[title] = cell(t, s, 3, row).Value + "|" + cell(t, s, 4, row).Value + "|" + cell(t, s, 5, row).Value
	}
	for _, d := range e.Definitions {
		want := d.Formula + "|" + d.Source + "|" + d.Reading
		held := slices.ContainsFunc(e.reports(), func(r *analytics.Report) bool { return r.Kind == d.Report })
		if held != (texts[d.Title] == want) { // what other reports show is not explained here
			t.Errorf("%s: %q, want %q: %v", d.ID, texts[d.Title], want, held)
		}
	}
}

// A programme that has just begun has a workbook too, without charts.
func TestEmptyProgramme(t *testing.T) {
	e := sample(t, "uk")
	reason := &analytics.Withheld{Code: analytics.CodeNoWaves, Reason: "Хвиль ще не було."}
	for _, r := range e.reports() {
		r.Wave, r.Waves, r.Figures, r.Series, r.Curves, r.Tests, r.Cohorts, r.Notice = nil, nil, nil, nil, nil, nil, nil, reason
	}
	e.Questionnaires, e.Program.Ends = nil, e.Program.Ends.AddDate(-3000, 0, 0)
	file := read(t, encode(t, e))
	if got := cell(t, file.Sheet["Участь"], 1, 4).Value; got != reason.Reason {
		t.Errorf("notice %q", got)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for name, change := range map[string]func(*Evaluation){
		"language": func(e *Evaluation) { e.Lang = "de" },
		"missing":  func(e *Evaluation) { e.Goals = nil },
		"order":    func(e *Evaluation) { e.Goals, e.Retention = e.Retention, e.Goals },
		"foreign":  func(e *Evaluation) { e.Engagement.Program = "other" },
		"tongue":   func(e *Evaluation) { e.Engagement.Lang = "en" },
	} {
		e := sample(t, "uk")
		change(e)
		var out bytes.Buffer
		if err := e.Encode(&out); err == nil || out.Len() > 0 {
			t.Errorf("%s: error %v, %d bytes written", name, err, out.Len())
		}
	}
}

var errFull = errors.New("disk is full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

func TestWriterThatFails(t *testing.T) {
	if err := sample(t, "en").Encode(fullDisk{}); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}

// Every text exists in both languages.
func TestMessages(t *testing.T) {
	uk, en := keys(t, "messages.uk.yaml"), keys(t, "messages.en.yaml")
	for id := range uk {
		if !en[id] {
			t.Errorf("%s is not in English", id)
		}
	}
	for id := range en {
		if !uk[id] {
			t.Errorf("%s is not in Ukrainian", id)
		}
	}
	for _, role := range program.Roles() {
		if !uk["role."+string(role)] {
			t.Errorf("role %s has no name", role)
		}
	}
}

// The smallest group stands in the plural that its number asks for.
func TestThresholdIsCounted(t *testing.T) {
	for lang, want := range map[string][]string{"uk": {"менше ніж 3 особи,", "менше ніж 4 особи,", "менше ніж 5 осіб,"}, "en": {"fewer than 3 people", "fewer than 4 people", "fewer than 5 people"}} {
		for i, text := range want {
			e := sample(t, lang)
			for _, r := range e.reports() {
				r.K = 3 + i
			}
			file := read(t, encode(t, e))
			found := map[string]int{}
			for _, s := range file.Sheets {
				err := s.ForEachRow(func(r *xlsx.Row) error {
					return r.ForEachCell(func(c *xlsx.Cell) error {
						found[s.Name] += strings.Count(c.Value, text)
						return nil
					})
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, s := range file.Sheets {
				if found[s.Name] == 0 {
					t.Errorf("sheet %q does not say %q", s.Name, text)
				}
			}
		}
	}
}

// Ukrainian texts have spaced en dashes and a space before the percent sign.
func TestUkrainianTypography(t *testing.T) {
	data, err := messageFiles.ReadFile("messages.uk.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if at := regexp.MustCompile(`.*(—|[0-9]%|['"]я|менших за).*`).FindString(string(data)); at != "" {
		t.Errorf("%s", at)
	}
}

func keys(t *testing.T, name string) map[string]bool {
	t.Helper()
	data, err := messageFiles.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		if id, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") {
			all[id] = true
		}
	}
	return all
}

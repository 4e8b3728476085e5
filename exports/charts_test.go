package exports

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/tealeg/xlsx/v3"
	"github.com/xuri/excelize/v2"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

var reference = regexp.MustCompile(`<f>'([^']+)'!\$([A-Z]+)\$(\d+)(?::\$([A-Z]+)\$(\d+))?</f>`)

// column reads the cells that a chart refers to.
func column(t *testing.T, file *xlsx.File, ref []string) []*xlsx.Cell {
	t.Helper()
	s, ok := file.Sheet[ref[1]]
	if !ok {
		t.Fatalf("a chart refers to sheet %q", ref[1])
	}
	col, err := excelize.ColumnNameToNumber(ref[2])
	if err != nil {
		t.Fatal(err)
	}
	var from, to int
	_, _ = fmt.Sscan(ref[3], &from)
	if to = from; ref[5] != "" {
		_, _ = fmt.Sscan(ref[5], &to)
	}
	var cells []*xlsx.Cell
	for row := from; row <= to; row++ {
		cells = append(cells, cell(t, s, col, row))
	}
	return cells
}

// charts lists, by title, the references of each chart's series: name, x, y.
func charts(t *testing.T, data []byte) map[string][][]string {
	t.Helper()
	title := regexp.MustCompile(`<a:t[^>]*>([^<]*)</a:t>|<t>([^<]*)</t>`)
	all := map[string][][]string{}
	for name, part := range parts(t, data) {
		if !strings.Contains(name, "charts/chart") {
			continue
		}
		found := title.FindStringSubmatch(part)
		if found == nil {
			t.Fatalf("%s has no title", name)
		}
		all[found[1]+found[2]] = reference.FindAllStringSubmatch(html.UnescapeString(part), -1)
	}
	return all
}

// The charts are drawn from cells that hold the reports' numbers: every wave of
// the trend, and nothing where a figure is withheld.
func TestTrendChart(t *testing.T) {
	e := sample(t, "en")
	data := encode(t, e)
	file := read(t, data)
	refs := charts(t, data)["Engagement index"]
	if len(refs) != 3*6 { // four roles and the two ends of the interval
		t.Fatalf("%d references: %v", len(refs), refs)
	}
	for i, role := range everybody() {
		if name := column(t, file, refs[3*i])[0].Value; name != words("en").role(role) {
			t.Errorf("series %d is named %q", i, name)
		}
		values := column(t, file, refs[3*i+2])
		if len(values) != len(e.Engagement.Waves) {
			t.Fatalf("%s: %d values", role, len(values))
		}
		for w, c := range values {
			var want *float64
			for _, f := range e.Engagement.Series {
				if f.Measure == analytics.MeasureEngagement && f.Role == role && f.Wave == e.Engagement.Waves[w].Label {
					want = f.Value
				}
			}
			if (want == nil) != (role == program.Comparison && w == 3) {
				t.Fatal("the sample withholds something else")
			}
			wantNumber(t, fmt.Sprintf("%q wave %d", role, w+1), c, want)
		}
	}
}

// A Kaplan–Meier curve is drawn level from each point to the next.
func TestCurveIsDrawnInSteps(t *testing.T) {
	e := sample(t, "en")
	data := encode(t, e)
	file := read(t, data)
	refs := charts(t, data)[e.Retention.Definitions[analytics.MeasureStay].Title]
	if len(refs) != 3*3 { // the comparison group's is withheld
		t.Fatalf("%d references: %v", len(refs), refs)
	}
	for i := range 3 {
		curve := e.Retention.Curves[i]
		x, y := column(t, file, refs[3*i+1]), column(t, file, refs[3*i+2])
		if len(x) != 2*len(curve.Points) { // a step before each but the first, and the end
			t.Fatalf("curve %d has %d points", i, len(x))
		}
		for j, p := range curve.Points {
			wantNumber(t, "time", x[2*j], &p.Time)
			wantNumber(t, "survival", y[2*j], &p.Survival)
			until := curve.Until
			if j+1 < len(curve.Points) {
				until = &curve.Points[j+1].Time
			}
			wantNumber(t, "end of step", x[2*j+1], until)
			wantNumber(t, "level of step", y[2*j+1], &p.Survival)
		}
	}
}

// The levels of goal attainment stand in their order, whatever the report's.
func TestDistributionChart(t *testing.T) {
	e := sample(t, "uk")
	data := encode(t, e)
	file := read(t, data)
	refs := charts(t, data)[e.Goals.Definitions[analytics.MeasureLevels].Title]
	if len(refs) != 3*3 {
		t.Fatalf("%d references: %v", len(refs), refs)
	}
	levels, shares := column(t, file, refs[1]), column(t, file, refs[2])
	for i, want := range []float64{.04, .18, .41, .29, .08} {
		l := words("uk")
		if name := l.level(fmt.Sprint(i - 2)); levels[i].Value != name {
			t.Errorf("level %d is %q, want %q", i-2, levels[i].Value, name)
		}
		role := column(t, file, refs[0])[0].Value
		for j, r := range []program.Role{"", program.Mentor, program.Mentee} {
			if l.role(r) == role {
				want += .01 * float64(j)
			}
		}
		wantNumber(t, levels[i].Value, shares[i], &want)
	}
}

package exports

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"testing"

	"github.com/tealeg/xlsx/v3"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
)

// numbersOf are all numbers in a report as it is sent, in order.
func numbersOf(t *testing.T, reports ...any) []float64 {
	t.Helper()
	text, err := json.Marshal(reports)
	must(t, err)
	var tree any
	must(t, json.Unmarshal(text, &tree))
	var list []float64
	var walk func(any)
	walk = func(node any) {
		switch node := node.(type) {
		case float64:
			list = append(list, node)
		case []any:
			for _, one := range node {
				walk(one)
			}
		case map[string]any:
			for _, one := range node {
				walk(one)
			}
		}
	}
	walk(tree)
	slices.Sort(list)
	return list
}

// The workbook has no number that the reports do not send for the same query: it
// shows a part of what they show, so what protects them protects it.
func TestWorkbookHasNoNumberThatReportsLack(t *testing.T) {
	s := newService(t, program.Confidential)
	for query, q := range map[string]analytics.Query{
		"lang=en":                        {},
		"lang=en&by=department":          {By: "department"},
		"lang=en&wave=2":                 {Wave: "2"},
		"lang=en&by=department&wave=2..": {By: "department", Wave: "2.."},
		"lang=en&by=department&wave=1":   {By: "department", Wave: "1"},
		"lang=en&by=department&wave=..2": {By: "department", Wave: "..2"},
	} {
		q.Program, q.Lang = s.program.ID, "en"
		var reports []any
		for _, call := range []func(context.Context, analytics.Query) (*analytics.Report, error){
			s.service.Participation, s.service.Engagement, s.service.Confidence, s.service.Retention, s.service.Goals,
		} {
			r, err := call(t.Context(), q)
			must(t, err)
			reports = append(reports, r)
		}
		sent := numbersOf(t, reports...)
		w := s.get("/report.xlsx?"+query, s.key)
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", query, w.Code, w.Body)
		}
		numbers := 0
		for _, sheet := range read(t, w.Body.Bytes()).Sheets {
			must(t, sheet.ForEachRow(func(row *xlsx.Row) error {
				return row.ForEachCell(func(c *xlsx.Cell) error {
					if c.Type() != xlsx.CellTypeNumeric || c.Value == "" || c.IsTime() {
						return nil
					}
					v, err := strconv.ParseFloat(c.Value, 64)
					must(t, err)
					numbers++
					at, _ := slices.BinarySearch(sent, v-1e-12*math.Abs(v))
					if at == len(sent) || sent[at] > v+1e-12*math.Abs(v) {
						x, y := c.GetCoordinates()
						t.Errorf("%s: %s in row %d, column %d of %s is in no report", query, c.Value, y+1, x+1, sheet.Name)
					}
					return nil
				})
			}))
		}
		if numbers < 100 {
			t.Errorf("%s: only %d numbers in the workbook", query, numbers)
		}
	}
}

package survey

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"mentorpulse/internal/program"
	"mentorpulse/internal/table"
)

const (
	// maxPastProblems is how many problems are listed: more of them are always
	// the same mistake again.
	maxPastProblems = 1000
	// maxWaveName bounds a wave's name, in letters.
	maxWaveName = 64
	// deepestPastHeader is how far down the row of headers is looked for.
	deepestPastHeader = 10
)

// PastLimits are those of files of past answers, which are longer and wider
// than rosters: up to 500,000 rows.
func PastLimits() table.Limits {
	return table.Limits{Bytes: 128 << 20, Inflated: 512 << 20, Rows: 500_000, Columns: 1024, Cells: 15_000_000}
}

// Past is what a file of past answers says.
type Past struct {
	mapping *PastMapping
	waves   []Occurrence // in the order in which they open
	rows    []pastRow
}

// pastRow is what one respondent answered in one wave.
type pastRow struct {
	number     int // of the row in the file
	respondent string
	wave       string
	role       program.Role
	attributes map[string]string // shared between rows
	// items and values are parallel: the item's place in the mapping and the
	// answer as given.
	items  []uint16
	values []float32
}

// ReadPast reads past answers from a table: a row of headers, which may stand
// below a title, then one row a respondent and wave. now is the time by which
// every wave must be over. All problems are listed, by row and column, and with
// any there are no answers to import.
func ReadPast(t *table.Table, m *PastMapping, zone *time.Location, now time.Time) (*Past, []PastProblem) {
	r := newPastReader(t, m)
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	for _, row := range r.below {
		r.row(row)
	}
	if len(r.rows) == 0 && len(r.problems) == 0 {
		r.problems = []PastProblem{{Row: r.header.Number, Code: PastNoRows}}
	}
	waves := r.schedule(zone, now)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b PastProblem) int {
			return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(len(a.Column), len(b.Column)), cmp.Compare(a.Column, b.Column))
		})
		if len(r.problems) > maxPastProblems {
			r.problems = append(r.problems[:maxPastProblems:maxPastProblems], PastProblem{Code: PastMoreProblems, Limit: maxPastProblems})
		}
		return nil, r.problems
	}
	return &Past{mapping: m, waves: waves, rows: r.rows}, nil
}

// pastReader gathers what the rows say and what is wrong with it.
type pastReader struct {
	m      *PastMapping
	header table.Row
	below  []table.Row
	// The places of the columns, 0 for one that the mapping does not name.
	respondent, wave, role int
	attributes, items      []int
	points                 []Points // of each item

	rows     []pastRow
	waves    map[string]*pastWave // by label
	first    map[[2]string]int    // row of a respondent and wave
	segments map[string]map[string]string
	numbers  map[string]pastNumber
	problems []PastProblem
}

// pastNumber is what a cell of an item holds; there are few different ones.
type pastNumber struct {
	value   float64
	missing bool
	bad     bool
}

func newPastReader(t *table.Table, m *PastMapping) *pastReader {
	r := &pastReader{m: m, waves: map[string]*pastWave{}, first: map[[2]string]int{},
		segments: map[string]map[string]string{}, numbers: map[string]pastNumber{}}
	named := m.columns()
	best := -1
	for i, row := range t.Rows[:min(len(t.Rows), deepestPastHeader)] {
		score := 0
		for c := 1; c <= row.Len(); c++ {
			if _, ok := named[headerKey(row.Cell(c).Text)]; ok {
				score++
			}
		}
		if score > best {
			best = score
			r.header, r.below = row, t.Rows[i+1:]
		}
	}
	place := r.places(named)
	r.respondent, r.wave, r.role = place(m.Respondent, "respondent"), place(m.Wave.Column, "wave"), place(m.Role.Column, "role")
	for _, a := range m.Attributes {
		r.attributes = append(r.attributes, place(a.Column, "attributes"))
	}
	for _, s := range m.Scales {
		for _, it := range s.Items {
			r.items = append(r.items, place(it.Column, "scale "+s.ID))
			r.points = append(r.points, Points(*s.Points))
		}
	}
	return r
}

// columns lists the columns that the mapping names, by key.
func (m *PastMapping) columns() map[string]bool {
	named := map[string]bool{headerKey(m.Respondent): true}
	for _, c := range []string{m.Wave.Column, m.Role.Column} {
		if c != "" {
			named[headerKey(c)] = true
		}
	}
	for _, a := range m.Attributes {
		named[headerKey(a.Column)] = true
	}
	for _, it := range m.items() {
		named[headerKey(it.Column)] = true
	}
	return named
}

// headerKey is what stays of a header once case and spacing no longer count.
func headerKey(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// places returns what finds a column of the mapping in the file, or notes that
// it is not there.
func (r *pastReader) places(named map[string]bool) func(column, where string) int {
	at := map[string]int{}
	for c := 1; c <= r.header.Len(); c++ {
		cell := r.header.Cell(c)
		key := headerKey(cell.Text)
		if !named[key] {
			continue
		}
		if earlier, twice := at[key]; twice {
			p := r.add(cell, PastColumnTwice)
			p.Detail = table.ColumnName(earlier)
			continue
		}
		at[key] = c
	}
	return func(column, where string) int {
		if column == "" {
			return 0
		}
		c, ok := at[headerKey(column)]
		if !ok {
			r.problems = append(r.problems, PastProblem{Row: r.header.Number, Value: column, Code: PastColumnMissing, Detail: where})
		}
		return c
	}
}

// add notes a problem of a cell and returns it for further detail; the pointer
// holds until the next call.
func (r *pastReader) add(cell table.Cell, code PastProblemCode) *PastProblem {
	if len(r.problems) > maxPastProblems {
		return &PastProblem{} // ReadPast says that there are more
	}
	header := ""
	if cell.Column > 0 && cell.Row != r.header.Number {
		header = r.header.Cell(cell.Column).Text
	}
	r.problems = append(r.problems, pastProblemAt(cell, header, code))
	return &r.problems[len(r.problems)-1]
}

// row reads one row. One that is blank in every column of the mapping is no
// row of answers.
func (r *pastReader) row(row table.Row) {
	if r.blank(row) {
		return
	}
	one := pastRow{number: row.Number}
	one.respondent = r.text(row.Cell(r.respondent), program.MaxShortText)
	if strings.Contains(one.respondent, "@") {
		one.respondent = strings.ToLower(one.respondent) // as the roster takes addresses
	}
	if one.respondent == "" {
		r.add(row.Cell(r.respondent), PastNoRespondent)
	}
	one.wave = r.waveOf(row)
	one.role = r.roleOf(row)
	one.attributes = r.segment(row)
	r.answers(row, &one)
	if one.respondent != "" && one.wave != "" {
		key := [2]string{one.respondent, one.wave}
		if other, twice := r.first[key]; twice {
			p := r.add(row.Cell(r.respondent), PastRespondentTwice)
			p.OtherRow, p.Detail = other, one.wave
			return
		}
		r.first[key] = row.Number
	}
	r.rows = append(r.rows, one)
}

func (r *pastReader) blank(row table.Row) bool {
	filled := func(c int) bool { return c > 0 && !row.Cell(c).Empty() }
	return !filled(r.respondent) && !filled(r.wave) && !filled(r.role) &&
		!slices.ContainsFunc(r.attributes, filled) && !slices.ContainsFunc(r.items, filled)
}

// text is a short text of a cell on one line; empty for a code of no answer.
func (r *pastReader) text(cell table.Cell, most int) string {
	text := strings.Join(strings.Fields(cell.Text), " ")
	if r.isMissing(text) {
		return ""
	}
	if utf8.RuneCountInString(text) > most {
		p := r.add(cell, PastTextTooLong)
		p.Limit, p.Value = most, string([]rune(text)[:40])+"…"
	}
	return text
}

func (r *pastReader) isMissing(text string) bool {
	return text == "" || slices.ContainsFunc(r.m.Missing, func(code string) bool { return strings.EqualFold(code, text) })
}

func (r *pastReader) roleOf(row table.Row) program.Role {
	if r.role == 0 {
		return r.m.Role.Fixed
	}
	cell := row.Cell(r.role)
	for value, role := range r.m.Role.Values {
		if strings.EqualFold(value, cell.Text) {
			return role
		}
	}
	if role := program.Role(strings.ToLower(cell.Text)); len(r.m.Role.Values) == 0 && role.Valid() {
		return role
	}
	known := "mentor, mentee, comparison"
	if len(r.m.Role.Values) > 0 {
		known = listKeys(r.m.Role.Values)
	}
	r.add(cell, PastRoleUnknown).Detail = known
	return ""
}

// segment reads the attributes of a row, those that are known.
func (r *pastReader) segment(row table.Row) map[string]string {
	values := make([]string, len(r.attributes))
	for i, column := range r.attributes {
		cell := row.Cell(column)
		values[i] = r.text(cell, program.MaxShortText)
		words := r.m.Attributes[i].Values
		if values[i] == "" || len(words) == 0 {
			continue
		}
		word, ok := words[values[i]]
		if !ok {
			r.add(cell, PastValueUnknown).Detail = listKeys(words)
		}
		values[i] = word
	}
	key := strings.Join(values, "\x00")
	if known, ok := r.segments[key]; ok {
		return known
	}
	segment := map[string]string{}
	for i, value := range values {
		if value != "" {
			segment[r.m.Attributes[i].Name] = value
		}
	}
	r.segments[key] = segment
	return segment
}

func listKeys[T any](values map[string]T) string {
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

func (r *pastReader) answers(row table.Row, one *pastRow) {
	for i, column := range r.items {
		cell := row.Cell(column)
		n := r.number(cell)
		p := r.points[i]
		var wrong PastProblemCode
		switch {
		case n.missing:
			continue
		case n.bad:
			wrong = PastNotNumber
		case n.value < p.Min || n.value > p.Max:
			wrong = PastOutOfRange
		case !whole(n.value):
			wrong = PastNotWhole
		default:
			one.items, one.values = append(one.items, uint16(i)), append(one.values, float32(n.value))
			continue
		}
		problem := r.add(cell, wrong)
		problem.Min, problem.Max = p.Min, p.Max
	}
}

func (r *pastReader) number(cell table.Cell) pastNumber {
	if n, ok := r.numbers[cell.Text]; ok {
		return n
	}
	n := pastNumber{missing: r.isMissing(cell.Text)}
	if !n.missing {
		v, err := table.ParseNumber(cell)
		n.value, n.bad = v, err != nil
		// A code may be written 99 and 99.0.
		n.missing = err == nil && slices.ContainsFunc(r.m.Missing, func(code string) bool {
			c, err := table.ParseNumber(table.Cell{Text: code})
			return err == nil && c == v
		})
	}
	if len(r.numbers) < maxPastProblems { // a column of other things would fill it
		r.numbers[cell.Text] = n
	}
	return n
}

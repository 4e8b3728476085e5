package exports

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

var (
	//go:embed queries/responses.sql
	responsesSQL string
	//go:embed queries/most_goals.sql
	mostGoalsSQL string
)

// ErrNotIdentified refuses the raw answers of a programme that promised its
// participants that answers are not linked to them.
var ErrNotIdentified = errors.New("raw answers leave the service only for identified programmes")

// Responses exports the answers themselves, a row a respondent and wave.
//
// Only those of an identified programme: its participants were told that their
// answers are linked to them. In a confidential or anonymous programme a row of
// answers beside role and attributes would give away who answered, whatever
// stands for the name, so it is refused. Even in an identified programme the
// file has no name and no address: respondents are keyed pseudonyms, the same
// in every wave.
type Responses struct {
	DB      *clickhouse.DB
	Surveys Surveys
}

// Encode writes the submitted answers of a programme to w as a workbook in lang
// ("uk" or "en"). It returns ErrNotIdentified for a programme whose answers may
// not leave, and stops with the context's error when it is cancelled.
func (r *Responses) Encode(ctx context.Context, w io.Writer, p program.Program, lang string) error {
	if p.Policy != program.Identified {
		return fmt.Errorf("programme %q is %s: %w", p.ID, p.Policy, ErrNotIdentified)
	}
	layout, err := r.layout(ctx, p, words(lang))
	if err != nil {
		return fmt.Errorf("responses of %q: %w", p.ID, err)
	}
	raw := &Raw{Lang: lang, Sheet: layout.t("raw.sheet"), Columns: layout.columns, Key: layout.key()}
	if err := raw.Encode(w, r.rows(ctx, p, layout)); err != nil {
		return fmt.Errorf("responses of %q: %w", p.ID, err)
	}
	return nil
}

// The columns before the attributes.
const (
	rawWave = iota
	rawNumber
	rawRespondent
	rawRole
	rawSubmitted
	rawSeconds
	rawAttributes
)

// rawLayout says which column each item goes to.
type rawLayout struct {
	words
	waves      []survey.Wave
	attributes []string
	columns    []Column
	items      []survey.Item // in the order of their columns
	goals      int           // most goals of a pair
	places     []map[uint16]place
}

// place is the item of a wave's answers and its column.
type place struct {
	item   *survey.Item
	column int
}

func (r *Responses) layout(ctx context.Context, p program.Program, lang words) (*rawLayout, error) {
	l := &rawLayout{words: lang, attributes: p.Attributes}
	for _, title := range strings.Split(l.t("raw.header"), "|") {
		l.columns = append(l.columns, Column{title, 14})
	}
	l.columns[rawRespondent].Width = 38
	l.columns[rawSubmitted].Width = 20
	for _, a := range p.Attributes {
		l.columns = append(l.columns, Column{a, 18})
	}
	var most uint64
	if err := r.DB.QueryRow(ctx, mostGoalsSQL, clickhouse.Named("program", p.ID)).Scan(&most); err != nil {
		return nil, fmt.Errorf("goals: %w", err)
	}
	l.goals = int(most)
	var err error
	if l.waves, err = r.Surveys.Waves(ctx, p.ID); err != nil {
		return nil, err
	}
	known := map[string]int{}
	for _, w := range l.waves {
		q, err := r.Surveys.Questionnaire(ctx, p.ID, w.QuestionnaireID, w.QuestionnaireVersion)
		if err != nil {
			return nil, fmt.Errorf("wave %q: %w", w.Occurrence, err)
		}
		l.places = append(l.places, l.place(q, known))
	}
	return l, nil
}

// place gives every item of a questionnaire its column; an item keeps the one
// it got in an earlier version.
func (l *rawLayout) place(q *survey.Questionnaire, known map[string]int) map[uint16]place {
	places := make(map[uint16]place, len(q.Items))
	for i := range q.Items {
		it := &q.Items[i]
		column, old := known[it.ID]
		if !old {
			column = len(l.columns)
			known[it.ID] = column
			l.items = append(l.items, *it)
			if it.Type == survey.Goals {
				for n := range l.goals {
					l.columns = append(l.columns, Column{it.ID + "." + strconv.Itoa(n+1), 12})
				}
			} else {
				l.columns = append(l.columns, Column{it.ID, 12})
			}
		}
		places[it.Number] = place{it, column}
	}
	return places
}

// key explains the items: wording, scale and what may be answered.
func (l *rawLayout) key() *Key {
	lang := string(l.words)
	k := &Key{Sheet: l.t("raw.key-sheet")}
	for i, title := range strings.Split(l.t("raw.key-header"), "|") {
		k.Columns = append(k.Columns, Column{title, []float64{26, 26, 90, 12, 12, 60}[i]})
	}
	for _, it := range l.items {
		prompt := it.Prompt["default"].In(lang)
		for _, role := range it.Roles {
			if prompt == "" {
				prompt = it.Prompt.For(role).In(lang)
			}
		}
		var options []string
		for _, o := range it.Options {
			options = append(options, o.ID+" – "+o.Text.In(lang))
		}
		points := ""
		if it.Min != it.Max {
			points = l.decimal(it.Min, -1) + "…" + l.decimal(it.Max, -1)
		}
		if it.Reversed {
			points += " " + l.t("raw.reversed")
		}
		k.Rows = append(k.Rows, []string{it.ID, it.Scale, prompt, string(it.Type), points, strings.Join(options, "; ")})
	}
	return k
}

// rows streams the answers wave by wave. The row is reused.
func (r *Responses) rows(ctx context.Context, p program.Program, l *rawLayout) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		row := make(Row, len(l.columns))
		for i := range l.waves {
			more, err := r.wave(ctx, p, l, i, row, yield)
			if err != nil {
				yield(nil, fmt.Errorf("wave %q: %w", l.waves[i].Occurrence, err))
				return
			}
			if !more {
				return
			}
		}
	}
}

// answered is a row of the query.
type answered struct {
	respondent  uuid.UUID
	role        string
	attributes  survey.Attributes
	items       []uint16
	values      []float32
	ratings     []int8
	textItems   []uint16
	texts       []string
	submittedAt time.Time
	seconds     uint32
}

func (r *Responses) wave(ctx context.Context, p program.Program, l *rawLayout, at int, row Row, yield func(Row, error) bool) (bool, error) {
	w := l.waves[at]
	rows, err := r.DB.Query(ctx, responsesSQL, clickhouse.Named("program", p.ID),
		clickhouse.Named("survey", w.SurveyID.String()), clickhouse.Named("wave", w.ID.String()))
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	var a answered
	var label, number any = w.Occurrence, w.Number
	for rows.Next() {
		a = answered{}
		if err := rows.Scan(&a.respondent, &a.role, &a.attributes, &a.items, &a.values, &a.ratings, &a.textItems, &a.texts, &a.submittedAt, &a.seconds); err != nil {
			return false, err
		}
		clear(row)
		row[rawWave], row[rawNumber] = label, number
		l.fill(row, at, &a)
		if !yield(row, nil) {
			return false, nil
		}
	}
	return true, rows.Err()
}

// fill puts the answers into their columns. What was not answered stays empty.
func (l *rawLayout) fill(row Row, wave int, a *answered) {
	row[rawRespondent], row[rawRole] = a.respondent.String(), a.role
	row[rawSubmitted] = a.submittedAt
	if a.seconds > 0 {
		row[rawSeconds] = int(a.seconds)
	}
	for i, name := range l.attributes {
		if value := a.attributes[name]; value != "" {
			row[rawAttributes+i] = value
		}
	}
	for i, number := range a.items {
		if at, ok := l.places[wave][number]; ok && i < len(a.values) {
			row[at.column] = answerCell(at.item, a.values[i])
		}
	}
	for i, number := range a.textItems {
		if at, ok := l.places[wave][number]; ok && i < len(a.texts) {
			row[at.column] = a.texts[i]
		}
	}
	if len(a.ratings) == 0 {
		return
	}
	for _, at := range l.places[wave] {
		if at.item.Type == survey.Goals {
			for i, rating := range a.ratings {
				row[at.column+i] = int(rating)
			}
		}
	}
}

// answerCell is a stored answer as a cell: a whole number where it is one, the
// ids of the options chosen.
func answerCell(it *survey.Item, stored float32) any {
	switch it.Type {
	case survey.Single:
		if n := int(stored); n >= 1 && n <= len(it.Options) {
			return it.Options[n-1].ID
		}
	case survey.Multiple:
		var chosen []string
		for n, o := range it.Options {
			if uint32(stored)&(1<<n) != 0 {
				chosen = append(chosen, o.ID)
			}
		}
		return strings.Join(chosen, "; ")
	}
	if n := int(stored); float32(n) == stored {
		return n
	}
	// Through its shortest decimal, or 0.1 would become 0.10000000149.
	value, err := strconv.ParseFloat(strconv.FormatFloat(float64(stored), 'g', -1, 32), 64)
	if err != nil {
		return nil
	}
	return value
}

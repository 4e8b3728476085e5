package analytics

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// board makes the views of one page: it knows the reader's language, the query
// and which measures have been shown so far.
type board struct {
	words
	Query
	program program.Program
	evidence
	used   map[string]bool // measures on the page, by id
	trends int
}

// overview is the first page of a programme.
type overview struct {
	web.Frame
	words         words
	Name          string
	Period        string
	Waves         string
	Policy        string
	Threshold     string
	Notice        string
	Filter        filter
	Participation *participationView
	Cards         []card
	Cut           *cutTable
	CutLinks      []link // to the same page by each attribute
	Workbook      string
	Reports       []link
	Definitions   []Definition
	query         Query
}

// link is an address with what it is called.
type link struct{ Text, To string }

// filter is the form that writes the address.
type filter struct {
	Waves, Attributes []choice
	Set               bool // something is chosen
}

type choice struct {
	Value, Text string
	Chosen      bool
}

// figureView is a figure in words. A withheld one has its reason and no numbers.
type figureView struct {
	Title      string
	Definition string // anchor
	Value      string
	Interval   string
	N          string
	Precision  string // interval and n together
	NoInterval string // why there is none
	Withheld   string // the reason
	Reading    string
	Direction  string // "up", "down" or "same" where a change could be tested
}

// Say gives a text of the page.
func (v overview) Say(id string) string { return v.words.t("page-" + id) }

// Switch is the address of this view in another language.
func (v overview) Switch(lang string) string {
	q := v.query
	q.Lang = lang
	return "?" + parameters(q)
}

// parameters writes a query as part of an address.
func parameters(q Query) string {
	values := url.Values{"lang": {q.Lang}}
	if q.Wave != "" {
		values.Set("wave", q.Wave)
	}
	if q.By != "" {
		values.Set("by", q.By)
	}
	return values.Encode()
}

func (s *Service) newOverview(p program.Program, q Query, read evidence) *overview {
	b := &board{words: words(q.Lang), Query: q, program: p, evidence: read, used: map[string]bool{}}
	v := &overview{Frame: web.Frame{Lang: q.Lang, Title: b.t("page-title", "name", p.Name), Owner: b.t("page-owner")},
		words: b.words, query: q, Name: p.Name}
	report := read.shown["engagement"]
	v.Period = b.t("page-open-ended", "from", b.day(p.Starts))
	if !p.Ends.IsZero() {
		v.Period = b.day(p.Starts) + " – " + b.day(p.Ends)
	}
	v.Waves = b.t("page-no-waves")
	if n := len(report.Waves); n > 0 {
		v.Waves = b.t("page-waves", "count", n, "from", b.date(report.Waves[0].Label), "to", b.date(report.Waves[n-1].Label))
	}
	v.Policy, v.Threshold = b.t("page-policy-"+string(p.Policy)), b.t("page-threshold", "count", report.K)
	if report.Notice != nil {
		v.Notice = report.Notice.Reason
	}
	v.Filter = b.filter()
	v.Participation = b.participation()
	v.Cards = b.cards()
	v.Cut = b.newCut()
	if v.Cut == nil && v.Notice == "" {
		for _, a := range p.Attributes {
			by := q
			by.By = a
			v.CutLinks = append(v.CutLinks, link{a, "?" + parameters(by) + "#cut"})
		}
	}
	api := "/api/v1/programs/" + p.ID
	v.Workbook = api + "/report.xlsx?" + parameters(q)
	for _, kind := range kinds() {
		v.Reports = append(v.Reports, link{b.t("page-report-" + kind), api + "/analytics/" + kind + "?" + parameters(q)})
	}
	for _, d := range s.Definitions(q.Lang) {
		if b.used[d.ID] {
			v.Definitions = append(v.Definitions, d)
		}
	}
	return v
}

func (b *board) filter() filter {
	f := filter{Set: b.Query.Wave != "" || b.By != ""}
	report := b.shown["participation"]
	for _, w := range slices.Backward(report.Waves) {
		chosen := b.Query.Wave != "" && report.Wave != nil && report.Wave.Label == w.Label
		f.Waves = append(f.Waves, choice{w.Label, b.wave(w), chosen})
	}
	for _, a := range b.program.Attributes {
		f.Attributes = append(f.Attributes, choice{a, a, a == b.By})
	}
	return f
}

// wave names a wave by number and day, and says when it is still open.
func (b *board) wave(w Wave) string {
	id := "page-wave"
	if w.Open {
		id = "page-wave-open"
	}
	return b.t(id, "number", w.Number, "date", b.date(w.Label))
}

// instant writes a time given as RFC 3339 in its own zone.
func (b *board) instant(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return b.t("page-instant", "date", b.day(t), "clock", t.Format("15:04"), "zone", b.program.TimeZone)
}

// shortDate is a day without its year, for the axis of a chart.
func (b *board) shortDate(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	if b.Lang == "uk" {
		return t.Format("02.01")
	}
	return t.Format("2\u00a0Jan")
}

// figure puts a figure into words. A withheld one is its reason alone.
func (b *board) figure(f Figure, title string) figureView {
	b.used[f.Measure] = true
	v := figureView{Title: title, Definition: "def-" + f.Measure}
	if f.Withheld != nil || f.Value == nil {
		v.Withheld = b.t("undefined")
		if f.Withheld != nil {
			v.Withheld = f.Withheld.Reason
		}
		return v
	}
	if f.Measure == MeasureGoalsChange { // a difference shows its sign
		f.Unit = UnitPoints
	}
	v.Value = b.value(*f.Value, f.Unit, 1)
	var precision []string
	if f.Low != nil && f.High != nil {
		v.Interval = b.interval(*f.Low, *f.High, f.Unit)
		precision = append(precision, b.t("page-interval")+noBreak+v.Interval)
	} else if f.NoInterval != nil {
		v.NoInterval = f.NoInterval.Reason
	}
	if f.N != nil {
		v.N = b.decimal(float64(*f.N), 0)
		precision = append(precision, "n"+noBreak+"="+noBreak+v.N)
	}
	v.Precision = strings.Join(precision, " · ")
	v.Reading = Reading(b.Lang, f)
	low, high := f.Low, f.High
	if f.Measure != MeasureGoalsChange {
		low, high = nil, nil
		if c := f.Change; c != nil && c.Withheld == nil {
			low, high = c.Low, c.High
		}
	}
	if low != nil && high != nil {
		v.Direction = side(low, high, 0, "up", "down", "same")
	}
	return v
}

// value writes a number in its unit: "57,4 %", "+12".
func (l words) value(v float64, unit string, digits int) string {
	switch unit {
	case UnitShare:
		return l.t("page-percent", "number", l.decimal(100*v, digits))
	case UnitShareDx:
		return l.signed(100*v, digits) + noBreak + l.t("amount-share")
	case UnitScore, UnitPoints:
		return l.signed(v, digits)
	case UnitCount:
		return l.decimal(v, 0)
	case UnitRatio, UnitCoef, UnitSD:
		return l.decimal(v, 2)
	case UnitSeconds:
		whole := time.Duration(v * float64(time.Second)).Round(time.Second)
		return l.t("page-duration", "minutes", strconv.Itoa(int(whole.Minutes())), "seconds", strconv.Itoa(int(whole.Seconds())%60))
	}
	return l.decimal(v, digits)
}

// interval writes two ends; a dash would be taken for a sign before a number
// that has one.
func (l words) interval(low, high float64, unit string) string {
	id := "page-range"
	if low < 0 || unit == UnitPoints || unit == UnitShareDx || unit == UnitScore {
		id = "page-range-signed"
	}
	from := l.value(low, unit, 1)
	if unit == UnitShare { // one percent sign is enough
		from = l.decimal(100*low, 1)
	}
	return l.t(id, "low", from, "high", l.value(high, unit, 1))
}

// role names a group of people.
func (b *board) role(r program.Role) string { return b.t("page-role-" + cmp.Or(string(r), "all")) }

// participationView is how far people came in one wave.
type participationView struct {
	words
	Title, Until string
	Columns      []participationColumn
	Rows         []participationRow
}

type participationColumn struct {
	Title, Definition string
	Rate              bool // the wide one, with the bar
}

// Say gives a text of the page.
func (v participationView) Say(id string) string { return v.t("page-" + id) }

type participationRow struct {
	Who                                string
	Invited, Opened, Submitted, Median figureView
	Rate                               figureView
	// The bar of the rate and its interval, in percent; empty when withheld.
	Bar, BarLow, BarWidth string
}

// participation is that of the wave asked for, else of the newest open one, else
// of the newest.
func (b *board) participation() *participationView {
	report := b.shown["participation"]
	if len(report.Waves) == 0 || report.Wave == nil {
		return nil
	}
	wave, figures := *report.Wave, report.Figures
	if b.Query.Wave == "" {
		for _, w := range slices.Backward(report.Waves) {
			if w.Open {
				wave = w
				break
			}
		}
		figures = slices.DeleteFunc(slices.Clone(report.Series), func(f Figure) bool { return f.Wave != wave.Label })
	}
	v := &participationView{words: b.words, Title: b.t("page-participation", "number", wave.Number, "date", b.date(wave.Label))}
	id := "page-closed"
	if wave.Open {
		id = "page-closes"
	}
	v.Until = b.t(id, "when", b.instant(wave.Closes))
	for _, column := range [][2]string{{"rate", MeasureResponseRate}, {"invited", MeasureInvited}, {"opened", MeasureOpened},
		{"submitted", MeasureSubmitted}, {"median", MeasureMedianTime}} {
		v.Columns = append(v.Columns, participationColumn{b.t("page-" + column[0]), "def-" + column[1], column[1] == MeasureResponseRate})
	}
	for _, role := range append([]program.Role{""}, program.Roles()...) {
		rate, ok := pick(figures, MeasureResponseRate, "", role)
		if !ok {
			continue
		}
		of := func(measure string) figureView {
			f, _ := pick(figures, measure, "", role)
			return b.figure(f, "")
		}
		row := participationRow{Who: b.role(role), Invited: of(MeasureInvited), Opened: of(MeasureOpened), Submitted: of(MeasureSubmitted),
			Median: of(MeasureMedianTime), Rate: b.figure(rate, "")}
		if row.Rate.Value != "" {
			row.Bar = strconv.FormatFloat(100**rate.Value, 'f', 2, 64)
			if rate.Low != nil && rate.High != nil {
				row.BarLow = strconv.FormatFloat(100**rate.Low, 'f', 2, 64)
				row.BarWidth = strconv.FormatFloat(100*(*rate.High-*rate.Low), 'f', 2, 64)
			}
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

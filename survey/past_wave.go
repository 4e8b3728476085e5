package survey

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"time"

	"mentorpulse/internal/table"
)

// pastWave is a wave as the file has it.
type pastWave struct {
	first table.Cell
	day   time.Time // UTC midnight, zero when not known
}

// waveOf is the label of a row's wave: a date as 2026-03-01, else the name.
func (r *pastReader) waveOf(row table.Row) string {
	cell := table.Cell{Row: r.header.Number, Text: r.m.Wave.Fixed}
	if r.wave > 0 {
		cell = row.Cell(r.wave)
	}
	name := r.text(cell, maxWaveName)
	if name == "" {
		r.add(cell, PastNoWave)
		return ""
	}
	day, isDate := r.waveDay(cell, name)
	if isDate {
		name = day.Format(dateLayout)
	}
	if _, known := r.waves[name]; !known {
		r.waves[name] = &pastWave{first: cell, day: day}
	}
	return name
}

var (
	weekForm    = regexp.MustCompile(`^((?:19|2[01])\d\d)-?W(\d\d)$`)
	monthForm   = regexp.MustCompile(`^((?:19|2[01])\d\d)-(\d\d)$`)
	quarterForm = regexp.MustCompile(`^((?:19|2[01])\d\d)[- ]?Q([1-4])$`)
)

// waveDay is the day on which a wave opened: as the mapping says, or as its
// name does as a date, an ISO week (2026-W01), a month (2026-03) or a quarter
// (2026-Q1). Zero when neither says.
func (r *pastReader) waveDay(cell table.Cell, name string) (day time.Time, isDate bool) {
	if given, ok := r.m.Wave.Opens[name]; ok {
		day, _ = table.ParseDate(table.Cell{Text: given}) // the mapping was checked
		return day, false
	}
	if day, err := table.ParseDate(cell); err == nil {
		return day, true
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n } // the forms let only digits through
	if f := weekForm.FindStringSubmatch(name); f != nil {
		// 4 January is always in the first week.
		fourth := time.Date(number(f[1]), time.January, 4, 0, 0, 0, 0, time.UTC)
		day = fourth.AddDate(0, 0, 7*(number(f[2])-1)-(int(fourth.Weekday())+6)%7)
		if year, week := day.ISOWeek(); year == number(f[1]) && week == number(f[2]) {
			return day, false
		}
	}
	if f := monthForm.FindStringSubmatch(name); f != nil && number(f[2]) >= 1 && number(f[2]) <= 12 {
		return time.Date(number(f[1]), time.Month(number(f[2])), 1, 0, 0, 0, 0, time.UTC), false
	}
	if f := quarterForm.FindStringSubmatch(name); f != nil {
		return time.Date(number(f[1]), time.Month(3*number(f[2])-2), 1, 0, 0, 0, 0, time.UTC), false
	}
	return time.Time{}, false
}

// schedule puts the waves into the order in which they opened, and checks that
// they are over.
func (r *pastReader) schedule(zone *time.Location, now time.Time) []Occurrence {
	var waves []Occurrence
	for name, w := range r.waves {
		if w.day.IsZero() {
			r.add(w.first, PastWaveUndated).Value = name
			continue
		}
		o := Occurrence{Label: name, Opens: instant(w.day, zone), Closes: instant(w.day.AddDate(0, 0, r.m.Wave.OpenDays), zone)}
		if o.Closes.After(now) {
			p := r.add(w.first, PastWaveNotOver)
			p.Value, p.Detail = name, o.Closes.In(zone).Format(dateLayout)
		}
		waves = append(waves, o)
	}
	slices.SortFunc(waves, func(a, b Occurrence) int {
		return cmp.Or(a.Opens.Compare(b.Opens), cmp.Compare(r.waves[a.Label].first.Row, r.waves[b.Label].first.Row))
	})
	for i := range waves {
		if i > 0 && waves[i].Opens.Equal(waves[i-1].Opens) {
			p := r.add(r.waves[waves[i].Label].first, PastWavesSameDay)
			p.Value, p.Detail = waves[i].Label, r.waves[waves[i].Label].day.Format(dateLayout)
		}
	}
	return waves
}

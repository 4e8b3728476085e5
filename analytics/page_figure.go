package analytics

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"mentorpulse/internal/program"
)

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

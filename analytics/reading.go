package analytics

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"mentorpulse/internal/web"
)

// texts are the messages of this package for what needs no Service.
var texts = sync.OnceValue(func() *web.Messages { return web.MustLoadMessages(messageFiles) })

// words says things in one language, "uk" or "en".
type words string

func (l words) t(id string, pairs ...any) string { return texts().T(string(l), id, pairs...) }

// Reading says in one sentence of lang ("uk" or "en") what a figure and its
// change allow to say: why it is withheld, whether it rose or fell, how a
// comparison came out; "" when there is nothing to say beyond the number. A
// change is called one only when its whole interval lies on one side of zero,
// and likewise a difference. The page and the workbook both say this.
func Reading(lang string, f Figure) string {
	l := words(lang)
	if f.Withheld != nil {
		return f.Withheld.Reason
	}
	switch {
	case f.Unit == UnitRatio:
		return l.against(f, 1, "one")
	case f.Unit == UnitPoints, f.Unit == UnitShareDx, f.Unit == UnitSD, f.Measure == MeasureGoalsChange:
		return l.against(f, 0, "zero")
	case f.Change != nil:
		return l.changed(f.Change, f.Unit)
	}
	return ""
}

func (l words) changed(c *Change, unit string) string {
	switch {
	case c.Withheld != nil:
		return c.Withheld.Reason
	case c.Value == nil || c.Low == nil || c.High == nil:
		for _, why := range []*Withheld{c.NoTest, c.NoInterval} {
			if why != nil {
				return why.Reason + l.whose(c, unit)
			}
		}
		return l.t("reading-no-interval") + l.whose(c, unit)
	}
	if with := map[Comparison]string{CompareGroup: "group", CompareWhole: "whole", CompareStayed: "stayed"}[c.Against]; with != "" {
		text := l.t("reading-"+with+"-"+side(c.Low, c.High, 0, "above", "below", "same"), "by", l.amount(*c.Value, unit),
			"low", l.difference(*c.Low, unit), "high", l.difference(*c.High, unit))
		if c.At != nil {
			text += " " + l.t("reading-at-weeks", "weeks", l.decimal(*c.At, 0))
		}
		return text
	}
	return l.t("reading-"+side(c.Low, c.High, 0, "up", "down", "flat"), "by", l.amount(*c.Value, unit),
		"low", l.difference(*c.Low, unit), "high", l.difference(*c.High, unit), "since", l.date(c.From)) + l.whose(c, unit)
}

// whose says whether a change is of the same people, or why not; "" where it is of
// two groups by nature.
func (l words) whose(c *Change, unit string) string {
	switch {
	case c.Unpaired != nil:
		return " " + c.Unpaired.Reason
	case c.Method == "paired" && c.N != nil && unit == UnitShare:
		return " " + l.t("reading-same-goals", "count", *c.N)
	case c.Method == "paired" && c.N != nil && unit == UnitT:
		return " " + l.t("reading-same-pairs", "count", *c.N)
	case c.Method == "paired" && c.N != nil:
		return " " + l.t("reading-same-people", "count", *c.N)
	}
	return ""
}

// against reads a figure that is itself a comparison: a difference against zero,
// a ratio against one.
func (l words) against(f Figure, neutral float64, name string) string {
	if f.Low == nil || f.High == nil {
		return ""
	}
	switch f.Measure {
	case MeasureDifference, MeasureRelativeRisk, MeasureRiskDifference, MeasureGoalsChange:
		return l.t("reading-" + f.Measure + "-" + side(f.Low, f.High, neutral, "above", "below", "same"))
	}
	return l.t("reading-" + side(f.Low, f.High, neutral, "above", "below", "no-different") + "-" + name)
}

// side tells on which side of neutral the whole interval lies.
func side(low, high *float64, neutral float64, above, below, neither string) string {
	switch {
	case *low > neutral:
		return above
	case *high < neutral:
		return below
	}
	return neither
}

// amount writes a change with its unit: "+4,2 бала".
func (l words) amount(v float64, unit string) string {
	number := l.difference(v, unit)
	switch unit {
	case UnitShare, UnitShareDx:
		return number + noBreak + l.t("amount-share")
	case UnitIndex, UnitScore, UnitT, UnitPoints:
		return number + noBreak + l.t("amount-points")
	}
	return number
}

// difference is the number of amount alone, with its sign.
func (l words) difference(v float64, unit string) string {
	switch unit {
	case UnitShare, UnitShareDx:
		return l.signed(100*v, 1)
	case UnitCoef, UnitRatio, UnitSD:
		return l.signed(v, 2)
	}
	return l.signed(v, 1)
}

// The characters that keep a number in one piece, and a true minus.
const (
	noBreak = "\u00a0"
	minus   = "\u2212"
)

// decimal writes a number with the language's separators: "−1 234,5".
func (l words) decimal(v float64, digits int) string {
	point, group := ".", ","
	if l == "uk" {
		point, group = ",", noBreak
	}
	text, fraction, _ := strings.Cut(strconv.FormatFloat(max(v, -v), 'f', digits, 64), ".")
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + group + text[i:]
	}
	if fraction != "" {
		text += point + fraction
	}
	if v < 0 && strings.ContainsAny(text, "123456789") { // no negative zero
		text = minus + text
	}
	return text
}

// signed writes a number with its sign, also when that is a plus.
func (l words) signed(v float64, digits int) string {
	text := l.decimal(v, digits)
	if v > 0 && strings.ContainsAny(text, "123456789") {
		return "+" + text
	}
	return text
}

// date writes a day that begins as ISO has it; another text stays as it is.
func (l words) date(day string) string {
	t, err := time.Parse(time.DateOnly, day[:min(len(day), len(time.DateOnly))])
	if err != nil {
		return day
	}
	return l.day(t)
}

func (l words) day(t time.Time) string {
	if l == "uk" {
		return t.Format("02.01.2006")
	}
	return t.Format("2\u00a0Jan\u00a02006")
}

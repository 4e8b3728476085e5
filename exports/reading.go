package exports

import (
	"mentorpulse/analytics"
)

// reading says in words what a figure and its change allow to say, or nothing. A
// change is called one only when its whole interval lies on one side of zero,
// and likewise a difference.
func (l words) reading(f analytics.Figure) string {
	if f.Withheld != nil {
		return f.Withheld.Reason
	}
	switch {
	case f.Unit == analytics.UnitRatio:
		return l.against(f, 1, "one")
	case f.Unit == analytics.UnitPoints, f.Unit == analytics.UnitShareDx, f.Unit == analytics.UnitSD, f.Measure == analytics.MeasureGoalsChange:
		return l.against(f, 0, "zero")
	case f.Change != nil:
		return l.changed(f.Change, f.Unit)
	}
	return ""
}

func (l words) changed(c *analytics.Change, unit string) string {
	switch {
	case c.Withheld != nil:
		return c.Withheld.Reason
	case c.Value == nil || c.Low == nil || c.High == nil:
		if c.NoTest != nil {
			return c.NoTest.Reason
		}
		return l.t("reading.no-interval")
	}
	id := "reading.flat"
	switch {
	case *c.Low > 0:
		id = "reading.up"
	case *c.High < 0:
		id = "reading.down"
	}
	return l.t(id, "by", l.amount(*c.Value, unit), "low", l.bare(*c.Low, unit), "high", l.bare(*c.High, unit), "since", l.date(c.From))
}

// against reads a figure that is itself a comparison: a difference against zero,
// a ratio against one.
func (l words) against(f analytics.Figure, neutral float64, name string) string {
	if f.Low == nil || f.High == nil {
		return ""
	}
	side, general := "same", "no-different-"
	switch {
	case *f.Low > neutral:
		side, general = "above", "above-"
	case *f.High < neutral:
		side, general = "below", "below-"
	}
	switch f.Measure {
	case analytics.MeasureDifference, analytics.MeasureRelativeRisk, analytics.MeasureRiskDifference, analytics.MeasureGoalsChange:
		return l.t("reading." + f.Measure + "." + side)
	}
	return l.t("reading." + general + name)
}

// amount writes a change with its unit: "+4,2 бала".
func (l words) amount(v float64, unit string) string {
	switch unit {
	case analytics.UnitShare, analytics.UnitShareDx:
		return l.bare(v, unit) + " " + l.t("amount.share")
	case analytics.UnitIndex, analytics.UnitScore, analytics.UnitT, analytics.UnitPoints:
		return l.bare(v, unit) + " " + l.t("amount.points")
	case analytics.UnitWeeks:
		return l.bare(v, unit) + " " + l.t("amount.weeks")
	case analytics.UnitSeconds:
		return l.bare(v, unit) + " " + l.t("amount.seconds")
	}
	return l.bare(v, unit)
}

// bare is the number of amount alone.
func (l words) bare(v float64, unit string) string {
	switch unit {
	case analytics.UnitShare, analytics.UnitShareDx:
		return l.signed(100*v, 1)
	case analytics.UnitCoef, analytics.UnitRatio, analytics.UnitSD:
		return l.signed(v, 2)
	}
	return l.signed(v, 1)
}

package analytics

import (
	"mentorpulse/analytics/stats"
	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
)

// compareCurves fills in the changes that the query asks of curves, of which lives
// are those in the organisation: against the comparison group there. A curve is of
// no single wave, so there is none before it.
func (r *request) compareCurves(out *Report, lives []life) {
	if r.Compare == "" {
		return
	}
	v := r.lifeView(lives)
	for i := range out.Figures {
		f := &out.Figures[i]
		switch {
		case f.Withheld != nil || f.Measure != MeasureStay && f.Measure != MeasureEmployment:
		case r.Compare != CompareGroup:
			f.Change = r.noChange(r.Compare, "", CodeAllTime)
		case f.Measure == MeasureStay:
			f.Change = r.noChange(r.Compare, "", CodeNotInProgramme)
		case f.Role == program.Comparison:
			f.Change = r.noChange(r.Compare, "", CodeItself)
		default:
			f.Change = r.curveChange(v, r.cellOf(*f))
		}
	}
}

// curveChange compares the curve of a cell, which is shown, with that of the
// comparison group: the shares still there when the shorter one ends, as published,
// and the two as a whole by the log-rank test. Both being shown, the difference
// tells no more than they do.
func (r *request) curveChange(v *lifeView, c suppression.Cell) *Change {
	theirs := suppression.Whole(string(program.Comparison))
	switch v.people.verdict(theirs) {
	case suppression.Shown:
	case suppression.Empty:
		return r.noChange(CompareGroup, "", CodeNoComparison)
	default:
		return r.noChange(CompareGroup, "", CodeNotCompared)
	}
	own, until := r.stayed(v.of(c))
	other, otherUntil := r.stayed(v.of(theirs))
	if v.fewLeft(c) || v.fewLeft(theirs) || own == nil || other == nil {
		return r.noChange(CompareGroup, "", CodeFewLeft)
	}
	at := min(until, otherUntil)
	ours, group := published(*own, at), published(*other, at)
	out := &Change{Against: CompareGroup, Method: methodLogRank, At: &at, Other: &group.Value}
	r.tested(out, stats.TTest{Difference: stats.DifferenceOf(ours, group)}, nil)
	out.P = nil
	if test, err := stats.LogRank(v.of(c), v.of(theirs)); err != nil {
		out.NoTest = r.why(err)
	} else {
		out.P = &test.P
	}
	return out
}

// published is the share still there on a published curve at a time.
func published(c Curve, at float64) stats.Estimate {
	e := stats.Estimate{N: *c.N, NoInterval: stats.ErrConstant} // nobody has left
	for _, p := range c.Points {
		if p.Time > at {
			break
		}
		e.Value, e.Interval = p.Survival, nil
		if p.Low != nil && p.High != nil {
			e.Interval, e.NoInterval = &stats.Interval{Low: *p.Low, High: *p.High}, nil
		}
	}
	return e
}

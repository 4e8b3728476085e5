package analytics

import (
	"cmp"
	"context"
	"slices"

	"mentorpulse/internal/program"
)

// driversPage shows which scales move with engagement: for each role a drawing of
// the weights of every set of scales that were asked together.
func (b *board) driversPage(ctx context.Context) (any, error) {
	const kind = "drivers"
	report, err := b.service.Drivers(ctx, b.Query)
	if err != nil {
		return nil, err
	}
	return b.onePage(kind, report, func() []section {
		var list []section
		for _, role := range program.Roles() {
			s := b.section("drivers-" + string(role))
			s.About = b.t("page-drivers-how")
			for i, m := range report.Models {
				if m.Role == role {
					s.Dots = append(s.Dots, b.driverModel(report, i+1, m))
				}
			}
			list = append(list, s)
		}
		return list
	})
}

// driverModel draws the weights of one model, the heaviest first, each with the
// correlation that tells which way the two go together.
func (b *board) driverModel(report *Report, place int, m DriverModel) *dots {
	of := func(measure, scale string) (Figure, bool) {
		i := slices.IndexFunc(report.Figures, func(f Figure) bool { return f.Model == place && f.Measure == measure && f.Scale == scale })
		if i < 0 {
			return Figure{}, false
		}
		return report.Figures[i], true
	}
	var list []dotOf
	for _, scale := range m.Scales {
		weight, ok := of(MeasureDriverWeight, scale)
		if !ok {
			continue
		}
		note := ""
		if r, ok := of(MeasureDriverCorrelation, scale); ok && r.Value != nil {
			b.used[r.Measure] = true
			note = b.t("page-correlation", "r", b.signed(*r.Value, 2))
			if c := r.Change; c != nil && c.Other != nil {
				note += " " + b.other(c, b.signed(*c.Other, 2))
			}
		}
		list = append(list, dotOf{weight.ScaleTitle, note, weight, true})
	}
	slices.SortStableFunc(list, func(a, o dotOf) int {
		return -cmp.Compare(valueOr(a.figure, -1), valueOr(o.figure, -1))
	})
	title := b.t("page-driver-wave", "date", b.date(m.Waves[0]))
	if len(m.Waves) > 1 {
		title = b.t("page-driver-waves", "count", len(m.Waves), "first", b.date(m.Waves[0]), "last", b.date(m.Waves[len(m.Waves)-1]))
	}
	d := b.newDots(title, MeasureDriverWeight, list, nil, "")
	d.RowsAre = b.t("page-scale")
	if whole, ok := of(MeasureDriversR2, m.Outcome); ok {
		v := b.figure(whole, "")
		d.About = cmp.Or(v.Withheld, b.t("page-r-squared", "value", v.Value, "precision", v.Precision))
		if v.Withheld == "" && v.Reading != "" {
			d.About += ". " + v.Reading
		}
		if c := whole.Change; c != nil && c.Withheld != nil { // of all its scales, so it is said once
			for i := range d.Rows {
				d.Rows[i].Compared = ""
			}
		}
	}
	return d
}

// valueOr is the value of a figure, or another where it is withheld.
func valueOr(f Figure, other float64) float64 {
	if f.Value == nil {
		return other
	}
	return *f.Value
}

package analytics

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"mentorpulse/internal/program"
)

// evidence is what a page needs of one report.
type evidence struct {
	all   *Report // over the waves: for the trends
	shown *Report // of the wave asked for, else the same as all
	cut   *Report // of one wave by the attributes asked for; nil without them
}

// read computes the reports of a page, all at once, and each of them once.
func (b *board) read(ctx context.Context, kinds ...string) error {
	compute := b.service.reports()
	list := make([]evidence, len(kinds))
	group, ctx := errgroup.WithContext(ctx)
	for i, kind := range kinds {
		e := &list[i]
		one := func(into **Report, q Query) {
			group.Go(func() (err error) {
				*into, err = compute[kind](ctx, q)
				return err
			})
		}
		over, cut := b.Query, b.Query
		over.By = ""
		over.today, cut.today = b.Query.Wave == "", b.Query.Wave == ""
		if b.single() {
			one(&e.shown, b.Query)
			if slices.Contains(inTurn(), kind) { // without a trend
				continue
			}
			over.Wave, over.Compare, over.trend = "", "", true // that of all waves
		} else if b.By != "" {
			cut.Wave = b.newest()
			if slices.Contains(inTurn(), kind) {
				cut.Wave = b.first() + rangeMark + cut.Wave
			}
			one(&e.cut, cut)
		}
		if b.upTo != "" && kind != "participation" { // which is shown of an open wave too
			over.Wave = b.upTo
		}
		one(&e.all, over)
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for i, kind := range kinds {
		e := list[i]
		switch {
		case e.shown == nil:
			e.shown = e.all
		case b.By != "":
			e.cut = e.shown
		}
		if e.all == nil {
			e.all = e.shown
		}
		b.reports[kind] = e
	}
	return nil
}

// single reports whether one wave is asked for.
func (b *board) single() bool { return b.asked.chosen >= 0 }

// inTurn are the reports whose scales are asked in turn, so that each is shown of
// the newest wave that asked it.
func inTurn() []string { return []string{"benefits", "challenges"} }

// first names the first wave of those asked for.
func (b *board) first() string {
	if waves := b.asked.asked(); len(waves) > 0 {
		return waves[0].Occurrence
	}
	return ""
}

// newest names the newest closed wave of those asked for, since segments are
// shown of closed waves alone; the newest when all are open.
func (b *board) newest() string {
	waves := b.asked.asked()
	for _, w := range slices.Backward(waves) {
		if !w.Open(b.asked.now) {
			return w.Occurrence
		}
	}
	if len(waves) > 0 {
		return waves[len(waves)-1].Occurrence
	}
	return "latest"
}

// pick finds the figure of a measure about a whole: the participants, or one
// role.
func pick(list []Figure, measure, scale string, role program.Role) (Figure, bool) {
	i := slices.IndexFunc(list, func(f Figure) bool {
		return f.Measure == measure && f.Scale == scale && f.Role == role && f.Segment == nil && f.Level == ""
	})
	if i < 0 {
		return Figure{}, false
	}
	return list[i], true
}

// title is that of a measure's definition.
func (b *board) title(kind, measure string) string {
	e := b.reports[kind]
	for _, r := range []*Report{e.shown, e.all, e.cut} {
		if r == nil {
			continue
		}
		if d, ok := r.Definitions[measure]; ok {
			return d.Title
		}
	}
	return measure
}

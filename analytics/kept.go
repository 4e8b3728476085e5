package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Closed waves do not change, so what their answers add up to is counted once
// and kept. What is kept is raw, like what is counted: it passes the same gate.
//
// It must never be shown after the answers below it have changed. So a kept row
// carries what the wave's answers were known by before the counting began: the
// wave's own revision, which moving or opening it again raises, and that of its
// last survey.Store.Rewrite, which an import or the erasure of a person is. It
// is taken only while both are equal, so no clocks are compared, and a count
// that crossed a rewrite is kept under the state before it and never taken. A
// rewrite that has begun and is not done, also one that a crash cut off, lets
// nothing be kept or taken. Comparing the answers' newest revision instead
// would need no marks, but reads a column of every response.

var (
	//go:embed queries/kept.sql
	keptSQL string
	//go:embed queries/rewrites.sql
	rewritesSQL string
)

const (
	// settled is how long after closing a wave counts as closed here: an answer
	// accepted in the last second may still wait for its insert, and clocks of
	// replicas may differ.
	settled = 10 * time.Minute
	// keptForm changes with the meaning of the arrays of a kept row.
	keptForm = "1"
)

// state is what the answers of a settled wave are known by.
type state struct{ wave, rewritten uint64 }

// states are those of the waves of which something may be kept.
func (r *request) states(ctx context.Context, waves []survey.Wave) (map[uuid.UUID]state, error) {
	states := map[uuid.UUID]state{}
	if r.known != nil {
		for _, w := range waves {
			if of, ok := r.known[w.ID]; ok {
				states[w.ID] = of
			}
		}
		return states, nil
	}
	var closed []survey.Wave
	for _, w := range waves {
		if !r.now.Before(w.Closes.Add(settled)) {
			states[w.ID] = state{wave: w.Revision}
			closed = append(closed, w)
		}
	}
	if len(closed) == 0 {
		return states, nil
	}
	surveyIDs, waveIDs := ids(closed)
	_, err := clickhouse.Collect(ctx, r.db, "rewrites", rewritesSQL, func(rows driver.Rows) (struct{}, error) {
		var (
			wave     uuid.UUID
			done     bool
			revision uint64
		)
		err := rows.Scan(&wave, &done, &revision)
		if done {
			states[wave] = state{states[wave].wave, revision}
		} else {
			delete(states, wave)
		}
		return struct{}{}, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))
	return states, err
}

// counted tells what was counted: by which query, of which scale, cut or not.
func (r *request) counted(s scale) uuid.UUID {
	return program.DeriveID("tallies", keptForm, scaleSQL, s.id, s.signature(), fmt.Sprint(len(r.by) > 0))
}

// kept reads the tallies of the occasions that have valid ones, maybe none of a
// wave without answers, and says which are missing.
func (r *request) kept(ctx context.Context, of []occasion, states map[uuid.UUID]state) (found [][]*tally, missing []int, err error) {
	type place struct{ wave, counted uuid.UUID }
	found = make([][]*tally, len(of))
	at := map[place]int{}
	var closed []occasion
	var counted []string
	for i, o := range of {
		if _, ok := states[o.wave.ID]; ok {
			id := r.counted(o.scale)
			at[place{o.wave.ID, id}] = i
			closed, counted = append(closed, o), append(counted, id.String())
		}
	}
	valid := map[int]bool{}
	if len(closed) > 0 {
		surveyIDs, waveIDs := ids(wavesOf(closed))
		slices.Sort(counted)
		_, err = clickhouse.Collect(ctx, r.db, "kept scales", keptSQL, func(rows driver.Rows) (struct{}, error) {
			var row keptRow
			err := rows.Scan(&row.wave, &row.counted, &row.of.wave, &row.of.rewritten, &row.roles, &row.attributes,
				&row.counts, &row.sums, &row.itemSums, &row.itemProducts)
			i, ok := at[place{row.wave, row.counted}]
			if err != nil || !ok || row.of != states[row.wave] {
				return struct{}{}, err
			}
			valid[i] = true
			found[i], err = r.talliesOf(row, of[i].scale.itemSets())
			return struct{}{}, err
		}, clickhouse.Named("program", r.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
			clickhouse.Named("counted", slices.Compact(counted)))
	}
	for i := range of {
		if !valid[i] {
			missing = append(missing, i)
		}
	}
	return found, missing, err
}

// keep stores what was counted of settled waves. A report does not need it to
// succeed: what is not kept is counted again.
func (r *request) keep(ctx context.Context, of []occasion, counted []int, states map[uuid.UUID]state, tallies [][]*tally) {
	var rows []keptRow
	for _, i := range counted {
		if s, ok := states[of[i].wave.ID]; ok {
			rows = append(rows, keptRowOf(of[i].wave, r.counted(of[i].scale), s, tallies[i]))
		}
	}
	if err := clickhouse.Insert(ctx, r.db, tallyTable, rows); err != nil {
		slog.WarnContext(ctx, "what was counted of closed waves is not kept", "program", r.program.ID, "error", err)
	}
}

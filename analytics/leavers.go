package analytics

import (
	"cmp"
	"context"
	_ "embed"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

var (
	//go:embed queries/leavers.sql
	leaversSQL string
	//go:embed queries/scores.sql
	scoresSQL string
)

// leaver is a participant who left the programme, the organisation or both, and
// the name of their answers. It lasts as long as a request: nothing that is stored
// says of answers that their author left.
type leaver struct {
	respondent              uuid.UUID
	programme, organisation time.Time // days of leaving; zero while there
}

// leavers are those who left up to now, whatever day the report is of: what may be
// shown depends on all of them.
func (r *request) leavers(ctx context.Context) ([]leaver, error) {
	return clickhouse.Collect(ctx, r.db, "who left", leaversSQL, func(rows driver.Rows) (leaver, error) {
		var (
			one                     leaver
			participant             uuid.UUID
			programme, organisation *time.Time
		)
		err := rows.Scan(&participant, &programme, &organisation)
		// The answers of one person are under one name: the programme is not anonymous.
		one.respondent = r.names.Respondent(r.program, uuid.Nil, participant)
		if programme != nil {
			one.programme = *programme
		}
		if organisation != nil {
			one.organisation = *organisation
		}
		return one, err
	}, clickhouse.Named("program", r.program.ID), clickhouse.Named("day", r.within(r.now).Format(time.DateOnly)),
		clickhouse.Named("roles", roleNames([]program.Role{program.Mentor, program.Mentee})))
}

// scoredWave is a person's score in a wave, with who they were in it.
type scoredWave struct {
	role   string
	values []string
	score  float64
}

// respondentsAtOnce bounds the statement that reads scores.
const respondentsAtOnce = 5000

// scores are those of people who left, by respondent and by the place of the wave.
func (r *request) scores(ctx context.Context, s scale, waves []survey.Wave, gone []leaver) (map[uuid.UUID]map[int]scoredWave, error) {
	found := map[uuid.UUID]map[int]scoredWave{}
	surveyIDs, waveIDs := ids(waves)
	params := append(r.scaleParams(s), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs))
	known := map[string][]string{}
	for some := range slices.Chunk(gone, respondentsAtOnce) {
		respondents := make([]string, len(some))
		for i, one := range some {
			respondents[i] = one.respondent.String()
		}
		_, err := clickhouse.Collect(ctx, r.db, "scores before leaving", scoresSQL, func(rows driver.Rows) (struct{}, error) {
			var (
				respondent, wave uuid.UUID
				attributes       string
				one              scoredWave
			)
			err := rows.Scan(&respondent, &wave, &one.role, &attributes, &one.score)
			if _, read := known[attributes]; !read && err == nil {
				known[attributes], err = r.valuesOf(attributes)
			}
			one.values = known[attributes]
			if found[respondent] == nil {
				found[respondent] = map[int]scoredWave{}
			}
			found[respondent][slices.IndexFunc(waves, func(w survey.Wave) bool { return w.ID == wave })] = one
			return struct{}{}, err
		}, append(slices.Clone(params), clickhouse.Named("respondents", respondents))...)
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// goodbye is the last that somebody who left had answered on a scale.
type goodbye struct {
	respondent uuid.UUID
	day        time.Time // of leaving
	wave       int       // place of the wave
	score      float64
	batch      int // with whom they are counted, −1 while they wait
}

// batchGrowth is the share of those counted before that a batch has at least, so
// that thousands who left make no hundreds of batches.
const batchGrowth = 10

// inBatches puts people in the order in which they left and counts them in batches:
// of at least k people, and at least a tenth of those before. Who left on one day
// is in one batch, and the last that is not full waits. So what is shown moves by
// whole batches, from day to day and from report to report.
func inBatches(list []goodbye, k int) []goodbye {
	slices.SortFunc(list, func(a, b goodbye) int {
		return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.respondent.String(), b.respondent.String()))
	})
	batch, begins := 0, 0
	for i := range list {
		list[i].batch = batch
		ends := i+1 == len(list) || !list[i+1].day.Equal(list[i].day)
		if n := i + 1 - begins; ends && n >= max(k, begins/batchGrowth) {
			batch, begins = batch+1, i+1
		}
	}
	for i := begins; i < len(list); i++ {
		list[i].batch = -1
	}
	return list
}

// goneBy are those of whole batches that had left by a day.
func goneBy(list []goodbye, by time.Time) []goodbye {
	end := 0
	for i, one := range list {
		last := i+1 == len(list) || list[i+1].batch != one.batch
		if one.batch < 0 || one.day.After(by) {
			break
		}
		if last {
			end = i + 1
		}
	}
	return list[:end]
}

// history is the way of a respondent through the waves, as the store would count it.
func (r *request) history(waves int, scores map[int]scoredWave) suppression.History {
	h := suppression.History{N: 1}
	for w := range waves {
		one, scored := scores[w]
		if !scored {
			one.values = make([]string, len(r.program.Attributes))
		}
		h.Roles, h.Values = append(h.Roles, one.role), append(h.Values, one.values)
	}
	return h
}

package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/analytics/stats"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// storedAnswers is one response as the store has it.
type storedAnswers struct {
	wave       int
	respondent uuid.UUID
	role       program.Role
	atRisk     bool
	final      bool
	values     map[uint16]float64
	ratings    []int8
	texts      []string
	seconds    float64
}

// history is all that a demonstration programme has stored.
type history struct {
	size    demoSize
	truth   truth
	q       *survey.Questionnaire
	roster  program.Snapshot
	waves   []survey.Wave
	invited []map[invitedGroup]int // by wave
	answers []storedAnswers
}

type invitedGroup struct {
	role   program.Role
	atRisk bool
}

func readHistory(t *testing.T, a *app, size demoSize) *history {
	t.Helper()
	ctx := context.Background()
	h := &history{size: size, truth: demoTruth()}
	var err error
	if h.q, err = survey.BuiltIn("reverse-mentoring"); err != nil {
		t.Fatal(err)
	}
	if h.roster, err = a.programs.Snapshot(ctx, size.id()); err != nil {
		t.Fatal(err)
	}
	if h.waves, err = a.surveys.Waves(ctx, size.id()); err != nil {
		t.Fatal(err)
	}
	number := map[uuid.UUID]int{}
	for _, w := range h.waves {
		number[w.ID] = w.Number
		invitations, err := a.surveys.Invitations(ctx, w)
		if err != nil {
			t.Fatal(err)
		}
		groups := map[invitedGroup]int{}
		for _, i := range invitations {
			groups[invitedGroup{i.Role, h.atRisk(i.Role, i.Attributes)}]++
		}
		h.invited = append(h.invited, groups)
	}
	h.answers, err = clickhouse.Collect(ctx, a.db, "responses",
		`SELECT wave_id, respondent, toString(role), attributes, final, items, values, ratings, texts, seconds FROM responses FINAL WHERE program_id = {program:String}`,
		func(rows driver.Rows) (storedAnswers, error) {
			var (
				s          storedAnswers
				wave       uuid.UUID
				role       string
				attributes survey.Attributes
				items      []uint16
				values     []float32
				seconds    uint32
			)
			err := rows.Scan(&wave, &s.respondent, &role, &attributes, &s.final, &items, &values, &s.ratings, &s.texts, &seconds)
			s.wave, s.role, s.seconds, s.values = number[wave], program.Role(role), float64(seconds), map[uint16]float64{}
			s.atRisk = h.atRisk(s.role, attributes)
			for i, item := range items {
				s.values[item] = float64(values[i])
			}
			return s, err
		}, clickhouse.Named("program", size.id()))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *history) atRisk(role program.Role, attributes map[string]string) bool {
	return role != program.Comparison && attributes[attrDepartment] == h.truth.AtRisk
}

// of are the final answers of a wave and group.
func (h *history) of(wave int, role program.Role, atRisk bool) []storedAnswers {
	return slices.DeleteFunc(slices.Clone(h.answers), func(s storedAnswers) bool {
		return !s.final || s.wave != wave || s.role != role || s.atRisk != atRisk
	})
}

// indices are the respondents' indices on a scale, of those who answered all of
// its items, with their answers keyed.
func (h *history) indices(scale string, wave int, role program.Role, atRisk bool) (indices []float64, keyed [][]float64) {
	for _, s := range h.of(wave, role, atRisk) {
		var row []float64
		sum := 0.0
		for _, it := range h.q.ItemsOf(scale) {
			if v, ok := s.values[it.Number]; ok {
				row = append(row, it.Keyed(v))
				sum += 100 * (it.Keyed(v) - it.Min) / (it.Max - it.Min)
			}
		}
		if n := len(h.q.ItemsOf(scale)); len(row) == n {
			indices, keyed = append(indices, sum/float64(n)), append(keyed, row)
		}
	}
	return indices, keyed
}

// within reports a mean that is further from the true one than chance allows:
// four standard errors, which happens to one in 16,000.
func within(t *testing.T, what string, sample []float64, want float64) {
	t.Helper()
	n := float64(len(sample))
	if n < 20 {
		t.Errorf("%s: only %v to tell it by", what, n)
		return
	}
	mean, square := 0.0, 0.0
	for _, x := range sample {
		mean += x / n
	}
	for _, x := range sample {
		square += (x - mean) * (x - mean) / (n - 1)
	}
	if se := math.Sqrt(square / n); math.Abs(mean-want) > 4*se {
		t.Errorf("%s: mean %.2f of %v, true %.2f, standard error %.2f", what, mean, n, want, se)
	}
}

// share is within for what is or is not so, with the true standard error.
func share(t *testing.T, what string, yes, n int, want float64) {
	t.Helper()
	got := float64(yes) / float64(n)
	if se := math.Sqrt(want * (1 - want) / float64(n)); n == 0 || math.Abs(got-want) > 4*se {
		t.Errorf("%s: %d of %d, true share %.3f, standard error %.3f", what, yes, n, want, se)
	}
}

func TestTruthIsInTheAnswers(t *testing.T) {
	a := testApp(t)
	size := demoSize{Participants: 1500, Waves: 5, Seed: 3}
	made(t, a, size, noon())
	h := readHistory(t, a, size)
	t.Run("levels", h.levels)
	t.Run("reliability", h.reliability)
	t.Run("participation", h.participation)
	t.Run("goals", h.goals)
	t.Run("departures", h.departures)
	t.Run("words and help", h.words)
	t.Run("times", h.times)
	t.Run("scorecards", func(t *testing.T) { h.scorecards(t, a) })
}

// levels: in the first and last wave of each scale named by the truth, mean
// index as true. Who is about to leave answers lower, so that is allowed for.
func (h *history) levels(t *testing.T) {
	for _, s := range h.q.Scales {
		for role := range h.truth.Scales[s.ID] {
			for wave := 1; wave <= h.size.Waves; wave++ {
				for _, atRisk := range []bool{false, true} {
					asked := slices.ContainsFunc(h.q.WaveItems(wave, role), func(it survey.Item) bool { return it.Scale == s.ID })
					if !asked || atRisk && role == program.Comparison {
						continue
					}
					progress := float64(wave-1) / float64(h.size.Waves-1)
					want := h.truth.scale(s, role, atRisk, progress)
					if wave < h.size.Waves { // two waves of those who leave in the end
						want -= h.truth.BeforeLeaving[s.ID] * 2 * h.truth.LeavesOrganisation[role]
					}
					sample, _ := h.indices(s.ID, wave, role, atRisk)
					within(t, fmt.Sprintf("%s of %s, wave %d, at risk %t", s.ID, role, wave, atRisk), sample, want)
				}
			}
		}
	}
}

// reliability: alpha of the scales of three items as scales of the field have it.
func (h *history) reliability(t *testing.T) {
	for _, c := range []struct {
		scale string
		role  program.Role
	}{{"engagement", program.Mentor}, {"engagement", program.Comparison}, {"digital-confidence", program.Mentee}, {"mentoring-confidence", program.Mentor}} {
		for wave := 1; wave <= h.size.Waves; wave += 2 {
			_, keyed := h.indices(c.scale, wave, c.role, false)
			alpha, err := stats.Alpha(covariance(keyed), len(keyed))
			if err != nil || alpha.Value < 0.75 || alpha.Value > 0.9 {
				t.Errorf("%s of %s, wave %d: alpha %.3f, %v", c.scale, c.role, wave, alpha.Value, err)
			}
		}
	}
}

func covariance(rows [][]float64) [][]float64 {
	k, n := len(rows[0]), float64(len(rows))
	means, cov := make([]float64, k), make([][]float64, k)
	for _, r := range rows {
		for i := range k {
			means[i] += r[i] / n
		}
	}
	for i := range k {
		cov[i] = make([]float64, k)
		for j := range k {
			for _, r := range rows {
				cov[i][j] += (r[i] - means[i]) * (r[j] - means[j]) / (n - 1)
			}
		}
	}
	return cov
}

// participation: who answers, in the open wave so far; drafts only there.
func (h *history) participation(t *testing.T) {
	for i, groups := range h.invited {
		wave, open := i+1, i+1 == h.size.Waves
		progress := float64(i) / float64(h.size.Waves-1)
		for g, invited := range groups {
			want := h.truth.answering(g.role, g.atRisk, progress)
			if open {
				want *= h.truth.AnsweredSoFar
			}
			share(t, fmt.Sprintf("answers of %+v, wave %d", g, wave), len(h.of(wave, g.role, g.atRisk)), invited, want)
		}
		drafts := 0
		for _, s := range h.answers {
			if s.wave == wave && !s.final {
				drafts++
			}
		}
		if drafts > 0 != open {
			t.Errorf("wave %d has %d drafts", wave, drafts)
		}
	}
}

func (h *history) goals(t *testing.T) {
	for _, wave := range []int{1, h.size.Waves} {
		for _, atRisk := range []bool{false, true} {
			c := h.truth.Goals
			if atRisk {
				c = h.truth.AtRiskGoals
			}
			var means []float64 // the goals of a pair are alike, so one mean a pair
			for _, s := range h.of(wave, program.Mentee, atRisk) {
				if len(s.ratings) > 0 {
					sum := 0.0
					for _, r := range s.ratings {
						sum += float64(r)
					}
					means = append(means, sum/float64(len(s.ratings)))
				}
			}
			within(t, fmt.Sprintf("goals, wave %d, at risk %t", wave, atRisk), means, c.at(float64(wave-1)/float64(h.size.Waves-1)))
		}
	}
}

// departures: from wave to wave, with the true probabilities, and never later
// than the last wave.
func (h *history) departures(t *testing.T) {
	type counts struct{ exposed, organisation, programme int }
	by := map[invitedGroup]*counts{}
	last := h.waves[len(h.waves)-1].Opens
	for _, p := range h.roster.Participants {
		g := invitedGroup{p.Role, h.atRisk(p.Role, p.Attributes)}
		if by[g] == nil {
			by[g] = &counts{}
		}
		for _, w := range h.waves[:len(h.waves)-1] {
			if p.Left.IsZero() || p.Left.After(w.Opens) {
				by[g].exposed++
			}
		}
		switch {
		case p.Left.IsZero() && p.EmployedTo.IsZero():
		case p.Left.IsZero() || p.Left.After(last):
			t.Errorf("%s left on %s, the last wave opens %s", p.ExternalID, p.Left, last)
		case p.EmployedTo.IsZero():
			by[g].programme++
		default:
			by[g].organisation++
		}
	}
	for g, c := range by {
		share(t, fmt.Sprintf("leaving the organisation, %+v", g), c.organisation, c.exposed, h.truth.LeavesOrganisation[g.role])
		programme := h.truth.LeavesProgramme
		switch {
		case g.role == program.Comparison:
			programme = 0
		case g.atRisk:
			programme = h.truth.AtRiskLeavesProgramme
		}
		if programme == 0 && c.programme > 0 {
			t.Errorf("%d of %+v left a programme that they are not in", c.programme, g)
		} else if programme > 0 {
			share(t, fmt.Sprintf("leaving the programme, %+v", g), c.programme, c.exposed, programme)
		}
	}
}

// words: comments where they are asked for, in many forms; help as true.
func (h *history) words(t *testing.T) {
	texts := map[string]bool{}
	written, asked := 0, 0
	for _, s := range h.of(1, program.Comparison, false) {
		asked++
		if len(s.texts) > 0 {
			written++
			texts[s.texts[0]] = true
		}
	}
	share(t, "comments", written, asked, h.truth.Comments*(1-h.truth.SkippedItem))
	if len(texts) < 25 {
		t.Errorf("%d comments in %d forms", written, len(texts))
	}
	help := h.q.ItemsOf("help")[0].Number
	for _, atRisk := range []bool{false, true} {
		want := h.truth.AsksHelp
		if atRisk {
			want = h.truth.AtRiskAsksHelp
		}
		yes, n := 0, 0
		for _, s := range h.answers {
			if v, ok := s.values[help]; ok && s.atRisk == atRisk {
				n++
				if v == 2 {
					yes++
				}
			}
		}
		share(t, fmt.Sprintf("asks for help, at risk %t", atRisk), yes, n, want)
	}
}

// times: the median time to answer, and no wave answered outside its time.
func (h *history) times(t *testing.T) {
	var seconds []float64
	for _, s := range h.answers {
		if s.seconds == 0 {
			t.Fatal("an answer without its time")
		}
		seconds = append(seconds, math.Log(s.seconds))
	}
	// The median of a log-normal is where the mean of the logarithms is; whole
	// seconds are cut off, which is half a percent.
	within(t, "log of the time to answer", seconds, math.Log(h.truth.MedianSeconds-0.5))
	if d := h.waves[1].Opens.Sub(h.waves[0].Opens); d < 13*24*time.Hour || d > 15*24*time.Hour {
		t.Errorf("%s between waves", d)
	}
}

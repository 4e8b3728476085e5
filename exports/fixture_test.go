package exports

import (
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"mentorpulse/analytics"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func ptr[T any](v T) *T { return &v }

// definitions reads the definitions of the product, which the reports carry.
func definitions(t testing.TB, lang string) []analytics.Definition {
	t.Helper()
	data, err := os.ReadFile("../analytics/wording/definitions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		ID, Report, Unit, Source string
		Title, Formula, Reading  survey.Text
	}
	if err := yaml.Unmarshal(data, &list); err != nil {
		t.Fatal(err)
	}
	var all []analytics.Definition
	for _, d := range list {
		all = append(all, analytics.Definition{ID: d.ID, Report: d.Report, Unit: d.Unit, Source: d.Source,
			Title: d.Title.In(lang), Formula: d.Formula.In(lang), Reading: d.Reading.In(lang)})
	}
	return all
}

// sample is an evaluation such as a programme of 60 pairs has after eight waves,
// with one department too small to be shown.
func sample(t testing.TB, lang string) *Evaluation {
	t.Helper()
	name := map[string]string{"uk": "Зворотне наставництво 2026", "en": "Reverse mentoring 2026"}[lang]
	e := &Evaluation{
		Program: program.Program{ID: "acme-2026", Name: name, Policy: program.Confidential, K: 5, TimeZone: "Europe/Kyiv", Languages: []string{lang},
			Attributes: []string{"department"}, Starts: time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), Ends: time.Date(2026, 9, 30, 0, 0, 0, 0, time.UTC)},
		Lang: lang, Made: time.Date(2026, 8, 14, 9, 30, 0, 0, time.UTC), MadeBy: "HR", Version: "1.0.0",
		Definitions:    definitions(t, lang),
		Questionnaires: []Questionnaire{{Title: map[string]string{"uk": "Пульс зворотного наставництва", "en": "Reverse mentoring pulse"}[lang], Version: 1, From: "2026-01-05"}},
	}
	s := sampler{lang: lang, program: e.Program, definitions: e.Definitions}
	for i := range 8 {
		day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 28*i)
		s.waves = append(s.waves, analytics.Wave{Label: day.Format(time.DateOnly), Number: i + 1,
			Opens: day.Add(9 * time.Hour).Format(time.RFC3339), Closes: day.AddDate(0, 0, 10).Format(time.RFC3339), Open: i == 7})
	}
	e.Participation, e.Engagement, e.Confidence = s.participation(), s.engagement(), s.confidence()
	e.Retention, e.Goals = s.retention(), s.goals()
	return e
}

type sampler struct {
	lang        string
	program     program.Program
	definitions []analytics.Definition
	waves       []analytics.Wave
}

func (s sampler) say(uk, en string) string {
	if s.lang == "uk" {
		return uk
	}
	return en
}

func (s sampler) report(kind string) *analytics.Report {
	r := &analytics.Report{Kind: kind, Program: s.program.ID, Name: s.program.Name, Lang: s.lang, Policy: s.program.Policy, K: s.program.K,
		By: "department", Wave: &s.waves[7], Waves: s.waves, Definitions: map[string]analytics.Definition{}}
	for _, d := range s.definitions {
		if d.Report == kind {
			r.Definitions[d.ID] = d
		}
	}
	return r
}

func (s sampler) tooFew() *analytics.Withheld {
	return &analytics.Withheld{Code: analytics.CodeTooFew, Reason: s.say("Менше людей, ніж дозволяє поріг конфіденційності програми (5).", "Fewer people than the programme's confidentiality threshold allows (5).")}
}

func (s sampler) noInterval() *analytics.Withheld {
	return &analytics.Withheld{Code: analytics.CodeNoInterval, Reason: s.say("Цей метод не дає інтервалу.", "This method gives no interval.")}
}

// over fills figures and series of a measure: level at the first wave, gain a
// wave, half the width of the interval.
func (s sampler) over(r *analytics.Report, measure, unit, scale, title string, roles []program.Role, level, gain, half float64) {
	for w, wave := range s.waves {
		for i, role := range roles {
			v := level + gain*float64(w) + math.Sin(float64(w+i))*half/2 - float64(i)*half/3
			f := analytics.Figure{Measure: measure, Unit: unit, Scale: scale, ScaleTitle: title, Wave: wave.Label, Role: role,
				Value: ptr(v), Low: ptr(v - half), High: ptr(v + half), N: ptr(104 - 3*w - 40*min(i, 1))}
			if role == program.Comparison && w == 3 {
				f = analytics.Figure{Measure: measure, Unit: unit, Scale: scale, ScaleTitle: title, Wave: wave.Label, Role: role, Withheld: s.tooFew()}
			}
			r.Series = append(r.Series, f)
			if w == 7 {
				if f.Value != nil {
					f.Change = &analytics.Change{From: s.waves[6].Label, Method: "paired", Value: ptr(gain), Low: ptr(gain - half/2), High: ptr(gain + half/2), N: ptr(77),
						P: ptr(.0004), Q: ptr(.0012), Effect: ptr(.41), EffectLow: ptr(.2), EffectHigh: ptr(.6)}
					if role == program.Mentor {
						f.Change.Effect, f.Change.NoEffect = nil, &analytics.Withheld{Code: analytics.CodeCombined, Reason: "No size of the effect."}
						f.Change.Method, f.Change.Unpaired = "welch", &analytics.Withheld{Code: analytics.CodeUnpairedMany, Reason: "Two independent groups."}
					}
				}
				r.Figures = append(r.Figures, f)
			}
		}
	}
}

// segments adds the figures of the departments, two of them withheld.
func (s sampler) segments(r *analytics.Report, measure, unit string, level, half float64) {
	for i, name := range []string{s.say("Продажі", "Sales"), s.say("Фінанси", "Finance"), s.say("Логістика", "Logistics"), "=HYPERLINK(\"http://example.org\")", ""} {
		f := analytics.Figure{Measure: measure, Unit: unit, Wave: s.waves[7].Label, Segment: map[string]string{"department": name}}
		if i == 1 || i == 2 {
			f.Withheld = s.tooFew()
		} else {
			v := level + float64(i)
			f.Value, f.Low, f.High, f.N = ptr(v), ptr(v-half), ptr(v+half), ptr(20+i)
			f.Change = &analytics.Change{From: s.waves[6].Label, Withheld: s.tooFew()}
		}
		r.Figures = append(r.Figures, f)
	}
}

func (s sampler) count(r *analytics.Report, measure string, n int) {
	r.Figures = append(r.Figures, analytics.Figure{Measure: measure, Unit: analytics.UnitCount, Wave: s.waves[7].Label, Value: ptr(float64(n)), N: ptr(n), NoInterval: s.noInterval()})
}

func everybody() []program.Role {
	return []program.Role{"", program.Mentor, program.Mentee, program.Comparison}
}

func (s sampler) participation() *analytics.Report {
	r := s.report(kindParticipation)
	s.count(r, analytics.MeasureInvited, 180)
	s.count(r, analytics.MeasureOpened, 154)
	s.count(r, analytics.MeasureSubmitted, 131)
	s.over(r, analytics.MeasureResponseRate, analytics.UnitShare, "", "", everybody(), .86, -.015, .06)
	r.Figures = append(r.Figures, analytics.Figure{Measure: analytics.MeasureMedianTime, Unit: analytics.UnitSeconds, Wave: s.waves[7].Label, Value: ptr(118.), N: ptr(131), NoInterval: s.noInterval()})
	return r
}

func (s sampler) engagement() *analytics.Report {
	r := s.report(kindEngagement)
	s.over(r, analytics.MeasureEngagement, analytics.UnitIndex, "engagement", s.say("Залученість", "Engagement"), everybody(), 62, 1.1, 3.5)
	s.segments(r, analytics.MeasureEngagement, analytics.UnitIndex, 64, 6)
	s.over(r, analytics.MeasureFavourability, analytics.UnitShare, "engagement", s.say("Залученість", "Engagement"), everybody(), .55, .015, .05)
	s.over(r, analytics.MeasureENPS, analytics.UnitScore, "", "", everybody(), -12, 3, 14)
	r.Figures = append(r.Figures, analytics.Figure{Measure: analytics.MeasureAlpha, Unit: analytics.UnitCoef, Scale: "engagement", Wave: s.waves[7].Label, Value: ptr(.8431), Low: ptr(.78), High: ptr(.89), N: ptr(83)})
	return r
}

func (s sampler) confidence() *analytics.Report {
	r := s.report(kindConfidence)
	s.over(r, analytics.MeasureConfidence, analytics.UnitIndex, "digital-confidence", s.say("Цифрова впевненість", "Digital confidence"), []program.Role{program.Mentee, program.Comparison}, 48, 2.4, 4)
	s.over(r, analytics.MeasureConfidence, analytics.UnitIndex, "mentoring-confidence", s.say("Наставницька впевненість", "Mentoring confidence"), []program.Role{program.Mentor, program.Comparison}, 57, 1.6, 4)
	for i, measure := range []string{analytics.MeasureReliablyUp, analytics.MeasureUnchanged, analytics.MeasureReliablyDown} {
		v := []float64{.42, .51, .07}[i]
		r.Figures = append(r.Figures, analytics.Figure{Measure: measure, Unit: analytics.UnitShare, Scale: "digital-confidence", ScaleTitle: s.say("Цифрова впевненість", "Digital confidence"), Role: program.Mentee,
			Wave: s.waves[7].Label, Value: &v, Low: ptr(v * .7), High: ptr(v * 1.3), N: ptr(43)})
	}
	r.Figures = append(r.Figures, analytics.Figure{Measure: analytics.MeasureDifference, Unit: analytics.UnitPoints, Scale: "digital-confidence", ScaleTitle: s.say("Цифрова впевненість", "Digital confidence"), Role: program.Mentee,
		Wave: s.waves[7].Label, Value: ptr(11.3), Low: ptr(4.2), High: ptr(18.1), N: ptr(61)})
	return r
}

func (s sampler) retention() *analytics.Report {
	r := s.report(kindRetention)
	for i, role := range []program.Role{"", program.Comparison} {
		v := []float64{.91, .78}[i]
		r.Figures = append(r.Figures, analytics.Figure{Measure: analytics.MeasureEmployment, Unit: analytics.UnitShare, Role: role, Value: &v, Low: ptr(v - .06), High: ptr(v + .04), N: ptr(120 - 60*i)})
	}
	r.Figures = append(r.Figures,
		analytics.Figure{Measure: analytics.MeasureRelativeRisk, Unit: analytics.UnitRatio, Value: ptr(.41), Low: ptr(.19), High: ptr(.88), N: ptr(180)},
		analytics.Figure{Measure: analytics.MeasureRiskDifference, Unit: analytics.UnitShareDx, Value: ptr(-.13), Low: ptr(-.25), High: ptr(.02), N: ptr(180)})
	s.over(r, analytics.MeasureIntent, analytics.UnitShare, "intent-to-stay", s.say("Намір залишитися", "Intent to stay"), everybody(), .66, .01, .07)
	for i, role := range everybody() {
		c := analytics.Curve{Measure: analytics.MeasureStay, Role: role, Unit: analytics.UnitWeeks, N: ptr(120 - 20*i), Events: ptr(11), Until: ptr(31.)}
		survival, at := 1., 120-20*i
		for step := range 6 {
			c.Points = append(c.Points, analytics.CurvePoint{Time: float64(5 * step), AtRisk: at, Survival: survival, Low: ptr(survival - .05), High: ptr(min(1, survival+.04))})
			survival -= .02 + .01*float64(i)
			at -= 5
		}
		if role == program.Comparison {
			c = analytics.Curve{Measure: analytics.MeasureStay, Role: role, Unit: analytics.UnitWeeks, Withheld: s.tooFew()}
		}
		r.Curves = append(r.Curves, c)
	}
	r.Tests = []analytics.Test{{Measure: analytics.MeasureStayLogRank, Groups: []string{s.say("Наставники", "Mentors"), s.say("Підопічні", "Mentees")}, ChiSquared: ptr(16.793), DF: ptr(1), P: ptr(.0000417)},
		{Measure: analytics.MeasureStayLogRank, Groups: []string{s.say("Продажі", "Sales"), s.say("Фінанси", "Finance")}, Withheld: s.tooFew()}}
	for i := range s.waves[:5] {
		c := analytics.Cohort{Wave: s.waves[i].Label, N: ptr(40 - 6*i), Active: make([]*float64, len(s.waves))}
		if i == 4 {
			c.N, c.Withheld = nil, s.tooFew()
		} else {
			for j := i; j < len(s.waves); j++ {
				c.Active[j] = ptr(1 - .03*float64(j-i))
			}
		}
		r.Cohorts = append(r.Cohorts, c)
	}
	return r
}

func (s sampler) goals() *analytics.Report {
	r := s.report(kindGoals)
	roles := []program.Role{"", program.Mentor, program.Mentee}
	s.over(r, analytics.MeasureGoals, analytics.UnitT, "", "", roles, 41, 1.9, 2.2)
	s.over(r, analytics.MeasureExpected, analytics.UnitShare, "", "", roles, .21, .05, .08)
	r.Figures = append(r.Figures, analytics.Figure{Measure: analytics.MeasureGoalsChange, Unit: analytics.UnitT, Wave: s.waves[7].Label, Value: ptr(13.1), Low: ptr(10.2), High: ptr(16.), N: ptr(58)})
	for i, share := range []float64{.04, .18, .41, .29, .08} {
		for j, role := range roles {
			r.Figures = append(r.Figures, analytics.Figure{Measure: analytics.MeasureLevels, Unit: analytics.UnitShare, Wave: s.waves[7].Label, Role: role, Level: fmt.Sprint(i - 2),
				Value: ptr(share + .01*float64(j)), Low: ptr(share / 2), High: ptr(share * 1.5), N: ptr(174)})
		}
	}
	slices.Reverse(r.Figures[len(r.Figures)-15:]) // the workbook orders the levels
	return r
}

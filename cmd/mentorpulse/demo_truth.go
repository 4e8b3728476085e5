package main

import (
	"math"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// course is how something runs over the waves of a programme: from First in the
// first wave in a straight line to Last in the last.
type course struct{ First, Last float64 }

// at is where the course stands at a progress of 0 (first wave) to 1 (last).
func (c course) at(progress float64) float64 { return c.First + (c.Last-c.First)*progress }

// truth is what holds of the people of a demonstration programme. The answers
// are drawn from it, so that what the measures say can be held against it.
//
// An index is on 0–100 as the measures report it, of the answers as they are
// given: what rounding to points and the ends of the scale do to the mean is
// made up for. Probabilities are of one person.
type truth struct {
	// Scales are the indices of the scales by role. Kinds stand in for the
	// scales that are not named.
	Scales map[string]map[program.Role]course
	Kinds  map[survey.Kind]course
	// AtRisk is the department that is short of time; AtRiskScales and the
	// other AtRisk fields hold for its mentors and mentees.
	AtRisk       string
	AtRiskScales map[string]course

	// Goals is the mean rating (−2…+2) of the pairs' goals.
	Goals, AtRiskGoals course

	// Answering is the share of the invited who answer a wave. In the open wave
	// AnsweredSoFar of them have done so.
	Answering       map[program.Role]course
	AtRiskAnswering course
	AnsweredSoFar   float64
	// OpenedOnly is the share of those who do not answer that open the link, and
	// Drafts that of those who have not answered the open wave and left a draft.
	OpenedOnly, Drafts float64
	// SkippedItem is the probability that an optional item is left out.
	SkippedItem float64
	// Comments is the probability of writing where a comment is asked for.
	Comments float64

	// LeavesOrganisation is the probability of leaving the organisation between
	// a wave and the next; LeavesProgramme that of leaving the programme alone.
	// Who left the organisation had a lower engagement and intent to stay in
	// the last two waves, by BeforeLeaving points of the index.
	LeavesOrganisation    map[program.Role]float64
	LeavesProgramme       float64
	AtRiskLeavesProgramme float64
	BeforeLeaving         map[string]float64

	// Meetings is the mean number of meetings between two waves.
	Meetings, AtRiskMeetings float64
	// Noted is the mean number of days between two waves on which a pair notes
	// that it met: less and less where it is at risk.
	Noted, AtRiskNoted course
	// AsksHelp is the probability of asking the programme team for help.
	AsksHelp, AtRiskAsksHelp float64
	// MedianSeconds is the median time to answer, log-normal with SpreadSeconds.
	MedianSeconds, SpreadSeconds float64

	// The standard deviations, in points of five, of what makes one answer
	// differ from another: the person's own level on the scale, the occasion
	// and the single item. With them alpha is near .85 for three items.
	Person, Occasion, Item float64
	// Common is the correlation of a person's level on any scale with one that
	// all their scales share.
	Common float64
}

// demoTruth is the truth of every demonstration programme.
func demoTruth() truth {
	return truth{
		Scales: map[string]map[program.Role]course{
			"engagement":           {program.Mentor: {64, 69}, program.Mentee: {66, 70}, program.Comparison: {63, 62}},
			"enps":                 {program.Mentor: {72, 77}, program.Mentee: {74, 78}, program.Comparison: {69, 68}},
			"digital-confidence":   {program.Mentee: {45, 70}, program.Comparison: {46, 48}},
			"mentoring-confidence": {program.Mentor: {50, 68}, program.Comparison: {48, 50}},
			"intent-to-stay":       {program.Mentor: {66, 73}, program.Mentee: {72, 76}, program.Comparison: {67, 64}},
			"challenge-time":       {program.Mentee: {40, 36}},
			"challenge-power":      {program.Mentor: {46, 30}},
			"challenge-resistance": {program.Mentor: {36, 24}},
			"challenge-structure":  {program.Mentee: {46, 34}},
		},
		Kinds: map[survey.Kind]course{
			survey.KindBenefit: {55, 70}, survey.KindStep: {62, 72}, survey.KindAim: {55, 68}, survey.KindChallenge: {42, 34},
			survey.KindEngagement: {64, 66}, survey.KindENPS: {70, 72}, survey.KindConfidence: {48, 60}, survey.KindRetention: {68, 70},
		},
		AtRisk: "Продажі",
		AtRiskScales: map[string]course{
			"engagement": {64, 46}, "enps": {70, 50}, "digital-confidence": {45, 47}, "mentoring-confidence": {50, 52},
			"intent-to-stay": {66, 50}, "challenge-time": {72, 82}, "challenge-structure": {56, 66},
		},
		Goals: course{-1.2, 0.6}, AtRiskGoals: course{-1.2, -0.8},

		Answering:       map[program.Role]course{program.Mentor: {0.92, 0.84}, program.Mentee: {0.86, 0.76}, program.Comparison: {0.7, 0.6}},
		AtRiskAnswering: course{0.9, 0.6},
		AnsweredSoFar:   0.65, OpenedOnly: 0.2, Drafts: 0.1,
		SkippedItem: 0.03, Comments: 0.45,

		LeavesOrganisation:    map[program.Role]float64{program.Mentor: 0.008, program.Mentee: 0.008, program.Comparison: 0.025},
		LeavesProgramme:       0.006,
		AtRiskLeavesProgramme: 0.02,
		BeforeLeaving:         map[string]float64{"engagement": 12, "intent-to-stay": 30},

		Meetings: 2.3, AtRiskMeetings: 0.7,
		Noted: course{2.3, 2.1}, AtRiskNoted: course{1.2, 0.1},
		AsksHelp: 0.02, AtRiskAsksHelp: 0.15,
		MedianSeconds: 110, SpreadSeconds: 0.45,

		Person: 0.75, Occasion: 0.25, Item: 0.5, Common: 0.6,
	}
}

// scale is the true index of a scale for a role, at risk or not, at a progress.
func (t truth) scale(s survey.Scale, role program.Role, atRisk bool, progress float64) float64 {
	if c, ok := t.AtRiskScales[s.ID]; ok && atRisk {
		return c.at(progress)
	}
	if c, ok := t.Scales[s.ID][role]; ok {
		return c.at(progress)
	}
	c := t.Kinds[s.Kind]
	if role == program.Comparison { // nothing is done for them, so nothing changes
		return c.First
	}
	return c.at(progress)
}

// answering is the probability of answering a closed wave.
func (t truth) answering(role program.Role, atRisk bool, progress float64) float64 {
	if atRisk {
		return t.AtRiskAnswering.at(progress)
	}
	return t.Answering[role].at(progress)
}

// spread is the standard deviation of a single answer before rounding, in
// points of five.
func (t truth) spread() float64 {
	return math.Sqrt(t.Person*t.Person + t.Occasion*t.Occasion + t.Item*t.Item)
}

// latentMean is the mean of a normal trait with standard deviation sd whose
// values, rounded and cut off at the whole points low and high, have the given
// mean. Without it, the truth would be off by what the ends cut off.
func latentMean(mean, sd, low, high float64) float64 {
	from, to := low-6*sd, high+6*sd
	for range 60 {
		middle := (from + to) / 2
		if roundedMean(middle, sd, low, high) < mean {
			from = middle
		} else {
			to = middle
		}
	}
	return (from + to) / 2
}

// roundedMean is the mean of a normal trait, rounded and cut off at the ends:
// low and a point more for each threshold that is passed.
func roundedMean(mean, sd, low, high float64) float64 {
	sum := low
	for point := low; point < high; point++ {
		sum += normalAbove((point + 0.5 - mean) / sd)
	}
	return sum
}

// normalAbove is the probability that a standard normal exceeds z.
func normalAbove(z float64) float64 { return 0.5 * math.Erfc(z/math.Sqrt2) }

package main

import (
	"context"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// workdays are the days of a fortnight on which people meet.
const workdays = 10

// meet stores the days on which the pairs met, as survey.Pulse.Meet stores each.
func (f *filling) meet(ctx context.Context) error {
	return f.app.surveys.PutMeetings(ctx, f.program.ID, f.meetings())
}

// meetings are those of all pairs up to the time now.
func (f *filling) meetings() []survey.Meeting {
	var all []survey.Meeting
	today := program.Day(f.now, f.zone)
	for _, pair := range f.cast.couples {
		for i := range f.waves {
			first := f.program.Starts.AddDate(0, 0, 7*demoWeeks*i)
			for _, day := range f.behaviour.meetingDays(pair, i+1, first) {
				if !day.After(today) && pair.works(day) {
					all = append(all, survey.Meeting{Pair: pair.ID, Day: day, Held: true})
				}
			}
		}
	}
	return all
}

// meetingDays draws on which days a pair meets between a wave, which opens on
// the Monday first, and the next.
func (b *behaviour) meetingDays(pair *couple, wave int, first time.Time) []time.Time {
	rng := b.demo.stream("meetings", wave, pair.serial)
	mean := b.truth.Noted
	if pair.atRisk {
		mean = b.truth.AtRiskNoted
	}
	order := rng.Perm(workdays)
	days := make([]time.Time, 0, workdays)
	for _, n := range order[:min(poisson(rng, mean.at(b.progress(wave))), workdays)] {
		days = append(days, first.AddDate(0, 0, n/5*7+n%5))
	}
	return days
}

package analytics

import (
	"strconv"
	"strings"
	"time"

	"mentorpulse/survey"
)

// month is a month of the calendar, drawn: weeks below each other, from Monday.
type month struct {
	Name     string
	Weekdays []calendarText
	Days     []calendarDay
	Height   int
}

type calendarText struct {
	X, Y int
	Text string
}

// calendarDay is a day with what happens on it.
type calendarDay struct {
	calendarText
	Left, Top int
	Class     string // "opens", "open", "paused"; empty for none
	Reminder  bool
	Today     bool
}

const (
	// mostMonths are drawn; what is later is in the list alone.
	mostMonths = 4
	// daySize is the side of a day in the units of the drawing.
	daySize = 24
)

// months draws the months from this one to that of the last wave listed. What is
// drawn stands in the list beside, in words.
func (b *board) months(c survey.Calendar) []month {
	marks := map[string]*calendarDay{}
	at := func(t time.Time) *calendarDay {
		key := t.Format(time.DateOnly)
		if marks[key] == nil {
			marks[key] = &calendarDay{}
		}
		return marks[key]
	}
	now := b.asked.now.In(b.asked.location)
	last := now
	for _, w := range append(append([]survey.Planned{}, c.Open...), c.Next...) {
		for day := w.Opens; day.Before(w.Closes); day = day.AddDate(0, 0, 1) {
			at(day).Class = "open"
		}
		at(w.Opens).Class = "opens"
		for _, reminder := range w.Reminders {
			at(reminder).Reminder = true
		}
		last = w.Closes
	}
	at(now).Today = true
	first := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	var all []month
	for m := first; len(all) < mostMonths && !m.After(last); m = m.AddDate(0, 1, 0) {
		all = append(all, b.month(m, c.Pauses, marks))
	}
	return all
}

func (b *board) month(first time.Time, pauses []survey.Pause, marks map[string]*calendarDay) month {
	one := month{Name: b.t("page-month-name", "month", b.t("page-month-name-"+strconv.Itoa(int(first.Month()))), "year", first.Year())}
	for i, name := range strings.Fields(b.t("page-weekdays")) {
		one.Weekdays = append(one.Weekdays, calendarText{i*daySize + daySize/2, 16, name})
	}
	week := 1
	for day := first; day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
		weekday := (int(day.Weekday()) + 6) % 7 // Monday is 0
		if weekday == 0 && day.Day() > 1 {
			week++
		}
		d := calendarDay{}
		if mark := marks[day.Format(time.DateOnly)]; mark != nil {
			d = *mark
		}
		if d.Class == "" && paused(day.Format(time.DateOnly), pauses) {
			d.Class = "paused"
		}
		d.Left, d.Top = weekday*daySize, week*daySize
		d.calendarText = calendarText{d.Left + daySize/2, d.Top + 16, strconv.Itoa(day.Day())}
		one.Days = append(one.Days, d)
	}
	one.Height = (week + 1) * daySize
	return one
}

func paused(day string, pauses []survey.Pause) bool {
	for _, p := range pauses {
		if day >= p.From && (p.To == "" || day <= p.To) {
			return true
		}
	}
	return false
}

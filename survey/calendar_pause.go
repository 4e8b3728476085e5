package survey

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// pause drops the waves that would open in it; one from the same day gets
// another end.
func (pl *plan) pause(r *Recurrence, c Change) (bool, error) {
	if c.From == "" {
		c.From = pl.today()
	}
	if c.To != "" && c.To < c.From {
		return false, refuse("turned", "from", date(c.From), "to", date(c.To))
	}
	fresh := Pause{From: c.From, To: c.To}
	if slices.Contains(r.Pauses, fresh) {
		return false, nil
	}
	same := slices.IndexFunc(r.Pauses, func(p Pause) bool { return p.From == c.From })
	last := c.To
	if same >= 0 {
		last = earlierEnd(last, r.Pauses[same].To)
	} else {
		last = c.From
	}
	// What is past stays: neither a past day is paused now, nor one resumed.
	if last < pl.today() {
		return false, refuse("pause-past", "today", date(pl.today()))
	}
	for i, p := range r.Pauses {
		if i != same && (p.To == "" || p.To >= fresh.From) && (fresh.To == "" || fresh.To >= p.From) {
			return false, refuse("pauses-overlap", "from", date(p.From))
		}
	}
	if same >= 0 {
		r.Pauses[same] = fresh
	} else {
		r.Pauses = append(r.Pauses, fresh)
	}
	slices.SortFunc(r.Pauses, func(a, b Pause) int { return strings.Compare(a.From, b.From) })
	return true, nil
}

// earlierEnd is the earlier of two ends of a pause, of which an empty one never
// comes.
func earlierEnd(a, b string) string {
	const never = "9999-12-31"
	return min(cmp.Or(a, never), cmp.Or(b, never))
}

// resume ends a pause: the one named by its first day, else the one that goes
// on, else the next. Of one that has begun, the past days stay.
func (pl *plan) resume(r *Recurrence, c Change) (bool, error) {
	today := pl.today()
	at := slices.IndexFunc(r.Pauses, func(p Pause) bool {
		return (c.From == "" || p.From == c.From) && (p.To == "" || p.To >= today)
	})
	if at < 0 {
		return false, refuse("not-paused")
	}
	if p := &r.Pauses[at]; p.From < today {
		day, _ := time.Parse(dateLayout, today) // made from a time
		p.To = day.AddDate(0, 0, -1).Format(dateLayout)
	} else {
		r.Pauses = slices.Delete(r.Pauses, at, at+1)
	}
	return true, nil
}

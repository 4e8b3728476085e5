package survey

import "time"

// opened is the wave that is open now.
func (pl *plan) opened() (Wave, error) {
	for _, w := range pl.rows {
		if w.Open(pl.now) {
			return w, nil
		}
	}
	return Wave{}, refuse("none-open")
}

// close lets the open wave close earlier than planned, but not at once: what has
// closed stays closed, so that there is time to think better of it.
func (pl *plan) close(_ *Recurrence, c Change) (bool, error) {
	w, err := pl.opened()
	if err != nil {
		return false, err
	}
	local, err := pl.at(c.At, pl.clock())
	if err != nil {
		return false, err
	}
	at := instant(local, pl.zone)
	if at.After(w.Closes) {
		return false, refuse("closes-sooner", "closes", w.Closes.In(pl.zone))
	}
	return pl.closeAt(w, at), nil
}

// unclose lets the open wave close as planned.
func (pl *plan) unclose(_ *Recurrence, _ Change) (bool, error) {
	w, err := pl.opened()
	if err != nil {
		return false, err
	}
	planned := pl.closing(w)
	return w.Closes.Before(planned) && pl.closeAt(w, planned), nil
}

func (pl *plan) closeAt(w Wave, at time.Time) bool {
	if w.Closes.Equal(at) {
		return false
	}
	w.Closes = at.UTC()
	pl.rows[w.Occurrence], pl.row = w, &w
	return true
}

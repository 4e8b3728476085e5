package survey

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// Action is what is done to a schedule in one call.
type Action string

// The actions; each but resume undoes, or is undone by, the one beside it.
const (
	ActPause   Action = "pause"
	ActResume  Action = "resume"
	ActMove    Action = "move"
	ActUnmove  Action = "unmove"
	ActSkip    Action = "skip"
	ActUnskip  Action = "unskip"
	ActExtra   Action = "extra"
	ActUnextra Action = "unextra"
	ActClose   Action = "close"
	ActUnclose Action = "unclose"
)

// Actions lists them all.
func Actions() []Action {
	return []Action{ActPause, ActResume, ActMove, ActUnmove, ActSkip, ActUnskip, ActExtra, ActUnextra, ActClose, ActUnclose}
}

// Takes lists which of wave, at, from and to an action takes; the first is
// needed, except of pause, resume and unclose, which do without any.
func (a Action) Takes() []string {
	switch a {
	case ActPause:
		return []string{"from", "to"}
	case ActResume:
		return []string{"from"}
	case ActMove:
		return []string{"wave", "at"}
	case ActExtra, ActClose:
		return []string{"at"}
	case ActUnmove, ActSkip, ActUnskip, ActUnextra:
		return []string{"wave"}
	}
	return nil
}

// Change is one change of a schedule. Waves are named by their dates; At is a
// local time in the programme's zone, "2026-05-06T10:00", or a date, for the
// time of day at which waves open; From and To are dates, both included.
type Change struct {
	Action Action `json:"action"`
	Wave   string `json:"wave,omitempty"`
	At     string `json:"at,omitempty"`
	From   string `json:"from,omitempty"`
	To     string `json:"to,omitempty"`
}

const (
	// farYears is how far ahead a schedule can be changed.
	farYears = 10
	// maxChanged is how many pauses, moved, skipped and extra waves there can be,
	// each: years of them.
	maxChanged = 100
)

// digest tells changes apart.
func (c Change) digest() string {
	text, _ := json.Marshal(c) // of texts
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// doneChange is a change that came with a key, so that sending it again does
// nothing.
type doneChange struct {
	Key    string `json:"key"`
	Change string `json:"change"` // its digest
}

// apply makes the change to the plan, which the caller stores. It reports
// whether it changes anything; a refusal is a *ChangeError.
func (pl *plan) apply(c Change) (changed bool, err error) {
	if err := c.check(pl); err != nil {
		return false, err
	}
	r := pl.survey.Recurrence
	// What is changed below is a copy: the survey may be in use elsewhere.
	r.Pauses, r.Skipped, r.Extra, r.Moved = slices.Clone(r.Pauses), slices.Clone(r.Skipped), slices.Clone(r.Extra), maps.Clone(r.Moved)
	if r.Moved == nil {
		r.Moved = map[string]string{}
	}
	acts := map[Action]func(*Recurrence, Change) (bool, error){
		ActPause: pl.pause, ActResume: pl.resume, ActMove: pl.move, ActUnmove: pl.unmove, ActSkip: pl.skip,
		ActUnskip: pl.unskip, ActExtra: pl.extra, ActUnextra: pl.unextra, ActClose: pl.close, ActUnclose: pl.unclose,
	}
	if changed, err = acts[c.Action](&r, c); err != nil || !changed {
		return false, err
	}
	for _, n := range []int{len(r.Pauses), len(r.Skipped), len(r.Extra), len(r.Moved)} {
		if n > maxChanged {
			return false, refuse("too-many", "limit", maxChanged)
		}
	}
	one := pl.survey
	one.Recurrence = r
	if err := pl.allowed(r); err != nil {
		return false, err
	}
	return true, pl.take(one)
}

// check reads the fields that an action takes, and refuses the others.
func (c Change) check(pl *plan) error {
	if !slices.Contains(Actions(), c.Action) {
		return refuse("unknown-action", "action", shortened(string(c.Action)))
	}
	takes := c.Action.Takes()
	for name, value := range map[string]string{"wave": c.Wave, "at": c.At, "from": c.From, "to": c.To} {
		switch {
		case value == "" && slices.Contains(takes, name) && (name == "wave" || name == "at"):
			return refuse("missing-" + name)
		case value != "" && !slices.Contains(takes, name):
			return refuse("needless", "field", name, "action", string(c.Action))
		case value == "" || name == "at":
			continue
		}
		day, err := time.Parse(dateLayout, value)
		if err != nil {
			return refuse("bad-date", "value", shortened(value))
		}
		if day.After(pl.now.AddDate(farYears, 0, 0)) {
			return refuse("too-far", "years", farYears)
		}
	}
	return nil
}

// allowed refuses a recurrence by which waves would overlap, or none be left.
func (pl *plan) allowed(r Recurrence) error {
	var overlap *OverlapError
	switch err := r.Validate(); {
	case errors.As(err, &overlap):
		return pl.overlapping(overlap.First.Label, overlap.First.Closes, overlap.Second.Label, overlap.Second.Opens)
	case errors.Is(err, errNoWave):
		return refuse("nothing-left")
	case err != nil:
		return refuse("invalid", "why", err.Error())
	}
	// Of a wave that is open its row counts, which may say otherwise than the rule.
	for label, w := range pl.rows {
		if !w.Open(pl.now) {
			continue
		}
		next, err := r.Occurrences(pl.now, w.Closes)
		if err != nil {
			return err
		}
		for _, o := range next {
			if _, opened := pl.rows[o.Label]; !opened {
				return pl.overlapping(label, w.Closes, o.Label, o.Opens)
			}
		}
	}
	return nil
}

func (pl *plan) overlapping(first string, closes time.Time, second string, opens time.Time) *ChangeError {
	return refuse("overlap", "first", date(first), "closes", closes.In(pl.zone), "second", date(second), "opens", opens.In(pl.zone))
}

// ahead returns when a wave is to open, or why it can no longer be changed: it
// is open, closed or past.
func (pl *plan) ahead(label string) (Occurrence, error) {
	local, ok := pl.rule.local(label)
	if !ok {
		return Occurrence{}, refuse("unknown-wave", "wave", date(label))
	}
	if at, moved := pl.rule.moved[label]; moved {
		local = at
	}
	o := pl.rule.occurrence(label, local)
	row, opened := pl.rows[label]
	if !opened {
		row = pl.survey.NewWave(o)
	}
	_, paused := pl.rule.pause(local.Format(dateLayout))
	switch {
	case row.Opens.After(pl.now) && !opened:
		return o, nil
	case !row.Open(pl.now):
		return o, refuse("past", "wave", date(label), "closes", row.Closes.In(pl.zone))
	case !opened && (paused || slices.Contains(pl.rule.skipped, label)):
		return o, refuse("passed", "wave", date(label), "opens", row.Opens.In(pl.zone))
	}
	return o, refuse("open", "wave", date(label), "opens", row.Opens.In(pl.zone), "closes", row.Closes.In(pl.zone))
}

// at reads a local time that is to come; a date alone means the given time of day.
func (pl *plan) at(text, clock string) (time.Time, error) {
	text = strings.Replace(text, " ", "T", 1)
	if _, err := time.Parse(dateLayout, text); err == nil {
		text += "T" + clock
	}
	local, err := time.Parse(localTimeLayout, text)
	if err != nil {
		return time.Time{}, refuse("bad-time", "value", shortened(text))
	}
	if local.After(pl.now.AddDate(farYears, 0, 0)) {
		return time.Time{}, refuse("too-far", "years", farYears)
	}
	if at := instant(local, pl.zone); !at.After(pl.now) {
		return time.Time{}, refuse("at-past", "at", at.In(pl.zone))
	}
	return local, nil
}

// opening is at for a time at which a wave is to open.
func (pl *plan) opening(text, clock string) (time.Time, error) {
	local, err := pl.at(text, clock)
	if err != nil {
		return local, err
	}
	day := local.Format(dateLayout)
	if p, paused := pl.rule.pause(day); paused {
		return local, refuse("paused", "day", date(day), "from", date(p.From))
	}
	if !pl.program.RunsAt(instant(local, pl.zone), pl.zone) {
		return local, refuse("outside", "day", date(day))
	}
	return local, nil
}

// clock is the time of day at which waves open.
func (pl *plan) clock() string {
	_, clock, _ := strings.Cut(pl.survey.Recurrence.Start, "T")
	return clock
}

func (pl *plan) today() string { return pl.now.In(pl.zone).Format(dateLayout) }

// move gives a wave another time to open.
func (pl *plan) move(r *Recurrence, c Change) (bool, error) {
	if _, err := pl.ahead(c.Wave); err != nil {
		return false, err
	}
	if slices.Contains(r.Skipped, c.Wave) {
		return false, refuse("is-skipped", "wave", date(c.Wave))
	}
	usual, _ := pl.rule.local(c.Wave) // ahead has found it
	to, err := pl.opening(c.At, usual.Format(clockLayout))
	if err != nil {
		return false, err
	}
	if to.Equal(usual) {
		return pl.unmove(r, c)
	}
	text := to.Format(localTimeLayout)
	if r.Moved[c.Wave] == text {
		return false, nil
	}
	r.Moved[c.Wave] = text
	return true, nil
}

// unmove puts a wave back to where the rule has it.
func (pl *plan) unmove(r *Recurrence, c Change) (bool, error) {
	if _, moved := r.Moved[c.Wave]; !moved {
		if !pl.rule.has(c.Wave) {
			return false, refuse("unknown-wave", "wave", date(c.Wave))
		}
		return false, nil
	}
	if _, err := pl.ahead(c.Wave); err != nil {
		return false, err
	}
	usual, _ := pl.rule.local(c.Wave)
	if at := instant(usual, pl.zone); !at.After(pl.now) {
		return false, refuse("at-past", "at", at.In(pl.zone))
	}
	delete(r.Moved, c.Wave)
	return true, nil
}

// skip drops a wave.
func (pl *plan) skip(r *Recurrence, c Change) (bool, error) {
	if slices.Contains(r.Skipped, c.Wave) {
		return false, nil
	}
	if _, err := pl.ahead(c.Wave); err != nil {
		return false, err
	}
	r.Skipped = append(r.Skipped, c.Wave)
	slices.Sort(r.Skipped)
	return true, nil
}

// unskip takes a wave back in that was skipped.
func (pl *plan) unskip(r *Recurrence, c Change) (bool, error) {
	at := slices.Index(r.Skipped, c.Wave)
	if at < 0 {
		if !pl.rule.has(c.Wave) {
			return false, refuse("unknown-wave", "wave", date(c.Wave))
		}
		return false, nil
	}
	if _, err := pl.ahead(c.Wave); err != nil {
		return false, err
	}
	r.Skipped = slices.Delete(r.Skipped, at, at+1)
	return true, nil
}

// extra adds a wave that the rule does not have.
func (pl *plan) extra(r *Recurrence, c Change) (bool, error) {
	at, err := pl.opening(c.At, pl.clock())
	if err != nil {
		return false, err
	}
	text, label := at.Format(localTimeLayout), at.Format(dateLayout)
	if slices.Contains(r.Extra, text) {
		return false, nil
	}
	if _, opened := pl.rows[label]; opened || pl.rule.has(label) {
		return false, refuse("taken", "wave", date(label))
	}
	r.Extra = append(r.Extra, text)
	slices.Sort(r.Extra)
	return true, nil
}

// unextra takes an extra wave out.
func (pl *plan) unextra(r *Recurrence, c Change) (bool, error) {
	local, ok := pl.rule.extra[c.Wave]
	if !ok {
		return false, refuse("not-extra", "wave", date(c.Wave))
	}
	if _, err := pl.ahead(c.Wave); err != nil {
		return false, err
	}
	r.Extra = slices.DeleteFunc(r.Extra, func(at string) bool { return at == local.Format(localTimeLayout) })
	r.Skipped = slices.DeleteFunc(r.Skipped, func(label string) bool { return label == c.Wave })
	delete(r.Moved, c.Wave)
	return true, nil
}

// shortened is enough of a text to know it again.
func shortened(text string) string {
	const most = 40
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most]) + "…"
	}
	return text
}

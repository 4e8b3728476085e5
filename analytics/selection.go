package analytics

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"mentorpulse/survey"
)

// maxBy is how many attributes figures may be cut by at once.
const maxBy = 2

// chooseAttributes finds the attributes that By names: one, or two with a comma
// between them.
func (r *request) chooseAttributes() error {
	if r.By == "" {
		return nil
	}
	names := []string{r.By} // an attribute's own name may hold a comma
	if !slices.Contains(r.program.Attributes, r.By) {
		names = strings.Split(r.By, ",")
	}
	if slices.ContainsFunc(names, func(name string) bool { return strings.TrimSpace(name) == "" }) {
		return r.refuse(http.StatusBadRequest, "missing-attribute", "by", echo(r.By), "known", strings.Join(r.program.Attributes, ", "))
	}
	if len(names) > maxBy {
		return r.refuse(http.StatusBadRequest, "too-many-attributes", "given", len(names), "most", maxBy)
	}
	for _, name := range names {
		at := slices.Index(r.program.Attributes, strings.TrimSpace(name))
		switch {
		case at < 0:
			return r.refuse(http.StatusBadRequest, "unknown-attribute", "attribute", echo(name), "known", strings.Join(r.program.Attributes, ", "))
		case slices.Contains(r.by, at):
			return r.refuse(http.StatusBadRequest, "repeated-attribute", "attribute", r.program.Attributes[at])
		}
		r.by = append(r.by, at)
	}
	return nil
}

// rangeMark stands between the ends of a range of waves.
const rangeMark = ".."

// chooseWaves finds the waves that the query names: none for every wave, one, or
// a range of which either end may be left out.
func (r *request) chooseWaves(all []survey.Wave) error {
	r.first, r.end = 0, len(r.waves)
	from, to, isRange := strings.Cut(r.Query.Wave, rangeMark)
	if r.Query.Wave == "" {
		return nil
	}
	at, err := r.find(from, all, 0)
	if err != nil {
		return err
	}
	if !isRange {
		r.first, r.end, r.chosen = max(at, 0), at+1, at
		return nil
	}
	last, err := r.find(to, all, len(r.waves)-1)
	if err != nil {
		return err
	}
	if len(r.waves) == 0 { // every one of none
		return nil
	}
	if last < at {
		return r.refuse(http.StatusBadRequest, "empty-range", "from", echo(from), "to", echo(to))
	}
	if r.first, r.end = at, last+1; r.first == last {
		r.chosen = last
	}
	return nil
}

// find is the place of a wave by occurrence, or else by number; of the newest
// for "latest", and otherwise for "". Where surveys share a name, the newest
// counts.
func (r *request) find(name string, all []survey.Wave, otherwise int) (int, error) {
	switch name {
	case "":
		return otherwise, nil
	case "latest":
		return len(r.waves) - 1, nil
	}
	named := func(w survey.Wave) bool { return w.Occurrence == name }
	if number, err := strconv.Atoi(name); err == nil {
		named = func(w survey.Wave) bool { return w.Number == number }
	}
	for i, w := range slices.Backward(r.waves) {
		if named(w) {
			return i, nil
		}
	}
	for _, w := range all {
		if named(w) {
			return 0, r.refuse(http.StatusBadRequest, "wave-ahead", "wave", echo(name), "opens", w.Opens.In(r.location).Format("2006-01-02 15:04 MST"))
		}
	}
	return 0, r.refuse(http.StatusNotFound, "unknown-wave", "wave", echo(name))
}

// asked are the waves that the report is about.
func (r *request) asked() []survey.Wave { return r.waves[r.first:r.end] }

package analytics

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// Helpers finds who asked the programme team for help: the one answer that is
// shown of a person, which its question says.
type Helpers interface {
	HelpSeekers(ctx context.Context, prog program.Program, since time.Time, people []uuid.UUID) ([]survey.HelpSeeker, error)
}

// Pairs reports how the pairs of a programme get on. What it says of one pair
// comes from facts that are not confidential, and from requests for help.
type Pairs struct {
	service *Service
	help    Helpers
}

// NewPairs makes the report of pairs.
func NewPairs(s *Service, help Helpers) *Pairs { return &Pairs{service: s, help: help} }

// PairsQuery says which pairs are wanted. Only Program is required.
type PairsQuery struct {
	Program string
	// Status leaves the pairs of one status; empty: all that work.
	Status PairStatus
	// Limit is the most pairs to list, 1 to MaxPairs; 0: DefaultPairs.
	Limit int
	// Cursor is the Next of the report before.
	Cursor string
	// Lang is "uk" or "en"; empty: the programme's own language.
	Lang string
}

// How many pairs a report lists.
const (
	DefaultPairs = 200
	MaxPairs     = 1000
)

// PairsReport is how the pairs of a programme get on. Its slices are never nil,
// and it holds no NaN and no infinity.
type PairsReport struct {
	Kind    string         `json:"report"`
	Program string         `json:"program"`
	Name    string         `json:"name"` // of the programme
	Lang    string         `json:"lang"`
	Policy  program.Policy `json:"policy"`
	K       int            `json:"k"`
	// Day is the one on which the pairs are judged: today in the programme's
	// zone, or its last day.
	Day string `json:"day"`
	// Notice says that no pair works or that no meeting was ever noted.
	Notice  *Withheld    `json:"notice,omitempty"`
	Summary PairsSummary `json:"summary"`
	// Pairs that work now, those that need a check-in first, and of one status
	// those first of which nothing was heard for longest.
	Pairs []PairState `json:"pairs"`
	// Next is the cursor of what follows; empty at the end.
	Next string `json:"next,omitempty"`
	// Figures are about all pairs, whatever was asked for.
	Figures []Figure `json:"figures"`
	// Gaps say how far apart the two of a pair are: for each scale that both are
	// asked, and for their goals, the share of the pairs in each of GapClasses,
	// and how far they agree on the goals. Each names its wave.
	Gaps        []Figure              `json:"gaps"`
	Definitions map[string]Definition `json:"definitions"`
}

// PairsSummary counts the pairs of the programme: those that work, by status, and
// those that have ended or are still to begin.
type PairsSummary struct {
	Active       int `json:"active"`
	NeedsCheckIn int `json:"needs_check_in"`
	Unknown      int `json:"unknown"`
	TooEarly     int `json:"too_early"`
	OnTrack      int `json:"on_track"`
	Ended        int `json:"ended"`
	Ahead        int `json:"ahead"`
}

// PairState is one pair with its facts and what they add up to.
type PairState struct {
	ID     uuid.UUID `json:"id"`
	Mentor string    `json:"mentor"` // as the roster names them
	Mentee string    `json:"mentee"`
	From   string    `json:"from"`
	To     *string   `json:"to"`
	// Meetings noted in all, and in the last eight weeks.
	Meetings       int          `json:"meetings"`
	RecentMeetings int          `json:"recent_meetings"`
	LastMeeting    *string      `json:"last_meeting"`
	Goals          int          `json:"goals"` // agreed
	Status         PairStatus   `json:"status"`
	Reasons        []PairReason `json:"reasons"`
	// AskedForHelp are the requests of the last eight weeks, newest first. A
	// pair without one may have answered that it needs no help, or not at all.
	AskedForHelp []HelpFlag `json:"asked_for_help"`
}

// PairReason says in the report's language why a pair has its status.
type PairReason struct {
	Code   string `json:"code"` // one of the Reason… constants
	Reason string `json:"reason"`
}

// HelpFlag says who of a pair asked for help, and in which wave.
type HelpFlag struct {
	Role program.Role `json:"role"`
	Wave string       `json:"wave"`
}

// judgedPair is a pair that works with its status.
type judgedPair struct {
	pairFacts
	status  PairStatus
	reasons []because
	place   pairPlace
}

// Report judges the pairs of a programme. What is wrong with the query is
// returned as *web.Problem, an unknown programme as program.ErrNotFound.
func (p *Pairs) Report(ctx context.Context, q PairsQuery) (*PairsReport, error) {
	r, err := p.service.resolve(ctx, Query{Program: q.Program, Lang: q.Lang})
	if err != nil {
		return nil, err
	}
	after, err := r.pairsAfter(q)
	if err != nil {
		return nil, err
	}
	day := r.judgedOn()
	all, err := r.pairs(ctx, day)
	if err != nil {
		return nil, err
	}
	out := &PairsReport{Kind: "pairs", Program: r.program.ID, Name: r.program.Name, Lang: r.Lang, Policy: r.program.Policy, K: r.k(),
		Day: day.Format(time.DateOnly), Pairs: []PairState{}, Definitions: map[string]Definition{}}
	logged := slices.ContainsFunc(all, func(f pairFacts) bool { return f.meetings > 0 })
	judged := out.judge(all, day, logged)
	switch {
	case len(judged) == 0:
		out.Notice = r.withheld(CodeNoPairs)
	case !logged:
		out.Notice = r.withheld(CodeNoMeetings)
	}
	if out.Figures, err = r.pairFigures(ctx, judged, day, logged); err != nil {
		return nil, err
	}
	if out.Gaps, err = r.gaps(ctx); err != nil {
		return nil, err
	}
	for _, d := range r.definitions {
		if slices.ContainsFunc(slices.Concat(out.Figures, out.Gaps), func(f Figure) bool { return f.Measure == d.ID }) {
			out.Definitions[d.ID] = d.in(r.Lang)
		}
	}
	page := slices.DeleteFunc(judged, func(j judgedPair) bool { return q.Status != "" && j.status != q.Status || !after.before(j.place) })
	if limit := cmp.Or(q.Limit, DefaultPairs); len(page) > limit {
		page = page[:limit]
		out.Next = page[limit-1].place.String()
	}
	return out, p.list(ctx, r, out, page, day)
}

// judge counts all pairs and returns those that work, in the order in which they
// are shown.
func (out *PairsReport) judge(all []pairFacts, day time.Time, logged bool) []judgedPair {
	var judged []judgedPair
	for _, f := range all {
		switch {
		case f.from.After(day):
			out.Summary.Ahead++
			continue
		case !f.worksOn(day):
			out.Summary.Ended++
			continue
		}
		status, reasons := f.judge(day, logged)
		out.Summary.Active++
		switch status {
		case NeedsCheckIn:
			out.Summary.NeedsCheckIn++
		case Unknown:
			out.Summary.Unknown++
		case TooEarly:
			out.Summary.TooEarly++
		case OnTrack:
			out.Summary.OnTrack++
		}
		judged = append(judged, judgedPair{f, status, reasons, placeOf(f, status)})
	}
	slices.SortFunc(judged, func(a, b judgedPair) int { return a.place.compare(b.place) })
	return judged
}

// list puts the pairs of a page into the report.
func (p *Pairs) list(ctx context.Context, r *request, out *PairsReport, page []judgedPair, day time.Time) error {
	asked := map[uuid.UUID][]survey.HelpSeeker{}
	for _, j := range page {
		asked[j.mentor], asked[j.mentee] = nil, nil
	}
	seekers, err := p.help.HelpSeekers(ctx, r.program, day.AddDate(0, 0, -recentDays), slices.Collect(maps.Keys(asked)))
	if err != nil {
		return err
	}
	for _, one := range seekers {
		asked[one.Participant] = append(asked[one.Participant], one)
	}
	for _, j := range page {
		s := PairState{ID: j.id, Mentor: j.mentorName, Mentee: j.menteeName, From: j.from.Format(time.DateOnly), To: dayOrNil(j.to),
			Meetings: j.meetings, RecentMeetings: j.recent, LastMeeting: dayOrNil(j.latest), Goals: j.goals, Status: j.status,
			Reasons: []PairReason{}, AskedForHelp: j.helpFlags(asked, r.location)}
		for _, b := range j.reasons {
			s.Reasons = append(s.Reasons, r.pairReason(b))
		}
		out.Pairs = append(out.Pairs, s)
	}
	return nil
}

// helpFlags are the pair's requests for help among those that people made,
// without what they asked in another pair.
func (f pairFacts) helpFlags(asked map[uuid.UUID][]survey.HelpSeeker, zone *time.Location) []HelpFlag {
	flags := []HelpFlag{}
	for who, role := range map[uuid.UUID]program.Role{f.mentor: program.Mentor, f.mentee: program.Mentee} {
		for _, one := range asked[who] {
			if !program.Day(one.Opens, zone).Before(f.from) {
				flags = append(flags, HelpFlag{Role: role, Wave: one.Wave})
			}
		}
	}
	slices.SortFunc(flags, func(a, b HelpFlag) int { return cmp.Or(cmp.Compare(b.Wave, a.Wave), cmp.Compare(b.Role, a.Role)) })
	return flags
}

func (r *request) pairReason(b because) PairReason {
	var counted []any
	if b.weeks > 0 {
		counted = []any{"count", b.weeks}
	}
	return PairReason{Code: b.code, Reason: r.messages.T(r.Lang, "pair-"+b.code, counted...)}
}

func dayOrNil(day time.Time) *string {
	if day.IsZero() {
		return nil
	}
	text := day.Format(time.DateOnly)
	return &text
}

// pairPlace is a pair's place in the order in which pairs are shown. It does not
// change from one day to the next while the pair keeps its status.
type pairPlace struct {
	rank    int
	contact string
	id      string
}

func placeOf(f pairFacts, status PairStatus) pairPlace {
	return pairPlace{slices.Index(PairStatuses(), status), f.contact().Format(time.DateOnly), f.id.String()}
}

func (p pairPlace) compare(o pairPlace) int {
	return cmp.Or(cmp.Compare(p.rank, o.rank), cmp.Compare(p.contact, o.contact), cmp.Compare(p.id, o.id))
}

// before reports whether o comes after p; every pair comes after the zero place.
func (p pairPlace) before(o pairPlace) bool { return p.id == "" || p.compare(o) < 0 }

// String is the place as a cursor.
func (p pairPlace) String() string {
	return strings.Join([]string{string(PairStatuses()[p.rank]), p.contact, p.id}, "~")
}

// pairsAfter checks a query and returns the place that its cursor names.
func (r *request) pairsAfter(q PairsQuery) (pairPlace, error) {
	known := make([]string, len(PairStatuses()))
	for i, s := range PairStatuses() {
		known[i] = string(s)
	}
	if q.Status != "" && !slices.Contains(PairStatuses(), q.Status) {
		return pairPlace{}, r.refuse(http.StatusBadRequest, "unknown-status", "status", echo(string(q.Status)), "known", strings.Join(known, ", "))
	}
	if q.Limit < 0 || q.Limit > MaxPairs {
		return pairPlace{}, r.refuse(http.StatusBadRequest, "unknown-limit", "most", MaxPairs)
	}
	if q.Cursor == "" {
		return pairPlace{}, nil
	}
	status, rest, _ := strings.Cut(q.Cursor, "~")
	contact, id, _ := strings.Cut(rest, "~")
	_, dayErr := time.Parse(time.DateOnly, contact)
	parsed, idErr := uuid.Parse(id)
	rank := slices.Index(known, status)
	if rank < 0 || dayErr != nil || idErr != nil {
		return pairPlace{}, r.refuse(http.StatusBadRequest, "unknown-cursor", "cursor", echo(q.Cursor))
	}
	return pairPlace{rank, contact, parsed.String()}, nil
}

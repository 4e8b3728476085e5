package analytics

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/web"
	"mentorpulse/survey"
)

// listedWaves is how many of the next waves the page of the schedule lists.
const listedWaves = 6

// schedulePage is when the survey is open, and what can be changed of it.
type schedulePage struct {
	words
	Notice, Done string
	Rule         string
	Problem      *web.Problem // why the change that was asked for is refused
	Preview      *schedulePreview
	Open, Next   []plannedRow
	Months       []month
	Changes      []changeRow
	Zone         string
}

// Say gives a text of the page.
func (p *schedulePage) Say(id string) string { return p.t("page-" + id) }

// schedulePreview is what a change would do, to be confirmed.
type schedulePreview struct {
	Heading string
	Next    []plannedRow
	Fields  []field // hidden ones of the form that confirms it
	Match   string
	Back    string
}

// plannedRow is one wave of the schedule.
type plannedRow struct {
	Wave, Day         string // its date as it names the wave, and as it is read
	Opens, Closes, At string
	Reminders         []string
	Notes             []string
}

// changeRow is what was changed of the rule, with what undoes it.
type changeRow struct {
	Text, Undo string
	Fields     []field
}

// schedulePage shows the schedule and, where a change is asked for, what that
// would do; it changes nothing.
func (b *board) schedulePage(ctx context.Context) (any, error) {
	p := &schedulePage{words: b.words, Zone: b.program.TimeZone}
	now, err := b.planner.Calendar(ctx, b.program, "", listedWaves)
	if errors.Is(err, survey.ErrNoSurvey) {
		p.Notice = b.t("page-schedule-none")
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	b.plain = "/schedule"
	p.Rule = now.Rule
	p.Open, p.Next, p.Changes = b.plannedRows(now.Open), b.plannedRows(now.Next), b.changeRows(now)
	if b.own["done"] != "" {
		p.Done = b.t("page-schedule-done")
	}
	drawn := now
	if b.own["do"] != "" {
		if drawn, err = b.preview(ctx, p, now); err != nil {
			return nil, err
		}
	}
	p.Months = b.months(drawn)
	return p, nil
}

// preview shows on the page what the change in the address would do, and returns
// the schedule as it would be.
func (b *board) preview(ctx context.Context, p *schedulePage, now survey.Calendar) (survey.Calendar, error) {
	c := changeOf(func(name string) string { return b.own[name] })
	would, err := b.planner.Change(ctx, b.program, c, survey.Terms{DryRun: true, Show: listedWaves})
	if err != nil {
		var problem *web.Problem
		if err = survey.ScheduleProblem(b.Lang, err); errors.As(err, &problem) {
			p.Problem = problem
			return now, nil
		}
		return now, err
	}
	next := would.Next[:min(len(would.Next), survey.ShownAhead)]
	p.Preview = &schedulePreview{Heading: b.t("page-schedule-would-" + string(c.Action)), Match: would.Tag, Back: "?" + parameters(Query{Lang: b.Lang})}
	if would.Open != nil && (c.Action == survey.ActClose || c.Action == survey.ActUnclose) {
		p.Preview.Next = b.plannedRows(would.Open)
	}
	p.Preview.Next = append(p.Preview.Next, b.plannedRows(next)...)
	for _, name := range []string{"do", "of", "at", "first", "last"} {
		p.Preview.Fields = append(p.Preview.Fields, field{Name: name, Label: b.own[name]})
	}
	return would, nil
}

// changeOf reads a change from the fields of a form, or of an address.
func changeOf(field func(string) string) survey.Change {
	c := survey.Change{Action: survey.Action(field("do")), Wave: field("of"), At: field("at"), From: field("first"), To: field("last")}
	// A browser may send seconds with a local time.
	if len(c.At) == len("2026-05-06T10:00:00") {
		c.At = strings.TrimSuffix(c.At, ":00")
	}
	return c
}

// maxScheduleForm bounds the form that confirms a change, in bytes.
const maxScheduleForm = 16 << 10

// changeSchedule makes the change that was confirmed, if the schedule is still
// the one that was shown, and leads back to the page.
func (p *Pages) changeSchedule(c *gin.Context) error {
	of, lang := access.ProgramOf(c), web.Language(c)
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxScheduleForm)
	if err := c.Request.ParseForm(); err != nil {
		return p.service.problem(lang, http.StatusBadRequest, "page-schedule-not-form")
	}
	form := c.Request.PostForm
	if set := form.Get("lang"); set == "uk" || set == "en" {
		lang = set
	}
	on := survey.Terms{Match: form.Get("match"), Show: survey.ShownAhead}
	if on.Match == "" {
		return p.service.problem(lang, http.StatusBadRequest, "page-schedule-not-form")
	}
	change := changeOf(form.Get)
	// A second click on the button is the same request.
	on.Key = strings.Join([]string{"page", on.Match, string(change.Action), change.Wave, change.At, change.From, change.To}, " ")
	if _, err := p.planner.Change(c.Request.Context(), of, change, on); err != nil {
		return survey.ScheduleProblem(lang, err)
	}
	c.Redirect(http.StatusSeeOther, "/programs/"+of.ID+"/schedule?"+url.Values{"lang": {lang}, "done": {"1"}}.Encode())
	return nil
}

func (b *board) clock(t time.Time) string {
	return b.t("page-schedule-moment", "day", b.t("page-weekday-"+t.Format("Mon")), "date", b.day(t), "clock", t.Format("15:04"))
}

func (b *board) plannedRows(waves []survey.Planned) []plannedRow {
	var rows []plannedRow
	for _, w := range waves {
		row := plannedRow{Wave: w.Wave, Day: b.date(w.Wave), Opens: b.clock(w.Opens), Closes: b.clock(w.Closes), At: w.Opens.Format("2006-01-02T15:04")}
		for _, at := range w.Reminders {
			row.Reminders = append(row.Reminders, b.clock(at))
		}
		if w.Extra {
			row.Notes = append(row.Notes, b.t("page-schedule-is-extra"))
		}
		if w.Moved {
			row.Notes = append(row.Notes, b.t("page-schedule-is-moved", "date", row.Day))
		}
		if w.ClosesEarly {
			row.Notes = append(row.Notes, b.t("page-schedule-is-early"))
		}
		rows = append(rows, row)
	}
	return rows
}

// changeRows lists what was changed and is still to come.
func (b *board) changeRows(c survey.Calendar) []changeRow {
	var rows []changeRow
	add := func(text, undo, name, value string, action survey.Action) {
		rows = append(rows, changeRow{text, undo, []field{{Name: "do", Label: string(action)}, {Name: name, Label: value}}})
	}
	today := b.asked.now.In(b.asked.location).Format(time.DateOnly)
	for _, one := range c.Open {
		if one.ClosesEarly {
			add(b.t("page-schedule-early", "date", b.date(one.Wave), "when", b.clock(one.Closes)), b.t("page-schedule-unclose"), "of", "", survey.ActUnclose)
		}
	}
	for _, one := range c.Pauses {
		switch {
		case one.To == "":
			add(b.t("page-schedule-paused", "from", b.date(one.From)), b.t("page-schedule-resume"), "first", one.From, survey.ActResume)
		case one.To >= today:
			add(b.t("page-schedule-paused-to", "from", b.date(one.From), "to", b.date(one.To)), b.t("page-schedule-resume"), "first", one.From, survey.ActResume)
		}
	}
	for _, one := range c.Next {
		if one.Moved {
			add(b.t("page-schedule-moved", "date", b.date(one.Wave), "when", b.clock(one.Opens)), b.t("page-schedule-unmove"), "of", one.Wave, survey.ActUnmove)
		}
	}
	for _, label := range c.Skipped {
		if label >= today {
			add(b.t("page-schedule-skipped", "date", b.date(label)), b.t("page-schedule-unskip"), "of", label, survey.ActUnskip)
		}
	}
	for _, at := range c.Extra {
		if label := at[:len(time.DateOnly)]; label >= today {
			add(b.t("page-schedule-extra-on", "date", b.date(label)), b.t("page-schedule-unextra"), "of", label, survey.ActUnextra)
		}
	}
	return rows
}

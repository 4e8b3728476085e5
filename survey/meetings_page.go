package survey

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// The fields by which a page notes a meeting, beside those of the answers.
const (
	metField   = "_met"   // the button: the day on which the pair met, or metChosen
	unmetField = "_unmet" // the button: the day to take back
	dayField   = "_day"   // the day that metChosen is about
	metChosen  = "chosen"
)

// meetingsView is the part of a page that notes meetings.
type meetingsView struct {
	pageView
	Action      string // where it is sent; empty when it goes with the answers
	First, Last string // the days that can be noted, as the form has them
	Choices     []dayChoice
	Days        []dayChoice // noted, newest first
	Latest      string
	Typed       string // in the field of another day
	Done, Error string
}

// dayChoice is a day to tap.
type dayChoice struct{ Day, Text, About string }

// Open reports whether the days to tap are shown from the start.
func (v *meetingsView) Open() bool { return v.Done != "" || v.Error != "" || v.Typed != "" }

// newMeetingsView prepares the part for a page of view's kind.
func newMeetingsView(log *MeetingLog, view pageView, action string) *meetingsView {
	v := &meetingsView{pageView: view, Action: action, First: log.First.Format(time.DateOnly), Last: log.Last.Format(time.DateOnly)}
	for i, id := range []string{"met-today", "met-yesterday"} {
		if day := log.Last.AddDate(0, 0, -i); !day.Before(log.First) {
			v.Choices = append(v.Choices, dayChoice{Day: day.Format(time.DateOnly), Text: v.say(id, "day", writtenDay(v.Lang, day))})
		}
	}
	for _, day := range log.Days {
		written := writtenDay(v.Lang, day)
		v.Days = append(v.Days, dayChoice{Day: day.Format(time.DateOnly), Text: written, About: v.say("met-remove-day", "day", written)})
	}
	if len(log.Days) > 0 {
		v.Latest = v.say("met-latest", "day", writtenDay(v.Lang, log.Days[0]))
	}
	return v
}

// done says what was noted or taken back.
func (v *meetingsView) done(day time.Time, held bool) {
	id := "met-removed"
	if held {
		id = "met-noted"
	}
	v.Done = v.say(id, "day", writtenDay(v.Lang, day))
}

// meetings is the part for a page about the participant at s; nil for who has no
// pair that works now.
func (p *Pages) meetings(ctx context.Context, s seat, view pageView, action string) (*meetingsView, error) {
	log, err := p.pulse.meetingLog(ctx, s)
	if errors.Is(err, ErrNoPair) || errors.Is(err, ErrPairEnded) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return newMeetingsView(log, view, action), nil
}

// meetingsWith is the part for the page of questions; the days are among what was
// read for it, if anything was.
func (p *Pages) meetingsWith(ctx context.Context, s seat, read *kept, view pageView) (*meetingsView, error) {
	if read == nil {
		return p.meetings(ctx, s, view, "")
	}
	pair, today, err := s.working(p.pulse.now())
	if errors.Is(err, ErrNoPair) || errors.Is(err, ErrPairEnded) {
		return nil, nil
	}
	if err := errors.Join(err, read.unmet); err != nil {
		return nil, err
	}
	return newMeetingsView(s.log(pair, today, read.days), view, ""), nil
}

// change is what a form says of meetings.
type change struct {
	text string // the day, as typed or tapped
	held bool
}

// changeIn reads a form; ok is false when it says nothing of meetings.
func changeIn(values url.Values) (one change, ok bool) {
	switch {
	case values.Get(unmetField) != "":
		return change{values.Get(unmetField), false}, true
	case values.Get(metField) == metChosen:
		return change{values.Get(dayField), true}, true
	case values.Get(metField) != "":
		return change{values.Get(metField), true}, true
	}
	return change{}, false
}

// meet stores what a form says of meetings. Errors as of Pulse.Meet.
func (p *Pages) meet(ctx context.Context, token string, one change) (time.Time, error) {
	day, err := time.Parse(time.DateOnly, one.text)
	if err != nil {
		return day, &DayError{Code: CodeNotADay}
	}
	return day, p.pulse.Meet(ctx, token, day, one.held)
}

// meetingsPage is the page that only notes meetings: for a link whose wave is
// over, and for who does not want to answer now.
type meetingsPage struct {
	pageView
	Meetings *meetingsView
	Back     string // the link to the questions; empty while they are not asked
}

func (p *Pages) newMeetingsPage(c *gin.Context, s seat, lang string) (*meetingsPage, error) {
	log, err := p.pulse.meetingLog(c.Request.Context(), s)
	if err != nil {
		return nil, err
	}
	view := pageView{Frame: web.Frame{Lang: lang, Title: texts().T(lang, "met-title") + " – " + s.program.Name, Owner: s.program.Name}, Language: "language", Here: "meetings", Out: wayOut(c, lang)}
	page := &meetingsPage{pageView: view, Meetings: newMeetingsView(log, view, "?lang="+lang)}
	if s.wave.Open(p.pulse.now()) {
		page.Back = "../" + c.Param("token") + "?lang=" + lang
	}
	return page, nil
}

func (p *Pages) getMeetings(c *gin.Context) error {
	privately(c)
	s, err := p.pulse.seatOf(c.Request.Context(), c.Param("token"))
	if err != nil {
		return p.refuse(c, s, err)
	}
	page, err := p.newMeetingsPage(c, s, p.language(c, s))
	if err != nil {
		return p.refuse(c, s, err)
	}
	for _, said := range []struct {
		parameter string
		held      bool
	}{{"met", true}, {"unmet", false}} {
		day, err := time.Parse(time.DateOnly, c.Query(said.parameter))
		noted := slices.ContainsFunc(page.Meetings.Days, func(d dayChoice) bool { return d.Day == c.Query(said.parameter) })
		if err == nil && noted == said.held { // an address opened later says nothing that is not so
			page.Meetings.done(day, said.held)
		}
	}
	return p.render(c, http.StatusOK, "meetings.html", page)
}

func (p *Pages) postMeetings(c *gin.Context) error {
	privately(c)
	ctx, token := c.Request.Context(), c.Param("token")
	s, err := p.pulse.seatOf(ctx, token)
	if err != nil {
		return p.refuse(c, s, err)
	}
	lang := p.language(c, s)
	values, err := readForm(c, lang)
	if err != nil {
		return p.refuse(c, s, err)
	}
	one, _ := changeIn(values)
	day, err := p.meet(ctx, token, one)
	var wrong *DayError
	switch {
	case err == nil:
		said := url.Values{"met": {day.Format(time.DateOnly)}, "lang": {lang}}
		if !one.held {
			said = url.Values{"unmet": said["met"], "lang": said["lang"]}
		}
		return seeOther(c, said)
	case !errors.As(err, &wrong):
		return p.refuse(c, s, err)
	}
	page, err := p.newMeetingsPage(c, s, lang)
	if err != nil {
		return p.refuse(c, s, err)
	}
	problem := meetingProblem(lang, wrong)
	page.Title = page.Say("page-error") + ": " + page.Title
	page.Meetings.Typed, page.Meetings.Error = one.text, problem.Errors[0].Detail
	return p.render(c, problem.Status, "meetings.html", page)
}

// closedView is the page of a link that takes no answers, where there still is
// something to do: to note the pair's meetings when the wave is over, and to leave
// a device that others use too.
type closedView struct {
	pageView
	Problem  *web.Problem
	Meetings *meetingsView // nil for none
}

package survey

import (
	"errors"
	"net/mail"
	"slices"
	"strconv"
	"strings"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// pageView is what every page about a sheet shows.
type pageView struct {
	web.Frame
	Until string // when the wave closes, written out
}

// say gives a text of this package in the page's language.
func (v pageView) say(id string, pairs ...any) string { return texts().T(v.Lang, id, pairs...) }

// Say gives a text without parameters.
func (v pageView) Say(id string) string { return v.say(id) }

func newPageView(sheet *Sheet, lang string) (pageView, error) {
	zone, err := sheet.Program.Location()
	if err != nil {
		return pageView{}, err
	}
	return pageView{
		Frame: web.Frame{Lang: lang, Title: sheet.Questionnaire.Title.In(lang) + " – " + sheet.Program.Name, Owner: sheet.Program.Name},
		Until: moment(lang, sheet.Wave.Closes.In(zone)),
	}, nil
}

// thanksView is the page after submitting.
type thanksView struct {
	pageView
	Meetings *meetingsView // nil for who has no pair
}

func newThanksView(sheet *Sheet, lang string) (thanksView, error) {
	view, err := newPageView(sheet, lang)
	view.Title = view.Say("page-thanks") + " – " + view.Title
	return thanksView{pageView: view}, err
}

// Change says until when the answers can be changed.
func (v thanksView) Change() string { return v.say("page-change-until", "when", v.Until) }

// sheetView is the page with the questions.
type sheetView struct {
	pageView
	Heading string
	Asker   string
	Time    string
	Privacy []string
	Contact string
	Mail    string // the contact, when it is an address to write to
	Notice  string // what is stored already
	Alert   *alert
	Whose   whoseView
	Groups  []group
	// Meetings is nil for who has no pair.
	Meetings *meetingsView
	// What travels with the answers.
	Opened, Stored, Checked string
}

// group is a heading with the questions under it.
type group struct {
	ID, Title string
	Questions []question
}

// alert says why the answers were not taken, with a link to each place.
type alert struct {
	Title, Detail string
	Links         []alertLink
	Others        []string
}

type alertLink struct {
	To, Prompt string
	Messages   []string
}

// Final reports whether final answers are stored, which a draft cannot replace.
func (v *sheetView) Final() bool { return v.Stored == doFinal }

// Deadline says until when to answer.
func (v *sheetView) Deadline() string { return v.say("page-until-detail", "when", v.Until) }

// newSheetView prepares the page of a sheet, filled in as f has it.
func newSheetView(sheet *Sheet, lang string, f form) (*sheetView, error) {
	base, err := newPageView(sheet, lang)
	if err != nil {
		return nil, err
	}
	v := &sheetView{
		pageView: base, Heading: sheet.Questionnaire.Title.In(lang), Asker: sheet.Program.Name,
		Contact: sheet.Program.Contact, Stored: f.stored, Checked: f.checked,
	}
	if f.opened != nil {
		v.Opened = f.opened.UTC().Format("2006-01-02T15:04:05Z07:00")
	}
	if address, err := mail.ParseAddress(v.Contact); err == nil && address.Name == "" {
		v.Mail = address.Address
	}
	count := 0
	v.Groups = sheet.groups(lang, f)
	for _, g := range v.Groups {
		count += len(g.Questions)
	}
	v.Time = v.say("page-time-detail", "count", count)
	v.Privacy = []string{
		v.say("page-policy-" + string(sheet.Program.Policy)),
		v.say("page-shown", "count", sheet.Program.K, "comments", program.CommentK),
	}
	if slices.ContainsFunc(sheet.Asked.Items(), func(it Item) bool { return sheet.kind(it) == KindHelp }) {
		v.Privacy = append(v.Privacy, v.say("page-help-exception"))
	}
	switch f.stored {
	case doFinal:
		v.Notice = v.say("page-final-stored", "when", v.Until)
	case doDraft:
		v.Notice = v.say("page-draft-resumed", "when", v.Until)
	}
	return v, nil
}

// point puts a problem on the page, at its top and at each question; one with
// the day of a meeting where that is entered.
func (v *sheetView) point(problem *web.Problem, why error) {
	v.Title = v.Say("page-error") + ": " + v.Title
	v.Notice = ""
	var day *DayError
	if errors.As(why, &day) && v.Meetings != nil {
		v.Meetings.Error = problem.Errors[0].Detail
		return
	}
	v.Alert = &alert{Title: problem.Title, Detail: problem.Detail}
	var wrong *ProblemsError
	if !errors.As(why, &wrong) {
		v.Alert.Detail += " " + v.Say("page-kept")
		return
	}
	messages := map[string][]string{}
	for _, one := range wrong.Problems {
		if said := one.Message(v.Lang); !slices.Contains(messages[one.Item], said) {
			messages[one.Item] = append(messages[one.Item], said)
		}
	}
	for _, g := range v.Groups {
		for i := range g.Questions {
			q := &g.Questions[i]
			if q.Errors = messages[q.Name]; q.Errors != nil {
				v.Alert.Links = append(v.Alert.Links, alertLink{To: q.ID(), Prompt: q.Prompt, Messages: q.Errors})
				delete(messages, q.Name)
			}
		}
	}
	for _, one := range wrong.Problems { // those that are about no question of the page
		v.Alert.Others = append(v.Alert.Others, messages[one.Item]...)
		delete(messages, one.Item)
	}
}

// kind is what an item's scale measures.
func (s *Sheet) kind(it Item) Kind {
	scale, _ := s.Questionnaire.Scale(it.Scale)
	return scale.Kind
}

// heading names the group that an item belongs to.
func (s *Sheet) heading(it Item) string {
	switch s.kind(it) {
	case KindActivity:
		return "meetings"
	case KindEngagement, KindENPS, KindRetention:
		return "work"
	case KindConfidence:
		return "confidence"
	case KindGoal:
		return "goals"
	case KindHelp, KindComment:
		return "last"
	}
	if s.Role == program.Comparison {
		return "organisation"
	}
	return "program"
}

// groups are the questions under their headings, in the order in which the
// headings first come up. An item that depends on another stays with it.
func (s *Sheet) groups(lang string, f form) []group {
	var all []group
	place := map[string]int{}     // of a heading
	headed := map[string]string{} // the heading of an item
	for i, it := range s.Asked.items {
		if s.Asked.shownBy[i] < 0 {
			continue // depends on what is not asked
		}
		heading := s.heading(it)
		if it.ShowIf != nil {
			heading = headed[it.ShowIf.Item]
		}
		headed[it.ID] = heading
		questions := s.questions(it, lang, f)
		if len(questions) == 0 {
			continue
		}
		at, ok := place[heading]
		if !ok {
			at = len(all)
			place[heading] = at
			all = append(all, group{ID: "group-" + heading, Title: texts().T(lang, "page-group-"+heading)})
		}
		all[at].Questions = append(all[at].Questions, questions...)
	}
	return all
}

// hint says for which answers a question is.
func (s *Sheet) hint(cond *Condition, lang string) string {
	on := s.Asked.items[s.Asked.index[cond.Item]]
	var answer string
	switch {
	case len(cond.Any) > 0:
		var wanted []string
		for _, o := range on.Options {
			if slices.Contains(cond.Any, o.ID) {
				wanted = append(wanted, o.Text.In(lang))
			}
		}
		answer = strings.Join(wanted, " "+texts().T(lang, "page-or")+" ")
	case cond.AtLeast != nil && cond.AtMost != nil:
		answer = texts().T(lang, "page-between", "least", point(on, *cond.AtLeast, lang), "most", point(on, *cond.AtMost, lang))
	case cond.AtLeast != nil:
		answer = texts().T(lang, "page-at-least", "least", point(on, *cond.AtLeast, lang))
	case cond.AtMost != nil:
		answer = texts().T(lang, "page-at-most", "most", point(on, *cond.AtMost, lang))
	}
	return texts().T(lang, "page-only-if", "prompt", strings.TrimRight(on.Prompt.For(s.Role).In(lang), "."), "answer", answer)
}

// point writes a point of an item's scale: by its label, else as a number.
func point(it Item, value float64, lang string) string {
	if text, ok := it.Labels[int(value)]; ok && value == float64(int(value)) {
		return "«" + text.In(lang) + "»"
	}
	text := strconv.FormatFloat(value, 'f', -1, 64)
	if lang == "uk" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

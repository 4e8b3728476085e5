package survey

import (
	"encoding/json"
	"errors"
	"iter"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// pageView is what every page about a sheet shows.
type pageView struct {
	web.Frame
	Until string // when the wave closes, written out
	// Language is where a tap on another language goes, and Here the name of this
	// page there; for pages whose language does not go with the answers.
	Language, Here string
	// Out leads who came with a code to the entry page; empty for others.
	Out string
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
	contact
	Next     string        // when the next wave comes, or that none is planned
	Mine     string        // the link to one's own answers
	Help     string        // the link to the question about help; empty where it is not asked
	Messages string        // the link to what is sent to them; empty where nothing is
	Meetings *meetingsView // nil for who has no pair
}

// contact is whom to turn to.
type contact struct {
	Contact string
	Mail    string // the contact, when it is an address to write to
}

func newContact(p program.Program) contact {
	c := contact{Contact: p.Contact}
	if address, err := mail.ParseAddress(p.Contact); err == nil && address.Name == "" {
		c.Mail = address.Address
	}
	return c
}

func newThanksView(sheet *Sheet, lang, token string, next time.Time) (*thanksView, error) {
	view, err := newPageView(sheet, lang)
	if err != nil {
		return nil, err
	}
	view.Title = view.Say("page-thanks") + " – " + view.Title
	view.Language, view.Here = token+"/language", "thanks"
	v := &thanksView{pageView: view, contact: newContact(sheet.Program), Next: view.Say("page-next-none"), Mine: token + "/mine?lang=" + lang}
	if !next.IsZero() {
		zone, err := sheet.Program.Location()
		if err != nil {
			return nil, err
		}
		v.Next = view.say("page-next-when", "day", writtenDay(lang, program.Day(next, zone)))
	}
	for _, it := range sheet.Asked.Items() {
		if sheet.kind(it) == KindHelp && v.Help == "" {
			v.Help = "?lang=" + lang + "#q-" + it.ID
		}
	}
	return v, nil
}

// Change says until when the answers can be changed.
func (v thanksView) Change() string { return v.say("page-change-until", "when", v.Until) }

// sheetView is the page with the questions.
type sheetView struct {
	pageView
	contact
	Heading string
	Asker   string
	Why     string
	Time    string
	Privacy []string
	Erase   string
	Notice  string // what is stored already
	Alert   *alert
	Whose   whoseView
	Groups  []group
	// Meetings is nil for who has no pair.
	Meetings *meetingsView
	// What travels with the answers.
	Opened, Stored, Checked, Was string
	Unsent                       bool // some are changed since they were submitted
	// What the page's script keeps answers by: the name under which the browser
	// does, the time here in milliseconds, where to begin, and what the address
	// answers.
	Key   string
	Now   int64
	Place string
	Tap   string
}

// group is a heading with the questions under it.
type group struct {
	ID, Title string
	Steps     []step
}

// step is what is asked at one time: a question, with those that depend on it.
type step struct{ Questions []question }

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
		pageView: base, contact: newContact(sheet.Program), Heading: sheet.Questionnaire.Title.In(lang), Asker: sheet.Program.Name,
		Stored: f.stored, Unsent: f.unsent, Checked: f.checked, Place: f.place, Tap: f.tap,
	}
	v.Why = v.say("page-why-" + map[bool]string{true: "comparison", false: "pairs"}[sheet.Role == program.Comparison])
	v.Erase = v.say("page-erase-" + map[bool]string{true: "team", false: "detail"}[v.Contact == ""])
	was, err := json.Marshal(f.was)
	if err != nil {
		return nil, err
	}
	if v.Was = string(was); f.was == nil {
		v.Was = ""
	}
	if !f.now.IsZero() {
		v.Now = f.now.UnixMilli()
	}
	if f.opened != nil {
		v.Opened = f.opened.UTC().Format("2006-01-02T15:04:05Z07:00")
	}
	v.Groups = sheet.groups(lang, f)
	count := 0
	for _, g := range v.Groups {
		count += len(g.Steps)
	}
	v.Time = v.say("page-time-detail", "count", count, "minutes", v.say("page-minutes", "count", minutes(count)))
	v.Privacy = sheet.privacy(lang)
	switch {
	case f.stored == doFinal && f.unsent:
		v.Notice = v.say("page-final-unsent", "when", v.Until)
	case f.stored == doFinal:
		v.Notice = v.say("page-final-stored", "when", v.Until)
	case f.stored == doDraft:
		v.Notice = v.say("page-draft-resumed", "when", v.Until)
	}
	return v, nil
}

// minutes is about how long so many questions take, at ten seconds each.
func minutes(questions int) int { return max(1, (questions*10+30)/60) }

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
	for q := range v.questions() {
		if q.Errors = messages[q.Name]; q.Errors != nil {
			v.Alert.Links = append(v.Alert.Links, alertLink{To: q.ID(), Prompt: q.Prompt, Messages: q.Errors})
			delete(messages, q.Name)
		}
	}
	for _, one := range wrong.Problems { // those that are about no question of the page
		v.Alert.Others = append(v.Alert.Others, messages[one.Item]...)
		delete(messages, one.Item)
	}
}

// questions are those of the page, in order.
func (v *sheetView) questions() iter.Seq[*question] {
	return func(yield func(*question) bool) {
		for _, g := range v.Groups {
			for _, s := range g.Steps {
				for i := range s.Questions {
					if !yield(&s.Questions[i]) {
						return
					}
				}
			}
		}
	}
}

// kind is what an item's scale measures.
func (s *Sheet) kind(it Item) Kind {
	scale, _ := s.Questionnaire.Scale(it.Scale)
	return scale.Kind
}

// privacy says who will see the answers, wherever a participant is asked for them.
func (s *Sheet) privacy(lang string) []string {
	all := promised(s.Program, lang)
	if slices.ContainsFunc(s.Asked.Items(), func(it Item) bool { return s.kind(it) == KindHelp }) {
		all = append(all, texts().T(lang, "page-help-exception"))
	}
	return all
}

// promised is what a programme promises every participant about their answers.
func promised(p program.Program, lang string) []string {
	return []string{
		texts().T(lang, "page-policy-"+string(p.Policy)),
		texts().T(lang, "page-shown", "count", p.K, "comments", program.CommentK),
	}
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
	stepOf := map[string][2]int{} // the group and step of an item
	for i, it := range s.Asked.items {
		if s.Asked.shownBy[i] < 0 {
			continue // depends on what is not asked
		}
		questions := s.questions(it, lang, f)
		if len(questions) == 0 {
			continue
		}
		if it.ShowIf != nil {
			on, ok := stepOf[it.ShowIf.Item]
			if !ok {
				continue
			}
			with := &all[on[0]].Steps[on[1]]
			with.Questions = append(with.Questions, questions...)
			stepOf[it.ID] = on
			continue
		}
		heading := s.heading(it)
		at, ok := place[heading]
		if !ok {
			at = len(all)
			place[heading] = at
			all = append(all, group{ID: "group-" + heading, Title: texts().T(lang, "page-group-"+heading)})
		}
		stepOf[it.ID] = [2]int{at, len(all[at].Steps)}
		for _, q := range questions {
			all[at].Steps = append(all[at].Steps, step{[]question{q}})
		}
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

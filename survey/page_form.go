package survey

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// The fields of the form that are not answers. An item's id has no underscore,
// so none of them can be one.
const (
	doField      = "_do"      // the button: doFinal, doDraft or doLanguage
	openedField  = "_opened"  // when the answering began
	storedField  = "_stored"  // what was stored when the page was made: doFinal, doDraft or nothing
	unsentField  = "_unsent"  // not empty when some were changed since they were submitted
	wasField     = "_was"     // the answers with which the page was made, as JSON
	placeField   = "_place"   // the question that is shown, where one is at a time
	checkedField = "_checked" // as what it was checked, when mistakes are pointed out: doFinal or doDraft
)

// form is what the page's form holds, as typed: the answers and what travels
// with them from page to page.
type form struct {
	typed   url.Values // by field; the fields are the items' ids, and those of goals
	answers []Answer
	do      string
	was     []Answer // the answers with which the page was made
	stored  string
	unsent  bool // some are changed since they were submitted
	checked string
	opened  *time.Time
	// What a page that is made anew says of the answers for its script.
	now   time.Time
	given map[string]time.Time // when each was given
	place string
	tap   string // the item that the address answers
	// met is the day of the meeting that was just noted or, unless held, taken
	// back; zero for none.
	met  time.Time
	held bool
}

// readForm reads a posted form. The error is a *web.Problem in lang.
func readForm(c *gin.Context, lang string) (url.Values, error) {
	bad := func(status int, kind, title string, pairs ...any) error {
		return web.NewProblem(status, kind, texts().T(lang, title), texts().T(lang, kind+"-detail", pairs...))
	}
	if kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, bad(http.StatusUnsupportedMediaType, "page-not-form", "page-not-form")
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxBody))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, bad(http.StatusRequestEntityTooLarge, "page-too-large", "too-large", "limit", maxBody>>10)
	}
	if err != nil {
		return nil, bad(http.StatusBadRequest, "broken-off", "broken-off")
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, bad(http.StatusBadRequest, "broken-off", "broken-off")
	}
	for name, all := range values {
		if !utf8.ValidString(name) || slices.ContainsFunc(all, func(s string) bool { return !utf8.ValidString(s) }) {
			return nil, bad(http.StatusBadRequest, "page-not-utf8", "page-not-utf8")
		}
	}
	return values, nil
}

// parseForm turns posted fields into answers. Whether they are right is for
// Check to say: a number that cannot be read becomes NaN, which it refuses, and
// a field that is no item's keeps its name, which it refuses too.
func parseForm(sheet *Sheet, values url.Values) form {
	f := form{typed: values, do: doDraft, stored: values.Get(storedField), unsent: values.Get(unsentField) != "", checked: values.Get(checkedField), place: values.Get(placeField)}
	if do := values.Get(doField); do == doFinal || do == doLanguage {
		f.do = do
	}
	if at, err := time.Parse(time.RFC3339, values.Get(openedField)); err == nil {
		f.opened = &at
	}
	names := make([]string, 0, len(values))
	for name := range values {
		if !strings.HasPrefix(name, "_") {
			names = append(names, name)
		}
	}
	// Whoever changes it changes what their own fields are compared with.
	_ = json.Unmarshal([]byte(values.Get(wasField)), &f.was)
	slices.Sort(names)
	for _, name := range names {
		f.answers = append(f.answers, fieldAnswers(sheet.fieldType(name), name, values[name])...)
	}
	return f
}

// fieldType is how the field of that name is answered; open text for one that
// is not asked.
func (s *Sheet) fieldType(name string) ItemType {
	if strings.HasPrefix(name, GoalPrefix) {
		return Goals
	}
	if i, ok := s.Asked.index[name]; ok {
		return s.Asked.items[i].Type
	}
	return OpenText
}

// fieldAnswers are the answers in one field: one, unless it was sent twice.
func fieldAnswers(kind ItemType, name string, all []string) []Answer {
	if kind == Single || kind == Multiple {
		return []Answer{{Item: name, Choices: slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == "" })}}
	}
	answers := make([]Answer, 0, 1)
	for _, typed := range all {
		answer := Answer{Item: name}
		switch {
		case blank(typed):
		case kind == OpenText:
			answer.Text = &typed
		default:
			number := parseNumber(typed)
			answer.Value = &number
		}
		answers = append(answers, answer)
	}
	return answers
}

// parseNumber reads a number as people write it, with a decimal comma or point;
// NaN if it is none.
func parseNumber(typed string) float64 {
	x, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(typed), ",", ".", 1), 64)
	if err != nil {
		return math.NaN()
	}
	return x
}

// changed are the answers that differ from those with which the page was made:
// given now, whereas the others were given when they were, here or elsewhere.
func (f *form) changed(now time.Time) []Answer {
	before := make(map[string]Answer, len(f.was))
	for _, answer := range f.was {
		before[answer.Item] = answer
	}
	var changed []Answer
	for _, answer := range f.answers {
		was, ok := before[answer.Item]
		delete(before, answer.Item)
		if answer.empty() && (!ok || was.empty()) || ok && answer.asStored().same(was) {
			continue
		}
		answer.At = &now
		changed = append(changed, answer)
	}
	for _, answer := range f.was { // a box that is no longer checked is not sent
		if _, left := before[answer.Item]; left {
			changed = append(changed, Answer{Item: answer.Item, At: &now})
		}
	}
	return changed
}

// asStored is the answer with its line breaks as they are stored.
func (a *Answer) asStored() *Answer {
	if a.Text == nil {
		return a
	}
	stored := *a
	text := strings.TrimSpace(strings.ReplaceAll(*a.Text, "\r\n", "\n"))
	stored.Text = &text
	return &stored
}

// answerParameter is the parameter of a link that answers an item, "stay:4": the
// page opens with the answer chosen. Looking at it stores nothing, since whatever
// scans mail looks at links too.
const answerParameter = "answer"

// choose fills in what a link answers, unless it is not an answer to anything.
func (f *form) choose(s seat, all []string) {
	if len(all) != 1 {
		return
	}
	at := strings.LastIndex(all[0], ":")
	if at < 0 || !s.asks(all[0][:at]) {
		return
	}
	sheet, item, value := s.sheet(), all[0][:at], all[0][at+1:]
	answers := fieldAnswers(sheet.fieldType(item), item, []string{value})
	if _, problems := sheet.Asked.CheckEach(s.goalIDs, answers); len(problems) > 0 || answers[0].empty() {
		return
	}
	f.typed[item], f.tap = []string{value}, item
}

// newForm fills the form with what is stored, as it would be typed in lang.
func newForm(sheet *Sheet, lang string) form {
	f := form{
		typed: url.Values{}, answers: sheet.Answers, opened: &sheet.OpenedAt, unsent: sheet.Unsent,
		now: sheet.Now, given: map[string]time.Time{},
	}
	if !sheet.Final || sheet.Unsent {
		f.place = sheet.Place
	}
	switch {
	case sheet.Final:
		f.stored = doFinal
	case slices.ContainsFunc(sheet.Answers, func(a Answer) bool { return !a.empty() }):
		f.stored = doDraft
	}
	for _, answer := range sheet.Answers {
		if answer.At != nil {
			f.given[answer.Item] = *answer.At
		}
		if answer.empty() {
			continue
		}
		was := answer
		was.At = nil
		f.was = append(f.was, was)
		switch {
		case answer.Value != nil:
			typed := formatNumber(*answer.Value)
			if lang == "uk" {
				typed = strings.Replace(typed, ".", ",", 1)
			}
			f.typed.Set(answer.Item, typed)
		case answer.Text != nil:
			f.typed.Set(answer.Item, *answer.Text)
		default:
			f.typed[answer.Item] = answer.Choices
		}
	}
	return f
}

package survey

import (
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-playground/validator/v10"

	"mentorpulse/internal/web"
)

// maxBody is the most a submission may weigh: twenty answers of the longest
// text there is fit in it several times over.
const maxBody = 256 << 10

// API serves links over JSON.
type API struct {
	pulse    *Pulse
	validate *validator.Validate
}

// NewAPI makes the JSON face of pulse.
func NewAPI(pulse *Pulse) *API {
	validate := validator.New(validator.WithRequiredStructEnabled())
	// Problems name the fields as the sender wrote them.
	validate.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	return &API{pulse: pulse, validate: validate}
}

// Routes adds the link's endpoints to /api/v1.
func (a *API) Routes(g gin.IRouter) {
	g.GET("/s/:token", web.JSON(a.get))
	g.PUT("/s/:token", web.JSON(a.put))
	g.PATCH("/s/:token/draft", web.JSON(a.patchDraft))
	g.GET("/s/:token/meetings", web.JSON(a.getMeetings))
	g.POST("/s/:token/meetings", web.JSON(a.postMeeting))
}

// sheetJSON is what GET answers.
type sheetJSON struct {
	Wave     string    `json:"wave"`
	ClosesAt time.Time `json:"closes_at"`
	OpenedAt time.Time `json:"opened_at"`
	// Now is the time here, by which a device with a wrong clock can tell when
	// its answers are given.
	Now      time.Time  `json:"now"`
	Final    bool       `json:"final"`
	Unsent   bool       `json:"unsent"`
	Place    string     `json:"place,omitempty"`
	Language string     `json:"language"`
	Items    []itemJSON `json:"items"`
	Answers  []Answer   `json:"answers"`
}

// itemJSON is one item in the reader's language and the role's wording. A goals
// item stands as one item for each goal.
type itemJSON struct {
	ID         string         `json:"id"`
	Type       ItemType       `json:"type"`
	Prompt     string         `json:"prompt"`
	Help       string         `json:"help,omitempty"`
	Min        *float64       `json:"min,omitempty"`
	Max        *float64       `json:"max,omitempty"`
	Step       *float64       `json:"step,omitempty"`
	MaxLength  int            `json:"max_length,omitempty"`
	MaxChoices int            `json:"max_choices,omitempty"`
	Options    []optionJSON   `json:"options,omitempty"`
	Required   bool           `json:"required,omitempty"`
	ShowIf     *conditionJSON `json:"show_if,omitempty"`
}

// optionJSON is an option of a choice, by id, or the label of a point, by value.
type optionJSON struct {
	ID    string `json:"id,omitempty"`
	Value *int   `json:"value,omitempty"`
	Text  string `json:"text"`
}

type conditionJSON struct {
	Item    string   `json:"item"`
	Any     []string `json:"any,omitempty"`
	AtLeast *float64 `json:"at_least,omitempty"`
	AtMost  *float64 `json:"at_most,omitempty"`
}

func (a *API) get(c *gin.Context) error {
	privately(c)
	sheet, err := a.pulse.Open(c.Request.Context(), c.Param("token"))
	if err != nil {
		return LinkProblem(c, err)
	}
	lang := readerLanguage(c, sheet.Language)
	answers := sheet.Answers
	if answers == nil {
		answers = []Answer{}
	}
	c.JSON(http.StatusOK, sheetJSON{
		Wave: sheet.Wave.Occurrence, ClosesAt: sheet.Wave.Closes, OpenedAt: sheet.OpenedAt, Now: sheet.Now,
		Final: sheet.Final, Unsent: sheet.Unsent, Place: sheet.Place, Language: lang, Items: sheet.items(lang), Answers: answers,
	})
	return nil
}

func (a *API) put(c *gin.Context) error {
	privately(c)
	var sub Submission
	if err := a.decode(c, answersDocument(), &sub); err != nil {
		return err
	}
	receipt, err := a.pulse.Submit(c.Request.Context(), c.Param("token"), sub)
	if err != nil {
		return LinkProblem(c, err)
	}
	c.JSON(http.StatusOK, receipt)
	return nil
}

// patchDraft keeps answers as they are given. What it answers is the time here.
func (a *API) patchDraft(c *gin.Context) error {
	privately(c)
	var k Kept
	if err := a.decode(c, answersDocument(), &k); err != nil {
		return err
	}
	if err := a.pulse.Keep(c.Request.Context(), c.Param("token"), k); err != nil {
		return LinkProblem(c, err)
	}
	c.JSON(http.StatusOK, keptJSON{Now: a.pulse.now().UTC()})
	return nil
}

// keptJSON is what PATCH answers.
type keptJSON struct {
	Now time.Time `json:"now"`
}

// document is a kind of JSON document that a link takes.
type document struct {
	web.Document
	invalid string // the kind of problem when it can be read but is wrong
}

func answersDocument() document {
	return document{web.Document{Limit: maxBody, Example: `{"answers": [{"item": "engagement-energy", "value": 4}], "final": true}`}, "answers-invalid"}
}

// decode reads a document and checks its form. What the answers in it say is
// checked by Submit.
func (a *API) decode(c *gin.Context, d document, into any) error {
	if err := d.Read(c, into); err != nil {
		return err
	}
	lang := web.Language(c)
	err := a.validate.Struct(into)
	var wrong validator.ValidationErrors
	if !errors.As(err, &wrong) {
		return err
	}
	p := web.NewProblem(http.StatusUnprocessableEntity, d.invalid, texts().T(lang, d.invalid), texts().T(lang, "answers-invalid-detail", "count", len(wrong)))
	for _, f := range wrong {
		_, item, _ := strings.Cut(f.Namespace(), ".")
		p.Errors = append(p.Errors, web.Field{Item: item, Code: f.Tag(), Detail: texts().T(lang, "form-"+f.Tag(), "limit", f.Param())})
	}
	return p
}

// items are the sheet's items in a language.
func (s *Sheet) items(lang string) []itemJSON {
	all := []itemJSON{}
	for _, it := range s.Asked.Items() {
		if it.Type == Goals {
			for _, g := range s.Goals {
				low, high := it.Min, it.Max
				one := itemJSON{ID: GoalPrefix + g.ID.String(), Type: "goal", Prompt: g.Title, Help: it.Prompt.For(s.Role).In(lang), Min: &low, Max: &high, Required: it.Required}
				for i, text := range g.Levels {
					if value := i - 2; text != "" {
						one.Options = append(one.Options, optionJSON{Value: &value, Text: text})
					}
				}
				if len(one.Options) == 0 {
					one.Options = pointLabels(it, lang)
				}
				all = append(all, one)
			}
			continue
		}
		all = append(all, s.item(it, lang))
	}
	return all
}

func (s *Sheet) item(it Item, lang string) itemJSON {
	one := itemJSON{ID: it.ID, Type: it.Type, Prompt: it.Prompt.For(s.Role).In(lang), Help: it.Help.In(lang), Required: it.Required}
	switch it.Type {
	case Likert, Rating, Number:
		low, high := it.Min, it.Max
		one.Min, one.Max = &low, &high
		one.Options = pointLabels(it, lang)
		if it.Type == Number {
			step := it.Step
			one.Step = &step
		}
	case Single, Multiple:
		for _, o := range it.Options {
			one.Options = append(one.Options, optionJSON{ID: o.ID, Text: o.Text.In(lang)})
		}
		if it.Type == Multiple {
			one.MaxChoices = it.MaxChoices
		}
	case OpenText:
		one.MaxLength = it.MaxLength
	}
	if it.ShowIf != nil {
		one.ShowIf = &conditionJSON{Item: it.ShowIf.Item, Any: it.ShowIf.Any, AtLeast: it.ShowIf.AtLeast, AtMost: it.ShowIf.AtMost}
	}
	return one
}

// pointLabels are the labels of an item's points, in their order.
func pointLabels(it Item, lang string) []optionJSON {
	var all []optionJSON
	for value := int(it.Min); value <= int(it.Max) && len(it.Labels) > 0; value++ {
		if text, ok := it.Labels[value]; ok {
			all = append(all, optionJSON{Value: &value, Text: text.In(lang)})
		}
	}
	return all
}

// LinkProblem phrases why a link, or what was sent with it, was refused, in the
// reader's language. Other errors pass through.
func LinkProblem(c *gin.Context, err error) error {
	lang := web.Language(c)
	problem := func(status int, kind string, pairs ...any) *web.Problem {
		return web.NewProblem(status, kind, texts().T(lang, kind), texts().T(lang, kind+"-detail", pairs...))
	}
	var (
		closed *ClosedError
		wrong  *ProblemsError
	)
	if refused := refusal(lang, err); refused != nil {
		return refused
	}
	if refused := meetingProblem(lang, err); refused != nil {
		return refused
	}
	switch {
	case errors.Is(err, ErrNotOpen):
		return problem(http.StatusForbidden, "wave-not-open")
	case errors.As(err, &closed):
		zone, zoneErr := closed.Program.Location()
		if zoneErr != nil {
			return zoneErr
		}
		return problem(http.StatusGone, "wave-closed", "when", closed.Wave.Closes.In(zone).Format("02.01.2006 15:04"), "zone", closed.Program.TimeZone)
	case errors.Is(err, ErrSubmitted):
		return problem(http.StatusConflict, "already-final")
	case errors.As(err, &wrong):
		p := problem(http.StatusUnprocessableEntity, "answers-invalid", "count", len(wrong.Problems))
		for _, one := range wrong.Problems {
			p.Errors = append(p.Errors, web.Field{Item: one.Item, Code: one.Code, Detail: one.Message(lang)})
		}
		return p
	}
	return err
}

// refusal is what a page and the JSON face say in the same words; nil for what
// each of them says in its own.
func refusal(lang string, err error) *web.Problem {
	problem := func(status int, kind string) *web.Problem {
		return web.NewProblem(status, kind, texts().T(lang, kind), texts().T(lang, kind+"-detail"))
	}
	if many := tooMany(lang, err); many != nil {
		return many
	}
	switch {
	case errors.Is(err, ErrLink):
		return problem(http.StatusNotFound, "link-unknown")
	case errors.Is(err, ErrRevoked):
		return problem(http.StatusGone, "link-revoked")
	case Busy(err):
		p := problem(http.StatusServiceUnavailable, "busy")
		p.RetryAfter = 1
		return p
	}
	return nil
}

// readerLanguage is the one asked for in the address, else the participant's.
func readerLanguage(c *gin.Context, own string) string {
	if lang := c.Query("lang"); lang == "uk" || lang == "en" {
		return lang
	}
	return own
}

// privately keeps what a link shows out of caches, and the link out of the
// Referer of pages that it leads to.
func privately(c *gin.Context) {
	c.Header("Cache-Control", "no-store")
	c.Header("Referrer-Policy", "no-referrer")
	c.Header("X-Content-Type-Options", "nosniff")
}

// formatNumber writes a point of a scale as a form field holds it.
func formatNumber(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

package survey

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/mail"
	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

const (
	// deliveriesPage is how many invitations one answer lists unless asked for
	// fewer or more, up to mostDeliveries.
	deliveriesPage = 100
	mostDeliveries = 1000
	// maxBounces is how much a request with bounces may weigh, and maxMailbox a
	// mailbox file.
	maxBounces = mail.MaxReport
	maxMailbox = 256 << 20
	// bouncesAtOnce is how many a request may tell of.
	bouncesAtOnce = 1000
)

// MailAPI is what people who run a programme need to see and do about messages.
type MailAPI struct{ mailing *Mailing }

// NewMailAPI makes the endpoints of a mailing.
func NewMailAPI(m *Mailing) *MailAPI { return &MailAPI{m} }

// Routes adds the owner's endpoints to the group of a programme.
func (a *MailAPI) Routes(g gin.IRouter) {
	g.GET("/deliveries", web.JSON(a.getDeliveries))
	g.POST("/deliveries/resume", web.JSON(a.postResume))
	g.POST("/bounces", web.JSON(a.postBounces))
}

// OperatorRoutes adds what a command on the same machine asks for while the
// service has the store.
func (a *MailAPI) OperatorRoutes(g gin.IRouter) {
	g.POST("/bounces.mbox", web.JSON(a.postMailbox))
}

type deliveriesJSON struct {
	Wave        string          `json:"wave"`
	Mail        mailJSON        `json:"mail"`
	Invitations []deliveryJSON  `json:"invitations"`
	Reminders   []remindersJSON `json:"reminders"`
	NextCursor  string          `json:"next_cursor,omitempty"`
}

// mailJSON says whether messages go out, and what to do when they do not.
type mailJSON struct {
	State   string     `json:"state"`
	Detail  string     `json:"detail,omitempty"`
	Advice  string     `json:"advice,omitempty"`
	RetryAt *time.Time `json:"retry_at,omitempty"`
}

type deliveryJSON struct {
	Participant deliveredTo `json:"participant"`
	Channel     string      `json:"channel"`
	State       mail.State  `json:"state"`
	Reason      mail.Reason `json:"reason,omitempty"`
	Explanation string      `json:"explanation,omitempty"`
	Detail      string      `json:"detail,omitempty"`
	Attempts    int         `json:"attempts"`
	ChangedAt   time.Time   `json:"changed_at"`
	NextAt      *time.Time  `json:"next_at,omitempty"`
}

type deliveredTo struct {
	ExternalID string       `json:"external_id"`
	Name       string       `json:"name"`
	Email      string       `json:"email"`
	Role       program.Role `json:"role"`
}

// remindersJSON is how many were reminded; null where that tells of too few.
type remindersJSON struct {
	Number   int    `json:"number"`
	Sent     *int   `json:"sent"`
	Withheld string `json:"withheld,omitempty"`
}

// getDeliveries lists the messages of a wave.
func (a *MailAPI) getDeliveries(c *gin.Context) error {
	lang := web.Language(c)
	query, err := deliveryQuery(c, lang)
	if err != nil {
		return err
	}
	report, err := a.mailing.Deliveries(c.Request.Context(), access.ProgramOf(c), query)
	if errors.Is(err, ErrNotFound) {
		return web.NewProblem(http.StatusNotFound, "wave-unknown", texts().T(lang, "wave-unknown"), texts().T(lang, "wave-unknown-detail"))
	}
	if err != nil {
		return err
	}
	out := deliveriesJSON{Wave: report.Wave.Occurrence, Mail: newMailJSON(report.Mail, lang), Invitations: []deliveryJSON{}, Reminders: []remindersJSON{}}
	for _, d := range report.Invitations {
		one := deliveryJSON{
			Participant: deliveredTo{d.Person.ExternalID, d.Person.Name, d.Person.Email, d.Person.Role},
			Channel:     d.Channel, State: d.State, Reason: d.Reason, Detail: d.Detail, Attempts: d.Attempts, ChangedAt: d.At,
		}
		if d.Reason != "" {
			one.Explanation = texts().T(lang, "delivery-"+string(d.Reason))
		}
		if d.State == mail.Queued || d.State == mail.Deferred {
			one.NextAt = &d.NextAt
		}
		out.Invitations = append(out.Invitations, one)
	}
	for _, r := range report.Reminders {
		one := remindersJSON{Number: r.Number, Sent: r.Sent}
		if r.Sent == nil {
			one.Withheld = texts().T(lang, "reminders-withheld")
		}
		out.Reminders = append(out.Reminders, one)
	}
	if report.More {
		last := report.Invitations[len(report.Invitations)-1].Recipient
		out.NextCursor = base64.RawURLEncoding.EncodeToString(last[:])
	}
	privately(c)
	c.JSON(http.StatusOK, out)
	return nil
}

func newMailJSON(s MailState, lang string) mailJSON {
	out := mailJSON{State: s.State, Detail: s.Detail}
	if s.State == mailWaiting && s.RetryAt.IsZero() {
		out.Advice = texts().T(lang, "mail-settings-advice")
	} else if s.State != mailOn {
		out.Advice = texts().T(lang, "mail-"+s.State+"-advice")
	}
	if !s.RetryAt.IsZero() {
		out.RetryAt = &s.RetryAt
	}
	return out
}

// deliveryQuery reads the parameters; a mistyped one is refused.
func deliveryQuery(c *gin.Context, lang string) (DeliveryQuery, error) {
	q := DeliveryQuery{Wave: c.Query("wave"), State: mail.State(c.Query("state")), Limit: deliveriesPage}
	bad := func(name string) error {
		return web.NewProblem(http.StatusBadRequest, "bad-parameter", texts().T(lang, "bad-parameter"), texts().T(lang, "bad-delivery-parameter", "name", name))
	}
	for name := range c.Request.URL.Query() {
		if !slices.Contains([]string{"wave", "state", "cursor", "limit", "lang"}, name) {
			return q, bad(name)
		}
	}
	known := []mail.State{"", mail.Queued, mail.Deferred, mail.Sent, mail.Bounced, mail.Failed, mail.Dropped}
	if !slices.Contains(known, q.State) {
		return q, bad("state")
	}
	if text := c.Query("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > mostDeliveries {
			return q, bad("limit")
		}
		q.Limit = n
	}
	if text := c.Query("cursor"); text != "" {
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || len(raw) != len(uuid.UUID{}) {
			return q, bad("cursor")
		}
		copy(q.After[:], raw)
	}
	return q, nil
}

// postResume lets a programme's messages go on.
func (a *MailAPI) postResume(c *gin.Context) error {
	n, err := a.mailing.Resume(c.Request.Context(), access.ProgramOf(c))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"queued": n})
	return nil
}

// bouncesJSON is what a mail service's webhook tells.
type bouncesJSON struct {
	Bounces []bounceJSON `json:"bounces"`
}

type bounceJSON struct {
	MessageID string `json:"message_id"`
	Email     string `json:"email"`
	Permanent bool   `json:"permanent"`
	Detail    string `json:"detail"`
}

// postBounces records messages that came back: from JSON, or from a report as
// mail servers write it (RFC 3464).
func (a *MailAPI) postBounces(c *gin.Context) error {
	lang := web.Language(c)
	var bounces []mail.Bounce
	switch kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type")); kind {
	case "message/rfc822", "message/global":
		body, err := readBody(c, maxBounces, lang)
		if err != nil {
			return err
		}
		if bounces, err = mail.ParseReport(body); err != nil {
			return web.NewProblem(http.StatusUnprocessableEntity, "no-report", texts().T(lang, "no-report"), texts().T(lang, "no-report-detail"))
		}
	case "application/json":
		var sent bouncesJSON
		document := web.Document{Limit: maxBounces, Example: `{"bounces": [{"message_id": "<…@acme.example>", "permanent": true, "detail": "550 unknown"}]}`}
		if err := document.Read(c, &sent); err != nil {
			return err
		}
		if len(sent.Bounces) == 0 || len(sent.Bounces) > bouncesAtOnce {
			return web.NewProblem(http.StatusBadRequest, "bounces-number", texts().T(lang, "bounces-number"), texts().T(lang, "bounces-number-detail", "most", bouncesAtOnce))
		}
		for _, b := range sent.Bounces {
			bounces = append(bounces, mail.Bounce{MessageID: b.MessageID, Address: b.Email, Permanent: b.Permanent, Detail: b.Detail})
		}
	default:
		return web.NewProblem(http.StatusUnsupportedMediaType, "bounces-type", texts().T(lang, "bounces-type"), texts().T(lang, "bounces-type-detail"))
	}
	count, err := a.mailing.Bounced(c.Request.Context(), access.ProgramOf(c).ID, bounces)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, count)
	return nil
}

// postMailbox records what the reports in a mailbox file say.
func (a *MailAPI) postMailbox(c *gin.Context) error {
	lang := web.Language(c)
	count, others, err := a.mailing.BouncedMailbox(c.Request.Context(), access.ProgramOf(c).ID, http.MaxBytesReader(c.Writer, c.Request.Body, maxMailbox))
	if errors.Is(err, mail.ErrNoMailbox) {
		return web.NewProblem(http.StatusUnprocessableEntity, "no-mailbox", texts().T(lang, "no-mailbox"), err.Error())
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, gin.H{"recorded": count.Recorded, "unknown": count.Unknown, "other_messages": others})
	return nil
}

// readBody reads a request whole, up to a size.
func readBody(c *gin.Context, limit int64, lang string) (io.Reader, error) {
	var body bytes.Buffer
	_, err := body.ReadFrom(http.MaxBytesReader(c.Writer, c.Request.Body, limit))
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, web.NewProblem(http.StatusRequestEntityTooLarge, "bounces-too-large", texts().T(lang, "bounces-too-large"), texts().T(lang, "bounces-too-large-detail", "limit", limit>>20))
	}
	if err != nil {
		return nil, web.NewProblem(http.StatusBadRequest, "broken-off", web.T(lang, "broken-off"), web.T(lang, "broken-off-detail"))
	}
	return &body, nil
}

package survey

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/access"
	"mentorpulse/internal/chat"
	"mentorpulse/internal/web"
)

// shownNotices is how many notices a channel is shown with.
const shownNotices = 20

// ChatAPI is where an owner gives a programme a chat channel.
type ChatAPI struct {
	chat   *Chat
	decode func(c *gin.Context, d document, into any) error
}

// NewChatAPI makes the endpoints.
func NewChatAPI(c *Chat) *ChatAPI { return &ChatAPI{chat: c, decode: NewAPI(nil).decode} }

// Routes adds them to the group of a programme, which its key guards.
func (a *ChatAPI) Routes(g gin.IRouter) {
	g.GET("/channels/chat", web.JSON(a.get))
	g.PUT("/channels/chat", web.JSON(a.put))
	g.DELETE("/channels/chat", web.JSON(a.remove))
	g.POST("/channels/chat/test", web.JSON(a.test))
}

// webhookJSON is what PUT takes. The address is never given out again.
type webhookJSON struct {
	Kind chat.Kind `json:"kind" validate:"required,oneof=slack teams"`
	URL  string    `json:"url" validate:"required"`
}

// channelJSON is what GET and PUT answer.
type channelJSON struct {
	Kind    chat.Kind    `json:"kind"`
	Host    string       `json:"host"`
	Since   time.Time    `json:"since"`
	Changed time.Time    `json:"changed"`
	Notices []noticeJSON `json:"notices"`
}

// noticeJSON is what the channel was told, or not.
type noticeJSON struct {
	Wave     string     `json:"wave"`
	Occasion string     `json:"occasion"`
	State    string     `json:"state"`
	At       time.Time  `json:"at"`
	Attempts int        `json:"attempts"`
	RetryAt  *time.Time `json:"retry_at,omitempty"`
	Problem  string     `json:"problem,omitempty"`
}

func (a *ChatAPI) get(c *gin.Context) error {
	channel, err := a.chat.surveys.chatChannel(c.Request.Context(), access.ProgramOf(c).ID)
	if err != nil {
		return chatProblem(c, err)
	}
	return a.answer(c, channel)
}

func (a *ChatAPI) put(c *gin.Context) error {
	var given webhookJSON
	if err := a.decode(c, document{web.Document{Limit: 8 << 10, Example: `{"kind": "slack", "url": "https://hooks.slack.com/services/…"}`}, "chat-invalid"}, &given); err != nil {
		return err
	}
	channel, err := a.chat.SetChannel(c.Request.Context(), access.ProgramOf(c).ID, given.Kind, given.URL)
	var f *chat.Failure
	if errors.As(err, &f) {
		lang := web.Language(c)
		said := faultText(lang, f)
		p := web.NewProblem(http.StatusUnprocessableEntity, "chat-address", texts().T(lang, "chat-address"), said)
		p.Errors = []web.Field{{Item: "url", Code: string(f.Fault), Detail: said}}
		return p
	}
	if err != nil {
		return err
	}
	return a.answer(c, channel)
}

func (a *ChatAPI) remove(c *gin.Context) error {
	if err := a.chat.RemoveChannel(c.Request.Context(), access.ProgramOf(c).ID); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

// test posts at once, so that the owner sees whether the channel takes it.
func (a *ChatAPI) test(c *gin.Context) error {
	if err := a.chat.Test(c.Request.Context(), access.ProgramOf(c)); err != nil {
		return chatProblem(c, err)
	}
	c.Status(http.StatusNoContent)
	c.Writer.WriteHeaderNow()
	return nil
}

func (a *ChatAPI) answer(c *gin.Context, channel ChatChannel) error {
	ctx, lang := c.Request.Context(), web.Language(c)
	notices, err := a.chat.surveys.chatNotices(ctx, channel.ProgramID, shownNotices)
	if err != nil {
		return err
	}
	waves, err := a.chat.surveys.Waves(ctx, channel.ProgramID)
	if err != nil {
		return err
	}
	named := map[string]string{}
	for _, w := range waves {
		named[w.ID.String()] = w.Occurrence
	}
	out := channelJSON{Kind: channel.Kind, Host: channel.Host, Since: channel.Since.UTC(), Changed: channel.Changed.UTC(), Notices: []noticeJSON{}}
	for _, n := range notices {
		one := noticeJSON{Wave: named[n.Wave.String()], Occasion: n.Occasion, State: n.State, At: n.At.UTC(), Attempts: int(n.Attempts)}
		if n.State == noticeWaiting {
			next := n.Next.UTC()
			one.RetryAt = &next
		}
		if n.Fault != "" {
			one.Problem = faultText(lang, &chat.Failure{Fault: n.Fault, Status: int(n.Status)})
		}
		out.Notices = append(out.Notices, one)
	}
	privately(c)
	c.JSON(http.StatusOK, out)
	return nil
}

func faultText(lang string, f *chat.Failure) string {
	return texts().T(lang, "chat-fault-"+string(f.Fault), "status", f.Status)
}

// chatProblem phrases why a channel is not there or takes nothing. Other errors
// pass through.
func chatProblem(c *gin.Context, err error) error {
	lang := web.Language(c)
	var f *chat.Failure
	switch {
	case errors.Is(err, ErrNotFound):
		return web.NewProblem(http.StatusNotFound, "chat-none", texts().T(lang, "chat-none"), texts().T(lang, "chat-none-detail"))
	case errors.Is(err, errSealed):
		return web.NewProblem(http.StatusConflict, "chat-untold", texts().T(lang, "chat-untold"), faultText(lang, &chat.Failure{Fault: faultSealed}))
	case errors.As(err, &f):
		return web.NewProblem(http.StatusBadGateway, "chat-untold", texts().T(lang, "chat-untold"), faultText(lang, f))
	}
	return err
}

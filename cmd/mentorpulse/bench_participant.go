package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"mentorpulse/survey"
)

// bareTemplate is a page of questions as a program without a store would have it:
// what it shows is at hand.
const bareTemplate = `<!doctype html>
<html lang="{{.Lang}}">
<head><meta charset="utf-8"><title>{{.Title}}</title></head>
<body>
<h1>{{.Title}}</h1>
<form method="post">
{{range .Questions}}{{$name := .Name}}
<fieldset>
<legend>{{.Prompt}}</legend>
{{range .Options}}<label><input type="radio" name="{{$name}}" value="{{.Value}}"{{if .Checked}} checked{{end}}><span>{{.Text}}</span></label>
{{end}}</fieldset>
{{end}}
</form>
<p>{{.Rest}}</p>
</body>
</html>
`

type barePage struct {
	Lang, Title, Rest string
	Questions         []bareQuestion
}

type bareQuestion struct {
	Name, Prompt string
	Options      []bareOption
}

type bareOption struct {
	Value, Text string
	Checked     bool
}

// newBarePage is a bare page of so many bytes.
func newBarePage(bytesWide int) (*template.Template, barePage, error) {
	t, err := template.New("bare").Parse(bareTemplate)
	page := barePage{Lang: "uk", Title: "Пульс програми"}
	if err != nil {
		return nil, page, err
	}
	one := bareQuestion{Name: "engagement-energy", Prompt: "На роботі я сповнюся енергією."}
	for n := range 7 {
		one.Options = append(one.Options, bareOption{Value: fmt.Sprint(n + 1), Text: "Важко сказати, так чи ні", Checked: n == 3})
	}
	size := func() (int, error) {
		var b bytes.Buffer
		err := t.Execute(&b, page)
		return b.Len(), err
	}
	for {
		page.Questions = append(page.Questions, one)
		n, err := size()
		if err != nil {
			return nil, page, err
		}
		if n > bytesWide {
			page.Questions = page.Questions[1:]
			break
		}
	}
	n, err := size()
	page.Rest = strings.Repeat("x", bytesWide-n)
	return t, page, err
}

// benchParticipantPage measures the page of questions over HTTP: for participants
// of whom every other has answered some. The limit is a bare page of the same size
// in the same framework.
func benchParticipantPage(ctx context.Context, a *app, size benchSize) (ours, limit float64, err error) {
	addresses, plan, stop, err := participantPages(ctx, a, size)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	load, err := startLoad(ctx, plan)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, load.Close()) }()
	run := func(address string) func(round int) (float64, error) {
		return func(int) (float64, error) {
			result, err := load.round(loadRound{Address: address, For: size.submitFor})
			return float64(result.total()) / result.Took.Seconds(), err
		}
	}
	return alternate(size.rounds, run(addresses[0]), run(addresses[1]))
}

// participantPages serves the service and a bare page of the size of its own, and
// gives the requests to ask either with.
func participantPages(ctx context.Context, a *app, size benchSize) (addresses []string, plan loadPlan, stop func() error, err error) {
	p, err := benchProgram(ctx, a, "bench-participant-page")
	if err != nil {
		return nil, plan, nil, err
	}
	people := benchPeople(p, size.pairs)
	if err := a.programs.Put(ctx, people); err != nil {
		return nil, plan, nil, err
	}
	q, wave, err := openWave(ctx, a, p)
	if err != nil {
		return nil, plan, nil, err
	}
	plan = loadPlan{Requests: make([][][]byte, size.connections), Digit: len("0\r\n\r\n")}
	var drafts []survey.Draft
	names := survey.NewPseudonyms(a.secret)
	for i, person := range people.Participants {
		token := a.pulse.Links().Token(survey.Invitee{ProgramID: p.ID, Wave: wave.ID, Participant: person.ID})
		request := fmt.Appendf(nil, "GET /s/%s HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Round: 0\r\n\r\n", token)
		c := i % size.connections
		plan.Requests[c] = append(plan.Requests[c], request)
		if i%4 > 1 {
			continue
		}
		for _, it := range q.WaveItems(wave.Number, person.Role) {
			if it.Type == survey.Likert {
				drafts = append(drafts, survey.Draft{ProgramID: p.ID, SurveyID: wave.SurveyID, Wave: wave.ID, Respondent: names.Respondent(p, wave.ID, person.ID),
					Role: person.Role, Item: it.ID, Answer: `{"value":4}`, At: uint64(wave.Opens.UnixMilli()), Revision: uint64(wave.Opens.UnixMilli())})
			}
		}
	}
	if err := a.surveys.PutDrafts(ctx, drafts); err != nil {
		return nil, plan, nil, err
	}
	served, stopServed, err := serveBoth(ctx, a)
	if err != nil {
		return nil, plan, nil, err
	}
	bytesWide, err := pageSize(ctx, served[0], plan.Requests[0][0])
	if err != nil {
		return nil, plan, nil, errors.Join(err, stopServed())
	}
	bare, stopBare, err := serveBare(ctx, bytesWide)
	if err != nil {
		return nil, plan, nil, errors.Join(err, stopServed())
	}
	return []string{served[0], bare}, plan, func() error { return errors.Join(stopServed(), stopBare()) }, nil
}

// pageSize asks for a page once and says how many bytes it has.
func pageSize(ctx context.Context, address string, request []byte) (int, error) {
	_, path, _ := bytes.Cut(request, []byte("GET "))
	path, _, _ = bytes.Cut(path, []byte(" "))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+string(path), nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	n, err := io.Copy(io.Discard, res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("the page: %s", res.Status)
	}
	return int(n), err
}

// serveBare serves a bare page of so many bytes on a loopback address until stop.
func serveBare(ctx context.Context, bytesWide int) (address string, stop func() error, err error) {
	t, page, err := newBarePage(bytesWide)
	if err != nil {
		return "", nil, err
	}
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.SetHTMLTemplate(t)
	r.GET("/s/:token", func(c *gin.Context) { c.HTML(http.StatusOK, "bare", page) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, listener, r) }()
	return listener.Addr().String(), func() error { cancel(); return <-ended }, nil
}

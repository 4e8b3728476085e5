package analytics

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// overview is the first page of a programme.
type overview struct {
	Period        string
	Waves         string
	Policy        string
	Threshold     string
	Notice        string
	Participation *participationView
	Alerts        *alertsView
	Cards         []card
	Cut           *cutTable
	CutLinks      []link // to the same page by each attribute
}

func (b *board) overview(ctx context.Context) (any, error) {
	st, err := b.service.stand(ctx, Query{Program: b.Query.Program, Wave: b.Query.Wave, Lang: b.Lang})
	if err != nil {
		return nil, err
	}
	b.Query.brief = true
	b.service = st.Service // which has read the programme and its waves
	if b.Query.Wave == "" && st.closed {
		b.upTo = st.upTo
	}
	var warned *AlertReport
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error { return b.read(inner, kinds()...) })
	group.Go(func() (err error) {
		warned, err = st.alertReport(inner)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	p, report := b.program, b.reports["engagement"].shown
	v := &overview{Period: b.t("page-open-ended", "from", b.day(p.Starts)), Waves: b.t("page-no-waves")}
	if !p.Ends.IsZero() {
		v.Period = b.day(p.Starts) + " – " + b.day(p.Ends)
	}
	if n := len(report.Waves); n > 0 {
		v.Waves = b.t("page-waves", "count", n, "from", b.date(report.Waves[0].Label), "to", b.date(report.Waves[n-1].Label))
	}
	v.Policy, v.Threshold = b.t("page-policy-"+string(p.Policy)), b.t("page-threshold", "count", report.K)
	if report.Notice != nil {
		v.Notice = report.Notice.Reason
	}
	v.Participation = b.participation()
	v.Alerts = b.alerts(warned)
	v.Cards = b.cards()
	v.Cut = b.newCut(kinds()...)
	if v.Cut == nil && v.Notice == "" {
		for _, a := range p.Attributes {
			by := b.Query
			by.By = a
			v.CutLinks = append(v.CutLinks, link{a, "?" + parameters(by) + "#cut", false})
		}
	}
	return v, nil
}

// card is one of the four measures.
type card struct {
	ID, Title, Wave string
	To              string // the page of the measure
	Notice          string // why there is nothing to show
	Parts           []part
}

func (b *board) cards() []card {
	return []card{
		b.card("engagement", b.engagementParts()),
		b.card("confidence", b.confidenceParts()),
		b.card("retention", b.retentionParts()),
		b.card("goals", b.goalParts()),
	}
}

func (b *board) card(kind string, parts []part) card {
	for i := range parts {
		parts[i].Deep = true
	}
	c := card{ID: kind, Title: b.t("page-report-" + kind), Parts: parts}
	for _, p := range pages() {
		if p.name == kind {
			c.To = p.address(b.program.ID) + "?" + parameters(p.takes(b.Query))
		}
	}
	if report := b.reports[kind].shown; report.Wave != nil {
		c.Wave = b.wave(*report.Wave)
	}
	if len(parts) == 0 {
		c.Notice = b.nothing(kind)
	}
	return c
}

// nothing says why a report has nothing to show.
func (b *board) nothing(kind string) string {
	if notice := b.reports[kind].shown.Notice; notice != nil {
		return notice.Reason
	}
	return b.t(CodeNoAnswers)
}

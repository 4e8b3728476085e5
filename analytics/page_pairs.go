package analytics

import (
	"context"
	"slices"
)

// pairsPage is how the pairs get on, from facts alone.
type pairsPage struct {
	words
	Notice   string
	About    string
	Statuses []pairCount
	Figures  []figureRow
	Gaps     []*gapView
	Pairs    []pairRow
	Next     string // address of the pairs that follow
}

// Say gives a text of the page.
func (p *pairsPage) Say(id string) string { return p.t("page-" + id) }

// pairCount is how many pairs have a status, with the address of these.
type pairCount struct {
	Text, N, To, Class string
	Here               bool
}

// pairRow is one pair.
type pairRow struct {
	Mentor, Mentee string
	Status, Class  string
	Reasons        []string
	Last, Meetings string
	Recent, Goals  string
	Help           []string // who asked for help, and when
	Since          string
}

// pairsPage reads the pairs and shows them as they are.
func (b *board) pairsPage(ctx context.Context) (any, error) {
	status := PairStatus(b.own["status"])
	report, err := b.pairs.Report(ctx, PairsQuery{Program: b.Query.Program, Lang: b.Lang, Status: status, Cursor: b.own["cursor"]})
	if err != nil {
		return nil, err
	}
	b.json = true
	p := &pairsPage{words: b.words, About: b.t("page-pairs-day", "date", b.date(report.Day), "ended", report.Summary.Ended, "ahead", report.Summary.Ahead)}
	if report.Notice != nil {
		p.Notice = report.Notice.Reason
	}
	all := Query{Lang: b.Lang}
	p.Statuses = append(p.Statuses, pairCount{b.t("page-pairs-all"), b.decimal(float64(report.Summary.Active), 0), "?" + parameters(all), "", status == ""})
	counts := map[PairStatus]int{NeedsCheckIn: report.Summary.NeedsCheckIn, Unknown: report.Summary.Unknown, TooEarly: report.Summary.TooEarly, OnTrack: report.Summary.OnTrack}
	for _, s := range PairStatuses() {
		if counts[s] > 0 || s == status {
			p.Statuses = append(p.Statuses, pairCount{b.t("page-pair-" + string(s)), b.decimal(float64(counts[s]), 0),
				"?" + parameters(all, "status", string(s)), string(s), s == status})
		}
	}
	for _, f := range report.Figures {
		p.Figures = append(p.Figures, figureRow{b.pairFigureOf(f), b.figure(f, report.Definitions[f.Measure].Title)})
	}
	p.Gaps = b.gapViews(report)
	for _, one := range report.Pairs {
		p.Pairs = append(p.Pairs, b.pairRow(one))
	}
	if report.Next != "" {
		p.Next = "?" + parameters(all, "status", string(status), "cursor", report.Next)
	}
	return p, nil
}

// pairFigureOf says whom a figure about the pairs is of.
func (b *board) pairFigureOf(f Figure) string {
	if f.Role == "" {
		return ""
	}
	return b.role(f.Role)
}

func (b *board) pairRow(one PairState) pairRow {
	row := pairRow{Mentor: one.Mentor, Mentee: one.Mentee, Status: b.t("page-pair-" + string(one.Status)), Class: string(one.Status),
		Meetings: b.decimal(float64(one.Meetings), 0), Recent: b.decimal(float64(one.RecentMeetings), 0), Goals: b.decimal(float64(one.Goals), 0),
		Last: b.t("page-pair-never"), Since: b.date(one.From)}
	if one.LastMeeting != nil {
		row.Last = b.date(*one.LastMeeting)
	}
	for _, r := range one.Reasons {
		row.Reasons = append(row.Reasons, r.Reason)
	}
	for _, h := range one.AskedForHelp {
		row.Help = append(row.Help, b.t("page-pair-help-"+string(h.Role), "date", b.date(h.Wave)))
	}
	row.Reasons = slices.Compact(row.Reasons)
	return row
}

package analytics

import (
	"cmp"
	"context"
)

// commentsPage is what people wrote, question by question.
type commentsPage struct {
	words
	Notice, Limited string
	Search, Found   string
	Hidden          []choice // the other filters, which a search keeps
	Words           []wordLink
	Groups          []commentGroup
	Next            string // address of the comments that follow
	Definition      string
	WordsDefinition string
}

// Say gives a text of the page.
func (p *commentsPage) Say(id string) string { return p.t("page-" + id) }

// wordLink is a word that recurs, with the search that finds it.
type wordLink struct{ Text, N, To string }

type commentGroup struct {
	ID, Title, Prompt, N string
	Comments             []commentView
	Waves                []commentWave
}

type commentView struct{ Text, Wave string }

type commentWave struct{ Wave, N, Withheld string }

// commentsPage reads the comments and shows them as they are.
func (b *board) commentsPage(ctx context.Context) (any, error) {
	report, err := b.service.Comments(ctx, CommentsQuery{Query: b.Query, Search: b.own["search"], Cursor: b.own["cursor"]})
	if err != nil {
		return nil, err
	}
	b.json = true
	b.used[MeasureComments], b.used[MeasureCommentWords] = true, true
	p := &commentsPage{words: b.words, Search: report.Search, Hidden: []choice{{Value: "lang", Text: b.Lang}},
		Definition: "def-" + MeasureComments, WordsDefinition: "def-" + MeasureCommentWords}
	for name, value := range map[string]string{"wave": b.Query.Wave, "role": string(b.Role)} {
		if value != "" {
			p.Hidden = append(p.Hidden, choice{Value: name, Text: value})
		}
	}
	if report.Notice != nil {
		p.Notice = report.Notice.Reason
	}
	if report.Limited != nil {
		p.Limited = report.Limited.Reason
	}
	p.Found = b.t("page-comments-all", "count", report.N)
	if report.Search != "" {
		p.Found = b.t("page-comments-found", "count", report.N, "search", report.Search)
	}
	for _, w := range report.Words {
		p.Words = append(p.Words, wordLink{w.Word, b.decimal(float64(w.N), 0), "?" + parameters(b.Query, "search", w.Word)})
	}
	for _, g := range report.Groups {
		p.Groups = append(p.Groups, b.commentGroup(g))
	}
	if report.Next != "" {
		p.Next = "?" + parameters(b.Query, "search", report.Search, "cursor", report.Next)
	}
	return p, nil
}

func (b *board) commentGroup(g CommentGroup) commentGroup {
	one := commentGroup{ID: "on-" + g.Item, Title: g.ScaleTitle, Prompt: cmp.Or(g.Prompt, g.ScaleTitle), N: b.t("page-comments-all", "count", g.N)}
	for _, c := range g.Comments {
		one.Comments = append(one.Comments, commentView{c.Text, b.t("page-of-wave", "date", b.date(c.Wave))})
	}
	for _, w := range g.Waves {
		row := commentWave{Wave: b.date(w.Wave)}
		switch {
		case w.Withheld != nil:
			row.Withheld = w.Withheld.Reason
		case w.N != nil:
			row.N = b.decimal(float64(*w.N), 0)
		}
		one.Waves = append(one.Waves, row)
	}
	return one
}

package analytics

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"mentorpulse/analytics/lexis"
	"mentorpulse/analytics/suppression"
	"mentorpulse/survey"
)

// sought are the stems that a comment must have; none without a search.
func (r *request) sought(search string) ([]string, error) {
	search = strings.TrimSpace(search)
	if utf8.RuneCountInString(search) > searchLength {
		return nil, r.refuse(http.StatusBadRequest, "search-too-long", "most", searchLength)
	}
	var stems []string
	for _, token := range lexis.Tokens(search) {
		stems = append(stems, lexis.Stem(token.Word))
	}
	if search != "" && len(stems) == 0 {
		return nil, r.refuse(http.StatusBadRequest, "search-without-words", "search", echo(search))
	}
	return stems, nil
}

// page fills in the groups, and of the comments that were sought those that
// follow a place, at most limit of them.
func (r *request) page(out *CommentsReport, threads []*thread, all []comment, sought []string, after *spot, limit int) {
	if limit == 0 {
		limit = CommentsPage
	}
	for _, t := range threads {
		out.Groups = append(out.Groups, r.group(t))
	}
	stems, readable := stemmer{}, r.readable()
	left := limit
	var last spot
	for _, c := range all {
		if !stems.has(c.text, sought) {
			continue
		}
		group := &out.Groups[c.thread]
		out.N++
		group.N++
		switch {
		case after != nil && c.compare(*after) <= 0:
		case left > 0:
			left--
			last = c.spot
			group.Comments = append(group.Comments, Comment{readable.Replace(c.text), threads[c.thread].waves[c.wave].Occurrence})
		case out.Next == "":
			out.Next = cursor(last, threads)
		}
	}
}

// group is a question without its comments.
func (r *request) group(t *thread) CommentGroup {
	g := CommentGroup{Scale: t.scale.ID, ScaleTitle: t.scale.Title.In(r.Lang), Item: t.item.ID, Prompt: r.prompt(t.item),
		Waves: []CommentWave{}, Comments: []Comment{}}
	for _, w := range t.waves {
		one := CommentWave{Wave: w.Occurrence}
		switch w.verdict {
		case suppression.Shown:
			one.N = &w.people
		case suppression.Early:
			one.Withheld = r.withheld(CodeOpenComments)
		case suppression.Remainder:
			one.Withheld = r.withheldBelow(CodeOtherComments, r.commentK())
		default: // of nobody the same is said as of few
			one.Withheld = r.withheldBelow(CodeFewComments, r.commentK())
		}
		g.Waves = append(g.Waves, one)
	}
	return g
}

// prompt is the wording for the role, or else for everybody, or else for the
// first role that is asked.
func (r *request) prompt(it survey.Item) string {
	if text := it.Prompt.For(r.Role).In(r.Lang); text != "" {
		return text
	}
	for _, role := range it.Roles {
		if text := it.Prompt.For(role).In(r.Lang); text != "" {
			return text
		}
	}
	return ""
}

// cursor names the last comment of a page by what was shown of it, so that the
// next page goes on there even when comments came or went in between.
func cursor(p spot, threads []*thread) string {
	t := threads[p.thread]
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %s %x %d", t.questionnaire, t.item.ID, t.waves[p.wave].question.wave, p.key, p.same))
}

// position reads a cursor; nil for the first page.
func (r *request) position(text string, threads []*thread) (*spot, error) {
	if text == "" {
		return nil, nil
	}
	var (
		p                         spot
		questionnaire, item, wave string
	)
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		_, err = fmt.Sscanf(string(decoded), "%s %s %s %x %d", &questionnaire, &item, &wave, &p.key, &p.same)
	}
	id, notID := uuid.Parse(wave)
	p.thread = slices.IndexFunc(threads, func(t *thread) bool { return t.questionnaire == questionnaire && t.item.ID == item })
	if err == nil && notID == nil && p.thread >= 0 {
		p.wave = slices.IndexFunc(threads[p.thread].waves, func(w threadWave) bool { return w.question.wave == id })
	}
	if err != nil || notID != nil || p.thread < 0 || p.wave < 0 {
		return nil, r.refuse(http.StatusBadRequest, "unknown-cursor", "cursor", echo(text))
	}
	return &p, nil
}

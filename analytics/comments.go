package analytics

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"mentorpulse/analytics/suppression"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// What people wrote is closer to them than any figure, so comments have rules of
// their own beside the plans of package suppression.
//
//   - A plan is made for each wave and question from the people who wrote there,
//     with a threshold of program.CommentK of them, or of the programme's k when
//     that is more. Each is decided by itself, so what is shown of all waves
//     together is what each of them shows alone.
//   - They are shown of the participants; of one of their two roles where the rest,
//     which whoever has both lists can tell, is nobody or enough people as well;
//     and of the comparison group apart. They are never cut by attribute: two cuts
//     in which the same words appear would tell two things about who wrote them.
//   - Of an open wave none is shown, of nobody: whoever reads before and after one
//     answer would see what one person wrote. It counts as open until the last
//     answers are stored for certain (settled).
//   - They stand in an order that is made of what is shown alone, so it tells
//     neither who wrote first, nor which comments in other waves or to other
//     questions are of the same person, nor what is masked. For the same reason a
//     count is of comments to be read and never of the people behind several.
//   - E-mail addresses, telephone numbers, links and the names of the roster are
//     masked before anything else is done, so that no search confirms a name.
//
// They do not stop what the words themselves tell: a story that only one person
// can have lived, or a style that somebody knows. An erasure, and an import into
// a closed wave, take a comment away or bring one, which whoever reads before and
// after sees. Who controls the roster can rename people there and so take the
// mask off a name.

// CommentsQuery says which comments are wanted. By must be empty, and Compare has
// no meaning here.
type CommentsQuery struct {
	Query
	// Search are words that a comment must have, all of them, in any form.
	Search string
	// Cursor is CommentsReport.Next of the page before; empty for the first.
	Cursor string
	// Limit is how many comments a page has: 1 … CommentsPage, 0 for that.
	Limit int
}

const (
	// CommentsPage is the most comments on one page.
	CommentsPage = 200
	// CommentWords is the most recurring words of a report.
	CommentWords = 60
	// searchLength is how many characters a search may have.
	searchLength = 200
	// mostComments and mostCommentBytes bound what is read for one report.
	mostComments     = 20_000
	mostCommentBytes = 16 << 20
)

// CommentsReport is what people wrote in the closed waves of a programme. Its
// slices are never nil.
type CommentsReport struct {
	Kind      string         `json:"report"` // "comments"
	Program   string         `json:"program"`
	Name      string         `json:"name"` // of the programme
	Lang      string         `json:"lang"`
	Policy    program.Policy `json:"policy"`
	K         int            `json:"k"`         // smallest group of which a figure is shown
	Threshold int            `json:"threshold"` // fewest people whose comments are shown
	Role      program.Role   `json:"role,omitempty"`
	Search    string         `json:"search,omitempty"`
	// Wave is the one that was asked for; nil for several.
	Wave *Wave `json:"wave"`
	// Waves are all waves of the programme, oldest first.
	Waves []Wave `json:"waves"`
	// Notice says why the report as a whole has nothing; nil otherwise.
	Notice *Withheld `json:"notice,omitempty"`
	// Limited says that only the newest comments were looked at; nil otherwise.
	Limited *Withheld `json:"limited,omitempty"`
	// N is how many comments there are to read, on all pages: those that the
	// search found, without a search all that may be shown.
	N int `json:"n"`
	// Groups are the questions, those of the newest questionnaire first. Every
	// page has all of them, with those of the comments that fall on it.
	Groups []CommentGroup `json:"groups"`
	// Words recur in the comments that may be shown, the most frequent first,
	// whatever was searched for. Searching for one finds its comments.
	Words []CommentWord `json:"words"`
	// Next is the cursor of the next page; empty on the last.
	Next string `json:"next,omitempty"`
	// Definitions of "comments.shown" and "comments.words".
	Definitions map[string]Definition `json:"definitions"`
}

// CommentGroup is the comments on one question.
type CommentGroup struct {
	Scale      string `json:"scale"`
	ScaleTitle string `json:"scale_title"`
	Item       string `json:"item"`
	Prompt     string `json:"prompt"` // as the newest wave words it for the role
	// N is how many comments there are to read on this question, on all pages.
	N int `json:"n"`
	// Waves are those that asked the question, newest first.
	Waves []CommentWave `json:"waves"`
	// Comments on this page: those of the newest wave first, shuffled within it.
	Comments []Comment `json:"comments"`
}

// CommentWave is one wave in which a question was asked.
type CommentWave struct {
	Wave string `json:"wave"` // label
	// N people wrote; nil when withheld.
	N        *int      `json:"n"`
	Withheld *Withheld `json:"withheld,omitempty"`
}

// Comment is what one person wrote, with what names somebody masked: «[ім’я]».
type Comment struct {
	Text string `json:"text"`
	Wave string `json:"wave"` // label
}

// CommentWord is a word that recurs.
type CommentWord struct {
	Word string `json:"word"` // in the form that people wrote most often
	Stem string `json:"-"`    // what its forms have in common, which is no word
	N    int    `json:"n"`    // comments with it
}

// Comments reports what people wrote, question by question, as far as it may be
// shown. See above for what is.
func (s *Service) Comments(ctx context.Context, q CommentsQuery) (*CommentsReport, error) {
	by := q.By
	q.By = ""
	r, err := s.resolve(ctx, q.Query)
	if err != nil {
		return nil, err
	}
	if by != "" {
		return nil, r.refuse(http.StatusBadRequest, "comments-uncut", "attribute", echo(by))
	}
	if q.Limit < 0 || q.Limit > CommentsPage {
		return nil, r.refuse(http.StatusBadRequest, "unknown-limit", "most", CommentsPage)
	}
	sought, err := r.sought(q.Search)
	if err != nil {
		return nil, err
	}
	out := r.commentsReport(strings.TrimSpace(q.Search))
	waves := r.asked()
	if r.chosen >= 0 {
		wave := r.wave(r.waves[r.chosen])
		out.Wave = &wave
	}
	if len(waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	threads, err := r.threads(ctx, waves)
	if err != nil {
		return nil, err
	}
	if len(threads) == 0 {
		out.Notice = r.withheld(CodeNoQuestions)
	}
	after, err := r.position(q.Cursor, threads)
	if err != nil {
		return nil, err
	}
	written, err := r.written(ctx, waves, threads)
	if err != nil {
		return nil, err
	}
	if len(written) < shownIn(threads) {
		out.Limited = r.withheldBelow(CodeCommentsLimited, len(written))
	}
	out.Words = recurring(written, r.k())
	r.page(out, threads, written, sought, after, q.Limit)
	return out, nil
}

func (r *request) commentsReport(search string) *CommentsReport {
	frame := r.report("comments")
	out := &CommentsReport{Kind: frame.Kind, Program: frame.Program, Name: frame.Name, Lang: frame.Lang, Policy: frame.Policy, K: frame.K,
		Threshold: r.commentK(), Role: frame.Role, Search: search, Waves: frame.Waves,
		Groups: []CommentGroup{}, Words: []CommentWord{}, Definitions: map[string]Definition{}}
	for _, d := range r.definitions {
		if d.ID == MeasureComments || d.ID == MeasureCommentWords {
			out.Definitions[d.ID] = d.in(r.Lang)
		}
	}
	return out
}

// commentK is the fewest people whose comments are shown.
func (r *request) commentK() int { return max(program.CommentK, r.k()) }

// withheldBelow is a reason that names another threshold than k.
func (r *request) withheldBelow(code string, k int) *Withheld {
	return &Withheld{Code: code, Reason: r.messages.T(r.Lang, code, "k", k)}
}

// wrote counts the people of a role who wrote on a question.
type wrote struct {
	group
	n int
}

// question is an item of one wave's questionnaire as the store knows it.
type question struct {
	wave   uuid.UUID
	number uint16
}

// thread is a question that one or several waves asked.
type thread struct {
	questionnaire string
	scale         survey.Scale
	item          survey.Item // of the newest wave
	waves         []threadWave
}

type threadWave struct {
	survey.Wave
	question
	verdict suppression.Verdict
	people  int
}

// threads are the open questions of the waves, newest first, each with the waves
// in which the asked-for people were asked it and what may be shown of them.
func (r *request) threads(ctx context.Context, waves []survey.Wave) ([]*thread, error) {
	questionnaires, err := r.questionnaires(ctx, waves)
	if err != nil {
		return nil, err
	}
	wrote, err := r.commenters(ctx, waves)
	if err != nil {
		return nil, err
	}
	var threads []*thread
	for i, w := range slices.Backward(waves) {
		for _, it := range questionnaires[i].Items {
			scale, _ := questionnaires[i].Scale(it.Scale)
			// The help that somebody asks for by name goes to the owner another way.
			if it.Type != survey.OpenText || scale.Kind == survey.KindHelp {
				continue
			}
			one := threadWave{Wave: w, question: question{w.ID, it.Number}}
			one.verdict, one.people = r.mayShow(w, wrote[one.question])
			// That few wrote is said only where the question was asked, and then
			// also when nobody wrote.
			if one.verdict != suppression.Shown && !r.puts(questionnaires[i], w, it) {
				continue
			}
			at := slices.IndexFunc(threads, func(t *thread) bool { return t.questionnaire == questionnaires[i].ID && t.item.ID == it.ID })
			if at < 0 {
				at = len(threads)
				threads = append(threads, &thread{questionnaire: questionnaires[i].ID, scale: scale, item: it})
			}
			threads[at].waves = append(threads[at].waves, one)
		}
	}
	return threads, nil
}

// mayShow decides on the comments of a wave on one question, and counts the
// people of the asked-for role who wrote them.
func (r *request) mayShow(w survey.Wave, all []wrote) (suppression.Verdict, int) {
	if r.now.Before(w.Closes.Add(settled)) { // the last answers may be under way
		return suppression.Early, 0
	}
	cell := suppression.Whole(string(r.Role))
	plan := planOf(rule{k: r.commentK()}, all, func(p wrote) int { return p.n })
	people := 0
	for _, part := range all {
		if part.in(cell) {
			people += part.n
		}
	}
	return plan.verdict(cell), people
}

// puts reports whether a wave put an item to the people asked for. What another
// tool asked in which of its waves is not known.
func (r *request) puts(q *survey.Questionnaire, w survey.Wave, it survey.Item) bool {
	for _, role := range r.commentRoles() {
		if !it.Asks(role) {
			continue
		}
		if q.Past || slices.ContainsFunc(q.WaveItems(w.Number, role), func(asked survey.Item) bool { return asked.ID == it.ID }) {
			return true
		}
	}
	return false
}

// commentRoles are those whose comments were asked for.
func (r *request) commentRoles() []program.Role {
	if r.Role != "" {
		return []program.Role{r.Role}
	}
	return []program.Role{program.Mentor, program.Mentee}
}

func shownIn(threads []*thread) int {
	n := 0
	for _, t := range threads {
		for _, w := range t.waves {
			if w.verdict == suppression.Shown {
				n += w.people
			}
		}
	}
	return n
}

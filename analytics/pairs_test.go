package analytics

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/openapi/openapitest"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// pairsToday is the day on which the pairs of these tests are judged.
var pairsToday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func pairsSecret(t testing.TB) access.Secret {
	t.Helper()
	secret, err := access.ParseSecret(base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

func (f *fixture) pairing() *Pairs {
	return NewPairs(f.service, survey.NewPulse(f.programs, f.surveys, pairsSecret(f.t), f.service.now))
}

func (f *fixture) pairs(q PairsQuery) *PairsReport {
	f.t.Helper()
	q.Program = f.program.ID
	out, err := f.pairing().Report(context.Background(), q)
	f.must(err)
	return out
}

// couple makes a pair of two people named for it, that began days before
// pairsToday and met on days before it, with goals.
func (f *fixture) couple(name string, began, goals int, met []int, change ...func(*program.Pair, *program.Participant)) program.Pair {
	f.t.Helper()
	var all program.Snapshot
	for _, role := range []program.Role{program.Mentor, program.Mentee} {
		key := name + "/" + string(role)
		all.Participants = append(all.Participants, program.Participant{ID: program.ParticipantID("acme", key, ""), ProgramID: "acme", ExternalID: key,
			Email: key + "@acme.example", Name: strings.ToUpper(key), Role: role, Joined: testStart})
	}
	mentor, mentee := &all.Participants[0], &all.Participants[1]
	pair := program.Pair{ID: program.PairID("acme", mentor.ID, mentee.ID), ProgramID: "acme", Mentor: mentor.ID, Mentee: mentee.ID, From: pairsToday.AddDate(0, 0, -began)}
	for _, c := range change {
		c(&pair, mentee)
	}
	for n := range goals {
		code := fmt.Sprint(n + 1)
		all.Goals = append(all.Goals, program.Goal{ID: program.GoalID(pair.ID, code), ProgramID: "acme", Pair: pair.ID, Code: code, Title: "Goal", Weight: 1})
	}
	all.Pairs = []program.Pair{pair}
	f.must(f.programs.Put(context.Background(), all))
	for _, ago := range met {
		f.met(pair, ago, true)
	}
	return pair
}

func (f *fixture) met(pair program.Pair, ago int, held bool) {
	f.t.Helper()
	f.must(f.surveys.PutMeeting(context.Background(), survey.Meeting{ProgramID: "acme", Pair: pair.ID, Day: pairsToday.AddDate(0, 0, -ago), Held: held}))
}

func pairsFixture(t testing.TB, waves int, change ...func(*program.Program)) *fixture {
	f := newFixture(t, waves, change...)
	f.service.now = func() time.Time { return pairsToday.Add(10 * time.Hour) }
	return f
}

func TestPairStatusAtTheEdges(t *testing.T) {
	f := pairsFixture(t, 0)
	const never, contact, goals = ReasonNeverMet, ReasonNoContact, ReasonNoGoals
	cases := []struct {
		name         string
		began, goals int
		met          []int
		change       func(*program.Pair, *program.Participant)
		status       PairStatus // empty: not listed
		reasons      []string
		says         string
	}{
		{name: "20 days, nothing", began: 20, status: TooEarly, reasons: []string{ReasonYoung}, says: "less than three weeks"},
		{name: "today", began: 0, status: TooEarly, reasons: []string{ReasonYoung}},
		{name: "21 days, not met", began: 21, status: NeedsCheckIn, reasons: []string{never}, says: "in the 3 weeks since the pair began"},
		{name: "21 days, met, no goals", began: 21, met: []int{1}, status: OnTrack},
		{name: "27 days, met, no goals", began: 27, met: []int{1}, status: OnTrack},
		{name: "28 days, met, no goals", began: 28, met: []int{1}, status: NeedsCheckIn, reasons: []string{goals}, says: "No goals agreed 4 weeks after the start."},
		{name: "28 days, met, goals", began: 28, goals: 1, met: []int{1}, status: OnTrack},
		{name: "met 28 days ago", began: 50, goals: 2, met: []int{28, 40}, status: OnTrack},
		{name: "met 29 days ago", began: 50, goals: 2, met: []int{29, 40}, status: NeedsCheckIn, reasons: []string{contact}, says: "No meeting noted for 4 weeks."},
		{name: "met 36 days ago", began: 50, met: []int{36}, status: NeedsCheckIn, reasons: []string{contact, goals}, says: "No meeting noted for 5 weeks."},
		{name: "met today", began: 50, goals: 1, met: []int{0, 1, 2, 56}, status: OnTrack},
		{name: "ends tomorrow", began: 50, goals: 1, met: []int{3}, change: func(p *program.Pair, _ *program.Participant) { p.To = pairsToday.AddDate(0, 0, 1) }, status: OnTrack},
		{name: "ended today", began: 50, change: func(p *program.Pair, _ *program.Participant) { p.To = pairsToday }},
		{name: "mentee left", began: 50, change: func(_ *program.Pair, mentee *program.Participant) { mentee.Left = pairsToday.AddDate(0, 0, -1) }},
		{name: "begins tomorrow", began: -1},
		{name: "without a name", began: 10, change: func(_ *program.Pair, mentee *program.Participant) { mentee.Name = "" }, status: TooEarly, reasons: []string{ReasonYoung}},
	}
	listed := 0
	for _, c := range cases {
		pair := f.couple(c.name, c.began, c.goals, c.met, func(p *program.Pair, mentee *program.Participant) {
			if c.change != nil {
				c.change(p, mentee)
			}
		})
		if c.name == "21 days, not met" { // noted and taken back is not met
			f.met(pair, 2, true)
			f.met(pair, 2, false)
		}
		if c.status != "" {
			listed++
		}
	}
	out := f.pairs(PairsQuery{Lang: "en"})
	if len(out.Pairs) != listed || out.Summary != (PairsSummary{Active: 13, NeedsCheckIn: 4, TooEarly: 3, OnTrack: 6, Ended: 2, Ahead: 1}) || out.Day != "2026-03-02" || out.Notice != nil {
		t.Errorf("%d pairs of %d, %+v on %s, %v", len(out.Pairs), listed, out.Summary, out.Day, out.Notice)
	}
	uk := f.pairs(PairsQuery{Lang: "uk"})
	for _, c := range cases {
		at := slices.IndexFunc(out.Pairs, func(s PairState) bool { return s.Mentor == strings.ToUpper(c.name+"/mentor") })
		if c.status == "" {
			if at >= 0 {
				t.Errorf("%s is listed", c.name)
			}
			continue
		}
		if at < 0 {
			t.Errorf("%s is not listed", c.name)
			continue
		}
		s := out.Pairs[at]
		var codes, words []string
		for i, r := range s.Reasons {
			codes, words = append(codes, r.Code), append(words, r.Reason)
			if said := uk.Pairs[at].Reasons[i].Reason; !isCyrillic(said) || strings.Contains(said, "pair-") {
				t.Errorf("%s: in Ukrainian %q", c.name, said)
			}
		}
		if s.Status != c.status || !slices.Equal(codes, c.reasons) || !strings.Contains(strings.Join(words, " "), c.says) {
			t.Errorf("%s: %s, %q; want %s, %v with %q", c.name, s.Status, words, c.status, c.reasons, c.says)
		}
		if s.Meetings != len(c.met) || (s.LastMeeting == nil) != (len(c.met) == 0) || s.Goals != c.goals {
			t.Errorf("%s: %+v", c.name, s)
		}
		if s.LastMeeting != nil && *s.LastMeeting != pairsToday.AddDate(0, 0, -c.met[0]).Format(time.DateOnly) {
			t.Errorf("%s: last met on %s", c.name, *s.LastMeeting)
		}
		if want := len(slices.DeleteFunc(slices.Clone(c.met), func(ago int) bool { return ago >= 56 })); s.RecentMeetings != want {
			t.Errorf("%s: %d meetings in eight weeks, want %d", c.name, s.RecentMeetings, want)
		}
	}
	if first := out.Pairs[0]; first.Mentor != "MET 36 DAYS AGO/MENTOR" {
		t.Errorf("the pair unheard of for longest is not the first: %+v", first)
	}
	if at := slices.IndexFunc(out.Pairs, func(s PairState) bool { return s.Mentee == "without a name/mentee@acme.example" }); at < 0 {
		t.Error("a person without a name is not named by the address")
	}
	for measure, want := range map[string]struct {
		value float64
		n     int
	}{
		MeasurePairsCheckIn: {4. / 13, 13}, MeasurePairsTooEarly: {3. / 13, 13}, MeasurePairsOnTrack: {6. / 13, 13},
		MeasurePairsMet: {7. / 10, 10}, MeasurePairsGoals: {5. / 13, 13},
		MeasurePairsMeetings: {365.25 / 12 * (2./50 + 2./50 + 1./50 + 3./50 + 1./50 + 1./21 + 1./27 + 1./28 + 1./28) / 10, 10},
	} {
		figure := find(t, out.Figures, measure, "", "", "")
		near(t, measure, figure.Value, want.value)
		count(t, measure, figure.N, want.n)
		if out.Definitions[measure].Title == "" {
			t.Errorf("%s is not defined in the report", measure)
		}
	}
}

// A programme that does not note meetings is told so: none of its pairs is
// blamed for it.
func TestPairsOfAProgrammeThatNotesNoMeetings(t *testing.T) {
	f := pairsFixture(t, 0)
	if out := f.pairs(PairsQuery{Lang: "en"}); out.Notice == nil || out.Notice.Code != CodeNoPairs || out.Pairs == nil || len(out.Pairs) > 0 {
		t.Errorf("without pairs: %+v", out)
	}
	f.couple("old", 100, 1, nil)
	f.couple("goalless", 100, 0, nil)
	f.couple("new", 2, 0, nil)
	other := f.couple("taken back", 90, 1, []int{3})
	f.met(other, 3, false)
	out := f.pairs(PairsQuery{Lang: "en"})
	if out.Notice == nil || out.Notice.Code != CodeNoMeetings || out.Summary != (PairsSummary{Active: 4, NeedsCheckIn: 1, Unknown: 2, TooEarly: 1}) {
		t.Errorf("%+v, %v", out.Summary, out.Notice)
	}
	for _, s := range out.Pairs {
		for _, r := range s.Reasons {
			if r.Code == ReasonNeverMet || r.Code == ReasonNoContact {
				t.Errorf("%s is blamed for what nobody notes: %+v", s.Mentor, r)
			}
		}
	}
	for _, measure := range []string{MeasurePairsMet, MeasurePairsMeetings, MeasurePairsOnTrack} {
		if figure := find(t, out.Figures, measure, "", "", ""); figure.Value != nil || figure.Withheld == nil || figure.Withheld.Code != CodeNoMeetings {
			t.Errorf("%+v", figure)
		}
	}
	// One meeting, even of a pair that has ended, and the programme notes them.
	f.couple("ended", 90, 1, []int{60}, func(p *program.Pair, _ *program.Participant) { p.To = pairsToday.AddDate(0, 0, -50) })
	if out := f.pairs(PairsQuery{}); out.Notice != nil || out.Summary.NeedsCheckIn != 3 || out.Summary.Unknown != 0 {
		t.Errorf("%+v, %v", out.Summary, out.Notice)
	}
}

func TestPairsAreJudgedOnTheProgrammesLastDay(t *testing.T) {
	f := pairsFixture(t, 0, func(p *program.Program) { p.Ends = pairsToday.AddDate(0, 0, -30) })
	f.couple("done", 90, 1, []int{40})
	if out := f.pairs(PairsQuery{}); out.Day != "2026-01-31" || out.Summary.OnTrack != 1 {
		t.Errorf("on %s: %+v", out.Day, out.Summary)
	}
}

func TestPairsComeInPages(t *testing.T) {
	f := pairsFixture(t, 0)
	for n := range 17 {
		f.couple(fmt.Sprint("pair ", n), 10+5*(n%5), n%2, []int{n % 3 * 20})
	}
	whole := f.pairs(PairsQuery{})
	for _, status := range append(PairStatuses(), "") {
		want := slices.DeleteFunc(slices.Clone(whole.Pairs), func(s PairState) bool { return status != "" && s.Status != status })
		var got []PairState
		cursor := ""
		for range 20 {
			part := f.pairs(PairsQuery{Status: status, Limit: 3, Cursor: cursor})
			if part.Summary != whole.Summary || len(part.Pairs) > 3 {
				t.Errorf("%s: %d pairs, %+v", status, len(part.Pairs), part.Summary)
			}
			got = append(got, part.Pairs...)
			if cursor = part.Next; cursor == "" {
				break
			}
		}
		if !slices.EqualFunc(got, want, func(a, b PairState) bool { return reflect.DeepEqual(a, b) }) {
			t.Errorf("%q in pages: %v, want %v", status, got, want)
		}
	}
}

func TestPairsOverHTTP(t *testing.T) {
	f := pairsFixture(t, 1)
	f.couple("one", 50, 1, []int{40})
	f.couple("two", 50, 1, []int{1})
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	f.pairing().Routes(router.Group("/api/v1/programs/:id"))
	handler := openapitest.Wrap(t, router)
	get := func(path, lang string) (int, string) {
		request := httptest.NewRequest(http.MethodGet, path, nil)
		request.Header.Set("Accept-Language", lang)
		request.Header.Set("Authorization", "Bearer x")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, request)
		return w.Code, w.Body.String()
	}
	const base = "/api/v1/programs/acme/analytics/pairs"
	next := f.pairs(PairsQuery{Limit: 1}).Next
	for _, c := range []struct {
		path   string
		status int
		says   string
		not    string
	}{
		{base, 200, `"mentor":"ONE/MENTOR"`, "NaN"},
		{base + "?limit=1", 200, `"next":"needs-check-in~2026-01-21~`, "TWO/"},
		{base + "?limit=1&cursor=" + next, 200, "TWO/", "ONE/"},
		{base + "?status=on-track&lang=uk", 200, "TWO/", "ONE/"},
		{base + "?status=unknown", 200, `"pairs":[]`, "ONE/"},
		{base + "?status=red", 400, "red", "ONE/"},
		{base + "?status=" + strings.Repeat("r", 30_000), 400, "r…", strings.Repeat("r", 100)},
		{base + "?limit=0", 400, "1000", "ONE/"},
		{base + "?limit=1001", 400, "1000", "ONE/"},
		{base + "?limit=-1", 400, "1000", "ONE/"},
		{base + "?limit=ten", 400, "1000", "ONE/"},
		{base + "?limit=", 400, "1000", "ONE/"},
		{base + "?limit=99999999999999999999", 400, "1000", "ONE/"},
		{base + "?cursor=x", 400, "cursor", "ONE/"},
		{base + "?cursor=on-track~2026-01-01~x", 400, "cursor", "ONE/"},
		{base + "?cursor=green" + strings.TrimPrefix(next, "needs-check-in"), 400, "cursor", "ONE/"},
		{base + "?cursor=on-track~2026-13-01~" + uuid.NewString(), 400, "cursor", "ONE/"},
		{base + "?by=department", 400, "by", "ONE/"},
		{base + "?wave=1", 400, "wave", "ONE/"},
		{base + "?lang=xx", 400, "xx", "ONE/"},
		{"/api/v1/programs/nobody/analytics/pairs", 404, "nobody", "ONE/"},
	} {
		for _, lang := range []string{"uk", "en"} {
			status, said := get(c.path, lang)
			if status != c.status || !strings.Contains(said, c.says) || strings.Contains(said, c.not) || strings.Contains(said, "-detail") {
				t.Errorf("%.100s in %s: %d %.500s; want %d with %q, without %q", c.path, lang, status, said, c.status, c.says, c.not)
			}
		}
	}
}

// Nothing that anybody answers changes what is said of a pair, but a request for
// help; whatever the policy.
func TestPairsTellNothingOfAnswers(t *testing.T) {
	for _, policy := range []program.Policy{program.Identified, program.Confidential, program.Anonymous} {
		f := pairsFixture(t, 5, func(p *program.Program) { p.Policy = policy }) // the last wave opens on pairsToday
		f.service.now = func() time.Time { return pairsToday.AddDate(0, 0, 1).Add(10 * time.Hour) }
		names := survey.NewPseudonyms(pairsSecret(t))
		var people []uuid.UUID
		var pairs []program.Pair
		var secrets []string
		for n := range 7 {
			pair := f.couple(fmt.Sprint("pair ", n), 50, 1, []int{n})
			people, pairs = append(people, pair.Mentor, pair.Mentee), append(pairs, pair)
			var invited []survey.Invitation
			for _, w := range f.waves {
				for _, who := range []uuid.UUID{pair.Mentor, pair.Mentee} {
					invited = append(invited, survey.Invitation{ProgramID: "acme", SurveyID: w.SurveyID, Wave: w.ID, Participant: who, Role: program.Mentor, Pair: pair.ID})
					secrets = append(secrets, names.Respondent(f.program, w.ID, who).String())
				}
			}
			f.must(f.surveys.Invite(context.Background(), invited))
		}
		text := func() string {
			data, err := json.Marshal(f.pairs(PairsQuery{Lang: "en"}))
			f.must(err)
			for _, s := range secrets {
				if strings.Contains(string(data), s) {
					t.Errorf("%s: tells the respondent %s", policy, s)
				}
			}
			return string(data)
		}
		answer := func(wave, who int, change func(*survey.Response)) {
			r := survey.Response{ProgramID: "acme", SurveyID: f.survey, Wave: f.waves[wave].ID, Respondent: names.Respondent(f.program, f.waves[wave].ID, people[who]),
				Role: program.Mentor, Final: true, SubmittedAt: f.waves[wave].Opens}
			r.Stored.Items, r.Stored.Values = []uint16{1, 16}, []float32{5, 1} // 16: needs no help
			r.Stored.Goals, r.Stored.Ratings = []uuid.UUID{program.GoalID(pairs[who/2].ID, "1")}, []int8{1}
			change(&r)
			f.must(f.surveys.PutAll(context.Background(), []survey.Response{r}))
		}
		asIs := func(*survey.Response) {}
		before := text()
		// Fewer than k pairs rated their goals in the closed wave: not even that is told.
		for who := range 8 {
			answer(3, who, asIs)
		}
		rated := find(t, f.pairs(PairsQuery{}).Figures, MeasurePairsRated, "", "", "")
		if rated.Value != nil || rated.N != nil || rated.Withheld.Code != CodeTooFew {
			t.Errorf("%s: 4 pairs that rated are told of: %+v", policy, rated)
		}
		// Answers and drafts of an open wave change nothing at all.
		closed := text()
		for who := range people {
			answer(4, who, asIs)
		}
		if after := text(); after != closed {
			t.Errorf("%s: answers to an open wave changed the report from\n%s\nto\n%s", policy, closed, after)
		}
		for who := range people {
			answer(3, who, asIs)
		}
		out := f.pairs(PairsQuery{})
		rated = find(t, out.Figures, MeasurePairsRated, f.waves[3].Occurrence, "", "")
		near(t, "pairs that rated", rated.Value, 1)
		count(t, "pairs that rated", rated.N, 7)
		if rated.Low == nil || rated.High == nil {
			t.Errorf("%s: no interval: %+v", policy, rated)
		}
		pairsOf := func(report string) string {
			_, all, _ := strings.Cut(report, `"pairs":[`)
			all, _, _ = strings.Cut(all, `"figures":`)
			return all
		}
		if pairsOf(text()) != pairsOf(before) {
			t.Errorf("%s: answers changed what is said of pairs:\n%s\n%s", policy, before, text())
		}
		// Help asked for is told, of that pair, role and wave alone.
		answer(4, 3, func(r *survey.Response) { r.Stored.Values[1] = 2 })
		answer(4, 5, func(r *survey.Response) { r.Stored.Values[1] = 2; r.Final = false })
		asked := 0
		for _, s := range f.pairs(PairsQuery{}).Pairs {
			for _, flag := range s.AskedForHelp {
				asked++
				if s.Mentor != "PAIR 1/MENTOR" || flag != (HelpFlag{program.Mentee, f.waves[4].Occurrence}) {
					t.Errorf("%s: %s: %+v", policy, s.Mentor, flag)
				}
			}
		}
		if asked != 1 {
			t.Errorf("%s: %d requests for help, want one; a draft is none", policy, asked)
		}
	}
}

// TestPairsJudged: for any facts the statuses add up, the order is total, and one
// more meeting or goal never makes a pair look worse.
func TestPairsJudged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		logged := rapid.Bool().Draw(t, "logged")
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pairFacts {
			f := pairFacts{id: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")), from: pairsToday.AddDate(0, 0, -rapid.IntRange(-5, 80).Draw(t, "began")),
				goals: rapid.IntRange(0, 2).Draw(t, "goals")}
			if logged && rapid.Bool().Draw(t, "met") {
				f.meetings, f.latest = 1, pairsToday.AddDate(0, 0, -rapid.IntRange(0, 60).Draw(t, "ago"))
			}
			if rapid.Bool().Draw(t, "ends") {
				f.to = pairsToday.AddDate(0, 0, rapid.IntRange(-5, 5).Draw(t, "left"))
			}
			return f
		}), 0, 12).Draw(t, "pairs")
		out := &PairsReport{}
		judged := out.judge(all, pairsToday, logged)
		s := out.Summary
		if s.Active != len(judged) || s.Active != s.NeedsCheckIn+s.Unknown+s.TooEarly+s.OnTrack || s.Active+s.Ended+s.Ahead != len(all) {
			t.Fatalf("%+v of %d", s, len(all))
		}
		for i, j := range judged {
			if (j.status == OnTrack) != (len(j.reasons) == 0) || j.status == Unknown && logged {
				t.Fatalf("%s because %v", j.status, j.reasons)
			}
			if i > 0 && judged[i-1].place.compare(j.place) > 0 {
				t.Fatalf("%v before %v", judged[i-1], j)
			}
			better := j.pairFacts
			better.goals++
			better.meetings, better.latest = better.meetings+1, pairsToday
			if status, reasons := better.judge(pairsToday, true); status == NeedsCheckIn || len(reasons) > len(j.reasons) {
				t.Fatalf("%s because %v, and with a meeting and a goal more %s because %v", j.status, j.reasons, status, reasons)
			}
		}
	})
}

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/alecthomas/kong"

	"mentorpulse/internal/access"
	"mentorpulse/internal/clickhouse"
	"mentorpulse/internal/storetest"
	"mentorpulse/survey"
)

// testApp is the service on a database of the test's own.
func testApp(t *testing.T) *app {
	t.Helper()
	secret, err := access.ParseSecret(base64.StdEncoding.EncodeToString(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	a, err := assemble(storetest.Open(t), secret, "http://127.0.0.1:8080", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.surveys.Close)
	return a
}

// made makes a demonstration programme as it is at the time now.
func made(t *testing.T, a *app, size demoSize, now time.Time) {
	t.Helper()
	if err := a.makeDemo(context.Background(), size, now, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
}

// dump lists what a query gives of a programme, a line a row.
func dump(t *testing.T, a *app, query, id string) []string {
	t.Helper()
	lines, err := clickhouse.Collect(context.Background(), a.db, "dump", query, func(rows driver.Rows) (string, error) {
		var line string
		err := rows.Scan(&line)
		return line, err
	}, clickhouse.Named("program", id))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

const (
	answersQuery = `SELECT toString(tuple(wave_id, respondent, role, pair, attributes, final, items, values, goals, ratings, text_items, texts, submitted_at, seconds)) AS line
		FROM responses FINAL WHERE program_id = {program:String} ORDER BY line`
	rosterQuery = `SELECT toString(tuple(participant_id, external_id, email, name, language, role, mapSort(attributes), joined, left, employed_from, employed_to)) AS line
		FROM participants FINAL WHERE program_id = {program:String} ORDER BY line`
	// storedQuery counts rows as they are written, replaced ones too.
	storedQuery = `SELECT toString((
		(SELECT count() FROM programs WHERE program_id = {program:String}), (SELECT count() FROM participants WHERE program_id = {program:String}),
		(SELECT count() FROM pairs WHERE program_id = {program:String}), (SELECT count() FROM goals WHERE program_id = {program:String}),
		(SELECT count() FROM surveys WHERE program_id = {program:String}), (SELECT count() FROM waves WHERE program_id = {program:String}),
		(SELECT count() FROM invitations WHERE program_id = {program:String}), (SELECT count() FROM visits WHERE program_id = {program:String}),
		(SELECT count() FROM responses WHERE program_id = {program:String}), (SELECT count() FROM meetings WHERE program_id = {program:String})))`
	meetingsQuery = `SELECT toString(tuple(pair_id, day, held, revision)) AS line FROM meetings FINAL WHERE program_id = {program:String} ORDER BY line`
)

// noon is on a Thursday, ten days after a wave has opened.
func noon() time.Time { return time.Date(2026, 5, 14, 9, 0, 0, 0, time.UTC) }

func TestDemoIsTheSameEveryTime(t *testing.T) {
	size := demoSize{Participants: 45, Waves: 3, Seed: 7}
	a, b := testApp(t), testApp(t)
	made(t, a, size, noon())
	made(t, b, size, noon())
	id := size.id()
	answers := dump(t, a, answersQuery, id)
	if len(answers) < 60 {
		t.Fatalf("%d answers of 45 people in 3 waves", len(answers))
	}
	if !slices.Equal(answers, dump(t, b, answersQuery, id)) || !slices.Equal(dump(t, a, rosterQuery, id), dump(t, b, rosterQuery, id)) {
		t.Error("the same seed gave other people or answers")
	}
	meetings := dump(t, a, meetingsQuery, id)
	if len(meetings) < 30 || !slices.Equal(meetings, dump(t, b, meetingsQuery, id)) {
		t.Errorf("the same seed gave other meetings than these %d", len(meetings))
	}
	before := dump(t, a, storedQuery, id)
	made(t, a, size, noon().Add(time.Hour))
	if after := dump(t, a, storedQuery, id); !slices.Equal(before, after) {
		t.Errorf("making it again wrote rows: %v, then %v", before, after)
	}
	// Broken off before its end, it is made again to the same result.
	if err := b.db.Exec(context.Background(), "TRUNCATE TABLE surveys"); err != nil {
		t.Fatal(err)
	}
	made(t, b, size, noon())
	if !slices.Equal(answers, dump(t, b, answersQuery, id)) {
		t.Error("finishing what was broken off gave other answers")
	}
	if !slices.Equal(meetings, dump(t, b, meetingsQuery, id)) {
		t.Error("finishing what was broken off gave other meetings")
	}
	other := size
	other.Seed = 8
	made(t, b, other, noon())
	if slices.Equal(values(answers), values(dump(t, b, answersQuery, other.id()))) {
		t.Error("another seed gave the same answers")
	}
}

// values leaves the names out of dumped answers: they follow from the programme.
func values(lines []string) []string {
	all := make([]string, len(lines))
	for i, line := range lines {
		_, all[i], _ = strings.Cut(line, "{")
	}
	slices.Sort(all)
	return all
}

func TestDemoCalendar(t *testing.T) {
	kyiv, err := time.LoadLocation("Europe/Kyiv")
	if err != nil {
		t.Fatal(err)
	}
	// Through a whole fortnight and both changes of the clocks.
	for _, from := range []time.Time{noon(), time.Date(2026, 3, 24, 3, 0, 0, 0, time.UTC), time.Date(2026, 10, 20, 22, 30, 0, 0, time.UTC)} {
		for hours := 0; hours < 24*14; hours += 5 {
			now := from.Add(time.Duration(hours) * time.Hour)
			size := defaultDemo()
			starts := size.starts(now, kyiv)
			q, err := survey.BuiltIn("reverse-mentoring")
			if err != nil {
				t.Fatal(err)
			}
			s := size.survey(size.program(starts), q)
			if err := s.Recurrence.Validate(); err != nil {
				t.Fatal(err)
			}
			waves, err := s.Recurrence.Occurrences(starts.AddDate(0, 0, -1), now)
			if err != nil {
				t.Fatal(err)
			}
			if len(waves) != size.Waves || starts.Weekday() != time.Monday {
				t.Fatalf("at %s: %d waves from %s", now, len(waves), starts)
			}
			last := waves[len(waves)-1]
			if open := now.Sub(last.Opens); open < 24*time.Hour || !now.Before(last.Closes) {
				t.Errorf("at %s the last wave has been open for %s and closes %s", now, open, last.Closes)
			}
		}
	}
}

func TestDemoSizes(t *testing.T) {
	seen := map[string]bool{}
	for _, size := range []demoSize{defaultDemo(), {180, 8, 2}, {180, 9, 7}, {181, 8, 7}, {3, 1, 0}} {
		if err := size.validate(); err != nil || seen[size.id()] {
			t.Errorf("%+v: id %q, %v", size, size.id(), err)
		}
		seen[size.id()] = true
	}
	parsed := demoCommand{}
	if err := parseDefaults(&parsed); err != nil || (demoSize{parsed.Participants, parsed.Waves, parsed.Seed}) != defaultDemo() {
		t.Errorf("the command's defaults are %+v, %v", parsed, err)
	}
	if !seen["demo"] || !seen["demo-n180-w8-s2"] {
		t.Error(slices.Collect(maps.Keys(seen)))
	}
	for _, size := range []demoSize{{2, 8, 1}, {maxDemoParticipants + 1, 8, 1}, {180, 0, 1}, {180, maxDemoWaves + 1, 1}} {
		if size.validate() == nil {
			t.Errorf("%+v is accepted", size)
		}
	}
	if size := (demoSize{Participants: 3, Waves: 1}); size.pairs() != 1 {
		t.Errorf("%d pairs of 3 people", size.pairs())
	}
	a := testApp(t)
	made(t, a, demoSize{Participants: 3, Waves: 1}, time.Now())
}

func parseDefaults(d *demoCommand) error {
	parser, err := kong.New(d)
	if err == nil {
		_, err = parser.Parse(nil)
	}
	return err
}

func TestDemoLeavesOtherProgramsAlone(t *testing.T) {
	a := testApp(t)
	ctx := context.Background()
	acme := defaultDemo().program(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC))
	acme.Demo = false
	if err := a.programs.PutProgram(ctx, acme); err != nil {
		t.Fatal(err)
	}
	if err := a.makeDemo(ctx, defaultDemo(), noon(), func(int, int) {}); err == nil || !strings.Contains(err.Error(), "not a demonstration") {
		t.Errorf("a programme of the same name: %v", err)
	}
	if err := a.demoWhenNew(ctx); err != nil {
		t.Fatal(err)
	}
	if all, err := a.programs.Programs(ctx); err != nil || len(all) != 1 {
		t.Errorf("an installation in use was given a demonstration: %v, %v", all, err)
	}
	// A programme whose wave is due in the simulation's time is not opened by it.
	q, err := survey.BuiltIn("reverse-mentoring")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.surveys.PutSurvey(ctx, defaultDemo().survey(acme, q)); err != nil {
		t.Fatal(err)
	}
	made(t, a, demoSize{Participants: 9, Waves: 2, Seed: 3}, noon())
	if waves, err := a.surveys.Waves(ctx, acme.ID); err != nil || len(waves) > 0 {
		t.Errorf("the simulation opened %v, %v", waves, err)
	}
}

func TestDemoLinks(t *testing.T) {
	a := testApp(t)
	ctx := context.Background()
	size := demoSize{Participants: 45, Waves: 2, Seed: 1}
	made(t, a, size, time.Now())
	p, err := a.programs.Program(ctx, size.id())
	if err != nil {
		t.Fatal(err)
	}
	links, err := a.openLinks(ctx, p, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(links) < 30 || len(links) > size.Participants {
		t.Fatalf("%d links to 45 people", len(links))
	}
	router := a.router(true)
	empty := make([]bool, len(links))
	for i, link := range links {
		empty[i] = len(sheet(t, router, link).Answers) == 0
	}
	first := slices.Index(empty, false)
	if first <= 0 || slices.Contains(empty[first:], true) {
		t.Errorf("those who have not answered do not come first: %v", empty)
	}

	// The first one works: what is sent is stored, and then it is not the first.
	var answers []survey.Answer
	for _, it := range sheet(t, router, links[0]).Items {
		if it.Type == survey.Likert {
			answers = append(answers, survey.Answer{Item: it.ID, Value: it.Max})
		}
	}
	body, err := json.Marshal(survey.Submission{Answers: answers, Final: true})
	if err != nil {
		t.Fatal(err)
	}
	w := call(router, http.MethodPut, apiPath(links[0]), bytes.NewReader(body))
	if w.Code != http.StatusOK {
		t.Fatalf("submitting: %d %s", w.Code, w.Body)
	}
	if s := sheet(t, router, links[0]); !s.Final || len(s.Answers) != len(answers) {
		t.Errorf("after submitting %d answers: %+v", len(answers), s)
	}
	again, err := a.openLinks(ctx, p, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if len(again) != len(links) || slices.Index(again, links[0]) < first-1 {
		t.Errorf("who has answered now stands at %d of %d", slices.Index(again, links[0]), len(again))
	}
	if late, err := a.openLinks(ctx, p, time.Now().AddDate(0, 1, 0)); err != nil || late == nil || len(late) > 0 {
		t.Errorf("links when no wave is open: %v, %v", late, err)
	}
}

// shownSheet is what GET says of a link.
type shownSheet struct {
	Final bool
	Items []struct {
		ID   string
		Type survey.ItemType
		Max  *float64
	}
	Answers []survey.Answer
}

func sheet(t *testing.T, router http.Handler, link string) shownSheet {
	t.Helper()
	w := call(router, http.MethodGet, apiPath(link), nil)
	var s shownSheet
	if err := json.Unmarshal(w.Body.Bytes(), &s); w.Code != http.StatusOK || err != nil {
		t.Fatalf("%s: %d %v %s", link, w.Code, err, w.Body)
	}
	return s
}

func apiPath(link string) string {
	_, token, _ := strings.Cut(link, "/s/")
	return "/api/v1/s/" + token
}

func call(router http.Handler, method, path string, body *bytes.Reader) *httptest.ResponseRecorder {
	if body == nil {
		body = bytes.NewReader(nil)
	}
	w := httptest.NewRecorder()
	router.ServeHTTP(w, httptest.NewRequest(method, path, body))
	return w
}

func TestDemoCommandPrintsJSON(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	run := func() map[string]json.RawMessage {
		var out bytes.Buffer
		cmd := command(context.Background(), "demo", "--participants", "12", "--waves", "2", "--seed", "9", "--json", "--data", data)
		cmd.Stdout, cmd.Stderr = &out, os.Stderr
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		var printed map[string]json.RawMessage
		if err := json.Unmarshal(out.Bytes(), &printed); err != nil {
			t.Fatalf("%v: %s", err, out.Bytes())
		}
		return printed
	}
	printed := run()
	if keys := slices.Sorted(maps.Keys(printed)); !slices.Equal(keys, []string{"owner_key", "participant_links", "program_id"}) {
		t.Errorf("keys %v", keys)
	}
	if id := string(printed["program_id"]); id != `"demo-n12-w2-s9"` {
		t.Errorf("programme %s", id)
	}
	var links []string
	if err := json.Unmarshal(printed["participant_links"], &links); err != nil || len(links) == 0 || !strings.HasPrefix(links[0], "http://127.0.0.1:8080/s/") {
		t.Errorf("links %v, %v", links, err)
	}
	if again := run(); fmt.Sprint(again) != fmt.Sprint(printed) {
		t.Error("the second call printed something else")
	}
}

func TestLatentMeanGivesTheMean(t *testing.T) {
	for _, c := range []struct{ mean, sd, low, high float64 }{{1.2, 0.9, 1, 5}, {3, 0.9, 1, 5}, {4.6, 0.9, 1, 5}, {7.5, 2.3, 0, 10}, {-1.2, 0.7, -2, 2}} {
		rng := demoSize{Seed: 1}.stream("test")
		latent, sum, n := latentMean(c.mean, c.sd, c.low, c.high), 0.0, 200_000
		for range n {
			sum += points(latent+c.sd*rng.NormFloat64(), c.low, c.high)
		}
		if got := sum / float64(n); math.Abs(got-c.mean) > 5*c.sd/math.Sqrt(float64(n)) {
			t.Errorf("mean %v wanted with sd %v in %v…%v, is %v", c.mean, c.sd, c.low, c.high, got)
		}
	}
}

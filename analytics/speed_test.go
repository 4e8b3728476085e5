package analytics

import (
	"context"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/survey"
)

// generate makes the engine write responses of the given number of people, the
// same in every wave, in eight departments and four locations.
func (f *fixture) generate(w survey.Wave, people int) {
	f.t.Helper()
	f.must(f.db.Exec(context.Background(), `INSERT INTO responses
		SELECT 'acme', {survey:UUID}, {wave:UUID}, toUUID(concat('00000000-0000-4000-8000-', leftPad(toString(number), 12, '0'))), if(number % 3 = 0, 'mentor', 'mentee'), generateUUIDv4(),
			toJSONString(map('department', toString(sipHash64(number) % 8), 'location', toString(sipHash64(number, 1) % 4))), true,
			[1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 22, 23]::Array(UInt16),
			arrayMap(i -> if(i = 4, sipHash64(number, i, {number:UInt32}) % 11, 1 + sipHash64(number, i, {number:UInt32}) % 5), range(1, 13))::Array(Float32),
			[], [], [], [], now64(3), 60, 0, 1
		FROM numbers({people:UInt64})`, clickhouse.Named("survey", f.survey.String()), clickhouse.Named("wave", w.ID.String()),
		clickhouse.Named("number", w.Number), clickhouse.Named("people", people)))
}

// TestLargeWavesAreComparedAsGroups: joining them would take long.
func TestLargeWavesAreComparedAsGroups(t *testing.T) {
	for people, want := range map[int]string{linkedUpTo: "paired", linkedUpTo + 1: "welch"} {
		f := newFixture(t, 2)
		for _, w := range f.waves {
			f.generate(w, people)
		}
		change := find(t, f.report(f.service.Engagement, Query{Wave: "2"}).Figures, MeasureEngagement, "", "", "").Change
		if change.Method != want || change.Value == nil || change.P == nil || (change.Unpaired != nil) != (want == "welch") {
			t.Errorf("%d people: %+v", people, change)
		}
	}
}

// BenchmarkEngagement compares the endpoint on two million responses in eight
// waves with its own statement, bare, on the same engine.
func BenchmarkEngagement(b *testing.B) {
	f := newFixture(b, 8)
	ctx := context.Background()
	var waveIDs []string
	for _, w := range f.waves {
		waveIDs = append(waveIDs, w.ID.String())
	}
	for _, w := range f.waves {
		f.generate(w, 250_000)
	}
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	f.service.Routes(router.Group("/api/v1/programs/:id"))
	// Processor time tells more than the clock on a machine that does other work.
	processor := func(b *testing.B, run func()) {
		var before, after syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
		for b.Loop() {
			run()
		}
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
		used := after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano()
		b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
	}
	bare := func(by string, waves []string) func(*testing.B) {
		return func(b *testing.B) {
			r, err := f.service.resolve(ctx, Query{Program: "acme", By: by})
			f.must(err)
			q, err := f.surveys.Questionnaire(ctx, "acme", "test", 1)
			f.must(err)
			params := append(r.scaleParams(scaleIn(q, "engagement", 4)), clickhouse.Named("surveys", []string{f.survey.String()}), clickhouse.Named("waves", waves))
			processor(b, func() {
				rows, err := f.db.Query(ctx, scaleSQL, params...)
				f.must(err)
				for rows.Next() {
				}
				f.must(rows.Err())
				f.must(rows.Close())
			})
		}
	}
	get := func(query string) func(*testing.B) {
		return func(b *testing.B) {
			processor(b, func() {
				w := httptest.NewRecorder()
				router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/programs/acme/analytics/engagement"+query, nil))
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			})
		}
	}
	b.Run("bare", bare("", waveIDs))
	b.Run("endpoint", get(""))
	b.Run("bare, one wave", bare("", waveIDs[7:]))
	b.Run("endpoint, first wave", get("?wave=1"))
	b.Run("endpoint, latest", get("?wave=latest"))
	b.Run("bare by", bare("department", waveIDs))
	b.Run("endpoint by", get("?by=department"))
}

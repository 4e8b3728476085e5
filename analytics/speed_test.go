package analytics

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/clickhouse"
)

// BenchmarkEngagement compares the endpoint on two million responses in eight
// waves with its own statement, bare, on the same engine.
func BenchmarkEngagement(b *testing.B) {
	f := newFixture(b, 8)
	ctx := context.Background()
	var waveIDs []string
	for _, w := range f.waves {
		waveIDs = append(waveIDs, w.ID.String())
	}
	f.must(f.db.Exec(ctx, `INSERT INTO responses
		SELECT 'acme', {survey:UUID}, arrayElement({waves:Array(UUID)}, 1 + number % 8), generateUUIDv4(), if(number % 3 = 0, 'mentor', 'mentee'), generateUUIDv4(),
			map('department', toString(rand(2) % 8), 'location', toString(rand(3) % 4)), true,
			[1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 22, 23]::Array(UInt16),
			arrayMap(i -> if(i = 4, sipHash64(number, i) % 11, 1 + sipHash64(number, i) % 5), range(1, 13))::Array(Float32),
			[], [], [], [], now64(3), 60 + rand() % 100, 1
		FROM numbers(2000000)`, clickhouse.Named("survey", f.survey.String()), clickhouse.Named("waves", waveIDs)))
	gin.SetMode(gin.ReleaseMode)
	router := gin.New()
	f.service.Routes(router.Group("/api/v1/programs/:id"))
	bare := func(by string, waves []string) func(*testing.B) {
		return func(b *testing.B) {
			r, err := f.service.resolve(ctx, Query{Program: "acme", By: by})
			f.must(err)
			q, err := f.surveys.Questionnaire(ctx, "acme", "test", 1)
			f.must(err)
			params := append(r.scaleParams(scaleIn(q, "engagement", 4)), clickhouse.Named("surveys", []string{f.survey.String()}), clickhouse.Named("waves", waves))
			for b.Loop() {
				rows, err := f.db.Query(ctx, scaleSQL, params...)
				f.must(err)
				for rows.Next() {
				}
				f.must(rows.Err())
				f.must(rows.Close())
			}
		}
	}
	get := func(query string) func(*testing.B) {
		return func(b *testing.B) {
			for b.Loop() {
				w := httptest.NewRecorder()
				router.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/programs/acme/analytics/engagement"+query, nil))
				if w.Code != http.StatusOK {
					b.Fatal(w.Code, w.Body)
				}
			}
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

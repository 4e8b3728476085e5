package analytics

import (
	"context"
	_ "embed"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"mentorpulse/internal/clickhouse"
	"mentorpulse/survey"
)

//go:embed queries/help.sql
var helpSQL string

// helpAlerts are about requests for help in the newest closed wave and in those
// that opened since.
func (s *standing) helpAlerts(ctx context.Context, r *request) ([]Alert, error) {
	counts, err := s.asksHelp(ctx)
	if err != nil {
		return nil, err
	}
	var list []Alert
	for _, w := range s.since() {
		n := counts[w.ID]
		if n == 0 {
			continue
		}
		value := float64(n)
		// Who asks is shown by name, so the number passes no gate.
		f := Figure{Measure: MeasureAlertHelp, Wave: w.Occurrence, Value: &value, N: &n, Unit: UnitCount, NoInterval: r.withheld(CodeNoInterval)}
		a := r.alert(AlertHelp, SeverityWarning, MeasureAlertHelp, f)
		a.Seen = words(r.Lang).t("seen-help", "count", n, "day", words(r.Lang).date(w.Occurrence))
		list = append(list, a)
	}
	return list, nil
}

// since are the newest closed wave and those that opened after it.
func (s *standing) since() []survey.Wave { return s.waves[max(s.at, 0):s.end] }

// asksHelp counts who asks for help, by wave, in the newest closed wave and in
// those that opened since.
func (s *standing) asksHelp(ctx context.Context) (map[uuid.UUID]int, error) {
	found := map[uuid.UUID]int{}
	waves := s.since()
	questionnaires, err := s.questionnaires(ctx, waves)
	if err != nil {
		return nil, err
	}
	for i, w := range waves {
		items, answers := []uint16{}, []float64{}
		for item, answer := range questionnaires[i].HelpAnswers() {
			items, answers = append(items, item), append(answers, float64(answer))
		}
		if len(items) == 0 {
			continue
		}
		surveyIDs, waveIDs := ids([]survey.Wave{w})
		_, err := clickhouse.Collect(ctx, s.db, "requests for help", helpSQL, func(rows driver.Rows) (struct{}, error) {
			var (
				wave uuid.UUID
				n    uint64
			)
			err := rows.Scan(&wave, &n)
			found[wave] = int(n)
			return struct{}{}, err
		}, clickhouse.Named("program", s.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
			clickhouse.Named("items", items), clickhouse.Named("answers", answers))
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

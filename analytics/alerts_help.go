package analytics

import (
	"context"
	_ "embed"
	"fmt"
	"maps"
	"slices"

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
		wanted := questionnaires[i].HelpAnswers()
		for _, item := range slices.Sorted(maps.Keys(wanted)) {
			items, answers = append(items, item), append(answers, float64(wanted[item]))
		}
		if len(items) == 0 {
			continue
		}
		surveyIDs, waveIDs := ids([]survey.Wave{w})
		of := fact{query: helpSQL, of: fmt.Sprint(items, answers)}
		counted, err := keeping(ctx, s.request, of, []survey.Wave{w}, func(ctx context.Context, _ []survey.Wave) (map[uuid.UUID][]uint64, error) {
			n, err := clickhouse.Collect(ctx, s.db, "requests for help", helpSQL, func(rows driver.Rows) (n uint64, err error) {
				var wave uuid.UUID
				err = rows.Scan(&wave, &n)
				return n, err
			}, clickhouse.Named("program", s.program.ID), clickhouse.Named("surveys", surveyIDs), clickhouse.Named("waves", waveIDs),
				clickhouse.Named("items", items), clickhouse.Named("answers", answers))
			return map[uuid.UUID][]uint64{w.ID: n}, err
		})
		if err != nil {
			return nil, err
		}
		for _, n := range counted[w.ID] { // one, or none
			found[w.ID] = int(n)
		}
	}
	return found, nil
}

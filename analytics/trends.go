package analytics

import (
	"context"

	"mentorpulse/survey"
)

// Trends reports the headline measures over the waves asked for, of the
// participants and of each role: response rate, engagement, intent to stay, goal
// attainment, confidence and challenges. Series holds every wave; Figures the
// newest in which there is a figure, with the change since the first, unless the
// query names another comparison. With a single wave that first is the programme's.
func (s *Service) Trends(ctx context.Context, q Query) (*Report, error) {
	r, err := s.resolve(ctx, q)
	if err != nil {
		return nil, err
	}
	out := r.report("trends")
	if len(r.waves) == 0 {
		out.Notice = r.withheld(CodeNoWaves)
		return out, nil
	}
	waves := r.asked()
	if r.chosen >= 0 && r.Compare != CompareGroup {
		waves = r.waves[:r.end]
	}
	f, err := r.frame(ctx, waves)
	if err != nil {
		return nil, err
	}
	wave := r.wave(waves[len(waves)-1])
	out.Wave = &wave
	list, err := r.headlines(ctx, f, f, everybody(), survey.KindConfidence, survey.KindChallenge)
	if err != nil {
		return nil, err
	}
	for _, h := range list {
		for i, v := range h.views {
			if r.chosen < 0 && r.asks(v.in()) {
				out.Series = append(out.Series, h.figures(i)...)
			}
		}
		at := newest(r, h.views, h.role)
		figures := h.figures(at)
		if at >= 0 {
			if err := compare(ctx, r, figures, h.views, at, CompareBaseline); err != nil {
				return nil, err
			}
		}
		out.Figures = append(out.Figures, figures...)
	}
	r.adjust(out.Figures)
	return r.finish(out), nil
}

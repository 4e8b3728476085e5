package analytics

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"mentorpulse/survey"
)

// frame is what a report about scales begins with: waves, oldest first, what was
// asked in them, and who was.
type frame struct {
	waves          []survey.Wave
	questionnaires []*survey.Questionnaire // of each wave
	invited        map[uuid.UUID][]group
}

func (r *request) frame(ctx context.Context, waves []survey.Wave) (*frame, error) {
	f := &frame{waves: waves}
	var err error
	if f.questionnaires, err = r.questionnaires(ctx, waves); err != nil {
		return nil, err
	}
	f.invited, err = r.invited(ctx, waves)
	return f, err
}

// of is the frame of those of the waves that it has.
func (f *frame) of(waves []survey.Wave) *frame {
	part := &frame{invited: f.invited}
	for i, w := range f.waves {
		if slices.ContainsFunc(waves, func(one survey.Wave) bool { return one.ID == w.ID }) {
			part.waves, part.questionnaires = append(part.waves, w), append(part.questionnaires, f.questionnaires[i])
		}
	}
	return part
}

// views reads scales in waves of the frame.
func (r *request) views(ctx context.Context, f *frame, of []occasion) ([]*scaleView, error) {
	tallies, err := r.scan(ctx, of)
	if err != nil {
		return nil, err
	}
	views := make([]*scaleView, len(of))
	for i, o := range of {
		views[i] = r.view(o.wave, o.scale, tallies[i], f.invited[o.wave.ID])
	}
	return views, nil
}

// viewsOf reads one scale in every wave of the frame, and beside it the eNPS that
// the questionnaires ask for when enps finds it.
func (r *request) viewsOf(ctx context.Context, f *frame, id string, enps func(*survey.Questionnaire) uint16) ([]*scaleView, error) {
	of := make([]occasion, len(f.waves))
	for i, w := range f.waves {
		of[i] = occasion{w, scaleIn(f.questionnaires[i], id, enps(f.questionnaires[i]))}
	}
	return r.views(ctx, f, of)
}

func noENPS(*survey.Questionnaire) uint16 { return 0 }

// target is the place of the view that figures are about, where the last views
// are of the waves asked for: the chosen wave, else the newest with answers, else
// the newest.
func (r *request) target(views []*scaleView) int {
	last := len(views) - 1
	for i := last; r.chosen < 0 && i >= len(views)-len(r.asked()); i-- {
		if len(views[i].tallies) > 0 {
			return i
		}
	}
	return last
}

// scaleIDs lists the scales of a kind in any of the questionnaires.
func scaleIDs(questionnaires []*survey.Questionnaire, kind survey.Kind) []string {
	var list []string
	seen := map[string]bool{}
	for _, q := range questionnaires {
		for _, s := range q.ScalesOf(kind) {
			if !seen[s.ID] {
				seen[s.ID] = true
				list = append(list, s.ID)
			}
		}
	}
	return list
}

// orNone is the list, or "" alone where it is empty, so that what stands beside a
// scale is still reported.
func orNone(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

package program_test

import (
	"context"
	"fmt"
	"testing"

	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
)

func TestLanguageIsRemembered(t *testing.T) {
	ctx := context.Background()
	s := program.NewStore(storetest.Open(t))
	ann, bo := program.ParticipantID("acme", "ann", ""), program.ParticipantID("acme", "bo", "")
	for _, step := range []struct{ programID, lang, want string }{
		{"acme", "uk", "uk"}, {"acme", "uk", "uk"}, {"other", "en", "uk"}, {"acme", "en", "en"}, {"acme", "uk", "uk"},
	} {
		if err := s.PutLanguage(ctx, step.programID, ann, step.lang); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Language(ctx, "acme", ann); err != nil || got != step.want {
			t.Errorf("after %+v the language is %q, %v", step, got, err)
		}
	}
	if got, err := s.Language(ctx, "acme", bo); err != nil || got != "" {
		t.Errorf("who chose none has %q, %v", got, err)
	}
	if got, err := s.Languages(ctx, "acme"); err != nil || fmt.Sprint(got) != fmt.Sprintf("map[%s:uk]", ann) {
		t.Errorf("languages %v, %v", got, err)
	}
}

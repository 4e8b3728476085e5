package program_test

import (
	"context"
	"maps"
	"testing"

	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
)

func TestObjectivesAreTheListThatWasSet(t *testing.T) {
	ctx := context.Background()
	db := storetest.Open(t)
	store := program.NewStore(db)
	one := program.Objective{Code: "digital", Title: map[string]string{"uk": "Вправність", "en": "Skill"}, Measure: "confidence.index", Scale: "digital-confidence",
		Role: program.Mentee, Target: 62.5, Due: date(2026, 12, 31)}
	two := program.Objective{Code: "leaving", Title: map[string]string{"en": "Few leave"}, Measure: "retention.relative-risk", AtMost: true, Target: 1}
	other := program.Objective{Code: "digital", Title: map[string]string{"en": "Another programme’s"}, Measure: "engagement.index", Target: 1}
	moved := two
	moved.Target = 0.8
	set := func(id string, list ...program.Objective) {
		t.Helper()
		if err := store.SetObjectives(ctx, id, list); err != nil {
			t.Fatal(err)
		}
	}
	stored := func(id string) []program.Objective {
		t.Helper()
		list, err := store.Objectives(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	set("other", other)
	for _, step := range []struct {
		name string
		want []program.Objective
	}{
		{"set", []program.Objective{one, two}}, {"again", []program.Objective{one, two}}, {"in another order, one changed", []program.Objective{moved, one}},
		{"one taken out", []program.Objective{one}}, {"and back", []program.Objective{one, two}}, {"none", nil},
	} {
		name, want := step.name, step.want
		set("acme", want...)
		got := stored("acme")
		if len(got) != len(want) {
			t.Fatalf("%s: %d objectives, want %d", name, len(got), len(want))
		}
		for i := range want {
			if !maps.Equal(got[i].Title, want[i].Title) {
				t.Errorf("%s: title %v", name, got[i].Title)
			}
			got[i].Title, got[i].Revision, got[i].Place, got[i].ProgramID = nil, 0, 0, ""
			expected := want[i]
			expected.Title = nil
			if !sameObjective(got[i], expected) {
				t.Errorf("%s: %+v\nwant %+v", name, got[i], expected)
			}
		}
	}
	if got := stored("other"); len(got) != 1 || got[0].Measure != "engagement.index" {
		t.Errorf("another programme's: %+v", got)
	}
	set("acme", one, two)
	rows := func() (n uint64) {
		if err := db.QueryRow(ctx, "SELECT max(revision) FROM objectives").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := rows()
	set("acme", one, two)
	if after := rows(); after != before {
		t.Error("setting the same list wrote rows")
	}
}

func sameObjective(a, b program.Objective) bool {
	return a.Code == b.Code && a.Measure == b.Measure && a.Scale == b.Scale && a.Role == b.Role && a.AtMost == b.AtMost &&
		a.Target == b.Target && a.Due.Equal(b.Due) && a.Removed == b.Removed
}

package program_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"

	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
)

func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func sampleProgram(change ...func(*program.Program)) program.Program {
	p := program.Program{
		ID: "acme-2026", Name: "Зворотне наставництво «Acme»", Policy: program.Confidential, K: 5,
		TimeZone: "Europe/Kyiv", Languages: []string{"uk", "en"}, Attributes: []string{"department"},
		Starts: date(2026, 1, 5), Contact: "hr@example.com",
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

func samplePeople(programID string) program.Snapshot {
	mentor := program.Participant{
		ID: program.ParticipantID(programID, "e1", ""), ProgramID: programID, ExternalID: "e1", Email: "olena@example.com",
		Name: "Олена O’Neil\t\"junior\"", Language: "uk", Role: program.Mentor,
		Attributes: map[string]string{"department": "ІТ"}, Joined: date(2026, 1, 5), EmployedFrom: date(1985, 2, 28),
	}
	mentee := program.Participant{
		ID: program.ParticipantID(programID, "", "Bo@example.com"), ProgramID: programID, Email: "Bo@example.com",
		Name: "Bo", TimeZone: "America/New_York", Role: program.Mentee, Attributes: map[string]string{"department": "Board"},
		Joined: date(2026, 1, 5), Left: date(2026, 3, 1), EmployedFrom: date(2001, 1, 1), EmployedTo: date(2026, 3, 1),
	}
	pair := program.Pair{ID: program.PairID(programID, mentor.ID, mentee.ID), ProgramID: programID, Mentor: mentor.ID, Mentee: mentee.ID, From: date(2026, 1, 6)}
	goal := program.Goal{ID: program.GoalID(pair.ID, "1"), ProgramID: programID, Pair: pair.ID, Code: "1", Title: "Власний звіт\nбез помічника", Levels: [5]string{"a", "b", "c", "d", "e"}, Weight: 2, Baseline: -1}
	return program.Snapshot{Participants: []program.Participant{mentor, mentee}, Pairs: []program.Pair{pair}, Goals: []program.Goal{goal}}
}

func TestProgramComesBackAsStored(t *testing.T) {
	ctx := context.Background()
	store := program.NewStore(storetest.Open(t))
	want := sampleProgram()
	if err := store.PutProgram(ctx, want); err != nil {
		t.Fatal(err)
	}
	want.Ends = date(2026, 12, 31)
	if err := store.PutProgram(ctx, want); err != nil {
		t.Fatal(err)
	}
	got, err := store.Program(ctx, want.ID)
	if err != nil {
		t.Fatal(err)
	}
	want.Revision = got.Revision
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	all, err := store.Programs(ctx)
	if err != nil || len(all) != 1 {
		t.Errorf("%d programmes, %v; want the newest form alone", len(all), err)
	}
	if _, err := store.Program(ctx, "other"); !errors.Is(err, program.ErrNotFound) {
		t.Errorf("unknown programme: %v", err)
	}
}

func TestProgramIsChecked(t *testing.T) {
	store := program.NewStore(storetest.Open(t))
	for name, change := range map[string]func(*program.Program){
		"id":        func(p *program.Program) { p.ID = "Bad id" },
		"name":      func(p *program.Program) { p.Name = " " },
		"policy":    func(p *program.Program) { p.Policy = "secret" },
		"k":         func(p *program.Program) { p.K = 2 },
		"k of 259":  func(p *program.Program) { p.K = 259 },
		"zone":      func(p *program.Program) { p.TimeZone = "Kyiv" },
		"language":  func(p *program.Program) { p.Languages = []string{"pl"} },
		"languages": func(p *program.Program) { p.Languages = nil },
		"attribute": func(p *program.Program) { p.Attributes = []string{"a", "a"} },
		"end":       func(p *program.Program) { p.Ends = date(2020, 1, 1) },
	} {
		if err := store.PutProgram(context.Background(), sampleProgram(change)); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

func TestRosterComesBackAsStored(t *testing.T) {
	ctx := context.Background()
	store := program.NewStore(storetest.Open(t))
	want := samplePeople("acme")
	for range 2 { // storing it twice changes nothing
		if err := store.Put(ctx, want); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Put(ctx, samplePeople("other")); err != nil {
		t.Fatal(err)
	}
	got, err := store.Snapshot(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	byID := map[uuid.UUID]program.Participant{}
	for _, p := range got.Participants {
		byID[p.ID] = p
	}
	if len(got.Participants) != 2 {
		t.Fatalf("%d participants, want 2", len(got.Participants))
	}
	for _, p := range want.Participants {
		if !reflect.DeepEqual(byID[p.ID], p) {
			t.Errorf("got  %+v\nwant %+v", byID[p.ID], p)
		}
	}
	if !reflect.DeepEqual(got.Pairs, want.Pairs) || !reflect.DeepEqual(got.Goals, want.Goals) {
		t.Errorf("got  %+v %+v\nwant %+v %+v", got.Pairs, got.Goals, want.Pairs, want.Goals)
	}
}

func TestRevokeLinks(t *testing.T) {
	ctx := context.Background()
	store := program.NewStore(storetest.Open(t))
	people := samplePeople("acme")
	if err := store.Put(ctx, people); err != nil {
		t.Fatal(err)
	}
	before, err := store.RosterRevision(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	id := people.Participants[0].ID
	if err := store.RevokeLinks(ctx, "acme", id); err != nil {
		t.Fatal(err)
	}
	all, err := store.Participants(ctx, "acme")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		if want := uint32(0); p.ID == id && p.LinkRevision != 1 || p.ID != id && p.LinkRevision != want {
			t.Errorf("%s has link revision %d", p.ID, p.LinkRevision)
		}
	}
	if after, err := store.RosterRevision(ctx, "acme"); err != nil || after <= before {
		t.Errorf("roster revision %d after %d, %v", after, before, err)
	}
	if err := store.RevokeLinks(ctx, "other", id); !errors.Is(err, program.ErrNotFound) {
		t.Errorf("another programme's participant: %v", err)
	}
}

func TestDerivedIDsKeepPartsApart(t *testing.T) {
	if program.DeriveID("a", "bc") == program.DeriveID("ab", "c") {
		t.Error("different keys give one id")
	}
	if program.ParticipantID("p", "", " A@x.com") != program.ParticipantID("p", "e1", "a@x.com") && program.ParticipantID("p", "", " A@x.com") != program.ParticipantID("p", "", "a@x.com") {
		t.Error("an address has one id however it is written")
	}
}

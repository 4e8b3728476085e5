package program_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"mentorpulse/internal/program"
	"mentorpulse/internal/storetest"
)

var importDay = date(2026, 4, 15)

// apply stores changes over what was there, as the store does.
func apply(s program.Snapshot, c program.Changes) program.Snapshot {
	w := c.Snapshot()
	return program.Snapshot{
		Participants: upsert(s.Participants, w.Participants, func(p program.Participant) uuid.UUID { return p.ID }),
		Pairs:        upsert(s.Pairs, w.Pairs, func(p program.Pair) uuid.UUID { return p.ID }),
		Goals:        upsert(s.Goals, w.Goals, func(g program.Goal) uuid.UUID { return g.ID }),
	}
}

func upsert[T any](old, written []T, id func(T) uuid.UUID) []T {
	all := map[uuid.UUID]T{}
	for _, x := range slices.Concat(old, written) {
		all[id(x)] = x
	}
	return slices.Collect(maps.Values(all))
}

func TestImportingTwiceChangesNothingInTheStore(t *testing.T) {
	ctx := context.Background()
	store := program.NewStore(storetest.Open(t))
	data, err := os.ReadFile("../../docs/roster-example.csv")
	if err != nil {
		t.Fatal(err)
	}
	p := openProgram()
	for round := range 3 {
		roster := readRoster(t, string(data), p)
		stored, err := store.Snapshot(ctx, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		c := program.Compare(stored, roster, importDay)
		if added := len(c.Participants.Added); (round == 0) != (added == 12) || (round == 0) == c.Empty() || len(c.Conflicts) > 0 {
			t.Fatalf("round %d: %d added, changed %+v, conflicts %v", round, added, c.Participants.Changed, c.Conflicts)
		}
		if round > 0 && (len(c.Participants.Unchanged) != 12 || len(c.Pairs.Unchanged) != 5 || len(c.Goals.Unchanged) != 8) {
			t.Fatalf("round %d: %+v", round, c)
		}
		if err := store.Put(ctx, c.Snapshot()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCompareListsChanges(t *testing.T) {
	const before = "email,role,partner,name,department,location,language,goal 1,goal 1 weight,goal 1 level 0\n" +
		"a@example.com,mentor,b@example.com,Anna,IT,Lviv,uk,Blog,2,Weekly\nb@example.com,mentee,,Bo,Board,Lviv,uk,,,\nc@example.com,comparison,,Cleo,IT,Lviv,uk,,,\n"
	existing := readRoster(t, before, openProgram()).Snapshot()
	for i := range existing.Participants {
		existing.Participants[i].LinkRevision, existing.Participants[i].TimeZone = 4, "Asia/Tokyo"
	}
	// No column language, location or weight; no Cleo.
	const after = "email,role,partner,name,department,joined,goal 1\n" +
		"a@example.com,mentor,b@example.com,Anna,,2026-01-05,Vlog\nB@example.com,mentee,,Bo,Board,2026-01-06,\nd@example.com,mentor,,Dan,IT,,\n"
	c := program.Compare(existing, readRoster(t, after, openProgram()), importDay)
	if len(c.Participants.Added) != 1 || c.Participants.Added[0].Name != "Dan" ||
		len(c.Participants.Absent) != 1 || c.Participants.Absent[0].Name != "Cleo" || len(c.Conflicts) != 0 {
		t.Errorf("added %v, absent %v, conflicts %v", c.Participants.Added, c.Participants.Absent, c.Conflicts)
	}
	changed := map[string]string{}
	for _, ch := range c.Participants.Changed {
		changed[ch.After.Name] = strings.Join(ch.Fields, " ")
		if ch.After.Language != "uk" || ch.After.Attributes["location"] != "Lviv" || ch.After.LinkRevision != 4 || ch.After.TimeZone != "Asia/Tokyo" {
			t.Errorf("what the file does not speak of is lost: %+v", ch.After)
		}
	}
	if want := map[string]string{"Anna": "attribute: department", "Bo": "email joined"}; !maps.Equal(changed, want) {
		t.Errorf("changed %v, want %v", changed, want)
	}
	if len(c.Pairs.Unchanged) != 1 || len(c.Goals.Changed) != 1 {
		t.Fatalf("pairs %+v, goals %+v", c.Pairs, c.Goals)
	}
	if g := c.Goals.Changed[0]; g.After.Title != "Vlog" || g.After.Weight != 2 || g.After.Levels[2] != "Weekly" || !slices.Equal(g.Fields, []string{"title"}) {
		t.Errorf("goal %+v", g)
	}
}

// A mentor gets another mentee: the old pair ends, the new one starts then, and
// importing the file again leaves it at that.
func TestCompareEndsThePairOfWhoeverHasANewPartner(t *testing.T) {
	roster := func(partner string) *program.Roster {
		return readRoster(t, "email,role,partner\na@example.com,mentor,"+partner+"\nb@example.com,mentee,\nc@example.com,mentee,\n", openProgram())
	}
	state := roster("b@example.com").Snapshot()
	c := program.Compare(state, roster("c@example.com"), importDay)
	if len(c.Pairs.Changed) != 1 || !c.Pairs.Changed[0].After.To.Equal(importDay) ||
		len(c.Pairs.Added) != 1 || !c.Pairs.Added[0].From.Equal(importDay) {
		t.Fatalf("pairs %+v", c.Pairs)
	}
	state = apply(state, c)
	if c := program.Compare(state, roster("c@example.com"), importDay.AddDate(0, 0, 9)); !c.Empty() {
		t.Errorf("again: %+v", c.Pairs)
	}
	state = apply(state, program.Compare(state, roster("c@example.com"), importDay))
	if c := program.Compare(state, roster(""), importDay); len(c.Pairs.Changed) != 1 || c.Pairs.Changed[0].After.To.IsZero() {
		t.Errorf("without a partner: %+v", c.Pairs)
	}
	// A file that does not speak of partners ends nobody's pair.
	if c := program.Compare(state, readRoster(t, "email,role\na@example.com,mentor\n", openProgram()), importDay); !c.Empty() || len(c.Pairs.Absent) != 2 {
		t.Errorf("without the column: %+v", c.Pairs)
	}
}

func TestCompareRefusesTheSamePersonUnderAnotherID(t *testing.T) {
	existing := readRoster(t, couple, openProgram()).Snapshot()
	again := readRoster(t, "role,id,email\nmentor,17,A@example.com\nmentee,,b@example.com\n", openProgram())
	c := program.Compare(existing, again, importDay)
	if got := places(c.Conflicts); got != "C2 email-taken" {
		t.Fatalf("conflicts %s", got)
	}
}

// Any roster, imported over any other, gives what the file says; and imported
// again it changes nothing.
func TestImportIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var state program.Snapshot
		for range rapid.IntRange(1, 4).Draw(t, "imports") {
			file := drawRoster(t)
			today := importDay.AddDate(0, 0, rapid.IntRange(0, 200).Draw(t, "today"))
			roster := readRoster(t, file, openProgram())
			c := program.Compare(state, roster, today)
			state = apply(state, c)
			if again := program.Compare(state, roster, today.AddDate(0, 0, 1)); !again.Empty() {
				t.Fatalf("importing again changes %+v\n%s", again.Snapshot(), file)
			}
			for _, pair := range state.Pairs {
				if !pair.To.IsZero() && pair.To.Before(pair.From) {
					t.Fatalf("a pair ends %s before it starts %s\n%s", pair.To, pair.From, file)
				}
			}
			checkOnePairEach(t, state)
		}
	})
}

func checkOnePairEach(t *rapid.T, s program.Snapshot) {
	open := map[uuid.UUID]int{}
	for _, pair := range s.Pairs {
		if pair.To.IsZero() {
			open[pair.Mentor]++
			open[pair.Mentee]++
		}
	}
	for id, n := range open {
		if n > 1 {
			t.Fatalf("%s works in %d pairs at once", id, n)
		}
	}
}

// drawRoster writes a valid file of some of five mentors and five mentees.
func drawRoster(t *rapid.T) string {
	withDates := rapid.Bool().Draw(t, "with dates")
	mentees := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "mentees")
	file := "email,role,partner,department,goal 1"
	if withDates {
		file += ",joined,left"
	}
	dates := func() string {
		if !withDates {
			return ""
		}
		if rapid.Bool().Draw(t, "active") {
			return ",12.01.2026,"
		}
		return fmt.Sprintf(",12.01.2026,%02d.02.2026", rapid.IntRange(12, 28).Draw(t, "left"))
	}
	for i, mentee := range mentees {
		partner, goal := "", ""
		if rapid.Bool().Draw(t, "paired") {
			partner = fmt.Sprintf("e%d@example.com", mentee)
			goal = rapid.SampledFrom([]string{"", "Blog", "Vlog"}).Draw(t, "goal")
		}
		if partner != "" || rapid.Bool().Draw(t, "present") {
			file += fmt.Sprintf("\nm%d@example.com,mentor,%s,%s,%s%s", i, partner, rapid.SampledFrom([]string{"", "IT"}).Draw(t, "department"), goal, dates())
		}
		file += fmt.Sprintf("\ne%d@example.com,mentee,,,%s", mentee, dates())
	}
	return file + "\n"
}

func TestRosterIsDeterministic(t *testing.T) {
	data, err := os.ReadFile("../../docs/roster-example.en.csv")
	if err != nil {
		t.Fatal(err)
	}
	first := readRoster(t, string(data), openProgram())
	for range 20 {
		if again := readRoster(t, string(data), openProgram()); !reflect.DeepEqual(first, again) {
			t.Fatal("the same file gives another roster")
		}
	}
}

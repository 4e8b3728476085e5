package survey

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode"

	"mentorpulse/internal/program"
)

func pulse(t testing.TB) *Questionnaire {
	t.Helper()
	q, err := BuiltIn("reverse-mentoring")
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestBuiltInsLoad(t *testing.T) {
	for _, id := range BuiltInIDs() {
		q, err := BuiltIn(id)
		if err != nil {
			t.Fatal(err)
		}
		if q.ID != id {
			t.Errorf("file %s.yaml holds questionnaire %q", id, q.ID)
		}
	}
	if _, err := BuiltIn("../secret"); !errors.Is(err, ErrNoQuestionnaire) || !strings.Contains(err.Error(), "reverse-mentoring") {
		t.Errorf("a questionnaire that does not exist: %v", err)
	}
}

// The measures name these scales; each needs items.
func TestPulseCoversTheMeasures(t *testing.T) {
	q := pulse(t)
	want := map[Kind]int{KindEngagement: 1, KindENPS: 1, KindConfidence: 2, KindRetention: 1, KindGoal: 1,
		KindBenefit: 12, KindChallenge: 4, KindStep: 6, KindAim: 3, KindActivity: 1, KindHelp: 1, KindComment: 1}
	for _, kind := range Kinds() {
		if got := len(q.ScalesOf(kind)); got != want[kind] {
			t.Errorf("%d scales of kind %s, want %d", got, kind, want[kind])
		}
	}
	groups := map[Group]int{}
	for _, s := range q.ScalesOf(KindBenefit) {
		groups[s.Group]++
	}
	if groups[GroupMentees] != 4 || groups[GroupMentors] != 4 || groups[GroupOrganisation] != 4 {
		t.Errorf("benefits by group: %v, want 4 each", groups)
	}
	for _, s := range q.Scales {
		items := len(q.ItemsOf(s.ID))
		switch s.Kind {
		case KindEngagement, KindConfidence:
			if items < 3 {
				t.Errorf("scale %s has %d items; omega needs 3", s.ID, items)
			}
		case KindBenefit, KindChallenge, KindStep, KindAim:
			if items < 2 || items > 3 || s.Points != (Points{1, 5}) {
				t.Errorf("scale %s: %d items on %v", s.ID, items, s.Points)
			}
		}
	}
}

// Straight apostrophes and quotes, and Latin letters inside Ukrainian words,
// are slips of the keyboard.
func TestPulseUkrainianTypography(t *testing.T) {
	q := pulse(t)
	check := func(where string, text Text) {
		uk := text["uk"]
		if strings.ContainsAny(uk, `'"`) {
			t.Errorf("%s: straight quote in %q", where, uk)
		}
		if strings.ContainsAny(uk, "ыэъё") {
			t.Errorf("%s: Russian letter in %q", where, uk)
		}
		for _, word := range strings.FieldsFunc(uk, func(r rune) bool { return !unicode.IsLetter(r) }) {
			cyrillic := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
			latin := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
			if latin && (cyrillic || word != "eNPS") {
				t.Errorf("%s: Latin letters in %q", where, word)
			}
		}
		if strings.ContainsFunc(text["en"], func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			t.Errorf("%s: Cyrillic in English: %q", where, text["en"])
		}
	}
	for _, s := range q.Scales {
		check(s.ID, s.Title)
		check(s.ID, s.Remedy)
	}
	for _, it := range q.Items {
		for _, p := range it.Prompt {
			check(it.ID, p)
		}
		for _, l := range it.Labels {
			check(it.ID, l)
		}
		for _, o := range it.Options {
			check(it.ID, o.Text)
		}
		check(it.ID, it.Help)
	}
}

func TestPulseWordingByRole(t *testing.T) {
	it, ok := pulse(t).Item("mentoring-explain")
	if !ok {
		t.Fatal("no such item")
	}
	mentor, other := it.Prompt.For(program.Mentor).In("uk"), it.Prompt.For(program.Comparison).In("uk")
	if mentor == other || !strings.Contains(mentor, "навчаю") {
		t.Errorf("mentor reads %q, comparison group %q", mentor, other)
	}
	if it.Min != 1 || it.Max != 5 || !slices.Equal(it.Roles, []program.Role{program.Mentor, program.Comparison}) {
		t.Errorf("not completed from type and scale: %g…%g, %v", it.Min, it.Max, it.Roles)
	}
}

func TestTextFallsBack(t *testing.T) {
	text := Text{"uk": "так", "en": "yes"}
	for lang, want := range map[string]string{"en": "yes", "en-GB": "yes", "UK": "так", "uk-UA": "так", "fr": "так", "": "так"} {
		if got := text.In(lang); got != want {
			t.Errorf("In(%q) = %q, want %q", lang, got, want)
		}
	}
	if got := (Text{"en": "yes"}).In("uk"); got != "yes" {
		t.Errorf("a missing language gave %q", got)
	}
	if got := Text(nil).In("uk"); got != "" {
		t.Errorf("no text gave %q", got)
	}
}

func TestKeyedTurnsReversedItems(t *testing.T) {
	it, _ := pulse(t).Item("time-fits")
	if got := it.Keyed(2); got != 4 {
		t.Errorf("Keyed(2) of a reversed 1–5 item = %g, want 4", got)
	}
	it.Reversed = false
	if got := it.Keyed(2); got != 2 {
		t.Errorf("Keyed(2) = %g, want 2", got)
	}
}

func TestLoadNamesLineAndColumn(t *testing.T) {
	for name, tc := range map[string]struct{ yaml, want string }{
		"unknown field": {"id: x\nversion: 1\ncolour: red\n", "[3:1] unknown field \"colour\""},
		"wrong type":    {"id: x\nversion: one\n", "[2:10]"},
		"not YAML":      {"id: [x\n", "[1:5]"},
		"twice":         {"id: x\nid: y\n", "[2:1]"},
	} {
		if _, err := Load([]byte(tc.yaml)); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q in it", name, err, tc.want)
		}
	}
}

// Each change to a sound questionnaire must be found, and named.
func TestValidateFindsEachFault(t *testing.T) {
	five := 5.0
	hundred := 100.0
	item := func(q *Questionnaire, id string) *Item {
		return &q.Items[slices.IndexFunc(q.Items, func(it Item) bool { return it.ID == id })]
	}
	scale := func(q *Questionnaire, id string) *Scale {
		return &q.Scales[slices.IndexFunc(q.Scales, func(s Scale) bool { return s.ID == id })]
	}
	for name, tc := range map[string]struct {
		spoil func(*Questionnaire)
		want  string
	}{
		"id twice":              {func(q *Questionnaire) { item(q, "stay").ID = "enps" }, `item "enps": the id is used twice`},
		"number twice":          {func(q *Questionnaire) { item(q, "stay").Number = 16 }, `item "stay": number 16 is taken by item "enps"`},
		"no number":             {func(q *Questionnaire) { item(q, "stay").Number = 0 }, `item "stay": Number 0`},
		"bad id":                {func(q *Questionnaire) { item(q, "stay").ID = "Stay on" }, `item "Stay on": ID Stay on: want slug`},
		"goal as id":            {func(q *Questionnaire) { item(q, "stay").ID = "goal:1" }, `item "goal:1": ID`},
		"no such scale":         {func(q *Questionnaire) { item(q, "stay").Scale = "staying" }, `item "stay": scale "staying" does not exist`},
		"no such type":          {func(q *Questionnaire) { item(q, "stay").Type = "slider" }, `item "stay": Type slider`},
		"language missing":      {func(q *Questionnaire) { item(q, "stay").Prompt = Prompts{"default": {"en": "Stay?"}} }, `item "stay": prompt for default has no wording in "uk"`},
		"language blank":        {func(q *Questionnaire) { item(q, "stay").Help = Text{"en": "x", "uk": " "} }, `item "stay": help has no wording in "uk"`},
		"language unknown":      {func(q *Questionnaire) { item(q, "stay").Help = Text{"en": "x", "uk": "x", "de": "x"} }, `item "stay": help has wording in "de"`},
		"prompt missing":        {func(q *Questionnaire) { delete(item(q, "goals").Prompt, "mentor") }, `item "goals": no prompt for "mentor"`},
		"prompt for nobody":     {func(q *Questionnaire) { item(q, "stay").Prompt["boss"] = Text{"uk": "x", "en": "x"} }, `item "stay": prompt for "boss"`},
		"role unknown":          {func(q *Questionnaire) { item(q, "stay").Roles = []program.Role{"boss"} }, `item "stay": roles: "boss" is not a role`},
		"role not in audience":  {func(q *Questionnaire) { item(q, "time-hard").Roles = []program.Role{program.Mentor} }, `item "time-hard": asks "mentor", who is not in the audience`},
		"one option":            {func(q *Questionnaire) { item(q, "help").Options = item(q, "help").Options[:1] }, `item "help": has 1 option(s)`},
		"21 options":            {func(q *Questionnaire) { item(q, "obstacles").Options = make([]Option, 21) }, `item "obstacles": Options`},
		"option twice":          {func(q *Questionnaire) { item(q, "help").Options[0].ID = "yes" }, `item "help": option "yes" is there twice`},
		"options on likert":     {func(q *Questionnaire) { item(q, "stay").Options = item(q, "help").Options }, `item "stay": has 2 option(s)`},
		"likert to 7":           {func(q *Questionnaire) { item(q, "stay").Max = 7 }, `item "stay": type likert runs from 1 to 5`},
		"no end label":          {func(q *Questionnaire) { item(q, "enps").Labels = Labels{0: {"uk": "x", "en": "x"}} }, `item "enps": the highest point has no label`},
		"label outside":         {func(q *Questionnaire) { item(q, "enps").Labels[11] = Text{"uk": "x", "en": "x"} }, `item "enps": label 11 is outside`},
		"number without range":  {func(q *Questionnaire) { item(q, "meetings").Max = 0 }, `item "meetings": a number needs min below max`},
		"number too large":      {func(q *Questionnaire) { item(q, "meetings").Max = 2e6 }, `item "meetings": a number needs min below max`},
		"step too large":        {func(q *Questionnaire) { item(q, "meetings").Step = 51 }, `item "meetings": step 51`},
		"text too long":         {func(q *Questionnaire) { item(q, "comment").MaxLength = 1e5 }, `item "comment": MaxLength`},
		"reversed text":         {func(q *Questionnaire) { item(q, "comment").Reversed = true }, `item "comment": reversed`},
		"max_choices":           {func(q *Questionnaire) { item(q, "obstacles").MaxChoices = 9 }, `item "obstacles": max_choices 9`},
		"show-if later item":    {func(q *Questionnaire) { item(q, "obstacles").ShowIf.Item = "stay" }, `item "obstacles": show_if refers to "stay", which is not an earlier item`},
		"show-if other wave":    {func(q *Questionnaire) { item(q, "comment").ShowIf = &Condition{Item: "meetings", AtLeast: &five} }, `item "comment": show_if refers to "meetings", which "mentor" is not always asked`},
		"show-if impossible":    {func(q *Questionnaire) { item(q, "obstacles").ShowIf = &Condition{Item: "meetings", AtLeast: &hundred} }, `never has such a value`},
		"show-if no option":     {func(q *Questionnaire) { item(q, "obstacles").ShowIf = &Condition{Item: "meetings", Any: []string{"x"}} }, `"x" is not an option`},
		"show-if without value": {func(q *Questionnaire) { item(q, "obstacles").ShowIf = &Condition{Item: "meetings"} }, `show_if needs either`},
		"scale twice":           {func(q *Questionnaire) { q.Scales = append(q.Scales, q.Scales[0]) }, `scale "engagement": the id is used twice`},
		"kind unknown":          {func(q *Questionnaire) { scale(q, "enps").Kind = "mood" }, `scale "enps": "mood" is not a kind`},
		"no remedy":             {func(q *Questionnaire) { scale(q, "challenge-time").Remedy = nil }, `scale "challenge-time": remedy has no wording`},
		"no threshold":          {func(q *Questionnaire) { scale(q, "challenge-time").WarnFrom = 0 }, `scale "challenge-time": warn_from is missing`},
		"threshold elsewhere":   {func(q *Questionnaire) { scale(q, "enps").WarnFrom = 3 }, `scale "enps": warn_from and remedy`},
		"benefit for nobody":    {func(q *Questionnaire) { scale(q, "benefit-career").Group = "" }, `scale "benefit-career": group ""`},
		"core outside audience": {func(q *Questionnaire) { scale(q, "help").Core = program.Roles() }, `scale "help": core for "comparison"`},
		"audience not asked":    {func(q *Questionnaire) { scale(q, "activity").Audience = program.Roles() }, `scale "activity": has no item for "comparison"`},
		"two goals items": {func(q *Questionnaire) {
			it := *item(q, "goals")
			it.ID, it.Number = "goals-2", 37
			q.Items = append(q.Items, it)
		}, `item "goals-2": a second item of type goals`},
		"core too large": {func(q *Questionnaire) {
			for _, id := range []string{"step-objectives", "step-matching"} {
				scale(q, id).Core = []program.Role{program.Mentee}
			}
		}, `the core for "mentee" has 14 items; a wave has room for 12`},
		"no room for a scale": {func(q *Questionnaire) { scale(q, "step-objectives").Core = []program.Role{program.Mentee} },
			`scale "challenge-time": has 2 item(s) for "mentee"; beside the core there is room for 0`},
	} {
		t.Run(name, func(t *testing.T) {
			q := pulse(t)
			tc.spoil(q)
			var invalid *InvalidError
			if err := q.Validate(); !errors.As(err, &invalid) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v\nwant %q in it", err, tc.want)
			}
		})
	}
}

func TestValidateListsEveryFault(t *testing.T) {
	q := pulse(t)
	q.Items[3].Number, q.Items[4].Scale, q.Items[5].Type = 0, "", "slider"
	var invalid *InvalidError
	if err := q.Validate(); !errors.As(err, &invalid) {
		t.Fatal(err)
	}
	for _, id := range []string{q.Items[3].ID, q.Items[4].ID, q.Items[5].ID} {
		if !slices.ContainsFunc(invalid.Problems, func(p string) bool { return strings.HasPrefix(p, `item "`+id+`"`) }) {
			t.Errorf("nothing about item %q in\n%v", id, invalid)
		}
	}
}

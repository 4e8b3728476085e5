package survey

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"mentorpulse/internal/program"
)

func val(x float64) *float64 { return &x }
func txt(s string) *string   { return &s }

var testGoals = []uuid.UUID{
	uuid.MustParse("11111111-1111-5111-8111-111111111111"),
	uuid.MustParse("22222222-2222-5222-8222-222222222222"),
}

// askedByType has an item of each type, by an id that tells what it is.
func askedByType() *Asked {
	options := []Option{{ID: "a"}, {ID: "b"}, {ID: "c"}}
	items := []Item{
		{ID: "likert", Number: 1, Type: Likert, Required: true},
		{ID: "rating", Number: 2, Type: Rating},
		{ID: "single", Number: 3, Type: Single, Options: options},
		{ID: "multiple", Number: 4, Type: Multiple, Options: options, MaxChoices: 2},
		{ID: "number", Number: 5, Type: Number, Min: -1, Max: 1, Step: 0.1},
		{ID: "count", Number: 6, Type: Number, Min: 0, Max: 50},
		{ID: "why", Number: 7, Type: Multiple, Options: options, Required: true, ShowIf: &Condition{Item: "count", AtMost: val(1)}},
		{ID: "why-text", Number: 8, Type: OpenText, MaxLength: 10, Required: true, ShowIf: &Condition{Item: "why", Any: []string{"c"}}},
		{ID: "goals", Number: 9, Type: Goals, Required: true},
		{ID: "text", Number: 10, Type: OpenText, MaxLength: 10},
		{ID: "orphan", Number: 11, Type: Likert, Required: true, ShowIf: &Condition{Item: "not-asked", AtLeast: val(0)}},
	}
	for i := range items {
		items[i].complete()
	}
	return NewAsked(items)
}

func goalItem(i int) string { return GoalPrefix + testGoals[i].String() }

// complete is a final submission without fault.
func completeAnswers() []Answer {
	return []Answer{
		{Item: "text", Text: txt("  два\r\nрядки ")},
		{Item: goalItem(1), Value: val(-2)},
		{Item: "likert", Value: val(4)},
		{Item: "rating", Value: val(0)},
		{Item: "single", Choices: []string{"c"}},
		{Item: "multiple", Choices: []string{"c", "a"}},
		{Item: "number", Value: val(-0.3)},
		{Item: "count", Value: val(1)},
		{Item: "why", Choices: []string{"b", "c"}},
		{Item: "why-text", Text: txt("так")},
		{Item: goalItem(0), Value: val(2)},
	}
}

func TestCheckMapsToStoredForm(t *testing.T) {
	stored, problems := askedByType().Check(testGoals, completeAnswers(), true)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	want := Stored{
		Items:     []uint16{1, 2, 3, 4, 5, 6, 7},
		Values:    []float32{4, 0, 3, 0b101, -0.3, 1, 0b110},
		Goals:     testGoals,
		Ratings:   []int8{2, -2},
		TextItems: []uint16{8, 10},
		Texts:     []string{"так", "два\nрядки"},
	}
	if !reflect.DeepEqual(stored, want) {
		t.Errorf("got  %+v\nwant %+v", stored, want)
	}
}

func TestCheckFindsEachProblem(t *testing.T) {
	long := strings.Repeat("ї", 11)
	for name, tc := range map[string]struct {
		answers []Answer
		want    []Problem
	}{
		"nothing":          {nil, nil},
		"unknown item":     {[]Answer{{Item: "x", Value: val(1)}}, []Problem{{Item: "x", Code: CodeUnknownItem}}},
		"no item":          {[]Answer{{Value: val(1)}}, []Problem{{Code: CodeUnknownItem}}},
		"the goals item":   {[]Answer{{Item: "goals", Value: val(1)}}, []Problem{{Item: "goals", Code: CodeUnknownItem}}},
		"huge item":        {[]Answer{{Item: strings.Repeat("x", 1e6)}}, []Problem{{Item: strings.Repeat("x", 64), Code: CodeUnknownItem}}},
		"unknown goal":     {[]Answer{{Item: "goal:33333333-3333-5333-8333-333333333333"}}, []Problem{{Item: "goal:33333333-3333-5333-8333-333333333333", Code: CodeUnknownGoal}}},
		"not a goal":       {[]Answer{{Item: "goal:"}}, []Problem{{Item: "goal:", Code: CodeUnknownGoal}}},
		"duplicate":        {[]Answer{{Item: "likert", Value: val(1)}, {Item: "likert", Value: val(1)}}, []Problem{{Item: "likert", Code: CodeDuplicateItem}}},
		"duplicate, empty": {[]Answer{{Item: "likert"}, {Item: "likert", Value: val(1)}}, []Problem{{Item: "likert", Code: CodeDuplicateItem}}},
		"duplicate goal":   {[]Answer{{Item: goalItem(0)}, {Item: goalItem(0)}}, []Problem{{Item: goalItem(0), Code: CodeDuplicateItem}}},
		"likert 6":         {[]Answer{{Item: "likert", Value: val(6)}}, notWhole("likert", 1, 5)},
		"likert 3.5":       {[]Answer{{Item: "likert", Value: val(3.5)}}, notWhole("likert", 1, 5)},
		"NaN":              {[]Answer{{Item: "likert", Value: val(math.NaN())}}, notWhole("likert", 1, 5)},
		"infinite":         {[]Answer{{Item: "rating", Value: val(math.Inf(-1))}}, notWhole("rating", 0, 10)},
		"goal 3":           {[]Answer{{Item: goalItem(1), Value: val(3)}}, notWhole(goalItem(1), -2, 2)},
		"goal as text":     {[]Answer{{Item: goalItem(1), Text: txt("0")}}, wrongKind(goalItem(1), "value")},
		"number NaN":       {[]Answer{{Item: "number", Value: val(math.NaN())}}, []Problem{{"number", CodeOutOfRange, map[string]any{"min": -1.0, "max": 1.0, "step": 0.1}}}},
		"number off step":  {[]Answer{{Item: "number", Value: val(0.25)}}, []Problem{{"number", CodeOffStep, map[string]any{"min": -1.0, "max": 1.0, "step": 0.1}}}},
		"likert as text":   {[]Answer{{Item: "likert", Text: txt("4")}}, wrongKind("likert", "value")},
		"two kinds":        {[]Answer{{Item: "likert", Value: val(4), Choices: []string{"a"}}}, wrongKind("likert", "value")},
		"single by value":  {[]Answer{{Item: "single", Value: val(1)}}, wrongKind("single", "choices")},
		"text by value":    {[]Answer{{Item: "text", Value: val(1)}}, wrongKind("text", "text")},
		"unknown option":   {[]Answer{{Item: "single", Choices: []string{"d"}}}, []Problem{{"single", CodeUnknownOption, map[string]any{"option": "d", "options": []string{"a", "b", "c"}}}}},
		"option twice":     {[]Answer{{Item: "multiple", Choices: []string{"a", "a"}}}, []Problem{{"multiple", CodeDuplicateOption, map[string]any{"option": "a"}}}},
		"two for single":   {[]Answer{{Item: "single", Choices: []string{"a", "b"}}}, []Problem{{"single", CodeOneChoice, nil}}},
		"three of two":     {[]Answer{{Item: "multiple", Choices: []string{"a", "b", "c"}}}, []Problem{{"multiple", CodeTooManyChoices, map[string]any{"max": 2}}}},
		"text too long":    {[]Answer{{Item: "text", Text: &long}}, []Problem{{"text", CodeTextTooLong, map[string]any{"max": 10, "have": 11}}}},
		"text not UTF-8":   {[]Answer{{Item: "text", Text: txt("a\xffb")}}, []Problem{{"text", CodeInvalidText, nil}}},
		"every problem at once": {
			[]Answer{{Item: "x"}, {Item: "rating", Value: val(11)}, {Item: "single", Choices: []string{"d"}}},
			[]Problem{{Item: "x", Code: CodeUnknownItem}, notWhole("rating", 0, 10)[0],
				{"single", CodeUnknownOption, map[string]any{"option": "d", "options": []string{"a", "b", "c"}}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, got := askedByType().Check(testGoals, tc.answers, false)
			if !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got  %v\nwant %v", got, tc.want)
			}
		})
	}
}

func notWhole(item string, low, high float64) []Problem {
	return []Problem{{item, CodeNotWhole, map[string]any{"min": low, "max": high, "step": 1.0}}}
}

func wrongKind(item, want string) []Problem {
	return []Problem{{item, CodeWrongKind, map[string]any{"want": want}}}
}

func TestFinalNeedsWhatIsRequiredAndShown(t *testing.T) {
	required := func(answers []Answer, final bool) []string {
		_, problems := askedByType().Check(testGoals, answers, final)
		var items []string
		for _, p := range problems {
			if p.Code != CodeRequired {
				t.Errorf("unexpected %v", p)
			}
			items = append(items, p.Item)
		}
		return items
	}
	if got := required(nil, false); got != nil {
		t.Errorf("a draft needs %v", got)
	}
	if got, want := required(nil, true), []string{"likert", goalItem(0), goalItem(1)}; !slices.Equal(got, want) {
		t.Errorf("a final submission needs %v, want %v", got, want)
	}
	blankLikert := []Answer{{Item: "likert"}, {Item: goalItem(0), Value: val(0)}, {Item: goalItem(1), Value: val(0)}}
	if got, want := required(blankLikert, true), []string{"likert"}; !slices.Equal(got, want) {
		t.Errorf("an empty answer leaves %v missing, want %v", got, want)
	}
	few := append(blankLikert, Answer{Item: "count", Value: val(0)})
	if got, want := required(few, true), []string{"likert", "why"}; !slices.Equal(got, want) {
		t.Errorf("once a condition is met %v is missing, want %v", got, want)
	}
}

func TestHiddenAnswersAreDropped(t *testing.T) {
	answers := []Answer{
		{Item: "count", Value: val(2)},
		{Item: "why", Choices: []string{"c"}},
		{Item: "why-text", Text: txt("hidden with what it hangs on")},
		{Item: "orphan", Value: val(99)},
	}
	stored, problems := askedByType().Check(testGoals, answers, false)
	if want := (Stored{Items: []uint16{6}, Values: []float32{2}}); len(problems) > 0 || !reflect.DeepEqual(stored, want) {
		t.Errorf("got %+v, %v", stored, problems)
	}
}

func TestTextIsCleaned(t *testing.T) {
	for in, want := range map[string]string{
		"a\x00b\x1b[31mc":       "ab[31mc",
		"a\rb\r\nc\td":          "a\nb\nc\td",
		"=1+1":                  "=1+1",
		"👩\u200d💻":              "👩\u200d💻",
		"\u0085x\uFFFE\uFFFF ":  "x",
		strings.Repeat("ї", 10): strings.Repeat("ї", 10),
	} {
		stored, problems := askedByType().Check(nil, []Answer{{Item: "text", Text: &in}}, false)
		if len(problems) > 0 || len(stored.Texts) != 1 || stored.Texts[0] != want {
			t.Errorf("%q became %q (%v), want %q", in, stored.Texts, problems, want)
		}
	}
	stored, problems := askedByType().Check(nil, []Answer{{Item: "text", Text: txt("\x00 \x01")}}, false)
	if len(problems) > 0 || len(stored.Texts) != 0 {
		t.Errorf("a text of nothing readable became %q (%v)", stored.Texts, problems)
	}
}

func TestTooManyAnswersAreOneProblem(t *testing.T) {
	_, problems := askedByType().Check(nil, make([]Answer, 10_000), false)
	if len(problems) != 1 || problems[0].Code != CodeTooManyAnswers || problems[0].Item != "" {
		t.Errorf("got %d problems", len(problems))
	}
}

func TestMoreItemsAndGoalsThanUsual(t *testing.T) {
	var items []Item
	var goals []uuid.UUID
	var answers []Answer
	for i := range 40 {
		items = append(items, Item{ID: fmt.Sprint("i", i), Number: uint16(i + 1), Type: Likert, Min: 1, Max: 5})
		goals = append(goals, uuid.NewSHA1(uuid.Nil, []byte{byte(i)}))
		answers = append(answers, Answer{Item: items[i].ID, Value: val(3)}, Answer{Item: GoalPrefix + goals[i].String(), Value: val(1)})
	}
	items = append(items, Item{ID: "goals", Number: 99, Type: Goals, Min: -2, Max: 2})
	stored, problems := NewAsked(items).Check(goals, answers, true)
	if len(problems) > 0 || len(stored.Items) != 40 || !slices.Equal(stored.Goals, goals) {
		t.Errorf("%d items, %d goals, %v", len(stored.Items), len(stored.Goals), problems)
	}
}

// What is stored reads back as answers that are stored the same.
func TestAnswersReadBack(t *testing.T) {
	asked := askedByType()
	rapid.Check(t, func(t *rapid.T) {
		choices := func(name string, most int) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, most, rapid.ID).Draw(t, name)
		}
		answers := []Answer{
			{Item: "likert", Value: val(float64(rapid.IntRange(1, 5).Draw(t, "likert")))},
			{Item: "rating", Value: val(float64(rapid.IntRange(0, 10).Draw(t, "rating")))},
			{Item: "number", Value: val(float64(rapid.IntRange(-10, 10).Draw(t, "tenths")) / 10)},
			{Item: "count", Value: val(float64(rapid.IntRange(0, 50).Draw(t, "count")))},
			{Item: "single", Choices: choices("single", 1)},
			{Item: "multiple", Choices: choices("multiple", 2)},
			{Item: "why", Choices: choices("why", 3)},
			{Item: "text", Text: txt(rapid.StringMatching(`[a-zї =\n"]{0,10}`).Draw(t, "text"))},
			{Item: goalItem(rapid.IntRange(0, 1).Draw(t, "goal")), Value: val(float64(rapid.IntRange(-2, 2).Draw(t, "level")))},
		}
		stored, problems := asked.Check(testGoals, answers, false)
		if len(problems) > 0 {
			t.Fatalf("%v", problems)
		}
		again, problems := asked.Check(testGoals, asked.Answers(stored), false)
		if len(problems) > 0 || !reflect.DeepEqual(stored, again) {
			t.Errorf("%v\nstored %+v\nagain  %+v", problems, stored, again)
		}
	})
}

func TestAnswersOfForeignRowsDoNotPanic(t *testing.T) {
	got := askedByType().Answers(Stored{Items: []uint16{3, 4, 1, 500}, Values: []float32{9, -1}, Goals: testGoals, TextItems: []uint16{10}})
	for _, a := range got {
		if a.Item != "single" && a.Item != "multiple" {
			t.Errorf("%+v came from nowhere", a)
		}
	}
}

func TestAnswerJSON(t *testing.T) {
	var answers []Answer
	in := `[{"item":"likert","value":4},{"item":"single","choices":["a"]},{"item":"text","text":"так"}]`
	if err := json.Unmarshal([]byte(in), &answers); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(answers)
	if err != nil || string(out) != in {
		t.Errorf("%s (%v)", out, err)
	}
}

func TestProblemMessages(t *testing.T) {
	_, problems := askedByType().Check(testGoals, []Answer{{Item: "rating", Value: val(11)}, {Item: goalItem(0), Value: val(7)},
		{Item: "number", Value: val(0.25)}, {Item: "single", Choices: []string{"d"}}}, false)
	problems = append(problems,
		Problem{Code: CodeTextTooLong, Params: map[string]any{"max": 2000, "have": 2001}},
		Problem{Code: CodeTextTooLong, Params: map[string]any{"max": 1, "have": 22}},
		Problem{Code: CodeTooManyChoices, Params: map[string]any{"max": 3}},
		Problem{Code: CodeTooManyChoices, Params: map[string]any{"max": 11}})
	want := map[string][]string{
		"uk": {"Потрібне ціле число від 0 до 10.", "Варіанта «d» немає. Можливі варіанти: a, b, c.",
			"Потрібне число від −1 до 1 із кроком 0,1.", "Потрібне ціле число від −2 до 2.",
			"У вашій відповіді 2\u00a0001 символ, а може бути щонайбільше 2\u00a0000 символів.",
			"У вашій відповіді 22 символи, а може бути щонайбільше 1 символ.",
			"Виберіть, будь ласка, щонайбільше 3 варіанти.", "Виберіть, будь ласка, щонайбільше 11 варіантів."},
		"en": {"A whole number from 0 to 10 is expected.", "“d” is not one of the options: a, b, c.",
			"A number from −1 to 1 in steps of 0.1 is expected.", "A whole number from −2 to 2 is expected.",
			"Your answer has 2,001 characters; there is room for 2,000 characters.",
			"Your answer has 22 characters; there is room for 1 character.",
			"Please choose at most 3 options.", "Please choose at most 11 options."},
	}
	for lang, messages := range want {
		for i, p := range problems {
			if p.Message(lang) != messages[i] {
				t.Errorf("%s: %q, want %q", lang, p.Message(lang), messages[i])
			}
		}
	}
}

// Every code says something in both languages, with no parameter left over.
func TestEveryCodeHasAMessage(t *testing.T) {
	all := map[string]any{"min": 0.0, "max": 5.0, "step": 1.0, "option": "x", "options": []string{"a"}, "have": 3}
	counted := map[string]any{"max": 2, "have": 5}
	for _, code := range []string{CodeUnknownItem, CodeUnknownGoal, CodeDuplicateItem, CodeWrongKind, CodeNotWhole,
		CodeOutOfRange, CodeOffStep, CodeRequired, CodeUnknownOption, CodeDuplicateOption, CodeOneChoice,
		CodeTooManyChoices, CodeTextTooLong, CodeInvalidText, CodeTooManyAnswers} {
		params := all
		if slices.Contains([]string{CodeTooManyChoices, CodeTextTooLong, CodeTooManyAnswers}, code) {
			params = counted
		}
		for _, want := range []string{"value", "choices", "text"} {
			params["want"] = want
			uk, en := Problem{Code: code, Params: params}.Message("uk"), Problem{Code: code, Params: params}.Message("en")
			if uk == "" || en == "" || uk == en || strings.ContainsAny(uk+en, "{}%") {
				t.Errorf("%s: %q, %q", code, uk, en)
			}
		}
	}
}

// FuzzCheck: never a panic, and nothing out of range is accepted.
func FuzzCheck(f *testing.F) {
	whole, _ := json.Marshal(completeAnswers())
	f.Add(whole, true)
	f.Add([]byte(`[{"item":"likert","value":1e400}]`), false)
	f.Add([]byte(`[{"item":"goal:11111111-1111-5111-8111-111111111111","value":-2.5},{"item":"text","text":"\u0000"}]`), true)
	asked := askedByType()
	f.Fuzz(func(t *testing.T, data []byte, final bool) {
		var answers []Answer
		if json.Unmarshal(data, &answers) != nil {
			return
		}
		stored, problems := asked.Check(testGoals, answers, final)
		for _, p := range problems {
			if p.Message("uk") == "" || p.Message("en") == "" {
				t.Errorf("no message for %v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		if len(stored.Items) != len(stored.Values) || len(stored.Goals) != len(stored.Ratings) || len(stored.TextItems) != len(stored.Texts) {
			t.Fatalf("not parallel: %+v", stored)
		}
		ranges := map[uint16]Points{1: {1, 5}, 2: {0, 10}, 3: {1, 3}, 4: {1, 7}, 5: {-1, 1}, 6: {0, 50}, 7: {1, 7}}
		for i, number := range stored.Items {
			r, ok := ranges[number]
			if v := float64(stored.Values[i]); !ok || !(v >= r.Min && v <= r.Max) {
				t.Errorf("item %d stored as %g", number, v)
			}
		}
		for _, r := range stored.Ratings {
			if r < -2 || r > 2 {
				t.Errorf("a goal rated %d", r)
			}
		}
		for _, text := range stored.Texts {
			if len([]rune(text)) > 10 || strings.ContainsAny(text, "\x00\r\x1b") {
				t.Errorf("text stored as %q", text)
			}
		}
	})
}

func benchmarkAnswers() (*Asked, []Answer) {
	q, err := BuiltIn("reverse-mentoring")
	if err != nil {
		panic(err)
	}
	asked := NewAsked(q.WaveItems(1, program.Mentee))
	answers := []Answer{{Item: goalItem(0), Value: val(1)}, {Item: goalItem(1), Value: val(0)}, {Item: "help", Choices: []string{"no"}}}
	for _, it := range asked.Items() {
		if it.Type == Likert || it.Type == Rating {
			answers = append(answers, Answer{Item: it.ID, Value: val(4)})
		}
	}
	return asked, answers
}

func TestCheckAllocatesItsOutputOnly(t *testing.T) {
	asked, answers := benchmarkAnswers()
	// Items, Values, Goals, Ratings.
	if n := testing.AllocsPerRun(100, func() { asked.Check(testGoals, answers, true) }); n > 4 {
		t.Errorf("%g allocations, want 4", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	asked, answers := benchmarkAnswers()
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := asked.Check(testGoals, answers, true); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkWaveItems(b *testing.B) {
	q := pulse(b)
	for b.Loop() {
		q.WaveItems(5, program.Mentor)
	}
}

package analytics

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func ptr(v float64) *float64 { return &v }

func TestReadingInWords(t *testing.T) {
	change := func(low, high float64) *Change {
		return &Change{From: "2026-01-05", Value: ptr((low + high) / 2), Low: &low, High: &high}
	}
	held := &Withheld{Reason: "причина"}
	for _, c := range []struct {
		name, lang, want string
		f                Figure
	}{
		{"up", "uk", "+4,0 бала проти хвилі 05.01.2026: зросло (інтервал від +1,0 до +7,0).", Figure{Unit: UnitIndex, Change: change(1, 7)}},
		{"down", "en", "−5.0 pp since 5 Jan 2026: a decrease (interval −9.0 to −1.0).", Figure{Unit: UnitShare, Change: change(-.09, -.01)}},
		{"touches zero", "uk", "Без помітних змін проти хвилі 05.01.2026 (інтервал від 0,0 до +7,0 охоплює нуль).", Figure{Unit: UnitIndex, Change: change(0, 7)}},
		{"withheld", "uk", "причина", Figure{Unit: UnitIndex, Withheld: held}},
		{"change withheld", "uk", "причина", Figure{Unit: UnitIndex, Change: &Change{Withheld: held}}},
		{"no interval", "en", "The change has no interval, so nothing is concluded from it.", Figure{Unit: UnitIndex, Change: &Change{Value: ptr(9.)}}},
		{"risk", "en", "Participants leave less often than the comparison group.", Figure{Measure: MeasureRelativeRisk, Unit: UnitRatio, Low: ptr(.2), High: ptr(.9)}},
		{"risk includes one", "uk", "Помітної різниці з групою порівняння немає (інтервал охоплює 1).", Figure{Measure: MeasureRelativeRisk, Unit: UnitRatio, Low: ptr(.2), High: ptr(1.9)}},
		{"nothing to say", "en", "", Figure{Unit: UnitIndex, Value: ptr(3.)}},
	} {
		if got := strings.ReplaceAll(Reading(c.lang, c.f), noBreak, " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestNumbersInWords(t *testing.T) {
	for _, test := range []struct {
		v      float64
		digits int
		uk, en string
	}{
		{0, 1, "0,0", "0.0"}, {-0.04, 1, "0,0", "0.0"}, {-0.05, 2, "−0,05", "−0.05"}, {1234567.25, 1, "1 234 567,2", "1,234,567.2"},
		{999, 0, "999", "999"}, {-1000, 0, "−1 000", "−1,000"}, {66.04, 1, "66,0", "66.0"},
	} {
		for lang, want := range map[string]string{"uk": test.uk, "en": test.en} {
			if got := strings.ReplaceAll(words(lang).decimal(test.v, test.digits), noBreak, " "); got != want {
				t.Errorf("%v in %s: %q, want %q", test.v, lang, got, want)
			}
		}
	}
}

func TestReadingClaimsNoMoreThanTheInterval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64Range(-50, 50).Draw(t, "value")
		wide := rapid.Float64Range(0, 40).Draw(t, "half width")
		low, high := value-wide, value+wide
		got := Reading("en", Figure{Measure: MeasureEngagement, Unit: UnitIndex, Value: &value, Change: &Change{From: "2026-01-05", Value: &value, Low: &low, High: &high}})
		for claim, right := range map[string]bool{"an increase": low > 0, "a decrease": high < 0, "No discernible change": low <= 0 && high >= 0} {
			if strings.Contains(got, claim) != right {
				t.Fatalf("%v…%v reads %q", low, high, got)
			}
		}
	})
	reason := &Withheld{Code: CodeTooFew, Reason: "too few"}
	n := 3
	if got := Reading("uk", Figure{Measure: MeasureEngagement, Withheld: reason, N: &n}); got != "too few" {
		t.Errorf("a withheld figure reads %q", got)
	}
}

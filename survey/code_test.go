package survey_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

// invitee is the nth participant's invitation to the newest wave.
func (p *place) invitee(t *testing.T, n int) survey.Invitee {
	t.Helper()
	return survey.Invitee{ProgramID: p.program.ID, Wave: p.wave(t).ID, Participant: p.people.Participants[n].ID}
}

func TestCodeLeadsToItsLink(t *testing.T) {
	p := opened(t)
	ctx := context.Background()
	code := p.pulse.ShortCode(p.invitee(t, 0))
	if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`).MatchString(code) {
		t.Fatalf("code %q", code)
	}
	for _, typed := range []string{
		code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", " ") + "\n",
		strings.ReplaceAll(code, "-", "–"), strings.Join(strings.Split(code, ""), " "),
		strings.NewReplacer("0", "o", "1", "l").Replace(code), strings.NewReplacer("0", "О", "1", "І", "A", "А", "C", "с", "E", "е", "H", "Н", "K", "к", "M", "м", "P", "р", "T", "т", "X", "х").Replace(code),
	} {
		if got, err := p.pulse.ByCode(ctx, p.program.ID, typed); err != nil || got != p.token(t, 0) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	other := p.pulse.ShortCode(p.invitee(t, 1))
	for programID, typed := range map[string]string{
		"acme": code[:10], "elsewhere": code, "no/programme": code, "acm": "", "acme2": other,
	} {
		if _, err := p.pulse.ByCode(ctx, programID, typed); !errors.Is(err, survey.ErrLink) {
			t.Errorf("%q in %q: %v", typed, programID, err)
		}
	}
	t.Run("revoked", func(t *testing.T) {
		if err := p.programs.RevokeLinks(ctx, p.program.ID, p.people.Participants[0].ID); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2100 * time.Millisecond) // for so long an audience is trusted
		if _, err := p.pulse.ByCode(ctx, p.program.ID, code); !errors.Is(err, survey.ErrLink) {
			t.Error(err)
		}
		renewed := p.invitee(t, 0)
		renewed.Revision = 1
		if got, err := p.pulse.ByCode(ctx, p.program.ID, p.pulse.ShortCode(renewed)); err != nil || got != p.pulse.Links().Token(renewed) {
			t.Error(err)
		}
	})
	t.Run("closed", func(t *testing.T) {
		p.now = p.wave(t).Closes
		if _, err := p.pulse.ByCode(ctx, p.program.ID, other); !errors.Is(err, survey.ErrLink) {
			t.Error(err)
		}
	})
}

func TestCodesDiffer(t *testing.T) {
	codes := survey.NewCodes(testSecret)
	seen := map[string]bool{}
	letters := map[rune]int{}
	for n := range 10_000 {
		c := codes.Code(survey.Invitee{ProgramID: "acme", Participant: program.DeriveID(string(rune(n)), "x")})
		if seen[c] {
			t.Fatal("two people have one code")
		}
		seen[c] = true
		for _, r := range c {
			letters[r]++
		}
	}
	for r, n := range letters {
		// 3,125 of each are expected; 6 standard deviations are 330.
		if r != '-' && (n < 2795 || n > 3455) {
			t.Errorf("%c comes %d times", r, n)
		}
	}
	one := survey.Invitee{ProgramID: "acme"}
	changed := []survey.Invitee{{ProgramID: "acme2"}, {ProgramID: "acme", Revision: 1}, {ProgramID: "acme", Wave: program.DeriveID("w")}, {ProgramID: "acme", Participant: program.DeriveID("p")}}
	for _, other := range changed {
		if codes.Code(one) == codes.Code(other) {
			t.Errorf("%+v has the code of another", other)
		}
	}
}

// Whatever is typed, it is read or refused.
func TestAnythingTypedIsNoCode(t *testing.T) {
	p := opened(t)
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringOfN(rapid.RuneFrom(nil, unicode.Letter, unicode.Digit, unicode.Space, unicode.Punct), 0, 40, -1).Draw(t, "typed")
		if _, err := p.pulse.ByCode(context.Background(), "acme", typed); !errors.Is(err, survey.ErrLink) {
			t.Fatalf("%q: %v", typed, err)
		}
	})
}

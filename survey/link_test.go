package survey_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
	"mentorpulse/survey"
)

func TestTokenSaysWhatItWasMadeFrom(t *testing.T) {
	links := survey.NewLinks(testSecret)
	rapid.Check(t, func(t *rapid.T) {
		want := survey.Invitee{
			ProgramID:   rapid.StringMatching(`[a-z0-9][a-z0-9-]{1,62}`).Draw(t, "program"),
			Wave:        program.DeriveID(rapid.String().Draw(t, "wave")),
			Participant: program.DeriveID(rapid.String().Draw(t, "participant")),
			Revision:    rapid.Uint32().Draw(t, "revision"),
		}
		token := links.Token(want)
		got, err := links.Read(token)
		if err != nil || got != want {
			t.Fatalf("%+v, %v; want %+v", got, err, want)
		}
		if strings.ContainsAny(token, "+/=%?#") {
			t.Fatalf("%q needs escaping in an address", token)
		}
		// Any other letter at any place is another token.
		i := rapid.IntRange(0, len(token)-1).Draw(t, "place")
		letter := rapid.SampledFrom([]byte("ABCxyz019-_")).Draw(t, "letter")
		if letter == token[i] {
			return
		}
		changed := token[:i] + string(letter) + token[i+1:]
		if _, err := links.Read(changed); !errors.Is(err, survey.ErrLink) {
			t.Fatalf("changed at %d: %v", i, err)
		}
		if _, err := links.Read(token[:i]); !errors.Is(err, survey.ErrLink) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	})
}

func TestAnotherSecretsTokenIsRefused(t *testing.T) {
	other := must(access.ParseSecret(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32)))))
	token := survey.NewLinks(other).Token(survey.Invitee{ProgramID: "acme"})
	if _, err := survey.NewLinks(testSecret).Read(token); !errors.Is(err, survey.ErrLink) {
		t.Error(err)
	}
}

func FuzzToken(f *testing.F) {
	links := survey.NewLinks(testSecret)
	good := links.Token(survey.Invitee{ProgramID: "acme", Revision: 1})
	for _, seed := range []string{"", "A", good, good + "A", strings.Repeat("A", 500), "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		// Only what Token made is taken, and in that form only.
		if i, err := links.Read(token); err == nil && links.Token(i) != token {
			t.Errorf("%q is taken but is not the token of %+v", token, i)
		}
	})
}

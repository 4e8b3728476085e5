package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// importPast runs the command on a data directory and returns what it prints.
func importPast(t *testing.T, data, file, mapping string, flags ...string) (string, error) {
	t.Helper()
	args := append([]string{"--data", data, "import", "responses", file, "--program", "old", "--mapping", mapping}, flags...)
	out, err := command(context.Background(), args...).CombinedOutput()
	return string(out), err
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const inventedMapping = `
id: old-pulse
respondent: who
wave: {column: when}
role: {fixed: mentor}
missing: [99]
scales:
  - id: calm
    points: {min: 1, max: 4}
    items: [a, b, {column: c, reversed: true}]
`

// The second wave is of too few people for anything to be said about them.
const inventedAnswers = `who,when,a,b,c
1,2025-02-03,4,3,1
2,2025-02-03,3,3,2
3,2025-02-03,2,1,4
4,2025-02-03,4,4,1
5,2025-02-03,1,2,3
6,2025-02-03,3,2,99
7,2025-02-03,,,2
8,2025-02-03,2,4,2
1,2025-03-03,4,4,1
2,2025-03-03,,,
`

// What the scales come out as agrees with what was computed elsewhere: by hand
// for the invented file, by R's psych package for the real one, which is not
// ours to keep here and is read where it lies beside the checkout.
func TestImportedScalesAgreeWithTheirSource(t *testing.T) {
	shared := filepath.Join("..", "..", "..", "shared", "data", "bfi.csv")
	cases := []struct {
		name, file, mapping string
		want                []string // wave, scale, items, complete, alpha, respondents, index
	}{
		{"invented", writeFile(t, "answers.csv", inventedAnswers), writeFile(t, "mapping.yaml", inventedMapping), []string{
			"2025-02-03 calm 3 6 0.8864 7 57.937",
			"2025-03-03 calm 3 <5 - <5 -",
		}},
		{"25 items of 1,400 people", shared, filepath.Join("..", "..", "survey", "testdata", "bfi-mapping.yaml"), []string{
			"2010-W01 agree 5 1354 0.6960 1398 73.490",
			"2010-W01 conscientious 5 1354 0.7409 1398 64.896",
			"2010-W01 extraversion 5 1365 0.7598 1398 63.604",
			"2010-W01 neuroticism 5 1347 0.8173 1398 43.017",
			"2010-W01 openness 5 1361 0.6054 1398 71.742",
		}},
	}
	if _, err := os.Stat(shared); errors.Is(err, fs.ErrNotExist) {
		t.Logf("%s is not there: the invented file alone is checked", shared)
		cases = cases[:1]
	}
	row := regexp.MustCompile(`(?m)^(\S+) +(\S+) +(\d+) +(\S+) +(\S+) +\S+ +(\S+) +(\S+) +\S+$`)
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			out, err := importPast(t, t.TempDir(), tc.file, tc.mapping)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			var got []string
			for _, m := range row.FindAllStringSubmatch(out, -1) {
				got = append(got, strings.Join(m[1:], " "))
			}
			if strings.Join(got, "\n") != strings.Join(tc.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s\nfrom\n%s", strings.Join(got, "\n"), strings.Join(tc.want, "\n"), out)
			}
		})
	}
}

func TestImportResponsesIsAllOrNothing(t *testing.T) {
	data := t.TempDir()
	mapping := writeFile(t, "mapping.yaml", inventedMapping)
	wrong := writeFile(t, "answers.csv", strings.NewReplacer("3,2025-02-03,2,1,4", "3,2025-02-03,2,5,4", "5,2025-02-03,1,", "4,2025-02-03,often,").Replace(inventedAnswers))
	for lang, want := range map[string][]string{
		"en": {"D4 (“b”): “5” is not between 1 and 4", "A6 (“who”): respondent “4” has answered wave 2025-02-03 in row 5 already", "C6 (“a”): “often” is not a number", "3 problems; nothing was imported"},
		"uk": {"D4 («b»): «5» виходить за межі від 1 до 4", "A6 («who»): респондент «4» уже відповів на хвилю 2025-02-03 — у рядку 5", "C6 («a»): «often» не є числом"},
	} {
		out, err := importPast(t, data, wrong, mapping, "--lang", lang)
		if err == nil {
			t.Errorf("a wrong file was taken:\n%s", out)
		}
		for _, text := range want {
			if !strings.Contains(out, text) {
				t.Errorf("%q is not in\n%s", text, out)
			}
		}
	}
	sound := writeFile(t, "answers.csv", inventedAnswers)
	for _, step := range []struct {
		flags []string
		want  string
	}{
		{[]string{"--preview"}, "Would import survey \"old-pulse\" (version 1) of programme \"old\", a new one: 10 rows, 1 of them without any answer"},
		{nil, "Imported survey \"old-pulse\" (version 1) of programme \"old\", a new one"}, // neither attempt had made it
		{nil, "Nothing has changed in survey \"old-pulse\" (version 1) of programme \"old\": 10 rows"},
	} {
		out, err := importPast(t, data, sound, mapping, step.flags...)
		if err != nil || !strings.Contains(out, step.want) {
			t.Errorf("%v: %q is not in\n%s", err, step.want, out)
		}
	}
	bad := writeFile(t, "mapping.yaml", strings.Replace(inventedMapping, "max: 4", "max: four", 1))
	if out, err := importPast(t, data, sound, bad); err == nil || !strings.Contains(out, "[9:27]") {
		t.Errorf("a mapping that cannot be read: %v\n%s", err, out)
	}
}

package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mentorpulse/analytics"
)

// The alerts name the department at risk and no other, by what it suffers from:
// lack of time, people who leave after some waves and, where there are enough to tell, falling
// engagement.
func TestAlertsOfTheDemoNameTheDepartmentAtRisk(t *testing.T) {
	a := testApp(t)
	small, large := defaultDemo(), demoSize{Participants: 900, Waves: 6, Seed: 3}
	for size, kinds := range map[demoSize][]analytics.AlertKind{
		small: {analytics.AlertChallenge, analytics.AlertRetention},
		large: {analytics.AlertChallenge, analytics.AlertEngagementDrop},
	} {
		made(t, a, size, time.Now())
		report, err := a.analytics.Alerts(t.Context(), analytics.Query{Program: size.id(), Lang: "en"})
		if err != nil {
			t.Fatal(err)
		}
		named := map[analytics.AlertKind]bool{}
		for _, one := range report.Alerts {
			if one.Segment == nil {
				continue
			}
			named[one.Kind] = true
			if one.Segment[attrDepartment] != demoTruth().AtRisk {
				t.Errorf("%s: %s names %v: %s", size.id(), one.Kind, one.Segment, one.Seen)
			}
		}
		for _, kind := range kinds {
			if !named[kind] {
				t.Errorf("%s: no alert on %s names a department", size.id(), kind)
			}
		}
	}
}

func TestOverviewOfTheDemo(t *testing.T) {
	a := testApp(t)
	size := defaultDemo()
	made(t, a, size, time.Now())
	overview, err := a.analytics.Overview(t.Context(), analytics.Query{Program: size.id(), Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []analytics.Verdict
	for _, o := range overview.Objectives {
		verdicts = append(verdicts, o.Verdict)
		if o.Progress == nil || o.Baseline == nil || !strings.Contains(o.Reading, "target is at least") {
			t.Errorf("%s: %s", o.Code, o.Reading)
		}
	}
	if want := []analytics.Verdict{analytics.Reached, analytics.NotYet, analytics.ReachedUnsure}; !slices.Equal(verdicts, want) {
		t.Errorf("the objectives are %v, want %v", verdicts, want)
	}
	if overview.Help == 0 || len(overview.Next) != 1 || !overview.Participation.Wave.Open {
		t.Errorf("%d ask for help, next %v, participation of %+v", overview.Help, overview.Next, overview.Participation.Wave)
	}
}

func TestObjectivesCommand(t *testing.T) {
	data := t.TempDir()
	run := func(args ...string) (string, error) {
		out, err := command(t.Context(), append([]string{"--data", data}, args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := run("init", "acme"); err != nil {
		t.Fatal(out, err)
	}
	wrong := writeFile(t, "wrong.yaml", "objectives:\n  - code: stay\n    title: Stay\n    measure: retention.intent\n    at_least: 60\n")
	out, err := run("objectives", "acme", wrong, "--lang", "uk")
	if err == nil || !strings.Contains(out, "wrong.yaml:5: Цільове значення 60 поза межами") || !strings.Contains(out, "nothing was stored") {
		t.Errorf("%v: %s", err, out)
	}
	good := writeFile(t, "good.yaml", "objectives:\n  - code: stay\n    title: {en: Stay, uk: Лишаються}\n    measure: retention.intent\n    at_least: 60%\n    by: 2027-01-31\n")
	if out, err := run("objectives", "acme", good, "--preview"); err != nil || !strings.Contains(out, "Would store objectives: 1 new, 0 changed, 0 as before, 0 removed") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := run("objectives", "acme"); err != nil || strings.TrimSpace(out) != "objectives: []" {
		t.Errorf("after a preview: %v: %s", err, out)
	}
	if out, err := run("objectives", "acme", good); err != nil || !strings.Contains(out, "Stored objectives: 1 new") {
		t.Errorf("%v: %s", err, out)
	}
	// What is printed can be stored again, and changes nothing.
	printed, err := run("objectives", "acme")
	if err != nil || !strings.Contains(printed, "at_least: 0.6") || !strings.Contains(printed, "by: 2027-01-31") && !strings.Contains(printed, `by: "2027-01-31"`) {
		t.Errorf("%v: %s", err, printed)
	}
	if out, err := run("objectives", "acme", writeFile(t, "printed.yaml", printed)); err != nil || !strings.Contains(out, "0 new, 0 changed, 1 as before, 0 removed") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := run("objectives", "acme", filepath.Join("..", "..", "docs", "objectives-example.yaml"), "--preview"); err != nil || !strings.Contains(out, "3 new") {
		t.Errorf("the example: %v: %s", err, out)
	}
	if out, err := run("objectives", "nobody", good); err == nil || !strings.Contains(out, "nobody") {
		t.Errorf("%v: %s", err, out)
	}
}

package main

import (
	"strings"
	"testing"
	"time"
)

func TestScheduleCommand(t *testing.T) {
	data := t.TempDir()
	run := func(args ...string) (string, error) {
		out, err := command(t.Context(), append([]string{"--data", data}, args...)...).CombinedOutput()
		return string(out), err
	}
	// The first pulse is on a Monday that is still to come.
	first := time.Now().AddDate(0, 0, 14)
	for first.Weekday() != time.Monday {
		first = first.AddDate(0, 0, 1)
	}
	day := func(n int) string { return first.AddDate(0, 0, n).Format(time.DateOnly) }
	out, err := run("init", "acme", "--starts", day(0), "--rrule", "FREQ=WEEKLY;BYDAY=MO", "--open-days", "5", "--remind", "2,4", "--quiet", "18:00..10:00", "--remind-at", "10:30")
	if want := "A pulse opens " + day(0) + " 09:00 and closes " + day(5) + " 09:00; reminders " + day(2) + " 10:30 and " + day(4) + " 10:30 (Europe/Kyiv)\n"; err != nil || !strings.Contains(out, want) {
		t.Fatalf("%v: want %q in %s", err, want, out)
	}
	next := func(out string) string {
		var all []string
		for line := range strings.Lines(out) {
			if rest, ok := strings.CutPrefix(line, "A pulse opens "); ok {
				all = append(all, rest[:len("2026-01-05 09:00")])
			}
		}
		return strings.Join(all, ", ")
	}
	before := day(0) + " 09:00, " + day(7) + " 09:00, " + day(14) + " 09:00"
	for _, tc := range []struct{ do, undo, want string }{
		{"move " + day(0) + " " + day(1) + "T14:00", "unmove " + day(0), day(1) + " 14:00, " + day(7) + " 09:00, " + day(14) + " 09:00"},
		{"pause " + day(0) + " " + day(13), "resume", day(14) + " 09:00, " + day(21) + " 09:00, " + day(28) + " 09:00"},
	} {
		act := func(what string, more ...string) string {
			t.Helper()
			out, err := run(append(append([]string{"schedule", "acme"}, strings.Fields(what)...), more...)...)
			if err != nil {
				t.Fatalf("%s: %v: %s", what, err, out)
			}
			return out
		}
		if dry := act(tc.do, "--dry-run"); next(dry) != tc.want || !strings.Contains(dry, "Nothing is stored") {
			t.Errorf("%s: %s", tc.do, dry)
		}
		if got := next(act("")); got != before {
			t.Errorf("after a dry run of %s: %s", tc.do, got)
		}
		if got := next(act(tc.do)); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.do, got, tc.want)
		}
		if got := next(act(tc.undo)); got != before {
			t.Errorf("%s: %s, want %s", tc.undo, got, before)
		}
	}
	for _, tc := range []struct{ args, says string }{
		{"schedule acme skip " + day(1), "There is no wave of"},
		{"schedule acme extra " + day(1) + " --lang uk", "Хвиля за"},
		{"schedule acme skip one two", "takes 1 values at most"},
		{"init acme --remind 1,2,3", "at most 2 times"},
		{"init acme --quiet nine", "21:00..08:00"},
		{"init acme --extra " + day(7) + "T18:00", "has a wave on that date already"},
	} {
		if out, err := run(strings.Fields(tc.args)...); err == nil || !strings.Contains(out, tc.says) || strings.Contains(out, "goroutine") {
			t.Errorf("%s: %v: want %q in %s", tc.args, err, tc.says, out)
		}
	}
	if out, err := run("init", "acme", "--no-reminders"); err != nil || strings.Contains(out, "reminders") {
		t.Errorf("%v: %s", err, out)
	}
}

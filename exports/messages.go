package exports

import (
	"embed"
	"strconv"
	"strings"
	"sync"
	"time"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

//go:embed messages.uk.yaml messages.en.yaml
var messageFiles embed.FS

var messages = sync.OnceValue(func() *web.Messages { return web.MustLoadMessages(messageFiles) })

// words says things in one language.
type words string

func (l words) t(id string, pairs ...any) string {
	return messages().T(string(l), id, pairs...)
}

// decimal writes a number as prose has it: with the language's comma and a true
// minus sign. Numbers in cells stay numbers and are formatted by Excel.
func (l words) decimal(v float64, digits int) string {
	text := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Trim(text, "-0.") == "" {
		text = strings.TrimPrefix(text, "-") // no negative zero
	}
	if l == "uk" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return strings.Replace(text, "-", "−", 1)
}

// date writes a day; one that cannot be read is written as it is.
func (l words) date(day string) string {
	t, err := time.Parse(time.DateOnly, day[:min(len(day), len(time.DateOnly))])
	if err != nil {
		return day
	}
	return l.day(t)
}

func (l words) day(t time.Time) string {
	if l == "uk" {
		return t.Format("02.01.2006")
	}
	return t.Format("2 Jan 2006")
}

// shortDate is a day on the axis of a chart.
func (l words) shortDate(day string) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	if l == "uk" {
		return t.Format("02.01.06")
	}
	return t.Format("2 Jan 06")
}

// instant writes a time given as RFC 3339 in its own zone.
func (l words) instant(at string) string {
	t, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return at
	}
	return l.day(t) + t.Format(" 15:04")
}

func (l words) role(r program.Role) string {
	if r == "" {
		return l.t("role.participants")
	}
	return l.t("role." + string(r))
}

// segment names one value of one attribute; the participants as a whole are "".
func (l words) segment(attributes map[string]string) string {
	for name, value := range attributes { // a segment has one attribute
		if value == "" {
			value = l.t("segment.unknown")
		}
		return name + ": " + value
	}
	return ""
}

package analytics

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

// Parameters reads the parameters of a request, of which there may be those
// that are known and each of them once. One that is misspelt is refused: to
// leave out a filter without a word would give figures about other people than
// were meant. An unknown "lang" is refused too. What is wrong is returned as
// *web.Problem (400) in the reader's language.
func Parameters(c *gin.Context, known ...string) (map[string]string, error) {
	return readParameters(c, known)
}

// readParameters reads besides those that are refused, for a reason that the
// caller gives: they are not named among those that are possible.
func readParameters(c *gin.Context, known []string, refused ...string) (map[string]string, error) {
	lang := web.Language(c)
	refuse := func(kind string, pairs ...any) error {
		return web.NewProblem(http.StatusBadRequest, kind, texts().T(lang, kind), texts().T(lang, kind+"-detail", pairs...))
	}
	all, err := url.ParseQuery(c.Request.URL.RawQuery) // URL.Query drops in silence what it cannot read
	if err != nil {
		return nil, refuse("unreadable-parameters", "parameter", echo(c.Request.URL.RawQuery))
	}
	given := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if name == "" {
			return nil, refuse("unnamed-parameter", "parameter", echo(c.Request.URL.RawQuery), "known", strings.Join(known, ", "))
		}
		if !slices.Contains(known, name) && !slices.Contains(refused, name) {
			return nil, refuse("unknown-parameter", "parameter", echo(name), "known", strings.Join(known, ", "))
		}
		if len(all[name]) > 1 {
			return nil, refuse("repeated-parameter", "parameter", name)
		}
		given[name] = all[name][0]
	}
	if asked := given["lang"]; asked != "" && !slices.Contains(web.Supported(), asked) {
		return nil, refuse("unknown-language", "lang", echo(asked))
	}
	return given, nil
}

// echoed is how many characters of a parameter a problem repeats.
const echoed = 60

// echo shortens what somebody asked for to what is enough to know it again, and
// shows that there is something where a character has no form.
func echo(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
	if letters := []rune(text); len(letters) > echoed {
		return string(letters[:echoed-1]) + "…"
	}
	return text
}

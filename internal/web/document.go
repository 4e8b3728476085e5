package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
)

// Document is a kind of JSON document that a handler takes.
type Document struct {
	Limit   int64  // bytes
	Example string // one that would be taken
	// Optional takes an empty body and leaves the value as it is.
	Optional bool
}

// mostFaults is how many faults of a document are named.
const mostFaults = 20

// Read decodes a request's body into a value: its size, encoding and form. A field
// that is not known is refused, for a mistyped one would be left out without a
// word. The problem names in the reader's language every place that is wrong and
// what belongs there; what the values mean is for the caller to check.
func (d Document) Read(c *gin.Context, into any) error {
	lang := Language(c)
	problem := func(status int, kind string, pairs ...any) *Problem {
		return NewProblem(status, kind, T(lang, kind), T(lang, kind+"-detail", pairs...))
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, d.Limit))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return problem(http.StatusRequestEntityTooLarge, "too-large", "limit", d.Limit>>10)
	case err != nil:
		return problem(http.StatusBadRequest, "broken-off")
	case !utf8.Valid(body):
		// The decoder would put U+FFFD for what it cannot read, and so change what
		// was written without a word.
		return problem(http.StatusBadRequest, "not-utf8")
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff")) // which some editors begin a file with
	if d.Optional && len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	faults := syntax(lang, body)
	if faults == nil {
		faults = form(lang, body, into)
	}
	if faults == nil && json.Unmarshal(body, into) != nil { // a form that is not told here
		faults = []Field{{Code: "unreadable", Detail: T(lang, "json-unreadable")}}
	}
	if faults == nil {
		return nil
	}
	p := problem(http.StatusBadRequest, "not-json", "wrong", faults[0].Detail, "faults", len(faults), "example", d.Example)
	p.Errors = faults[:min(len(faults), mostFaults)]
	return p
}

// syntax says where a body stops being one JSON document; nil when it is one.
func syntax(lang string, body []byte) []Field {
	fault := func(code string, at int, pairs ...any) []Field {
		before := body[:min(at, len(body))]
		line := 1 + bytes.Count(before, []byte("\n"))
		column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
		return []Field{{Code: code, Detail: T(lang, "json-"+code, append(pairs, "line", line, "column", column)...)}}
	}
	var (
		whole  json.RawMessage
		broken *json.SyntaxError
	)
	decoder := json.NewDecoder(bytes.NewReader(body))
	switch err := decoder.Decode(&whole); {
	case err == io.EOF:
		return fault("empty", 0)
	case errors.As(err, &broken):
		at := max(int(broken.Offset)-1, 0)
		character, _ := utf8.DecodeRune(body[min(at, len(body)):])
		return fault("character", at, "character", string(character))
	case err != nil:
		return fault("ends", len(bytes.TrimRight(body, " \t\r\n")))
	}
	end := int(decoder.InputOffset())
	if rest := bytes.TrimLeft(body[end:], " \t\r\n"); len(rest) > 0 {
		return fault("more", len(body)-len(rest))
	}
	return nil
}

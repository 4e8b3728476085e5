package web

import (
	"embed"
	"fmt"
	"io/fs"
	"sync"

	"github.com/gin-gonic/gin"
	"github.com/goccy/go-yaml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed messages.uk.yaml messages.en.yaml
var files embed.FS

// Supported are the languages of the product; the first is the default.
func Supported() []string { return []string{"uk", "en"} }

var matcher = language.NewMatcher([]language.Tag{language.Ukrainian, language.English})

// Language is the reader's: the lang parameter when it names one of ours, else
// the best of Accept-Language.
func Language(c *gin.Context) string {
	if lang := c.Query("lang"); lang == "uk" || lang == "en" {
		return lang
	}
	return Match(c.GetHeader("Accept-Language"))
}

// Match picks the language for an Accept-Language header.
func Match(accept string) string {
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(tags) == 0 {
		return Supported()[0]
	}
	_, i, confidence := matcher.Match(tags...)
	if confidence == language.No {
		return "en"
	}
	return Supported()[i]
}

// Messages are the texts of one package in every language, from files named
// messages.uk.yaml and messages.en.yaml in go-i18n's form.
type Messages struct{ localizers map[string]*i18n.Localizer }

// LoadMessages reads the message files in fsys. The error names the file.
func LoadMessages(fsys fs.FS) (*Messages, error) {
	bundle := i18n.NewBundle(language.Ukrainian)
	bundle.RegisterUnmarshalFunc("yaml", yaml.Unmarshal)
	m := &Messages{localizers: map[string]*i18n.Localizer{}}
	for _, lang := range Supported() {
		name := "messages." + lang + ".yaml"
		if _, err := bundle.LoadMessageFileFS(fsys, name); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		m.localizers[lang] = i18n.NewLocalizer(bundle, lang)
	}
	return m, nil
}

// MustLoadMessages is LoadMessages for embedded files, which a test has read.
func MustLoadMessages(fsys fs.FS) *Messages {
	m, err := LoadMessages(fsys)
	if err != nil {
		panic(err)
	}
	return m
}

// T gives the text of id in lang. Pairs of names and values fill its {{.name}};
// a value named "count" also chooses the plural form. A missing text is an
// error that tests find: it shows as the id.
func (m *Messages) T(lang, id string, pairs ...any) string {
	data := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		data[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	localizer, ok := m.localizers[lang]
	if !ok {
		localizer = m.localizers[Supported()[0]]
	}
	text, err := localizer.Localize(&i18n.LocalizeConfig{MessageID: id, TemplateData: data, PluralCount: data["count"]})
	if err != nil {
		return id
	}
	return text
}

var own = sync.OnceValue(func() *Messages { return MustLoadMessages(files) })

// T gives one of the texts that every package shares.
func T(lang, id string, pairs ...any) string { return own().T(lang, id, pairs...) }

package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"sync"
)

//go:embed pages
var pageFiles embed.FS

// Frame is what the layout shows around every page. A page's data embeds it.
type Frame struct {
	Lang  string // "uk" or "en"
	Title string // of the document: what the page is about, shortest first
	Owner string // whose page it is, such as the programme's name; may be empty
}

// LanguageChoice is one of the languages to switch to.
type LanguageChoice struct{ Code, Name string }

// Others are the languages that the page is not in, by their own names.
func (f Frame) Others() []LanguageChoice {
	var all []LanguageChoice
	for _, lang := range Supported() {
		if lang != f.Lang {
			all = append(all, LanguageChoice{lang, T(lang, "language")})
		}
	}
	return all
}

// Text gives one of the texts that every page shares, in the page's language.
func (f Frame) Text(id string) string { return T(f.Lang, id) }

// ParsePages parses every page in fsys that matches pattern into the shared
// layout, by file name. A page defines "content", and "languages" when switching
// takes more than a link; files whose name begins with "_" are parts that every
// page may use. Data given to Execute must embed Frame.
func ParsePages(fsys fs.FS, pattern string) (map[string]*template.Template, error) {
	layout, err := template.New("layout.html").Funcs(template.FuncMap{"asset": AssetPath}).ParseFS(pageFiles, "pages/layout.html")
	if err != nil {
		return nil, fmt.Errorf("layout: %w", err)
	}
	names, err := fs.Glob(fsys, pattern)
	if err != nil {
		return nil, fmt.Errorf("pages %q: %w", pattern, err)
	}
	var parts, pages []string
	for _, name := range names {
		if path.Base(name)[0] == '_' {
			parts = append(parts, name)
		} else {
			pages = append(pages, name)
		}
	}
	all := make(map[string]*template.Template, len(pages))
	for _, name := range pages {
		page, err := layout.Clone()
		if err == nil {
			page, err = page.ParseFS(fsys, append(parts, name)...)
		}
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		all[path.Base(name)] = page
	}
	return all, nil
}

// MustParsePages is ParsePages for embedded files, which a test has read.
func MustParsePages(fsys fs.FS, pattern string) map[string]*template.Template {
	all, err := ParsePages(fsys, pattern)
	if err != nil {
		panic(err)
	}
	return all
}

var ownPages = sync.OnceValue(func() map[string]*template.Template { return MustParsePages(pageFiles, "pages/problem.html") })

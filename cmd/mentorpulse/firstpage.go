package main

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net"
	"net/http"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/web"
)

//go:embed pages
var pageFiles embed.FS

// firstPage says what the service is and, to readers on its own machine, how to
// try it on the demonstration programme.
type firstPage struct {
	app      *app
	showDemo bool
	texts    *web.Messages
	page     *template.Template
}

// newFirstPage makes the page; showDemo says that the service can be reached
// from its own machine only.
func newFirstPage(a *app, showDemo bool) *firstPage {
	files, err := fs.Sub(pageFiles, "pages")
	if err != nil {
		panic(err) // embedded
	}
	return &firstPage{app: a, showDemo: showDemo, texts: web.MustLoadMessages(files), page: web.MustParsePages(files, "first.html")["first.html"]}
}

// Routes adds the page and its style.
func (f *firstPage) Routes(r gin.IRouter) {
	r.GET("/", web.HTML(f.get))
	r.GET("/assets/first.css", func(c *gin.Context) {
		c.Header("Cache-Control", "no-cache")
		c.FileFromFS("pages/first.css", http.FS(pageFiles))
	})
}

// firstView is what the page shows.
type firstView struct {
	web.Frame
	Demos []demoLink
	texts *web.Messages
}

// Say gives a text in the page's language.
func (v firstView) Say(id string) string { return v.texts.T(v.Lang, id) }

func (f *firstPage) get(c *gin.Context) error {
	lang := web.Language(c)
	view := firstView{Frame: web.Frame{Lang: lang, Title: "mentorpulse – " + f.texts.T(lang, "first-title")}, texts: f.texts}
	if f.showDemo && onThisMachine(c.Request) {
		demos, err := f.app.demoLinks(c.Request.Context())
		if err != nil {
			return err
		}
		view.Demos = demos
	}
	return web.Page(c, http.StatusOK, func(b *bytes.Buffer) error { return f.page.Execute(b, view) })
}

// onThisMachine reports whether the reader sits at the machine that the service
// runs on. The connection decides. What a request says of itself can only speak
// against it: a proxy on this machine passes on who knows whose requests, and a
// name that is not this machine's own may be that of a site which had its name
// lead here, to read the page with the reader's browser.
func onThisMachine(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return loopbackHost(r.RemoteAddr) && loopbackHost(r.Host)
}

// loopbackHost reports whether an address, with or without a port, is this
// machine's own.
func loopbackHost(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

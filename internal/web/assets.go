package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

//go:embed assets
var assetFiles embed.FS

// asset is a file that pages refer to. Its address holds a hash of what it
// contains, so it may be kept for ever.
type asset struct {
	address     string
	contentType string
	data        []byte
	// packed is data by gzip; empty where that is no smaller. Pages themselves
	// are not packed: what is secret in them should not show in their length.
	packed []byte
}

// assets are all of them, by file name.
var assets = sync.OnceValue(func() map[string]asset {
	all := map[string]asset{}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic(err) // embedded
	}
	for _, e := range entries {
		data, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err) // embedded
		}
		sum := sha256.Sum256(data)
		ext := path.Ext(e.Name())
		all[e.Name()] = asset{
			address:     "/assets/" + strings.TrimSuffix(e.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext,
			contentType: mime.TypeByExtension(ext),
			data:        data,
			packed:      pack(data),
		}
	}
	return all
})

// pack compresses data; it is empty when that does not pay.
func pack(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(data)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // to memory it cannot fail
	}
	if b.Len() >= len(data) {
		return nil
	}
	return b.Bytes()
}

// AssetPath is the address of an embedded asset by its file name, such as
// "page.css"; empty when there is none.
func AssetPath(name string) string { return assets()[name].address }

// AssetRoutes serves the assets of pages under /assets.
func AssetRoutes(r gin.IRouter) {
	for _, a := range assets() {
		r.GET(a.address, func(c *gin.Context) {
			c.Header("Cache-Control", "public, max-age=31536000, immutable")
			c.Header("X-Content-Type-Options", "nosniff")
			c.Header("Vary", "Accept-Encoding")
			data := a.data
			if len(a.packed) > 0 && takesGzip(c.GetHeader("Accept-Encoding")) {
				c.Header("Content-Encoding", "gzip")
				data = a.packed
			}
			c.Data(http.StatusOK, a.contentType, data)
		})
	}
}

// takesGzip reports whether a client takes gzip.
func takesGzip(accept string) bool {
	for one := range strings.SplitSeq(accept, ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(one), ";")
		if name == "gzip" && !strings.HasSuffix(strings.ReplaceAll(quality, " ", ""), "q=0") {
			return true
		}
	}
	return false
}

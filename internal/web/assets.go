package web

import (
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
		}
	}
	return all
})

// AssetPath is the address of an embedded asset by its file name, such as
// "page.css"; empty when there is none.
func AssetPath(name string) string { return assets()[name].address }

// AssetRoutes serves the assets of pages under /assets.
func AssetRoutes(r gin.IRouter) {
	for _, a := range assets() {
		r.GET(a.address, func(c *gin.Context) {
			c.Header("Cache-Control", "public, max-age=31536000, immutable")
			c.Header("X-Content-Type-Options", "nosniff")
			c.Data(http.StatusOK, a.contentType, a.data)
		})
	}
}

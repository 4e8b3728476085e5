// Package openapi holds the contract of the HTTP interface, written by hand.
package openapi

import (
	_ "embed"
	"net/http"

	"github.com/gin-gonic/gin"
)

//go:embed openapi.yaml
var document []byte

// Document is the contract, an OpenAPI 3.1 document in YAML.
func Document() []byte { return document }

// Routes serves the contract at /openapi.yaml.
func Routes(r gin.IRouter) {
	r.GET("/openapi.yaml", func(c *gin.Context) { c.Data(http.StatusOK, "application/yaml; charset=utf-8", document) })
}

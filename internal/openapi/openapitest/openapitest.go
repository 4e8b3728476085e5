// Package openapitest holds HTTP tests to the contract: what the service
// answers must be in it, and what the service accepts as well.
package openapitest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"mentorpulse/internal/openapi"
)

// contract finds the operation that a request is of.
var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document())
	if err != nil {
		return nil, fmt.Errorf("openapi.yaml: %w", err)
	}
	closeObjects(doc)
	return legacy.NewRouter(doc, openapi3.EnableExamplesValidation())
})

// Wrap returns handler with every exchange checked. A page is no part of the
// contract: only what begins with /api/ and what the contract names is.
func Wrap(t testing.TB, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var sent bytes.Buffer
		if r.Body != nil {
			r.Body = struct {
				io.Reader
				io.Closer
			}{io.TeeReader(r.Body, &sent), r.Body}
		}
		recorded := httptest.NewRecorder()
		handler.ServeHTTP(recorded, r)
		check(t, r, sent.Bytes(), recorded.Code, recorded.Header(), recorded.Body.Bytes())
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(recorded.Body.Bytes()) // whoever asked may have gone
	})
}

// Check fails t when the exchange is not in the contract. The response's body
// can be read again afterwards. The request's is checked when it can be had
// again, as with http.NewRequest.
func Check(t testing.TB, req *http.Request, res *http.Response) {
	t.Helper()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("%s %s: %v", req.Method, req.URL.Path, err)
	}
	_ = res.Body.Close()
	res.Body = io.NopCloser(bytes.NewReader(body))
	var sent []byte
	if req.GetBody != nil {
		again, err := req.GetBody()
		if err != nil {
			t.Errorf("%s %s: %v", req.Method, req.URL.Path, err)
			return
		}
		if sent, err = io.ReadAll(again); err != nil {
			t.Errorf("%s %s: %v", req.Method, req.URL.Path, err)
		}
	}
	check(t, req, sent, res.StatusCode, res.Header, body)
}

func check(t testing.TB, req *http.Request, sent []byte, status int, header http.Header, body []byte) {
	t.Helper()
	if err := exchange(req, sent, status, header, body); err != nil {
		t.Errorf("%s %s → %d is not in the contract: %v\n%.500s", req.Method, req.URL.Path, status, err, body)
	}
}

func exchange(req *http.Request, sent []byte, status int, header http.Header, body []byte) error {
	router, err := contract()
	if err != nil {
		return err
	}
	// The handler may have changed its request; what it was is in its parts.
	req = req.Clone(context.Background())
	req.Body = io.NopCloser(bytes.NewReader(sent))
	if len(sent) > 0 && req.Header.Get("Content-Type") == "" {
		// Where the sender does not say, the service may look (RFC 9110, 8.3).
		req.Header.Set("Content-Type", "application/json")
	}
	// The contract holds on whatever host the service is.
	req.URL.Scheme, req.URL.Host, req.Host = "", "", ""
	route, params, err := router.FindRoute(req)
	if err != nil {
		return unknown(req, status, header, err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: keyShown, IncludeResponseStatus: true,
			RejectWhenRequestBodyNotSpecified: true, MultiError: true,
		},
	}
	// What was refused may have been wrong in any way.
	if status < http.StatusBadRequest {
		if err := requested(input); err != nil {
			return fmt.Errorf("it was accepted: %w", err)
		}
	}
	return openapi3filter.ValidateResponse(req.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: status, Header: header,
		Body: io.NopCloser(bytes.NewReader(body)), Options: input.Options,
	})
}

// unknown judges an exchange for which the contract has no operation.
func unknown(req *http.Request, status int, header http.Header, err error) error {
	refused := status == http.StatusNotFound || status == http.StatusMethodNotAllowed
	switch {
	case err.Error() == routers.ErrPathNotFound.Error() && !strings.HasPrefix(req.URL.Path, "/api/"):
		return nil // a page
	case refused && strings.HasPrefix(header.Get("Content-Type"), "application/problem+json"):
		return nil
	default:
		return err
	}
}

func requested(input *openapi3filter.RequestValidationInput) error {
	for name := range input.Request.URL.Query() {
		if input.Route.Operation.Parameters.GetByInAndName("query", name) == nil && input.Route.PathItem.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("no parameter %q", name)
		}
	}
	return openapi3filter.ValidateRequest(input.Request.Context(), input)
}

// keyShown is the part of authentication that the contract states: a key comes
// with the request. Whether it is the right one, the service decided.
func keyShown(_ context.Context, in *openapi3filter.AuthenticationInput) error {
	scheme, _, _ := strings.Cut(in.RequestValidationInput.Request.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, in.SecurityScheme.Scheme) {
		return fmt.Errorf("no key as %s", in.SecurityScheme.Scheme)
	}
	return nil
}

// closeObjects refuses what the contract does not name. The document itself
// leaves objects open, so that clients survive what is added to them.
func closeObjects(doc *openapi3.T) {
	seen := map[*openapi3.Schema]bool{}
	var shut func(ref *openapi3.SchemaRef)
	shut = func(ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		if len(s.Properties) > 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
			s.AdditionalProperties.Has = new(bool)
		}
		for _, one := range s.Properties {
			shut(one)
		}
		for _, one := range append(append(s.OneOf, s.AnyOf...), s.AllOf...) {
			shut(one)
		}
		shut(s.Items)
		shut(s.AdditionalProperties.Schema)
	}
	for _, one := range doc.Components.Schemas {
		shut(one)
	}
	for _, path := range doc.Paths.Map() {
		for _, operation := range path.Operations() {
			for _, response := range operation.Responses.Map() {
				for _, media := range response.Value.Content {
					shut(media.Schema)
				}
			}
		}
	}
}

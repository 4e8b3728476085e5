package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"mentorpulse/internal/program"
	"mentorpulse/internal/web"
)

// ownerKeyPrefix makes a key recognisable to people and secret scanners.
const ownerKeyPrefix = "mpk_"

// Owners makes and checks the keys of programme owners. A key is derived from
// the secret, the programme and its key revision, so none is stored; counting
// the revision up revokes it.
type Owners struct{ key []byte }

// NewOwners derives the owners' keys from secret.
func NewOwners(secret Secret) Owners { return Owners{secret.Key("owner")} }

// NewOperators derives the keys of who runs the service. They open what no owner
// may have: the participants' links, with which answers can be read and given.
// Nobody is handed one; a command that has the secret makes it.
func NewOperators(secret Secret) Operators { return Operators{Owners{secret.Key("operator")}} }

// Operators makes and checks the keys of who runs the service.
type Operators struct{ keys Owners }

// Key is the operator's key of a programme; renewing the owner's leaves it.
func (o Operators) Key(programID string) string {
	return o.keys.Key(program.Program{ID: programID})
}

// Require guards routes under /programs/:id with the operator's key.
func (o Operators) Require(programs Programs) gin.HandlerFunc {
	return guard(programs, func(p program.Program, key string) bool {
		return o.keys.Opens(program.Program{ID: p.ID}, key)
	})
}

// Key is the owner's key of a programme.
func (o Owners) Key(p program.Program) string {
	mac := hmac.New(sha256.New, o.key)
	var revision [4]byte
	binary.BigEndian.PutUint32(revision[:], p.KeyRevision)
	mac.Write(revision[:])
	mac.Write([]byte(p.ID))
	return ownerKeyPrefix + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// Opens reports, in constant time, whether key is the owner's key of p.
func (o Owners) Opens(p program.Program, key string) bool {
	return hmac.Equal([]byte(key), []byte(o.Key(p)))
}

// Programs finds programmes.
type Programs interface {
	Program(ctx context.Context, id string) (program.Program, error)
}

// programKey is where Require leaves the programme for the handlers.
const programKey = "mentorpulse.program"

// Require guards routes under /programs/:id: the request needs the programme's
// key, see presented. An unknown programme and a wrong key look the same.
func (o Owners) Require(programs Programs) gin.HandlerFunc {
	return guard(programs, o.Opens)
}

func guard(programs Programs, opens func(program.Program, string) bool) gin.HandlerFunc {
	return func(c *gin.Context) {
		p, err := authorize(c, programs, opens)
		if err != nil {
			web.WriteProblem(c, web.AsProblem(c, err))
			return
		}
		c.Set(programKey, p)
		c.Next()
	}
}

func authorize(c *gin.Context, programs Programs, opens func(program.Program, string) bool) (program.Program, error) {
	lang := web.Language(c)
	key := presented(c.Request)
	if key == "" {
		challenge(c)
		return program.Program{}, web.NewProblem(http.StatusUnauthorized, "key-missing", messages().T(lang, "key-missing"), messages().T(lang, "key-missing-detail"))
	}
	var p program.Program
	err := error(program.ErrNotFound)
	if id := c.Param("id"); program.ValidID(id) {
		p, err = programs.Program(c.Request.Context(), id)
	}
	if err != nil && !errors.Is(err, program.ErrNotFound) {
		return program.Program{}, err
	}
	// The comparison is made for an unknown programme too, so that the time
	// taken says nothing about which exist.
	if opened := opens(p, key); !opened || err != nil {
		challenge(c)
		return program.Program{}, web.NewProblem(http.StatusUnauthorized, "key-refused", messages().T(lang, "key-refused"), messages().T(lang, "key-refused-detail"))
	}
	return p, nil
}

// presented is the key that a request shows: as a bearer token, or as the
// password of basic authentication, with which a browser or a spreadsheet
// program opens the same addresses.
func presented(r *http.Request) string {
	if _, password, ok := r.BasicAuth(); ok {
		return strings.TrimSpace(password)
	}
	scheme, key, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(key)
}

// challenge says which ways to show the key there are.
func challenge(c *gin.Context) {
	c.Writer.Header().Add("WWW-Authenticate", `Bearer realm="mentorpulse"`)
	c.Writer.Header().Add("WWW-Authenticate", `Basic realm="mentorpulse", charset="UTF-8"`)
}

// ProgramOf is the programme whose key opened the request; only handlers behind
// Require may ask.
func ProgramOf(c *gin.Context) program.Program {
	p, _ := c.MustGet(programKey).(program.Program)
	return p
}

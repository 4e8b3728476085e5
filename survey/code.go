package survey

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"unicode"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
)

const (
	// codeLetters are the digits and letters of Crockford's base 32: without I, L,
	// O and U, which are read as others.
	codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	// codeLength is the number of them in a code: 50 bits. A source may look at
	// some 4,100 codes in a fortnight (access.Attempts). Ten thousand sources
	// that guess all the time while ten thousand people are invited find one of
	// their codes with a probability of 4 in 10,000; with two letters fewer it
	// would be 4 in 10.
	codeLength = 10
	// codeGroup is how many stand together, as people remember them.
	codeGroup = 5
)

// code is a short code as it is compared.
type code [codeLength]byte

// String writes the code in its groups: 7ZK4M-02QXD.
func (c code) String() string { return string(c[:codeGroup]) + "-" + string(c[codeGroup:]) }

// alike are letters and digits that are read or typed for those of a code,
// among them what a Ukrainian keyboard gives for the same shape.
var alike = strings.NewReplacer("O", "0", "I", "1", "L", "1",
	"О", "0", "І", "1", "А", "A", "В", "B", "С", "C", "Е", "E", "Н", "H", "К", "K", "М", "M", "Р", "P", "Т", "T", "Х", "X")

// parseCode reads a code as people type it: in any case, with spaces and dashes
// anywhere, with look-alikes.
func parseCode(typed string) (code, bool) {
	var c code
	if len(typed) > 200 {
		return c, false
	}
	typed = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) || r == '.' || r == '_' {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed)
	typed = alike.Replace(typed)
	if len(typed) != codeLength || strings.Trim(typed, codeLetters) != "" {
		return c, false
	}
	copy(c[:], typed)
	return c, true
}

// Codes makes the short codes of invitations. A code stands for a link where
// none can be opened by a tap; revoking the link ends it too.
type Codes struct{ key []byte }

// NewCodes derives the key of codes from secret.
func NewCodes(secret access.Secret) Codes { return Codes{secret.Key("short code")} }

// Code is the short code of an invitation, as it is written.
func (k Codes) Code(i Invitee) string { return k.of(i).String() }

func (k Codes) of(i Invitee) code {
	mac := hmac.New(sha256.New, k.key)
	mac.Write(i.bytes())
	sum := mac.Sum(nil)
	var c code
	// 256 is a multiple of 32, so every letter is as likely.
	for n := range c {
		c[n] = codeLetters[sum[n]%32]
	}
	return c
}

// ShortCode is the code that stands for a link at the entry page of its
// programme while its wave is open, as it is written: 7ZK4M-02QXD.
func (p *Pulse) ShortCode(i Invitee) string { return p.codes.keys.Code(i) }

// ByCode returns the token of the link that a typed code stands for in one of the
// programme's open waves, or ErrLink. A code that two people have is nobody's.
func (p *Pulse) ByCode(ctx context.Context, programID, typed string) (string, error) {
	c, ok := parseCode(typed)
	if !ok {
		return "", ErrLink
	}
	waves, err := p.surveys.Waves(ctx, programID)
	if err != nil {
		return "", err
	}
	var found []Invitee
	for _, w := range waves {
		if !w.Open(p.now()) {
			continue
		}
		a, err := p.audiences.get(ctx, programID, w.ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return "", err
		}
		found = append(found, p.codes.in(a)[c]...)
	}
	if len(found) != 1 {
		return "", ErrLink
	}
	return p.links.Token(found[0]), nil
}

// codebook leads from codes to whom they stand for, in the waves that are open.
type codebook struct {
	keys   Codes
	mu     sync.Mutex
	byWave map[uuid.UUID]codesOfWave
}

// codesOfWave are the codes of an audience as it was at a revision.
type codesOfWave struct {
	of       *audience
	invitees map[code][]Invitee
}

func newCodebook(secret access.Secret) *codebook {
	return &codebook{keys: NewCodes(secret), byWave: map[uuid.UUID]codesOfWave{}}
}

// in are the codes of an audience. They are made once for each of its revisions.
func (b *codebook) in(a *audience) map[code][]Invitee {
	b.mu.Lock()
	defer b.mu.Unlock()
	known, ok := b.byWave[a.wave.ID]
	if ok && known.of.revision == a.revision {
		return known.invitees
	}
	for id, other := range b.byWave {
		if other.of.checked.Add(forgetAfter).Before(a.checked) {
			delete(b.byWave, id)
		}
	}
	made := codesOfWave{of: a, invitees: make(map[code][]Invitee, len(a.members))}
	for id, m := range a.members {
		i := Invitee{ProgramID: a.program.ID, Wave: a.wave.ID, Participant: id, Revision: m.linkRevision}
		c := b.keys.of(i)
		made.invitees[c] = append(made.invitees[c], i)
	}
	b.byWave[a.wave.ID] = made
	return made.invitees
}

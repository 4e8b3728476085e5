package survey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
)

// Leaver is a participant who may want no more messages.
type Leaver struct {
	ProgramID   string
	Participant uuid.UUID
}

// Leaving makes and reads the tokens of the addresses by which participants end
// the messages to them (RFC 8058). Such a token does that and nothing else: mail
// programs and their operators see it, so it must not open anybody's answers. It
// holds for ever, as a message can be read for ever.
type Leaving struct{ key []byte }

// NewLeaving derives the key of such tokens from secret.
func NewLeaving(secret access.Secret) Leaving { return Leaving{secret.Key("unsubscribe")} }

// Token makes the token of a participant.
func (l Leaving) Token(who Leaver) string {
	b := append(make([]byte, 0, 16+len(who.ProgramID)+tagSize), who.Participant[:]...)
	b = append(b, who.ProgramID...)
	return base64.RawURLEncoding.EncodeToString(append(b, l.tag(b)...))
}

// Read checks a token, in constant time, and returns whose it is, or ErrLink.
func (l Leaving) Read(token string) (Leaver, error) {
	if len(token) > maxToken {
		return Leaver{}, ErrLink
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 16+tagSize {
		return Leaver{}, ErrLink
	}
	body, tag := b[:len(b)-tagSize], b[len(b)-tagSize:]
	if !hmac.Equal(tag, l.tag(body)) {
		return Leaver{}, ErrLink
	}
	who := Leaver{ProgramID: string(body[16:])}
	copy(who.Participant[:], body)
	return who, nil
}

func (l Leaving) tag(body []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(body)
	return mac.Sum(nil)[:tagSize]
}

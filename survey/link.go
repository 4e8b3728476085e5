package survey

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"

	"github.com/google/uuid"

	"mentorpulse/internal/access"
	"mentorpulse/internal/program"
)

// ErrLink is returned for a token that this service did not make, or that was
// changed on the way.
var ErrLink = errors.New("link is not valid")

// Invitee is what a link's token says: who is asked in which wave.
type Invitee struct {
	ProgramID   string
	Wave        uuid.UUID
	Participant uuid.UUID
	// Revision is the participant's link revision when the token was made.
	Revision uint32
}

const (
	// tagSize is the length of a token's tag in bytes: 128 bits.
	tagSize = 16
	// tokenFixed is what precedes the programme's id in a token: revision,
	// wave and participant.
	tokenFixed = 4 + 16 + 16
	// maxToken bounds what is decoded; the longest programme id is 63 bytes.
	maxToken = (tokenFixed+63+tagSize)*4/3 + 2
)

// Links makes and reads the tokens of participants' links. A token carries all
// it says and a tag over it (HMAC-SHA-256), so none is stored.
type Links struct{ key []byte }

// NewLinks derives the key of links from secret.
func NewLinks(secret access.Secret) Links { return Links{secret.Key("link")} }

// Token makes the token of an invitation.
func (l Links) Token(i Invitee) string {
	b := i.bytes()
	return base64.RawURLEncoding.EncodeToString(append(b, l.tag(b)...))
}

// bytes is what a token or code is made over, with room for a tag.
func (i Invitee) bytes() []byte {
	b := make([]byte, 0, tokenFixed+len(i.ProgramID)+tagSize)
	b = binary.BigEndian.AppendUint32(b, i.Revision)
	b = append(b, i.Wave[:]...)
	b = append(b, i.Participant[:]...)
	return append(b, i.ProgramID...)
}

// Read checks a token's tag, in constant time, and returns what it says, or
// ErrLink. Whether the link still holds is for the caller to find out.
func (l Links) Read(token string) (Invitee, error) {
	if len(token) > maxToken {
		return Invitee{}, ErrLink
	}
	// Strict: a token has one form, so a changed last letter is a changed token.
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < tokenFixed+tagSize {
		return Invitee{}, ErrLink
	}
	body, tag := b[:len(b)-tagSize], b[len(b)-tagSize:]
	if !hmac.Equal(tag, l.tag(body)) {
		return Invitee{}, ErrLink
	}
	i := Invitee{Revision: binary.BigEndian.Uint32(body), ProgramID: string(body[tokenFixed:])}
	copy(i.Wave[:], body[4:20])
	copy(i.Participant[:], body[20:36])
	return i, nil
}

func (l Links) tag(body []byte) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write(body)
	return mac.Sum(nil)[:tagSize]
}

// Pseudonyms makes the names under which answers are kept. Only the service's
// secret leads from a participant to one, and nothing leads back.
type Pseudonyms struct{ key []byte }

// NewPseudonyms derives the key of pseudonyms from secret.
func NewPseudonyms(secret access.Secret) Pseudonyms { return Pseudonyms{secret.Key("pseudonym")} }

// Respondent is the name of a participant's answers in a wave: the same in
// every wave in a confidential programme, a new one each wave in an anonymous
// one, and the participant's own id in an identified one.
func (n Pseudonyms) Respondent(p program.Program, wave, participant uuid.UUID) uuid.UUID {
	if p.Policy == program.Identified {
		return participant
	}
	return n.keyed(p, "respondent", wave, participant)
}

// Pair is the name of a pair beside its members' answers, so that the answers
// of one pair can be counted as one cluster. It is zero for no pair.
func (n Pseudonyms) Pair(p program.Program, wave, pair uuid.UUID) uuid.UUID {
	if pair == uuid.Nil {
		return uuid.Nil
	}
	if p.Policy == program.Identified {
		return pair
	}
	return n.keyed(p, "pair", wave, pair)
}

// mask hides a time in a row of an anonymous programme, where it could tell who
// answered: the time is stored XOR the mask, which is another in each row and
// revision. It is 0 in other programmes.
func (n Pseudonyms) mask(p program.Program, respondent uuid.UUID, item string, revision uint64) uint64 {
	if p.Policy != program.Anonymous {
		return 0
	}
	mac := hmac.New(sha256.New, n.key)
	mac.Write([]byte("time"))
	mac.Write(respondent[:]) // another in every wave
	mac.Write(binary.BigEndian.AppendUint64(nil, revision))
	mac.Write([]byte(item))
	return binary.BigEndian.Uint64(mac.Sum(nil))
}

// Reminded is the name under which it is recorded that a participant was reminded
// of a wave, in a programme of any policy: it is that they had not answered.
func (n Pseudonyms) Reminded(p program.Program, wave, participant uuid.UUID) uuid.UUID {
	return n.keyed(p, "reminded "+wave.String(), wave, participant)
}

func (n Pseudonyms) keyed(p program.Program, kind string, wave, id uuid.UUID) uuid.UUID {
	mac := hmac.New(sha256.New, n.key)
	mac.Write([]byte(kind))
	mac.Write(id[:])
	if p.Policy == program.Anonymous {
		mac.Write(wave[:])
	}
	mac.Write([]byte(p.ID))
	var name uuid.UUID
	copy(name[:], mac.Sum(nil))
	return name
}

// Package access decides who may see what: the service's secret and the keys
// made from it, for links, pseudonyms and programme owners.
package access

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// SecretEnv is the variable that holds the secret where several processes
// share one ClickHouse.
const SecretEnv = "MENTORPULSE_SECRET"

// secretSize is the least entropy accepted, in bytes.
const secretSize = 32

// Secret is what everything signed or keyed comes from. Keys for different
// purposes are derived from it apart, so that one does not give another.
type Secret struct{ master []byte }

// ErrNoSecret is returned when there is no secret and none may be made.
var ErrNoSecret = errors.New("no secret: set " + SecretEnv + " to 32 random bytes in base64 (openssl rand -base64 32), the same for every process on this ClickHouse")

// ParseSecret reads a secret from its base64 form.
func ParseSecret(text string) (Secret, error) {
	text = strings.TrimSpace(text)
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		if master, err := enc.DecodeString(text); err == nil {
			if len(master) < secretSize {
				return Secret{}, fmt.Errorf("secret has %d bytes, at least %d are needed: make one with openssl rand -base64 32", len(master), secretSize)
			}
			return Secret{master}, nil
		}
	}
	return Secret{}, errors.New("secret is not base64: make one with openssl rand -base64 32")
}

// FileSecret reads the secret of a data directory, and makes it there the first
// time. Only the user who runs the service can read the file.
func FileSecret(dir string) (Secret, error) {
	path := filepath.Join(dir, "secret")
	text, err := os.ReadFile(path)
	if err == nil {
		s, err := ParseSecret(string(text))
		if err != nil {
			return Secret{}, fmt.Errorf("%s: %w", path, err)
		}
		return s, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return Secret{}, fmt.Errorf("secret: %w", err)
	}
	master := make([]byte, secretSize)
	if _, err := rand.Read(master); err != nil {
		return Secret{}, fmt.Errorf("secret: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Secret{}, fmt.Errorf("secret: %w", err)
	}
	// Written whole or not at all: half a secret would change every pseudonym.
	file, err := os.CreateTemp(dir, "secret-*")
	if err != nil {
		return Secret{}, fmt.Errorf("secret: %w", err)
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.WriteString(base64.StdEncoding.EncodeToString(master) + "\n")
	err = errors.Join(err, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return Secret{}, fmt.Errorf("secret: %w", err)
	}
	return Secret{master}, nil
}

// Key derives the 256-bit key for a purpose (HKDF-SHA-256, RFC 5869).
func (s Secret) Key(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, s.master, nil, "mentorpulse "+purpose, 32)
	if err != nil {
		// 32 bytes are within what HKDF gives for SHA-256.
		panic(err)
	}
	return key
}

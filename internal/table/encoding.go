package table

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	textunicode "golang.org/x/text/encoding/unicode"
)

// decode turns a text file into UTF-8. A byte order mark settles the question;
// else valid UTF-8 is UTF-8, for no text in an eight-bit encoding with Cyrillic
// letters in it is valid UTF-8 by chance; else the file is Windows-1251 if it
// reads as such, and refused if it does not.
func decode(data []byte) (string, error) {
	text, err := decodeBytes(data)
	if err != nil {
		return "", &Error{Code: UnknownEncoding, Err: err}
	}
	if i := strings.IndexFunc(text, foreignToText); i >= 0 {
		return "", &Error{Code: NotTable}
	}
	return text, nil
}

func decodeBytes(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		if !utf8.Valid(data) {
			return "", errNotUTF8
		}
		return string(data[3:]), nil
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")):
		return transformed(data, utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM).NewDecoder())
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return transformed(data, textunicode.UTF16(textunicode.LittleEndian, textunicode.ExpectBOM).NewDecoder())
	case utf8.Valid(data):
		return string(data), nil
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return string(data[:bytes.IndexByte(data, 0)+1]), nil // not a text at all: decode says so
	}
	text, err := transformed(data, charmap.Windows1251.NewDecoder())
	if err != nil {
		return "", err
	}
	if !readsAsCyrillic(text) {
		return "", errNotCyrillic
	}
	return text, nil
}

func transformed(data []byte, t transform.Transformer) (string, error) {
	out, _, err := transform.Bytes(t, data)
	if err != nil {
		return "", err
	}
	if bytes.ContainsRune(out, utf8.RuneError) {
		return "", errUndefined
	}
	return string(out), nil
}

// foreignToText reports control characters that no table saved as text holds.
func foreignToText(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
}

// readsAsCyrillic tells Windows-1251 from other eight-bit encodings decoded as
// if they were it. Those give themselves away: OEM 866 by signs that no text
// holds, KOI8-U by capitals inside words (нАСТАВНИК), Latin-1 by Cyrillic
// letters inside Latin words (Josй). Single odd words are let through, for
// people do mix up the Latin i with the Cyrillic і.
func readsAsCyrillic(text string) bool {
	words, odd := 0, 0
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		cyrillic, mixed := false, false
		previous := ' '
		for _, r := range word {
			cyrillic = cyrillic || unicode.Is(unicode.Cyrillic, r)
			mixed = mixed || r < utf8.RuneSelf != (previous < utf8.RuneSelf) && previous != ' ' ||
				unicode.IsLower(previous) && unicode.IsUpper(r)
			previous = r
		}
		if cyrillic {
			words++
			if mixed {
				odd++
			}
		}
	}
	return odd*2 <= words && strings.IndexFunc(text, foreignToCyrillic) < 0
}

// foreignToCyrillic reports characters above ASCII that stand in Windows-1251
// but in no Ukrainian, Belarusian or Russian text.
func foreignToCyrillic(r rune) bool {
	if r < utf8.RuneSelf || r >= 'А' && r <= 'я' {
		return false
	}
	return !strings.ContainsRune("ЁёІіЇїЄєҐґЎў«»„“”‘’‚–—…•·№§©®™°±€\u00a0\u00ad", r)
}

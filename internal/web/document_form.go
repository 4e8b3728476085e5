package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Shaped reads itself from JSON of one of several forms.
type Shaped interface {
	// Shapes are a value of each form, such as "" and map[string]string{}.
	Shapes() []any
}

var (
	shapedType = reflect.TypeFor[Shaped]()
	timeType   = reflect.TypeFor[time.Time]()
)

// form compares a JSON document with the value that it is for. The decoder would
// name a type of Go, the first fault alone, and no place in a list.
func form(lang string, body []byte, into any) []Field {
	f := &forming{lang: lang}
	f.value(body, reflect.TypeOf(into).Elem(), "")
	return f.faults
}

type forming struct {
	lang   string
	faults []Field
}

func (f *forming) add(path, code string, pairs ...any) {
	where := path
	if path == "" {
		where = T(f.lang, "json-document")
	}
	f.faults = append(f.faults, Field{Item: path, Code: code, Detail: T(f.lang, "json-"+code, append(pairs, "where", where)...)})
}

// The kinds of JSON values, as texts name them.
const (
	kindObject  = "object"
	kindList    = "list"
	kindText    = "text"
	kindNumber  = "number"
	kindBoolean = "boolean"
	kindNull    = "null"
)

// kindOf is the kind of a valid JSON value.
func kindOf(raw json.RawMessage) string {
	switch bytes.TrimLeft(raw, " \t\r\n")[0] {
	case '{':
		return kindObject
	case '[':
		return kindList
	case '"':
		return kindText
	case 't', 'f':
		return kindBoolean
	case 'n':
		return kindNull
	}
	return kindNumber
}

// kindFor is the kind of JSON value that a type is read from; "" for any.
func kindFor(of reflect.Type) string {
	switch {
	case of == timeType:
		return kindText
	case of.Kind() == reflect.Struct, of.Kind() == reflect.Map:
		return kindObject
	case of.Kind() == reflect.Slice:
		return kindList
	case of.Kind() == reflect.String:
		return kindText
	case of.Kind() == reflect.Bool:
		return kindBoolean
	case of.Kind() == reflect.Float64:
		return kindNumber
	}
	return ""
}

// value holds a JSON value against a type.
func (f *forming) value(raw json.RawMessage, of reflect.Type, path string) {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	types := []reflect.Type{of}
	if of.Implements(shapedType) {
		types = nil
		for _, shape := range reflect.Zero(of).Interface().(Shaped).Shapes() {
			types = append(types, reflect.TypeOf(shape))
		}
	}
	found := kindOf(raw)
	var expected []string
	for _, one := range types {
		kind := kindFor(one)
		if kind == found || kind == "" {
			f.inside(raw, one, path)
			return
		}
		expected = append(expected, T(f.lang, "json-kind-"+kind))
	}
	f.add(path, "kind", "expected", strings.Join(expected, T(f.lang, "json-or")), "found", T(f.lang, "json-kind-"+found))
}

// inside holds what a JSON value has in it against a type of its kind.
func (f *forming) inside(raw json.RawMessage, of reflect.Type, path string) {
	switch {
	case of == timeType:
		var text string
		_ = json.Unmarshal(raw, &text) // a text, as was seen
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			f.add(path, "time", "value", clip(text))
		}
	case of.Kind() == reflect.Struct, of.Kind() == reflect.Map:
		f.object(raw, of, path)
	case of.Kind() == reflect.Slice:
		var list []json.RawMessage
		_ = json.Unmarshal(raw, &list) // a list, as was seen
		for i, one := range list {
			f.value(one, of.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case of.Kind() == reflect.Float64:
		if _, err := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64); err != nil {
			f.add(path, "range", "value", clip(string(raw)))
		}
	}
}

// object holds the fields of an object against those of a struct, or against the
// elements of a map. A field that is null counts as left out.
func (f *forming) object(raw json.RawMessage, of reflect.Type, path string) {
	fields, known := map[string]reflect.Type{}, []string{}
	if of.Kind() == reflect.Struct {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			fields[name], known = of.Field(i).Type, append(known, name)
		}
	}
	seen := map[string]bool{}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	_, _ = decoder.Token() // the document is valid, as was seen
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		var one json.RawMessage
		_ = decoder.Decode(&one)
		at := strings.TrimPrefix(path+"."+clip(name), ".")
		typ, there := fields[name]
		if of.Kind() == reflect.Map {
			typ, there = of.Elem(), true
		}
		switch {
		case !there:
			f.add(at, "unknown", "known", strings.Join(known, ", "))
		case seen[name]:
			f.add(at, "repeated")
		case kindOf(one) != kindNull:
			f.value(one, typ, at)
		}
		seen[name] = true
	}
}

// clipped is how many characters of what was sent a problem repeats.
const clipped = 60

func clip(text string) string {
	if letters := []rune(text); len(letters) > clipped {
		return string(letters[:clipped-1]) + "…"
	}
	return text
}

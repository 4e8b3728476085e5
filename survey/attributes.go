package survey

import (
	"encoding/json"
	"fmt"
)

// Attributes are what is known of a person when a wave opens: their department,
// their level. They are stored as one text, a JSON object with its keys in
// order: the same attributes give the same text, so the engine keeps each
// combination once, and tells people apart by it without reading it.
type Attributes map[string]string

// text is how they are stored.
func (a Attributes) text() string {
	if len(a) == 0 {
		return ""
	}
	text, _ := json.Marshal(map[string]string(a)) // of a map of strings it cannot fail
	return string(text)
}

// Scan reads the stored text.
func (a *Attributes) Scan(stored any) error {
	text, ok := stored.(string)
	if !ok {
		return fmt.Errorf("attributes are stored as text, not as %T", stored)
	}
	*a = nil
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), (*map[string]string)(a)); err != nil {
		return fmt.Errorf("stored attributes: %w", err)
	}
	return nil
}

// Package chat posts messages to chat channels by incoming webhooks. It knows
// nothing of surveys.
package chat

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Kind is the form of message that a channel takes.
type Kind string

// The kinds of channels: Slack's incoming webhooks, which Mattermost and
// Rocket.Chat take too, and the workflows of Microsoft Teams that post a card.
const (
	Slack Kind = "slack"
	Teams Kind = "teams"
)

// Message is what is posted: plain text, whatever signs are in it, and one link.
type Message struct {
	Paragraphs []string
	Link       Link
}

// Link leads on from a message.
type Link struct{ Text, To string }

// payload is the JSON document that a channel of a kind takes.
func (m Message) payload(kind Kind) ([]byte, error) {
	switch kind {
	case Slack:
		return json.Marshal(m.slack())
	case Teams:
		return json.Marshal(m.teams())
	}
	return nil, fmt.Errorf("chat channel of kind %q: choose %s or %s", kind, Slack, Teams)
}

// object is a JSON object; its keys come out in the order of their names.
type object map[string]any

// slackSigns are those that begin markup in Slack's text; it has no others to
// escape (docs.slack.dev/messaging/formatting-message-text).
var slackSigns = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// slackText is the longest text of a block, in characters.
const slackText = 3000

// clip shortens a text to so many characters.
func clip(text string, most int) string {
	if all := []rune(text); len(all) > most {
		return string(all[:most-1]) + "…"
	}
	return text
}

// slack is a message of blocks. text is what notifications and screen readers
// give, and all that a channel without blocks shows.
func (m Message) slack() object {
	var plain []string
	var blocks []object
	for _, p := range m.Paragraphs {
		plain = append(plain, slackSigns.Replace(p))
		blocks = append(blocks, object{"type": "section", "text": object{"type": "plain_text", "text": clip(p, slackText), "emoji": false}})
	}
	plain = append(plain, "<"+m.Link.To+"|"+slackSigns.Replace(m.Link.Text)+">")
	blocks = append(blocks, object{"type": "actions", "elements": []object{
		{"type": "button", "text": object{"type": "plain_text", "text": m.Link.Text, "emoji": false}, "url": m.Link.To},
	}})
	return object{"text": strings.Join(plain, "\n\n"), "blocks": blocks}
}

// teams is an Adaptive Card in the envelope that Teams takes. Its text stands in
// runs, in which no sign is markup.
func (m Message) teams() object {
	var body []object
	for _, p := range m.Paragraphs {
		body = append(body, object{"type": "RichTextBlock", "inlines": []object{{"type": "TextRun", "text": p}}})
	}
	card := object{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": body,
		"actions": []object{{"type": "Action.OpenUrl", "title": m.Link.Text, "url": m.Link.To}},
	}
	return object{"type": "message", "attachments": []object{
		{"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": nil, "content": card},
	}}
}

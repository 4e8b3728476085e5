package survey

import (
	"embed"
	"sync"

	"mentorpulse/internal/web"
)

//go:embed messages.uk.yaml messages.en.yaml
var messageFiles embed.FS

// texts are the texts of pages and problems in the package's languages.
var texts = sync.OnceValue(func() *web.Messages { return web.MustLoadMessages(messageFiles) })

package access

import (
	"embed"
	"sync"

	"mentorpulse/internal/web"
)

//go:embed messages.uk.yaml messages.en.yaml
var files embed.FS

var messages = sync.OnceValue(func() *web.Messages { return web.MustLoadMessages(files) })

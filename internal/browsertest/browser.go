// Package browsertest opens a real browser for tests of pages.
package browsertest

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// tooLong is how long the tests of one tab may take.
const tooLong = 4 * time.Minute

// Open opens a tab in Chromium with an empty profile. The context is the tab; it
// closes with the test.
func Open(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no chromium, chromium-browser or google-chrome on PATH: run `make tools`, which installs what the tests need")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], // headless, no first run, no background networking, no sync
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	ctx, late := context.WithTimeout(ctx, tooLong)
	t.Cleanup(late)
	return ctx
}

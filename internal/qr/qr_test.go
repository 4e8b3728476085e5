package qr_test

import (
	"bytes"
	"encoding/xml"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	decoder "github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"

	"mentorpulse/internal/qr"
)

// decoded reads an image by another implementation of the standard. The image is
// no photograph: without being told so, the reader looks for a turned and bent code
// and sometimes counts its modules wrong.
func decoded(img image.Image) (string, error) {
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", err
	}
	result, err := decoder.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		return "", err
	}
	return result.GetText(), nil
}

func TestCodeIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		address := "https://" + rapid.StringMatching(`[a-z0-9]{1,20}\.example`).Draw(t, "host") + "/s/" +
			rapid.StringMatching(`[A-Za-z0-9_-]{0,170}`).Draw(t, "path") + rapid.SampledFrom([]string{"", "?lang=uk", "#ї"}).Draw(t, "rest")
		code, err := qr.New(address)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := code.PNG(&file, rapid.IntRange(200, 900).Draw(t, "pixels")); err != nil {
			t.Fatal(err)
		}
		img, err := png.Decode(&file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decoded(img); err != nil || got != address {
			t.Fatalf("read as %q, %v; want %q", got, err, address)
		}
		var drawing bytes.Buffer
		if err := code.SVG(&drawing); err != nil {
			t.Fatal(err)
		}
		if got, err := decoded(drawn(t, drawing.Bytes())); err != nil || got != address {
			t.Fatalf("the drawing is read as %q, %v; want %q", got, err, address)
		}
	})
}

// drawn paints the squares of a drawing, five pixels each.
func drawn(t interface{ Fatal(...any) }, svg []byte) image.Image {
	var drawing struct {
		ViewBox string `xml:"viewBox,attr"`
		Paths   []struct {
			Fill string `xml:"fill,attr"`
			D    string `xml:"d,attr"`
		} `xml:"path"`
	}
	if err := xml.Unmarshal(svg, &drawing); err != nil {
		t.Fatal(err)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	side := number(strings.Fields(drawing.ViewBox)[2])
	img := image.NewGray(image.Rect(0, 0, 5*side, 5*side))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, run := range regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`).FindAllStringSubmatch(drawing.Paths[1].D, -1) {
		x, y, long := number(run[1]), number(run[2]), number(run[3])
		for py := 5 * y; py < 5*y+5; py++ {
			for px := 5 * x; px < 5*(x+long); px++ {
				img.Set(px, py, color.Black)
			}
		}
	}
	return img
}

// The standard asks for a margin of four modules.
func TestCodeHasItsMargin(t *testing.T) {
	code, err := qr.New("https://pulse.example/e/acme")
	if err != nil {
		t.Fatal(err)
	}
	var drawing bytes.Buffer
	if err := code.SVG(&drawing); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(drawing.String(), `d="M4 4h7v1h-7z`) {
		t.Errorf("the first corner is not four modules from the edge: %.300s", drawing.String())
	}
}

func TestWhatIsNoCode(t *testing.T) {
	for _, text := range []string{"", strings.Repeat("x", 601)} {
		if _, err := qr.New(text); err == nil {
			t.Errorf("%d bytes make a code", len(text))
		}
	}
}

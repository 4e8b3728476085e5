// Package qr draws QR codes (ISO/IEC 18004) of addresses, for print and screens.
package qr

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quiet is the white margin that the standard asks for, in modules.
const quiet = 4

// maxText bounds what is encoded: a longer address makes squares that a phone
// cannot tell apart on a poster.
const maxText = 600

// Code is a QR code. Its zero value is of no use; see New.
type Code struct {
	size int // modules a side, without the margin
	dark [][]bool
}

// New encodes a text. A quarter of the squares may be hidden by a fold or a thumb
// (level Q).
func New(text string) (Code, error) {
	if text == "" || len(text) > maxText {
		return Code{}, fmt.Errorf("a QR code holds 1 to %d bytes, not %d", maxText, len(text))
	}
	made, err := qr.Encode(text, qr.Q, qr.Auto)
	if err != nil {
		return Code{}, fmt.Errorf("QR code: %w", err)
	}
	c := Code{size: made.Bounds().Dx()}
	c.dark = make([][]bool, c.size)
	for y := range c.dark {
		c.dark[y] = make([]bool, c.size)
		for x := range c.dark[y] {
			c.dark[y][x] = color.Gray16Model.Convert(made.At(x, y)).(color.Gray16).Y == 0
		}
	}
	return c, nil
}

// side is the whole code's, in modules.
func (c Code) side() int { return c.size + 2*quiet }

// SVG writes the code as a drawing that is sharp at any size. It is black on
// white also where a page is dark, since many cameras read no other.
func (c Code) SVG(w io.Writer) error {
	var path strings.Builder
	for y, row := range c.dark {
		for x := 0; x < c.size; x++ {
			if !row[x] {
				continue
			}
			run := x
			for run < c.size && row[run] {
				run++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", x+quiet, y+quiet, run-x, run-x)
			x = run
		}
	}
	side := strconv.Itoa(c.side())
	_, err := io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 `+side+` `+side+`" shape-rendering="crispEdges">`+
		`<path fill="#fff" d="M0 0h`+side+`v`+side+`H0z"/><path fill="#000" d="`+path.String()+`"/></svg>`+"\n")
	return err
}

// PNG writes the code as an image of about so many pixels a side, each module the
// same number of them.
func (c Code) PNG(w io.Writer, pixels int) error {
	scale := max(1, pixels/c.side())
	img := image.NewPaletted(image.Rect(0, 0, c.side()*scale, c.side()*scale), color.Palette{color.White, color.Black})
	for y := range c.side() * scale {
		for x := range c.side() * scale {
			if my, mx := y/scale-quiet, x/scale-quiet; my >= 0 && my < c.size && mx >= 0 && mx < c.size && c.dark[my][mx] {
				img.SetColorIndex(x, y, 1)
			}
		}
	}
	return (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(w, img)
}

package table

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

const (
	// mostParts is far more files than a workbook without pictures holds.
	mostParts = 2_000
	// longestTag bounds the attributes of one element, deepest their nesting;
	// Excel's own are about 4 kB and 12.
	longestTag = 64 << 10
	deepest    = 64
	// mostOtherElements bounds the elements of styles, themes and the like,
	// each of which costs far more memory than its few bytes.
	mostOtherElements = 200_000
)

var (
	errParts      = errors.New("too many files in the archive")
	errTag        = errors.New("an XML tag of unreasonable length")
	errDepth      = errors.New("XML elements nested unreasonably deep")
	errElements   = errors.New("more XML elements than a table of the allowed size needs")
	errUnbalanced = errors.New("an XML element is not closed")
)

// checkArchive inflates every file of the archive once, counting, before a
// parser that keeps what it reads sees any of it. It refuses a zip bomb first
// by the sizes the archive declares and then by what really comes out; damage
// by the checksums and by XML that does not parse, which the workbook parser
// would silently take for the end of the sheet; and XML made to exhaust memory.
func checkArchive(data []byte, limits Limits) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return &Error{Code: Damaged, Err: err}
	}
	if len(archive.File) > mostParts {
		return &Error{Code: NotTable, Err: errParts}
	}
	workbook := false
	var declared uint64
	for _, f := range archive.File {
		workbook = workbook || strings.EqualFold(strings.ReplaceAll(f.Name, `\`, "/"), "xl/workbook.xml")
		if declared += f.UncompressedSize64; f.UncompressedSize64 > uint64(limits.Inflated) || declared > uint64(limits.Inflated) {
			return &Error{Code: InflatesTooFar, Limit: limits.Inflated}
		}
	}
	if !workbook {
		return &Error{Code: NotTable} // a Word document, an .ods, any other archive
	}
	left := limits.Inflated
	for _, f := range archive.File {
		n, err := checkPart(f, left, limits)
		if err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// checkPart inflates one file of the archive, of at most left bytes, and
// returns its size.
func checkPart(f *zip.File, left int64, limits Limits) (int64, error) {
	damaged := func(err error) error {
		return &Error{Code: Damaged, Err: fmt.Errorf("%s: %w", path.Base(f.Name), err)}
	}
	inflated, err := f.Open()
	if err != nil {
		return 0, damaged(err)
	}
	defer func() { _ = inflated.Close() }() // it only frees: Read has reported every failure
	bounded := &io.LimitedReader{R: inflated, N: left + 1}
	if name := strings.ToLower(f.Name); strings.HasSuffix(name, ".xml") || strings.HasSuffix(name, ".rels") {
		most := mostOtherElements
		if strings.Contains(name, "worksheets") || strings.Contains(name, "sharedstrings") {
			most += 4 * limits.Cells // a cell is up to three elements, a string two
		}
		err = checkXML(bounded, most)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, bounded)
	}
	if bounded.N <= 0 {
		return 0, &Error{Code: InflatesTooFar, Limit: limits.Inflated}
	}
	if errors.Is(err, errElements) {
		return 0, &Error{Code: TooManyCells, Limit: int64(limits.Cells), Err: err}
	}
	if err != nil {
		return 0, damaged(err)
	}
	return left + 1 - bounded.N, nil
}

// checkXML reads a document to its end without keeping any of it.
func checkXML(r io.Reader, mostElements int) error {
	d := xml.NewDecoder(&tagGuard{r: r})
	elements, depth := 0, 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if depth != 0 {
				return errUnbalanced
			}
			return nil
		}
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			elements++
			depth++
		case xml.EndElement:
			depth--
		}
		if elements > mostElements {
			return errElements
		}
		if depth > deepest {
			return errDepth
		}
	}
}

// tagGuard fails when a tag is longer than longestTag, before the decoder
// gathers its attributes.
type tagGuard struct {
	r      io.Reader
	inTag  bool
	length int
}

func (g *tagGuard) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	for _, b := range p[:n] {
		switch {
		case b == '<':
			g.inTag, g.length = true, 0
		case b == '>':
			g.inTag = false
		case g.inTag:
			if g.length++; g.length > longestTag {
				return 0, errTag
			}
		}
	}
	return n, err
}

package data

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/olorin-dev/olorin"
)

// charset tells, while rows go by, whether a file that claims nothing is UTF-8 or Windows-1252. Rows of ASCII are the same in both. What other
// characters are counts for one of them, and a file that has rows of either is neither.
type charset struct {
	unicode int // first line with a character of UTF-8 beyond ASCII; 0 is none
	western int // first line that is not UTF-8

	runs, fitting int      // of characters beyond ASCII; and those that stand where they do in a western language
	examples      []string // words with such characters, as they were read
}

// The least confidence with which a file is taken for Windows-1252, and how many words are shown of it.
const (
	minCharset      = 0.6
	charsetExamples = 5
)

// see looks at a row, which begins at offset, on line.
func (c *charset) see(row []byte, offset int64, line int) error {
	switch {
	case isASCII(row):
		return nil
	case utf8.Valid(row):
		if c.western > 0 {
			return invalidFile("line %d is UTF-8, and line %d is not: save the whole file as UTF-8 (in Excel: \"CSV UTF-8\")", line, c.western)
		}
		if c.unicode == 0 {
			c.unicode = line
		}
		return nil
	}
	i := bytes.IndexFunc(row, func(r rune) bool { return r == utf8.RuneError })
	at, on := offset+int64(i)+1, line+bytes.Count(row[:i], []byte{'\n'})
	if c.unicode > 0 {
		return invalidFile("the file is not valid UTF-8: line %d, byte %d (0x%02X), where line %d is; save the whole file as UTF-8 (in Excel: \"CSV UTF-8\")", on, at, row[i], c.unicode)
	}
	if i := slices.IndexFunc(row, func(b byte) bool { return strings.IndexByte("\x81\x8d\x8f\x90\x9d", b) >= 0 }); i >= 0 {
		return invalidFile("the file is neither UTF-8 nor Windows-1252: line %d, byte %d (0x%02X) is in neither; save it as UTF-8 (in Excel: \"CSV UTF-8\")", line+bytes.Count(row[:i], []byte{'\n'}), offset+int64(i)+1, row[i])
	}
	if c.western == 0 {
		c.western = on
	}
	c.weigh(row)
	return nil
}

// text returns what a row, or a part of one, says.
func (c *charset) text(b []byte) []byte {
	if c.western == 0 || isASCII(b) {
		return b
	}
	out := make([]byte, 0, len(b)+len(b)/4)
	for _, x := range b {
		out = utf8.AppendRune(out, charmap.Windows1252.DecodeByte(x))
	}
	return out
}

// confidence is how sure it is that the file is Windows-1252: the share of its characters that fit, with one added of each kind.
func (c *charset) confidence() float64 { return float64(c.fitting+1) / float64(c.runs+2) }

// verdict is what the file as a whole is.
func (c *charset) verdict() (*olorin.TextEncoding, error) {
	switch sure := c.confidence(); {
	case c.western == 0:
		return nil, nil
	case sure < minCharset:
		return nil, invalidFile("the file is not UTF-8 (line %d), and read as Windows-1252 it makes words such as %s, which no western language has: save it as UTF-8 (in Excel: \"CSV UTF-8\")", c.western, "“"+strings.Join(c.examples, "”, “")+"”")
	default:
		return &olorin.TextEncoding{Name: "windows-1252", Confidence: float64(int(100*sure)) / 100, Line: c.western, Examples: c.examples}, nil
	}
}

// weigh looks at each run of characters beyond ASCII. In words of western languages one or two letters stand between others; in Cyrillic, Greek
// or Chinese that is read wrongly there are long runs, and in older encodings signs stand between letters.
func (c *charset) weigh(row []byte) {
	for i := 0; i < len(row); {
		if row[i] < utf8.RuneSelf {
			i++
			continue
		}
		end := i
		for end < len(row) && row[end] >= utf8.RuneSelf {
			end++
		}
		before, after := i > 0 && isLetter(row[i-1]), end < len(row) && isLetter(row[end])
		c.runs++
		if fits(c.text(row[i:end]), before, after) {
			c.fitting++
		}
		if len(c.examples) < charsetExamples {
			if word := olorin.Clip(olorin.MaskCards(string(c.text(wordAround(row, i, end)))), 40); !slices.Contains(c.examples, word) {
				c.examples = append(c.examples, word)
			}
		}
		i = end
	}
}

// Letters and signs that western languages have. Those that read wrongly come up most (š and ž for Mac and Czech, þ and ð for Turkish) are left out:
// where they are meant, others of the file make up for them.
const (
	westernLetters = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüœŒÿ"
	westernSigns   = "€£¥§°«»‘’“”„‚–—…•™®©²³½¼ªº¿¡µ·´\u00a0\u00ad"
)

func fits(run []byte, before, after bool) bool {
	letters, signs := 0, 0
	for _, r := range string(run) {
		switch {
		case strings.ContainsRune(westernLetters, r):
			letters++
		case strings.ContainsRune(westernSigns, r):
			signs++
		default:
			return false
		}
	}
	switch {
	case letters > 0 && signs > 0:
		return letters == 1
	case letters > 0:
		return letters <= 2
	case before && after: // l’eau, col·legi
		r, _ := utf8.DecodeRune(run)
		return signs == 1 && strings.ContainsRune("’´·\u00a0\u00ad–", r)
	}
	return signs <= 3
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

// wordAround is the word in which a run of characters stands.
func wordAround(row []byte, from, to int) []byte {
	for from > 0 && isLetter(row[from-1]) {
		from--
	}
	for to < len(row) && (isLetter(row[to]) || row[to] >= utf8.RuneSelf) {
		to++
	}
	return row[from:to]
}

func isASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
	}
	for _, x := range b {
		if x > unicode.MaxASCII {
			return false
		}
	}
	return true
}

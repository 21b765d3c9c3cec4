package data

import (
	"bytes"
)

// The bounds of one row and one cell, in bytes.
const (
	maxCell   = 1 << 20
	maxRecord = 8 << 20
)

// record is one row of a file as the parser met it. Rows follow RFC 4180, with these liberties: any delimiter of the
// dialect; LF, CRLF or (in files without LF) CR ends a row; a quote inside a field that does not begin with one is text.
type record struct {
	raw     []byte // without its line end
	fields  int
	blank   bool   // nothing but white space
	fault   string // why the row is malformed, but for its number of fields
	column  int    // of the fault, 1 = first
	rewrite bool   // raw is not canonical: cells hold what it means
	lines   int    // line ends consumed
	open    bool   // a quote is never closed
	tooBig  bool   // a cell is over maxCell; column says which
}

// recordParser parses rows out of a buffer. Its cells are valid until the next call.
type recordParser struct {
	cells   [][]byte
	scratch []byte
}

// parse reads the row at the start of buf and returns how many bytes it takes. It returns false where buf ends before the row does,
// unless final says that nothing follows.
func (p *recordParser) parse(buf []byte, d dialect, final bool) (rec record, size int, ok bool) {
	line, n := buf, len(buf)
	if end := bytes.IndexByte(buf, d.newline); end >= 0 {
		line, n, rec.lines = buf[:end], end+1, 1
	} else if !final {
		return rec, 0, false
	}
	if bytes.IndexByte(line, '"') >= 0 {
		return p.parseQuoted(buf, d, final)
	}
	line = trimCR(line, d)
	rec.raw = line
	if len(bytes.TrimSpace(line)) == 0 && bytes.IndexByte(line, d.delimiter) < 0 {
		rec.blank = true
		return rec, n, true
	}
	rec.fields = bytes.Count(line, []byte{d.delimiter}) + 1
	if len(line) > maxCell {
		for i, cell := range bytes.Split(line, []byte{d.delimiter}) {
			if len(cell) > maxCell {
				rec.tooBig, rec.column = true, i+1
				break
			}
		}
	}
	if bytes.IndexByte(line, '\r') >= 0 {
		rec.rewrite = true
		p.cells = append(p.cells[:0], bytes.Split(line, []byte{d.delimiter})...)
	}
	return rec, n, true
}

// parseQuoted reads a row whose first line has a quote.
func (p *recordParser) parseQuoted(buf []byte, d dialect, final bool) (rec record, n int, ok bool) {
	p.cells = p.cells[:0]
	p.scratch = p.scratch[:0]
	i := 0
	for {
		start := len(p.scratch)
		if i < len(buf) && buf[i] == '"' {
			i++
			for {
				q := bytes.IndexByte(buf[i:], '"')
				if q < 0 {
					if len(buf)-i > maxCell {
						rec.tooBig, rec.column = true, len(p.cells)+1
						return rec, len(buf), true
					}
					if !final {
						return rec, 0, false
					}
					rec.open, rec.column = true, len(p.cells)+1
					rec.fault = "a quote is opened and never closed"
					rec.fields = len(p.cells) + 1
					rec.raw = buf
					rec.lines = bytes.Count(buf, []byte{d.newline})
					return rec, len(buf), true
				}
				text := buf[i : i+q]
				p.scratch = appendText(p.scratch, text, &rec)
				rec.lines += bytes.Count(text, []byte{d.newline})
				i += q + 1
				if i >= len(buf) && !final {
					return rec, 0, false
				}
				if i < len(buf) && buf[i] == '"' {
					p.scratch = append(p.scratch, '"')
					i++
					continue
				}
				break
			}
			j := fieldEnd(buf[i:], d)
			after := buf[i : i+j]
			if i+j >= len(buf) && !final {
				return rec, 0, false
			}
			if i+j >= len(buf) || buf[i+j] == d.newline {
				after = trimCR(after, d)
			}
			if len(after) > 0 && rec.fault == "" {
				rec.fault, rec.column = "text follows a closing quote", len(p.cells)+1
			}
			p.scratch = append(p.scratch, after...)
			i += j
		} else {
			j := fieldEnd(buf[i:], d)
			cell := buf[i : i+j]
			if bytes.IndexByte(cell, '"') >= 0 {
				rec.rewrite = true
			}
			if i+j >= len(buf) || buf[i+j] == d.newline {
				cell = trimCR(cell, d)
			}
			if bytes.IndexByte(cell, '\r') >= 0 {
				rec.rewrite = true
			}
			p.scratch = append(p.scratch, cell...)
			i += j
		}
		cell := p.scratch[start:len(p.scratch):len(p.scratch)]
		p.cells = append(p.cells, cell)
		if len(cell) > maxCell {
			rec.tooBig, rec.column = true, len(p.cells)
			return rec, len(buf), true
		}
		if i >= len(buf) {
			rec.raw, rec.fields = trimCR(buf, d), len(p.cells)
			return rec, len(buf), final
		}
		if buf[i] == d.newline {
			rec.raw, rec.fields = trimCR(buf[:i], d), len(p.cells)
			rec.lines++
			return rec, i + 1, true
		}
		i++ // the delimiter
		if i >= len(buf) && !final {
			return rec, 0, false
		}
	}
}

// appendText appends the text of a quoted field, its line ends as LF.
func appendText(dst, text []byte, rec *record) []byte {
	if bytes.IndexByte(text, '\r') < 0 {
		return append(dst, text...)
	}
	rec.rewrite = true
	return append(dst, bytes.ReplaceAll(text, []byte("\r\n"), []byte{'\n'})...)
}

// trimCR takes the CR of a CRLF away.
func trimCR(b []byte, d dialect) []byte {
	if d.newline == '\n' && len(b) > 0 && b[len(b)-1] == '\r' {
		return b[:len(b)-1]
	}
	return b
}

// fieldEnd returns the length of the unquoted field at the start of b.
func fieldEnd(b []byte, d dialect) int {
	for i, c := range b {
		if c == d.delimiter || c == d.newline {
			return i
		}
	}
	return len(b)
}

// appendRow appends cells as one canonical row: quoted where they need to be, ended by LF.
func appendRow(dst []byte, cells [][]byte, delimiter byte) []byte {
	for i, cell := range cells {
		if i > 0 {
			dst = append(dst, delimiter)
		}
		if bytes.IndexByte(cell, delimiter) < 0 && !bytes.ContainsAny(cell, "\"\r\n") {
			dst = append(dst, cell...)
			continue
		}
		dst = append(dst, '"')
		for _, c := range cell {
			if c == '"' {
				dst = append(dst, '"')
			}
			dst = append(dst, c)
		}
		dst = append(dst, '"')
	}
	return append(dst, '\n')
}

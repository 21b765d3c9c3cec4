package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
)

// JSON Lines, one object a line, or a JSON array of objects. Their members are the columns, in the order in which they first appear; those of an object within are named
// "outer.inner"; a list is one cell, as JSON.

// maxNesting is how deep objects within one another are taken apart; what lies deeper is one cell, as JSON.
const maxNesting = 8

// objectParser takes objects apart. Its cells are valid until the next call.
type objectParser struct {
	names  []string       // of the columns that have appeared
	index  map[string]int // in names
	cells  [][]byte
	filled []bool
	path   []byte
}

// parse takes a line apart, or tells why it is malformed.
func (p *objectParser) parse(line []byte) (fault string, err error) {
	if !json.Valid(line) {
		return "is not valid JSON", nil
	}
	if line[0] != '{' {
		return "is no JSON object", nil
	}
	for i := range p.cells {
		p.cells[i], p.filled[i] = nil, false
	}
	_, fault, err = p.object(line, 0, 1)
	return fault, err
}

// object reads the object at i of valid JSON and returns where it ends.
func (p *objectParser) object(b []byte, i, depth int) (end int, fault string, err error) {
	before := len(p.path)
	for i = space(b, i+1); b[i] != '}'; i = space(b, i) {
		if b[i] == ',' {
			i = space(b, i+1)
		}
		nameEnd := skipValue(b, i)
		if before > 0 {
			p.path = append(p.path, '.')
		}
		name := unquote(b[i:nameEnd])
		p.path = append(p.path, name...)
		i = space(b, space(b, nameEnd)+1) // after the colon
		end = skipValue(b, i)
		if b[i] == '{' && depth < maxNesting {
			if end, fault, err = p.object(b, i, depth+1); err != nil || fault != "" {
				return end, fault, err
			}
		} else if fault, err = p.set(b[i:end]); err != nil || fault != "" {
			return end, fault, err
		}
		p.path = p.path[:before]
		i = end
	}
	return i + 1, "", nil
}

// set puts a value into the column that the path names.
func (p *objectParser) set(value []byte) (fault string, err error) {
	i, known := p.index[string(p.path)]
	if !known {
		if len(p.names) == maxColumns {
			return "", olorin.Errorf(olorin.CodeTooLarge, "the objects have more than %d members in all: leave out those that matter least", maxColumns)
		}
		if len(p.path) > maxHeaderName {
			return fmt.Sprintf("has a name that is longer than %d bytes", maxHeaderName), nil
		}
		i = len(p.names)
		p.index[string(p.path)] = i
		p.names, p.cells, p.filled = append(p.names, string(p.path)), append(p.cells, nil), append(p.filled, false)
	}
	if p.filled[i] {
		return fmt.Sprintf("has %q twice", olorin.Clip(string(p.path), 60)), nil
	}
	p.filled[i] = true
	switch value[0] {
	case 'n': // null
	case '"':
		p.cells[i] = unquote(value)
	default:
		if p.cells[i] = value; bytes.IndexByte(value, '\n') >= 0 {
			var line bytes.Buffer
			if err := json.Compact(&line, value); err != nil {
				return "", err
			}
			p.cells[i] = line.Bytes()
		}
	}
	if len(p.cells[i]) > maxCell {
		return "", invalidFile("the value of %q holds more than %d MB: shorten it", olorin.Clip(string(p.path), 60), maxCell>>20)
	}
	return "", nil
}

func space(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return i
}

// skipValue returns where the value at i of valid JSON ends.
func skipValue(b []byte, i int) int {
	depth := 0
	for ; ; i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			}
		case ',', ':', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return i
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return i + 1
		}
	}
}

// unquote returns the text of a valid JSON string.
func unquote(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b[1 : len(b)-1]
	}
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return b
	}
	return []byte(s)
}

// consumeObjects takes as many whole lines of JSON as buf holds and returns how many bytes they are.
func (v *receiver) consumeObjects(buf []byte, final bool) (used int, err error) {
	for used < len(buf) {
		line, n := buf[used:], len(buf)-used
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line, n = line[:end], end+1
		} else if !final {
			if n > maxRecord {
				return used, invalidFile("line %d is longer than %d MB: JSON must have one object a line", v.line, maxRecord>>20)
			}
			break
		}
		if len(line) > maxRecord {
			return used, invalidFile("line %d is longer than %d MB: JSON must have one object a line", v.line, maxRecord>>20)
		}
		if err := v.takeObject(line, v.offset+int64(used)); err != nil {
			return used, err
		}
		used += n
		v.line++
	}
	return used, nil
}

// array is where in a JSON array the reader stands.
type array int

const (
	noArray array = iota
	beforeElement
	afterElement
	afterArray
)

// consumeArray takes as many whole elements of a JSON array as buf holds and returns how many bytes they are.
func (v *receiver) consumeArray(buf []byte, final bool) (used int, err error) {
	for used < len(buf) {
		c := buf[used]
		switch {
		case c == '\n':
			v.line++
			used++
		case c == ' ' || c == '\t' || c == '\r':
			used++
		case c == '[' && v.array == noArray:
			v.array = beforeElement
			used++
		case c == ',' && v.array == afterElement:
			v.array = beforeElement
			used++
		case c == ']' && (v.array == afterElement || v.array == beforeElement && v.number == 0):
			v.array = afterArray
			used++
		case v.array != beforeElement || c == ',' || c == ']':
			return used, invalidFile("line %d: %q is not what may stand here in a JSON array of objects: export it again", v.line, c)
		default:
			n := elementEnd(buf[used:])
			if n == 0 && !final && len(buf)-used <= maxRecord {
				return used, nil
			}
			if n == 0 && len(buf)-used <= maxRecord {
				return used, invalidFile("the JSON array is cut off within what begins on line %d: export it again", v.line)
			}
			if n == 0 || n > maxRecord {
				return used, invalidFile("what begins on line %d is longer than %d MB: a JSON array must be one of objects", v.line, maxRecord>>20)
			}
			element := buf[used : used+n]
			if err := v.takeObject(element, v.offset+int64(used)); err != nil {
				return used, err
			}
			v.line += bytes.Count(element, []byte{'\n'})
			v.array = afterElement
			used += n
		}
	}
	if final && v.array != afterArray {
		return used, invalidFile("the JSON array is cut off on line %d: export it again", v.line)
	}
	return used, nil
}

// elementEnd is how many bytes the element of an array takes at the start of b, which need not be valid; 0 where b ends before.
func elementEnd(b []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case (c == ',' || c == ']') && depth == 0:
			return i
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// takeObject takes the text of an object, which begins at offset.
func (v *receiver) takeObject(text []byte, offset int64) error {
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return notText(offset+int64(i), v.line)
	}
	if !utf8.Valid(text) {
		return notUTF8(text, offset, v.line)
	}
	if text = bytes.TrimSpace(text); len(text) == 0 {
		return nil
	}
	v.number++
	known := len(v.objects.names)
	v.objects.path = v.objects.path[:0]
	fault, err := v.objects.parse(text)
	if err != nil {
		return err
	}
	for _, cell := range v.objects.cells {
		if fault == "" && bytes.IndexByte(cell, 0) >= 0 {
			fault = "has a NUL in a text"
		}
	}
	if fault != "" {
		for _, name := range v.objects.names[known:] { // columns of rows that are not there are none
			delete(v.objects.index, name)
		}
		v.objects.names, v.objects.cells, v.objects.filled = v.objects.names[:known], v.objects.cells[:known], v.objects.filled[:known]
		return v.setAside(fault, text)
	}
	for i, cell := range v.objects.cells {
		if i == len(v.up.tidy) {
			v.up.tidy, v.up.lengthy = append(v.up.tidy, true), append(v.up.lengthy, false)
		}
		v.lookAt(i, cell)
	}
	v.scratch = append(strconv.AppendInt(v.scratch[:0], v.number, 10), v.up.dialect.delimiter)
	v.scratch = appendRow(v.scratch, v.objects.cells, v.up.dialect.delimiter)
	v.up.multiline = v.up.multiline || bytes.IndexByte(v.scratch[:len(v.scratch)-1], '\n') >= 0
	return v.write()
}

package data

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
)

// JSON Lines: one object a line. Its members are the columns, in the order in which they first appear; those of an object within are named
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
		p.cells[i] = value
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
		if i := bytes.IndexByte(line, 0); i >= 0 {
			return used, notText(v.offset+int64(used+i), v.line)
		}
		if !utf8.Valid(line) {
			return used, notUTF8(line, v.offset+int64(used), v.line)
		}
		if text := bytes.TrimSpace(line); len(text) > 0 {
			if err := v.takeObject(text); err != nil {
				return used, err
			}
		}
		used += n
		v.line++
	}
	return used, nil
}

func (v *receiver) takeObject(text []byte) error {
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
			v.up.tidy = append(v.up.tidy, true)
		}
		v.up.tidy[i] = v.up.tidy[i] && isTidy(cell)
	}
	v.scratch = append(strconv.AppendInt(v.scratch[:0], v.number, 10), v.up.dialect.delimiter)
	v.scratch = appendRow(v.scratch, v.objects.cells, v.up.dialect.delimiter)
	v.up.rows++
	v.up.longest = max(v.up.longest, len(v.scratch))
	v.up.multiline = v.up.multiline || bytes.IndexByte(v.scratch[:len(v.scratch)-1], '\n') >= 0
	_, err = v.out.Write(v.scratch)
	return err
}

package httpd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
)

const (
	// maxDepth bounds how deep a body may be nested.
	maxDepth = 64
	// maxFaults bounds how many faults are looked for: beyond it, more of the same says nothing new and costs much.
	maxFaults = 200
)

// parsed is the outcome of reading a text as JSON: a tree of nil, bool, json.Number, string, []any and map[string]any.
type parsed struct {
	tree   any
	faults []olorin.Fault // duplicate keys and trailing bytes, which the tree cannot show
}

// parseJSON reads exactly one JSON value. The error is a codeMalformed one where there is none.
func parseJSON(text []byte) (parsed, error) {
	if !utf8.Valid(text) {
		return parsed{}, malformed(firstInvalid(text), "the body is not UTF-8")
	}
	if at := halved(text); at >= 0 {
		return parsed{}, malformed(at, "half of a character stands alone: a \\u escape of D800 to DFFF without its other half")
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	p := parser{dec: dec}
	tree, err := p.value("", 0)
	if err != nil {
		return parsed{}, syntaxError(err, dec.InputOffset())
	}
	rest := bytes.TrimLeft(text[dec.InputOffset():], " \t\r\n")
	if len(rest) > 0 {
		p.faults = append(p.faults, olorin.Fault{
			Code: "trailing_bytes", Detail: fmt.Sprintf("the JSON value ends before byte %d of %d; send exactly one value", len(text)-len(rest), len(text)),
		})
	}
	return parsed{tree, p.faults}, nil
}

func malformed(offset int64, detail string) error {
	return &olorin.Error{
		Code: codeMalformed, Message: fmt.Sprintf("%s, at byte %d", detail, offset),
		Faults: []olorin.Fault{{Code: "malformed", Detail: fmt.Sprintf("%s, at byte %d", detail, offset)}},
	}
}

func firstInvalid(text []byte) int64 {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n <= 1 {
			return int64(i)
		}
		i += n
	}
	return 0
}

// halved returns where an escape is one half of a surrogate pair without the other, which would silently become another character; or -1.
func halved(text []byte) int64 {
	unit := func(i int) uint64 {
		if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
			return 0
		}
		n, err := strconv.ParseUint(string(text[i+2:i+6]), 16, 16)
		if err != nil {
			return 0
		}
		return n
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		switch u := unit(i); {
		case u >= 0xD800 && u < 0xDC00 && unit(i+6) >= 0xDC00 && unit(i+6) < 0xE000:
			i += 11
		case u >= 0xD800 && u < 0xE000:
			return int64(i)
		default:
			i++ // what is escaped
		}
	}
	return -1
}

func syntaxError(err error, offset int64) error {
	if e, ok := errors.AsType[*olorin.Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return malformed(e.Offset, e.Error())
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed(offset, "the JSON ends too soon")
	}
	return malformed(offset, err.Error())
}

type parser struct {
	dec    *json.Decoder
	faults []olorin.Fault
}

func (p *parser) value(at string, depth int) (any, error) {
	token, err := p.dec.Token()
	if err != nil {
		return nil, err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return token, nil
	}
	if depth >= maxDepth {
		return nil, malformed(p.dec.InputOffset(), fmt.Sprintf("the JSON is nested deeper than %d levels", maxDepth))
	}
	if delim == '[' {
		list := []any{}
		for p.dec.More() {
			v, err := p.value(at+"/"+strconv.Itoa(len(list)), depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := p.dec.Token()
		return list, err
	}
	object := map[string]any{}
	for p.dec.More() {
		key, err := p.dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, malformed(p.dec.InputOffset(), "a member has no name")
		}
		pointer := at + "/" + olorin.PointerTo(name)
		v, err := p.value(pointer, depth+1)
		if err != nil {
			return nil, err
		}
		if _, twice := object[name]; twice && len(p.faults) < maxFaults {
			p.faults = append(p.faults, olorin.Fault{Pointer: pointer, Code: "duplicate_key", Detail: fmt.Sprintf("the member %s is given more than once", quote(name))})
		}
		object[name] = v
	}
	_, err = p.dec.Token()
	return object, err
}

// quote shows what a client sent, never all of something long.
func quote(s string) string { return strconv.Quote(olorin.Clip(s, 64)) }

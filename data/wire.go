package data

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// What the server and its engine processes say to each other: frames of a kind, a length and a payload. A process that reads hostile
// files is not believed: whatever it sends is bounded before it is read.

const (
	maxFrame  = 64 << 20 // bytes of a payload
	batch     = 64 << 10 // bytes of rows that are sent together
	maxDepth  = 64       // of lists and structs within one another
	frameHead = 5
)

// The kinds of frames.
const (
	askTask  = 't' // JSON: a task
	askQuery = 'q' // values: the query, its parameters
	tellCols = 'c' // JSON: the names of a result's columns
	tellRows = 'r' // values: the cells of whole rows, one after another
	tellDone = 'd' // JSON: what a task came to; the last frame
	tellFail = 'e' // JSON: why it failed; the last frame
)

func writeFrame(w io.Writer, kind byte, payload []byte) error {
	if len(payload) > maxFrame {
		return fmt.Errorf("one row of the answer has more than %d MB", maxFrame>>20)
	}
	head := binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(payload)))
	if _, err := w.Write(append(head, payload...)); err != nil {
		return fmt.Errorf("write to the other process: %w", err)
	}
	return nil
}

func writeJSONFrame(w io.Writer, kind byte, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeFrame(w, kind, text)
}

func readFrame(r io.Reader) (kind byte, payload []byte, err error) {
	var head [frameHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	n := binary.BigEndian.Uint32(head[1:])
	if n > maxFrame {
		return 0, nil, errGarbled
	}
	payload = make([]byte, n)
	_, err = io.ReadFull(r, payload)
	return head[0], payload, err
}

// errGarbled says that the other process sent what is no part of the conversation.
var errGarbled = errors.New("the engine's process sent what cannot be read")

// The values of a query are one byte for their type, then the value. Map keys are sorted.
const (
	isNull = iota
	isFalse
	isTrue
	isInt
	isUint
	isFloat
	isText
	isTime
	isList
	isMap
)

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, isNull)
	case bool:
		if v {
			return append(b, isTrue)
		}
		return append(b, isFalse)
	case int64:
		return binary.AppendVarint(append(b, isInt), v)
	case uint64:
		return binary.AppendUvarint(append(b, isUint), v)
	case float64:
		return binary.BigEndian.AppendUint64(append(b, isFloat), math.Float64bits(v))
	case time.Time:
		b = binary.AppendVarint(append(b, isTime), v.Unix())
		return binary.AppendUvarint(b, uint64(v.Nanosecond()))
	case []any:
		b = binary.AppendUvarint(append(b, isList), uint64(len(v)))
		for _, x := range v {
			b = appendValue(b, x)
		}
		return b
	case map[string]any:
		b = binary.AppendUvarint(append(b, isMap), uint64(len(v)))
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			b = appendValue(appendString(b, k), v[k])
		}
		return b
	case string:
		return appendString(append(b, isText), v)
	}
	return appendString(append(b, isText), fmt.Sprint(v))
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// values reads what appendValue wrote.
type values struct {
	b   []byte
	bad bool // something was not readable; all after it is zero
}

func (r *values) uvarint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *values) varint() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *values) fail() { r.b, r.bad = nil, true }

// count reads a number of things that take at least one byte each.
func (r *values) count() int {
	n := r.uvarint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(n)
}

func (r *values) text() string {
	n := r.count()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *values) value(depth int) any {
	if len(r.b) == 0 || depth > maxDepth {
		r.fail()
		return nil
	}
	kind := r.b[0]
	r.b = r.b[1:]
	switch kind {
	case isNull:
		return nil
	case isFalse, isTrue:
		return kind == isTrue
	case isInt:
		return r.varint()
	case isUint:
		return r.uvarint()
	case isText:
		return r.text()
	case isFloat:
		if len(r.b) >= 8 {
			f := math.Float64frombits(binary.BigEndian.Uint64(r.b))
			r.b = r.b[8:]
			return f
		}
	case isTime:
		seconds := r.varint()
		return time.Unix(seconds, int64(r.uvarint()%1e9)).UTC()
	case isList:
		list := make([]any, r.count())
		for i := range list {
			list[i] = r.value(depth + 1)
		}
		return list
	case isMap:
		n := r.count()
		m := make(map[string]any, n)
		for range n {
			k := r.text()
			m[k] = r.value(depth + 1)
		}
		return m
	}
	r.fail()
	return nil
}

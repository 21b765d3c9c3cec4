package data

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/text/encoding/unicode"

	"github.com/olorin-dev/olorin"
)

// The forms in which an upload may come: CSV, JSON Lines or Parquet, each also packed by gzip, text also as UTF-16. They are taken off layer by
// layer, as a stream, and bounded by the largest file that is allowed, also unpacked.

// rawReader counts and hashes an upload as it was sent.
type rawReader struct {
	r    io.Reader
	hash hash.Hash
	n    int64
	most int64 // 0 is without bound
}

func (r *rawReader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	r.hash.Write(p[:n])
	if r.n += int64(n); r.most > 0 && r.n > r.most {
		return n, olorin.Errorf(olorin.CodeTooLarge, "the file is larger than the %d bytes allowed: split it, or raise the limit", r.most)
	}
	return n, err
}

// unpacked bounds what comes out of an archive.
type unpacked struct {
	r    io.Reader
	n    int64
	most int64
}

func (r *unpacked) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if r.n += int64(n); r.most > 0 && r.n > r.most {
		return n, olorin.Errorf(olorin.CodeTooLarge, "the file unpacks to more than the %d bytes allowed: split it, or raise the limit", r.most)
	}
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = invalidFile("the gzip archive is cut off after %d bytes of what is in it: upload it again", r.n)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		err = invalidFile("the gzip archive is damaged after %d bytes of what is in it: pack it again", r.n)
	case err != nil && !errors.Is(err, io.EOF) && olorin.CodeOf(err) == "":
		err = invalidFile("the gzip archive is damaged after %d bytes of what is in it (%w): pack it again", r.n, err)
	}
	return n, err
}

var parquetMagic = []byte("PAR1")

// unwrap takes gzip and UTF-16 away. It tells whether what is inside is a Parquet file.
func unwrap(raw io.Reader, most int64) (inside io.Reader, parquet bool, err error) {
	r := bufio.NewReaderSize(raw, 64<<10)
	head, err := peek(r, 2)
	if err != nil {
		return nil, false, err
	}
	if bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, false, invalidFile("the file begins like a gzip archive and is none (%w): pack it again", err)
		}
		r = bufio.NewReaderSize(&unpacked{r: z, most: most}, 256<<10)
	}
	if head, err = peek(r, 4096); err != nil {
		return nil, false, err
	}
	if bytes.HasPrefix(head, parquetMagic) {
		return r, true, nil
	}
	if order, ok := isUTF16(head); ok {
		return unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(r), false, nil
	}
	return r, false, nil
}

// peek returns the first n bytes, or as many as there are.
func peek(r *bufio.Reader, n int) ([]byte, error) {
	head, err := r.Peek(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, readError(err)
	}
	return head, nil
}

func readError(err error) error {
	if olorin.CodeOf(err) != "" {
		return err
	}
	return fmt.Errorf("read upload: %w", err)
}

// isUTF16 tells UTF-16 by its byte order mark or, where it has none, by where the zero bytes of its ASCII characters are.
func isUTF16(head []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE, 0, 0}): // UTF-32
		return unicode.LittleEndian, false
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return unicode.BigEndian, true
	}
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	n := len(head) / 2
	switch {
	case n >= 8 && odd > n*7/10 && even < n/10:
		return unicode.LittleEndian, true
	case n >= 8 && even > n*7/10 && odd < n/10:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, false
}

package data

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
)

const (
	maxColumns    = 500
	maxHeaderName = 200      // bytes
	maxFaults     = 20       // malformed rows that are named
	maxRescan     = 64 << 20 // bytes that may be read again to find where a stray quote began
	readBytes     = 512 << 10
)

// upload is a file as it was received: its rows, in canonical form and numbered, wait in a file.
type upload struct {
	header   []string
	dialect  dialect
	rows     int64 // kept
	rejected int64
	longest  int   // bytes of the longest row
	bytes    int64 // as they were sent
	sha256   string

	encoding *olorin.TextEncoding // where it is not UTF-8 or UTF-16

	tidy    []bool // by column, but of Parquet: see sourceColumn
	lengthy []bool // by column, but of Parquet and joined files: a value has as many digits in a row as a card

	multiline bool // a row spans lines
	ragged    bool // rows may be shorter than the header
	parquet   bool // the rows are in a Parquet file, and not yet counted
}

// receiver streams an upload into a file of canonical rows: the number of the row, then its cells.
type receiver struct {
	maxBytes      int64
	maxRows       int64
	skipMalformed bool
	rowsPath      string
	parquetPath   string // made for a Parquet file, as it is
	rejectedPath  string // made when the first row is set aside

	up       upload
	number   int64 // of the row, 1 = first after the header
	line     int   // the row begins on, 1 = first of the file
	offset   int64 // of buf in the file
	faults   []olorin.Fault
	faulty   int64
	rescans  int64
	secrets  []int // columns that by their name hold what nobody may keep
	out      *bufio.Writer
	rejects  *csv.Writer
	rejectFD *os.File
	parser   recordParser
	charset  charset
	json     bool // JSON, by objects
	array    array
	objects  objectParser
	scratch  []byte
}

// receive reads the whole of r. On an error the files at its paths are incomplete and for the caller to remove.
func (v *receiver) receive(ctx context.Context, r io.Reader) (_ upload, err error) {
	out, err := os.OpenFile(v.rowsPath, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return upload{}, fmt.Errorf("receive upload: %w", err)
	}
	// The file is read and hashed, judged, and written by three at once.
	rows, to := io.Pipe()
	v.out = bufio.NewWriterSize(to, 1<<20)
	written := make(chan error, 1)
	go func() {
		err := copyBlocks(out, rows)
		_ = rows.CloseWithError(err) // whoever writes on is told
		written <- err
	}()
	defer func() {
		err = errors.Join(firstOf(err, to.Close(), <-written), out.Close())
	}()
	defer func() {
		if v.rejectFD != nil {
			v.rejects.Flush()
			err = errors.Join(err, v.rejects.Error(), v.rejectFD.Sync(), v.rejectFD.Close())
		}
	}()
	raw := &rawReader{r: r, hash: sha256.New(), most: v.maxBytes}
	text, parquet, err := unwrap(raw, v.maxBytes)
	if err != nil {
		return upload{}, err
	}
	ahead, from := io.Pipe()
	defer ahead.Close()
	go func() { _ = from.CloseWithError(copyBlocks(from, text)) }()
	if v.up.parquet = parquet; parquet {
		err = v.spool(ctx, ahead)
	} else {
		err = v.readText(ctx, ahead)
	}
	if err != nil {
		return upload{}, err
	}
	v.up.bytes, v.up.sha256 = raw.n, hex.EncodeToString(raw.hash.Sum(nil))
	return v.up, nil
}

// copyBlocks copies in large pieces.
func copyBlocks(to io.Writer, from io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{from}, make([]byte, readBytes))
	return err
}

// spool keeps a Parquet file as it is: its table of contents is at its end.
func (v *receiver) spool(ctx context.Context, r io.Reader) (err error) {
	f, err := os.OpenFile(v.parquetPath, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("receive upload: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for buf := make([]byte, readBytes); ; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := r.Read(buf)
		if _, err := f.Write(buf[:n]); err != nil {
			return fmt.Errorf("receive upload: %w", err)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return readError(err)
		}
	}
}

// readText reads rows of CSV or objects of JSON.
func (v *receiver) readText(ctx context.Context, r io.Reader) error {
	v.line = 1
	buf := make([]byte, 0, 2*readBytes)
	var sniffed, eof bool
	consume := v.consume
	for !eof {
		if err := ctx.Err(); err != nil {
			return err
		}
		if cap(buf)-len(buf) < readBytes {
			buf = append(make([]byte, 0, 2*cap(buf)), buf...)
		}
		n, err := r.Read(buf[len(buf) : len(buf)+readBytes])
		buf = buf[:len(buf)+n]
		if err != nil && !errors.Is(err, io.EOF) {
			return readError(err)
		}
		eof = err != nil
		if !sniffed {
			if len(buf) < sniffBytes && !eof {
				continue
			}
			skip := 0
			switch {
			case looksLikeArray(buf):
				v.json, consume = true, v.consumeArray
			case looksLikeObjects(buf):
				v.json, consume = true, v.consumeObjects
			}
			if v.json {
				v.up.dialect = dialect{delimiter: ',', newline: '\n'}
				v.objects.index = map[string]int{}
				if bytes.HasPrefix(buf, utf8BOM) {
					skip = len(utf8BOM)
				}
			} else if v.up.dialect, skip, err = sniff(buf, eof); err != nil {
				return err
			}
			sniffed = true
			v.offset = int64(skip)
			if skip > 0 { // a byte order mark claims UTF-8
				v.charset.unicode = v.line
			}
			buf = buf[:copy(buf, buf[skip:])]
		}
		used, err := consume(buf, eof)
		if err != nil {
			return err
		}
		v.offset += int64(used)
		buf = buf[:copy(buf, buf[used:])]
	}
	if v.json {
		v.up.header, v.up.ragged = uniqueNames(trimNames(v.objects.names)), true
	}
	return v.finish()
}

// consume takes as many whole rows as buf holds and returns how many bytes they are.
func (v *receiver) consume(buf []byte, final bool) (used int, err error) {
	for used < len(buf) {
		rest := buf[used:]
		rec, n, ok := v.parser.parse(rest, v.up.dialect, final)
		if !ok {
			if len(rest) <= maxRecord {
				break
			}
			if rec, _, _ = v.parser.parse(rest, v.up.dialect, true); !rec.tooBig {
				return used, invalidFile("the row that begins on line %d is longer than %d MB: the file may not be CSV, or a quote is opened there and never closed", v.line, maxRecord>>20)
			}
		}
		if rec.tooBig {
			return used, invalidFile("line %d, column %s: the cell holds more than %d MB; shorten it, or close the quote that may be open there", v.line, v.columnName(rec.column), maxCell>>20)
		}
		if len(rec.raw) > maxRecord {
			return used, invalidFile("the row that begins on line %d is longer than %d MB", v.line, maxRecord>>20)
		}
		if i := bytes.IndexByte(rec.raw, 0); i >= 0 {
			return used, notText(v.offset+int64(used+i), v.line+bytes.Count(rec.raw[:i], []byte{v.up.dialect.newline}))
		}
		if err := v.charset.see(rec.raw, v.offset+int64(used), v.line); err != nil {
			return used, err
		}
		switch {
		case rec.blank:
		case v.up.dialect.before > 0:
			v.up.dialect.before--
			if err := v.passOver("stands before the header", rec.raw); err != nil {
				return used, err
			}
		case v.up.header == nil:
			if err := v.readHeader(rec); err != nil {
				return used, err
			}
		default:
			if n, err = v.take(rest, rec, n); err != nil {
				return used, err
			}
			if n < 0 { // the first line alone was set aside
				n = -n
				rec.lines = 1
			}
		}
		used += n
		v.line += rec.lines
	}
	return used, nil
}

// take writes a row, or sets it aside. It returns how many bytes were used, negative where only the first line was:
// a row that spans lines and is malformed most likely began with a stray quote, and what follows may be sound.
func (v *receiver) take(rest []byte, rec record, n int) (int, error) {
	v.number++
	fault := rec.fault
	if fault == "" && v.isSum(rec) {
		return n, v.passOver("is a sum of other rows", rec.raw)
	}
	if fault == "" && rec.fields != len(v.up.header) {
		fault = fmt.Sprintf("has %s, the header has %d", fieldsOf(rec.fields), len(v.up.header))
		if rec.fields < len(v.up.header) && n == len(rest) && rest[n-1] != v.up.dialect.newline {
			fault += "; the file seems to be cut off here"
		}
	} else if fault != "" {
		fault = fmt.Sprintf("column %s: %s", v.columnName(rec.column), fault)
	}
	if fault == "" {
		if v.charset.western > 0 {
			rec.raw = v.charset.text(rec.raw)
			for i, cell := range v.parser.cells {
				v.parser.cells[i] = v.charset.text(cell)
			}
		}
		v.look(rec)
		v.scratch = strconv.AppendInt(v.scratch[:0], v.number, 10)
		v.scratch = append(v.scratch, v.up.dialect.delimiter)
		if rec.rewrite {
			v.scratch = appendRow(v.scratch, v.parser.cells, v.up.dialect.delimiter)
		} else {
			v.scratch = append(append(v.scratch, rec.raw...), '\n')
		}
		v.up.multiline = v.up.multiline || rec.lines > 1
		return n, v.write()
	}
	raw := rec.raw
	if i := bytes.IndexByte(raw, v.up.dialect.newline); i >= 0 && v.rescans < maxRescan {
		v.rescans += int64(n)
		raw = trimCR(raw[:i], v.up.dialect)
		n = -(i + 1)
	}
	return n, v.setAside(fault, raw)
}

// write keeps the row that was made.
func (v *receiver) write() error {
	if v.up.rows++; v.maxRows > 0 && v.up.rows > v.maxRows {
		return tooManyRows(v.maxRows)
	}
	v.up.longest = max(v.up.longest, len(v.scratch))
	_, err := v.out.Write(v.scratch)
	return err
}

func tooManyRows(most int64) error {
	return olorin.Errorf(olorin.CodeTooLarge, "the file has more than the %d rows allowed (OLORIN_IMPORT_MAX_ROWS): split it, or raise the limit", most)
}

// look notes of each column whether its values need cleaning, and whether cards may be among them.
func (v *receiver) look(rec record) {
	if rec.rewrite || bytes.IndexByte(rec.raw, '"') >= 0 {
		for i, cell := range v.parser.cells {
			v.lookAt(i, cell)
		}
		return
	}
	rest := rec.raw
	for i := range v.up.tidy {
		cell := rest
		if end := bytes.IndexByte(rest, v.up.dialect.delimiter); end >= 0 {
			cell, rest = rest[:end], rest[end+1:]
		}
		v.lookAt(i, cell)
	}
}

func (v *receiver) lookAt(i int, cell []byte) {
	if v.up.tidy[i] && len(cell) > 0 && !isTidy(cell) {
		v.up.tidy[i] = false
	}
	if len(cell) >= cardLeast && !v.up.lengthy[i] && isLengthy(cell) {
		v.up.lengthy[i] = true
	}
}

// isTidy tells that a value has no white space around it and is no word for a missing one.
func isTidy(cell []byte) bool {
	if len(cell) == 0 {
		return true // it is NULL from the start
	}
	first, last := cell[0], cell[len(cell)-1]
	if first <= ' ' || last <= ' ' || first >= utf8.RuneSelf || last >= utf8.RuneSelf {
		before, _ := utf8.DecodeRune(cell)
		after, _ := utf8.DecodeLastRune(cell)
		if unicode.IsSpace(before) || unicode.IsSpace(after) {
			return false
		}
	}
	if len(cell) > maxMissingWord || !missingInitials[first] {
		return true
	}
	var lower [maxMissingWord]byte
	for i, c := range cell {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	return !missingWords[string(lower[:len(cell)])]
}

// setAside counts a row that cannot be read, and keeps it where that is wanted.
func (v *receiver) setAside(fault string, raw []byte) error {
	v.faulty++
	if len(v.faults) < maxFaults {
		v.faults = append(v.faults, olorin.Fault{Pointer: fmt.Sprintf("/lines/%d", v.line), Code: "malformed_row", Detail: fmt.Sprintf("line %d %s", v.line, fault)})
	}
	if !v.skipMalformed {
		return nil
	}
	v.up.rejected++
	return v.reject(fault, raw)
}

func (v *receiver) reject(fault string, raw []byte) error {
	if v.rejectFD == nil {
		f, err := os.OpenFile(v.rejectedPath, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("set malformed rows aside: %w", err)
		}
		v.rejectFD, v.rejects = f, csv.NewWriter(f)
		if err := v.rejects.Write([]string{"line", "reason", "text"}); err != nil {
			return err
		}
	}
	return v.rejects.Write([]string{strconv.Itoa(v.line), fault, olorin.MaskCards(string(v.charset.text(v.withoutSecrets(raw))))})
}

// memberName is the name of a member of an object, whose text need not be valid.
var memberName = regexp.MustCompile(`"([^"\\]{1,200})"\s*:`)

// withheld stands for a row of which it is not known where in it its secrets are.
var withheld = []byte("(not kept: there are secrets in it)")

// withoutSecrets is what is kept of a row that is set aside. One of another width than the header may be shifted by as many columns.
func (v *receiver) withoutSecrets(raw []byte) []byte {
	if v.json {
		for _, m := range memberName.FindAllSubmatch(raw, -1) {
			if secretNote(string(m[1])) != "" {
				return withheld
			}
		}
		return raw
	}
	if len(v.secrets) == 0 {
		return raw
	}
	var p recordParser
	rec, _, _ := p.parse(append(bytes.Clone(raw), v.up.dialect.newline), v.up.dialect, true)
	if rec.fault != "" || rec.tooBig {
		return withheld
	}
	cells := p.cellsOf(rec, v.up.dialect)
	shift := max(len(cells)-len(v.up.header), len(v.up.header)-len(cells))
	for _, i := range v.secrets {
		for at := max(0, i-shift); at <= min(i+shift, len(cells)-1); at++ {
			cells[at] = nil
		}
	}
	return bytes.TrimSuffix(appendRow(nil, cells, v.up.dialect.delimiter), []byte{'\n'})
}

// finish judges the file as a whole.
func (v *receiver) finish() error {
	if v.up.header == nil && !v.json {
		return invalidFile("the file has no header row: upload a CSV file whose first row names its columns")
	}
	if v.faulty > 0 && !v.skipMalformed {
		e := olorin.Errorf(olorin.CodeDatasetInvalid, "%s cannot be read, so nothing was imported: mend %s, or import with malformed rows set aside", olorin.Counted(v.faulty, "row"), pick(v.faulty == 1, "it", "them"))
		if v.faulty > int64(len(v.faults)) {
			e.Message += fmt.Sprintf(" (the first %d are listed)", len(v.faults))
		}
		e.Faults = v.faults
		return e
	}
	var err error
	if v.up.encoding, err = v.charset.verdict(); err != nil {
		return err
	}
	if v.up.rows == 0 {
		if v.up.rejected > 0 {
			e := olorin.Errorf(olorin.CodeDatasetInvalid, "none of the %s can be read, so nothing was imported", olorin.Counted(v.up.rejected, "row"))
			e.Faults = v.faults
			return e
		}
		return invalidFile("the file has no rows of data")
	}
	if len(v.up.header) == 0 {
		return invalidFile("the objects of the file have no members, so it has no column")
	}
	if err := v.out.Flush(); err != nil {
		return fmt.Errorf("receive upload: %w", err)
	}
	return nil
}

// readHeader takes the first row as the names of the columns. Names are trimmed; an empty one becomes "column_N";
// one that was there before gets "_2", "_3" … after it.
func (v *receiver) readHeader(rec record) error {
	if rec.fault != "" {
		return invalidFile("the header on line %d, column %d: %s", v.line, rec.column, rec.fault)
	}
	cells := v.parser.cells
	if bytes.IndexByte(rec.raw, '"') < 0 && !rec.rewrite {
		cells = bytes.Split(rec.raw, []byte{v.up.dialect.delimiter})
	}
	if len(cells) > maxColumns {
		return olorin.Errorf(olorin.CodeTooLarge, "the file has %d columns, %d are allowed: leave out those that matter least", len(cells), maxColumns)
	}
	names := make([]string, len(cells))
	empty := 0
	for i, c := range cells {
		names[i] = trimName(string(v.charset.text(c)))
		if names[i] == "" {
			empty++
		}
		if len(names[i]) > maxHeaderName {
			return invalidFile("line %d: the name of column %d is longer than %d bytes: %q; the first row must name the columns", v.line, i+1, maxHeaderName, olorin.Clip(olorin.MaskCards(names[i]), 60))
		}
	}
	if empty == len(names) {
		return invalidFile("line %d: the header names no column: the first row must name the columns", v.line)
	}
	if i, what := looksLikeData(names); what != "" {
		return invalidFile("the file seems to have no header: line %d, column %d is %s (%q), not a name; add a first row that names the columns", v.line, i+1, what, olorin.Clip(olorin.MaskCards(names[i]), 60))
	}
	v.up.header = uniqueNames(names)
	v.up.lengthy = make([]bool, len(names))
	v.up.tidy = make([]bool, len(names))
	for i, name := range v.up.header {
		v.up.tidy[i] = true
		if secretNote(name) != "" {
			v.secrets = append(v.secrets, i)
		}
	}
	return nil
}

func trimName(s string) string { return strings.Join(strings.Fields(s), " ") }

func trimNames(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = trimName(n)
	}
	return out
}

func (v *receiver) columnName(i int) string {
	if v.up.header == nil || i < 1 || i > len(v.up.header) {
		return strconv.Itoa(i)
	}
	return fmt.Sprintf("%d (%s)", i, v.up.header[i-1])
}

func uniqueNames(names []string) []string {
	taken := map[string]bool{}
	for _, n := range names {
		taken[n] = true
	}
	seen := map[string]bool{}
	out := make([]string, len(names))
	for i, n := range names {
		if n == "" || seen[n] {
			base, k := n, 2
			if n == "" {
				base, k = "column", i+1
			}
			for n = fmt.Sprintf("%s_%d", base, k); taken[n]; n = fmt.Sprintf("%s_%d", base, k) {
				k++
			}
			taken[n] = true
		}
		seen[n] = true
		out[i] = n
	}
	return out
}

// looksLikeData returns the first cell of a header that is a value and not a name, and what kind of value,
// where values outweigh the names that are known.
func looksLikeData(names []string) (column int, what string) {
	values, known := 0, 0
	for i, n := range names {
		if w := valueKind(n); w != "" {
			values++
			if what == "" {
				column, what = i, w
			}
		} else if isAlias(n) {
			known++
		}
	}
	if values == 0 || known > values {
		return 0, ""
	}
	return column, what
}

func valueKind(s string) string {
	switch {
	case s == "":
		return ""
	case isNumber(s):
		return "a number"
	case isTimeText(s):
		return "a time"
	case isEmail(s):
		return "an e-mail address"
	case isIPText(s):
		return "an IP address"
	case isMaskedCard(s):
		return "a card number"
	}
	return ""
}

func pick(b bool, yes, no string) string {
	if b {
		return yes
	}
	return no
}

func fieldsOf(n int) string {
	if n == 1 {
		return "1 field"
	}
	return fmt.Sprintf("%d fields", n)
}

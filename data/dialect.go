package data

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
)

// dialect is how the rows of a file are written.
type dialect struct {
	delimiter byte // one of delimiters
	newline   byte // '\n', also for CRLF; '\r' in files of old Macs
	before    int  // rows before the header that are none of the table's
}

// delimiters are those that are recognised, the most common first.
var delimiters = []byte{',', ';', '\t', '|', '^', '~', 0x1F, 0x01}

// sniffBytes is how much of a file is looked at to tell its dialect.
const sniffBytes = 256 << 10

var utf8BOM = []byte{0xEF, 0xBB, 0xBF}

// signatures are the first bytes of files that are often uploaded by mistake.
var signatures = []struct{ magic, what, do string }{
	{"\x1f\x8b", "a gzip archive within another", "unpack it once"},
	{"PK\x03\x04", "a zip archive or an Excel workbook (.xlsx)", "unpack it, or save the sheet as CSV UTF-8"},
	{"PK\x05\x06", "an empty zip archive", "upload a CSV file"},
	{"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)", "save the sheet as CSV UTF-8"},
	{"BZh", "a bzip2 archive", "unpack it and upload the CSV file inside"},
	{"\xfd7zXZ\x00", "an xz archive", "unpack it and upload the CSV file inside"},
	{"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it and upload the CSV file inside"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it and upload the CSV file inside"},
	{"Rar!\x1a\x07", "a rar archive", "unpack it and upload the CSV file inside"},
	{"%PDF-", "a PDF document", "upload the table as CSV"},
	{"SQLite format 3\x00", "a SQLite database", "export the table as CSV"},
	{"\x89PNG", "a PNG image", "upload a CSV file"},
	{"\xff\xd8\xff", "a JPEG image", "upload a CSV file"},
	{"GIF8", "a GIF image", "upload a CSV file"},
	{"\x7fELF", "a program", "upload a CSV file"},
	{"Obj\x01", "an Avro file", "export it as CSV"},
	{"ORC", "an ORC file", "export it as CSV"},
	{"ARROW1", "an Arrow file", "export it as CSV"},
	{"{\\rtf", "an RTF document", "save the table as CSV"},
}

func invalidFile(format string, args ...any) error {
	return olorin.Errorf(olorin.CodeDatasetInvalid, format, args...)
}

// sniff tells the dialect of a file from its first bytes, or why it cannot be read.
// It returns how many bytes of a byte order mark to skip. whole says that sample is all there is.
func sniff(sample []byte, whole bool) (d dialect, skip int, err error) {
	if len(bytes.TrimSpace(sample)) == 0 && whole {
		return d, 0, invalidFile("the file is empty: upload a CSV file with a header row and at least one row of data")
	}
	if err := refuseBinary(sample); err != nil {
		return d, 0, err
	}
	if bytes.HasPrefix(sample, utf8BOM) {
		skip = len(utf8BOM)
		sample = sample[skip:]
	}
	head := bytes.TrimLeft(sample, " \t\r\n")
	if len(head) == 0 {
		if whole {
			return d, 0, invalidFile("the file has no text but white space: upload a CSV file with a header row and at least one row of data")
		}
		return d, 0, invalidFile("the file begins with %d KB of white space: upload a CSV file that begins with its header row", sniffBytes>>10)
	}
	if head[0] == '<' {
		return d, 0, invalidFile("the file looks like HTML or XML (it begins with %q): export it as CSV with a header row, as JSON Lines or as Parquet", head[0])
	}
	d.newline = '\n'
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		d.newline = '\r'
	}
	best, bestShare, bestFields := byte(0), 0.0, 0
	for _, c := range delimiters {
		try := dialect{delimiter: c, newline: d.newline}
		if before, columns := headerAfter(sample, try, whole); before > 0 && columns > bestFields {
			best, bestShare, bestFields, d.before = c, 1, columns, before
			continue
		}
		share, fields := tryDelimiter(sample, try, whole)
		if fields < 2 {
			continue
		}
		if share > bestShare+0.05 || (share > bestShare-0.05 && fields > bestFields) {
			best, bestShare, bestFields, d.before = c, share, fields, 0
		}
	}
	if best == 0 {
		line, _, _ := bytes.Cut(head, []byte{d.newline})
		return d, 0, invalidFile("line 1 %q has no delimiter (such as comma, semicolon, tab or vertical bar): an events file is a table with a header row and at least two columns", olorin.Clip(olorin.MaskCards(string(line)), 80))
	}
	d.delimiter = best
	return d, skip, nil
}

// looksLikeObjects tells JSON Lines by how they begin.
func looksLikeObjects(sample []byte) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(sample, utf8BOM), " \t\r\n")
	return len(head) > 1 && head[0] == '{' && (head[1] == '"' || head[1] == '}' || bytes.IndexByte([]byte(" \t\r\n"), head[1]) >= 0)
}

// looksLikeArray tells a JSON array of objects by how it begins.
func looksLikeArray(sample []byte) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(sample, utf8BOM), " \t\r\n")
	if len(head) == 0 || head[0] != '[' {
		return false
	}
	head = bytes.TrimLeft(head[1:], " \t\r\n")
	return len(head) > 0 && (head[0] == '{' || head[0] == ']')
}

// tryDelimiter reads the sample with a dialect: how many fields the header has, and which share of the rows has as many.
func tryDelimiter(sample []byte, d dialect, whole bool) (share float64, fields int) {
	var p recordParser
	rows, same := 0, 0
	for len(sample) > 0 {
		rec, n, ok := p.parse(sample, d, whole)
		if !ok {
			break
		}
		sample = sample[n:]
		if rec.blank {
			continue
		}
		if fields == 0 {
			fields = rec.fields
			continue
		}
		rows++
		if rec.fields == fields && rec.fault == "" {
			same++
		}
	}
	if rows == 0 {
		return 1, fields
	}
	return float64(same) / float64(rows), fields
}

// refuseBinary names what a file is that is not UTF-8 text.
func refuseBinary(sample []byte) error {
	for _, s := range signatures {
		if bytes.HasPrefix(sample, []byte(s.magic)) {
			return invalidFile("the file is %s, not CSV text: %s", s.what, s.do)
		}
	}
	switch {
	case bytes.HasPrefix(sample, []byte{0xFF, 0xFE, 0, 0}) || bytes.HasPrefix(sample, []byte{0, 0, 0xFE, 0xFF}):
		return invalidFile("the file is UTF-32 text: save it as UTF-8 (in Excel: \"CSV UTF-8\")")
	}
	i := bytes.IndexByte(sample, 0)
	if i < 0 {
		return nil
	}
	return notText(int64(i), 1+bytes.Count(sample[:i], []byte{'\n'}))
}

func notText(offset int64, line int) error {
	return invalidFile("the file is not text: line %d, byte %d is a NUL; upload a CSV file saved as UTF-8", line, offset+1)
}

// notUTF8 names the first byte of rec that is not UTF-8. The record begins at offset, on line.
func notUTF8(rec []byte, offset int64, line int) error {
	i := 0
	for i < len(rec) {
		r, n := utf8.DecodeRune(rec[i:])
		if r == utf8.RuneError && n <= 1 {
			break
		}
		i += n
	}
	guess := ""
	if i < len(rec) {
		line += bytes.Count(rec[:i], []byte{'\n'})
		guess = fmt.Sprintf(" (0x%02X)", rec[i])
		if rec[i] >= 0x80 && (i+1 >= len(rec) || rec[i+1] < 0x80) {
			guess += ", which looks like Windows-1252 or Latin-1"
		}
	}
	return invalidFile("the file is not valid UTF-8: line %d, byte %d%s; save it as UTF-8 (in Excel: \"CSV UTF-8\")", line, offset+int64(i)+1, guess)
}

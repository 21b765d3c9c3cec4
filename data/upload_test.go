package data

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/olorin-dev/olorin"
)

const plainFile = "user_id,amount,event_time,note\nu1,10.50,2026-01-02 03:04:05,a\nu2,7,2026-01-03 03:04:05,b\n"

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return b.String()
}

func zipped(s string) string {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, _ := z.Create("events.csv")
	_, _ = w.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func inUTF16(s string, bom, big bool) string {
	var b []byte
	units := utf16.Encode([]rune(s))
	if bom {
		units = append([]uint16{0xFEFF}, units...)
	}
	for _, u := range units {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, ", \"m%d\": %d", i, i)
	}
	return b.String()
}

func TestHostileFilesAreRefusedAndLeaveNothing(t *testing.T) {
	e := openEngine(t)
	e.lim.MaxBytes, e.lim.MaxRows = 12<<20, 800_000
	wide := strings.Repeat("c,", 500) + "c\n" + strings.Repeat("1,", 500) + "1\n"
	for _, tc := range []struct {
		name, file string
		code       olorin.Code
		says       []string
	}{
		{"empty", "", olorin.CodeDatasetInvalid, []string{"empty"}},
		{"white space", " \n\r\n\t\n", olorin.CodeDatasetInvalid, []string{"empty"}},
		{"byte order mark alone", "\ufeff", olorin.CodeDatasetInvalid, []string{"no text"}},
		{"NUL", "user_id,amount\nu1,\x00\n", olorin.CodeDatasetInvalid, []string{"not text", "line 2", "byte 19"}},
		{"NUL late", plainFile + strings.Repeat("u1,1,2026-01-02,x\n", 40_000) + "u1,\x00,2026-01-02,x\n", olorin.CodeDatasetInvalid, []string{"not text", "line 40004"}},
		{"gzip, cut off", gzipped(plainFile)[:60], olorin.CodeDatasetInvalid, []string{"gzip", "cut off"}},
		{"gzip, damaged", strings.Replace(gzipped(plainFile), "\x00\x00", "\x00\x01", 1) + "x", olorin.CodeDatasetInvalid, []string{"the gzip archive is"}},
		{"gzip, with something after it", gzipped(plainFile) + "trailing", olorin.CodeDatasetInvalid, []string{"the gzip archive is"}},
		{"gzip of nothing", gzipped(""), olorin.CodeDatasetInvalid, []string{"empty"}},
		{"gzip of gzip", gzipped(gzipped(plainFile)), olorin.CodeDatasetInvalid, []string{"gzip archive within another"}},
		{"gzip that unpacks to far more", gzipped(plainFile + strings.Repeat("u1,1,2026-01-02,x\n", 5<<20)), olorin.CodeTooLarge, []string{"unpacks to more than the 12582912 bytes"}},
		{"gzip of more rows than are allowed", gzipped("a,b\n" + strings.Repeat("1,2\n", 800_001)), olorin.CodeTooLarge, []string{"more than the 800000 rows", "OLORIN_IMPORT_MAX_ROWS"}},
		{"gzip of one cell", gzipped("user_id,note\nu1," + strings.Repeat("x", 11<<20)), olorin.CodeDatasetInvalid, []string{"2 (note)", "1 MB"}},
		{"zip", zipped(plainFile), olorin.CodeDatasetInvalid, []string{"zip", "Excel"}},
		{"parquet", "PAR1\x15\x04\x15", olorin.CodeDatasetInvalid, []string{"Parquet"}},
		{"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", olorin.CodeDatasetInvalid, []string{"Excel", "CSV UTF-8"}},
		{"pdf", "%PDF-1.7\n", olorin.CodeDatasetInvalid, []string{"PDF"}},
		{"random bytes", "\x01\x9c\x00\xff\x12\x00\x8f", olorin.CodeDatasetInvalid, []string{"not text"}},
		{"UTF-32", "\xff\xfe\x00\x00u\x00\x00\x00", olorin.CodeDatasetInvalid, []string{"UTF-32"}},
		{"UTF-16, cut off", inUTF16("user_id,amount\nu1,1\nu2", true, false) + "x", olorin.CodeDatasetInvalid, []string{"line 3"}},
		{"UTF-8, then not", "user_id,city\nu1,Köln\nu2,M\xfcnchen\n", olorin.CodeDatasetInvalid, []string{"line 3, byte 27 (0xFC)", "where line 2 is"}},
		{"not UTF-8, then UTF-8", "user_id,city\nu1,M\xfcnchen\nu2,Köln\n", olorin.CodeDatasetInvalid, []string{"line 3 is UTF-8, and line 2 is not"}},
		{"claims UTF-8", "\ufeffuser_id,city\nu1,M\xfcnchen\n", olorin.CodeDatasetInvalid, []string{"line 2", "0xFC", "where line 1 is"}},
		{"of no such character", "user_id,city\nu1,M\xfcnchen\nu2,\x81\n", olorin.CodeDatasetInvalid, []string{"line 3, byte 28 (0x81)", "Windows-1252"}},
		{"JSON array, cut off", `[{"user_id": 1, "amount": 2},` + "\n" + `{"user_id": "]`, olorin.CodeDatasetInvalid, []string{"JSON array is cut off", "line 2"}},
		{"JSON array, not closed", `[{"user_id": 1, "amount": 2}` + "\n", olorin.CodeDatasetInvalid, []string{"JSON array is cut off on line 2"}},
		{"JSON array, something after it", `[{"user_id": 1, "amount": 2}] []`, olorin.CodeDatasetInvalid, []string{"line 1", "'['"}},
		{"JSON array of nothing", "[ ]", olorin.CodeDatasetInvalid, []string{"no rows"}},
		{"JSON array, not all objects", `[{"user_id": 1, "amount": 2}, 7, null, {"a" 1}]`, olorin.CodeDatasetInvalid, []string{"3 rows", "is no JSON object", "is not valid JSON"}},
		{"JSON array, one endless", "[{\"user_id\": \"" + strings.Repeat("x", 10<<20), olorin.CodeDatasetInvalid, []string{"longer than 8 MB"}},
		{"JSON over several lines", "{\n  \"user_id\": 1\n}\n", olorin.CodeDatasetInvalid, []string{"line 1 is not valid JSON"}},
		{"JSON Lines, one broken", "{\"user_id\": 1, \"amount\": 2}\n{\"user_id\": 2,\n[1]\n{\"user_id\": 1, \"user_id\": 2}\n", olorin.CodeDatasetInvalid, []string{"3 rows", "line 2 is not valid JSON", "line 3 is no JSON object", "line 4 has \"user_id\" twice"}},
		{"JSON Lines of nothing", "{}\n{}\n", olorin.CodeDatasetInvalid, []string{"no column"}},
		{"JSON Lines, one endless", "{\"user_id\": \"" + strings.Repeat("x", 10<<20), olorin.CodeDatasetInvalid, []string{"longer than 8 MB"}},
		{"JSON Lines, one huge value", "{\"user_id\": 1, \"note\": \"" + strings.Repeat("x", 2<<20) + "\"}\n", olorin.CodeDatasetInvalid, []string{"note", "1 MB"}},
		{"JSON Lines, nested without end", strings.Repeat("{\"a\":", 100_000) + "\n", olorin.CodeDatasetInvalid, []string{"not valid JSON"}},
		{"JSON Lines of 5,000 members", "{\"m0\": 0" + manyMembers(5000) + "}\n", olorin.CodeTooLarge, []string{"more than 500 members"}},
		{"HTML", "<!doctype html><p>404, not found</p>", olorin.CodeDatasetInvalid, []string{"HTML"}},
		{"prose", "It was a dark and stormy night.\nThe rain fell.\n", olorin.CodeDatasetInvalid, []string{"no delimiter"}},
		{"no header", "21320398,29744,97051,2019-12-01T23:16:32,374.56\n21320399,92895,2708,2019-12-01T22:45:37,734.87\n", olorin.CodeDatasetInvalid, []string{"no header", "line 1, column 1", "21320398"}},
		{"header of nothing", ",,,\n1,2,3,4\n", olorin.CodeDatasetInvalid, []string{"names no column"}},
		{"header alone", "user_id,amount\n", olorin.CodeDatasetInvalid, []string{"no rows"}},
		{"header alone, no line end", "user_id,amount", olorin.CodeDatasetInvalid, []string{"no rows"}},
		{"huge header name", "user_id," + strings.Repeat("x", 300) + "\n1,2\n", olorin.CodeDatasetInvalid, []string{"column 2", "longer than 200"}},
		{"open quote in the header", "user_id,\"amount\nu1,1\nu2,2\n", olorin.CodeDatasetInvalid, []string{"header", "quote"}},
		{"501 columns", wide, olorin.CodeTooLarge, []string{"501 columns", "500"}},
		{"5,000 columns", strings.Repeat("c,", 4999) + "c\n", olorin.CodeTooLarge, []string{"5000 columns"}},
		{"10 MB in one cell", "user_id,note\nu1,a\nu2," + strings.Repeat("x", 10<<20) + "\nu3,b\n", olorin.CodeDatasetInvalid, []string{"line 3", "2 (note)", "1 MB"}},
		{"10 MB in one quoted cell", "user_id,note\nu1,\"" + strings.Repeat("x\n", 5<<20) + "\"\nu3,b\n", olorin.CodeDatasetInvalid, []string{"line 2", "2 (note)", "1 MB"}},
		{"2 MB in one cell", "user_id,note\nu1," + strings.Repeat("x", 2<<20) + "\nu3,b\n", olorin.CodeDatasetInvalid, []string{"line 2", "2 (note)", "1 MB"}},
		{"one endless line", "user_id,note\n" + strings.Repeat("x,", 5<<20), olorin.CodeDatasetInvalid, []string{"line 2", "longer than 8 MB"}},
		{"quote that swallows the file", "user_id,note\nu1,\"a\n" + strings.Repeat("u2,bbbbbbbbbbbbbbbb\n", 200_000), olorin.CodeDatasetInvalid, []string{"line 2", "quote"}},
		{"too large", plainFile + strings.Repeat("u1,1,2026-01-02,xxxxxxxxxxxxx\n", 500_000), olorin.CodeTooLarge, []string{"12582912 bytes"}},
		{"fewer fields", plainFile + "u3,1\n", olorin.CodeDatasetInvalid, []string{"1 row ", "line 4 has 2 fields, the header has 4"}},
		{"cut off", plainFile + "u3,1.5,2026", olorin.CodeDatasetInvalid, []string{"line 4 has 3 fields", "cut off"}},
		{"more fields", plainFile + "u3,1,2026-01-01,x,y\n", olorin.CodeDatasetInvalid, []string{"line 4 has 5 fields"}},
		{"open quote at the end", plainFile + "u3,1,2026-01-01,\"x\n", olorin.CodeDatasetInvalid, []string{"line 4", "4 (note)", "never closed"}},
		{"text after a quote", plainFile + "u3,1,2026-01-01,\"x\"y\n", olorin.CodeDatasetInvalid, []string{"line 4", "text follows a closing quote"}},
		{"all rows malformed", "user_id,amount\nu1\nu2\n", olorin.CodeDatasetInvalid, []string{"2 rows", "line 2", "line 3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := e.Import(context.Background(), strings.NewReader(tc.file), ImportOptions{ID: "d"})
			if olorin.CodeOf(err) != tc.code {
				t.Fatalf("error %v has code %q, want %q", err, olorin.CodeOf(err), tc.code)
			}
			for _, s := range tc.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("error does not say %q: %v", s, err)
				}
			}
			if len(err.Error()) > 4000 {
				t.Errorf("the error is %d bytes long", len(err.Error()))
			}
			if left := files(t, e); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestMalformedRowsAreToldAllAtOnce(t *testing.T) {
	e := openEngine(t)
	var b strings.Builder
	b.WriteString("user_id,amount\n")
	for i := range 100 {
		fmt.Fprintf(&b, "u%d,1\n", i)
		if i%3 == 0 {
			b.WriteString("short\n")
		}
	}
	_, err := e.Import(context.Background(), strings.NewReader(b.String()), ImportOptions{ID: "d"})
	var refused *olorin.Error
	if !errors.As(err, &refused) || len(refused.Faults) != 20 || !strings.Contains(refused.Message, "34 rows") {
		t.Fatalf("got %v", err)
	}
	if f := refused.Faults[1]; f.Pointer != "/lines/7" || f.Code != "malformed_row" {
		t.Errorf("second fault is %+v", f)
	}
}

func TestMalformedRowsCanBeSetAside(t *testing.T) {
	e := openEngine(t)
	file := "user_id,amount,note\n" +
		"u1,1,\"two\nlines\"\n" + // line 2
		"u2,2\n" + // line 4
		"u3,3,\"stray\n" + // line 5
		"u4,4,x\n" +
		"u5,5,y \"quoted\" z\n" +
		"u6,6,a,4111111111111111\n" + // line 8
		"u7,7,\"b\"\n" +
		"u8,\"8"
	d, err := e.Import(context.Background(), strings.NewReader(file), ImportOptions{ID: "d", SkipMalformed: true})
	if err != nil {
		t.Fatal(err)
	}
	if d.Rows != 4 || d.RejectedRows != 4 {
		t.Errorf("%d rows, %d rejected", d.Rows, d.RejectedRows)
	}
	rejected, err := e.Rejected("d", 10)
	if err != nil {
		t.Fatal(err)
	}
	want := "[{4 has 2 fields, the header has 3 u2,2} {5 column 3 (note): text follows a closing quote u3,3,\"stray} {8 has 4 fields, the header has 3 u6,6,a,411111******1111} {10 column 2 (amount): a quote is opened and never closed u8,\"8}]"
	if fmt.Sprint(rejected) != want {
		t.Errorf("rejected\n %v, want\n %s", rejected, want)
	}
	rows, err := e.Preview(context.Background(), d, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprint(r.Row, *r.Fields["user_id"], *r.Fields["note"]))
	}
	if s := fmt.Sprintf("%q", got); s != `["1u1two\nlines" "4u4x" "5u5y \"quoted\" z" "7u7b"]` {
		t.Errorf("kept %s", s)
	}
}

func TestHeaderNamesAreMadeUnique(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "id,,Amount, amount ,id,id_2,\n1,2,3,4,5,6,7\n")
	var names []string
	for _, c := range d.Columns {
		names = append(names, c.Source)
	}
	if got := strings.Join(names, "|"); got != "id|column_2|Amount|amount|id_3|id_2|column_7" {
		t.Errorf("names %s", got)
	}
}

func TestNamesThatLookLikeDataAreAcceptedBesideKnownOnes(t *testing.T) {
	importText(t, openEngine(t), "d", "user_id,amount,2019\nu1,1,x\n")
}

// cancelAfter ends a context once n bytes were read.
type cancelAfter struct {
	r      io.Reader
	n      int
	cancel func()
}

func (c *cancelAfter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n -= n; c.n < 0 {
		c.cancel()
	}
	return n, err
}

func TestCancelledAndBrokenUploadsLeaveNothing(t *testing.T) {
	e := openEngine(t)
	file := plainFile + strings.Repeat("u1,1,2026-01-02,x\n", 300_000)
	for _, n := range []int{0, 100, 1 << 20, len(file) - 10} {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := e.Import(ctx, &cancelAfter{strings.NewReader(file), n, cancel}, ImportOptions{ID: "d"})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled after %d bytes: %v", n, err)
		}
		cancel()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 150*time.Millisecond)
	defer cancel()
	if _, err := e.Import(ctx, strings.NewReader(strings.Repeat(file, 2)[:9<<20]), ImportOptions{ID: "d", SkipMalformed: true}); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("timed out: %v", err)
	} else if err == nil {
		_ = e.Delete("d")
	}
	broken := errors.New("the line is cut")
	_, err := e.Import(context.Background(), io.MultiReader(strings.NewReader(file), iotest.ErrReader(broken)), ImportOptions{ID: "d"})
	if !errors.Is(err, broken) {
		t.Errorf("broken upload: %v", err)
	}
	if left := files(t, e); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestEveryDialectIsTheSameTable(t *testing.T) {
	e := openEngine(t)
	rows := [][]string{
		{"user_id", "amount", "event_time", "note"},
		{"u1", "1.50", "2026-01-02 03:04:05", "plain"},
		{"u2", "2.25", "2026-01-02 03:04:06", "with, and ; and | and \t and \"quotes\""},
		{"u3", "3", "2026-01-02 03:04:07", "two\nlines"},
		{"u4", "4", "2026-01-02 03:04:08", "  spaces, Ümläute, 漢字 🙂  "},
		{"u5", "5", "2026-01-02 03:04:09", ""},
	}
	want := ""
	forms := map[byte][]string{',': {"LF", "CRLF", "BOM", "no last line end", "all quoted", "CR"}, ';': {"CRLF", "all quoted"}, '\t': {"LF"}, '|': {"CR"}}
	for _, delimiter := range delimiters {
		for _, form := range forms[delimiter] {
			file := write(rows, delimiter, form == "all quoted")
			switch form {
			case "CRLF":
				file = strings.ReplaceAll(file, "\n", "\r\n")
			case "CR":
				file = strings.ReplaceAll(file, "\n", "\r")
			case "BOM":
				file = "\ufeff" + file
			case "no last line end":
				file = strings.TrimSuffix(file, "\n")
			}
			id := fmt.Sprintf("d-%d-%s", delimiter, strings.ReplaceAll(form, " ", "_"))
			d := importText(t, e, id, file)
			preview, err := e.Preview(context.Background(), d, 10)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			for _, r := range preview {
				for _, name := range rows[0] {
					text := "NULL"
					if r.Fields[name] != nil {
						text = strings.ReplaceAll(*r.Fields[name], "\r", "\n")
					}
					fmt.Fprintf(&b, "%q ", text)
				}
			}
			c := openCase(t, e, d, Selection{})
			fmt.Fprint(&b, table(t, c, `SELECT "row", row_key, t, subject, amount FROM events ORDER BY row_key`))
			if want == "" {
				want = b.String()
			}
			if b.String() != want {
				t.Errorf("%s is\n%s, want\n%s", id, b.String(), want)
			}
		}
	}
}

func write(rows [][]string, delimiter byte, quoteAll bool) string {
	var b strings.Builder
	for _, r := range rows {
		for i, cell := range r {
			if i > 0 {
				b.WriteByte(delimiter)
			}
			if quoteAll || strings.ContainsAny(cell, "\",;|\t\n\r"+string(rune(delimiter))) {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// scanAll runs the byte scan alone and returns the cells that it would hand to DuckDB.
func scanAll(t testing.TB, file string, chunk func(io.Reader) io.Reader, skip bool) ([][]string, upload, error) {
	t.Helper()
	dir := t.TempDir()
	v := receiver{rowsPath: dir + "/rows", parquetPath: dir + "/parquet", rejectedPath: dir + "/rejected", skipMalformed: skip, maxBytes: 1 << 20}
	up, err := v.receive(context.Background(), chunk(strings.NewReader(file)))
	if err != nil || up.parquet {
		return nil, up, err
	}
	r := csv.NewReader(bytes.NewReader(readFile(t, dir+"/rows")))
	r.Comma = rune(up.dialect.delimiter)
	if up.ragged {
		r.FieldsPerRecord = -1
	}
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("the canonical rows are not CSV: %v", err)
	}
	for _, row := range rows {
		if len(row) != len(up.header)+1 && !(up.ragged && len(row) <= len(up.header)) {
			t.Fatalf("a canonical row has %d cells for %d columns", len(row)-1, len(up.header))
		}
	}
	return rows, up, nil
}

func whole(r io.Reader) io.Reader { return r }

// Whatever a table holds, and however it is written and cut into pieces on its way, it is read as it was.
func TestAnyTableIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		delimiter := rapid.SampledFrom(delimiters).Draw(rt, "delimiter")
		width := rapid.IntRange(2, 5).Draw(rt, "width")
		cell := rapid.StringOf(rapid.SampledFrom([]rune("ab1 ,;|\t\"\n'é🙂\\.-")))
		rows := [][]string{}
		header := []string{"user_id", "amount", "event_time", "status", "city"}[:width]
		rows = append(rows, header)
		for range rapid.IntRange(1, 8).Draw(rt, "rows") {
			rows = append(rows, rapid.SliceOfN(cell, width, width).Draw(rt, "row"))
		}
		got, _, err := scanAll(t, write(rows, delimiter, rapid.Bool().Draw(rt, "quoted")), iotest.OneByteReader, false)
		if err != nil {
			rt.Fatal(err)
		}
		if len(got) != len(rows)-1 {
			rt.Fatalf("%d rows of %d", len(got), len(rows)-1)
		}
		for i, r := range got {
			if fmt.Sprintf("%q", r[1:]) != fmt.Sprintf("%q", rows[i+1]) {
				rt.Fatalf("row %d is %q, want %q", i+1, r[1:], rows[i+1])
			}
		}
	})
}

// No bytes make the scan panic, hang, or hand malformed rows on; how they are cut into reads makes no difference.
func FuzzUpload(f *testing.F) {
	for _, s := range []string{plainFile, "a;b\n1;2\n", "a,b\r\n\"x\r\ny\",2\r\n", "a\tb\n\"\"\"\"\t\"\n", "a|b\r1|2\r", "\ufeffid,x\n,\n", "a,b\n\"x\"y,z\nq,\"\n", "a,b\n1\n\"\n\"\n", inUTF16(plainFile, true, false), gzipped("x"), gzipped(plainFile), "{\"a\":{\"b\":[1,{}],\"c\":\"\\u00e9\\n\"},\"d\":null}\n{\"e\" : 1e5 , \"a\":{}}", "{\"a\":1,\"a\":2}\n{}", "PAR1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, file string) {
		strict, up, err := scanAll(t, file, whole, false)
		cut, cutUp, cutErr := scanAll(t, file, iotest.OneByteReader, false)
		if fmt.Sprint(err) != fmt.Sprint(cutErr) || fmt.Sprint(strict) != fmt.Sprint(cut) || up.sha256 != cutUp.sha256 {
			t.Fatalf("in one piece %q %v, in many %q %v", strict, err, cut, cutErr)
		}
		if err != nil && olorin.CodeOf(err) != olorin.CodeDatasetInvalid && olorin.CodeOf(err) != olorin.CodeTooLarge {
			t.Fatalf("error %v has code %q", err, olorin.CodeOf(err))
		}
		if err == nil && int64(len(strict)) != up.rows {
			t.Fatalf("%d rows were written, %d counted", len(strict), up.rows)
		}
		if _, up, err := scanAll(t, file, whole, true); err == nil && up.rows == 0 && !up.parquet {
			t.Fatal("a data set without rows")
		}
	})
}

// endless is a text without end: head, and then one byte over and over.
type endless struct {
	head string
	read int64
}

func (r *endless) Read(p []byte) (int, error) {
	n := copy(p, r.head)
	r.head = r.head[n:]
	for i := n; i < len(p); i++ {
		p[i] = 'x'
	}
	r.read += int64(len(p))
	return len(p), nil
}

// One value of a gigabyte is refused as soon as it is seen to be too long, in whatever form it comes: no more of it is read than fits the buffers.
func TestOneValueOfAGigabyte(t *testing.T) {
	e := openEngine(t)
	const gigabyte = 1 << 30
	var packed strings.Builder // members of a gzip archive follow one another
	packed.WriteString(gzipped("user_id,note\nu1,"))
	gap := gzipped(strings.Repeat("x", 1<<24))
	for range gigabyte >> 24 {
		packed.WriteString(gap)
	}
	for name, head := range map[string]string{"plain": "user_id,note\nu1,", "quoted": "user_id,note\nu1,\"", "an object": "{\"user_id\": \"u1\", \"note\": \"", "without a header": "", "packed": packed.String()} {
		r := &endless{head: head}
		_, err := e.Import(context.Background(), io.LimitReader(r, gigabyte), ImportOptions{ID: "d"})
		if olorin.CodeOf(err) != olorin.CodeDatasetInvalid {
			t.Errorf("%s: %v", name, err)
		}
		if r.read > 64<<20 {
			t.Errorf("%s: %d MB were read before it was refused", name, r.read>>20)
		}
	}
	if left := files(t, e); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// Exports for people begin with lines that are none of the table's, and end with a sum.
func TestLinesAroundTheTableAreSetAside(t *testing.T) {
	e := openEngine(t)
	for name, tc := range map[string]struct {
		file, columns  string
		rows, rejected int64
	}{
		"padded":           {"Bank of X;;;\nKontoauszug;2026;;\n;;;\nDatum;Uhrzeit;Konto;Betrag\n01.02.2026;10:00;K1;1,50\n02.02.2026;11:00;K2;2,50\n03.02.2026;11:00;K2;2,50\n04.02.2026;11:00;K2;2,50\n05.02.2026;11:00;K2;2,50\nSumme;;;12345,67\n", "Datum Uhrzeit Konto Betrag", 5, 4},
		"bare":             {"Bank of X\nAccount: 17\n\nDate,Account,Amount\n2026-02-01,K1,1.50\n2026-02-02,K2,2.50\n2026-02-03,K2,2.50\n2026-02-04,K2,2.50\n", "Date Account Amount", 4, 2},
		"none":             {"Date,,Amount\n2026-02-01,K1,1.50\n2026-02-02,K2,2.50\n", "Date column_2 Amount", 2, 0},
		"nameless":         {",Date,\n1,2026-02-01,\n2,2026-02-02,\n", "column_1 Date column_3", 2, 0},
		"a total in words": {"user_id,kind,amount\ntotal,sum,5\nu2,b,6\n", "user_id kind amount", 2, 0},
	} {
		d := importText(t, e, fmt.Sprintf("p%x", name), tc.file)
		names := []string{}
		for _, c := range d.Columns {
			names = append(names, c.Source)
		}
		if got := strings.Join(names, " "); got != tc.columns || d.Rows != tc.rows || d.RejectedRows != tc.rejected {
			t.Errorf("%s: columns %s, %d rows, %d set aside; want %s, %d, %d", name, got, d.Rows, d.RejectedRows, tc.columns, tc.rows, tc.rejected)
		}
	}
}

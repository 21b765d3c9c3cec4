package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// parquetOf returns the Parquet file that DuckDB writes of a query.
func parquetOf(t *testing.T, e *Engine, query string) string {
	t.Helper()
	db, err := e.instance(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(t.TempDir(), "x.parquet")
	if _, err := db.Exec("COPY (" + query + ") TO " + quote(path) + " (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	return string(readFile(t, path))
}

// One table, in each form that it may come in, is one table.
func TestFormsAreOneTable(t *testing.T) {
	e := openEngine(t)
	csv := "user_id,amount,timestamp,geo.country,note\n17,1.50,2026-01-02 03:04:05,DE,plain\n18,20,2026-01-02 03:04:06.5,FR,\"two\nlines, ü\"\n19,-3.25,2026-01-03 00:00:00,,\n"
	jsonl := `{"user_id": 17, "amount": 1.50, "timestamp": "2026-01-02T03:04:05Z", "geo": {"country": "DE"}, "note": "plain"}
{"user_id":18,"amount":20,"timestamp":"2026-01-02 03:04:06.5","geo":{"country":"FR"},"note":"two\nlines, \u00fc"}

 { "user_id" : 19 , "amount" : -3.25, "timestamp": 1767398400, "geo": {"country": null} }
`
	array := `[{"user_id": 17, "amount": 1.50, "timestamp": "2026-01-02T03:04:05Z", "geo": {"country": "DE"}, "note": "plain"},
  {
    "user_id": 18, "amount": 20,
    "timestamp": "2026-01-02 03:04:06.5",
    "geo": {"country": "FR"}, "note": "two\nlines, ü"
  } , {"user_id":19,"amount":-3.25,"timestamp":1767398400,"geo":{"country":null}}
]
`
	parquet := parquetOf(t, e, "SELECT u::DOUBLE AS user_id, a AS amount, t AS timestamp, {'country': c} AS geo, n AS note FROM (VALUES (17, 1.50, TIMESTAMP '2026-01-02 03:04:05', 'DE', 'plain'), (18, 20.0, TIMESTAMP '2026-01-02 03:04:06.5', 'FR', 'two\nlines, ü'), (19, -3.25, TIMESTAMP '2026-01-03', NULL, '')) v(u, a, t, c, n)")
	forms := map[string]string{
		"csv": csv, "array": array, "array_bom_crlf": "\ufeff" + strings.ReplaceAll(array, "\n", "\r\n"), "array_gz": gzipped(array), "jsonl": jsonl, "jsonl_bom_crlf": "\ufeff" + strings.ReplaceAll(jsonl, "\n", "\r\n"), "parquet": parquet,
		"csv_gz": gzipped(csv), "jsonl_gz": gzipped(jsonl), "parquet_gz": gzipped(parquet), "two_members": gzipped(csv[:40]) + gzipped(csv[40:]),
		"utf16le": inUTF16(csv, true, false), "utf16be": inUTF16(csv, true, true), "utf16le_bare": inUTF16(csv, false, false), "utf16be_bare": inUTF16(csv, false, true), "utf16_gz": gzipped(inUTF16(csv, true, false)),
	}
	seen := map[string]string{}
	for name, file := range forms {
		d := importText(t, e, name, file)
		if d.Rows != 3 || d.Bytes != int64(len(file)) {
			t.Errorf("%s: %d rows, %d bytes", name, d.Rows, d.Bytes)
		}
		if got := fmt.Sprint(mapped(d)); got != "map[amount:amount geo.country:country timestamp:event_time user_id:user_id]" {
			t.Errorf("%s: columns %s", name, got)
		}
		c := openCase(t, e, d, Selection{})
		seen[name] = fmt.Sprint(table(t, c, "SELECT row, row_key, t, user_id, amount, country FROM events ORDER BY row"))
		preview, err := e.Preview(context.Background(), d, 3)
		if err != nil {
			t.Fatal(err)
		}
		seen[name] += *preview[1].Fields["note"] + fmt.Sprint(preview[2].Fields["note"])
	}
	for name, got := range seen {
		if got != seen["csv"] {
			t.Errorf("%s is\n%s, want\n%s", name, got, seen["csv"])
		}
	}
}

// What is nested becomes columns with the path for a name; members may come and go from line to line; lists stay what they are.
func TestObjectsAreFlattened(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", `{"user": {"id": "u1", "tags": ["a", {"b": 1}]}, "amount": 1, "ok": true}
{"amount": 2, "user": {"id": "u2", "mail": "x@y.example"}, "deep": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}}}
`)
	preview, err := e.Preview(context.Background(), d, 2)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, c := range d.Columns {
		for _, r := range preview {
			value := "NULL"
			if v := r.Fields[c.Source]; v != nil {
				value = *v
			}
			got += c.Source + "=" + value + "\n"
		}
	}
	want := "user.id=u1\nuser.id=u2\nuser.tags=[\"a\", {\"b\": 1}]\nuser.tags=NULL\namount=1\namount=2\nok=true\nok=NULL\nuser.mail=NULL\nuser.mail=x@y.example\ndeep.a.b.c.d.e.f.g=NULL\ndeep.a.b.c.d.e.f.g={\"h\": 1}\n"
	if got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
}

// Malformed lines are set aside where that is asked for.
func TestMalformedObjectsCanBeSetAside(t *testing.T) {
	e := openEngine(t)
	d, err := e.Import(context.Background(), strings.NewReader("{\"user_id\":\"u1\",\"amount\":1}\n{\"user_id\":\"u2\",\"odd\":1,\n{\"user_id\":\"u3\",\"amount\":3}\n"), ImportOptions{ID: "d", SkipMalformed: true})
	if err != nil {
		t.Fatal(err)
	}
	rejected, err := e.Rejected("d", 10)
	if err != nil {
		t.Fatal(err)
	}
	if d.Rows != 2 || d.RejectedRows != 1 || len(d.Columns) != 2 || len(rejected) != 1 || rejected[0].Line != 2 {
		t.Errorf("%+v, rejected %+v", d, rejected)
	}
}

// Parquet files are refused in good order where they are damaged, or larger inside than they look.
func TestHostileParquet(t *testing.T) {
	e := openEngine(t)
	whole := parquetOf(t, e, "SELECT range AS user_id, md5(range::VARCHAR) AS note, TIMESTAMP '2026-01-01' AS timestamp FROM range(2000)")
	damaged := []byte(whole)
	for i := 100; i < len(damaged)/2; i += 7 {
		damaged[i] ^= 0x5a
	}
	e.lim.MaxBytes = 8 << 20
	for name, tc := range map[string]struct {
		file string
		code olorin.Code
	}{
		"cut off":         {whole[:len(whole)/2], olorin.CodeDatasetInvalid},
		"the magic alone": {"PAR1", olorin.CodeDatasetInvalid},
		"damaged":         {string(damaged), olorin.CodeDatasetInvalid},
		"many rows":       {parquetOf(t, e, "SELECT 1 AS user_id, 2 AS amount FROM range(6000000)"), olorin.CodeTooLarge},
		"5,000 columns":   {parquetOf(t, e, "SELECT "+strings.TrimSuffix(strings.Repeat("1 AS c, ", 600), ", ")), olorin.CodeTooLarge},
		"a huge cell":     {parquetOf(t, e, "SELECT 'u' AS user_id, repeat('x', 2000000) AS note"), olorin.CodeDatasetInvalid},
		"no rows":         {parquetOf(t, e, "SELECT 1 AS user_id, 2 AS amount WHERE false"), olorin.CodeDatasetInvalid},
	} {
		if _, err := e.Import(context.Background(), strings.NewReader(tc.file), ImportOptions{ID: "d"}); olorin.CodeOf(err) != tc.code || strings.Contains(err.Error(), os.TempDir()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left := files(t, e); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

package data

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

func openEngine(t *testing.T) *Engine {
	t.Helper()
	e, err := Open(t.TempDir(), Limits{MemoryMB: 512, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func importText(t *testing.T, e *Engine, id, text string) olorin.Dataset {
	t.Helper()
	d, err := e.Import(context.Background(), strings.NewReader(text), ImportOptions{ID: id, UserID: "u", Name: id, Filename: id + ".csv"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// given opens a file of the data that is handed to developers beside the repository.
func given(t *testing.T, name string) *os.File {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", name))
	if os.IsNotExist(err) {
		t.Skipf("needs ../shared/data/%s beside the repository", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func importGiven(t *testing.T, e *Engine, id, name string) olorin.Dataset {
	t.Helper()
	d, err := e.Import(context.Background(), given(t, name), ImportOptions{ID: id, UserID: "u", Name: name, Filename: filepath.Base(name)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func openCase(t *testing.T, e *Engine, d olorin.Dataset, sel Selection) *Case {
	t.Helper()
	c, err := e.OpenCase(context.Background(), d, sel)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// table returns the result of a query as lines of text.
func table(t *testing.T, c *Case, query string) []string {
	t.Helper()
	lines := []string{}
	err := c.Query(context.Background(), query, nil, func(row map[string]any) error {
		lines = append(lines, fmt.Sprint(row))
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return lines
}

// mapped returns source=canonical of the columns that were taken for one, labels as source=label.
func mapped(d olorin.Dataset) map[string]string {
	m := map[string]string{}
	for _, c := range d.Columns {
		if c.Label {
			m[c.Source] = "label"
		} else if c.Canonical != "" {
			m[c.Source] = c.Canonical
		}
	}
	return m
}

// files lists what is in a data directory, but for what every engine has.
func files(t *testing.T, e *Engine) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(e.dir, func(path string, _ fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(e.dir, path)
		switch rel {
		case ".", "datasets", "tmp", "card.key":
		default:
			out = append(out, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The three files hold the same rows with other line ends, a byte order mark, other decimals, another order and times without their fraction.
func TestByteFormsOfOneFileAreOneTable(t *testing.T) {
	e := openEngine(t)
	var first []string
	for _, form := range []string{"crlf", "bom", "seconds"} {
		d := importGiven(t, e, form, "cloudwalk-chargebacks/transactions."+form+".csv")
		if d.Rows != 3199 || d.RejectedRows != 0 {
			t.Errorf("%s: %d rows, %d rejected", form, d.Rows, d.RejectedRows)
		}
		want := map[string]string{
			"transaction_id": "transaction_id", "merchant_id": "merchant_id", "user_id": "user_id", "card_number": "card_number",
			"transaction_date": "event_time", "transaction_amount": "amount", "device_id": "device_id", "has_cbk": "label",
		}
		if got := mapped(d); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: columns %v, want %v", form, got, want)
		}
		c := openCase(t, e, d, Selection{})
		rows := table(t, c, `SELECT row_key, t, subject, transaction_id, user_id, merchant_id, card_number, device_id, amount FROM events ORDER BY row_key`)
		if first == nil {
			first = rows
			continue
		}
		for i := range rows {
			if rows[i] != first[i] {
				t.Fatalf("%s: row %d is %s, want %s", form, i, rows[i], first[i])
			}
		}
	}
}

func readFile(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestGivenFilesHaveTheRightTypes(t *testing.T) {
	e := openEngine(t)
	shop := importGiven(t, e, "shop", "fraud-ecommerce-30k/fraud_data.csv")
	if shop.Rows != 30190 {
		t.Errorf("%d rows", shop.Rows)
	}
	want := "map[class:label device_id:device_id ip_address:ip_address purchase_time:event_time purchase_value:amount signup_time:signup_time user_id:user_id]"
	if got := fmt.Sprint(mapped(shop)); got != want {
		t.Errorf("columns %s", got)
	}
	c := openCase(t, e, shop, Selection{})
	got := fmt.Sprint(table(t, c, `SELECT t, signup_time, amount, ip_address, user_id FROM events WHERE "row" IN (1, 30190) ORDER BY "row"`))
	if got != "[map[amount:34 ip_address:43.173.1.96 signup_time:2015-02-24 22:55:00 +0000 UTC t:1429325220 user_id:22058] map[amount:<nil> ip_address:<nil> signup_time:2015-08-11 19:00:00 +0000 UTC t:<nil> user_id:393385]]" {
		t.Errorf("rows %s", got)
	}
	// As given with the file: purchases in the minute of the sign-up.
	if got := fmt.Sprint(table(t, c, "SELECT count(*) AS n FROM events WHERE event_time = signup_time")); got != "[map[n:1511]]" {
		t.Errorf("purchases at sign-up %s", got)
	}
	labels, err := e.Labels(context.Background(), shop, "class")
	if err != nil {
		t.Fatal(err)
	}
	fraud := 0
	for _, v := range labels {
		if v == "1" {
			fraud++
		}
	}
	if fraud != 2867 {
		t.Errorf("%d labels of fraud, want 2867", fraud)
	}

	book := importGiven(t, e, "book", "handbook-simulated/handbook-2018-04-01_14.csv")
	if book.Rows != 134288 {
		t.Errorf("%d rows", book.Rows)
	}
	want = "map[CUSTOMER_ID:user_id TERMINAL_ID:merchant_id TRANSACTION_ID:transaction_id TX_AMOUNT:amount TX_DATETIME:event_time TX_FRAUD:label TX_FRAUD_SCENARIO:label]"
	if got := fmt.Sprint(mapped(book)); got != want {
		t.Errorf("columns %s", got)
	}
	c = openCase(t, e, book, Selection{Entities: entities("user_id", "596")})
	if got := fmt.Sprint(table(t, c, `SELECT "row", t, amount, subject, merchant_id FROM own ORDER BY t LIMIT 1`)); got != "[map[amount:57.16 merchant_id:3156 row:1 subject:596 t:1522540831]]" {
		t.Errorf("first row %s", got)
	}
	for _, c := range append(shop.Columns, book.Columns...) {
		if c.Unreadable > 0 {
			t.Errorf("%s: %d values could not be read", c.Source, c.Unreadable)
		}
	}
}

// Rows without a transaction id of their own are known by what they hold, equal ones by their number among equals.
func TestRowKeysDoNotDependOnOrder(t *testing.T) {
	e := openEngine(t)
	rows := [][]string{{"user_id", "amount", "event_time"}}
	for i := range 50 {
		rows = append(rows, []string{fmt.Sprint("u", i%7), fmt.Sprint(i % 5), fmt.Sprintf("2026-01-%02d", 1+i%3)})
	}
	want := ""
	for i := range 3 {
		turned := append([][]string{rows[0]}, append(append([][]string{}, rows[1+17*i:]...), rows[1:1+17*i]...)...)
		c := openCase(t, e, importText(t, e, fmt.Sprint("d", i), write(turned, ',', i == 1)), Selection{})
		got := fmt.Sprint(table(t, c, "SELECT row_key, t, user_id, amount FROM events ORDER BY row_key"))
		if want == "" {
			want = got
		}
		if got != want {
			t.Errorf("turned by %d: %s\nwant %s", 17*i, got, want)
		}
		if got := fmt.Sprint(table(t, c, "SELECT count(DISTINCT row_key) AS n FROM events")); got != "[map[n:50]]" {
			t.Errorf("keys %s", got)
		}
	}
	twice := openCase(t, e, importText(t, e, "twice", "transaction_id,user_id\nt1,u1\nt1,u2\n"), Selection{})
	if got := fmt.Sprint(table(t, twice, "SELECT count(DISTINCT row_key) AS n, bool_or(row_key = 't1') AS id FROM events")); got != "[map[id:false n:2]]" {
		t.Errorf("a transaction id that occurs twice: %s", got)
	}
}

func TestImportsOfOneID(t *testing.T) {
	e := openEngine(t)
	errs := make(chan error, 4)
	for range 4 {
		go func() {
			_, err := e.Import(context.Background(), strings.NewReader(smallFile), ImportOptions{ID: "d"})
			errs <- err
		}()
	}
	made := 0
	for range 4 {
		if err := <-errs; err == nil {
			made++
		} else if olorin.CodeOf(err) != olorin.CodeExists {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d data sets were made", made)
	}
	for _, id := range []string{"", "a/b", "..", strings.Repeat("x", 65)} {
		if _, err := e.Import(context.Background(), strings.NewReader(smallFile), ImportOptions{ID: id}); olorin.CodeOf(err) != olorin.CodeInvalid {
			t.Errorf("id %q: %v", id, err)
		}
	}
	if err := e.Delete("d"); err != nil {
		t.Fatal(err)
	}
	if left := files(t, e); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A directory that a dead process left is removed; one that a living process holds is not.
func TestSweep(t *testing.T) {
	e := openEngine(t)
	held, err := e.workspace()
	if err != nil {
		t.Fatal(err)
	}
	dead := filepath.Join(e.tmp(), "work-dead")
	if err := os.MkdirAll(filepath.Join(dead, "build"), 0o700); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	for _, dir := range []string{held.dir, dead} {
		if err := os.Chtimes(dir, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(e.dir, Limits{}); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(files(t, e)); got != fmt.Sprintf("[tmp/%[1]s tmp/%[1]s/lock]", filepath.Base(held.dir)) {
		t.Errorf("files %s", got)
	}
	if err := held.remove(); err != nil {
		t.Fatal(err)
	}
}

// Where a file has addresses and no countries for them, the embedded table tells them; what the file says itself is not touched.
func TestCountriesOfAddresses(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "user_id,ip\nu1,8.8.8.8\nu2,2001:4860:4860::8888\nu3,10.0.0.1\nu4,\nu5,16843009\n")
	if !d.Has("ip_country") || fmt.Sprint(d.Derived) != "[ip_country]" {
		t.Errorf("%+v", d)
	}
	c := openCase(t, e, d, Selection{})
	if !c.Has("ip_country") {
		t.Error("the case does not have the column")
	}
	if got := fmt.Sprint(table(t, c, "SELECT coalesce(ip_country, '?') AS x FROM events ORDER BY user_id")); got != "[map[x:US] map[x:US] map[x:?] map[x:?] map[x:AU]]" {
		t.Error(got)
	}
	said := importText(t, e, "said", "user_id,ip,ip_country\nu1,8.8.8.8,FR\n")
	if got := fmt.Sprint(table(t, openCase(t, e, said, Selection{}), "SELECT ip_country AS x FROM events"), said.Derived); got != "[map[x:FR]] []" {
		t.Error(got)
	}
}

// What DuckDB needs for a column must not depend on how many there are of them.
func TestASmallFileOfEveryColumnNeedsLittleMemory(t *testing.T) {
	var header, row []string
	for i := range Columns {
		c := &Columns[i]
		header = append(header, c.Name)
		row = append(row, map[ColumnType]string{Text: " x ", Decimal: "1,5", Double: "1,5", Instant: "1.2.2026 3:04", Boolean: "yes", Minutes: "60"}[c.Type])
	}
	text := strings.Join(header, ";") + "\n" + strings.Repeat(strings.Join(row, ";")+"\n", 3)
	e, err := Open(t.TempDir(), Limits{MemoryMB: 64, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	d := importText(t, e, "d", text)
	c := openCase(t, e, d, Selection{})
	if n := c.Counts().Rows; n != 3 {
		t.Errorf("%d rows", n)
	}
}

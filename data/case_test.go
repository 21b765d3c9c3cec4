package data

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

const smallFile = `transaction_id,user_id,device_id,ip_address,email,phone,merchant_id,amount,timestamp,is_fraud
t1,alice,d1,10.0.0.1,Alice@x.org,+1 555 0100,m1,10,2026-01-01 00:00:00,0
t2,alice,d2,10.0.0.2,alice@x.org,1-555-0100,m2,20,2026-01-02 00:00:00.750,0
t3,bob,d1,10.0.0.1,bob@x.org,,m1,30,2026-01-03 00:00:00,1
t4,carol,d3,10.0.0.3,,,m3,40,2026-01-04 00:00:00,0
t5,,d1,10.0.0.9,,,m3,50,2026-01-05 00:00:00,0
t6,dave,d4,2886729729,,,m4,60,,0
`

func entities(pairs ...string) []olorin.Entity {
	var out []olorin.Entity
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, olorin.Entity{Type: olorin.EntityType(pairs[i]), Value: pairs[i+1]})
	}
	return out
}

func day(n int) olorin.Time { return olorin.At(time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC)) }

func TestSelections(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", smallFile)
	occurs := map[string]int64{
		"user_id alice": 2, "user_id bob": 1, "user_id carol": 1, "account_id carol": 1, "device_id d1": 3, "email  ALICE@X.org ": 2,
		"phone_number +1 (555) 0100": 2, "ip_address 172.16.0.1": 1, "transaction_id t3": 1,
	}
	for _, tc := range []struct {
		name       string
		sel        Selection
		scope, own string
	}{
		{"nothing named", Selection{}, "t1 t2 t3 t4 t5 t6", "t1 t2 t3 t4 t5 t6"},
		{"nothing named, in a range", Selection{From: day(2), To: day(4)}, "t2 t3", "t1 t2 t3 t6"},
		{"one user", Selection{Entities: entities("user_id", "alice")}, "t1 t2", "t1 t2"},
		{"one device: rows without subject come along", Selection{Entities: entities("device_id", "d1")}, "t1 t3 t5", "t1 t2 t3 t5"},
		{"either", Selection{Entities: entities("user_id", "alice", "device_id", "d1"), Mode: olorin.Or}, "t1 t2 t3 t5", "t1 t2 t3 t5"},
		{"both", Selection{Entities: entities("user_id", "alice", "device_id", "d1"), Mode: olorin.And}, "t1", "t1 t2"},
		{"both, values of one type being alternatives", Selection{Entities: entities("user_id", "alice", "device_id", "d1", "user_id", "bob"), Mode: olorin.And}, "t1 t3", "t1 t2 t3"},
		{"in a range, own from before it too", Selection{Entities: entities("user_id", "alice"), From: day(2)}, "t2", "t1 t2"},
		{"the end is open, and nothing is known from there on", Selection{Entities: entities("user_id", "alice"), To: day(2)}, "t1", "t1"},
		{"either of three, of which one is not there", Selection{Entities: entities("card_number", "4111111111111111", "user_id", "carol", "device_id", "d1"), Mode: olorin.Or}, "t1 t3 t4 t5", "t1 t2 t3 t4 t5"},
		{"e-mail in any case", Selection{Entities: entities("email", " ALICE@X.org ")}, "t1 t2", "t1 t2"},
		{"phone by its digits", Selection{Entities: entities("phone_number", "+1 (555) 0100")}, "t1 t2", "t1 t2"},
		{"address that the file holds as a number", Selection{Entities: entities("ip_address", "172.16.0.1")}, "t6", "t6"},
		{"account falls back to user", Selection{Entities: entities("account_id", "carol")}, "t4", "t4"},
		{"transaction", Selection{Entities: entities("transaction_id", "t3")}, "t3", "t3"},
		{"a column that the file has not", Selection{Entities: entities("card_number", "4111111111111111")}, "", ""},
		{"a quote does not break out", Selection{Entities: entities("user_id", "x' OR true --")}, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := openCase(t, e, d, tc.sel)
			ids := func(query string) string {
				var got []string
				if err := c.Query(context.Background(), query, nil, func(row map[string]any) error {
					got = append(got, row["row_key"].(string))
					return nil
				}); err != nil {
					t.Fatal(err)
				}
				return strings.Join(got, " ")
			}
			if got := ids("SELECT row_key FROM events WHERE in_scope ORDER BY row_key"); got != tc.scope {
				t.Errorf("in scope: %q, want %q", got, tc.scope)
			}
			for i := range max(1, len(tc.sel.Entities)) {
				part := tc.scope
				if len(tc.sel.Entities) > 1 {
					alone := openCase(t, e, d, Selection{Entities: tc.sel.Entities[i : i+1], From: tc.sel.From, To: tc.sel.To})
					part = ""
					if err := alone.Query(context.Background(), "SELECT string_agg(row_key, ' ' ORDER BY row_key) AS k FROM events WHERE in_scope AND contains($scope, row_key)", map[string]any{"scope": tc.scope}, func(row map[string]any) error {
						part, _ = row["k"].(string)
						return nil
					}); err != nil {
						t.Fatal(err)
					}
				}
				if got := ids(fmt.Sprintf("SELECT row_key FROM events WHERE parts & %d != 0 ORDER BY row_key", 1<<i)); got != part {
					t.Errorf("part %d: %q, want %q", i, got, part)
				}
			}
			if got := ids("SELECT row_key FROM own ORDER BY row_key"); got != tc.own {
				t.Errorf("own: %q, want %q", got, tc.own)
			}
			rows, peers := int64(6), int64(5)
			switch tc.sel.To {
			case day(2): // t1, and t6, which has no time
				rows, peers = 2, 2
			case day(4):
				rows, peers = 4, 3
			}
			want := Counts{Rows: rows, Own: int64(len(strings.Fields(tc.own))), InScope: int64(len(strings.Fields(tc.scope))), Peers: peers}
			if c.Counts() != want {
				t.Errorf("counts %+v, want %+v", c.Counts(), want)
			}
			for i, found := range c.Presence() { // at any time, whatever the others and the range leave of it
				e := tc.sel.Entities[i]
				if want := occurs[string(e.Type)+" "+e.Value]; found.Type != e.Type || found.Value != e.Value || found.Rows != want {
					t.Errorf("of %s %s %+v are found, want %d", e.Type, e.Value, found, want)
				}
			}
		})
	}
}

func TestRangeNeedsATimeColumn(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "user_id,amount\nu1,1\n")
	if d.FirstEventAt != nil {
		t.Errorf("first event at %v", d.FirstEventAt)
	}
	if _, err := e.OpenCase(context.Background(), d, Selection{From: day(1)}); olorin.CodeOf(err) != olorin.CodeInvalid {
		t.Errorf("got %v", err)
	}
	c := openCase(t, e, d, Selection{})
	if c.Has("event_time") || c.Has("t") || !c.Has("amount") || !c.Has("subject") || c.Has("status_ok") || c.Subject() != "user_id" {
		t.Error("the case does not tell what the file has")
	}
}

func TestEveryCanonicalColumnIsThereAndTyped(t *testing.T) {
	e := openEngine(t)
	all := openCase(t, e, importText(t, e, "d", "user_id,amount\nu1,1\n"), Selection{})
	for i := range Columns {
		c := &Columns[i]
		got := table(t, all, "SELECT typeof("+c.Name+") AS type, typeof((SELECT any_value("+c.Name+") FROM own)) AS own FROM events")
		if want := fmt.Sprintf("[map[own:%s type:%s]]", c.Type.sqlType(), c.Type.sqlType()); fmt.Sprint(got) != want {
			t.Errorf("%s: %v, want %s", c.Name, got, want)
		}
	}
	types := "SELECT typeof(\"row\") AS a, typeof(row_key) AS b, typeof(t) AS c, typeof(subject) AS d, typeof(status_ok) AS e, typeof(in_scope) AS f FROM events"
	if got := fmt.Sprint(table(t, all, types)); got != "[map[a:BIGINT b:VARCHAR c:BIGINT d:VARCHAR e:BOOLEAN f:BOOLEAN]]" {
		t.Error(got)
	}
}

func TestQueryValuesAndParameters(t *testing.T) {
	e := openEngine(t)
	c := openCase(t, e, importText(t, e, "d", smallFile), Selection{})
	var got map[string]any
	err := c.Query(context.Background(), `SELECT sum(amount) AS total, sum("row") AS big, avg(amount) AS mean, list("row" ORDER BY t, row_key) FILTER (amount >= $least) AS rows, max(event_time) AS last, count(*) AS n, bool_and(in_scope) AS all_in, $word AS word, NULL AS nothing FROM events`,
		map[string]any{"least": 40.0, "word": "x", "unused": 1}, func(row map[string]any) error { got = row; return nil })
	if err != nil {
		t.Fatal(err)
	}
	want := "map[all_in:true big:21 last:2026-01-05 00:00:00 +0000 UTC mean:35 n:6 nothing:<nil> rows:[4 5 6] total:210 word:x]"
	if fmt.Sprint(got) != want {
		t.Errorf("got  %v\nwant %s", got, want)
	}
	if _, ok := got["total"].(float64); !ok {
		t.Errorf("a decimal is a %T", got["total"])
	}
	if _, ok := got["big"].(int64); !ok {
		t.Errorf("a sum is a %T", got["big"])
	}
	err = c.Query(context.Background(), "SELECT $missing", nil, func(map[string]any) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "$missing") {
		t.Errorf("a parameter without a value: %v", err)
	}
	stop := errors.New("enough")
	if err := c.Query(context.Background(), "SELECT 1 FROM events", nil, func(map[string]any) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of the caller: %v", err)
	}
}

func TestEvidenceRows(t *testing.T) {
	e := openEngine(t)
	c := openCase(t, e, importText(t, e, "d", smallFile), Selection{})
	rows, err := c.Rows(context.Background(), []int64{6, 2, 1, 99})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(rows[0].Row, rows[1].Row, rows[2].Row, len(rows)); got != "1 2 6 3" {
		t.Errorf("order %s", got)
	}
	want := "map[amount:20 device_id:d2 email:alice@x.org event_time:2026-01-02T00:00:00.750Z ip_address:10.0.0.2 ip_country:<nil> merchant_id:m2 phone_number:15550100 transaction_id:t2 user_id:alice]"
	if got := fmt.Sprint(rows[1].Fields); got != want {
		t.Errorf("fields %s\nwant   %s", got, want)
	}
}

// A check's SQL reaches the events of its case and nothing else: no label, no other file, no other data set, no change of settings, no writing.
func TestCaseIsLocked(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", smallFile)
	beside := importText(t, e, "other", smallFile)
	c := openCase(t, e, d, Selection{Entities: entities("user_id", "alice")})
	dir, err := e.generation(filesetOf(d))
	if err != nil {
		t.Fatal(err)
	}
	other, err := e.generation(filesetOf(beside))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"labels.duckdb", "source.duckdb", "events.duckdb"} {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Fatal(err)
		}
	}
	labels := filepath.Join(dir, "labels.duckdb")
	for _, query := range []string{
		"SELECT is_fraud FROM events", "SELECT label FROM own", "FROM labels", "FROM lab.labels", "FROM file.labels", "FROM source", "FROM src.source", "FROM file.source",
		"ATTACH '" + labels + "' AS x (READ_ONLY)", "ATTACH '" + filepath.Join(other, "events.duckdb") + "' AS x (READ_ONLY)", "FROM '" + labels + "'",
		"SELECT * FROM read_blob('" + labels + "')", "SELECT * FROM read_text('/etc/passwd')", "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM glob('/*')",
		"SELECT * FROM sniff_csv('/etc/passwd')", "SELECT * FROM read_duckdb('" + labels + "')", "SELECT * FROM query('FROM ''" + labels + "''')", "SELECT getenv('HOME')",
		"COPY (SELECT 1) TO '" + filepath.Join(e.dir, "out.csv") + "'", "EXPORT DATABASE '" + filepath.Join(e.dir, "out") + "'", "INSTALL httpfs", "LOAD httpfs",
		"SELECT * FROM read_csv('http://127.0.0.1:1/x.csv')",
		"SET enable_external_access = true", "SET lock_configuration = false", "SET memory_limit = '100GB'", "RESET memory_limit", "PRAGMA enable_profiling",
		"CREATE TABLE x AS SELECT 1", "DROP VIEW events", "DELETE FROM own", "UPDATE file.events SET amount = 0", "DETACH file", "SELECT 1; DROP VIEW events", "BEGIN", "EXPLAIN ANALYZE SELECT 1", "",
	} {
		err := c.Query(context.Background(), query, nil, func(row map[string]any) error {
			if strings.Contains(query, "glob") {
				t.Errorf("%s returned %v", query, row)
			}
			return nil
		})
		if err == nil && !strings.Contains(query, "glob") {
			t.Errorf("%s was allowed", query)
		}
	}
	// What the catalogue and the hidden table show has no trace of a label either.
	for _, query := range []string{"SELECT * FROM file.events", "SELECT column_name FROM duckdb_columns()", "SELECT * FROM file.meta", "SELECT sql FROM duckdb_views()", "SELECT table_name FROM duckdb_tables()"} {
		for _, line := range table(t, c, query) {
			if strings.Contains(line, "is_fraud") || strings.Contains(line, "table_name:labels") {
				t.Errorf("%s: %s", query, line)
			}
		}
	}
	if got := fmt.Sprint(table(t, c, "SELECT count(*) AS n FROM events")); got != "[map[n:6]]" {
		t.Errorf("afterwards: %s", got)
	}
	if _, err := os.Stat(filepath.Join(e.dir, "out.csv")); !os.IsNotExist(err) {
		t.Error("a query wrote a file")
	}
}

const runaway = "SELECT count(*) AS n FROM range(100000000) a, range(100000000) b WHERE (a.range * b.range) % 7 = 3"

func TestRunawayQueryIsInterrupted(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", smallFile)
	c := openCase(t, e, d, Selection{})
	for _, query := range []string{runaway, "SELECT md5(a.range::VARCHAR || b.range) AS x FROM range(10000000) a, range(10000000) b ORDER BY x", "SELECT a.range AS x FROM range(100000000) a, range(1000000) b"} {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(100*time.Millisecond, cancel)
		err := c.Query(ctx, query, nil, func(map[string]any) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", query, err)
		}
		cancel()
	}
	// The case is as good as before.
	if got := fmt.Sprint(table(t, c, "SELECT count(*) AS n FROM events")); got != "[map[n:6]]" {
		t.Errorf("afterwards: %s", got)
	}
	e.lim.Statement = 100 * time.Millisecond
	limited := openCase(t, e, d, Selection{})
	err := limited.Query(context.Background(), runaway, nil, func(map[string]any) error { return nil })
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "longer than 100ms") {
		t.Errorf("limit on statements: %v", err)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	e := openEngine(t)
	e.lim.MemoryMB = 64
	c := openCase(t, e, importText(t, e, "d", smallFile), Selection{})
	// An aggregate state that cannot be spilled.
	err := c.Query(context.Background(), "SELECT length(string_agg(md5(range::VARCHAR), ',')) AS n FROM range(20000000)", nil, func(map[string]any) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "Out of Memory") {
		t.Errorf("got %v", err)
	}
	if got := fmt.Sprint(table(t, c, "SELECT count(*) AS n FROM events")); got != "[map[n:6]]" {
		t.Errorf("afterwards: %s", got)
	}
}

func TestManyCasesAtOnce(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", smallFile)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			user := []string{"alice", "bob", "carol", "dave"}[i]
			c, err := e.OpenCase(context.Background(), d, Selection{Entities: entities("user_id", user)})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			var inner sync.WaitGroup
			for range 4 {
				inner.Go(func() {
					err := c.Query(context.Background(), "SELECT DISTINCT user_id FROM own", nil, func(row map[string]any) error {
						if row["user_id"] != user {
							t.Errorf("%s sees %v", user, row)
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				})
			}
			inner.Wait()
		})
	}
	wg.Wait()
	if err := e.Delete("d"); err != nil {
		t.Fatal(err)
	}
	if left := files(t, e); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestDeletedAndRemappedUnderACase(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", smallFile)
	c := openCase(t, e, d, Selection{})
	ctx := context.Background()
	next, err := e.Remap(ctx, d, map[string]string{"user_id": "device_id"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	other := openCase(t, e, d, Selection{})
	tidy := func(known olorin.Dataset, err error) error {
		return e.Tidy(ctx, "d", func(context.Context, string) (olorin.Dataset, error) { return known, err })
	}
	if err := tidy(d, errors.New("the store is away")); err == nil {
		t.Error("tidied without knowing what counts")
	}
	if err := tidy(next, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := e.OpenCase(ctx, d, Selection{}); olorin.CodeOf(err) != olorin.CodeConflict {
		t.Errorf("opened as it had been mapped: %v", err)
	}
	if got := fmt.Sprint(table(t, openCase(t, e, next, Selection{}), "SELECT min(user_id) AS n FROM events"), table(t, other, "SELECT min(user_id) AS n FROM events")); got != "[map[n:d1]] [map[n:alice]]" {
		t.Errorf("as mapped anew, and as before: %s", got)
	}
	if got := fmt.Sprint(table(t, c, "SELECT count(DISTINCT user_id) AS n FROM events")); got != "[map[n:4]]" {
		t.Errorf("after mapping anew: %s", got)
	}
	if err := tidy(olorin.Dataset{}, olorin.NotFound("data set", "d")); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(table(t, c, "SELECT sum(amount) AS n FROM events")); got != "[map[n:210]]" {
		t.Errorf("after deletion: %s", got)
	}
	if _, err := e.OpenCase(context.Background(), d, Selection{}); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("opened a deleted data set: %v", err)
	}
	if err := e.Delete("d"); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("deleted twice: %v", err)
	}
	if err := e.Delete("../tmp"); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("deleted outside: %v", err)
	}
}

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// truth is every answer of a database, by question.
func truth(ctx context.Context, db *DB, ids []string) map[string]any {
	answers := map[string]any{}
	keep := func(question string, answer any, err error) {
		if err != nil {
			answers[question] = err
			return
		}
		text, err := json.Marshal(answer)
		if err != nil {
			answers[question] = err
			return
		}
		answers[question] = string(text)
	}
	for _, id := range ids {
		inv, err := db.Investigation(ctx, id)
		keep("state "+id, inv, err)
		head, err := db.Head(ctx, id)
		keep("head "+id, head, err)
		lines, err := db.Events(ctx, id, 0, 1000)
		keep("log "+id, lines, err)
		page, err := db.Logs(ctx, id, olorin.LogQuery{Limit: 1000})
		keep("log lines "+id, page, err)
		trail, err := db.Audit(ctx, id, 0, 1000)
		keep("audit "+id, trail, err)
	}
	list, err := db.History(ctx, olorin.HistoryQuery{Limit: 100})
	keep("history", list, err)
	user, err := db.User(ctx, "ana")
	keep("user", user, err)
	datasets, err := db.Datasets(ctx, "ana")
	keep("data sets", datasets, err)
	return answers
}

// TestDamageIsNeverServedAsRight damages a file in a hundred ways, each at random, and asks everything of what is left: each answer is
// the one from before, or an error.
func TestDamageIsNeverServedAsRight(t *testing.T) {
	if Unraced(t) {
		return
	}
	url, file := migratedFile(t)
	ctx := t.Context()
	db, err := Open(ctx, url, Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	entry := olorin.AuditEntry{At: olorin.SystemClock(), Actor: olorin.System, Action: "test"}
	if err := db.PutUser(ctx, olorin.User{ID: "ana", Name: "Ana", Role: olorin.RoleAnalyst, PasswordHash: "$argon2id$", CreatedAt: entry.At}, entry); err != nil {
		t.Fatal(err)
	}
	if err := db.PutDataset(ctx, olorin.Dataset{ID: "d1", UserID: "ana", Name: "Shop", CreatedAt: entry.At, Columns: []olorin.Column{}}, entry); err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range 12 {
		ids = append(ids, fmt.Sprint("case-", i))
		if _, err := write(ctx, db, ids[i], 20+5*i); err != nil {
			t.Fatal(err)
		}
	}
	before := truth(ctx, db, ids)
	for question, answer := range before {
		if err, ok := answer.(error); ok {
			t.Fatalf("%s: %v", question, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const page = 8192
	pages := len(whole) / page
	random := rand.New(rand.NewPCG(20261123, 7))
	ways := map[string]func(b []byte) []byte{
		"bytes flipped": func(b []byte) []byte {
			for range 1 + random.IntN(4) {
				b[random.IntN(len(b))] ^= byte(1 + random.IntN(255))
			}
			return b
		},
		"a letter of a text changed": func(b []byte) []byte {
			for range 10_000 {
				if i := random.IntN(len(b)); b[i] >= 'a' && b[i] < 'z' {
					b[i]++
					break
				}
			}
			return b
		},
		"a page zeroed": func(b []byte) []byte {
			at := page * random.IntN(pages)
			clear(b[at : at+page])
			return b
		},
		"cut off": func(b []byte) []byte { return b[:1+random.IntN(len(b)-1)] },
		"a page of junk": func(b []byte) []byte {
			at := page * random.IntN(pages)
			for i := range page {
				b[at+i] = byte(random.IntN(256))
			}
			return b
		},
		"two pages swapped": func(b []byte) []byte {
			x, y := page*random.IntN(pages), page*random.IntN(pages)
			one := append([]byte{}, b[x:x+page]...)
			copy(b[x:], b[y:y+page])
			copy(b[y:], one)
			return b
		},
	}
	names := []string{"bytes flipped", "a letter of a text changed", "a page zeroed", "cut off", "a page of junk", "two pages swapped"}
	var atStart, partly, harmless, saved, shortened, lost int
	for n := range 100 {
		name := names[n%len(names)]
		damaged := filepath.Join(t.TempDir(), "damaged.db")
		if err := os.WriteFile(damaged, ways[name](append([]byte{}, whole...)), 0o600); err != nil {
			t.Fatal(err)
		}
		where := fmt.Sprintf("damage %d (%s)", n, name)
		url := "sqlite:///" + damaged
		refused := false
		db, err := Open(ctx, url, Options{Server: true})
		if err == nil {
			if _, err = db.CheckFile(ctx); err != nil {
				refused = true // as a server refuses to start
			}
			wrong := 0
			for question, answer := range truth(ctx, db, ids) {
				if _, failed := answer.(error); failed {
					wrong++
				} else if !reflect.DeepEqual(answer, before[question]) && !refused {
					t.Errorf("%s: %s is answered wrongly: %.200s", where, question, answer)
				}
			}
			switch {
			case refused:
				atStart++
			case wrong > 0:
				partly++
			default:
				harmless++
			}
			if err := db.CheckLogs(ctx, func(string, error) error { return nil }); err != nil && !refused && wrong == 0 {
				t.Errorf("%s: the check fails where all answers are right: %v", where, err)
			}
			_ = db.Close()
		} else {
			if olorin.CodeOf(err) == "" {
				t.Errorf("%s: it is refused without a code: %v", where, err)
			}
			atStart++
		}
		if n%7 != 0 {
			continue
		}
		to := filepath.Join(t.TempDir(), "salvaged.db")
		r, err := Salvage(ctx, url, to, Options{})
		if err != nil {
			continue // nothing of it can be read; the message says so
		}
		saved, shortened, lost = saved+r.Investigations, shortened+len(r.Shortened), lost+len(r.Lost)
		fresh, err := Open(ctx, "sqlite:///"+to, Options{Server: true})
		if err != nil {
			t.Errorf("%s: what was salvaged cannot be opened: %v", where, err)
			continue
		}
		if err := fresh.IntegrityCheck(ctx); err != nil {
			t.Errorf("%s: what was salvaged is damaged: %v", where, err)
		}
		if err := fresh.CheckLogs(ctx, func(id string, fault error) error {
			if fault != nil {
				t.Errorf("%s: what was salvaged of %s is damaged: %v", where, id, fault)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
		if v, err := fresh.VerifyAudit(ctx, nil, nil); err != nil || v.Fault != "" {
			t.Errorf("%s: the salvaged audit trail: %+v, %v", where, v, err)
		}
		for _, id := range ids {
			lines, err := fresh.Events(ctx, id, 0, 1000)
			if err != nil {
				continue
			}
			text, err := json.Marshal(lines)
			if old, ok := before["log "+id].(string); err != nil || !ok || !strings.HasPrefix(old, strings.TrimSuffix(string(text), "]")) {
				t.Errorf("%s: the salvaged log of %s is not the beginning of the old one", where, id)
			}
		}
		if err := fresh.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Logf("100 damaged files: %d refused at the start, %d refused in part, %d harmless, no wrong answer; of the salvaged ones %d investigations whole, %d shortened, %d lost",
		atStart, partly, harmless, saved, shortened, lost)
}

func TestRepairMakesSnapshotsAnewFromLogs(t *testing.T) {
	url, _ := migratedFile(t)
	ctx := t.Context()
	db, err := Open(ctx, url, Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // checked below
	for _, id := range []string{"snapshot", "header", "gone", "log", "fine"} {
		if _, err := write(ctx, db, id, 20); err != nil {
			t.Fatal(err)
		}
	}
	before := truth(ctx, db, []string{"snapshot", "header", "gone", "fine"})
	if err := db.writer.write(ctx, "x", "damage", func(t *tx) error {
		for _, query := range []string{
			`UPDATE snapshots SET document = replace(document, 'Case', 'Cask') WHERE investigation = (SELECT num FROM investigations WHERE id = 'snapshot')`,
			`UPDATE investigations SET name = 'Other', version = 7 WHERE id = 'header'`,
			`DELETE FROM snapshots WHERE investigation = (SELECT num FROM investigations WHERE id = 'gone')`,
			`UPDATE events SET document = replace(document, 'info', 'warn') WHERE seq = 5 AND investigation = (SELECT num FROM investigations WHERE id = 'log')`,
		} {
			if err := t.exec(query); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"snapshot", "header", "gone"} {
		if _, err := db.Investigation(ctx, id); err == nil {
			t.Errorf("%s is served", id)
		}
	}
	if _, err := db.Investigation(ctx, "fine"); err != nil {
		t.Error(err)
	}
	r, err := db.Repair(ctx)
	if err != nil || r.Investigations != 5 || len(r.Rebuilt) != 3 || len(r.Broken) != 1 || r.Broken[0].ID != "log" {
		t.Fatalf("repaired %+v, %v", r, err)
	}
	after := truth(ctx, db, []string{"snapshot", "header", "gone", "fine"})
	for question, answer := range after {
		if strings.HasPrefix(question, "audit") || question == "history" {
			continue // the trail tells of the repair; the list of the one that is broken
		}
		if !reflect.DeepEqual(answer, before[question]) {
			t.Errorf("%s is %v\nand was %v", question, answer, before[question])
		}
	}
}

// TestASalvageSavesEveryTable salvages a file that nothing is wrong with: every row of it is in the new one, but for sessions and keys.
func TestASalvageSavesEveryTable(t *testing.T) {
	url, file := migratedFile(t)
	ctx := t.Context()
	db, err := Open(ctx, url, Options{Server: true})
	if err != nil {
		t.Fatal(err)
	}
	now := olorin.SystemClock()
	entry := olorin.AuditEntry{At: now, Actor: olorin.System, Source: olorin.SourceSystem, Action: "test"}
	tpl := olorin.Template{TemplateRow: olorin.TemplateRow{ID: "t1", UserID: "ana", Scope: olorin.ScopePrivate, Name: "Mine", Version: 1, CreatedAt: now, UpdatedAt: now}, Settings: olorin.DefaultSettings()}
	newer := tpl
	newer.Version, newer.Name = 2, "Mine, töo"
	_, caseErr := write(ctx, db, "case", 20)
	if err := errors.Join(
		caseErr,
		db.PutUser(ctx, olorin.User{ID: "ana", Name: "Ana", Role: olorin.RoleAnalyst, PasswordHash: "$argon2id$", CreatedAt: now}, entry),
		db.PutDataset(ctx, olorin.Dataset{ID: "d1", UserID: "ana", Name: "Shop", CreatedAt: now, Columns: []olorin.Column{}}, entry),
		db.PutProfile(ctx, "ana", olorin.Profile{Version: 1}, entry),
		db.PutMapping(ctx, olorin.Mapping{UserID: "ana", Shape: "a,b", At: now}, entry),
		db.PutTemplate(ctx, tpl, "ana", 9, entry), db.PutTemplate(ctx, newer, "ana", 9, entry), db.UseTemplate(ctx, "t1", now, entry), db.UseBuiltIn(ctx, "b1", now, entry),
		db.PutWeights(ctx, olorin.Weights{Version: 1, By: "ana", At: now}, entry), db.PutWeights(ctx, olorin.Weights{Version: 2, By: "ana", At: now}, entry),
		db.Close(),
	); err != nil {
		t.Fatal(err)
	}
	pool, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.ExecContext(ctx, `UPDATE templates SET name_key = $1`, "mine, to\u0308o") // as names were kept before they were composed
	if err := errors.Join(err, pool.Close()); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "salvaged.db")
	r, err := Salvage(ctx, url, to, Options{})
	if err != nil || len(r.Rows) > 0 || r.Weights != 2 || r.Templates != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	old, fresh := rowsOf(t, file), rowsOf(t, to)
	fresh["audit"] = fresh["audit"][:len(old["audit"])] // and one that tells of the salvage
	for table, rows := range old {
		switch table {
		case "sessions", "idempotency", "audit_heads", "removals", versionTable:
			continue
		case "runs", "verdicts": // made from the logs
		default:
			if len(rows) == 0 {
				t.Errorf("nothing is in table %s: this test could not tell whether it is saved", table)
			}
		}
		if !slices.Equal(rows, fresh[table]) {
			t.Errorf("table %s: %q was saved as %q", table, rows, fresh[table])
		}
	}
}

// rowsOf reads all tables of a file, but for the full text index and the numbers of changes, which a new file begins anew.
func rowsOf(t *testing.T, file string) map[string][]string {
	t.Helper()
	pool, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // it was only read
	list := func(query string) (out []string) {
		rows, err := pool.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close() //nolint:errcheck // it was only read
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			out = append(out, strings.TrimSpace(fmt.Sprintln(values...)))
		}
		return out
	}
	found := map[string][]string{}
	for _, table := range list(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'investigation_text%' AND name NOT LIKE 'sqlite_%'`) {
		columns := list(`SELECT name FROM pragma_table_info('` + table + `') WHERE name <> 'changed'`)
		found[table] = list(`SELECT ` + strings.Join(columns, ", ") + ` FROM ` + table + ` ORDER BY ` + strings.Join(columns, ", "))
	}
	return found
}

// The start does not wait until a large file is looked through: what is found then stops writing.
func TestALargeFileIsCheckedWhileItIsUsed(t *testing.T) {
	defer func(size int64) { wholeCheck = size }(wholeCheck)
	wholeCheck = 1
	// What is torn is nothing that a server reads by itself at a start: it would find the damage before it is asked.
	for _, torn := range []string{"", "audit", "investigations_archived"} {
		file := filepath.Join(t.TempDir(), "large.db")
		url := "sqlite:///" + file
		if _, err := Migrate(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		if torn != "" {
			pool, err := sql.Open("sqlite", file)
			if err != nil {
				t.Fatal(err)
			}
			var page, size int64
			err = pool.QueryRow(`SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = $1`, torn).Scan(&page, &size)
			if err := errors.Join(err, pool.Close()); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(file, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = f.WriteAt(make([]byte, size), (page-1)*size)
			if err := errors.Join(err, f.Close()); err != nil {
				t.Fatal(err)
			}
		}
		db, err := Open(t.Context(), url, Options{Server: true})
		if err != nil {
			t.Fatal(err)
		}
		later, err := db.CheckFile(t.Context())
		if err != nil || later == nil || db.Damaged() != nil {
			t.Fatalf("%q: %v", torn, err)
		}
		err = later(t.Context())
		if damaged := torn != ""; damaged != (olorin.CodeOf(err) == olorin.CodeCorrupt) || damaged != (db.Damaged() != nil) {
			t.Errorf("%q: found %v, known as %v", torn, err, db.Damaged())
		}
		_ = db.Close()
	}
}

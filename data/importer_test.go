package data

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

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

package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"

	"github.com/olorin-dev/olorin"
)

// QuickCheck asks the database whether its file is whole: some seconds for some hundred megabytes. CodeCorrupt names the first faults.
// PostgreSQL looks after its own files, and is not asked.
func (db *DB) QuickCheck(ctx context.Context) error {
	return db.dialect.check(ctx, db.reader, "quick_check(10)")
}

// IntegrityCheck is QuickCheck and compares every index with its table, at twice the cost.
func (db *DB) IntegrityCheck(ctx context.Context) error {
	return db.dialect.check(ctx, db.reader, "integrity_check(10)")
}

// wholeCheck is the size up to which a start waits for CheckFile. Tests take a small one.
var wholeCheck int64 = 256 << 20

// CheckFile asks at a start whether the file is whole. Of a larger one than a start may wait for, later asks while it is used; what it finds
// is Damaged.
func (db *DB) CheckFile(ctx context.Context) (later func(context.Context) error, err error) {
	if info, err := os.Stat(db.source.path); db.source.file() && err == nil && info.Size() > wholeCheck {
		return db.checkTables, nil
	}
	return nil, db.IntegrityCheck(ctx)
}

// checkTables is QuickCheck of one table after the other, so that the write-ahead log can be cut back between them.
func (db *DB) checkTables(ctx context.Context) error {
	var tables []string
	if err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var name string
		err := scan(&name)
		tables = append(tables, name)
		return true, err
	}, `SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0`); err != nil {
		return translate("list the tables", err)
	}
	for _, name := range tables {
		if err := db.dialect.check(ctx, db.reader, `quick_check("`+name+`")`); err != nil {
			return err
		}
	}
	return nil
}

// CheckLogs folds the log of every investigation and compares it with the snapshot and the header row. It calls each for every
// investigation, with nil where all agrees, and goes on; an error of each ends it. Investigations that change meanwhile are looked at
// as they were at one moment each.
func (db *DB) CheckLogs(ctx context.Context, each func(id string, fault error) error) error {
	for num := int64(0); ; {
		var id string
		found := false
		err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
			found = true
			return false, scan(&num, &id)
		}, `SELECT num, id FROM investigations WHERE num > $1 ORDER BY num LIMIT 1`, num)
		if err != nil {
			return translate("list investigations", err)
		}
		if !found {
			return nil
		}
		fault, err := db.checkLog(ctx, num, id)
		if err != nil {
			return translate("check investigation "+id, err)
		}
		if err := each(id, fault); err != nil {
			return err
		}
	}
}

// checkLog returns what is wrong with one investigation, and err where it could not be looked at.
func (db *DB) checkLog(ctx context.Context, num int64, id string) (fault, err error) {
	ctx, leave, err := db.reader.enter(ctx, "check investigation "+id, 0)
	if err != nil {
		return nil, err
	}
	defer leave()
	conn, err := db.reader.pool.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close() //nolint:errcheck // nothing was written
	// One read transaction, so that a change between two statements is not taken for a fault.
	if _, err := conn.ExecContext(ctx, db.dialect.look); err != nil {
		return nil, err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") //nolint:errcheck // nothing was written

	head, document, fault, err := readSnapshot(ctx, conn, num, id)
	if fault != nil || err != nil {
		return fault, err
	}
	log, fault, err := readLog(ctx, conn, num, id)
	if fault != nil || err != nil {
		return fault, err
	}
	inv, err := olorin.Fold(id, log)
	if err != nil {
		return olorin.Errorf(olorin.CodeCorrupt, "the log does not add up: %w", err), nil
	}
	if fault := agree(inv, head, document); fault != nil {
		return fault, nil
	}
	kept, err := readVerdicts(ctx, conn, num)
	return counted(inv, kept), err
}

// readSnapshot reads the header and the snapshot of an investigation; fault is what is wrong with them.
func readSnapshot(ctx context.Context, conn *sql.Conn, num int64, id string) (head olorin.Head, document []byte, fault, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT `+headerColumns+` FROM investigations WHERE num = $1`, num)
	if err != nil {
		return head, nil, nil, err
	}
	var h headerRow
	if err := walk(rows, func(scan func(...any) error) (bool, error) { return false, h.scan(scan) }); err != nil {
		if olorin.CodeOf(err) == olorin.CodeCorrupt {
			return head, nil, err, nil
		}
		return head, nil, nil, err
	}
	var sum int64
	if err := conn.QueryRowContext(ctx, `SELECT document, sum FROM snapshots WHERE investigation = $1`, num).Scan(&document, &sum); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return head, nil, nil, err
	}
	if sum != sumOf(num, document) {
		return head, nil, damaged("the snapshot of investigation", id), nil
	}
	return h.head(), document, nil, nil
}

// readLog reads all events of an investigation; fault is what is wrong with the first that is not as it was written.
func readLog(ctx context.Context, conn *sql.Conn, num int64, id string) (log []olorin.Event, fault, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT seq, at, line, type, document, sum FROM events WHERE investigation = $1 ORDER BY seq`, num)
	if err != nil {
		return nil, nil, err
	}
	line := int64(0)
	err = walk(rows, func(scan func(...any) error) (bool, error) {
		var (
			seq    int64
			at     int64
			sum    int64
			number *int64
			kind   string
			text   []byte
			e      olorin.Event
		)
		if err := scan(&seq, &at, &number, &kind, &text, &sum); err != nil {
			return false, err
		}
		if sum != eventSum(num, seq, at, kind, text) {
			fault = damaged(fmt.Sprintf("event %d of investigation", seq), id)
			return false, nil
		}
		if seq != int64(len(log))+1 {
			fault = olorin.Errorf(olorin.CodeCorrupt, "event %d follows event %d", seq, len(log))
			return false, nil
		}
		if err := json.Unmarshal(text, &e); err != nil {
			fault = olorin.Errorf(olorin.CodeCorrupt, "event %d cannot be read: %w", seq, err)
			return false, nil
		}
		if e.Seq != seq || e.Body.EventType() != kind {
			fault = olorin.Errorf(olorin.CodeCorrupt, "event %d says of itself that it is event %d of type %s", seq, e.Seq, e.Body.EventType())
			return false, nil
		}
		if _, ok := e.Body.(olorin.LogAppended); ok {
			line++
			if number == nil || *number != line {
				fault = olorin.Errorf(olorin.CodeCorrupt, "event %d is log line %d and is not counted as that", seq, line)
				return false, nil
			}
		}
		log = append(log, e)
		return true, nil
	})
	return log, fault, err
}

// readVerdicts reads what is kept, to be counted, of the verdicts on the findings of an investigation, by finding.
func readVerdicts(ctx context.Context, conn *sql.Conn, num int64) (map[string]string, error) {
	rows, err := conn.QueryContext(ctx, `SELECT finding, agent, tool, tool_version, verdict, at, counts FROM verdicts WHERE investigation = $1`, num)
	if err != nil {
		return nil, err
	}
	kept := map[string]string{}
	err = walk(rows, func(scan func(...any) error) (bool, error) {
		var (
			finding, agent, tool, verdict string
			version                       int
			at, counts                    int64
		)
		err := scan(&finding, &agent, &tool, &version, &verdict, &at, &counts)
		kept[finding] = fmt.Sprint(agent, " ", tool, " ", version, " ", verdict, " ", at, " ", counts)
		return true, err
	})
	return kept, err
}

// counted compares the verdicts that a log adds up to with those that are kept to be counted.
func counted(inv olorin.Investigation, kept map[string]string) error {
	want := map[string]string{}
	for finding, r := range inv.Reviews {
		if v := r.Verdict; v != nil {
			want[finding] = fmt.Sprint(r.Agent, " ", r.Tool, " ", r.ToolVersion, " ", v.Verdict, " ", v.At.UnixMicro(), " ", millionths(r.Counts))
		}
	}
	if !maps.Equal(want, kept) {
		return olorin.Errorf(olorin.CodeCorrupt, "the verdicts that are counted, %v, are not those of the log, %v", kept, want)
	}
	return nil
}

// agree compares what a log adds up to with the header row and the snapshot.
func agree(inv olorin.Investigation, head olorin.Head, document []byte) error {
	folded, err := canonical(inv)
	if err != nil {
		return err
	}
	want, err := json.Marshal(olorin.HeadOf(inv))
	if err != nil {
		return err
	}
	got, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if !bytes.Equal(want, got) {
		return olorin.Errorf(olorin.CodeCorrupt, "the header row says %s and the log %s", got, want)
	}
	if bytes.Equal(folded, document) {
		return nil
	}
	var snapshot olorin.Investigation
	if err := json.Unmarshal(document, &snapshot); err != nil {
		return olorin.Errorf(olorin.CodeCorrupt, "the snapshot cannot be read: %w", err)
	}
	kept, err := canonical(snapshot)
	if err != nil {
		return err
	}
	if !bytes.Equal(folded, kept) {
		return olorin.Errorf(olorin.CodeCorrupt, "the log does not add up to the snapshot: they differ from byte %d on (%s | %s)", firstDifference(folded, kept), around(folded, kept), around(kept, folded))
	}
	return nil
}

// canonical is an investigation's JSON after one round trip, so that numbers and absent lists are written in one way.
func canonical(inv olorin.Investigation) ([]byte, error) {
	b, err := json.Marshal(inv)
	if err != nil {
		return nil, err
	}
	var again olorin.Investigation
	if err := json.Unmarshal(b, &again); err != nil {
		return nil, fmt.Errorf("read back investigation %q: %w", inv.ID, err)
	}
	return json.Marshal(again)
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

// around returns some bytes of a about the place where b differs.
func around(a, b []byte) []byte {
	i := firstDifference(a, b)
	return a[max(0, i-40):min(len(a), i+40)]
}

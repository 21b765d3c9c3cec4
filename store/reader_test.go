package store

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

// TestReadsWaitForAConnectionAndSaySo takes the only connection and asks for another.
func TestReadsWaitForAConnectionAndSaySo(t *testing.T) {
	db, err := Open(t.Context(), "memory:", Options{Readers: 1, PoolWait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing was written
	_, leave, err := db.reader.enter(t.Context(), "held", 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Head(t.Context(), "x")
	if olorin.CodeOf(err) != olorin.CodeUnavailable || !strings.Contains(err.Error(), "DB_POOL_TIMEOUT") {
		t.Errorf("without a connection: %v", err)
	}
	leave()
	if _, err = db.Head(t.Context(), "x"); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("with one again: %v", err)
	}
}

// TestALongReadIsEnded has a read that would not end by itself.
func TestALongReadIsEnded(t *testing.T) {
	db, err := Open(t.Context(), "memory:", Options{StatementTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // nothing was written
	var n int
	err = db.reader.row(t.Context(), []any{&n}, `WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT COUNT(*) FROM c`)
	if err = translate("count", err); olorin.CodeOf(err) != olorin.CodeUnavailable || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended with %v", err)
	}
}

func TestEchoTellsStatementsAndNeverValues(t *testing.T) {
	var log bytes.Buffer
	db, err := Open(t.Context(), "memory:", Options{Echo: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	u := olorin.User{ID: "ana-of-accounts", Name: "Ana", Role: olorin.RoleAnalyst, PasswordHash: "hash-of-a-secret"}
	if err := db.PutUser(t.Context(), u, olorin.AuditEntry{Action: "user.add"}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.User(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"INSERT INTO users", "SELECT name, role", "COMMIT", "took="} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q", want)
		}
	}
	for _, never := range []string{u.ID, u.PasswordHash} {
		if strings.Contains(log.String(), never) {
			t.Errorf("the log holds %q", never)
		}
	}
}

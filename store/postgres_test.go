package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
	"github.com/olorin-dev/olorin/store/pgtest"
	"github.com/olorin-dev/olorin/store/storetest"
)

func TestReplicasOnPostgres(t *testing.T) {
	url := newPostgres(t)
	storetest.Replicas(t, openAt(t, url, store.Options{Server: true}), openAt(t, url, store.Options{Server: true}))
}

// What a transaction writes follows from all that was committed before its turn, whatever the server is set to.
func TestWritersSeeWhatCameBeforeTheirTurn(t *testing.T) {
	url := newPostgres(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), `DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET default_transaction_isolation = serializable'; END $$`)
	if err := errors.Join(err, conn.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	if level := openAt(t, url, store.Options{}).Isolation(t); level != "read committed" {
		t.Errorf("transactions that write are %s", level)
	}
}

// TestTwoHandlesOnSQLite asks a file the same: a command may write beside the server.
func TestTwoHandlesOnSQLite(t *testing.T) {
	url := newFile(t)
	storetest.Replicas(t, openAt(t, url, store.Options{Server: true}), openAt(t, url, store.Options{}))
}

// TestPostgresServerIsKilled kills the database server under writers that hold nothing in memory, and under one that does: everything
// that was acknowledged as durable is there afterwards, and what was held is written when the server is back.
func TestPostgresServerIsKilled(t *testing.T) {
	server := pgtest.Start(t)
	url := server.Database(t, "killed")
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	dbs := []*store.DB{openAt(t, url, store.Options{Server: true}), openAt(t, url, store.Options{Server: true, MemoryBytes: 16 << 20})}
	const writers = 4
	var (
		mu           sync.Mutex
		acknowledged = map[string]int64{}
		writes, held int
		failed       int
	)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wait sync.WaitGroup
	for i, db := range dbs {
		desk := storetest.NewDesk(db)
		for w := range writers {
			id := fmt.Sprintf("case-%d-%d", i, w)
			storetest.Create(t, desk, id, storetest.Settings(""))
			wait.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					changed, err := desk.Change(context.Background(), storetest.Ana, id, storetest.Say(olorin.LevelInfo, fmt.Sprint(n)), olorin.Condition{})
					mu.Lock()
					switch {
					case err != nil && olorin.CodeOf(err) != olorin.CodeUnavailable:
						t.Errorf("%s: %v", id, err)
					case err != nil:
						failed++
					case changed.Durability() == olorin.Durable:
						writes++
						acknowledged[id] = changed.Investigation.Version
					default:
						held++
					}
					mu.Unlock()
					if err != nil || changed.Durability() != olorin.Durable {
						time.Sleep(5 * time.Millisecond) // the server is away
					}
				}
			})
		}
	}
	more := func(count *int, n int) {
		t.Helper()
		mu.Lock()
		want := *count + n
		mu.Unlock()
		for until := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
			mu.Lock()
			got := *count
			mu.Unlock()
			if got >= want {
				return
			}
			if time.Now().After(until) {
				t.Fatalf("%d of %d in two minutes", got, want)
			}
		}
	}
	for range 4 {
		more(&writes, 100)
		server.Kill(t)
		more(&failed, 1)
		more(&held, 1)
		server.Restart(t)
		for until := time.Now().Add(time.Minute); dbs[1].Holding().Active; time.Sleep(time.Millisecond) {
			if time.Now().After(until) {
				t.Fatal("what was held was not written within a minute")
			}
		}
	}
	more(&writes, 100)
	stop()
	wait.Wait()
	for id, version := range acknowledged {
		head, err := dbs[0].Head(t.Context(), id)
		if err != nil || head.Version < version {
			t.Errorf("investigation %s is at version %d, and %d was acknowledged: %v", id, head.Version, version, err)
		}
	}
	if lost := dbs[1].Holding().Dropped; lost > 0 {
		t.Errorf("%d held changes were dropped", lost)
	}
	storetest.Whole(t, dbs[0])
	t.Logf("4 kills of the server: %d changes acknowledged as durable, %d held in memory and written later, %d refused; all acknowledged ones are there", writes, held, failed)
}

func TestPostgresSchemaIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		alter, want string
	}{
		"a column more":   {`ALTER TABLE runs ADD COLUMN note TEXT`, "column runs.note is not Olorin's"},
		"an index less":   {`DROP INDEX events_lines`, "index events_lines is missing"},
		"another type":    {`ALTER TABLE runs ALTER COLUMN epoch TYPE INTEGER`, "column runs.epoch differs"},
		"a trigger":       {`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER tr AFTER INSERT ON runs EXECUTE FUNCTION f()`, "trigger runs.tr is not Olorin's"},
		"newer":           {`INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)`, "newer"},
		"half migrated":   {`DELETE FROM goose_db_version WHERE version_id = 2`, "half migrated"},
		"of another kind": {`DROP TABLE goose_db_version`, "no record of migrations"},
	} {
		t.Run(name, func(t *testing.T) {
			url := newPostgres(t)
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), c.alter); err != nil {
				t.Fatal(err)
			}
			if err := conn.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err = store.Open(t.Context(), url, store.Options{Server: true})
			if err == nil || !strings.Contains(err.Error(), c.want) || !store.Lasting(err) {
				t.Errorf("the start says %v, want %q", err, c.want)
			}
		})
	}
}

// TestAMigrationOfPostgresThatIsCutOff ends a migration between its last transactions: no server serves what is not complete, and the next
// migration completes it.
func TestAMigrationOfPostgresThatIsCutOff(t *testing.T) {
	now, old := newPostgres(t), pgtest.New(t)
	db := openAt(t, now, store.Options{})
	storetest.Create(t, storetest.NewDesk(db), "case", storetest.Settings(""))
	if err := store.MigrateTo(t.Context(), old, 8); err != nil {
		t.Fatal(err)
	}
	from, err := pgx.Connect(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close(context.Background()) //nolint:errcheck // it only read
	to, err := pgx.Connect(t.Context(), old)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close(context.Background()) //nolint:errcheck // what was written is committed
	for _, table := range []string{"investigations", "snapshots", "events"} {
		var rows string
		if err := from.QueryRow(t.Context(), `SELECT json_agg(t)::text FROM `+table+` t`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if _, err := to.Exec(t.Context(), `INSERT INTO `+table+` OVERRIDING SYSTEM VALUE SELECT * FROM json_populate_recordset(NULL::`+table+`, $1)`, rows); err != nil {
			t.Fatal(err)
		}
	}
	cut := errors.New("cut off")
	mend := store.CutMigration(cut)
	_, err = store.Migrate(t.Context(), old)
	mend()
	if !errors.Is(err, cut) {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), old, store.Options{}); err == nil || !strings.Contains(err.Error(), "olorin migrate up") || !store.Lasting(err) {
		t.Errorf("the start says %v", err)
	}
	if _, err := store.Migrate(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	migrated := openAt(t, old, store.Options{})
	if found, err := migrated.History(t.Context(), olorin.HistoryQuery{Text: "case"}); err != nil || found.Total != 1 {
		t.Errorf("a search finds %+v, %v", found, err)
	}
	if events, err := migrated.Events(t.Context(), "case", 0, 10); err != nil || len(events) != 1 {
		t.Errorf("the log is %v, %v", events, err)
	}
}

func TestPostgresAddressKeepsItsPassword(t *testing.T) {
	for _, url := range []string{
		"postgres://ana:s3cret-word@127.0.0.1:1/olorin?connect_timeout=1", "postgres://ana:s3cret-word@127.0.0.1:notaport/olorin", "postgres://ana:s3cret%zz@host/olorin",
	} {
		_, err := store.Open(t.Context(), url, store.Options{})
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
	url := newPostgres(t)
	_, at, _ := strings.Cut(url, "@")
	wrong := "postgres://olorin:s3cret-word@" + at
	_, err := store.Open(t.Context(), wrong, store.Options{})
	if err == nil || strings.Contains(err.Error(), "s3cret") || !store.Lasting(err) {
		t.Errorf("a wrong password: %v", err)
	}
}

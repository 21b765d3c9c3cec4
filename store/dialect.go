package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/pressly/goose/v3"
)

// dialect holds what differs between databases. All SQL that is not here is the same text for each, with parameters $1, $2 …
// numbered in the order of their first appearance.
type dialect struct {
	// open opens a pool; it does not connect yet.
	open func(source, access, Options) (*sql.DB, error)
	// begin starts a transaction that may write: there is one at a time.
	begin string
	// patience is how long a transaction may take; 0: without end, since the database is a file.
	patience time.Duration
	// prepareControl tells that statements such as BEGIN gain by being prepared.
	prepareControl bool
	// failed tells that the transaction on a connection has failed; nil: a COMMIT says so itself.
	failed func(*sql.Conn) bool
	// look starts a transaction that only reads, and sees one moment.
	look string
	// textMatch selects the nums of investigations whose text fits one parameter, made by words.
	textMatch string
	// words makes the parameter of textMatch.
	words func(terms []term) string
	// position is the function that tells where in a text, from 1, another is.
	position string
	// textInsert and textDelete write what textMatch looks at, by num; text makes the second value of textInsert out of words.
	textInsert, textDelete string
	text                   func(words []string) string
	// by tells the planner which index to take, where it would guess wrong.
	by func(index string) string
	// skipLocked ends the selection of a row to claim, so that two claimers do not wait for one another.
	skipLocked string
	// completed notes that a migration has come to its end; "" where it is whole or not there at all.
	completed string
	// migrations is the directory of the migrations, and goose the dialect in which they are recorded.
	migrations string
	goose      goose.Dialect
	// schemaOf reads the schema through a connection, and written is that of this version, as a test wrote it down.
	schemaOf func(context.Context, *sql.Conn) (schema, error)
	written  string
	// size is the bytes that the database takes, and those of its write-ahead log where that is ours.
	size func(context.Context, *DB) (data, log int64, err error)
	// check asks the database by a pragma whether what it keeps is whole; what is not is noted as damage.
	check func(ctx context.Context, r *reader, pragma string) error
}

// access is what a connection is for.
type access int

const (
	writing  access = iota // the one connection of the writer
	reading                // cannot write
	visiting               // for a short while: to migrate or to copy
)

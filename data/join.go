package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
)

// Joining says how the rows of a file of events meet those of a second file, such as one of customers: a key of each.
type Joining struct {
	Left  olorin.Dataset
	Right olorin.Dataset
	On    string // column of the left file
	With  string // column of the right file
}

// JoinOptions say what a joined data set is to be.
type JoinOptions struct {
	ID, UserID, Name string // as ImportOptions have them
	Remembered       []olorin.Mapping
	Now              olorin.Time
}

// Match tells how two files meet. Keys are compared as text without the white space around it; a whole number is the same with ".0" after it.
type Match struct {
	Rows      int64 `json:"rows" doc:"Of the events file."`
	Matched   int64 `json:"matched" doc:"Rows that meet a row of the other file."`
	Unmatched int64 `json:"unmatched" doc:"Rows whose key the other file does not have; they stay, without its columns."`
	NoKey     int64 `json:"no_key" doc:"Rows without a key; they stay, without the other file's columns."`

	OtherRows  int64 `json:"other_rows"`
	OtherNoKey int64 `json:"other_no_key" doc:"Rows of the other file without a key; they are in no event."`
	Unused     int64 `json:"unused" doc:"Rows of the other file that no event meets; they are in no event."`
	Repeated   int64 `json:"repeated" doc:"Keys that stand more than once in the other file; with any, the join is refused."`

	UnmatchedKeys []string `json:"unmatched_keys" doc:"The first few."`
	UnusedKeys    []string `json:"unused_keys" doc:"The first few."`
	RepeatedKeys  []string `json:"repeated_keys" doc:"The first few."`
}

// matchSamples is how many keys of a kind are told.
const matchSamples = 10

// Match looks how two files meet, and makes nothing.
func (e *Engine) Match(ctx context.Context, j Joining) (m Match, err error) {
	w, err := e.workspace()
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	return once[Match](ctx, e, "match", joining{Workspace: w.dir, Joining: j}, nil)
}

// Join makes a data set of the rows of the left file with the columns of the right one beside them; both stay as they are. The keys of the right
// file must be unique. Errors are as those of Import.
func (e *Engine) Join(ctx context.Context, j Joining, o JoinOptions) (d olorin.Dataset, err error) {
	home := filepath.Join(e.datasets(), o.ID)
	if taken, err := exists(home); err != nil || taken || !validID.MatchString(o.ID) {
		return d, errors.Join(err, olorin.Errorf(olorin.CodeExists, "there is a data set %q already", o.ID))
	}
	w, err := e.workspace()
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	if d, err = build[olorin.Dataset](ctx, e, "join", joining{w.dir, j, o.Remembered}, nil); err != nil {
		return olorin.Dataset{}, importError(ctx, err)
	}
	d.ID, d.UserID, d.Name, d.Filename, d.CreatedAt = o.ID, o.UserID, olorin.MaskCards(o.Name), j.Left.Filename, o.Now
	if err := publish(ctx, filepath.Join(w.dir, buildDir), home); err != nil {
		return olorin.Dataset{}, err
	}
	return d, nil
}

// joining is what a join is told in its own process.
type joining struct {
	Workspace string
	Joining
	Remembered []olorin.Mapping
}

// side is one of two files, attached by its name.
type side struct {
	name   string
	header []string
	tidy   []bool
	key    string // SQL
}

// sides attaches both files and finds their keys.
func (l *loader) sides(ctx context.Context, j Joining) (left, right side, err error) {
	var faults []olorin.Fault
	if j.Left.ID == j.Right.ID {
		return left, right, olorin.Invalid("the files cannot be joined", olorin.Fault{Pointer: "/other", Code: "same", Detail: "it is the same data set"})
	}
	open := func(name, pointer string, d olorin.Dataset, column string) (s side) {
		dir, failed := l.engine.generation(filesetOf(d))
		if failed == nil {
			failed = l.exec(ctx, "ATTACH %s AS %s (READ_ONLY)", quote(filepath.Join(dir, "source.duckdb")), name)
		}
		if failed == nil {
			s.header, s.tidy, failed = readHeaderTable(ctx, l.db, name)
		}
		if err = errors.Join(err, failed); err != nil {
			return s
		}
		i := slices.Index(s.header, column)
		if i < 0 {
			faults = append(faults, olorin.Fault{Pointer: pointer, Code: "unknown_source", Detail: fmt.Sprintf("the file has no column %q; it has %s", column, olorin.Clip(strings.Join(s.header, ", "), 300))})
			return s
		}
		if slices.ContainsFunc(d.Columns, func(c olorin.Column) bool { return c.Label && c.Source == column }) {
			faults = append(faults, olorin.Fault{Pointer: pointer, Code: "label", Detail: fmt.Sprintf("the column %q holds known outcomes: what is joined by it would tell the checks", column)})
		}
		s.name, s.key = name, fmt.Sprintf(`CASE WHEN NOT %[1]s THEN regexp_replace(trim(%[2]s.%[3]s), '%[4]s', '\1') END`, isMissing(name+"."+columnRef(i), missingIDs), name, columnRef(i), wholeNumber)
		return s
	}
	left, right = open("l", "/on", j.Left, j.On), open("r", "/with", j.Right, j.With)
	if err == nil && len(faults) > 0 {
		err = olorin.Invalid("the files cannot be joined", faults...)
	}
	return left, right, err
}

// match counts how two files meet.
func (l *loader) match(ctx context.Context, left, right side) (m Match, err error) {
	for _, s := range []string{
		fmt.Sprintf("CREATE TEMP TABLE lk AS SELECT %s AS k, count(*) AS n FROM l.source AS l GROUP BY 1", left.key),
		fmt.Sprintf("CREATE TEMP TABLE rk AS SELECT %s AS k, count(*) AS n FROM r.source AS r GROUP BY 1", right.key),
	} {
		if err := l.exec(ctx, "%s", s); err != nil {
			return m, err
		}
	}
	err = l.db.QueryRowContext(ctx, `
		SELECT (SELECT coalesce(sum(n), 0)::BIGINT FROM lk), (SELECT coalesce(sum(n), 0)::BIGINT FROM lk SEMI JOIN rk USING (k)), (SELECT coalesce(sum(n), 0)::BIGINT FROM lk WHERE k IS NULL),
		       (SELECT coalesce(sum(n), 0)::BIGINT FROM rk), (SELECT coalesce(sum(n), 0)::BIGINT FROM rk WHERE k IS NULL), (SELECT coalesce(sum(n), 0)::BIGINT FROM rk ANTI JOIN lk USING (k) WHERE k IS NOT NULL),
		       (SELECT count(*) FROM rk WHERE k IS NOT NULL AND n > 1)`).Scan(&m.Rows, &m.Matched, &m.NoKey, &m.OtherRows, &m.OtherNoKey, &m.Unused, &m.Repeated)
	if err != nil {
		return m, fmt.Errorf("join: %w", err)
	}
	m.Unmatched = m.Rows - m.Matched - m.NoKey
	for into, from := range map[*[]string]string{
		&m.UnmatchedKeys: "lk ANTI JOIN rk USING (k) WHERE k IS NOT NULL",
		&m.UnusedKeys:    "rk ANTI JOIN lk USING (k) WHERE k IS NOT NULL",
		&m.RepeatedKeys:  "rk WHERE k IS NOT NULL AND n > 1",
	} {
		if *into, err = l.keys(ctx, from); err != nil {
			return m, err
		}
	}
	return m, nil
}

// keys returns the first few keys of a relation, as people may see them.
func (l *loader) keys(ctx context.Context, from string) ([]string, error) {
	rows, err := l.db.QueryContext(ctx, fmt.Sprintf("SELECT k FROM %s ORDER BY k LIMIT %d", from, matchSamples))
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	defer rows.Close()
	keys := []string{}
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("join: %w", err)
		}
		if storedCardText.MatchString(key) {
			key = key[:maskLength]
		}
		keys = append(keys, olorin.Clip(key, sampleBytes))
	}
	return keys, rows.Err()
}

func matchFiles(ctx context.Context, e *Engine, in joining) (m Match, err error) {
	l, err := e.newLoader(ctx, in.Workspace)
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	left, right, err := l.sides(ctx, in.Joining)
	if err != nil {
		return m, err
	}
	m, err = l.match(ctx, left, right)
	return m, outOfMemory(e, err)
}

func joinFiles(ctx context.Context, e *Engine, in joining) (d olorin.Dataset, err error) {
	w := &workspace{dir: in.Workspace}
	generation := filepath.Join(w.path(buildDir), firstGeneration)
	if err := errors.Join(os.MkdirAll(generation, 0o700), os.Mkdir(w.path("spill"), 0o700)); err != nil {
		return d, fmt.Errorf("join: %w", err)
	}
	l, err := e.newLoader(ctx, w.path("spill"))
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	left, right, err := l.sides(ctx, in.Joining)
	if err != nil {
		return d, err
	}
	m, err := l.match(ctx, left, right)
	if err != nil {
		return d, outOfMemory(e, err)
	}
	if m.Repeated > 0 {
		return d, olorin.Invalid("the files cannot be joined", olorin.Fault{Pointer: "/with", Code: "not_unique", Detail: fmt.Sprintf(
			"%s of %s stand more than once in %q, so it is not known which row an event belongs to: %s", olorin.Counted(m.Repeated, "key"), in.Right.Filename, in.With, strings.Join(m.RepeatedKeys, ", "))})
	}
	if m.Matched == 0 {
		return d, olorin.Invalid("the files cannot be joined", olorin.Fault{Pointer: "/on", Code: "no_match", Detail: fmt.Sprintf("no value of %q occurs in %q of %s", in.On, in.With, in.Right.Filename)})
	}
	up := upload{rows: m.Rows}
	refs := make([]string, 0, len(left.header)+len(right.header))
	take := func(s side, leaveOut, prefix string) {
		for i, name := range s.header {
			if name == leaveOut {
				continue
			}
			if prefix != "" && slices.Contains(left.header, name) {
				name = prefix + "." + name
			}
			refs = append(refs, s.name+"."+columnRef(i))
			up.header, up.tidy = append(up.header, name), append(up.tidy, s.tidy[i])
		}
	}
	take(left, "", "")
	take(right, in.With, stem(in.Right.Filename))
	up.header = uniqueNames(up.header)
	if len(up.header) > maxColumns {
		return d, olorin.Errorf(olorin.CodeTooLarge, "the files have %d columns together, %d are allowed: leave out those that matter least", len(up.header), maxColumns)
	}
	l.remembered, l.words = in.Remembered, in.Left.Words
	columns, err := l.load(ctx, &up, generation, l.settled(in.Left, up.header), func(ctx context.Context, cards func(int) bool) error {
		exprs := []string{`l."row"`}
		for i, v := range refs {
			if cards(i) {
				v = maskCardSQL(v)
			}
			exprs = append(exprs, v+" AS "+columnRef(i))
		}
		return l.exec(ctx, `CREATE TABLE src.source AS SELECT %s FROM l.source AS l LEFT JOIN r.source AS r ON %s = %s ORDER BY l."row"`, strings.Join(exprs, ", "), left.key, right.key)
	})
	if err != nil {
		return d, outOfMemory(e, err)
	}
	if err := keepRejected(e, in.Left.ID, w.path(buildDir)); err != nil {
		return d, err
	}
	parts := append(in.Left.Pieces(), olorin.JoinedFile{Dataset: in.Right.ID, Filename: in.Right.Filename, SHA256: in.Right.SHA256, Rows: in.Right.Rows, On: in.On, With: in.With, Matched: m.Matched, Unmatched: m.Unmatched + m.NoKey, Unused: m.Unused + m.OtherNoKey})
	hash := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(hash, "%s %s %s\n", p.SHA256, strconv.Quote(p.On), strconv.Quote(p.With))
	}
	return olorin.Dataset{
		Generation: firstGeneration, Rows: m.Rows, RejectedRows: in.Left.RejectedRows, Bytes: in.Left.Bytes + in.Right.Bytes, SHA256: hex.EncodeToString(hash.Sum(nil)), Parts: parts,
		Columns: columns, Derived: l.derived, Databases: l.databases, Remembered: l.recalled, Words: l.words, FirstEventAt: l.first, LastEventAt: l.last,
	}, nil
}

// settled is the mapping of the file of events as far as it was said by hand or is beyond doubt: what was corrected there holds for the joined
// file, unless a joined file of this header was corrected itself.
func (l *loader) settled(left olorin.Dataset, header []string) map[string]string {
	mapping := map[string]string{}
	for _, c := range left.Columns {
		if c.Canonical != "" && c.Confidence == 1 && slices.Contains(header, c.Source) {
			mapping[c.Canonical] = c.Source
		}
	}
	shape := olorin.Shape(header)
	if i := slices.IndexFunc(l.remembered, func(m olorin.Mapping) bool { return m.Shape == shape }); i >= 0 {
		for canonical, source := range l.remembered[i].Columns {
			maps.DeleteFunc(mapping, func(c, s string) bool { return c == canonical || s == source })
		}
	}
	return mapping
}

// keepRejected copies what was set aside of the file of events.
func keepRejected(e *Engine, id, build string) (err error) {
	home, err := e.home(id)
	if err != nil {
		return err
	}
	from, err := os.Open(filepath.Join(home, "rejected.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(build, "rejected.csv"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("join: %w", err)
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// stem is the name of a file without its endings, as columns of it may be called.
func stem(filename string) string {
	name, _, _ := strings.Cut(filepath.Base(filename), ".")
	return olorin.Clip(trimName(name), 60)
}

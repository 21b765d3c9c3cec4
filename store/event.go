package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/olorin-dev/olorin"
)

// maxPage bounds one answer of Events and Logs, whatever is asked.
const maxPage = 10_000

// Events returns up to limit lines of the log after seq, in order; limit is 1..10,000, and 0 is 1,000.
func (db *DB) Events(ctx context.Context, id string, after int64, limit int) ([]olorin.Line, error) {
	if limit <= 0 {
		limit = 1000
	}
	held, isHeld := db.hold.overlay(id)
	if isHeld && after >= held.durable {
		return held.past(after, min(limit, maxPage)), nil
	}
	var lines []olorin.Line
	err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
		var (
			l            olorin.Line
			num, at, sum int64
		)
		if err := scan(&num, &l.Seq, &l.Type, &at, (*[]byte)(&l.JSON), &sum); err != nil {
			return false, err
		}
		if sum != eventSum(num, l.Seq, at, l.Type, l.JSON) {
			return false, damaged(fmt.Sprintf("event %d of investigation", l.Seq), id)
		}
		if want := after + int64(len(lines)) + 1; l.Seq != want && want > 0 {
			return false, olorin.Errorf(olorin.CodeCorrupt, "the log of investigation %q has no event %d; see olorin check", id, want)
		}
		l.At = olorin.FromMicro(at)
		lines = append(lines, l)
		return true, nil
	}, `
		SELECT e.investigation, e.seq, e.type, e.at, e.document, e.sum FROM events e JOIN investigations i ON e.investigation = i.num
		WHERE i.id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3`, id, after, min(limit, maxPage))
	if err != nil {
		return nil, translate("read the log of investigation "+id, err)
	}
	if isHeld {
		// What was read may reach beyond what was held a moment ago: it became durable meanwhile.
		if n := len(lines); n > 0 {
			after = lines[n-1].Seq
		}
		return append(lines, held.past(after, min(limit, maxPage)-len(lines))...), nil
	}
	if len(lines) == 0 {
		_, _, err := db.extent(ctx, id)
		return []olorin.Line{}, err
	}
	return lines, nil
}

// EventsOfType returns the lines of one type, in order. Checkpoints are found by an index; for other types the log is read through.
func (db *DB) EventsOfType(ctx context.Context, id, eventType string) ([]olorin.Line, error) {
	held, isHeld := db.hold.overlay(id)
	num, _, err := db.extent(ctx, id)
	if isHeld {
		err = onDisk(err)
	}
	if err != nil {
		return nil, err
	}
	lines := []olorin.Line{}
	visit := func(scan func(...any) error) (bool, error) {
		var (
			l       = olorin.Line{Type: eventType}
			at, sum int64
		)
		if err := scan(&l.Seq, &at, (*[]byte)(&l.JSON), &sum); err != nil {
			return false, err
		}
		if sum != eventSum(num, l.Seq, at, l.Type, l.JSON) {
			return false, damaged(fmt.Sprintf("event %d of investigation", l.Seq), id)
		}
		l.At = olorin.FromMicro(at)
		lines = append(lines, l)
		return true, nil
	}
	if eventType == (olorin.CheckpointCreated{}).EventType() {
		err = db.reader.each(ctx, visit, `SELECT seq, at, document, sum FROM events`+db.dialect.by("events_checkpoints")+` WHERE investigation = $1 AND type = 'checkpoint.created' ORDER BY seq`, num)
	} else {
		err = db.reader.each(ctx, visit, `SELECT seq, at, document, sum FROM events WHERE investigation = $1 AND type = $2 ORDER BY seq`, num, eventType)
	}
	if err != nil {
		return nil, translate("read the log of investigation "+id, err)
	}
	for _, l := range held.lines {
		if l.Type == eventType && (len(lines) == 0 || l.Seq > lines[len(lines)-1].Seq) {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// extent returns an investigation's number and version.
func (db *DB) extent(ctx context.Context, id string) (num, version int64, err error) {
	if err = db.reader.row(ctx, []any{&num, &version}, `SELECT num, version FROM investigations WHERE id = $1`, id); err != nil {
		err = missing(err, "investigation", id)
	}
	return num, version, err
}

// SeqAt returns the number of the newest event before a time, 0 if there is none. Times of a log never fall.
func (db *DB) SeqAt(ctx context.Context, id string, at olorin.Time) (low int64, err error) {
	held, isHeld := db.hold.overlay(id)
	for _, l := range slices.Backward(held.lines) {
		if l.At.Before(at.Time) {
			return l.Seq, nil
		}
	}
	num, high, err := db.extent(ctx, id)
	if isHeld {
		err = onDisk(err)
	}
	if err != nil {
		return 0, err
	}
	// Found by halving: an index by time would cost every change.
	for low < high {
		middle := (low + high + 1) / 2
		var when int64
		if err := db.reader.row(ctx, []any{&when}, `SELECT at FROM events WHERE investigation = $1 AND seq = $2`, num, middle); err != nil {
			return 0, translate("read the log of investigation "+id, err)
		}
		if when < at.UnixMicro() {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low, nil
}

// Logs returns log lines, first to last. Text narrows to lines whose message, agent or tool holds it, in any case of letters.
// Limit is 1..10,000, and 0 is 200.
func (db *DB) Logs(ctx context.Context, id string, q olorin.LogQuery) (olorin.LogPage, error) {
	if q.Limit <= 0 {
		q.Limit = 200
	}
	q.Limit = min(q.Limit, maxPage)
	held, isHeld := db.hold.overlay(id)
	num, _, err := db.extent(ctx, id)
	if isHeld {
		err = onDisk(err)
	}
	if err != nil {
		return olorin.LogPage{}, err
	}
	page := olorin.LogPage{Items: []olorin.LogLine{}, NextCursor: q.Cursor}
	if err := db.reader.row(ctx, []any{&page.Total}, lastLine, num); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return olorin.LogPage{}, translate("read the log of investigation "+id, err)
	}
	text := strings.ToLower(q.Text)
	visit := func(scan func(...any) error) (bool, error) {
		var (
			l        olorin.LogLine
			at, sum  int64
			document []byte
		)
		if err := scan(&l.Seq, &l.Line, &at, &l.Level, &document, &sum); err != nil {
			return false, err
		}
		if sum != eventSum(num, l.Seq, at, olorin.LogAppended{}.EventType(), document) {
			return false, damaged(fmt.Sprintf("event %d of investigation", l.Seq), id)
		}
		var event struct {
			Data olorin.LogAppended `json:"data"`
		}
		if err := json.Unmarshal(document, &event); err != nil {
			return false, olorin.Errorf(olorin.CodeCorrupt, "event %d of investigation %q cannot be read; see olorin check: %w", l.Seq, id, err)
		}
		l.At, l.Agent, l.Tool, l.Message = olorin.FromMicro(at), event.Data.Agent, event.Data.Tool, event.Data.Message
		if text != "" && !holds(l, text) {
			return true, nil
		}
		if len(page.Items) == q.Limit {
			page.HasMore = true
			return false, nil
		}
		page.Items = append(page.Items, l)
		page.NextCursor = l.Seq
		return true, nil
	}
	const (
		columns = `SELECT seq, line, at, level, document, sum FROM events`
		lines   = ` WHERE investigation = $1 AND seq > $2 AND line IS NOT NULL`
	)
	if q.Level == "" {
		err = db.reader.each(ctx, visit, columns+lines+` ORDER BY seq`, num, q.Cursor)
	} else {
		err = db.reader.each(ctx, visit, columns+db.dialect.by("events_lines")+lines+` AND level = $3 ORDER BY seq`, num, q.Cursor, string(q.Level))
	}
	if err != nil {
		return olorin.LogPage{}, translate("read the log of investigation "+id, err)
	}
	return page, held.logLines(q, &page)
}

func holds(l olorin.LogLine, lower string) bool {
	return strings.Contains(strings.ToLower(l.Message), lower) || strings.Contains(strings.ToLower(l.Agent), lower) || strings.Contains(strings.ToLower(l.Tool), lower)
}

// lastLine selects the number of the newest log line. It is not Progress.LogLines, which goes back with a restored checkpoint.
const lastLine = `SELECT line FROM events WHERE investigation = $1 AND line IS NOT NULL ORDER BY seq DESC LIMIT 1`

// events writes the lines of a change; log lines are counted on from those before.
func (t *tx) events(num int64, c olorin.Change) error {
	line := int64(0)
	if c.Before.Version > 0 && slices.ContainsFunc(c.Events, isLog) {
		if err := t.row([]any{&line}, lastLine, num); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	for i, l := range c.Lines {
		var level, number any
		if b, ok := c.Events[i].Body.(olorin.LogAppended); ok {
			line++
			level, number = string(b.Level), line
		}
		if err := t.exec(`INSERT INTO events (investigation, seq, at, type, level, line, document, sum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			num, l.Seq, l.At.UnixMicro(), l.Type, level, number, string(l.JSON), eventSum(num, l.Seq, l.At.UnixMicro(), l.Type, l.JSON)); err != nil {
			return err
		}
	}
	return nil
}

func isLog(e olorin.Event) bool {
	_, ok := e.Body.(olorin.LogAppended)
	return ok
}

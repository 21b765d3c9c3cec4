package httpd

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/report"
	"github.com/olorin-dev/olorin/runner/agents"
)

type rowsQuery struct {
	Rows []int64 `json:"rows" required:"true" minItems:"1" maxItems:"200" doc:"Numbers of rows that the results cite."`
}

type rowsAnswer struct {
	Items []olorin.EvidenceRow `json:"items" doc:"In the order in which they were asked for."`
}

// rows reads rows of the data set by their numbers. Whoever may see the results may see the rows that they rest on, and no others of
// the file, which is its owner's.
func (s *Server) rows(w http.ResponseWriter, r *http.Request) error {
	inv, err := s.withResults(r)
	if err != nil {
		return err
	}
	q, err := query[rowsQuery](s, r)
	if err != nil {
		return err
	}
	if other := inv.Results.Uncited(q.Rows); len(other) > 0 {
		return olorin.Errorf(olorin.CodeNotFound, "the results of investigation %q do not cite row %d", inv.ID, other[0])
	}
	rows, err := s.rowsOf(r.Context(), inv, q.Rows)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, rowsAnswer{rows})
}

// withResults returns the investigation of the path, which must have results.
func (s *Server) withResults(r *http.Request) (olorin.Investigation, error) {
	id, err := pathID(r)
	if err != nil {
		return olorin.Investigation{}, err
	}
	inv, err := s.Desk.View(r.Context(), actorOf(r), id)
	if err == nil && inv.Results == nil {
		err = olorin.Errorf(olorin.CodeNotFound, "investigation %q has no results yet", id)
	}
	return inv, err
}

// datasetOf returns what an investigation rests on. Who may see its results need not own it.
func (s *Server) datasetOf(ctx context.Context, inv olorin.Investigation) (olorin.Dataset, error) {
	d, err := s.Datasets.Dataset(ctx, inv.Settings.Dataset)
	if stamp := inv.Results.Dataset; err == nil && stamp != nil && stamp.SHA256 != d.SHA256 {
		err = olorin.Errorf(olorin.CodeDatasetInvalid, "the data set %q is not the file that investigation %q looked at", d.Name, inv.ID)
	}
	return d, err
}

func (s *Server) rowsOf(ctx context.Context, inv olorin.Investigation, numbers []int64) (_ []olorin.EvidenceRow, err error) {
	d, err := s.datasetOf(ctx, inv)
	if err != nil {
		return nil, err
	}
	c, err := s.Engine.OpenCase(ctx, d, data.Selection{})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	rows, err := c.Rows(ctx, numbers)
	place := make(map[int64]int, len(numbers))
	for i, n := range numbers {
		place[n] = i
	}
	slices.SortFunc(rows, func(a, b olorin.EvidenceRow) int { return cmp.Compare(place[a.Row], place[b.Row]) })
	return rows, err
}

// exportEvidence answers the rows of a finding as a CSV file. That it was taken is told in the audit trail before it is handed out. The file is
// made whole before a byte of it is sent, on disk, however many rows it has: what fails meanwhile is told as a refusal, and whoever reads slowly
// holds no engine.
func (s *Server) exportEvidence(w http.ResponseWriter, r *http.Request) error {
	inv, err := s.withResults(r)
	if err != nil {
		return err
	}
	id := r.PathValue("finding")
	i := slices.IndexFunc(inv.Results.Findings, func(f olorin.Finding) bool { return f.ID == id })
	if i < 0 {
		return olorin.NotFound("finding of investigation "+inv.ID+",", olorin.Clip(id, 64))
	}
	finding := inv.Results.Findings[i]
	file, err := s.Engine.Scratch()
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // what was in it is sent or not wanted
	written, err := s.writeEvidence(r.Context(), file, inv, finding)
	if err != nil {
		return err
	}
	size, err := file.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	actor := actorOf(r)
	if err := s.Trail.Record(r.Context(), olorin.AuditEntry{
		At: s.Clock(), Actor: actor, Origin: actor.Origin, Source: olorin.SourceUser, Action: "evidence.exported", InvestigationID: inv.ID, VersionBefore: inv.Version, VersionAfter: inv.Version,
		Detail: fmt.Sprintf("%d rows of finding %s (%s)", written, finding.ID, finding.Tool),
	}); err != nil {
		return err
	}
	part := ""
	if written < finding.EvidenceTotal {
		part = fmt.Sprintf("-first-%d-of-%d", written, finding.EvidenceTotal)
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="evidence-%s-%s%s.csv"`, finding.Tool, olorin.Clip(finding.ID, 16), part))
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Cache-Control", "no-store")
	to := patientWriter{w, patience{set: http.NewResponseController(w).SetWriteDeadline}}
	_, _ = io.Copy(&to, file) // the client may have gone
	return nil
}

// writeEvidence writes the rows of a finding, all of them where that can be done; else the last line says what is missing, and why.
func (s *Server) writeEvidence(ctx context.Context, file io.Writer, inv olorin.Investigation, finding olorin.Finding) (written int, err error) {
	done, err := s.turn(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	d, err := s.datasetOf(ctx, inv)
	if err != nil {
		return 0, err
	}
	c, err := s.Engine.OpenCase(ctx, d, data.SelectionOf(inv.Settings, d))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	evidence, err := agents.EvidenceOf(ctx, c, finding, inv.Settings.Params(finding.Agent, finding.Tool))
	if err != nil {
		return 0, err
	}
	columns := evidence.Columns
	if i := slices.Index(columns, "event_time"); i > 0 {
		columns = slices.Insert(slices.Delete(columns, i, i+1), 0, "event_time")
	}
	out := csv.NewWriter(file)
	if err := out.Write(headings(d.Stamp(), columns)); err != nil {
		return 0, err
	}
	if err := evidence.Each(ctx, func(row olorin.EvidenceRow) error {
		written++
		return out.Write(cellsOf(row, columns))
	}); err != nil {
		return 0, err
	}
	if evidence.Missing != "" {
		if err := out.Write([]string{fmt.Sprintf("Not in this file: %s of this finding: %s", olorin.Counted(finding.EvidenceTotal-written, "further row"), evidence.Missing)}); err != nil {
			return 0, err
		}
	}
	out.Flush()
	return written, out.Error()
}

// headings names columns as the file does; what was worked out from other columns has its canonical name.
func headings(stamp olorin.DatasetStamp, columns []string) []string {
	header := []string{"row"}
	for _, name := range columns {
		heading := report.Defused(cmp.Or(stamp.Source(name), name))
		if slices.Contains(header, heading) {
			heading = name + " (canonical)"
		}
		header = append(header, heading)
	}
	return header
}

func cellsOf(row olorin.EvidenceRow, columns []string) []string {
	cells := []string{strconv.FormatInt(row.Row, 10)}
	for _, name := range columns {
		switch v := row.Fields[name].(type) {
		case nil:
			cells = append(cells, "")
		case float64:
			cells = append(cells, strconv.FormatFloat(v, 'f', -1, 64))
		case bool:
			cells = append(cells, strconv.FormatBool(v))
		default:
			cells = append(cells, report.Defused(fmt.Sprint(v)))
		}
	}
	return cells
}

// overview tells what the entities look like in the data, what they share, and where their rows took place.
func (s *Server) overview(w http.ResponseWriter, r *http.Request) error {
	inv, err := s.withResults(r)
	if err != nil {
		return err
	}
	d, err := s.datasetOf(r.Context(), inv)
	if err != nil {
		return err
	}
	selected := data.SelectionOf(inv.Settings, d)
	selected.Mode = "" // each entity by itself
	o, err := s.Engine.Overview(r.Context(), d, selected)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, o)
}

// compareRuns tells what two runs do not share.
func (s *Server) compareRuns(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	other := r.PathValue("other")
	if !validID(other) {
		return olorin.NotFound("investigation", olorin.Clip(other, 64))
	}
	from, err := s.Desk.View(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	to, err := s.Desk.View(r.Context(), actorOf(r), other)
	if err != nil {
		return err
	}
	comparison, err := olorin.CompareRuns(from, to)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, comparison)
}

type checkAnswer struct {
	Agent       string         `json:"agent"`
	Tool        string         `json:"tool"`
	Version     int            `json:"version"`
	Title       string         `json:"title"`
	Description string         `json:"description"`
	Baseline    string         `json:"baseline"`
	Reference   string         `json:"reference,omitempty"`
	Params      []agents.Param `json:"params"`
	SQL         string         `json:"sql" doc:"The query that finds, after the definitions of what it calls by name; $name is a parameter, $peer_of one in how many accounts is a peer. Empty where the check is not SQL."`
}

// check tells how one check finds what it finds.
func (s *Server) check(w http.ResponseWriter, r *http.Request) error {
	tool, ok := agents.Find(r.PathValue("tool"))
	if !ok {
		return olorin.NotFound("check", olorin.Clip(r.PathValue("tool"), 64))
	}
	params := tool.Params
	if params == nil {
		params = []agents.Param{}
	}
	return writeJSON(w, http.StatusOK, checkAnswer{tool.Agent, tool.ID, tool.Version, tool.Title, tool.Description, tool.Baseline, tool.Reference, params, data.WithMacros(tool.SQL)})
}

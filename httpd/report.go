package httpd

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/report"
)

// report answers the results of an investigation to take away. That it was taken is told in the audit trail before it is handed out.
func (s *Server) report(format report.Format) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := pathID(r)
		if err != nil {
			return err
		}
		actor := actorOf(r)
		inv, err := s.Desk.View(r.Context(), actor, id)
		if err != nil {
			return err
		}
		file, err := report.File(r.Context(), s.Datasets, inv)
		if err != nil {
			return err
		}
		made, err := report.Make(inv, file, report.Made{At: s.Clock(), By: actor.ID, Olorin: s.options.Version})
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := made.Write(&out, format); err != nil {
			return err
		}
		if err := s.Trail.Record(r.Context(), report.Exported(made, format, actor, olorin.SourceUser)); err != nil {
			return err
		}
		h := w.Header()
		disposition := "attachment"
		if format == report.HTML || format == report.PDF {
			disposition = "inline"
		}
		if format == report.HTML {
			h.Set("Content-Security-Policy", report.ContentPolicy)
		}
		h.Set("Content-Type", format.MediaType())
		h.Set("Content-Disposition", fmt.Sprintf("%s; filename=%q", disposition, made.Filename(format)))
		h.Set("Content-Length", strconv.Itoa(out.Len()))
		h.Set("Cache-Control", "no-store")
		_, _ = w.Write(out.Bytes()) // the client may have gone
		return nil
	}
}

package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// previewRow is one row of a file, by its number and the names of the header.
type previewRow struct {
	Row    int64              `json:"row"`
	Values map[string]*string `json:"values"`
}

// canonicalColumn is a column that checks ask for.
type canonicalColumn struct {
	Name  string          `json:"name"`
	Title string          `json:"title"`
	Type  data.ColumnType `json:"type"`
}

func canonicalColumns() []canonicalColumn {
	all := make([]canonicalColumn, len(data.Columns))
	for i, c := range data.Columns {
		all[i] = canonicalColumn{c.Name, c.Title, c.Type}
	}
	return all
}

// uploadForm is the body of an upload: multipart/form-data.
type uploadForm struct {
	Name          string            `json:"name,omitempty" maxLength:"200" doc:"Absent: the file's name."`
	Mapping       map[string]string `json:"mapping,omitempty" doc:"JSON: canonical to source column. Absent: as recognised."`
	SkipMalformed bool              `json:"skip_malformed,omitempty" doc:"Set rows aside that cannot be read, in place of refusing the file."`
	File          string            `json:"file" format:"binary" doc:"The events file. It is read as it comes, so the other parts should stand before it."`
}

type datasetsAnswer struct {
	Items []olorin.Dataset `json:"items"`
}

type refusedAnswer struct {
	Items []olorin.RefusedFile `json:"items"`
}

type columnsAnswer struct {
	Columns   []olorin.Column   `json:"columns"`
	Canonical []canonicalColumn `json:"canonical"`
	Preview   []previewRow      `json:"preview"`
}

type rejectedAnswer struct {
	Items []data.RejectedRow `json:"items"`
	Total int64              `json:"total"`
}

type columnsBody struct {
	Mapping map[string]string `json:"mapping" required:"true" doc:"Canonical to source column. A canonical column that is absent is read from none."`
	Words   olorin.Words      `json:"words,omitempty" doc:"What values mean, by canonical column and value: of status approved, declined or neither, of event_type login, refund, incoming (money that comes in) or other. Absent: as was said before."`
}

const (
	previewRows  = 20
	rejectedRows = 100
)

func (s *Server) datasets(w http.ResponseWriter, r *http.Request) error {
	items, err := s.Datasets.Datasets(r.Context(), actorOf(r).ID)
	if err != nil {
		return err
	}
	if items == nil {
		items = []olorin.Dataset{}
	}
	return writeJSON(w, http.StatusOK, datasetsAnswer{items})
}

func (s *Server) refused(w http.ResponseWriter, r *http.Request) error {
	items, err := s.Refused(actorOf(r).ID)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, refusedAnswer{items})
}

// find returns the data set of the path to somebody who may see it.
func (s *Server) find(r *http.Request, id string) (olorin.Dataset, error) {
	notFound := olorin.NotFound("data set", olorin.Clip(id, 64))
	if !validID(id) {
		return olorin.Dataset{}, notFound
	}
	d, err := s.Datasets.Dataset(r.Context(), id)
	if err != nil {
		return d, err
	}
	if actorOf(r).May(olorin.ToView, olorin.Access{Owner: d.UserID}, id) != nil {
		return olorin.Dataset{}, notFound
	}
	return d, nil
}

func (s *Server) dataset(w http.ResponseWriter, r *http.Request) error {
	d, err := s.find(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, d)
}

func (s *Server) columns(w http.ResponseWriter, r *http.Request) error {
	d, err := s.find(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	rows, err := s.Engine.Preview(r.Context(), d, previewRows)
	if err != nil {
		return err
	}
	answer := columnsAnswer{Columns: d.Columns, Canonical: canonicalColumns(), Preview: make([]previewRow, len(rows))}
	for i, row := range rows {
		answer.Preview[i] = previewRow{row.Row, row.Fields}
	}
	return writeJSON(w, http.StatusOK, answer)
}

// rejected shows what the import set aside.
func (s *Server) rejected(w http.ResponseWriter, r *http.Request) error {
	d, err := s.find(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	rows, err := s.Engine.Rejected(d.ID, rejectedRows)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, rejectedAnswer{rows, d.RejectedRows})
}

// remap takes a person's word for which column is which.
func (s *Server) remap(w http.ResponseWriter, r *http.Request) error {
	in, err := body[columnsBody](s, r)
	if err != nil {
		return err
	}
	d, err := s.find(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	if d.InUse {
		return olorin.Errorf(olorin.CodeDatasetInUse, "an investigation rests on this data set; import the file again to map it otherwise")
	}
	if err := in.Words.Check(); err != nil {
		return err
	}
	if in.Words == nil {
		in.Words = d.Words
	}
	said, err := s.said(r)
	if err != nil {
		return err
	}
	mapped, err := s.Engine.Remap(r.Context(), d, in.Mapping, in.Words)
	if err != nil {
		return err
	}
	if err = s.remember(r, d.Corrected(olorin.MappingOf(said, d.Shape()), in.Mapping, in.Words, s.Clock())); err == nil {
		err = s.Datasets.PutDataset(r.Context(), mapped, s.datasetEntry(r, "dataset.mapped", mapped.ID))
	}
	s.tidy(r, d.ID)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, mapped)
}

func (s *Server) deleteDataset(w http.ResponseWriter, r *http.Request) error {
	d, err := s.find(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.Datasets.DeleteDataset(r.Context(), d.ID, s.datasetEntry(r, "dataset.deleted", d.ID)); err != nil {
		return err
	}
	if err := s.Engine.Delete(d.ID); err != nil {
		s.log.Error("the file of a deleted data set is still there", "dataset", d.ID, "error", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) datasetEntry(r *http.Request, action, id string) olorin.AuditEntry {
	actor := actorOf(r)
	return olorin.AuditEntry{At: s.Clock(), Actor: actor, Origin: actor.Origin, Source: olorin.SourceUser, Action: action, Detail: id}
}

// upload streams a file from the connection into the data room; it is never held whole.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	said, err := s.said(r)
	if err != nil {
		return err
	}
	u := data.ImportOptions{ID: newID(), UserID: actorOf(r).ID, Remembered: said, Now: s.Clock()}
	d, err := s.receive(r, &u)
	if err != nil {
		return err
	}
	if err := s.keep(r, d, said, u.Mapping); err != nil {
		return err
	}
	return created(w, d)
}

// keep notes a data set that was imported, and what was said of its columns.
func (s *Server) keep(r *http.Request, d olorin.Dataset, said []olorin.Mapping, mapping map[string]string) (err error) {
	if len(mapping) > 0 {
		err = s.remember(r, olorin.MappingOf(said, d.Shape()).With(mapping, nil, d, s.Clock()))
	}
	if err == nil {
		err = s.Datasets.PutDataset(r.Context(), d, s.datasetEntry(r, "dataset.imported", d.ID))
	}
	if err != nil {
		s.tidy(r, d.ID)
	}
	return err
}

// created answers with a data set that was kept.
func created(w http.ResponseWriter, d olorin.Dataset) error {
	w.Header().Set("Location", api+"/datasets/"+d.ID)
	return writeJSON(w, http.StatusCreated, d)
}

// tidy removes the files that no data set needs.
func (s *Server) tidy(r *http.Request, id string) {
	if err := s.Engine.Tidy(r.Context(), id, s.Datasets.Dataset); err != nil {
		s.log.Error("files of a data set that are not needed may still be there", "dataset", id, "error", err)
	}
}

// receive imports the file of an upload.
func (s *Server) receive(r *http.Request, u *data.ImportOptions) (d olorin.Dataset, err error) {
	imported := false
	defer func() {
		if err != nil && imported {
			s.tidy(r, u.ID)
		}
	}()
	field := func(name string, text []byte) []olorin.Fault {
		if imported && name != "name" {
			return []olorin.Fault{{Pointer: "/" + olorin.PointerTo(name), Code: "misplaced", Detail: "the part must stand before the file, which is read as it comes"}}
		}
		return uploadField(u, name, text)
	}
	err = readForm(r, field, func(part *multipart.Part) error {
		u.Filename = filename(part.FileName())
		if d, err = s.Engine.Import(r.Context(), formFile{part}, *u); err != nil {
			return uploadError(err)
		}
		imported = true
		return nil
	})
	if err != nil {
		return d, err
	}
	if u.Name != "" {
		d.Name = olorin.MaskCards(u.Name)
	}
	if strings.TrimSpace(d.Name) == "" {
		d.Name = u.Filename
	}
	return d, nil
}

// readForm reads a multipart form as it comes: field is told of each small part, file gets the part called file, unless a part before it was at fault.
func readForm(r *http.Request, field func(name string, text []byte) []olorin.Fault, file func(part *multipart.Part) error) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return olorin.Errorf(codeMediaType, "send the file as multipart/form-data, in a part called file")
	}
	var found []olorin.Fault
	seen := map[string]bool{}
	for parts := multipart.NewReader(r.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return uploadError(brokenForm{err})
		}
		name := part.FormName()
		pointer := "/" + olorin.PointerTo(name)
		if seen[name] {
			return olorin.Invalid("the upload was refused", olorin.Fault{Pointer: pointer, Code: "duplicate_key", Detail: "the part is given more than once"})
		}
		seen[name] = true
		if name != "file" {
			text, err := io.ReadAll(io.LimitReader(part, maxSmallBody+1))
			switch {
			case err != nil:
				found = append(found, olorin.Fault{Pointer: pointer, Code: "malformed", Detail: "the part could not be read to its end"})
			case len(text) > maxSmallBody || !utf8.Valid(text) || strings.ContainsRune(string(text), 0):
				found = append(found, olorin.Fault{Pointer: pointer, Code: "invalid", Detail: fmt.Sprintf("the part must be text of at most %d bytes, in UTF-8", maxSmallBody)})
			default:
				found = append(found, field(name, text)...)
			}
			continue
		}
		if len(found) > 0 {
			break
		}
		if err := file(part); err != nil {
			return err
		}
	}
	if !seen["file"] {
		found = append(found, olorin.Fault{Pointer: "/file", Code: "required", Detail: "there is no part called file"})
	}
	if len(found) > 0 {
		return olorin.Invalid("the upload was refused", found...)
	}
	return nil
}

// brokenForm is what the reader of a form found wrong, or the connection behind it.
type brokenForm struct{ error }

func (e brokenForm) Unwrap() error { return e.error }

// formFile is the file of a form.
type formFile struct{ part *multipart.Part }

func (f formFile) Read(b []byte) (int, error) {
	n, err := f.part.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = brokenForm{err}
	}
	return n, err
}

// filename is what an uploaded file is called: the last part of what a client says, which may be a path.
func filename(said string) string {
	name := path.Base(strings.ReplaceAll(said, `\`, "/"))
	if !utf8.ValidString(name) || name == "." || name == ".." || name == "/" {
		name = "events"
	}
	return olorin.Clip(name, 200)
}

// uploadField takes a small part of an upload.
func uploadField(u *data.ImportOptions, name string, text []byte) []olorin.Fault {
	pointer := "/" + olorin.PointerTo(name)
	fault := func(code, format string, args ...any) []olorin.Fault {
		return []olorin.Fault{{Pointer: pointer, Code: code, Detail: fmt.Sprintf(format, args...)}}
	}
	switch name {
	case "name":
		if u.Name = strings.TrimSpace(string(text)); utf8.RuneCountInString(u.Name) > 200 {
			return fault("too_long", "the name has more than 200 characters")
		}
	case "mapping":
		p, err := parseJSON(text)
		if err != nil {
			return fault("malformed", "%s", err.Error())
		}
		if len(p.faults) > 0 {
			for i := range p.faults {
				p.faults[i].Pointer = pointer + p.faults[i].Pointer
			}
			return p.faults
		}
		if err := json.Unmarshal(text, &u.Mapping); err != nil {
			return fault("wrong_type", "it must be a JSON object of canonical to source columns")
		}
	case "skip_malformed":
		skip, err := strconv.ParseBool(string(text))
		if err != nil {
			return fault("wrong_type", "%s is neither true nor false", quote(string(text)))
		}
		u.SkipMalformed = skip
	default:
		return fault("unknown_field", "%s", unknownName("part", name, []string{"file", "mapping", "name", "skip_malformed"}))
	}
	return nil
}

// uploadError tells a broken connection or form from what the data room said.
func uploadError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return olorin.Errorf(olorin.CodeTooLarge, "the upload has more than %d bytes (OLORIN_UPLOAD_MAX_MB)", tooLarge.Limit)
	}
	if _, ok := asError(err); ok || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.As(err, new(brokenForm)) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return &olorin.Error{Code: codeMalformed, Message: "the upload broke off or is no multipart form; nothing was kept", Err: err}
	}
	return err
}

package httpd

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// streamed is a body that is taken as it comes, however long it takes, up to the largest file.
type streamed interface{ mediaType() string }

func (uploadForm) mediaType() string { return "multipart/form-data" }
func (listForm) mediaType() string   { return "multipart/form-data" }
func (piece) mediaType() string      { return "application/offset+octet-stream" }

// piece is bytes of a file, as they are.
type piece struct{}

type transferBody struct {
	Filename string `json:"filename" maxLength:"200"`
	Size     int64  `json:"size" minimum:"1" doc:"Of the whole file, in bytes."`
	Mark     string `json:"mark,omitempty" maxLength:"200" doc:"What the client knows the file by, such as the time of its last change."`
	Name     string `json:"name,omitempty" maxLength:"200" doc:"What to call the data set. Absent: the file's name."`
}

type finishBody struct {
	Mapping       map[string]string `json:"mapping,omitempty" doc:"Canonical to source column. Absent: as recognised."`
	SkipMalformed bool              `json:"skip_malformed,omitempty" doc:"Set rows aside that cannot be read, in place of refusing the file."`
}

type transfersAnswer struct {
	Items []data.Transfer `json:"items"`
}

func (s *Server) transfers(w http.ResponseWriter, r *http.Request) error {
	list, err := s.Engine.Transfers(actorOf(r).ID)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, transfersAnswer{list})
}

func (s *Server) beginTransfer(w http.ResponseWriter, r *http.Request) error {
	in, err := body[transferBody](s, r)
	if err != nil {
		return err
	}
	t, err := s.Engine.BeginTransfer(data.Transfer{
		ID: newID(), UserID: actorOf(r).ID, Name: strings.TrimSpace(in.Name), Filename: filename(in.Filename), Mark: in.Mark, Size: in.Size, CreatedAt: s.Clock(),
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", api+"/uploads/"+t.ID)
	return writeJSON(w, http.StatusCreated, t)
}

// ownTransfer returns the transfer of the path to its owner.
func (s *Server) ownTransfer(r *http.Request) (data.Transfer, error) {
	id := r.PathValue("id")
	t, err := s.Engine.Transfer(id)
	if err == nil && t.UserID != actorOf(r).ID {
		err = olorin.NotFound("upload", olorin.Clip(id, 64))
	}
	return t, err
}

func (s *Server) transfer(w http.ResponseWriter, r *http.Request) error {
	t, err := s.ownTransfer(r)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, t)
}

// appendPiece takes the next bytes of a file; Upload-Offset says where they begin.
func (s *Server) appendPiece(w http.ResponseWriter, r *http.Request) error {
	t, err := s.ownTransfer(r)
	if err != nil {
		return err
	}
	offset, err := strconv.ParseInt(r.Header.Get("Upload-Offset"), 10, 64)
	if err != nil || offset < 0 {
		return olorin.Invalid("the headers were refused", olorin.Fault{Pointer: "/header/Upload-Offset", Code: "required", Detail: "it must be the number of bytes that the server has already"})
	}
	if t, err = s.Engine.Append(r.Context(), t.ID, offset, r.Body); err != nil {
		return uploadError(err)
	}
	return writeJSON(w, http.StatusOK, t)
}

// finishTransfer makes a data set of a file that has come whole.
func (s *Server) finishTransfer(w http.ResponseWriter, r *http.Request) error {
	in, err := body[finishBody](s, r)
	if err != nil {
		return err
	}
	t, err := s.ownTransfer(r)
	if err != nil {
		return err
	}
	said, err := s.said(r)
	if err != nil {
		return err
	}
	d, err := s.Engine.ImportTransfer(r.Context(), t.ID, data.ImportOptions{ID: newID(), Mapping: in.Mapping, Remembered: said, SkipMalformed: in.SkipMalformed, Now: s.Clock()})
	if err != nil {
		return err
	}
	if d.Name == "" {
		d.Name = d.Filename
	}
	if err := s.keep(r, d, said, in.Mapping); err != nil {
		return err
	}
	if err := s.Engine.EndTransfer(t.ID); err != nil {
		s.log.Error("an upload that became a data set is still there", "upload", t.ID, "dataset", d.ID, "error", err)
	}
	return created(w, d)
}

func (s *Server) endTransfer(w http.ResponseWriter, r *http.Request) error {
	t, err := s.ownTransfer(r)
	if err != nil {
		return err
	}
	if err := s.Engine.EndTransfer(t.ID); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

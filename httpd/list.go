package httpd

import (
	"mime/multipart"
	"net/http"
	"strings"

	"github.com/olorin-dev/olorin"
)

type listsAnswer struct {
	Items []listAnswer `json:"items"`
}

// listAnswer is a list and whether it has grown old.
type listAnswer struct {
	olorin.List
	Stale bool `json:"stale" doc:"Older than 90 days by the date of its source."`
}

// listForm is the body of a list's import: multipart/form-data.
type listForm struct {
	Name       string            `json:"name" maxLength:"200" doc:"A list of the same name is replaced."`
	Kind       olorin.ListKind   `json:"kind" enum:"good,bad,vpn,bin,note"`
	EntityType olorin.EntityType `json:"entity_type"`
	Source     string            `json:"source" maxLength:"200" doc:"Who made it, or where it was fetched."`
	License    string            `json:"license,omitempty" maxLength:"200"`
	SourceDate olorin.Time       `json:"source_date,omitzero" doc:"As of when it is; absent: now."`
	File       string            `json:"file" format:"binary" doc:"One value a line; a note may follow after a comma. The other parts must stand before it."`
}

func (s *Server) lists(w http.ResponseWriter, _ *http.Request) error {
	lists, err := s.Engine.Lists()
	if err != nil {
		return err
	}
	answer := listsAnswer{make([]listAnswer, len(lists))}
	for i, l := range lists {
		answer.Items[i] = listAnswer{l, l.Stale(s.Clock())}
	}
	return writeJSON(w, http.StatusOK, answer)
}

type hitsQuery struct {
	Value string `json:"value" required:"true" maxLength:"320" doc:"A user, an address, a card and so on."`
}

type hitsAnswer struct {
	Items []olorin.ListLine `json:"items"`
}

// listHits finds a value on the lists.
func (s *Server) listHits(w http.ResponseWriter, r *http.Request) error {
	q, err := query[hitsQuery](s, r)
	if err != nil {
		return err
	}
	hits, err := s.Engine.OnLists(r.Context(), q.Value)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, hitsAnswer{hits})
}

func (s *Server) importList(w http.ResponseWriter, r *http.Request) error {
	if err := actorOf(r).MayKeepLists(); err != nil {
		return err
	}
	now := s.Clock()
	l := olorin.List{ID: newID(), SourceDate: now, ImportedAt: now, ImportedBy: actorOf(r).ID}
	done := false
	err := readForm(r, func(name string, text []byte) []olorin.Fault { return listField(&l, name, text, done) }, func(part *multipart.Part) (err error) {
		l.Filename, done = filename(part.FileName()), true
		l, err = s.Engine.ImportList(r.Context(), formFile{part}, l, func(read olorin.List) error {
			return s.Trail.Record(r.Context(), s.datasetEntry(r, "list.imported", read.ID+" "+read.SHA256))
		})
		if err != nil {
			return uploadError(err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", api+"/lists/"+l.ID)
	return writeJSON(w, http.StatusCreated, listAnswer{l, l.Stale(now)})
}

// listField takes a small part of a list's import.
func listField(l *olorin.List, name string, text []byte, done bool) []olorin.Fault {
	pointer := "/" + olorin.PointerTo(name)
	if done {
		return []olorin.Fault{{Pointer: pointer, Code: "misplaced", Detail: "the part must stand before the file, which is read as it comes"}}
	}
	value := strings.TrimSpace(string(text))
	switch name {
	case "name":
		l.Name = value
	case "kind":
		l.Kind = olorin.ListKind(value)
	case "entity_type":
		l.EntityType = olorin.EntityType(value)
	case "source":
		l.Source = value
	case "license":
		l.License = value
	case "source_date":
		if len(value) == len("2026-01-31") {
			value += "T00:00:00Z"
		}
		if err := l.SourceDate.UnmarshalText([]byte(value)); err != nil {
			return []olorin.Fault{{Pointer: pointer, Code: "wrong_type", Detail: "it must be a date such as 2026-01-31"}}
		}
	default:
		return []olorin.Fault{{Pointer: pointer, Code: "unknown_field", Detail: unknownName("part", name, []string{"entity_type", "file", "kind", "license", "name", "source", "source_date"})}}
	}
	return nil
}

func (s *Server) deleteList(w http.ResponseWriter, r *http.Request) error {
	if err := actorOf(r).MayKeepLists(); err != nil {
		return err
	}
	id := r.PathValue("id")
	err := s.Engine.DeleteList(id, func() error { return s.Trail.Record(r.Context(), s.datasetEntry(r, "list.deleted", id)) })
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

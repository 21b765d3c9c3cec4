package agents

import (
	"errors"
	"fmt"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// Failed says for people what kept the check from its end and what to do about it, and for the server's log what the engine said, as far as
// that cannot hold values of the file.
func (t *Tool) Failed(err error) (told, log string) {
	query, ok := errors.AsType[*data.QueryFailed](err)
	if !ok {
		if e, ok := errors.AsType[*olorin.Error](err); ok {
			return e.Message + ". Retry the run; a narrower time range needs less", err.Error()
		}
		return "it broke off by an error that nobody foresaw. Retry the run; the server's log says more", err.Error()
	}
	switch query.Kind {
	case data.ByMemory:
		return "it needed more memory than the engine may use. Give it more (OLORIN_ENGINE_MEMORY_MB), or narrow the time range and run again", query.Text
	case data.ByQuery:
		what := "the engine does not take its query, which is a fault of this program. Report it with the check's id and version"
		if t.Own {
			what = "the engine does not take its query. See what olorin checks lint says of its file"
		}
		return what, query.Text
	case data.ByValue:
		what := "a value of the file is not what its query can compute with. See on the page of the data set how its columns were read, and correct what was read wrongly"
		if t.Own {
			what += "; or let the query, which is your own, allow for such values (try_cast)"
		}
		return what, "a value of the file; the engine's words are left out, since they quote it"
	}
	return "the engine broke its query off. Retry the run; if that does not help, report it with the check's id and version",
		fmt.Sprintf("the engine's words (%d letters) are left out, since they may quote values of the file", len(query.Text))
}

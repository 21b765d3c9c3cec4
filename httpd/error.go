package httpd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"

	"github.com/olorin-dev/olorin"
)

// The codes that only the carrier raises.
const (
	codeMalformed   olorin.Code = "malformed_json"
	codeMediaType   olorin.Code = "unsupported_media_type"
	codeMethod      olorin.Code = "method_not_allowed"
	codeCrossOrigin olorin.Code = "cross_origin"
	codeInternal    olorin.Code = "internal"
	codeUpgrade     olorin.Code = "upgrade_required"
	codeInProgress  olorin.Code = "idempotency_in_progress"
)

// statuses is the one table from code to HTTP status and title.
var statuses = map[olorin.Code]struct {
	status int
	title  string
}{
	olorin.CodeNotFound:          {404, "There is no such thing"},
	olorin.CodeForbidden:         {403, "Not allowed for this role"},
	olorin.CodeUnauthenticated:   {401, "Log in first"},
	olorin.CodeInvalid:           {422, "The request has faults"},
	olorin.CodeIllegalTransition: {409, "The status forbids this act"},
	olorin.CodeSettingsFrozen:    {409, "The settings are frozen"},
	olorin.CodeServerOwned:       {422, "The server owns this part"},
	olorin.CodeStale:             {412, "Somebody changed it since you read it"},
	olorin.CodeConflict:          {409, "Another change came first"},
	olorin.CodeExists:            {409, "It exists already"},
	olorin.CodeTooLarge:          {413, "Too large"},
	olorin.CodeDatasetInUse:      {409, "The data set is in use"},
	olorin.CodeDatasetInvalid:    {422, "The file cannot be used"},
	olorin.CodeLeaseLost:         {409, "The run is held by another process"},
	olorin.CodeUnavailable:       {503, "Not possible at the moment"},
	olorin.CodeCorrupt:           {500, "What is stored cannot be read"},
	olorin.CodeIdempotency:       {422, "The Idempotency-Key was used for another request"},
	olorin.CodeRateLimited:       {429, "Too many requests"},
	olorin.CodeFeatureDisabled:   {404, "Switched off"},
	olorin.CodeNameTaken:         {409, "The name is taken"},
	olorin.CodeTemplateLimit:     {409, "There are as many templates as are allowed"},
	olorin.CodeNotEmpty:          {409, "Something was entered"},
	olorin.CodeEngineFailed:      {500, "The process that reads the file ended"},
	olorin.CodeImportTimeout:     {422, "The file took too long"},
	codeMalformed:                {400, "The body is not JSON"},
	codeMediaType:                {415, "The body has a media type that is not understood"},
	codeMethod:                   {405, "The resource does not know this method"},
	codeCrossOrigin:              {403, "The request comes from another site"},
	codeUpgrade:                  {426, "This is a WebSocket"},
	codeInternal:                 {500, "The server failed"},
	codeInProgress:               {409, "The first request with this Idempotency-Key is still being answered"},
}

// problem is the body of every answer that is not a success (RFC 9457).
type problem struct {
	Type          string                `json:"type" doc:"Where the code is explained."`
	Title         string                `json:"title"`
	Status        int                   `json:"status"`
	Detail        string                `json:"detail" doc:"What was wrong, where, and what to do."`
	Instance      string                `json:"instance"`
	Code          olorin.Code           `json:"code" doc:"Stable machine word."`
	Errors        []olorin.Fault        `json:"errors,omitempty" doc:"All faults of the request at once. Pointers into the body are JSON pointers; /query, /header and /path stand before the names of parameters."`
	Current       *olorin.Investigation `json:"current,omitempty" doc:"The state as it stands, for a refused save or act."`
	CurrentStatus olorin.Status         `json:"current_status,omitempty"`
	Template      *olorin.Template      `json:"current_template,omitempty" doc:"The template as it stands, for a refused save of one."`
	Legal         []olorin.Act          `json:"legal,omitzero" doc:"The acts that the current status allows."`
	Existing      string                `json:"existing_template_id,omitempty" doc:"What has the name already."`
	Suggested     string                `json:"suggested_name,omitempty" doc:"A name that is free."`
	RequestID     string                `json:"request_id"`
}

// problemOf turns an error into what a client may know of it.
func problemOf(err error, r *http.Request) problem {
	p := problem{Code: codeInternal, Instance: r.URL.EscapedPath(), RequestID: requestID(r)}
	var tooLarge *http.MaxBytesError
	if e, ok := errors.AsType[*olorin.Error](err); ok {
		p.Code, p.Detail, p.Errors, p.Current, p.Legal = e.Code, e.Message, e.Faults, e.Current, e.Legal
		p.Existing, p.Suggested, p.Template = e.Existing, e.Suggested, e.CurrentTemplate
		if e.Current != nil {
			p.Current = told(*e.Current)
			p.CurrentStatus = e.Current.Status
		}
	} else if errors.As(err, &tooLarge) {
		p.Code, p.Detail = olorin.CodeTooLarge, fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit)
	} else if errors.Is(err, context.DeadlineExceeded) {
		p.Code, p.Detail = olorin.CodeUnavailable, "the answer took longer than is allowed; try again"
	}
	entry, known := statuses[p.Code]
	if !known || entry.status == http.StatusInternalServerError {
		if !known || p.Code == codeInternal {
			p.Code, p.Detail = codeInternal, "the server failed to answer; the request id is in its log"
		}
		entry = statuses[p.Code]
	}
	p.Type, p.Title, p.Status = "/docs#"+string(p.Code), entry.title, entry.status
	return p
}

// writeError answers an error. Only what is not the client's doing is logged as an error.
func (s *Server) writeError(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // the client has gone
	}
	p := problemOf(err, r)
	switch {
	case p.Status == http.StatusServiceUnavailable:
		s.log.Warn("unavailable", "request_id", p.RequestID, "method", r.Method, "path", r.URL.Path, "error", err.Error())
	case p.Status >= http.StatusInternalServerError:
		s.log.Error("request failed", "request_id", p.RequestID, "method", r.Method, "path", r.URL.Path, "error", err.Error())
	}
	writeProblem(w, p)
}

func writeProblem(w http.ResponseWriter, p problem) {
	h := w.Header()
	if (p.Status == http.StatusTooManyRequests || p.Status == http.StatusServiceUnavailable) && h.Get("Retry-After") == "" {
		h.Set("Retry-After", "1")
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="olorin"`)
	}
	if p.Current != nil {
		h.Set("ETag", heldETag(p.Current.Version, p.Current.Durable, p.Current.UpdatedAt))
	}
	maps.Copy(h, dataHeaders)
	h.Del("Content-Encoding")
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	body, err := json.Marshal(p)
	if err != nil { // a state that cannot be encoded must not hide the problem
		p.Current = nil
		body, _ = json.Marshal(p)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client may have gone
}

// recovered turns a panic into an answer and a log entry; the stack stays in the log.
func (s *Server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // compared as net/http does
				panic(v)
			}
			s.log.Error("panic", "request_id", requestID(r), "method", r.Method, "path", r.URL.Path, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			writeProblem(w, problemOf(fmt.Errorf("panic: %v", v), r))
		}()
		next.ServeHTTP(w, r)
	})
}

// faults joins what several checks found, first come first, one for each place and code.
func faults(lists ...[]olorin.Fault) []olorin.Fault {
	var all []olorin.Fault
	seen := map[string]bool{}
	for _, list := range lists {
		places := map[string]bool{}
		for _, f := range list {
			if !seen[f.Pointer] {
				all = append(all, f)
				places[f.Pointer] = true
			}
		}
		for p := range places {
			seen[p] = true
		}
	}
	return all
}

var _ slog.LogValuer = problem{}

// LogValue keeps bodies out of logs.
func (p problem) LogValue() slog.Value {
	return slog.GroupValue(slog.String("code", string(p.Code)), slog.Int("status", p.Status))
}

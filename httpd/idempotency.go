package httpd

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"sync"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

// keptHeaders are those of an answer that a repetition gets, too.
var keptHeaders = []string{"Content-Type", "Location", "Etag", "Cache-Control"}

const (
	replayPause = 100 * time.Millisecond // between two looks at what another process is doing
	replayWait  = 20 * time.Second       // for the first of two requests that come at once
)

// underway are the keyed requests that this process is answering.
type underway struct {
	mu   sync.Mutex // protects done
	done map[string]chan struct{}
}

// begin returns nil where the caller is the first, else a channel that is closed when the first has been answered.
func (u *underway) begin(key string) <-chan struct{} {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c, ok := u.done[key]; ok {
		return c
	}
	u.done[key] = make(chan struct{})
	return nil
}

func (u *underway) end(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.done[key])
	delete(u.done, key)
}

// replayed makes a POST with an Idempotency-Key happen once: whoever repeats it is answered the first answer again. Of two that
// come at once the second waits for the first.
func (s *Server) replayed(rt route, next handler) handler {
	_, isUpload := rt.body.(streamed)
	return func(w http.ResponseWriter, r *http.Request) error {
		key, err := keyOf(r)
		if err != nil {
			return err
		}
		if key == "" {
			return next(w, r)
		}
		keyed := store.Keyed{UserID: actorOf(r).ID, Key: key, Request: r.Method + " " + r.URL.RequestURI()}
		if !isUpload { // an upload is compared while it streams, see sameUpload
			if keyed.BodyHash, err = bodyHash(r, r.Header.Get("If-Match")); err != nil {
				return err
			}
		}
		local := keyed.UserID + "\x00" + key
		waited, stop := context.WithTimeout(r.Context(), replayWait)
		defer stop()
		for {
			if first := s.underway.begin(local); first != nil {
				if err := pause(waited, first); err != nil {
					return inProgress(w, r)
				}
				continue
			}
			again, err := s.once(w, r, rt, keyed, next)
			s.underway.end(local)
			if err != nil || !again {
				return err
			}
			if err := pause(waited, nil); err != nil {
				return inProgress(w, r)
			}
		}
	}
}

// keyOf returns the request's key, "" where it has none.
func keyOf(r *http.Request) (string, error) {
	key := r.Header.Get("Idempotency-Key")
	if key != "" && !saneID(key) {
		return key, olorin.Invalid("the headers were refused", olorin.Fault{
			Pointer: "/header/Idempotency-Key", Code: "invalid", Detail: "it must have 1 to 128 letters, digits or -_.:/+=",
		})
	}
	return key, nil
}

// bodyHash reads the body, leaves it to be read again, and returns its hash together with what else makes the request the same.
func bodyHash(r *http.Request, beside string) (string, error) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return "", readError(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(text))
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n", beside, text)
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// maxAnswered bounds how many answers that hold secrets are kept.
const maxAnswered = 1000

// answered are the answers to keyed requests by which sessions begin and end. They hold secrets, so they are kept in this process alone, and
// are forgotten with it: what a repetition does then is begin another session, or be told that there is none to renew.
type answered struct {
	mu    sync.Mutex // protects what follows
	kept  map[string]secretAnswer
	order []string // of kept, oldest first
}

type secretAnswer struct {
	request string
	at      olorin.Time
	answer  *capture
}

func (a *answered) get(name string, now olorin.Time) (secretAnswer, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.order) > 0 && now.Sub(a.kept[a.order[0]].at.Time) > store.KeepResponses {
		delete(a.kept, a.order[0])
		a.order = a.order[1:]
	}
	known, ok := a.kept[name]
	return known, ok
}

func (a *answered) put(name string, s secretAnswer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.order) == maxAnswered {
		delete(a.kept, a.order[0])
		a.order = a.order[1:]
	}
	a.kept[name] = s
	a.order = append(a.order, name)
}

// replayedHere is replayed for requests of those who are not logged in yet: a key counts for the address that they come from.
func (s *Server) replayedHere(next handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		key, err := keyOf(r)
		if err != nil {
			return err
		}
		if key == "" {
			return next(w, r)
		}
		session, secret, _ := presented(r)
		request, err := bodyHash(r, r.Method+" "+r.URL.RequestURI()+" "+session+"."+secret)
		if err != nil {
			return err
		}
		name := "\x00" + actorOf(r).Origin + "\x00" + key // no user has this id
		waited, stop := context.WithTimeout(r.Context(), replayWait)
		defer stop()
		for first := s.underway.begin(name); first != nil; first = s.underway.begin(name) {
			if err := pause(waited, first); err != nil {
				return inProgress(w, r)
			}
		}
		defer s.underway.end(name)
		if known, ok := s.answered.get(name, s.Clock()); ok {
			if known.request != request {
				return otherRequest()
			}
			w.Header().Set("Idempotency-Replayed", "true")
			known.answer.send(w)
			return nil
		}
		answer := &capture{header: http.Header{}}
		if err := next(answer, r); err != nil {
			s.writeError(answer, r, err)
		}
		if answer.worthKeeping() {
			s.answered.put(name, secretAnswer{request, s.Clock(), answer})
		}
		answer.send(w)
		return nil
	}
}

// pause waits for a channel or, without one, a moment.
func pause(ctx context.Context, until <-chan struct{}) error {
	var moment <-chan time.Time
	if until == nil {
		moment = time.After(replayPause)
	}
	select {
	case <-until:
	case <-moment:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func inProgress(w http.ResponseWriter, r *http.Request) error {
	if r.Context().Err() != nil {
		return r.Context().Err()
	}
	w.Header().Set("Retry-After", "1")
	return olorin.Errorf(codeInProgress, "the first request with this Idempotency-Key is still being answered; send it again in a moment")
}

// once answers a keyed request as what is known of its key says. again tells that another process is at it.
func (s *Server) once(w http.ResponseWriter, r *http.Request, rt route, keyed store.Keyed, next handler) (again bool, err error) {
	begun, err := s.Requests.BeginKeyed(r.Context(), keyed, s.Clock())
	switch {
	case err != nil:
		return false, err
	case begun.Mismatch:
		return false, otherRequest()
	case begun.InProgress:
		return true, nil
	case begun.Response != nil:
		return false, s.repeat(w, r, rt, *begun.Response)
	case begun.Acted != nil:
		if _, several := rt.answers[http.StatusOK].(archiveAnswer); several { // one of them was done, maybe not all; to do one again changes nothing
			return false, next(w, r)
		}
		return false, s.answerActed(w, r, rt, *begun.Acted)
	}
	answer := &capture{header: http.Header{}}
	done := false
	defer func() {
		if !done { // a panic: the key is free where nothing was done
			_ = s.Requests.AbandonKeyed(context.WithoutCancel(r.Context()), begun.Fresh)
		}
	}()
	r = r.WithContext(store.Reserve(r.Context(), begun.Fresh))
	if err := next(answer, r); err != nil {
		if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
			return false, err
		}
		s.writeError(answer, r, err)
	}
	done = true
	// The answer is kept even where the client has gone: it is the one who will ask again.
	ctx := context.WithoutCancel(r.Context())
	if answer.worthKeeping() {
		err = s.Requests.FinishKeyed(ctx, begun.Fresh, store.Response{Status: answer.status, Headers: answer.kept(), Body: answer.body.Bytes()})
	} else {
		err = s.Requests.AbandonKeyed(ctx, begun.Fresh)
	}
	if err != nil {
		s.log.Warn("the answer to a keyed request was not kept", "request_id", requestID(r), "error", err)
	}
	answer.send(w)
	return false, nil
}

func otherRequest() error {
	return olorin.Errorf(olorin.CodeIdempotency, "this Idempotency-Key was used for another request within the last 24 hours; use a new one")
}

// repeat gives a kept answer again.
func (s *Server) repeat(w http.ResponseWriter, r *http.Request, rt route, kept store.Response) error {
	if _, isUpload := rt.body.(streamed); isUpload {
		if err := s.sameUpload(r, kept); err != nil {
			return err
		}
	}
	for name, values := range kept.Headers {
		w.Header()[name] = values
	}
	w.Header().Set("Idempotency-Replayed", "true")
	w.WriteHeader(kept.Status)
	_, _ = w.Write(kept.Body) // the client may have gone
	return nil
}

// answerActed answers a request whose effect is there but whose answer was lost with the process.
func (s *Server) answerActed(w http.ResponseWriter, r *http.Request, rt route, acted store.Acted) error {
	w.Header().Set("Idempotency-Replayed", "true")
	_, created := rt.answers[http.StatusCreated]
	switch acted.Noun {
	case "template":
		t, err := s.Shelf.Template(r.Context(), actorOf(r), acted.ID)
		if err != nil {
			return err
		}
		status := http.StatusOK
		if created {
			status = http.StatusCreated
		}
		return writeTemplate(w, status, t)
	case "template use":
		return s.filled(w, r, func(in applyBody) (olorin.Settings, olorin.Template, error) {
			return s.Shelf.Fill(r.Context(), actorOf(r), acted.ID, in.Values, in.Overrides)
		})
	case "weights":
		accepted, err := s.Balance.Weights(r.Context(), acted.Version)
		if err != nil {
			return err
		}
		return writeJSON(w, http.StatusCreated, accepted)
	case "dataset":
		d, err := s.find(r, acted.ID)
		if err != nil {
			return err
		}
		w.Header().Set("Location", api+"/datasets/"+d.ID)
		return writeJSON(w, http.StatusCreated, d)
	}
	inv, err := s.Desk.View(r.Context(), actorOf(r), acted.ID)
	if err != nil {
		return err
	}
	return writeState(w, olorin.Changed{Investigation: inv, Created: created, Durable: inv.Durable})
}

// sameUpload reads a repeated upload and compares its file with the one of the kept answer.
func (s *Server) sameUpload(r *http.Request, kept store.Response) error {
	var d olorin.Dataset
	if kept.Status != http.StatusCreated {
		return nil // it was refused, and is again
	}
	if err := json.Unmarshal(kept.Body, &d); err != nil {
		return fmt.Errorf("read the kept answer of an upload: %w", err)
	}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || params["boundary"] == "" {
		return otherRequest()
	}
	for parts := multipart.NewReader(r.Body, params["boundary"]); ; {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return otherRequest() // without a file
		}
		if err != nil {
			return uploadError(brokenForm{err})
		}
		if part.FormName() != "file" {
			continue
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, formFile{part}); err != nil {
			return uploadError(err)
		}
		if hex.EncodeToString(sum.Sum(nil)) != d.SHA256 {
			return otherRequest()
		}
		return nil
	}
}

// capture holds an answer until it was kept.
type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *capture) Header() http.Header { return c.header }

func (c *capture) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
}

func (c *capture) Write(b []byte) (int, error) {
	c.WriteHeader(http.StatusOK)
	return c.body.Write(b)
}

// worthKeeping tells whether the same request would be answered the same: not where the server failed or was too busy.
func (c *capture) worthKeeping() bool {
	return c.status < http.StatusInternalServerError && c.status != http.StatusTooManyRequests && c.status != http.StatusUnauthorized
}

func (c *capture) kept() http.Header {
	h := http.Header{}
	for _, name := range keptHeaders {
		if values, ok := c.header[name]; ok {
			h[name] = values
		}
	}
	return h
}

func (c *capture) send(w http.ResponseWriter) {
	for name, values := range c.header {
		w.Header()[name] = values
	}
	if c.status == 0 {
		c.status = http.StatusOK
	}
	w.WriteHeader(c.status)
	_, _ = w.Write(c.body.Bytes()) // the client may have gone
}

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/store"
)

type auditCommand struct {
	Verify auditVerify `cmd:"" help:"Verify the audit trail, or an export of it, and name what was changed, dropped, moved or cut off."`
	Export auditExport `cmd:"" help:"Write the audit trail as NDJSON that verifies without the database."`
	Key    auditShow   `cmd:"" help:"Print the public key that verifies the signatures of the trail."`
}

// auditKey signs the heads of the audit trail and verifies them.
type auditKey struct {
	signer   note.Signer
	verifier note.Verifier
	public   string
}

// auditKeyName stands in every signature.
const auditKeyName = "olorin-audit"

// auditKey reads the key of the audit trail; where none is configured, one that is made once and kept in the data directory.
func (s *session) auditKey() (auditKey, error) {
	path := s.config.AuditKeyFile
	if path == "" {
		path = filepath.Join(s.config.DataDir, "audit.key")
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && s.config.AuditKeyFile == "" {
		if text, err = makeAuditKey(path); err != nil {
			return auditKey{}, fmt.Errorf("key of the audit trail: %w", err)
		}
	}
	if err != nil {
		return auditKey{}, fmt.Errorf("key of the audit trail: %w", err)
	}
	secret, public, ok := strings.Cut(strings.TrimSpace(string(text)), "\n")
	if !ok {
		return auditKey{}, fmt.Errorf("key of the audit trail: %s must hold two lines, the secret key and the public key", path)
	}
	k := auditKey{public: strings.TrimSpace(public)}
	if k.signer, err = note.NewSigner(strings.TrimSpace(secret)); err == nil {
		k.verifier, err = note.NewVerifier(k.public)
	}
	if err != nil {
		return auditKey{}, fmt.Errorf("key of the audit trail: %s: %w", path, err)
	}
	return k, nil
}

// makeAuditKey makes a key file. Two processes may start at once: the first to create the file decides.
func makeAuditKey(path string) ([]byte, error) {
	secret, public, err := note.GenerateKey(nil, auditKeyName)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	// Written whole under another name first: nobody must read half a key.
	whole, err := os.CreateTemp(filepath.Dir(path), ".audit-key-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(whole.Name()) //nolint:errcheck // it is linked, or of no use
	_, err = fmt.Fprintf(whole, "%s\n%s\n", secret, public)
	if err = errors.Join(err, whole.Sync(), whole.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(whole.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// headsFile is where the newest heads are kept outside of the database, a JSON line each.
func (s *session) headsFile() string { return filepath.Join(s.config.DataDir, "audit-heads.log") }

// headEvery is how often a new head is kept outside of the database.
const headEvery = 5 * time.Second

// keepHeads keeps the newest head outside of the database, so that a trail cut back or written anew together with its heads is noticed.
func (s *session) keepHeads(ctx context.Context, h *house) {
	if s.config.DatabaseURL == "memory:" {
		return // its trail ends with the process, and the next is another
	}
	tick := time.NewTicker(headEvery)
	defer tick.Stop()
	for kept := int64(0); ; {
		head, err := h.store.AuditHead(context.WithoutCancel(ctx))
		if err == nil && head.Size > kept {
			if err = s.keepHead(head); err == nil {
				kept = head.Size
			}
		}
		if err != nil {
			s.log.Warn("the head of the audit trail was not kept outside of the database; trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// maxHeads is how large the file of heads may grow before all but its last line are dropped.
const maxHeads = 1 << 20

func (s *session) keepHead(head store.AuditHead) error {
	line, err := json.Marshal(head)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	if info, err := os.Stat(s.headsFile()); err == nil && info.Size() > maxHeads {
		whole := s.headsFile() + ".new"
		if err := os.WriteFile(whole, line, 0o600); err != nil {
			return err
		}
		return os.Rename(whole, s.headsFile())
	}
	f, err := os.OpenFile(s.headsFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(line)
	return errors.Join(err, f.Close())
}

// readHeads reads heads that were kept outside of the database; a last line that a crash cut off is left out.
func readHeads(path string) ([]store.AuditHead, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	var heads []store.AuditHead
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var head store.AuditHead
		if json.Unmarshal(lines.Bytes(), &head) == nil && head.Size > 0 {
			heads = append(heads, head)
		}
	}
	return heads, lines.Err()
}

// verifyAudit verifies the trail of the database against its heads and those kept beside it.
func (h *house) verifyAudit(s *session) (store.AuditVerdict, error) {
	kept, err := readHeads(s.headsFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return store.AuditVerdict{}, err
	}
	return h.store.VerifyAudit(s.ctx, h.auditKey.verifier, kept)
}

type auditVerify struct {
	File string `help:"Verify this export, without a database." type:"existingfile" placeholder:"FILE"`
	Head string `help:"A file with heads that were kept elsewhere: what they vouch for must be there, as it was." type:"existingfile" placeholder:"FILE"`
	Key  string `help:"The public key that must have signed (see olorin audit key)." placeholder:"KEY"`
	JSON bool   `help:"Print JSON."`
}

// Run verifies, and fails where something is not as it was written.
func (c *auditVerify) Run(s *session) error {
	verdict, err := c.verify(s)
	if err != nil {
		return err
	}
	if c.JSON {
		if err := s.printJSON(verdict); err != nil {
			return err
		}
	} else if verdict.Fault == "" {
		fmt.Fprintf(s.out, "%d entries, all as they were written; root %s\n", verdict.Entries, verdict.Root)
	}
	if verdict.Fault != "" {
		return errors.New(verdict.Fault)
	}
	return nil
}

func (c *auditVerify) verify(s *session) (store.AuditVerdict, error) {
	var (
		kept []store.AuditHead
		key  note.Verifier
		err  error
	)
	if c.Head != "" {
		if kept, err = readHeads(c.Head); err != nil {
			return store.AuditVerdict{}, err
		}
		if len(kept) == 0 {
			return store.AuditVerdict{}, usage{fmt.Errorf("--head %s holds no head", c.Head)}
		}
	}
	if c.Key != "" {
		if key, err = note.NewVerifier(c.Key); err != nil {
			return store.AuditVerdict{}, usage{fmt.Errorf("--key: %w", err)}
		}
	}
	if c.File != "" {
		f, err := os.Open(c.File)
		if err != nil {
			return store.AuditVerdict{}, err
		}
		defer f.Close() //nolint:errcheck // it was only read
		return store.VerifyExport(f, key, kept)
	}
	h, err := s.open(false)
	if err != nil {
		return store.AuditVerdict{}, err
	}
	defer h.close() //nolint:errcheck // nothing was written
	if key != nil {
		h.auditKey.verifier = key
	}
	if c.Head == "" {
		return h.verifyAudit(s)
	}
	return h.store.VerifyAudit(s.ctx, h.auditKey.verifier, kept)
}

type auditExport struct {
	File string `arg:"" help:"Where to write it; - is standard output."`
}

// Run exports the trail. The export is itself an act that the trail tells.
func (c *auditExport) Run(s *session) (err error) {
	h, err := s.open(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	actor := administrator()
	if err := h.store.Record(s.ctx, olorin.AuditEntry{At: h.clock(), Actor: actor, Origin: actor.Origin, Source: olorin.SourceSystem, Action: "audit.exported"}); err != nil {
		return err
	}
	out := s.out
	if c.File != "-" {
		f, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		out = io.Writer(f)
	}
	n, err := h.store.ExportAudit(s.ctx, out, h.auditKey.public)
	if err == nil {
		s.log.Info("the audit trail is exported", "entries", n, "file", c.File)
	}
	return err
}

type auditShow struct{}

// Run prints the public key.
func (auditShow) Run(s *session) error {
	key, err := s.auditKey()
	if err == nil {
		_, err = fmt.Fprintln(s.out, key.public)
	}
	return err
}

// record writes a system event to the audit trail.
func (s *session) record(h *house, action, detail string) {
	if err := s.noted(h, action, detail); err != nil {
		s.log.Error("not in the audit trail", "action", action, "error", err)
	}
}

// noted writes what is about to be done to the audit trail.
func (s *session) noted(h *house, action, detail string) error {
	entry := olorin.AuditEntry{At: h.clock(), Actor: olorin.System, Source: olorin.SourceSystem, Action: action, Detail: detail}
	return h.store.Record(context.WithoutCancel(s.ctx), entry)
}

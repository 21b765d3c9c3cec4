package store

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/olorin-dev/olorin"
)

// AuditVerdict is what a check of the audit trail found.
type AuditVerdict struct {
	Entries int64        `json:"entries"` // that were read
	Heads   int64        `json:"heads"`   // that vouch for them, of those whose signature is good
	Root    string       `json:"root"`    // of all entries, base64
	Fault   string       `json:"fault,omitempty"`
	Number  int64        `json:"number,omitempty"` // of the first entry that is not as it was written
	Entry   *exportEntry `json:"entry,omitempty"`
}

// verifier goes through a trail in order and stops at the first thing that is not as it was written.
type verifier struct {
	tree    tree
	key     note.Verifier                      // of the signatures; nil: they are not verified, only what they are for
	heads   func(size int64) (AuditHead, bool) // the next head at or after a size
	next    AuditHead
	hasNext bool
	kept    []AuditHead // from outside of the trail, by size; those that it has not reached yet
	vouched int64       // up to here a head agreed, a signed one where there is a key
	verdict AuditVerdict
}

// newVerifier makes a verifier for a trail from its beginning.
func newVerifier(key note.Verifier, kept []AuditHead) verifier {
	kept = slices.DeleteFunc(slices.Clone(kept), func(h AuditHead) bool { return h.Size <= 0 })
	slices.SortStableFunc(kept, func(a, b AuditHead) int { return cmp.Compare(a.Size, b.Size) })
	return verifier{
		tree: tree{edge: map[int64]tlog.Hash{}}, key: key, kept: kept,
		heads: func(int64) (AuditHead, bool) { return AuditHead{}, false },
	}
}

func (v *verifier) fault(number int64, format string, args ...any) {
	if v.verdict.Fault == "" {
		v.verdict.Fault, v.verdict.Number = fmt.Sprintf(format, args...), number
	}
}

// add takes the next entry, and returns false where there is no point in going on.
func (v *verifier) add(e exportEntry) bool {
	want := v.tree.size + 1
	switch {
	case e.Number > want:
		v.fault(want, "entry %d is missing: the next one is %d", want, e.Number)
		return false
	case e.Number < want:
		v.fault(e.Number, "entry %d stands twice, or out of order", e.Number)
		return false
	}
	leaf, err := leafOf(e.entry(), e.Micros, string(e.Diff))
	if err != nil {
		v.fault(want, "entry %d cannot be read: %v", want, err)
		return false
	}
	if e.Leaf != base64.StdEncoding.EncodeToString(leaf[:]) {
		v.fault(want, "entry %d (%s, %s) was changed", want, e.At, e.Action)
		v.verdict.Entry = &e
		return false
	}
	if err := v.tree.add(leaf); err != nil {
		v.fault(want, "%v", err)
		return false
	}
	v.verdict.Entries = want
	if !v.hasNext {
		v.next, v.hasNext = v.heads(want)
	}
	if v.hasNext && v.next.Size == want {
		v.hasNext = false
		if !v.vouch(v.next) {
			return false
		}
	}
	for len(v.kept) > 0 && v.kept[0].Size == want {
		if !v.vouch(v.kept[0]) {
			return false
		}
		v.kept = v.kept[1:]
	}
	return true
}

// vouch compares the tree so far with a head.
func (v *verifier) vouch(h AuditHead) bool {
	root, err := v.tree.root()
	if err != nil {
		v.fault(v.tree.size, "%v", err)
		return false
	}
	if h.Note != "" {
		text, err := v.signed(h.Note)
		if err != nil {
			v.fault(h.Size, "the head for %d entries is not signed by the key of this trail: %v", h.Size, err)
			return false
		}
		if text != headText(h.Size, h.Root, h.At) {
			v.fault(h.Size, "the head for %d entries is not the one that was signed", h.Size)
			return false
		}
	}
	if h.Root != root {
		switch {
		case v.vouched >= h.Size:
			v.fault(h.Size, "two heads for %d entries contradict one another: one of them is of another trail, such as that before a backup was restored", h.Size)
		case v.vouched+1 == h.Size:
			v.fault(h.Size, "entry %d was changed together with its hash: the head that was signed for it says otherwise", h.Size)
		default:
			v.fault(v.vouched+1, "one of the entries %d to %d was changed, dropped or moved, together with its hash: the head that was signed for them says otherwise", v.vouched+1, h.Size)
		}
		return false
	}
	// An unsigned head may stand, since a migration of entries from before there was a tree writes one; anybody can write one.
	if (h.Note != "" || v.key == nil) && v.vouched < h.Size {
		v.vouched = h.Size
		v.verdict.Heads++
	}
	return true
}

// signed is the text that a note signs.
func (v *verifier) signed(text string) (string, error) {
	if v.key != nil {
		opened, err := note.Open([]byte(text), note.VerifierList(v.key))
		if err != nil {
			return "", err
		}
		return opened.Text, nil
	}
	_, err := note.Open([]byte(text), note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if errors.As(err, &unverified) {
		return unverified.Note.Text, nil
	}
	return "", err
}

// end compares what was read with the newest head of the trail, and with those kept elsewhere that it should have reached.
func (v *verifier) end(newest AuditHead) AuditVerdict {
	for _, h := range append([]AuditHead{newest}, v.kept...) {
		if h.Size > v.tree.size {
			v.fault(v.tree.size+1, "the trail is cut off: %d entries are there, and a head of %s vouches for %d", v.tree.size, h.At, h.Size)
		}
	}
	if v.verdict.Fault == "" && v.vouched < v.tree.size {
		v.fault(v.vouched+1, "no signed head vouches for the entries from %d on: they were not written by Olorin, or heads were removed", v.vouched+1)
	}
	if root, err := v.tree.root(); err == nil && v.tree.size > 0 {
		v.verdict.Root = base64.StdEncoding.EncodeToString(root[:])
	}
	return v.verdict
}

// VerifyAudit recomputes the tree of the whole audit trail. kept are heads from outside of the database, such as those of the head file;
// they find also what was cut off or written anew together with its heads. key
// is that of the signatures; without one they are not verified, and the trail only agrees with itself.
func (db *DB) VerifyAudit(ctx context.Context, key note.Verifier, kept []AuditHead) (AuditVerdict, error) {
	v := newVerifier(key, kept)
	v.heads = func(size int64) (AuditHead, bool) {
		var (
			h    AuditHead
			root []byte
			at   int64
		)
		err := db.reader.row(ctx, []any{&h.Size, &root, &at, &h.Note}, `SELECT size, root, at, note FROM audit_heads WHERE size >= $1 ORDER BY size LIMIT 1`, size)
		if err != nil {
			return h, false
		}
		copy(h.Root[:], root)
		h.At = olorin.FromMicro(at)
		return h, true
	}
	// The head is read first: what is written meanwhile is beyond it, and is not looked at.
	newest, err := db.AuditHead(ctx)
	if err != nil {
		return AuditVerdict{}, err
	}
	more := true
	for more {
		from, n := v.tree.size, 0
		err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
			a, kept, err := readAudit(scan)
			if err != nil {
				v.fault(from+int64(n)+1, "entry %d cannot be read: %v", from+int64(n)+1, err)
				more = false
				return false, nil
			}
			n++
			more = v.add(exported(a, kept))
			return more, nil
		}, `SELECT `+auditColumns+` FROM audit WHERE number > $1 ORDER BY number LIMIT 1000`, from)
		if err != nil {
			return AuditVerdict{}, translate("read the audit trail", err)
		}
		more = more && n == 1000
	}
	// The tree is extended from the edge of its newest head: a damaged one would spoil every head to come.
	var edge []byte
	if err := db.reader.row(ctx, []any{&edge}, `SELECT edge FROM audit_heads WHERE size = $1`, v.tree.size); err == nil && !bytes.Equal(edge, v.tree.encode()) {
		v.fault(v.tree.size, "the edge of the tree of %d entries was changed", v.tree.size)
	}
	if after, err := db.AuditHead(ctx); err == nil && after.Size > newest.Size && v.vouched >= newest.Size {
		v.vouched = v.tree.size // somebody wrote while this was read
	}
	return v.end(newest), nil
}

// exportEntry is a line of an export: the entry with its diff as it is kept and its hash.
type exportEntry struct {
	Number          int64           `json:"number"`
	At              olorin.Time     `json:"at"`
	Micros          int64           `json:"at_micros"`
	ActorKind       olorin.Kind     `json:"actor_kind"`
	ActorID         string          `json:"actor_id"`
	ActorRole       olorin.Role     `json:"actor_role"`
	Origin          string          `json:"origin"`
	Source          olorin.Source   `json:"source"`
	Action          string          `json:"action"`
	InvestigationID string          `json:"investigation_id"`
	VersionBefore   int64           `json:"version_before"`
	VersionAfter    int64           `json:"version_after"`
	Detail          string          `json:"detail"`
	Diff            json.RawMessage `json:"diff"`
	Leaf            string          `json:"leaf"`
}

func exported(a olorin.AuditEntry, kept keptAudit) exportEntry {
	return exportEntry{
		Number: a.Number, At: a.At, Micros: kept.micros, ActorKind: a.Actor.Kind, ActorID: a.Actor.ID, ActorRole: a.Actor.Role, Origin: a.Origin, Source: a.Source,
		Action: a.Action, InvestigationID: a.InvestigationID, VersionBefore: a.VersionBefore, VersionAfter: a.VersionAfter, Detail: a.Detail,
		Diff: json.RawMessage(kept.diff), Leaf: base64.StdEncoding.EncodeToString(kept.leaf),
	}
}

// entry is the entry without its diff.
func (e exportEntry) entry() olorin.AuditEntry {
	return olorin.AuditEntry{
		Number: e.Number, At: olorin.FromMicro(e.Micros), Actor: olorin.Actor{Kind: e.ActorKind, ID: e.ActorID, Role: e.ActorRole}, Origin: e.Origin, Source: e.Source,
		Action: e.Action, InvestigationID: e.InvestigationID, VersionBefore: e.VersionBefore, VersionAfter: e.VersionAfter, Detail: e.Detail,
	}
}

// strictJSON reads a line that must be exactly as json.Marshal writes it: a changed byte cannot hide in its spelling.
func strictJSON(line []byte, into any) error {
	if err := json.Unmarshal(line, into); err != nil {
		return err
	}
	again, err := json.Marshal(into)
	if err == nil && !bytes.Equal(again, bytes.TrimSuffix(line, []byte("\n"))) {
		err = errors.New("it is not spelt as it was written")
	}
	return err
}

// exportHeader is the first line of an export, and exportHead one for each head that vouches for the entries before it.
type (
	exportHeader struct {
		Format string `json:"format"`
		Key    string `json:"key"` // verifies the signatures
	}
	exportHead struct {
		Head *AuditHead `json:"head"`
	}
)

const exportFormat = "olorin-audit-v1"

// ExportAudit writes the trail as NDJSON: a header, the entries, and at the end the newest head. It verifies without the database.
func (db *DB) ExportAudit(ctx context.Context, out io.Writer, key string) (entries int64, err error) {
	head, err := db.AuditHead(ctx)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriter(out)
	line := func(v any) error {
		b, err := json.Marshal(v)
		if err == nil {
			_, err = w.Write(append(b, '\n'))
		}
		return err
	}
	if err := line(exportHeader{exportFormat, key}); err != nil {
		return 0, err
	}
	for entries < head.Size {
		before := entries
		err := db.reader.each(ctx, func(scan func(...any) error) (bool, error) {
			a, kept, err := readAudit(scan)
			if err != nil {
				return false, err
			}
			entries = a.Number
			return true, line(exported(a, kept))
		}, `SELECT `+auditColumns+` FROM audit WHERE number > $1 AND number <= $2 ORDER BY number LIMIT 1000`, entries, head.Size)
		if err != nil {
			return entries, translate("read the audit trail", err)
		}
		if entries == before {
			return entries, olorin.Errorf(olorin.CodeCorrupt, "the audit trail has no entry %d; see olorin audit verify", entries+1)
		}
	}
	if err := line(exportHead{&head}); err != nil {
		return entries, err
	}
	return entries, w.Flush()
}

// VerifyExport verifies an export. key, where not nil, is the key that must have signed it; else the one that the export itself names,
// which shows only that it is whole.
func VerifyExport(in io.Reader, key note.Verifier, kept []AuditHead) (AuditVerdict, error) {
	lines := bufio.NewReader(in)
	var header exportHeader
	first, err := lines.ReadBytes('\n')
	if err != nil || strictJSON(first, &header) != nil || header.Format != exportFormat {
		return AuditVerdict{}, olorin.Errorf(olorin.CodeInvalid, "the file is not an export of an audit trail (its first line must say %s)", exportFormat)
	}
	if key == nil {
		if key, err = note.NewVerifier(header.Key); err != nil {
			return AuditVerdict{}, olorin.Errorf(olorin.CodeInvalid, "the key that the export names cannot be read: %w", err)
		}
	}
	v := newVerifier(key, kept)
	for {
		text, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			v.fault(v.tree.size+1, "the export is cut off after entry %d: its last line must be the head", v.tree.size)
			return v.end(AuditHead{}), nil
		}
		if err != nil {
			return AuditVerdict{}, err
		}
		var end exportHead
		if strictJSON(text, &end) == nil && end.Head != nil {
			if rest, _ := io.ReadAll(io.LimitReader(lines, 1)); len(rest) > 0 {
				v.fault(v.tree.size+1, "something follows the head")
			}
			if end.Head.Note == "" && v.tree.size > 0 {
				v.fault(v.tree.size, "the head of the export is not signed")
			}
			if v.verdict.Fault == "" && end.Head.Size == v.tree.size && v.tree.size > 0 {
				v.vouch(*end.Head)
			}
			return v.end(*end.Head), nil
		}
		var e exportEntry
		if err := strictJSON(text, &e); err != nil {
			v.fault(v.tree.size+1, "the line of entry %d cannot be read: %v", v.tree.size+1, err)
			return v.end(AuditHead{}), nil
		}
		if e.At != olorin.FromMicro(e.Micros) {
			v.fault(e.Number, "entry %d was changed: its two times differ", e.Number)
			return v.end(AuditHead{}), nil
		}
		if !v.add(e) {
			return v.end(AuditHead{}), nil
		}
	}
}

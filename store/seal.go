package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/olorin-dev/olorin"
)

// AuditHead vouches for the first Size entries of the audit trail.
type AuditHead struct {
	Size int64       `json:"size"`
	Root tlog.Hash   `json:"root"`
	At   olorin.Time `json:"at"`
	Note string      `json:"note"` // size and root, signed; "" where nobody could sign
}

// tree is the audit trail's Merkle tree as far as it is needed to extend it.
type tree struct {
	size int64
	edge map[int64]tlog.Hash // by stored index; all that a tree of this size needs
}

// edgeOf lists the stored indexes of the complete subtrees that a tree of a size is made of, left to right: all that is needed to extend
// it, and to compute its root (RFC 6962, 2.1).
func edgeOf(size int64) []int64 {
	var indexes []int64
	for low := int64(0); low < size; {
		level := bits.Len64(uint64(size-low)) - 1
		indexes = append(indexes, tlog.StoredHashIndex(level, low>>level))
		low += 1 << level
	}
	return indexes
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := t.edge[index]
		if !ok {
			return nil, fmt.Errorf("the edge of the audit tree of size %d lacks hash %d", t.size, index)
		}
		hashes[i] = h
	}
	return hashes, nil
}

// add appends a leaf.
func (t *tree) add(leaf tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		return err
	}
	first := tlog.StoredHashIndex(0, t.size)
	for i, h := range hashes {
		t.edge[first+int64(i)] = h
	}
	t.size++
	if len(t.edge) > 256 {
		t.prune()
	}
	return nil
}

// prune forgets what is not needed any more.
func (t *tree) prune() {
	edge := map[int64]tlog.Hash{}
	for _, index := range edgeOf(t.size) {
		edge[index] = t.edge[index]
	}
	t.edge = edge
}

func (t *tree) root() (tlog.Hash, error) {
	if t.size == 0 {
		return tlog.Hash{}, nil
	}
	return tlog.TreeHash(t.size, t)
}

// encode writes the edge: its hashes in the order of edgeOf.
func (t *tree) encode() []byte {
	var out []byte
	for _, index := range edgeOf(t.size) {
		h := t.edge[index]
		out = append(out, h[:]...)
	}
	return out
}

func decodeTree(size int64, edge []byte) (tree, error) {
	t := tree{size: size, edge: map[int64]tlog.Hash{}}
	if size == 0 {
		return t, nil
	}
	indexes := edgeOf(size)
	if len(edge) != len(indexes)*tlog.HashSize {
		return t, olorin.Errorf(olorin.CodeCorrupt, "the newest head of the audit trail (size %d) is damaged; see olorin audit verify", size)
	}
	for i, index := range indexes {
		t.edge[index] = tlog.Hash(edge[i*tlog.HashSize:])
	}
	return t, nil
}

// leafOf is the hash of an entry: of a JSON list of its parts in a fixed order. micros is its time and diff the text as they are kept.
func leafOf(a olorin.AuditEntry, micros int64, diff string) (tlog.Hash, error) {
	text, err := json.Marshal([]any{
		a.Number, micros, a.Actor.Kind, a.Actor.ID, a.Actor.Role, a.Origin, a.Source, a.Action, a.InvestigationID, a.VersionBefore, a.VersionAfter, a.Detail, diff,
	})
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.RecordHash(text), nil
}

// headText is what a note says of a tree.
func headText(size int64, root tlog.Hash, at olorin.Time) string {
	return fmt.Sprintf("olorin audit trail\n%d\n%s\n%s\n", size, base64.StdEncoding.EncodeToString(root[:]), at)
}

// openTree reads the newest head, in the transaction that extends it: another process may have written since.
func (t *tx) openTree() error {
	if t.tree != nil {
		return nil
	}
	var (
		size int64
		edge []byte
	)
	err := t.row([]any{&size, &edge}, `SELECT size, edge FROM audit_heads ORDER BY size DESC LIMIT 1`)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	opened, err := decodeTree(size, edge)
	if err == nil {
		t.tree = &opened
	}
	return err
}

// seal writes the head of what this transaction added to the trail.
func (t *tx) seal(signer note.Signer) error {
	if len(t.leaves) == 0 {
		return nil
	}
	for _, leaf := range t.leaves {
		if err := t.tree.add(leaf); err != nil {
			return err
		}
	}
	return t.writeHead(t.tree, signer)
}

func (t *tx) writeHead(tr *tree, signer note.Signer) error {
	root, err := tr.root()
	if err != nil {
		return err
	}
	now := olorin.SystemClock()
	signed := ""
	if signer != nil {
		b, err := note.Sign(&note.Note{Text: headText(tr.size, root, now)}, signer)
		if err != nil {
			return fmt.Errorf("sign the head of the audit trail: %w", err)
		}
		signed = string(b)
	}
	return t.exec(`INSERT INTO audit_heads (size, root, edge, at, note) VALUES ($1, $2, $3, $4, $5)`, tr.size, root[:], tr.encode(), now.UnixMicro(), signed)
}

// sealOld gives hashes to entries that were written before there was a tree, and writes the head of them all.
func sealOld(ctx context.Context, t *tx) error {
	if err := t.openTree(); err != nil {
		return err
	}
	for {
		type row struct {
			number int64
			leaf   tlog.Hash
		}
		var batch []row
		rows, err := t.conn.QueryContext(ctx, `SELECT `+auditColumns+` FROM audit WHERE number > $1 ORDER BY number LIMIT 1000`, t.tree.size)
		if err != nil {
			return err
		}
		err = walk(rows, func(scan func(...any) error) (bool, error) {
			a, kept, err := readAudit(scan)
			if err != nil {
				return false, err
			}
			leaf, err := leafOf(a, kept.micros, kept.diff)
			batch = append(batch, row{a.Number, leaf})
			return true, err
		})
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, r := range batch {
			if r.number != t.tree.size+1 {
				return olorin.Errorf(olorin.CodeCorrupt, "entry %d of the audit trail is missing; nothing was migrated, restore a backup", t.tree.size+1)
			}
			if err := t.exec(`UPDATE audit SET leaf = $1 WHERE number = $2`, r.leaf[:], r.number); err != nil {
				return err
			}
			if err := t.tree.add(r.leaf); err != nil {
				return err
			}
		}
		if err := t.writeHead(t.tree, nil); err != nil {
			return err
		}
	}
}

// AuditHead returns the newest head; Size is 0 where nothing was written yet.
func (db *DB) AuditHead(ctx context.Context) (AuditHead, error) {
	var (
		h    AuditHead
		root []byte
		at   int64
	)
	err := db.reader.row(ctx, []any{&h.Size, &root, &at, &h.Note}, `SELECT size, root, at, note FROM audit_heads ORDER BY size DESC LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return h, nil
	}
	if err != nil {
		return h, translate("read the head of the audit trail", err)
	}
	copy(h.Root[:], root)
	h.At = olorin.FromMicro(at)
	return h, nil
}

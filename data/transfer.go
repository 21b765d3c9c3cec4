package data

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/olorin-dev/olorin"
)

// Transfer is a file on its way to the server in pieces. Where the connection breaks, or the server ends, it goes on from its offset. It is a
// directory of its own, readable by the server alone: transfer.json says what it is, bytes holds what has come.
type Transfer struct {
	ID        string      `json:"id"`
	UserID    string      `json:"user_id"`
	Name      string      `json:"name"`
	Filename  string      `json:"filename"`
	Mark      string      `json:"mark" doc:"What the client knows the file by, to go on with the same one."`
	Size      int64       `json:"size" doc:"Of the whole file, in bytes."`
	Offset    int64       `json:"offset" doc:"Bytes that the server has; the next piece begins here."`
	CreatedAt olorin.Time `json:"created_at"`
	ExpiresAt olorin.Time `json:"expires_at" doc:"When what has come is thrown away, unless more comes."`
}

const (
	// transferLife is how long a transfer waits for its next piece.
	transferLife = 24 * time.Hour
	// maxTransfers is how many a user may have under way.
	maxTransfers = 5
)

func (e *Engine) transfers() string { return filepath.Join(e.dir, "transfers") }

// BeginTransfer readies the server for the pieces of a file. t says everything but Offset and ExpiresAt.
func (e *Engine) BeginTransfer(t Transfer) (Transfer, error) {
	t.Name, t.Filename = olorin.MaskCards(t.Name), olorin.MaskCards(t.Filename)
	var faults []olorin.Fault
	if !validID.MatchString(t.ID) {
		faults = append(faults, olorin.Fault{Pointer: "/id", Code: "pattern", Detail: "an id has 1 to 64 letters, digits, - or _"})
	}
	if t.Size < 1 {
		faults = append(faults, olorin.Fault{Pointer: "/size", Code: "too_small", Detail: "the file is empty"})
	}
	if len(faults) > 0 {
		return t, olorin.Invalid("the upload was refused", faults...)
	}
	if e.lim.MaxBytes > 0 && t.Size > e.lim.MaxBytes {
		return t, olorin.Errorf(olorin.CodeTooLarge, "the file is larger than the %d bytes allowed: split it, or raise the limit", e.lim.MaxBytes)
	}
	if err := e.dropTransfers(t.CreatedAt); err != nil {
		return t, err
	}
	mine, err := e.Transfers(t.UserID)
	if err != nil {
		return t, err
	}
	if len(mine) >= maxTransfers {
		return t, olorin.Errorf(olorin.CodeTooLarge, "%d uploads are under way: finish or delete one of them", len(mine))
	}
	text, err := json.Marshal(t)
	if err != nil {
		return t, err
	}
	w, err := e.workspace()
	if err != nil {
		return t, err
	}
	dir := w.path(t.ID)
	err = errors.Join(os.MkdirAll(e.transfers(), 0o700), os.Mkdir(dir, 0o700))
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(dir, "bytes"), nil, 0o600), os.WriteFile(filepath.Join(dir, "transfer.json"), text, 0o600), syncTree(dir))
	}
	if err == nil {
		err = errors.Join(os.Rename(dir, filepath.Join(e.transfers(), t.ID)), syncPath(e.transfers()))
	}
	if err = errors.Join(err, w.remove()); err != nil {
		return t, fmt.Errorf("begin upload: %w", err)
	}
	return e.Transfer(t.ID)
}

// Transfer returns a transfer that is under way.
func (e *Engine) Transfer(id string) (t Transfer, err error) {
	if !validID.MatchString(id) {
		return t, olorin.NotFound("upload", id)
	}
	dir := filepath.Join(e.transfers(), id)
	text, err := os.ReadFile(filepath.Join(dir, "transfer.json"))
	if err == nil {
		err = json.Unmarshal(text, &t)
	}
	info, statErr := os.Stat(filepath.Join(dir, "bytes"))
	if err := cmp.Or(err, statErr); errors.Is(err, fs.ErrNotExist) {
		return t, olorin.NotFound("upload", id)
	} else if err != nil {
		return t, fmt.Errorf("read upload %s: %w", id, err)
	}
	t.Offset = info.Size()
	t.ExpiresAt = olorin.At(info.ModTime().Add(transferLife))
	return t, nil
}

// Transfers lists those of a user, the oldest first; of all users where it is empty. One that cannot be read does not stand in the way of the others.
func (e *Engine) Transfers(userID string) ([]Transfer, error) {
	entries, err := os.ReadDir(e.transfers())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	list := []Transfer{}
	for _, entry := range entries {
		t, err := e.Transfer(entry.Name())
		if err != nil {
			continue
		}
		if userID == "" || t.UserID == userID {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b Transfer) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt.Time), cmp.Compare(a.ID, b.ID))
	})
	return list, nil
}

// dropTransfers throws away those that have waited too long.
func (e *Engine) dropTransfers(now olorin.Time) error {
	list, err := e.Transfers("")
	for _, t := range list {
		if now.After(t.ExpiresAt.Time) {
			err = errors.Join(err, e.EndTransfer(t.ID))
		}
	}
	return err
}

// Append takes the next piece, which must begin at offset: elsewhere it is CodeConflict, and so it is while another piece comes. What came of a
// piece before an error is kept.
func (e *Engine) Append(ctx context.Context, id string, offset int64, r io.Reader) (_ Transfer, err error) {
	f, _, err := e.hold(id)
	if err != nil {
		return Transfer{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	t, err := e.Transfer(id)
	if err != nil {
		return t, err
	}
	if offset != t.Offset {
		return t, olorin.Errorf(olorin.CodeConflict, "the server has %d bytes of the file, the piece begins at %d: go on from where the server stands", t.Offset, offset)
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return t, fmt.Errorf("take a piece of upload %s: %w", id, err)
	}
	buf := make([]byte, 256<<10)
	for err == nil {
		if err = ctx.Err(); err != nil {
			break
		}
		var n int
		n, err = r.Read(buf)
		if n = min(n, len(buf)); t.Offset+int64(n) > t.Size {
			err = olorin.Errorf(olorin.CodeTooLarge, "the piece goes beyond the %d bytes that the file was said to have", t.Size)
			break
		}
		if _, werr := f.Write(buf[:n]); werr != nil {
			return t, fmt.Errorf("take a piece of upload %s: %w", id, werr)
		}
		t.Offset += int64(n)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return t, errors.Join(err, f.Sync())
}

// hold opens the bytes of a transfer for one writer or reader at a time.
func (e *Engine) hold(id string) (*os.File, Transfer, error) {
	t, err := e.Transfer(id)
	if err != nil {
		return nil, t, err
	}
	f, err := os.OpenFile(filepath.Join(e.transfers(), id, "bytes"), os.O_RDWR, 0)
	if err != nil {
		return nil, t, olorin.NotFound("upload", id)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, t, errors.Join(olorin.Errorf(olorin.CodeConflict, "another piece of this upload is being taken: ask where it stands, and go on from there"), f.Close())
	}
	return f, t, nil
}

// ImportTransfer imports the file, which must have come whole. The transfer stays, so that it can be asked for once more where the import is
// refused, or where nobody could note what came of it: EndTransfer throws it away.
func (e *Engine) ImportTransfer(ctx context.Context, id string, o ImportOptions) (d olorin.Dataset, err error) {
	f, t, err := e.hold(id)
	if err != nil {
		return d, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if t.Offset != t.Size {
		return d, olorin.Errorf(olorin.CodeConflict, "the server has %d of %d bytes: send the rest first", t.Offset, t.Size)
	}
	o.UserID, o.Name, o.Filename = t.UserID, t.Name, t.Filename
	return e.Import(ctx, f, o)
}

// EndTransfer throws a transfer away.
func (e *Engine) EndTransfer(id string) error {
	if _, err := e.Transfer(id); err != nil {
		return err
	}
	w, err := e.workspace()
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(e.transfers(), id), w.path("ended")); err != nil {
		return errors.Join(fmt.Errorf("end upload %s: %w", id, err), w.remove())
	}
	return errors.Join(syncPath(e.transfers()), w.remove())
}

package data

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/olorin-dev/olorin"
)

// A file in pieces, some of which break off or come twice, is the file; nothing of it is left when it is in.
func TestTransferGoesOnWhereItStopped(t *testing.T) {
	e := openEngine(t)
	now := olorin.At(time.Now())
	whole := importText(t, e, "whole", smallFile)
	begun, err := e.BeginTransfer(Transfer{ID: "t", UserID: "u", Name: "n", Filename: "f.csv", Size: int64(len(smallFile)), CreatedAt: now})
	if err != nil || begun.Offset != 0 {
		t.Fatalf("%+v, %v", begun, err)
	}
	ctx := context.Background()
	broken := io.MultiReader(strings.NewReader(smallFile[:50]), iotest.ErrReader(errors.New("the line broke")))
	if got, err := e.Append(ctx, "t", 0, broken); err == nil || got.Offset != 50 {
		t.Errorf("a piece that breaks off: %+v, %v", got, err)
	}
	if _, err := e.ImportTransfer(ctx, "t", ImportOptions{ID: "early"}); olorin.CodeOf(err) != olorin.CodeConflict {
		t.Errorf("finished too soon: %v", err)
	}
	again, err := Open(e.dir, e.lim) // the server was started anew
	if err != nil {
		t.Fatal(err)
	}
	at, err := again.Transfer("t")
	if err != nil || at.Offset != 50 {
		t.Fatalf("after a restart: %+v, %v", at, err)
	}
	for _, offset := range []int64{0, 49, 51} {
		if _, err := again.Append(ctx, "t", offset, strings.NewReader("x")); olorin.CodeOf(err) != olorin.CodeConflict {
			t.Errorf("a piece at %d: %v", offset, err)
		}
	}
	held, _, err := again.hold("t")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Append(ctx, "t", 50, strings.NewReader("x")); olorin.CodeOf(err) != olorin.CodeConflict {
		t.Errorf("two pieces at once: %v", err)
	}
	if err := held.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := again.Append(ctx, "t", 50, strings.NewReader(smallFile[50:]+"more")); olorin.CodeOf(err) != olorin.CodeTooLarge {
		t.Errorf("more than was said: %v", err)
	}
	if got, err := again.Append(ctx, "t", 50, strings.NewReader(smallFile[50:])); err != nil || got.Offset != got.Size {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := again.ImportTransfer(ctx, "t", ImportOptions{ID: "d", Mapping: map[string]string{"user_id": "nowhere"}}); olorin.CodeOf(err) != olorin.CodeInvalid {
		t.Errorf("a wrong mapping: %v", err)
	}
	d, err := again.ImportTransfer(ctx, "t", ImportOptions{ID: "d"})
	if err != nil || d.SHA256 != whole.SHA256 || d.Rows != whole.Rows || d.Filename != "f.csv" || d.UserID != "u" {
		t.Errorf("%+v, %v", d, err)
	}
	if left, err := again.Transfers("u"); err != nil || len(left) != 1 {
		t.Errorf("it cannot be asked for once more: %v, %v", left, err)
	}
	if err := again.EndTransfer("t"); err != nil {
		t.Error(err)
	}
	if left, err := again.Transfers(""); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestTransfersAreBoundedAndForgotten(t *testing.T) {
	e := openEngine(t)
	e.lim.MaxBytes = 100
	now := olorin.At(time.Now())
	begin := func(id string, size int64, at olorin.Time) error {
		_, err := e.BeginTransfer(Transfer{ID: id, UserID: "u", Size: size, CreatedAt: at})
		return err
	}
	if err := begin("large", 101, now); olorin.CodeOf(err) != olorin.CodeTooLarge {
		t.Errorf("too large: %v", err)
	}
	for _, id := range []string{"", "../x"} {
		if err := begin(id, 0, now); olorin.CodeOf(err) != olorin.CodeInvalid {
			t.Errorf("id %q: %v", id, err)
		}
	}
	if err := os.MkdirAll(filepath.Join(e.transfers(), "unreadable"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		if err := begin(id, 10, now); err != nil {
			t.Fatal(err)
		}
	}
	if err := begin("f", 10, now); olorin.CodeOf(err) != olorin.CodeTooLarge {
		t.Errorf("one too many: %v", err)
	}
	if err := e.EndTransfer("a"); err != nil {
		t.Fatal(err)
	}
	if err := e.EndTransfer("a"); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Errorf("ended twice: %v", err)
	}
	// A day later nobody waits for them any more.
	if err := begin("g", 10, olorin.At(now.Add(25*time.Hour))); err != nil {
		t.Fatal(err)
	}
	if left, err := e.Transfers("u"); err != nil || len(left) != 1 || left[0].ID != "g" {
		t.Errorf("left %+v, %v", left, err)
	}
}

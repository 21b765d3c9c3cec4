package httpd

import (
	"fmt"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

// A file comes in pieces, goes on where it stopped, and is finished in another way where the first was refused.
func TestUploadInPieces(t *testing.T) {
	h := newHouse(t)
	ana, ben := h.ana(), h.as("ben", olorin.RoleAnalyst)
	file := events + "broken\n"
	var at data.Transfer
	ana.do("POST", "/api/v1/uploads", map[string]any{"filename": "shop.csv", "size": len(file)}).want(201).into(&at)
	path := "/api/v1/uploads/" + at.ID
	send := func(c client, offset int, text string) answer {
		return c.do("PATCH", path, text, header{"Upload-Offset", fmt.Sprint(offset)}, header{"Content-Type", "application/offset+octet-stream"})
	}
	send(ana, 0, file[:30]).want(200).into(&at)
	if at.Offset != 30 {
		t.Errorf("after 30 bytes: %+v", at)
	}
	send(ana, 0, file[:30]).refused(olorin.CodeConflict)
	send(ben, 30, file[30:]).refused(olorin.CodeNotFound)
	ana.do("PATCH", path, file[30:]).refused(olorin.CodeInvalid)
	ana.do("POST", path+"/finish", nil).refused(olorin.CodeConflict)
	ana.do("GET", path, nil).want(200).into(&at)
	send(ana, int(at.Offset), file[at.Offset:]).want(200)
	var under transfersAnswer
	ana.do("GET", "/api/v1/uploads", nil).want(200).into(&under)
	if len(under.Items) != 1 || under.Items[0].Offset != int64(len(file)) {
		t.Errorf("under way %+v", under)
	}
	ana.do("POST", path+"/finish", nil).refused(olorin.CodeDatasetInvalid)
	var d olorin.Dataset
	ana.do("POST", path+"/finish", map[string]any{"skip_malformed": true}).want(201).into(&d)
	if d.Rows != 3 || d.RejectedRows != 1 || d.Name != "shop.csv" || d.UserID != "ana" {
		t.Errorf("%+v", d)
	}
	var aside rejectedAnswer
	ana.do("GET", "/api/v1/datasets/"+d.ID+"/rejected", nil).want(200).into(&aside)
	if aside.Total != 1 || len(aside.Items) != 1 || aside.Items[0].Text != "broken" || aside.Items[0].Line != 5 {
		t.Errorf("set aside %+v", aside)
	}
	ben.do("GET", "/api/v1/datasets/"+d.ID+"/rejected", nil).refused(olorin.CodeNotFound)
	ana.do("GET", path, nil).refused(olorin.CodeNotFound)
	ana.do("POST", "/api/v1/uploads", map[string]any{"filename": "x", "size": 10}).want(201).into(&at)
	ana.do("DELETE", "/api/v1/uploads/"+at.ID, nil).want(204)
}

// What a client says of a file may be a path of its own machine; what is kept is the name.
func TestAnUploadIsCalledByTheLastPartOfAPath(t *testing.T) {
	ana := newHouse(t).ana()
	for said, want := range map[string]string{"../../x.csv": "x.csv", `C:\files\y.csv`: "y.csv", "..": "events", "/": "events", "": "events", "z.csv": "z.csv", "4111111111111111.csv": "411111******1111.csv"} {
		var at data.Transfer
		ana.do("POST", "/api/v1/uploads", map[string]any{"filename": said, "size": 10}).want(201).into(&at)
		if at.Filename != want {
			t.Errorf("%q is kept as %q; want %q", said, at.Filename, want)
		}
		ana.do("DELETE", "/api/v1/uploads/"+at.ID, nil).want(204)
	}
}

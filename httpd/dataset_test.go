package httpd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
)

const events = "timestamp,customer,ip,amt,is_fraud\n2026-01-01T10:00:00Z,u1,192.0.2.1,10.50,0\n2026-01-01T10:05:00Z,u2,192.0.2.2,99.00,1\n2026-01-01T10:06:00Z,u1,192.0.2.1,11.00,0\n"

// part is one part of a form; one without a name is the file.
type part struct{ name, text string }

func (c client) upload(parts []part, headers ...header) answer {
	c.t.Helper()
	return c.bring("/api/v1/datasets", parts, headers...)
}

// bring sends a form with a file in it.
func (c client) bring(path string, parts []part, headers ...header) answer {
	c.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for _, p := range parts {
		create := form.CreateFormField
		if p.name == "file" {
			create = func(name string) (io.Writer, error) { return form.CreateFormFile(name, "shop.csv") }
		}
		w, err := create(p.name)
		if err != nil {
			c.t.Fatal(err)
		}
		fmt.Fprint(w, p.text)
	}
	if err := form.Close(); err != nil {
		c.t.Fatal(err)
	}
	return c.do("POST", path, &b, append(headers, header{"Content-Type", form.FormDataContentType()})...)
}

func TestUploadMapInvestigateDelete(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	a := ana.upload([]part{{"name", "Shop"}, {"file", events}}).want(201)
	var d olorin.Dataset
	a.into(&d)
	if d.Name != "Shop" || d.Filename != "shop.csv" || d.Rows != 3 || d.UserID != "ana" || !d.Has("event_time") || !d.Has("amount") || len(d.SHA256) != 64 {
		t.Fatalf("%+v", d)
	}
	path := "/api/v1/datasets/" + d.ID
	if a.header.Get("Location") != path {
		t.Errorf("Location %q", a.header.Get("Location"))
	}
	ana.do("GET", path, nil).want(200)
	var list datasetsAnswer
	ana.do("GET", "/api/v1/datasets", nil).want(200).into(&list)
	if len(list.Items) != 1 {
		t.Errorf("%+v", list)
	}
	h.as("ben", olorin.RoleAnalyst).do("GET", "/api/v1/datasets", nil).want(200).into(&list)
	if len(list.Items) != 0 {
		t.Errorf("ben sees %+v", list)
	}
	var columns columnsAnswer
	ana.do("GET", path+"/columns", nil).want(200).into(&columns)
	if len(columns.Preview) != 3 || len(columns.Canonical) < 30 || *columns.Preview[1].Values["customer"] != "u2" || columns.Preview[1].Row != 2 {
		t.Errorf("%+v", columns)
	}
	ana.do("PUT", path+"/columns", map[string]any{"mapping": map[string]string{"event_time": "timestamp", "account_id": "customer"}}).want(200).into(&d)
	if !d.Has("account_id") || d.Has("ip_address") {
		t.Errorf("mapped: %+v", d.Columns)
	}
	ana.do("PUT", path+"/columns", map[string]any{"mapping": map[string]string{"event_time": "no such column"}}).refused(olorin.CodeInvalid)
	ana.do("PUT", path+"/columns", map[string]any{"mapping": map[string]string{}, "words": olorin.Words{"amount": {"1": "approved"}, "status": {"Q7": "maybe"}}}).refused(olorin.CodeInvalid)
	ana.do("PUT", path+"/columns", map[string]any{}).refused(olorin.CodeInvalid)

	var ranked rankingAnswer
	ana.do("GET", path+"/ranking?by=account_id&limit=1", nil).want(200).into(&ranked)
	if ranked.By != "account_id" || len(ranked.Items) != 1 || ranked.Total < 2 || len(ranked.NotAssessed) == 0 {
		t.Errorf("ranking %+v", ranked)
	}
	ana.do("GET", path+"/ranking?by=colour", nil).refused(olorin.CodeInvalid)
	h.as("ben", olorin.RoleAnalyst).do("GET", path+"/ranking", nil).refused(olorin.CodeNotFound)

	var agents agentsAnswer
	ana.do("GET", "/api/v1/agents?dataset="+d.ID, nil).want(200).into(&agents)
	assessable, lacking := 0, 0
	for _, agent := range agents.Agents {
		for _, tool := range agent.Tools {
			if tool.Assessable {
				assessable++
			} else if tool.Reason == "" {
				t.Errorf("%s is not assessable and does not say why", tool.Tool)
			} else {
				lacking++
			}
		}
	}
	if assessable == 0 || lacking == 0 {
		t.Errorf("%d tools can and %d cannot assess", assessable, lacking)
	}
	ana.do("GET", "/api/v1/agents", nil).want(200)
	ana.do("GET", "/api/v1/agents?dataset=none", nil).refused(olorin.CodeNotFound)

	id := ana.draft("Case")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": d.ID, "entities": []any{map[string]any{"type": "account_id", "value": "u1"}}}}).want(200)
	ana.do("POST", "/api/v1/wizard/"+id+"/start", nil).want(200)
	ana.do("DELETE", path, nil).refused(olorin.CodeDatasetInUse)
	ana.do("PUT", path+"/columns", map[string]any{"mapping": map[string]string{}}).refused(olorin.CodeDatasetInUse)

	var other olorin.Dataset
	ana.upload([]part{{"file", events}}).want(201).into(&other)
	if other.Name != "shop.csv" {
		t.Errorf("name %q", other.Name)
	}
	ana.do("DELETE", "/api/v1/datasets/"+other.ID, nil).want(204)
	ana.do("GET", "/api/v1/datasets/"+other.ID, nil).refused(olorin.CodeNotFound)
	ana.do("DELETE", "/api/v1/datasets/"+other.ID, nil).refused(olorin.CodeNotFound)
}

type datasets = olorin.Datasets

// refusing is a store that writes no data set while it is told to.
type refusing struct {
	datasets
	on bool
}

func (d *refusing) PutDataset(ctx context.Context, set olorin.Dataset, entry olorin.AuditEntry) error {
	if d.on {
		return olorin.Errorf(olorin.CodeUnavailable, "the database is away")
	}
	return d.datasets.PutDataset(ctx, set, entry)
}

// Where the store refuses, a mapping stays what it was, an upload can be finished later, and no file is left that nobody knows of.
func TestFilesFollowTheStore(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var d olorin.Dataset
	ana.upload([]part{{"file", events}}).want(201).into(&d)
	path := "/api/v1/datasets/" + d.ID
	store := &refusing{datasets: h.door.Datasets, on: true}
	h.door.Datasets = store
	remap := func() answer {
		return ana.do("PUT", path+"/columns", map[string]any{"mapping": map[string]string{"event_time": "timestamp", "account_id": "customer"}})
	}
	remap().refused(olorin.CodeUnavailable)
	ana.do("GET", path+"/ranking?by=user_id", nil).want(200)
	ana.upload([]part{{"file", events}}).refused(olorin.CodeUnavailable)
	var at data.Transfer
	ana.do("POST", "/api/v1/uploads", map[string]any{"filename": "shop.csv", "size": len(events)}).want(201).into(&at)
	piece := "/api/v1/uploads/" + at.ID
	ana.do("PATCH", piece, events, header{"Upload-Offset", "0"}, header{"Content-Type", "application/offset+octet-stream"}).want(200)
	ana.do("POST", piece+"/finish", nil).refused(olorin.CodeUnavailable)
	directories := func() []data.Directory {
		list, err := h.door.Engine.Directories()
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	if left := directories(); len(left) != 1 || left[0].ID != d.ID {
		t.Errorf("files of %v", left)
	}
	store.on = false
	remap().want(200).into(&d)
	ana.do("GET", path+"/ranking?by=account_id", nil).want(200)
	ana.do("POST", piece+"/finish", nil).want(201)
	ana.do("GET", piece, nil).refused(olorin.CodeNotFound)
	if generations, err := os.ReadDir(directories()[slices.IndexFunc(directories(), func(at data.Directory) bool { return at.ID == d.ID })].Path); err != nil || len(generations) != 1 || generations[0].Name() != d.Generation {
		t.Errorf("generations %v, %v", generations, err)
	}
}

// A correction by hand holds for the next file with this header, until it is forgotten, and for nobody else.
func TestACorrectionIsRemembered(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var d olorin.Dataset
	ana.upload([]part{{"name", "January"}, {"file", events}}).want(201).into(&d)
	ana.do("PUT", "/api/v1/datasets/"+d.ID+"/columns", map[string]any{"mapping": map[string]string{"event_time": "timestamp", "account_id": "customer", "amount": "amt", "ip_address": "ip"}}).want(200)
	next := func(c client) (d olorin.Dataset) {
		c.upload([]part{{"file", events}}).want(201).into(&d)
		return d
	}
	if d := next(ana); !d.Has("account_id") || d.Has("user_id") || d.Remembered == nil || d.Remembered.Filename != "shop.csv" {
		t.Errorf("the next file: %+v", d)
	}
	if d := next(h.as("ben", olorin.RoleAnalyst)); d.Has("account_id") || d.Remembered != nil {
		t.Errorf("somebody else's: %+v", d)
	}
	var said mappingsAnswer
	ana.do("GET", "/api/v1/mappings", nil).want(200).into(&said)
	if len(said.Items) != 1 || fmt.Sprint(said.Items[0].Columns) != "map[account_id:customer user_id:]" {
		t.Fatalf("remembered %+v", said)
	}
	ana.do("DELETE", "/api/v1/mappings/"+said.Items[0].Shape, nil).want(204)
	ana.do("DELETE", "/api/v1/mappings/"+said.Items[0].Shape, nil).refused(olorin.CodeNotFound)
	if d := next(ana); !d.Has("user_id") || d.Remembered != nil {
		t.Errorf("forgotten: %+v", d)
	}
}

// Over HTTP, too, what does not meet is told before a join, and nobody joins what is not theirs to see.
func TestFilesAreJoined(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	var d, people, joined olorin.Dataset
	ana.upload([]part{{"name", "Shop"}, {"file", events}}).want(201).into(&d)
	ana.upload([]part{{"name", "People"}, {"file", "customer,email\nu1,u1@example.org\nu3,u3@example.org\n"}}).want(201).into(&people)
	path := "/api/v1/datasets/" + d.ID
	var m data.Match
	ana.do("GET", path+"/match?other="+people.ID+"&on=customer&with=customer", nil).want(200).into(&m)
	if m.Rows != 3 || m.Matched != 2 || m.Unmatched != 1 || m.Unused != 1 || fmt.Sprint(m.UnmatchedKeys, m.UnusedKeys) != "[u2] [u3]" {
		t.Errorf("%+v", m)
	}
	ana.do("GET", path+"/match?other="+people.ID+"&on=customer&with=nothing", nil).refused(olorin.CodeInvalid)
	body := map[string]any{"other": people.ID, "on": "customer", "with": "customer"}
	h.as("ben", olorin.RoleAnalyst).do("POST", path+"/join", body).refused(olorin.CodeNotFound)
	ana.do("POST", path+"/join", body).want(201).into(&joined)
	if joined.Name != "Shop with People" || joined.Rows != 3 || !joined.Has("email") || len(joined.Parts) != 2 || joined.Parts[1].SHA256 != people.SHA256 {
		t.Errorf("%+v", joined)
	}
	ana.do("GET", "/api/v1/datasets/"+joined.ID, nil).want(200)
}

func TestPartsOfAnUploadAreReadStrictly(t *testing.T) {
	ana := newHouse(t).ana()
	var d olorin.Dataset
	ana.upload([]part{{"mapping", `{"account_id":"customer"}`}, {"file", events}, {"name", "named after"}}).want(201).into(&d)
	if d.Name != "named after" || !d.Has("account_id") {
		t.Errorf("%+v", d)
	}
	for name, tt := range map[string]struct {
		parts []part
		code  olorin.Code
		at    string
	}{
		"no file":           {[]part{{"name", "x"}}, olorin.CodeInvalid, "/file"},
		"unknown part":      {[]part{{"colour", "red"}, {"file", events}}, olorin.CodeInvalid, "/colour"},
		"bad mapping":       {[]part{{"mapping", `["a"]`}, {"file", events}}, olorin.CodeInvalid, "/mapping"},
		"mapping, no JSON":  {[]part{{"mapping", `{`}, {"file", events}}, olorin.CodeInvalid, "/mapping"},
		"mapping twice":     {[]part{{"mapping", `{"a":"b","a":"c"}`}, {"file", events}}, olorin.CodeInvalid, "/mapping/a"},
		"mapping too late":  {[]part{{"file", events}, {"mapping", `{}`}}, olorin.CodeInvalid, "/mapping"},
		"no truth":          {[]part{{"skip_malformed", "perhaps"}, {"file", events}}, olorin.CodeInvalid, "/skip_malformed"},
		"file twice":        {[]part{{"file", events}, {"file", events}}, olorin.CodeInvalid, "/file"},
		"binary":            {[]part{{"file", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"}}, olorin.CodeDatasetInvalid, ""},
		"empty":             {[]part{{"file", ""}}, olorin.CodeDatasetInvalid, ""},
		"over every limit":  {[]part{{"file", "timestamp,customer\n" + strings.Repeat("2026-01-01T10:00:00Z,u1\n", 250_000)}}, olorin.CodeTooLarge, ""},
		"a name of 3000 ns": {[]part{{"name", strings.Repeat("n", 3000)}, {"file", events}}, olorin.CodeInvalid, "/name"},
	} {
		p := ana.upload(tt.parts).refused(tt.code)
		if tt.at != "" && p.pointers()[tt.at] == "" {
			t.Errorf("%s: nothing is told at %s: %v", name, tt.at, p.Errors)
		}
	}
	ana.do("POST", "/api/v1/datasets", events, header{"Content-Type", "text/csv"}).refused(codeMediaType)
	ana.do("POST", "/api/v1/datasets", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\ntimestamp,cust", header{"Content-Type", "multipart/form-data; boundary=x"}).refused(codeMalformed)
	var list datasetsAnswer
	ana.do("GET", "/api/v1/datasets", nil).want(200).into(&list)
	if len(list.Items) != 1 {
		t.Errorf("what was refused left %d data sets", len(list.Items)-1)
	}
}

func TestAKeyedUploadHappensOnce(t *testing.T) {
	ana := newHouse(t).ana()
	key := header{"Idempotency-Key", "upload"}
	first := ana.upload([]part{{"name", "Shop"}, {"file", events}}, key).want(201)
	again := ana.upload([]part{{"name", "Shop"}, {"file", events}}, key).want(201) // with another boundary
	if string(first.body) != string(again.body) || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("%s\n%s", first.body, again.body)
	}
	ana.upload([]part{{"name", "Shop"}, {"file", events + "2026-01-02T10:00:00Z,u9,192.0.2.9,1,0\n"}}, key).refused(olorin.CodeIdempotency)
	var list datasetsAnswer
	ana.do("GET", "/api/v1/datasets", nil).want(200).into(&list)
	if len(list.Items) != 1 {
		t.Errorf("%d data sets", len(list.Items))
	}
}

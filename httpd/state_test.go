package httpd

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

func TestCreateReadSave(t *testing.T) {
	ana := newHouse(t).ana()
	a := ana.do("POST", "/api/v1/investigations", map[string]any{
		"name": "Case 1", "settings": map[string]any{"entities": []any{map[string]any{"type": "user_id", "value": "u1"}}},
	}).want(201)
	s := a.state()
	if got, want := a.header.Get("Location"), state(s.ID); got != want {
		t.Errorf("Location %q, want %q", got, want)
	}
	if a.header.Get("ETag") != `"1"` || s.Version != 1 || s.Durability != "durable" || s.Status != olorin.Draft {
		t.Errorf("ETag %s, state %+v", a.header.Get("ETag"), s)
	}
	if s.Settings.RiskThreshold != 60 || s.Settings.CorrelationMode != "OR" || s.Settings.TimeRange.Preset != "all" {
		t.Errorf("absent settings did not take their defaults: %+v", s.Settings)
	}
	read := ana.do("GET", state(s.ID), nil).want(200)
	if read.header.Get("ETag") != `"1"` {
		t.Errorf("ETag %s", read.header.Get("ETag"))
	}
	ana.do("GET", state(s.ID), nil, header{"If-None-Match", `"1"`}).want(304)
	ana.do("GET", state(s.ID), nil, header{"If-None-Match", `W/"1", "7"`}).want(304)
	ana.do("GET", state(s.ID), nil, header{"If-None-Match", `"2"`}).want(200)

	saved := ana.do("PUT", state(s.ID), map[string]any{"name": "Case one", "wizard_step": "progress"}).want(200).state()
	if saved.Name != "Case one" || saved.Step != olorin.StepProgress || saved.Version != 3 {
		t.Errorf("saved %+v", saved)
	}
	same := ana.do("PUT", state(s.ID), map[string]any{"name": "Case one"}).want(200).state()
	if same.Version != 3 {
		t.Errorf("a save of what is there wrote version %d", same.Version)
	}
	replaced := ana.do("PUT", state(s.ID), map[string]any{"settings": map[string]any{"time_range": map[string]any{"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}}}).want(200).state()
	if len(replaced.Settings.Entities) != 0 || replaced.Settings.TimeRange.Preset != "" {
		t.Errorf("PUT settings is a whole replacement: %+v", replaced.Settings)
	}
}

// A form of score is a setting like the others: kept, compared, refused with all its faults; what says no more than its absence is absent.
func TestAFormOfScoreIsChosen(t *testing.T) {
	ana := newHouse(t).ana()
	s := ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Case"}).want(201).state()
	put := func(scoring any) answer {
		return ana.do("PUT", state(s.ID), map[string]any{"settings": map[string]any{"scoring": scoring}})
	}
	kept := put(map[string]any{"form": "weighted_sum", "agent_weights": map[string]any{"network": 0.5, "device": 1}}).want(200).state()
	if kept.Version != 2 || kept.Settings.Scoring.Form != olorin.WeightedSum || !maps.Equal(kept.Settings.Scoring.AgentWeights, map[string]float64{"network": 0.5}) {
		t.Errorf("%d %+v", kept.Version, kept.Settings.Scoring)
	}
	usual := put(map[string]any{"form": "noisy_or", "agent_weights": map[string]any{}}).want(200)
	if usual.state().Version != 3 || strings.Contains(string(usual.body), `"scoring":`) {
		t.Errorf("%s", usual.body)
	}
	if same := put(map[string]any{}).want(200).state(); same.Version != 3 {
		t.Errorf("what is usual is told in two ways: version %d", same.Version)
	}
	p := put(map[string]any{"form": "mean", "agent_weights": map[string]any{"network": 1.5, "device": -1}}).refused(olorin.CodeInvalid)
	var pointers []string
	for _, f := range p.Errors {
		pointers = append(pointers, f.Pointer)
	}
	slices.Sort(pointers)
	if want := []string{"/settings/scoring/agent_weights/device", "/settings/scoring/agent_weights/network", "/settings/scoring/form"}; !slices.Equal(pointers, want) {
		t.Errorf("%v; want %v", pointers, want)
	}
}

func TestPutCreatesUnderAClientsID(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	a := ana.do("PUT", state("my-case_1"), map[string]any{"name": "Mine", "status": "draft", "user_id": "ana", "investigation_id": "my-case_1", "version": 0}).want(201)
	if a.header.Get("Location") != state("my-case_1") || a.state().UserID != "ana" {
		t.Errorf("%v %s", a.header, a.body)
	}
	ana.do("PUT", state("history"), map[string]any{"name": "x"}).refused(olorin.CodeInvalid)
	ana.do("PUT", state("a.b"), map[string]any{"name": "x"}).refused(olorin.CodeInvalid)
	for _, c := range []struct{ id, header, tag, says string }{
		{"my-case_1", "If-None-Match", "*", "exists already, at version 1"},
		{"my-case_1", "If-Match", `W/"1"`, "a weak tag never does"},
		{"my-case_1", "If-Match", `"of-another"`, "no version of it"},
		{"my-case_1", "If-Match", `"7"`, "at version 1, not at 7"},
		{"other", "If-Match", "*", "there is no such investigation yet"},
		{"other", "If-Match", `"3"`, "there is no such investigation yet"},
	} {
		if p := ana.do("PUT", state(c.id), map[string]any{"name": "x"}, header{c.header, c.tag}).refused(olorin.CodeStale); !strings.Contains(p.Detail, c.says) || !strings.Contains(p.Detail, "nothing was written") {
			t.Errorf("%s: %s is answered %q", c.header, c.tag, p.Detail)
		}
	}
	ana.do("PUT", state("other"), map[string]any{"name": "x", "status": "running"}).refused(olorin.CodeServerOwned)
	h.as("ben", olorin.RoleAnalyst).do("PUT", state("my-case_1"), map[string]any{"name": "taken"}).refused(olorin.CodeNotFound)
}

func TestAChangeMeantForAnotherVersionIsRefused(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	ana.do("PUT", state(id), map[string]any{"name": "B"}, header{"If-Match", `"1"`}).want(200)
	p := ana.do("PUT", state(id), map[string]any{"name": "C"}, header{"If-Match", `"1"`}).refused(olorin.CodeStale)
	if p.Current == nil || p.Current.Name != "B" || p.Current.Version != 2 {
		t.Errorf("current: %+v", p.Current)
	}
	if got := ana.do("GET", state(id), nil).state(); got.Name != "B" || got.Version != 2 {
		t.Errorf("a refused save wrote: %+v", got)
	}
	ana.do("PUT", state(id), map[string]any{"name": "D"}, header{"If-Match", `W/"2"`}).refused(olorin.CodeStale)
	ana.do("PUT", state(id), map[string]any{"name": "E"}, header{"If-Match", `"1", "2"`}).want(200)
	p = ana.do("PUT", state(id), map[string]any{"name": ""}, header{"If-Match", `17`}).refused(olorin.CodeInvalid)
	if p.pointers()["/header/If-Match"] == "" || p.pointers()["/name"] == "" {
		t.Errorf("not all at once: %v", p.Errors)
	}
	ana.do("POST", "/api/v1/wizard/"+id+"/cancel", nil, header{"If-Match", `"1"`}).refused(olorin.CodeStale)
	for _, act := range []string{"archive", "unarchive"} {
		ana.do("POST", "/api/v1/wizard/history/"+id+"/"+act, nil, header{"If-Match", `"1"`}).refused(olorin.CodeStale)
	}
	version := ana.do("GET", state(id), nil).state().Version
	ana.do("POST", "/api/v1/wizard/history/"+id+"/archive", nil, header{"If-Match", fmt.Sprintf(`"%d"`, version)}).want(200)
}

func TestLastWriteWinsAndTellsOfIt(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	ana.do("PUT", state(id), map[string]any{"name": "First", "base_version": 1}).want(200)
	s := ana.do("PUT", state(id), map[string]any{"name": "Second", "base_version": 1}).want(200).state()
	if s.Name != "Second" || s.Conflict == nil || s.Conflict.OverwroteVersion != 2 || s.Conflict.By != "ana" || !slices.Equal(s.Conflict.Fields, []string{"name"}) {
		t.Fatalf("conflict: %+v", s.Conflict)
	}
	if c := ana.do("PUT", state(id), map[string]any{"wizard_step": "results", "base_version": 1}).want(200).state().Conflict; c != nil {
		t.Errorf("fields that nobody else touched conflict: %+v", c)
	}
	var d olorin.Delta
	var raw struct {
		Events []struct{ Type string } `json:"events"`
	}
	a := ana.do("GET", poll(id, "?cursor=2"), nil).want(200)
	a.into(&raw)
	_ = d
	found := false
	for _, e := range raw.Events {
		found = found || e.Type == "conflict.detected"
	}
	if !found {
		t.Errorf("no conflict.detected among %s", a.body)
	}
}

func TestWhatWasReadMayBeSentBack(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	read := ana.do("GET", state(id), nil).want(200)
	a := ana.do("PUT", state(id), string(read.body)).want(200)
	if a.state().Version != 1 {
		t.Errorf("sending back what was read wrote version %d", a.state().Version)
	}
	ana.do("PUT", state(id), string(a.body)).want(200) // the answer to a save, too

	var tree map[string]any
	read.into(&tree)
	tree["name"] = "Edited"
	ana.do("PUT", state(id), map[string]any{"wizard_step": "results"}).want(200)
	// The carried parts are those of version 1, which is no longer the newest; they are still what the server said then.
	s := ana.do("PUT", state(id), tree).want(200).state()
	if s.Name != "Edited" || s.Step != olorin.StepSettings {
		t.Errorf("%+v", s)
	}

	for name, change := range map[string]func(map[string]any){
		"/status":           func(m map[string]any) { m["status"] = "completed" },
		"/progress/percent": func(m map[string]any) { m["progress"].(map[string]any)["percent"] = 50 },
		"/progress/phases/0/status": func(m map[string]any) {
			m["progress"].(map[string]any)["phases"].([]any)[0].(map[string]any)["status"] = "completed"
		},
		"/results":          func(m map[string]any) { m["results"] = map[string]any{"risk_score": 1} },
		"/created_at":       func(m map[string]any) { m["created_at"] = "2020-01-01T00:00:00Z" },
		"/user_id":          func(m map[string]any) { m["user_id"] = "ben" },
		"/investigation_id": func(m map[string]any) { m["investigation_id"] = "other" },
		"/step_history":     func(m map[string]any) { m["step_history"] = []any{} },
		"/version":          func(m map[string]any) { m["version"] = 99 },
		"/lineage/rerun_of": func(m map[string]any) { m["lineage"] = map[string]any{"rerun_of": "x"} },
	} {
		var tree map[string]any
		if err := json.Unmarshal(ana.do("GET", state(id), nil).body, &tree); err != nil {
			t.Fatal(err)
		}
		change(tree)
		tree["name"] = "not written"
		p := ana.do("PUT", state(id), tree).refused(olorin.CodeServerOwned)
		if got := slices.Collect(maps.Keys(p.pointers())); !slices.Equal(got, []string{name}) {
			t.Errorf("changing %s is told at %v", name, got)
		}
	}
	if got := ana.do("GET", state(id), nil).state().Name; got != "Edited" {
		t.Errorf("a refused save wrote %q", got)
	}
}

// Any valid settings come back as they were saved, and saved again they are no change.
func TestRandomSettingsComeBackAsTheyWereSaved(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	random := rand.New(rand.NewPCG(20261126, 6))
	pick := func(of ...string) string { return of[random.IntN(len(of))] }
	values := map[string]string{
		"user_id": "u_17 é\"\\", "email": "ana@example.com", "ip_address": "2001:db8::7", "device_id": "dev-42", "phone_number": "+49 30 123456", "card_number": "434505******9116",
		"account_id": "DE89370400440532013000", "merchant_id": "m_3", "transaction_id": "tx_99",
	}
	for range 300 {
		entities, matrix, weights := []any{}, []any{}, map[string]any{}
		for _, kind := range slices.Sorted(maps.Keys(values)) {
			e := map[string]any{"type": kind, "value": values[kind], "weight": 1 + random.IntN(10)}
			if random.IntN(2) == 0 {
				e["label"] = fmt.Sprint("label ", random.IntN(1000), " ü\n")
			}
			if random.IntN(3) > 0 {
				entities = append(entities, e)
			}
		}
		if len(entities) > 0 {
			entities[random.IntN(len(entities))].(map[string]any)["primary"] = true
		}
		for i := range random.IntN(40) {
			c := map[string]any{"agent": pick("device", "payment", "not-connected"), "tool": fmt.Sprint("tool-", i), "enabled": random.IntN(2) == 0}
			if random.IntN(3) == 0 {
				c["params"] = map[string]any{"limit": math.Trunc(random.Float64()*1e6) / 1e3}
			}
			matrix = append(matrix, c)
		}
		for range random.IntN(3) {
			weights[pick("device", "payment", "network")] = float64(random.IntN(100)) / 100
		}
		within := map[string]any{"preset": pick("last_7d", "last_30d", "last_90d", "last_365d", "all")}
		if random.IntN(3) == 0 {
			start := time.UnixMilli(random.Int64N(2e12)).UTC()
			within = map[string]any{"start": olorin.At(start), "end": olorin.At(start.Add(time.Duration(1+random.Int64N(1e12)) * time.Millisecond))}
		}
		settings := map[string]any{
			"entities": entities, "time_range": within, "tool_matrix": matrix, "correlation_mode": pick("OR", "AND"), "execution_mode": pick("parallel", "sequential"),
			"risk_threshold": float64(random.IntN(1001)) / 10,
		}
		scoring := map[string]any{} // what is usual goes without saying
		if form := pick("noisy_or", "weighted_sum", "any_critical"); form != "noisy_or" {
			scoring["form"] = form
		}
		if len(weights) > 0 {
			scoring["agent_weights"] = weights
		}
		if len(scoring) > 0 {
			settings["scoring"] = scoring
		}
		saved := ana.do("PUT", state(id), map[string]any{"settings": settings}).want(200).state()
		var read struct {
			Version  int64           `json:"version"`
			Settings json.RawMessage `json:"settings"`
		}
		ana.do("GET", state(id), nil).want(200).into(&read)
		want, err := json.Marshal(settings)
		if err != nil {
			t.Fatal(err)
		}
		var sent, held any
		if json.Unmarshal(want, &sent) != nil || json.Unmarshal(read.Settings, &held) != nil || read.Version != saved.Version || !reflect.DeepEqual(sent, held) {
			t.Fatalf("saved at version %d\n%s\nread at %d\n%s", saved.Version, want, read.Version, read.Settings)
		}
		if again := ana.do("PUT", state(id), map[string]any{"settings": read.Settings}).want(200).state(); again.Version != saved.Version {
			t.Fatalf("saving %s again wrote version %d", read.Settings, again.Version)
		}
	}
}

func TestOneRequestTellsEveryFault(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	p := ana.do("PUT", state(id), `{"name":"", "colour":"red", "name ":1, "wizard_step":"end", "status":"running", "base_version":-1,
		"settings":{"entities":[{"type":"planet","value":"x"},{"type":"email","value":7},{"value":"v"}],"risk_threshold":101,"correlation_mode":"or","time_range":{"start":"yesterday"},
		"tool_matrix":[{"agent":"a","tool":"t","enabled":"yes","params":{"p":"q"}}],"extra":null}}`).refused(olorin.CodeInvalid)
	want := map[string]string{
		"/name": "required", "/colour": "unknown_field", "/name ": "unknown_field", "/wizard_step": "unknown", "/status": "server_owned", "/base_version": "out_of_bounds",
		"/settings/entities/0/type": "unknown", "/settings/entities/1/value": "wrong_type", "/settings/entities/2/type": "required", "/settings/risk_threshold": "out_of_bounds",
		"/settings/correlation_mode": "unknown", "/settings/time_range/start": "invalid", "/settings/tool_matrix/0/enabled": "wrong_type",
		"/settings/tool_matrix/0/params/p": "wrong_type", "/settings/extra": "unknown_field",
	}
	if got := p.pointers(); !maps.Equal(got, want) {
		for k := range want {
			if got[k] != want[k] {
				t.Errorf("%s: %q, want %q", k, got[k], want[k])
			}
		}
		for k := range got {
			if want[k] == "" {
				t.Errorf("%s: %q is told and should not be", k, got[k])
			}
		}
	}
}

func TestBodiesAreReadStrictly(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	deep := strings.Repeat(`{"settings":`, 80) + "1" + strings.Repeat("}", 80)
	for name, tt := range map[string]struct {
		body, kind string
		code       olorin.Code
		fault      string // pointer and code of one fault
	}{
		"not JSON":            {`{"name":`, "", codeMalformed, " malformed"},
		"no quotes":           {`{name:"x"}`, "", codeMalformed, " malformed"},
		"not UTF-8":           {"{\"name\":\"\xff\"}", "", codeMalformed, " malformed"},
		"half a character":    {`{"name":"\ud83d"}`, "", codeMalformed, " malformed"},
		"its other half":      {`{"name":"x\\\ude00"}`, "", codeMalformed, " malformed"},
		"too deep":            {deep, "", codeMalformed, " malformed"},
		"trailing bytes":      {`{"name":"x"} {"name":"y"}`, "", olorin.CodeInvalid, " trailing_bytes"},
		"duplicate key":       {`{"name":"x","name":"y"}`, "", olorin.CodeInvalid, "/name duplicate_key"},
		"nested duplicate":    {`{"settings":{"risk_threshold":1,"risk_threshold":2}}`, "", olorin.CodeInvalid, "/settings/risk_threshold duplicate_key"},
		"escaped duplicate":   {`{"name":"x","n\u0061me":"y"}`, "", olorin.CodeInvalid, "/name duplicate_key"},
		"unknown field":       {`{"nmae":"x"}`, "", olorin.CodeInvalid, "/nmae unknown_field"},
		"other case":          {`{"Name":"x"}`, "", olorin.CodeInvalid, "/Name unknown_field"},
		"wrong type":          {`{"name":7}`, "", olorin.CodeInvalid, "/name wrong_type"},
		"null":                {`{"name":null}`, "", olorin.CodeInvalid, "/name wrong_type"},
		"array":               {`[]`, "", olorin.CodeInvalid, " wrong_type"},
		"NUL":                 {`{"name":"a\u0000b"}`, "", olorin.CodeInvalid, "/name invalid"},
		"blank name":          {`{"name":"   "}`, "", olorin.CodeInvalid, "/name required"},
		"long name":           {`{"name":"` + strings.Repeat("ä", 201) + `"}`, "", olorin.CodeInvalid, "/name too_long"},
		"fraction":            {`{"base_version":1.5}`, "", olorin.CodeInvalid, "/base_version wrong_type"},
		"huge number":         {`{"settings":{"risk_threshold":1e999}}`, "", olorin.CodeInvalid, "/settings/risk_threshold out_of_bounds"},
		"eleven entities":     {`{"settings":{"entities":[` + strings.Repeat(`{"type":"email","value":"a"},`, 10) + `{"type":"email","value":"a"}]}}`, "", olorin.CodeInvalid, "/settings/entities too_many"},
		"form":                {`name=x`, "application/x-www-form-urlencoded", codeMediaType, ""},
		"Latin 1":             {`{"name":"x"}`, "application/json; charset=iso-8859-1", codeMediaType, ""},
		"name over the limit": {`{"name":"` + strings.Repeat("x", 600<<10) + `"}`, "", olorin.CodeTooLarge, ""},
		"over every limit":    {`{"name":"` + strings.Repeat("x", 10<<20) + `"}`, "", olorin.CodeTooLarge, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ana := client{ana.house, ana.token, ana.http}
			ana.house = &house{t: t, url: ana.url, door: ana.door}
			kind := tt.kind
			if kind == "" {
				kind = "application/json"
			}
			p := ana.do("PUT", state(id), tt.body, header{"Content-Type", kind}).refused(tt.code)
			if tt.fault != "" && !slices.ContainsFunc(p.Errors, func(f olorin.Fault) bool { return f.Pointer+" "+f.Code == tt.fault }) {
				t.Errorf("faults %v, want %q", p.Errors, tt.fault)
			}
			if b, _ := json.Marshal(p); len(b) > 4000 {
				t.Errorf("the problem has %d bytes: it echoes what was sent", len(b))
			}
		})
	}
	if v := ana.do("GET", state(id), nil).state().Version; v != 1 {
		t.Errorf("refused bodies wrote version %d", v)
	}
}

// A body of nothing but faults costs little more than one without: it is refused, and not all of it is told.
func TestManyFaultsAreNotAllTold(t *testing.T) {
	ana := newHouse(t).ana()
	id := ana.draft("Case")
	var b strings.Builder
	b.WriteString(`{"name":""`)
	for i := range 50_000 {
		fmt.Fprintf(&b, `,"settinqs%d":1`, i)
	}
	b.WriteString(`,"settings":{"entities":[`)
	b.WriteString(strings.Repeat(`{"type":"x"},`, 9) + `{}]}}`)
	a := ana.do("PUT", state(id), b.String())
	if p := a.refused(olorin.CodeInvalid); len(p.Errors) < 100 || len(a.body) > 100<<10 {
		t.Errorf("%d faults in %d bytes", len(p.Errors), len(a.body))
	}
}

func TestActsFollowTheStateMachine(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	act := func(name string) answer { return ana.do("POST", "/api/v1/wizard/"+id+"/"+name, map[string]any{}) }
	p := act("start").refused(olorin.CodeInvalid)
	if p.pointers()["/settings/dataset"] != "required" || p.pointers()["/settings/entities"] != "required" {
		t.Errorf("faults of an unfinished draft: %v", p.Errors)
	}
	p = act("pause").refused(olorin.CodeIllegalTransition)
	if p.CurrentStatus != olorin.Draft || !slices.Equal(p.Legal, []olorin.Act{olorin.ActStart}) || p.Current == nil {
		t.Errorf("illegal transition: %+v", p)
	}
	h.dataset(t, "d1", "ana")
	ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"dataset": "d1", "entities": []any{map[string]any{"type": "user_id", "value": "u1"}}}}).want(200)
	if s := act("start").want(200).state(); s.Status != olorin.Running || s.Step != olorin.StepProgress {
		t.Errorf("started: %s %s", s.Status, s.Step)
	}
	p = ana.do("PUT", state(id), map[string]any{"settings": map[string]any{"risk_threshold": 1}}).refused(olorin.CodeSettingsFrozen)
	if p.Current == nil {
		t.Error("a frozen save does not carry the current state")
	}
	ana.do("PUT", state(id), map[string]any{"name": "A name may change"}).want(200)
	act("start").refused(olorin.CodeIllegalTransition)
	act("pause").want(200)
	act("resume").want(200)
	ana.do("POST", "/api/v1/wizard/history/"+id+"/archive", nil).refused(olorin.CodeIllegalTransition)
	if s := act("cancel").want(200).state(); s.Status != olorin.Cancelled || s.FinishedAt == nil {
		t.Errorf("cancelled: %+v", s)
	}
	p = act("retry").refused(olorin.CodeIllegalTransition)
	if p.Legal == nil || len(p.Legal) != 0 {
		t.Errorf("legal acts of a cancelled run: %v", p.Legal)
	}
	a := ana.do("POST", "/api/v1/wizard/"+id+"/rerun", map[string]any{"name": "Again"}).want(201)
	if s := a.state(); s.Lineage.RerunOf != id || s.Name != "Again" || s.Settings.Dataset != "d1" || s.Status != olorin.Draft || a.header.Get("Location") != state(s.ID) {
		t.Errorf("rerun: %+v", s)
	}
	for _, want := range []string{"A name may change (2)", "A name may change (3)"} {
		if name := ana.do("POST", "/api/v1/wizard/"+id+"/rerun", nil).want(201).state().Name; name != want {
			t.Errorf("a rerun is called %q, want %q", name, want)
		}
	}
	a = ana.do("POST", "/api/v1/wizard/"+id+"/rerun", map[string]any{"settings": map[string]any{"correlation_mode": "AND", "entities": []any{map[string]any{"type": "user_id", "value": "u2"}}}}).want(201)
	if s := a.state().Settings; s.CorrelationMode != olorin.And || len(s.Entities) != 1 || s.Entities[0].Value != "u2" || s.Dataset != "d1" || s.RiskThreshold != 60 {
		t.Errorf("rerun with other settings: %+v", s)
	}
	if p := ana.do("POST", "/api/v1/wizard/"+id+"/rerun", map[string]any{"settings": map[string]any{"risk_threshold": 101, "correlation_mode": "NOR"}}).refused(olorin.CodeInvalid); len(p.Errors) != 2 {
		t.Errorf("faults of a rerun: %+v", p.Errors)
	}
	act("fly").refused(olorin.CodeNotFound)
	ana.do("POST", "/api/v1/wizard/nothing/start", nil).refused(olorin.CodeNotFound)
}

// dataset makes a data set known without a file behind it.
func (h *house) dataset(t *testing.T, id, owner string) {
	t.Helper()
	d := olorin.Dataset{ID: id, UserID: owner, Name: id, Filename: id + ".csv", Rows: 1, SHA256: fmt.Sprintf("%064d", 0), CreatedAt: h.clock.now(), Columns: []olorin.Column{
		{Source: "user", Canonical: "user_id", Confidence: 1, Kind: "text", Samples: []string{}},
	}}
	if err := h.db.PutDataset(t.Context(), d, olorin.AuditEntry{At: h.clock.now(), Actor: olorin.System, Source: olorin.SourceSystem, Action: "dataset.imported"}); err != nil {
		t.Fatal(err)
	}
}

package httpd

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// A card number in clear comes in by every way there is, and stays nowhere.
func TestCardNumbersAreNeverKept(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	const pan, spaced, other = "4111111111111111", "5555 5555 5555 4444", "378282246310005"
	card := func(kind, value string) map[string]any {
		return map[string]any{"entities": []any{map[string]any{"type": kind, "value": value}}}
	}
	value := func(s olorin.Settings) string { return s.Entities[0].Value }

	made := ana.do("POST", "/api/v1/investigations", map[string]any{"name": "Stolen card", "settings": card("card_number", pan)}, header{"Idempotency-Key", "k1"}).want(201).state()
	masked := value(made.Settings)
	if !strings.HasPrefix(masked, "411111******1111~") || len(masked) != 25 {
		t.Fatalf("kept as %q", masked)
	}
	// Saved again in clear, in another form and as it was told: nothing changed, nothing is written.
	for _, again := range []string{pan, "4111-1111-1111-1111", " 4111 1111 1111 1111 ", "4111.1111.1111.1111", masked} {
		if s := ana.do("PUT", state(made.ID), map[string]any{"settings": card("card_number", again)}).want(200).state(); s.Version != made.Version {
			t.Errorf("%q made version %d", again, s.Version)
		}
	}
	// Whatever it is taken for; what is called a card number is one also where its check digit is wrong.
	for kind, typed := range map[string]string{"user_id": spaced, "account_id": other, "card_number": "4111111111111112"} {
		s := ana.do("PUT", state("of-"+kind), map[string]any{"settings": card(kind, typed)}).want(201).state()
		if !strings.Contains(value(s.Settings), "******") {
			t.Errorf("%s %q is kept as %q", kind, typed, value(s.Settings))
		}
		rerun := ana.do("POST", "/api/v1/wizard/"+made.ID+"/rerun", map[string]any{"settings": card(kind, typed)}, header{"Idempotency-Key", "rerun-" + kind}).want(201).state()
		if value(rerun.Settings) != value(s.Settings) {
			t.Errorf("a rerun keeps %q", value(rerun.Settings))
		}
	}
	// Numbers that are no cards stay as they are.
	for kind, typed := range map[string]string{"phone_number": "4911111111116", "account_id": "1234567890123", "user_id": "u-4222222222222220", "transaction_id": "12345678"} {
		if s := ana.do("PUT", state("plain-"+kind), map[string]any{"settings": card(kind, typed)}).want(201).state(); value(s.Settings) != typed {
			t.Errorf("%s %q is kept as %q", kind, typed, value(s.Settings))
		}
	}

	template := cardTemplate("Cards")
	template["settings"] = card("card_number", pan)
	var kept olorin.Template
	ana.do("POST", templatesPath, template).want(201).into(&kept)
	if value(kept.Settings) != masked {
		t.Errorf("a template keeps %q", value(kept.Settings))
	}
	var applied applyAnswer
	ana.do("POST", templatesPath+"/"+kept.ID+"/apply", map[string]any{"values": map[string]any{"user": other}}, header{"Idempotency-Key", "k2"}).want(200).into(&applied)
	if !strings.HasPrefix(value(applied.Settings), "378282******0005~") {
		t.Errorf("applied: %q", value(applied.Settings))
	}

	// In names and notes, too, with as much of it as tells it from another.
	if s := ana.do("PUT", state("named"), map[string]any{"name": "Card " + spaced}).want(201).state(); s.Name != "Card 555555******4444" {
		t.Errorf("an investigation is called %q", s.Name)
	}
	if s := ana.do("PUT", state("named"), map[string]any{"name": "Again " + pan}).want(200).state(); s.Name != "Again 411111******1111" {
		t.Errorf("an investigation is called %q", s.Name)
	}
	template = cardTemplate("Of " + other)
	ana.do("POST", templatesPath, template).want(201).into(&kept)
	if kept.Name != "Of 378282******0005" {
		t.Errorf("a template is called %q", kept.Name)
	}

	// Who knows the number finds the case by it.
	var page olorin.HistoryPage
	ana.do("GET", "/api/v1/wizard/history?q=4111+1111+1111+1111", nil).want(200).into(&page)
	if page.Total != 1 || page.Items[0].ID != made.ID {
		t.Errorf("the search finds %d", page.Total)
	}

	for _, name := range []string{h.file, h.file + "-wal"} {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, clear := range []string{pan, "4111-1111", spaced, strings.ReplaceAll(spaced, " ", ""), other, "4111111111111112"} {
			if bytes.Contains(file, []byte(clear)) {
				t.Errorf("%s holds %s", name, clear)
			}
		}
	}
	if strings.Contains(h.log.String(), pan) {
		t.Error("the server's log holds a card number")
	}

	// What is kept still means the card, also in a column that is not known to be one of cards.
	file := "timestamp,customer,card_number,account_id\n2026-01-01T10:00:00Z,u1," + pan + ",a1\n2026-01-01T10:05:00Z,u2,4111119999981111,3782-822463-10005\n2026-01-01T10:06:00Z,u3,4012888888881881,a3\n"
	var d olorin.Dataset
	ana.upload([]part{{"name", "Cards"}, {"file", file}}).want(201).into(&d)
	for kind, typed := range map[string]string{"card_number": pan, "account_id": other} {
		id := "find-" + kind
		settings := card(kind, typed)
		settings["dataset"] = d.ID
		ana.do("PUT", state(id), map[string]any{"settings": settings}).want(201)
		var ready olorin.Readiness
		ana.do("GET", "/api/v1/wizard/"+id+"/preflight", nil).want(200).into(&ready)
		if !ready.Ready || ready.RowsInScope != 1 {
			t.Errorf("%s: %d rows, %+v", kind, ready.RowsInScope, ready.Faults)
		}
	}

	// A file may have tokens, or numbers of its own, where others have the numbers of cards.
	ana.upload([]part{{"name", "Tokens"}, {"file", "timestamp,customer,card_number\n2026-01-01T10:00:00Z,u1,card_003ab4\n2026-01-01T10:05:00Z,u2,7\n2026-01-01T10:06:00Z,u3,card_99\n"}}).want(201).into(&d)
	for i, typed := range []string{"card_003ab4", "7"} {
		id := fmt.Sprint("token-", i)
		settings := card("card_number", typed)
		settings["dataset"] = d.ID
		ana.do("PUT", state(id), map[string]any{"settings": settings}).want(201)
		var ready olorin.Readiness
		ana.do("GET", "/api/v1/wizard/"+id+"/preflight", nil).want(200).into(&ready)
		if !ready.Ready || ready.RowsInScope != 1 {
			t.Errorf("%s: %d rows, %+v", typed, ready.RowsInScope, ready.Faults)
		}
	}
	ana.do("PUT", state("beside"), map[string]any{"settings": card("card_number", "tok "+pan)}).want(201)
	if a := ana.do("GET", "/api/v1/wizard/beside/preflight", nil).want(200); !strings.Contains(string(a.body), "beside a card number") {
		t.Errorf("beside a card: %s", a.body)
	}
}

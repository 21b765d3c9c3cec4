package data

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// inClear returns the files of a data directory that hold a text.
func inClear(t *testing.T, e *Engine, texts ...string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(e.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		b := readFile(t, path)
		for _, s := range texts {
			if bytes.Contains(b, []byte(s)) {
				found = append(found, filepath.Base(path)+": "+s)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Two cards of one mask, one card in two forms, and what is no number in clear.
const cardFile = `user_id,cc_num,other,amount
u1,4111110000001111,x,1
u2,4111 1100 0000 1111,x,2
u3,4111119999981111,x,3
u4,5555555555554444,x,4
u5,5555-5555-5555-4444,x,5
u6,434505******9116,x,6
u7,tok_abc,x,7
u8,,x,8
`

func TestCardsAreMaskedWhereverTheyAreKept(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", cardFile)
	if found := inClear(t, e, "4111110000001111", "4111119999981111", "5555555555554444", "4111 1100 0000 1111", "5555-5555-5555-4444"); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	c := openCase(t, e, d, Selection{})
	cards := map[string]string{}
	err := c.Query(context.Background(), "SELECT user_id, card_number FROM events", nil, func(row map[string]any) error {
		cards[row["user_id"].(string)] = fmt.Sprint(row["card_number"])
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if cards["u1"] != cards["u2"] || cards["u1"] == cards["u3"] || !strings.HasPrefix(cards["u1"], "411111******1111~") || !strings.HasPrefix(cards["u3"], "411111******1111~") {
		t.Errorf("cards of one mask: %v", cards)
	}
	if cards["u4"] != "555555******4444" || cards["u5"] != cards["u4"] || cards["u6"] != "434505******9116" || cards["u7"] != "tok_abc" || cards["u8"] != "<nil>" {
		t.Errorf("other cards: %v", cards)
	}
	for _, s := range d.Columns[1].Samples {
		if strings.Contains(s, "~") || strings.Contains(s, "4111110000001111") {
			t.Errorf("sample %s", s)
		}
	}
	for value, want := range map[string]string{
		"4111110000001111": "u1 u2", "4111 1199 9998 1111": "u3", "411111******1111": "u1 u2 u3", cards["u3"]: "u3", "5555555555554444": "u4 u5",
		"4111111111111111": "", "434505******9116": "u6", "tok_abc": "u7",
	} {
		s := openCase(t, e, d, Selection{Entities: entities("card_number", value)})
		var got []string
		err := s.Query(context.Background(), "SELECT user_id FROM events WHERE in_scope ORDER BY user_id", nil, func(row map[string]any) error {
			got = append(got, row["user_id"].(string))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("card %s is of %v, want %s", value, got, want)
		}
	}
}

func TestColumnFullOfCardsIsMaskedWhateverItsName(t *testing.T) {
	e := openEngine(t)
	pans := []string{"4111111111111111", "5555555555554444", "378282246310005", "6011000990139424", "4222222222222220", "4012888888881881"}
	var b strings.Builder
	b.WriteString("user_id,zz,serial\n")
	for i, p := range pans {
		fmt.Fprintf(&b, "u%d,%s,%d\n", i, p, 1767323045123+i*977)
	}
	d := importText(t, e, "d", b.String())
	if found := inClear(t, e, pans...); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	if d.Columns[1].Canonical != "card_number" || d.Columns[1].Samples[0] != "411111******1111" {
		t.Errorf("column %+v", d.Columns[1])
	}
	if d.Columns[2].Samples[0] != "1767323045123" {
		t.Errorf("a column of numbers that are no cards became %v", d.Columns[2].Samples)
	}
}

// Whatever has a card number in it: a remark, a column of cards and accounts, a list of JSON, a file of two rows.
func TestCardsAreMaskedInsideOfText(t *testing.T) {
	e := openEngine(t)
	pans := []string{"4111111111111111", "5555555555554444", "378282246310005", "6011000990139424"}
	var b strings.Builder
	b.WriteString("user_id,event_time,memo,instrument,order_id,phone,session_id\n")
	for i := range 40 {
		memo, instrument := "paid in cash", fmt.Sprintf("DE%020d", i)
		if i%2 == 0 {
			memo, instrument = "paid with 4111 1111 1111 1111 ok", pans[i%4]
		}
		fmt.Fprintf(&b, "u%d,2026-03-01T10:00:%02dZ,%s,%s,%d,+4915112345678%d,s_4012888888881881\n", i, i, memo, instrument, 1767323045123000+i*977, i%10)
	}
	d := importText(t, e, "text", b.String())
	if got := fmt.Sprint(d.Columns[2].Samples[:2], d.Columns[3].Samples[:1], d.Columns[4].Samples[0], d.Columns[6].Samples[0]); got != "[paid with 411111******1111 ok paid in cash] [411111******1111]1767323045123000s_4012888888881881" {
		t.Errorf("samples %s", got)
	}
	few := importText(t, e, "few", "user_id,event_time,note\nu1,2026-03-01T10:00:00Z,5555555555554444\nu2,2026-03-01T10:00:00Z,378282246310005\n")
	if few.Columns[2].Samples[0] != "555555******4444" {
		t.Errorf("samples of a small file: %v", few.Columns[2].Samples)
	}
	stripe := importText(t, e, "stripe", "user_id,event_time,note\nu1,2026-03-01T10:00:00Z,%B4111111111111111^DOE/JOHN^2512\nu2,2026-03-01T10:00:00Z,none at all\n")
	if stripe.Columns[2].Samples[0] != "%B411111******1111^DOE/JOHN^2512" {
		t.Errorf("samples of the data of a stripe: %v", stripe.Columns[2].Samples)
	}
	list := strings.NewReader(`{"user_id":"u1","time":"2026-03-01T10:00:00Z","payment":{"cards":[{"number":"6011000990139424"}]}}` + "\n" + `{"user_id":"u2","time":"2026-03-01T10:00:00Z","payment":{"cards":[]}}` + "\n")
	if _, err := e.Import(context.Background(), list, ImportOptions{ID: "list", UserID: "u", Name: "list", Filename: "list.jsonl"}); err != nil {
		t.Fatal(err)
	}
	if found := inClear(t, e, append(pans, "4111 1111 1111 1111")...); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
}

// A few cards among references are no ids by chance, and what nobody may keep is not kept.
func TestSecretsAreNotKept(t *testing.T) {
	e := openEngine(t)
	var b strings.Builder
	b.WriteString("user_id,event_time,ref,cvv,Password,SSN\n")
	for i := range 120 {
		ref := fmt.Sprintf("ORD-%d", i)
		if i%10 == 3 {
			ref = "4111111111111111"
		}
		fmt.Fprintf(&b, "u%d,2026-03-01T10:00:%02dZ,%s,%d,%s,078-05-%04d\n", i, i%60, ref, 8_070+i, fmt.Sprintf("hunter-%d", i), 1120+i%60)
	}
	d := importText(t, e, "secret", b.String())
	if found := inClear(t, e, "4111111111111111", "8075", "hunter-7", "078-05-1127"); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	if ssn := d.Columns[5].Samples; len(ssn) != 5 || !strings.HasPrefix(ssn[0], "******1120~") {
		t.Errorf("numbers of people: %v", ssn)
	}
	for _, i := range []int{3, 4} {
		if c := d.Columns[i]; len(c.Samples) > 0 || c.Nulls != 120 || !strings.Contains(c.Note, "secret") {
			t.Errorf("%s: %v, %d nulls, %q", c.Source, c.Samples, c.Nulls, c.Note)
		}
	}
}

func TestCardsAreMaskedWhenAColumnIsMappedLater(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "user_id,zz\nu1,4111111111111111\nu2,12\nu3,13\nu4,14\nu5,15\n")
	if d.Columns[1].Canonical != "" {
		t.Fatalf("column %+v", d.Columns[1])
	}
	d, err := e.Remap(context.Background(), d, map[string]string{"user_id": "user_id", "card_number": "zz"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Tidy(context.Background(), "d", func(context.Context, string) (olorin.Dataset, error) { return d, nil }); err != nil {
		t.Fatal(err)
	}
	if found := inClear(t, e, "4111111111111111"); len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	if d.Columns[1].Samples[0] != "411111******1111" {
		t.Errorf("samples %v", d.Columns[1].Samples)
	}
}

// An entity is kept masked, under the seal; it is still that one card, also in a column that is not one of cards.
func TestAMaskedEntityIsStillItsCard(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "user_id,cc_num,account_id\nu1,4111110000001111,a1\nu2,4111119999981111,a2\nu3,5555555555554444,3782-822463-10005\nu4,4012888888881881,378282246310005\nu5,4222222222222220,371449635398431\n")
	for pan, want := range map[string]string{"4111110000001111": "u1", "5555555555554444": "u3", "378282246310005": "u3 u4", "371449635398431": "u5"} {
		kind := olorin.EntityType("card_number")
		if strings.HasPrefix(pan, "37") {
			kind = "account_id"
		}
		masked := olorin.CardSeal(e.SealCard).Kept(olorin.Entity{Type: kind, Value: pan})
		if masked == pan || masked != e.masker.stored(pan) {
			t.Fatalf("%s is kept as %s", pan, masked)
		}
		selection := Selection{Entities: entities(string(kind), masked)}
		var got []string
		err := openCase(t, e, d, selection).Query(context.Background(), "SELECT user_id FROM events WHERE in_scope ORDER BY user_id", nil, func(row map[string]any) error {
			got = append(got, row["user_id"].(string))
			return nil
		})
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s is of %v, %v, want %s", masked, got, err, want)
		}
		o, err := e.Overview(context.Background(), d, selection)
		if err != nil || len(o.Entities) != 1 || int(o.Entities[0].Rows) != len(got) {
			t.Errorf("the overview tells of %s: %+v, %v", masked, o.Entities, err)
		}
	}
}

func TestCardKeyIsKeptAndPrivate(t *testing.T) {
	dir := t.TempDir()
	first, err := Open(dir, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Open(dir, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	const pan = "4111111111111111"
	if first.masker.stored(pan) != again.masker.stored(pan) {
		t.Error("the key changed")
	}
	if other := openEngine(t); other.masker.stored(pan) == first.masker.stored(pan) {
		t.Error("two installations have one key")
	}
	info, err := os.Stat(filepath.Join(dir, "card.key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := os.WriteFile(filepath.Join(dir, "card.key"), []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Limits{}); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a damaged key: %v", err)
	}
}

func TestRowsSetAsideKeepNoSecrets(t *testing.T) {
	e := openEngine(t)
	sound := "u1,s3cret,9,123\nu2,s3cret,9,123\nu3,s3cret,9,123\n"
	for name, tc := range map[string]struct{ file, want string }{
		"too few":   {"user_id,password,amount,cvv\n" + sound + "u4,s3cret,9\n", "[,,]"},
		"too many":  {"user_id,password,amount,note,cvv\n" + strings.ReplaceAll(sound, "9", "9,x") + "u4,s3cret,9,x,y,123\n", "[,,,,,]"},
		"a sum":     {"user_id,a,password,b,c\n" + strings.ReplaceAll(sound, "9", "9,x") + "Total,,s3cret,,\n", "[Total,,,,]"},
		"a quote":   {"user_id,password,amount,cvv\n" + sound + "u4,\"s3cret\"x,9,123\n", "[(not kept: there are secrets in it)]"},
		"an object": {"{\"user_id\":1,\"amount\":2}\n{\"user_id\":1,\"user.password\":\"s3cret\",}\n", "[(not kept: there are secrets in it)]"},
		"no secret": {"user_id,amount\nu1,9\nu4\n", "[u4]"},
	} {
		if _, err := e.Import(t.Context(), strings.NewReader(tc.file), ImportOptions{ID: strings.ReplaceAll(name, " ", ""), SkipMalformed: true}); err != nil {
			t.Fatal(name, err)
		}
		aside, err := e.Rejected(strings.ReplaceAll(name, " ", ""), 5)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, r := range aside {
			texts = append(texts, r.Text)
		}
		if got := fmt.Sprint(texts); got != tc.want {
			t.Errorf("%s: kept %s, want %s", name, got, tc.want)
		}
	}
}

func TestStoredCards(t *testing.T) {
	// The hash is what `openssl dgst -sha256 -hmac` says.
	m := newCardMasker([]byte("0123456789abcdef0123456789abcdef"))
	for value, want := range map[string]string{
		"4111111111111111": "411111******1111~7b7e6cb2", " 4111 1111 1111 1111 ": "411111******1111~7b7e6cb2", "4111-1111-1111-1111": "411111******1111~7b7e6cb2", "4111111111111111.0": "411111******1111~7b7e6cb2", "4.111111111111111E+15": "411111******1111~7b7e6cb2", "4.11111E+15": "4.11111E+15",
		"434505******9116": "434505******9116", "tok_4111111111111111": "tok_4111111111111111", "123456789012": "123456789012", "": "", "1.0": "1.0",
	} {
		if got := m.stored(value); got != want {
			t.Errorf("%q is stored as %q, want %q", value, got, want)
		}
	}
}

func TestLuhn(t *testing.T) {
	for s, want := range map[string]bool{"4111111111111111": true, "4111 1111 1111 1111": true, "4111111111111112": false, "411111111111": false, "378282246310005": true, "00000000000000000000": false, "4111-1111-1111-1111-": false, "": false} {
		if olorin.IsCard(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
	if got := olorin.MaskCards("paid by 4111111111111111, order 1234567890123, again 5555 5555 5555 4444."); got != "paid by 411111******1111, order 1234567890123, again 555555******4444." {
		t.Error(got)
	}
}

package data

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/olorin-dev/olorin"
)

// A list is a directory of its own: list.json says what it is, values.csv holds its values in the form in which events have them, each
// with a note, and ranges.csv the networks among them.

const (
	maxListBytes  = 256 << 20
	maxListValues = 2_000_000
	maxListLine   = 4 << 10
)

func (e *Engine) lists() string { return filepath.Join(e.dir, "lists") }

// Lists returns all lists, by name.
func (e *Engine) Lists() ([]olorin.List, error) {
	entries, err := os.ReadDir(e.lists())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read lists: %w", err)
	}
	lists := []olorin.List{}
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(e.lists(), entry.Name(), "list.json"))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was deleted meanwhile
		}
		var l olorin.List
		if err == nil {
			err = json.Unmarshal(text, &l)
		}
		if err != nil {
			return nil, olorin.Errorf(olorin.CodeCorrupt, "list %s cannot be read; delete its directory, or restore it: %w", entry.Name(), err)
		}
		lists = append(lists, l)
	}
	slices.SortFunc(lists, func(a, b olorin.List) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return lists, nil
}

// ImportList reads a list, one value a line; what follows a comma, semicolon or tab is its note. Blank lines, lines that begin with #, and
// a first line that names a column are passed over. l says what the list is, and its id, which must not be taken. It takes the place of
// a list of the same name. noted is told of it before it is in force, and keeps it from that by an error. Errors are CodeInvalid,
// CodeTooLarge and CodeDatasetInvalid; after any, nothing has changed.
func (e *Engine) ImportList(ctx context.Context, r io.Reader, l olorin.List, noted func(olorin.List) error) (_ olorin.List, err error) {
	l.Name, l.Source, l.License, l.Filename = olorin.MaskCards(l.Name), olorin.MaskCards(l.Source), olorin.MaskCards(l.License), olorin.MaskCards(l.Filename)
	faults := l.Faults()
	if !validID.MatchString(l.ID) {
		faults = append(faults, olorin.Fault{Pointer: "/id", Code: "pattern", Detail: "an id has 1 to 64 letters, digits, - or _"})
	}
	if len(faults) > 0 {
		return l, olorin.Invalid("the list cannot be imported", faults...)
	}
	w, err := e.workspace()
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, w.remove()) }()
	build := w.path("list")
	if err := os.Mkdir(build, 0o700); err != nil {
		return l, fmt.Errorf("import list: %w", err)
	}
	if err := e.readList(ctx, r, &l, build); err != nil {
		return l, err
	}
	text, err := json.Marshal(l)
	if err == nil {
		err = errors.Join(os.WriteFile(filepath.Join(build, "list.json"), text, 0o600), syncTree(build), os.MkdirAll(e.lists(), 0o700))
	}
	if err == nil {
		if err := noted(l); err != nil {
			return l, err
		}
		err = os.Rename(build, filepath.Join(e.lists(), l.ID))
	}
	if err != nil {
		return l, fmt.Errorf("import list: %w", err)
	}
	// Until the older one is gone, both are in force; nothing is missed in between.
	known, err := e.Lists()
	for _, old := range known {
		if strings.EqualFold(old.Name, l.Name) && old.ID != l.ID {
			err = errors.Join(err, e.dropList(old.ID))
		}
	}
	return l, errors.Join(err, syncPath(e.lists()))
}

// DeleteList forgets a list. noted is told before, and keeps it from that by an error. Cases that are open keep what they took of it.
func (e *Engine) DeleteList(id string, noted func() error) error {
	if there, _ := exists(filepath.Join(e.lists(), id)); !validID.MatchString(id) || !there {
		return olorin.NotFound("list", id)
	}
	if err := noted(); err != nil {
		return err
	}
	return e.dropList(id)
}

func (e *Engine) dropList(id string) error {
	w, err := e.workspace()
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(e.lists(), id), w.path("deleted")); err != nil {
		return errors.Join(fmt.Errorf("delete list %s: %w", id, err), w.remove())
	}
	return errors.Join(syncPath(e.lists()), w.remove())
}

// readList writes the values of a list in canonical form.
func (e *Engine) readList(ctx context.Context, r io.Reader, l *olorin.List, dir string) (err error) {
	files := map[bool]*bufio.Writer{} // of networks, and of all else
	for network, name := range map[bool]string{false: "values.csv", true: "ranges.csv"} {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("import list: %w", err)
		}
		files[network] = bufio.NewWriter(f)
		defer func() { err = errors.Join(err, files[network].Flush(), f.Close()) }()
	}
	hash := sha256.New()
	limited := &io.LimitedReader{R: r, N: maxListBytes + 1}
	lines := bufio.NewScanner(io.TeeReader(limited, hash))
	lines.Buffer(nil, maxListLine)
	seen := map[string]bool{}
	for n := 1; lines.Scan(); n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		line := strings.TrimSpace(lines.Text())
		if n == 1 {
			line = strings.TrimPrefix(line, string(utf8BOM))
		}
		if !utf8.ValidString(line) || strings.ContainsRune(line, 0) {
			return invalidFile("line %d of the list is not UTF-8 text", n)
		}
		if line == "" || line[0] == '#' {
			continue
		}
		text, note := line, ""
		if i := strings.IndexAny(line, ",;\t"); i >= 0 {
			text, note = line[:i], strings.Trim(strings.TrimSpace(line[i+1:]), `"`)
		}
		text = strings.Trim(strings.TrimSpace(text), `"`)
		if n == 1 && (normaliseName(text) == "value" || isAlias(text)) {
			continue
		}
		value, network, ok := e.listed(*l, text)
		if !ok {
			l.Rejected++
			continue
		}
		if seen[value] {
			continue
		}
		if len(seen) == maxListValues {
			return olorin.Errorf(olorin.CodeTooLarge, "the list has more than %d values: split it", maxListValues)
		}
		seen[value] = true
		l.Values++
		if network {
			l.Ranges++
		}
		if _, err := files[network].Write(appendRow(nil, [][]byte{[]byte(value), []byte(olorin.Clip(olorin.MaskCards(note), 200))}, ',')); err != nil {
			return fmt.Errorf("import list: %w", err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return invalidFile("a line of the list has more than %d bytes: it must be text with one value a line", maxListLine)
	case err != nil:
		return fmt.Errorf("read list: %w", err)
	case limited.N <= 0:
		return olorin.Errorf(olorin.CodeTooLarge, "the list has more than %d MB: split it", maxListBytes>>20)
	case l.Values == 0:
		return invalidFile("the list has no value of the type %s in it (%s that are none); write one a line", l.EntityType, olorin.Counted(l.Rejected, "line"))
	}
	l.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return nil
}

// listed returns a value of a list as events have it. A network stands for the addresses in it, a domain for the mailboxes there.
func (e *Engine) listed(l olorin.List, text string) (value string, network, ok bool) {
	if l.Kind == olorin.ListBIN {
		digits := strings.TrimRight(text, "*xX")
		ok := len(digits) >= 6 && len(digits) <= 8 && strings.Trim(digits, "0123456789") == ""
		return digits, false, ok
	}
	switch l.EntityType {
	case "ip_address":
		if prefix, err := netip.ParsePrefix(text); err == nil {
			return prefix.Masked().String(), true, true
		}
		value = canonicalIP(text)
	case "email":
		value = strings.TrimPrefix(strings.ToLower(text), "@")
		if !strings.Contains(value, ".") {
			value = ""
		}
	case "phone_number":
		value = phoneDigits(text)
	case "card_number":
		value = e.masker.stored(text)
	default:
		value = text
	}
	return value, false, value != ""
}

// OnLists finds a value on the lists, in whatever form it is written: an address also in networks, a mailbox also by its domain, a card also by its
// first digits.
func (e *Engine) OnLists(ctx context.Context, text string) ([]olorin.ListLine, error) {
	lists, err := e.Lists()
	hits := []olorin.ListLine{}
	for _, l := range lists {
		var found []olorin.ListLine
		if found, err = e.onList(ctx, l, strings.TrimSpace(text)); err != nil {
			return nil, fmt.Errorf("list %q: %w", l.Name, err)
		}
		hits = append(hits, found...)
	}
	return hits, err
}

func (e *Engine) onList(ctx context.Context, l olorin.List, text string) ([]olorin.ListLine, error) {
	wanted, names := map[string]bool{}, []string{"values.csv"}
	value, network, ok := e.listed(l, text)
	if wanted[value] = ok; network {
		names = []string{"ranges.csv"}
	}
	addr, err := netip.ParseAddr(value)
	isAddr := err == nil && l.EntityType == "ip_address"
	switch {
	case l.Kind == olorin.ListBIN:
		for n := 6; n <= 8 && n <= len(text); n++ {
			wanted[text[:n]] = true
		}
	case isAddr:
		names = append(names, "ranges.csv")
	case l.EntityType == "email":
		_, domain, _ := strings.Cut(value, "@")
		wanted[domain] = true
	case l.EntityType == "card_number" && len(value) > maskLength:
		wanted[value[:maskLength]] = true // a list may have the mask alone
	}
	delete(wanted, "")
	var hits []olorin.ListLine
	for _, name := range names {
		err := eachLine(ctx, filepath.Join(e.lists(), l.ID, name), func(rec []string) {
			holds := wanted[rec[0]]
			if name == "ranges.csv" && isAddr {
				prefix, err := netip.ParsePrefix(rec[0])
				holds = err == nil && prefix.Contains(addr)
			}
			if holds {
				hits = append(hits, olorin.ListLine{List: l.ID, Value: rec[0], Note: rec[1]})
			}
		})
		if err != nil {
			return nil, err
		}
	}
	return hits, nil
}

// eachLine reads the lines of one file of a list; a file that is gone with its list has none.
func eachLine(ctx context.Context, path string, each func(rec []string)) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<20))
	r.ReuseRecord, r.FieldsPerRecord = true, 2
	for n := 0; ; n++ {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if each(rec); n%8192 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
	}
}

// buildLists makes the relation lists: of every list the values that occur in the file, as events have them.
func (v *view) buildLists(ctx context.Context, e *Engine, lists []olorin.List) error {
	if _, err := v.db.ExecContext(ctx, "CREATE TABLE lists (name VARCHAR, kind VARCHAR, entity_type VARCHAR, value VARCHAR, note VARCHAR)"); err != nil {
		return err
	}
	for _, l := range lists {
		columns := EntityColumns(l.EntityType)
		if l.Kind == olorin.ListBIN {
			columns = []string{"card_number", "card_bin"}
		}
		var err error
		if i := slices.IndexFunc(columns, func(name string) bool { return v.present[name] != "" }); i >= 0 {
			err = v.listValues(ctx, filepath.Join(e.lists(), l.ID, "values.csv"), l, columns[i])
			if err == nil && l.Ranges > 0 {
				err = v.listRanges(ctx, filepath.Join(e.lists(), l.ID, "ranges.csv"), l, columns[i])
			}
		}
		// who is only paid is an account, too
		if isAccount := l.EntityType == "user_id" || l.EntityType == "account_id"; err == nil && isAccount && v.present["counterparty_id"] != "" {
			err = v.listValues(ctx, filepath.Join(e.lists(), l.ID, "values.csv"), l, "counterparty_id")
		}
		if err != nil {
			return fmt.Errorf("list %q: %w", l.Name, err)
		}
	}
	return nil
}

// listValues takes the values of a list that a column has.
func (v *view) listValues(ctx context.Context, path string, l olorin.List, column string) error {
	// What is compared: as events have it, but of cards what is stored, or their first digits.
	compared, on := column, "l.value = e.compared"
	switch {
	case l.Kind == olorin.ListBIN:
		compared, on = "left(card_number, 6)", "starts_with(e.compared, l.value)"
		if v.present["card_bin"] != "" {
			compared = "card_bin"
		}
	case column == "email":
		on = "l.value IN (e.compared, split_part(e.compared, '@', 2))"
	case column == "phone_number":
		on = "l.value = ltrim(e.compared, '+')"
	case column == "card_number":
		compared, on = v.stored, fmt.Sprintf("e.compared IN (l.value, left(l.value, %d))", maskLength)
	}
	_, err := v.db.ExecContext(ctx, fmt.Sprintf(`INSERT INTO lists SELECT %[1]s, %[2]s, %[3]s, e.v, coalesce(any_value(l.note), '')
 FROM read_csv(%[4]s, auto_detect = false, header = false, delim = ',', quote = '"', escape = '"', columns = {'value': 'VARCHAR', 'note': 'VARCHAR'}) l
 JOIN (SELECT DISTINCT %[5]s AS v, %[6]s AS compared FROM file.events) e ON %[7]s
 WHERE e.v NOT IN (SELECT value FROM lists WHERE name = %[1]s) GROUP BY e.v ORDER BY e.v`,
		quote(l.Name), quote(string(l.Kind)), quote(string(l.EntityType)), quote(path), column, compared, on))
	return err
}

// listRanges takes the addresses that lie in the networks of a list.
func (v *view) listRanges(ctx context.Context, path string, l olorin.List, column string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	notes := map[netip.Prefix]string{}
	lengths := map[int]bool{}
	for r := csv.NewReader(f); ; {
		rec, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		prefix, err := netip.ParsePrefix(rec[0])
		if err != nil {
			return err
		}
		notes[prefix] = rec[1]
		lengths[prefix.Bits()] = true
	}
	bits := slices.Sorted(maps.Keys(lengths))
	slices.Reverse(bits) // the smallest network that holds an address tells of it
	rows, err := v.db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %[1]s FROM file.events WHERE %[1]s IS NOT NULL ORDER BY 1", column))
	if err != nil {
		return err
	}
	defer rows.Close()
	var hits []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		ip, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		for _, n := range bits {
			prefix, err := ip.Prefix(n)
			if err != nil {
				continue // an IPv4 address, a length of IPv6
			}
			if note, ok := notes[prefix]; ok {
				hits = append(hits, fmt.Sprintf("(%s, %s)", quote(text), quote(note)))
				break
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for part := range slices.Chunk(hits, 1000) {
		_, err := v.db.ExecContext(ctx, fmt.Sprintf("INSERT INTO lists SELECT %s, %s, %s, value, note FROM (VALUES %s) AS hit(value, note) WHERE value NOT IN (SELECT value FROM lists WHERE name = %s)",
			quote(l.Name), quote(string(l.Kind)), quote(string(l.EntityType)), strings.Join(part, ", "), quote(l.Name)))
		if err != nil {
			return err
		}
	}
	return nil
}

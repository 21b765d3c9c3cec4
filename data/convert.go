package data

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/currency"

	"github.com/olorin-dev/olorin"
)

// The conversions from the text of a file to the canonical types, as SQL over one column of the source table.
// What they cannot read is NULL. Where one value does not tell its form (which of 3/4/2015 is the month, what the comma
// in 1,234 means) the whole column decides, so that the order of rows does not matter.

// querier is what asks a DuckDB instance.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// The texts that stand for no value: in any column, as a code (NA is Namibia), and where an identifier is expected.
var (
	missingValues = []string{"null", "n/a", "none", "nan", "nat", "-", "--", `\n`, "(null)", "#n/a", "undefined"}
	missingCodes  = append(slices.Clone(missingValues), "unknown")
	missingIDs    = append(slices.Clone(missingCodes), "na", "nil", "missing", "not available", "unspecified")
	missingIPs    = append(slices.Clone(missingIDs), "0", "0.0", "0.0.0.0")
)

// missingWords are the missingIDs, and missingInitials the bytes that one may begin with.
var (
	missingWords    = map[string]bool{}
	missingInitials [256]bool
)

const maxMissingWord = len("not available")

func init() {
	for _, word := range missingIDs {
		missingWords[word] = true
		missingInitials[word[0]] = true
		missingInitials[strings.ToUpper(word)[0]] = true
	}
}

// isMissing is the SQL that tells empty texts and words. It is a pattern: of every list of words in an IN, DuckDB makes a join with a
// table of its own, and some fifty of these take more memory than many a file.
func isMissing(v string, words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = regexp.QuoteMeta(word)
	}
	return fmt.Sprintf("coalesce(regexp_full_match(%s, %s), true)", v, quote(`(?i)[\s\p{Zs}]*(`+strings.Join(quoted, "|")+`)?[\s\p{Zs}]*`))
}

// sourceColumn is a column of the source table.
type sourceColumn struct {
	ref, name string // "c3", and what the header calls it
	tidy      bool   // no value has white space around it or stands for none: nothing has to be cleaned
	quoted    bool   // values stand in single quotation marks, which are no part of them
	rounded   bool   // some are numbers that a spreadsheet rounded
	whole     bool   // all are whole numbers, some of them written with ".0"
}

func (c sourceColumn) trimmed() string {
	switch {
	case c.quoted:
		return "trim(" + c.ref + ", ' ''')"
	case c.tidy:
		return c.ref
	}
	return "trim(" + c.ref + ")"
}

func (c sourceColumn) missing() string {
	if c.tidy {
		return c.ref + " IS NULL"
	}
	return isMissing(c.ref, missingValues)
}

// present is the trimmed value, NULL where it is one of the missing.
func (c sourceColumn) present(missing []string) string {
	if c.tidy {
		return c.trimmed()
	}
	return fmt.Sprintf("CASE WHEN NOT %s THEN %s END", isMissing(c.ref, missing), c.trimmed())
}

// wholeNumber is a whole number as programs write it whose columns of numbers have gaps.
const wholeNumber = `^([0-9]+)\.0+$`

// roundedNumber is a long number as a spreadsheet writes it.
const roundedNumber = `[0-9][.,][0-9]{1,9}[Ee][+][0-9]{2}`

// conversion is the SQL that makes a canonical value of a source column. missing tells, in SQL, where the source has none.
type conversion struct {
	expr, missing, note string
	plain               bool // it is a cast and no more
	total               bool // every value there is can be read
}

// convert decides how the values of a column of table become those of c.
func convert(ctx context.Context, db querier, table string, from sourceColumn, c *CanonicalColumn) (conversion, error) {
	v := from.ref
	out := conversion{missing: from.missing()}
	var err error
	switch c.Type {
	case Instant:
		out.expr, out.note, err = convertTime(ctx, db, table, from)
	case Decimal:
		out.expr, out.note, err = convertDecimal(ctx, db, table, from)
		out.plain = strings.HasPrefix(out.expr, "try_cast")
		if inMinorUnits(from.name) {
			out.expr = fmt.Sprintf("((%s) / 100)", out.expr)
			out.note = strings.TrimPrefix(out.note+"; counted in hundredths and divided by 100", "; ")
		}
	case Double:
		d := fmt.Sprintf("try_cast(replace(%s, ',', '.') AS DOUBLE)", from.trimmed())
		bound := 90
		if strings.HasSuffix(c.Name, "longitude") {
			bound = 180
		}
		out.expr = fmt.Sprintf("CASE WHEN %s BETWEEN -%d AND %d THEN %s END", d, bound, bound, d)
	case Boolean:
		out.expr = booleanSQL(v)
	case Minutes:
		out.expr, out.note, err = convertMinutes(ctx, db, table, v)
	case Text:
		return convertText(ctx, db, table, from, c)
	}
	return out, err
}

// inMinorUnits tells by its name that an amount is counted in cents.
func inMinorUnits(name string) bool {
	n := normaliseName(name)
	for _, end := range []string{"cents", "minor", "minorunits", "pence"} {
		if strings.HasSuffix(n, end) {
			return true
		}
	}
	return false
}

// paymentIDs are ids of a payment API that counts amounts in the smallest unit of their currency; its exports for people do not have them as a
// whole number.
const (
	paymentIDs    = `(ch|pi|py|txn|re|pyr|in|cs)_[A-Za-z0-9_]{8,}`
	wholeCurrency = `bif|clp|djf|gnf|jpy|kmf|krw|mga|pyg|rwf|ugx|vnd|vuv|xaf|xof|xpf`
)

// inCents divides amounts that are whole throughout, in a file whose transactions have the ids of such an API.
func (l *loader) inCents(ctx context.Context, conv conversion, sources map[string]int) (conversion, error) {
	id, ok := sources["transaction_id"]
	if !ok || inMinorUnits(l.header[sources["amount"]]) {
		return conv, nil
	}
	amount := columnRef(sources["amount"])
	var cents bool
	q := fmt.Sprintf("SELECT coalesce(bool_and(regexp_full_match(trim(%[1]s), '%[2]s')), false) FROM (SELECT %[1]s FROM src.source LIMIT 100)", columnRef(id), paymentIDs)
	if err := l.db.QueryRowContext(ctx, q).Scan(&cents); err != nil || !cents {
		return conv, err
	}
	q = fmt.Sprintf("SELECT coalesce(bool_and(regexp_full_match(trim(%[1]s), '-?[0-9]+') AND regexp_full_match(trim(%[2]s), '%[3]s')), false) FROM src.source WHERE %[1]s IS NOT NULL", amount, columnRef(id), paymentIDs)
	if err := l.db.QueryRowContext(ctx, q).Scan(&cents); err != nil || !cents {
		return conv, err
	}
	by, told := "100", ""
	if currency, ok := sources["currency"]; ok {
		by = fmt.Sprintf("CASE WHEN regexp_full_match(trim(%s), '(?i)%s') THEN 1 ELSE 100 END", columnRef(currency), wholeCurrency)
		told = ", but of currencies without hundredths"
	}
	conv.expr = fmt.Sprintf("((%s) / %s)", conv.expr, by)
	conv.note = "whole numbers beside ids of a payment API (such as ch_… or pi_…): counted in hundredths and divided by 100" + told
	return conv, nil
}

func booleanSQL(v string) string {
	return fmt.Sprintf("CASE WHEN lower(trim(%s)) IN ('true', 't', 'yes', 'y', '1', '1.0') THEN true WHEN lower(trim(%s)) IN ('false', 'f', 'no', 'n', '0', '0.0') THEN false END", v, v)
}

func convertText(ctx context.Context, db querier, table string, from sourceColumn, c *CanonicalColumn) (conversion, error) {
	v, t := from.ref, from.trimmed()
	id := from.present(missingIDs)
	out := conversion{expr: id, missing: fmt.Sprintf("(%s) IS NULL", id)}
	switch c.form {
	case asIs, idForm, device, lower, currencyForm, countryForm, card:
		out.total = true
	}
	switch c.form {
	case idForm:
		if from.whole { // a column with gaps is written as numbers with a fraction
			out.expr = fmt.Sprintf(`regexp_replace(%s, '%s', '\1')`, id, wholeNumber)
			out.note = "1005 and 1005.0 are read as one"
		}
		if from.rounded {
			out.expr, out.total = fmt.Sprintf("CASE WHEN NOT regexp_full_match(%s, '%s') THEN %s END", t, roundedNumber, out.expr), false
			out.note = "numbers such as 1.23457E+15 were rounded by a spreadsheet and name nobody; they were left out"
		}
	case asIs:
		if out.expr = t; !from.tidy {
			out.expr = fmt.Sprintf("nullif(%s, '')", t)
		}
		out.missing = fmt.Sprintf("(%s) IS NULL", out.expr)
	case device:
		out.expr = fmt.Sprintf("CASE WHEN NOT regexp_full_match(%s, '[0.-]*') THEN %s END", t, id)
		out.missing = fmt.Sprintf("(%s) IS NULL", out.expr)
	case lower:
		out.expr = fmt.Sprintf("lower(%s)", id)
	case currencyForm, countryForm:
		id = from.present(missingCodes)
		out.expr = fmt.Sprintf("CASE WHEN length(%s) <= 3 THEN upper(%s) ELSE %s END", t, t, t)
		if !from.tidy {
			out.expr = fmt.Sprintf("CASE WHEN (%s) IS NOT NULL THEN %s END", id, out.expr)
		}
		out.missing = fmt.Sprintf("(%s) IS NULL", id)
		codes := countryCodes
		if c.form == currencyForm {
			codes = currencyCodes
		}
		var err error
		out.expr, out.note, err = respell(ctx, db, table, out.expr, codes())
		return out, err
	case phone:
		// 00 and + are one, and (0) is not dialled after them.
		d := fmt.Sprintf(`regexp_replace(regexp_replace(%s, '^(\+|00)([^(]*)\(0\)', '\1\2'), '[^0-9]', '', 'g')`, t)
		out.expr = fmt.Sprintf("CASE WHEN length(%[1]s) >= 3 THEN CASE WHEN starts_with(%[2]s, '+') THEN '+' || %[1]s WHEN starts_with(%[2]s, '00') AND length(%[1]s) > 8 THEN '+' || %[1]s[3:] ELSE %[1]s END END", d, t)
	case ip:
		octet := `(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])`
		out.expr = fmt.Sprintf(`CASE WHEN regexp_full_match(%s, '%s\.%s\.%s\.%s') THEN %s WHEN %s IS NOT NULL THEN nullif(olorin_ip(%s), '') END`, v, octet, octet, octet, octet, v, v, v)
		out.missing = isMissing(v, missingIPs)
	case digits:
		out.expr = fmt.Sprintf(`CASE WHEN regexp_full_match(%s, '[0-9]+(\.0+)?') THEN regexp_replace(%s, '\.0+$', '') END`, t, t)
	case card:
		out.expr = fmt.Sprintf("CASE WHEN regexp_full_match(%s, '%s') THEN CASE WHEN left(%s, 16) IN (SELECT mask FROM masks WHERE cards > 1) THEN %s ELSE left(%s, 16) END ELSE %s END", v, storedCard, v, v, v, id)
	case status:
		return convertStatus(ctx, db, table, from, out)
	}
	return out, nil
}

// convertStatus makes words of a boolean whose name says what yes means.
func convertStatus(ctx context.Context, db querier, table string, from sourceColumn, out conversion) (conversion, error) {
	v, name := from.ref, from.name
	if !saysBoolean(name) {
		return out, nil
	}
	var n, boolean int64
	q := fmt.Sprintf("SELECT count(*), count(%s) FROM %s WHERE NOT %s", booleanSQL(v), table, out.missing)
	if err := db.QueryRowContext(ctx, q).Scan(&n, &boolean); err != nil || n != boolean {
		return out, err
	}
	yes, no := "success", "failed"
	switch innerName(name) {
	case "isdeclined", "declined", "rejected", "isrejected", "refused", "isrefused":
		yes, no = "declined", "approved"
	case "failed", "isfailed":
		yes, no = "failed", "success"
	case "isapproved", "approved", "authorised", "authorized", "isauthorised", "isauthorized", "accepted", "isaccepted":
		yes, no = "approved", "declined"
	}
	out.expr = fmt.Sprintf("CASE (%s) WHEN true THEN '%s' WHEN false THEN '%s' END", booleanSQL(v), yes, no)
	out.note = fmt.Sprintf("yes was taken for %q, no for %q", yes, no)
	return out, nil
}

// successWords and failureWords are what a status may say; case and punctuation do not matter.
var (
	successWords = nameSet("approved approve accepted accept success successful succeeded ok complete completed captured authorized authorised settled paid passed pass true yes granted allowed genehmigt erfolgreich bewilligt akzeptiert bezahlt ausgefuehrt gebucht allow cleared posted y accepté acceptée autorisé autorisée réussi payé approuvé goedgekeurd geaccepteerd betaald geslaagd aprovado aprovada aprobado aprobada aceptado aceptada autorizado autorizada completado completada pagado pagada exitoso exitosa éxito exito realizado realizada aceito aceita concluído concluída concluido concluida efetuado efetuada sucesso validé validée effectué effectuée approvato approvata accettato accettata autorizzato autorizzata eseguito eseguita completato completata pagato pagata riuscito riuscita")
	failureWords = nameSet("declined decline failed failure fail refused rejected reject denied deny error blocked block unsuccessful insufficient_funds do_not_honor do_not_honour expired_card invalid timeout timed_out false no n abgelehnt fehlgeschlagen verweigert gesperrt bounced returned_unpaid nsf insufficient_balance refusé refusée échoué échouée rejeté geweigerd mislukt afgewezen recusado recusada rechazado rechazada denegado denegada declinado declinada fallido fallida negado negada rejeitado rejeitada falhado falhada falha falhou échec echec rejetée bloqué bloquée bloqueado bloqueada rifiutato rifiutata respinto respinta fallito fallita negato negata")
)

// wordsTold is how many values are told with what they were taken for.
const wordsTold = 50

// statusOK is the SQL that tells whether an outcome is a word for success: NULL for words that are neither for success nor for failure. told is
// what a person said of them, by word. words are all with what they were taken for, and note tells which are neither for all that is known.
func statusOK(ctx context.Context, db querier, table, status string, told map[string]string) (expr string, words []olorin.Word, note string, err error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %[1]s FROM %[2]s WHERE length(%[1]s) < 40 LIMIT %[3]d", status, table, maxKinds))
	if err != nil {
		return "", nil, "", err
	}
	defer rows.Close()
	var all, unknown []string
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			return "", nil, "", err
		}
		all = append(all, word)
	}
	if err := rows.Err(); err != nil {
		return "", nil, "", err
	}
	slices.Sort(all)
	known := codesOf(all)
	of := map[string][]string{} // by meaning
	for _, word := range all {
		w := olorin.Word{Value: word, Meaning: told[word], Said: told[word] != ""}
		if ok, is := known(word); !w.Said && is {
			w.Meaning = pick(ok, "approved", "declined")
		} else if !w.Said {
			w.Meaning = "neither"
			unknown = append(unknown, strconv.Quote(word))
		}
		words = append(words, w)
		of[w.Meaning] = append(of[w.Meaning], quote(word))
	}
	slices.SortStableFunc(words, func(a, b olorin.Word) int {
		return cmp.Compare(pick(a.Meaning == "neither", "", a.Meaning), pick(b.Meaning == "neither", "", b.Meaning))
	})
	words = words[:min(len(words), wordsTold)]
	switch {
	case len(unknown) > 0 && len(of["approved"])+len(of["declined"]) == 0:
		note = "none of its words is known for an event that went through or was refused"
	case len(unknown) > 0:
		note = "neither for an event that went through nor for a refused one are taken"
	}
	if note != "" {
		note = olorin.Clip(note+": "+strings.Join(unknown[:min(len(unknown), 8)], ", "), 200)
	}
	is := func(words []string) string {
		if len(words) == 0 {
			return "false"
		}
		return "status IN (" + strings.Join(words, ", ") + ")"
	}
	return fmt.Sprintf("CASE WHEN %s THEN true WHEN %s THEN false END", is(of["approved"]), is(of["declined"])), words, note, nil
}

// codesOf is how the outcomes of a column are to be read. Codes are codes only where the column has nothing else: those of HTTP (RFC 9110), those of
// card networks (ISO 8583, field 39: 00 is approved), and a letter each for approved and declined.
func codesOf(words []string) func(word string) (ok, known bool) {
	all := func(form *regexp.Regexp) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !form.MatchString(w) })
	}
	switch {
	case len(words) > 0 && all(httpStatus):
		return func(w string) (ok, known bool) { return w < "4", true }
	case slices.Contains(words, "00") && all(cardCode):
		return func(w string) (ok, known bool) { return w == "00", true }
	case len(words) == 2 && words[0] == "A" && words[1] == "D":
		return func(w string) (ok, known bool) { return w == "A", true }
	}
	return func(w string) (ok, known bool) {
		n := normaliseName(w)
		return successWords[n], successWords[n] || failureWords[n] || strings.HasPrefix(n, "err")
	}
}

// maxKinds is how many kinds of events a file is taken to have at the most.
const maxKinds = 1000

// outcomeOfKinds is the SQL that tells the outcome of events by the last word of their kind, as login_failed and login_success, or login beside
// login_failed: success, failed, or NULL for other kinds. It is "" where the kinds do not tell both, or are so many that they are no kinds.
func outcomeOfKinds(ctx context.Context, db querier, table, kind string) (string, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %[1]s FROM %[2]s WHERE length(%[1]s) < 60 LIMIT %[3]d", kind, table, maxKinds+1))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	words := map[string]string{} // in small letters, parted by _ → as written
	var good, bad []string
	kinds, failed := 0, map[string]bool{} // what can fail
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			return "", err
		}
		kinds++
		n := parted(word)
		act, last, ok := cutLast(n)
		switch {
		case ok && successWords[last]:
			good = append(good, quote(word))
		case ok && failureWords[last]:
			bad, failed[act] = append(bad, quote(word)), true
		default:
			words[n] = word
		}
	}
	for act := range failed {
		if word, ok := words[act]; ok {
			good = append(good, quote(word))
		}
	}
	if kinds > maxKinds || len(good) == 0 || len(bad) == 0 {
		return "", rows.Err()
	}
	slices.Sort(good)
	slices.Sort(bad)
	return fmt.Sprintf("CASE WHEN %[1]s IN (%[2]s) THEN 'success' WHEN %[1]s IN (%[3]s) THEN 'failed' END", kind, strings.Join(good, ", "), strings.Join(bad, ", ")), rows.Err()
}

// signUp is a kind of event by which an account begins, with its words parted by _.
var signUp = regexp.MustCompile(`^((user|account|customer|member)_)?(sign(ed)?_?up|regist(er|ered|ration)|account_(created|opened)|(create|open)_account)(_(success|succeeded|completed|ok))?$`)

// signUps is the SQL that tells whether an event is a sign-up by its kind; "" where none is.
func signUps(ctx context.Context, db querier, table, kind string) (string, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %[1]s FROM %[2]s WHERE length(%[1]s) < 60 LIMIT %[3]d", kind, table, maxKinds))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			return "", err
		}
		if signUp.MatchString(parted(word)) {
			found = append(found, quote(word))
		}
	}
	if len(found) == 0 {
		return "", rows.Err()
	}
	slices.Sort(found)
	return fmt.Sprintf("%s IN (%s)", kind, strings.Join(found, ", ")), rows.Err()
}

// parted is a kind of event in small letters, its words parted by _.
func parted(kind string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(humps.ReplaceAllString(kind, "${1}_$2")), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "_")
}

var (
	httpStatus = regexp.MustCompile(`^[2-5][0-9]{2}$`)
	cardCode   = regexp.MustCompile(`^[0-9A-Z][0-9A-Z]$`)
)

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// cutLast cuts the last word off words parted by _.
func cutLast(name string) (before, last string, ok bool) {
	i := strings.LastIndexByte(name, '_')
	if i <= 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// relativeOrigin is where a file's time begins that counts from its own start.
const relativeOrigin = "TIMESTAMP '2000-01-01 00:00:00'"

func convertTime(ctx context.Context, db querier, table string, from sourceColumn) (expr, note string, err error) {
	v, t := from.ref, from.trimmed()
	shaped := fmt.Sprintf("regexp_matches(%s, '^[0-9]{4}[-/][0-9]')", t)
	// An offset is taken off before the cast, which would ignore it.
	offset := `'[ ]*[+-][0-9]{2}:?([0-9]{2})?$'`
	hasOffset := fmt.Sprintf("(length(%s) > 15 AND regexp_matches(%s, ':[0-9.]+[ ]*[+-][0-9]{2}:?([0-9]{2})?$'))", t, t)
	plain := fmt.Sprintf("try_cast(%s AS TIMESTAMP)", t)
	numeric := fmt.Sprintf(`regexp_full_match(%s, '[0-9]{1,19}(\.[0-9]*)?')`, t)
	const bounds = "TIMESTAMP '1900-01-01' AND TIMESTAMP '2199-12-31 23:59:59.999999'"
	// Most files have one plain form, which is seen sooner than all that may go wrong is counted: year, dash or slash, and no sign after the date.
	oneForm := fmt.Sprintf("coalesce(%[1]s[5:5] IN ('-', '/') AND NOT contains(%[1]s[9:], '-') AND NOT contains(%[1]s, '+') AND try_cast(%[1]s AS TIMESTAMP) BETWEEN %[2]s, false)", v, bounds)
	if ok, err := all(ctx, db, table, v, oneForm); err != nil || ok {
		return plain, "", err
	}
	var n, iso, isoPlain, isoBound, number int64
	var low, top sql.NullFloat64
	q := fmt.Sprintf(`SELECT count(*), count(*) FILTER (shaped), count(*) FILTER (shaped AND plain IS NOT NULL), count(*) FILTER (shaped AND plain BETWEEN %s), count(*) FILTER (number IS NOT NULL), min(number), max(number)
 FROM (SELECT %s AS shaped, CASE WHEN NOT %s THEN %s END AS plain, CASE WHEN %s THEN try_cast(%s AS DOUBLE) END AS number FROM %s WHERE NOT %s)`,
		bounds, shaped, hasOffset, plain, numeric, t, table, from.missing())
	if err := db.QueryRowContext(ctx, q).Scan(&n, &iso, &isoPlain, &isoBound, &number, &low, &top); err != nil {
		return "", "", err
	}
	if n == isoBound {
		return plain, "", nil
	}
	if n == number && n > 0 && low.Float64 >= firstSerial && top.Float64 < lastSerial && !isRelativeTime(from.name) {
		day := fmt.Sprintf("TIMESTAMP '1899-12-30' + to_milliseconds(round(try_cast(%s AS DOUBLE) * 86400000)::BIGINT)", t)
		return fmt.Sprintf("CASE WHEN %s THEN %s END", numeric, day), "numbers of days from 30 December 1899, as spreadsheets write dates", nil
	}
	if n == number && n > 0 && top.Float64 < 1e8 && !(top.Float64 >= 19000101 && top.Float64 <= 21001231) {
		unit, seconds := relativeUnit(from.name)
		expr = fmt.Sprintf("CASE WHEN %s THEN %s + to_microseconds(round(try_cast(%s AS DOUBLE) * %d)::BIGINT) END", numeric, relativeOrigin, t, seconds*1_000_000)
		return expr, fmt.Sprintf("counts %s from the start of the file; taken from 2000-01-01T00:00:00Z on", unit), nil
	}
	var branches []string
	if iso > 0 {
		branch := plain
		if isoPlain < iso {
			clean := fmt.Sprintf(`regexp_replace(regexp_replace(%s, '[ ]*(UTC|GMT|Z)$', ''), ',([0-9]+)$', '.\1')`, t)
			zone := fmt.Sprintf(`regexp_extract(%s, '([+-])([0-9]{2}):?([0-9]{2})?$', ['s', 'h', 'm'])`, t)
			shift := fmt.Sprintf(`to_minutes((CASE %s.s WHEN '-' THEN -1 ELSE 1 END * (60 * try_cast(%s.h AS INTEGER) + coalesce(try_cast(%s.m AS INTEGER), 0)))::BIGINT)`, zone, zone, zone)
			branch = fmt.Sprintf(`CASE WHEN %s THEN try_cast(regexp_replace(%s, %s, '') AS TIMESTAMP) - %s ELSE try_cast(%s AS TIMESTAMP) END`, hasOffset, t, offset, shift, clean)
		}
		branches = append(branches, fmt.Sprintf("WHEN %s THEN %s", shaped, branch))
	}
	if number > 0 {
		branches = append(branches, fmt.Sprintf("WHEN %s THEN %s", numeric, epochSQL(t)))
	}
	if iso+number < n {
		// strptime knows words such as "infinity", which no file means.
		rest := fmt.Sprintf("NOT %s AND NOT %s AND NOT %s AND regexp_matches(%s, '[0-9]')", shaped, numeric, from.missing(), t)
		branch, told, err := convertDayMonth(ctx, db, table, t, rest)
		if err != nil {
			return "", "", err
		}
		note = told
		branches = append(branches, fmt.Sprintf("WHEN %s THEN %s", rest, branch))
	}
	if len(branches) == 0 {
		return "NULL::TIMESTAMP", "", nil
	}
	expr = "CASE " + strings.Join(branches, " ") + " END"
	// DuckDB knows times from 290000 BC on; what lies outside these years is a fault of the file.
	return fmt.Sprintf("CASE WHEN (%s) BETWEEN %s THEN %s END", expr, bounds, expr), note, nil
}

// all tells whether every value of a column that is not null meets a condition.
func all(ctx context.Context, db querier, table, v, condition string) (ok bool, err error) {
	err = db.QueryRowContext(ctx, fmt.Sprintf("SELECT count(*) = 0 FROM %s WHERE %s IS NOT NULL AND NOT (%s)", table, v, condition)).Scan(&ok)
	return ok, err
}

func relativeUnit(name string) (unit string, seconds int) {
	n := normaliseName(name)
	switch {
	case n == "step" || strings.Contains(n, "hour"):
		return "hours", 3600
	case strings.Contains(n, "day"):
		return "days", 86400
	case strings.Contains(n, "minute"):
		return "minutes", 60
	}
	return "seconds", 1
}

// epochSQL reads a number as a time by its magnitude: seconds, ms, µs and ns of the years 1980 to 2099, YYYYMMDD and YYYYMMDDHHMMSS.
func epochSQL(t string) string {
	whole := fmt.Sprintf("try_cast(split_part(%s, '.', 1) AS BIGINT)", t)
	double := fmt.Sprintf("try_cast(%s AS DOUBLE)", t)
	return fmt.Sprintf(`CASE WHEN contains(%[1]s, '.') AND %[2]s BETWEEN 315532800 AND 4102444799 THEN make_timestamp(round(%[3]s * 1000000)::BIGINT)
 WHEN %[2]s BETWEEN 315532800 AND 4102444799 THEN make_timestamp(%[2]s * 1000000)
 WHEN %[2]s BETWEEN 315532800000 AND 4102444799999 THEN make_timestamp(round(%[3]s * 1000)::BIGINT)
 WHEN %[2]s BETWEEN 315532800000000 AND 4102444799999999 THEN make_timestamp(%[2]s)
 WHEN %[2]s BETWEEN 315532800000000000 AND 4102444799999999999 THEN make_timestamp(%[2]s // 1000)
 WHEN length(%[1]s) = 8 THEN try_strptime(%[1]s, '%%Y%%m%%d')
 WHEN length(%[1]s) = 14 THEN try_strptime(%[1]s, '%%Y%%m%%d%%H%%M%%S') END`, t, whole, double)
}

// convertDayMonth reads dates that do not begin with the year. Which of the first two numbers is the month is decided by the whole column:
// month first, but day first with dots, unless a number over 12 refutes it.
func convertDayMonth(ctx context.Context, db querier, table, t, where string) (expr, note string, err error) {
	pattern := `'^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{2,4})'`
	first := fmt.Sprintf("try_cast(regexp_extract(%s, %s, 1) AS INTEGER)", t, pattern)
	second := fmt.Sprintf("try_cast(regexp_extract(%s, %s, 2) AS INTEGER)", t, pattern)
	var n, dayFirst, monthFirst, dots, short, clock, ampm int64
	q := fmt.Sprintf(`SELECT count(%[1]s), count(*) FILTER (%[1]s > 12), count(*) FILTER (%[2]s > 12), count(*) FILTER (regexp_matches(%[3]s, '^[0-9]+\.')), count(*) FILTER (regexp_matches(%[3]s, '^[0-9]+[/.-][0-9]+[/.-][0-9]{2}([^0-9]|$)')),
 count(*) FILTER (contains(%[3]s, ':')), count(*) FILTER (regexp_matches(%[3]s, '[AaPp]\.?[Mm]\.?$')) FROM %[4]s WHERE %[5]s`, first, second, t, table, where)
	if err := db.QueryRowContext(ctx, q).Scan(&n, &dayFirst, &monthFirst, &dots, &short, &clock, &ampm); err != nil {
		return "", "", err
	}
	days := dayFirst > monthFirst || dayFirst == monthFirst && dots*2 > n
	switch {
	case n > 0 && dayFirst == 0 && monthFirst == 0:
		note = "day and month could be either way round; taken as " + pick(days, "day first", "month first")
	case n > 0 && dayFirst > 0 && monthFirst > 0:
		note = "day and month stand in both orders; taken as " + pick(days, "day first", "month first") + ", the others are unreadable"
	case n > 0:
		note = "read as " + pick(days, "day first", "month first")
	}
	var dates []string
	if n > 0 {
		year := pick(short*2 > n, "%y", "%Y")
		for _, sep := range []string{"/", ".", "-"} {
			dates = append(dates, pick(days, "%d"+sep+"%m"+sep+year, "%m"+sep+"%d"+sep+year))
		}
	} else {
		dates = []string{"%d-%b-%Y", "%d %b %Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y", "%B %d %Y", "%a, %d %b %Y", "%Y.%m.%d", "%a %b %d %H:%M:%S %Y"}
	}
	var formats []string
	add := func(clocks ...string) {
		for _, d := range dates {
			for _, c := range clocks {
				formats = append(formats, "'"+d+c+"'")
			}
		}
	}
	if ampm > 0 {
		add(" %I:%M %p", " %I:%M:%S %p", " %I:%M:%S.%f %p")
	}
	if clock > 0 {
		add(" %H:%M", " %H:%M:%S", " %H:%M:%S.%f")
	}
	add("")
	// One form of white space before the clock, no dots in "a.m.", no name of the zone.
	clean := fmt.Sprintf(`regexp_replace(regexp_replace(regexp_replace(%s, '([0-9])(T|,? +)([0-9]{1,2}:)', '\1 \3'), '[ ]*(UTC|GMT|Z)$', ''), '[ ]*([AaPp])\.?([Mm])\.?$', ' \1\2')`, t)
	return fmt.Sprintf("try_strptime(%s, [%s])", clean, strings.Join(formats, ", ")), note, nil
}

// convertDecimal reads amounts. Whether the comma or the point is decimal is decided by the whole column: the point,
// unless more values can only be read with a decimal comma.
func convertDecimal(ctx context.Context, db querier, table string, from sourceColumn) (expr, note string, err error) {
	v := from.ref
	plain := fmt.Sprintf("try_cast(%s AS DECIMAL(18,4))", from.trimmed())
	if ok, err := all(ctx, db, table, v, plain+" IS NOT NULL"); err != nil || ok {
		if err == nil {
			note, err = threeDecimals(ctx, db, table, v)
		}
		return plain, note, err
	}
	x := fmt.Sprintf(`regexp_replace(%s, '[^0-9.,()+-]', '', 'g')`, v)
	var n, plains, comma, commas, point int64
	q := fmt.Sprintf(`SELECT count(*), count(%s), count(*) FILTER (regexp_matches(%[2]s, ',([0-9]{1,2}|[0-9]{4,})\)?-?$|\.[0-9]{3},[0-9]|\.[0-9]{3}\.[0-9]{3}')), count(*) FILTER (contains(%[2]s, ',')), count(*) FILTER (regexp_matches(%[2]s, '\.([0-9]{1,2}|[0-9]{4,})\)?-?$|,[0-9]{3}\.|,[0-9]{3},')) FROM %[3]s WHERE NOT %[4]s`,
		plain, x, table, from.missing())
	if err := db.QueryRowContext(ctx, q).Scan(&n, &plains, &comma, &commas, &point); err != nil {
		return "", "", err
	}
	if plains == n {
		return plain, "", nil
	}
	digitsOnly, fall := `regexp_replace(%s, '[^0-9.]', '', 'g')`, plain
	shape := `'[(+-]*([0-9]+|[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3})?(\.[0-9]*)?[)-]*'`
	body := x
	if comma > point {
		note = pick(commas > 0, "the comma was read as the decimal sign", "the point was read as the thousands separator")
		shape = `'[(+-]*([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)?(,[0-9]*)?[)-]*'`
		body = fmt.Sprintf("replace(replace(%s, '.', ''), ',', '.')", x)
		fall = "NULL"
	} else if point == 0 && comma == 0 && commas > 0 {
		note = "the comma was read as the thousands separator"
	}
	// CR is what comes in, on the statement of an account.
	sign := fmt.Sprintf("CASE WHEN contains(%s, '-') OR contains(%s, '(') OR regexp_matches(%s, '[Cc][Rr] *$') THEN '-' ELSE '' END", x, x, v)
	// Nothing but digits, separators, a sign and a currency may stand in an amount.
	worded := fmt.Sprintf(`regexp_full_match(trim(%s), '[-+( ]*(\p{Sc}|[A-Za-z]{1,3}\$?|)[-+( ]*[0-9.,''\x{00a0}\x{202f} ]*[0-9][0-9.,]*[) ]*(\p{Sc}|[A-Za-z]{3}|[CcDd][Rr]|)[-) ]*')`, v)
	parsed := fmt.Sprintf("CASE WHEN %s AND regexp_full_match(%s, %s) THEN try_cast(%s || %s AS DECIMAL(18,4)) END", worded, x, shape, sign, fmt.Sprintf(digitsOnly, body))
	return fmt.Sprintf("coalesce(%s, %s)", fall, parsed), note, nil
}

// threeDecimals tells that every point in a column of plain numbers may as well part thousands.
func threeDecimals(ctx context.Context, db querier, table, v string) (note string, err error) {
	var any, other bool
	q := "SELECT EXISTS (FROM %[1]s WHERE contains(%[2]s, '.')), EXISTS (FROM %[1]s WHERE contains(%[2]s, '.') AND NOT (%[2]s[-4:-4] = '.' AND regexp_full_match(trim(%[2]s), '-?[1-9][0-9]{0,2}[.][0-9]{3}')))"
	if err := db.QueryRowContext(ctx, fmt.Sprintf(q, table, v)).Scan(&any, &other); err != nil || !any || other {
		return "", err
	}
	return "three digits stand behind every point, which may be the thousands separator; it was read as the decimal sign", nil
}

// currencySigns are the signs of currencies that mean one.
var currencySigns = map[string]string{"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "R$": "BRL"}

// currencyOfAmounts is the SQL of the currency that stands beside each amount of a column; "" where none does, or one is not known.
func currencyOfAmounts(ctx context.Context, db querier, table, v string) (string, error) {
	sign := fmt.Sprintf(`regexp_extract(upper(%s), '[A-Z]{3}|R\$|\p{Sc}')`, v)
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %s AS sign FROM %s WHERE sign != '' AND regexp_matches(%s, '[0-9]') LIMIT 50", sign, table, v))
	if err != nil {
		return "", err
	}
	defer rows.Close()
	whens := ""
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return "", err
		}
		code := currencySigns[s]
		if unit, err := currency.ParseISO(s); err == nil {
			code = unit.String()
		}
		if code == "" {
			return "", nil
		}
		whens += fmt.Sprintf(" WHEN %s THEN %s", quote(s), quote(code))
	}
	if whens == "" {
		return "", rows.Err()
	}
	return fmt.Sprintf("CASE %s%s END", sign, whens), rows.Err()
}

func convertMinutes(ctx context.Context, db querier, table, v string) (expr, note string, err error) {
	number := fmt.Sprintf("try_cast(trim(%s) AS DOUBLE)", v)
	var top sql.NullFloat64
	q := fmt.Sprintf("SELECT max(abs(%s)) FROM %s WHERE isfinite(%s)", number, table, number)
	if err := db.QueryRowContext(ctx, q).Scan(&top); err != nil {
		return "", "", err
	}
	unit := 1
	if top.Valid && top.Float64 > 0 && top.Float64 <= 14 {
		unit, note = 60, "read as hours"
	}
	clock := fmt.Sprintf(`regexp_extract(trim(%s), '^(UTC|GMT)?([+-])([0-9]{1,2}):?([0-9]{2})$', ['z', 's', 'h', 'm'])`, v)
	return fmt.Sprintf(`CASE WHEN abs(%[1]s) <= 1440 THEN round(%[1]s * %[2]d)::INTEGER WHEN %[3]s.h != '' THEN CASE %[3]s.s WHEN '-' THEN -1 ELSE 1 END * (60 * try_cast(%[3]s.h AS INTEGER) + try_cast(%[3]s.m AS INTEGER)) END`, number, unit, clock), note, nil
}

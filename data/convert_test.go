package data

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
)

// column imports a file of one interesting column and returns what became of its values, in the order of the file, and its description.
func column(t *testing.T, e *Engine, id, source, canonical string, values []string) ([]string, olorin.Column) {
	t.Helper()
	rows := [][]string{{"zz_nr", source}}
	for i, v := range values {
		rows = append(rows, []string{fmt.Sprintf("k%d", i), v})
	}
	d, err := e.Import(context.Background(), strings.NewReader(write(rows, ';', false)), ImportOptions{ID: id, Mapping: map[string]string{canonical: source}})
	if err != nil {
		t.Fatal(err)
	}
	c := openCase(t, e, d, Selection{})
	var got []string
	err = c.Query(context.Background(), `SELECT `+canonical+` AS v, CAST(`+canonical+` AS VARCHAR) AS text, t FROM events ORDER BY "row"`, nil, func(row map[string]any) error {
		switch v := row["v"].(type) {
		case nil:
			got = append(got, "NULL")
		case time.Time:
			got = append(got, v.Format("2006-01-02T15:04:05.999999"))
		default:
			got = append(got, row["text"].(string))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got, d.Columns[1]
}

func TestValuesBecomeCanonical(t *testing.T) {
	e := openEngine(t)
	for i, tc := range []struct {
		name, canonical string
		values, want    []string
		nulls, bad      int64
		note            string
	}{
		{
			"ISO", "event_time",
			[]string{"2026-01-02", "2026-01-02 03:04", "2026-01-02T03:04:05", "2026-01-02 03:04:05.123456", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.5+02:00", "2026-01-02 03:04:05 -0530", "2026-01-02T03:04+01", "2026-01-02 03:04:05 UTC", "2026/1/2 3:04", "", "null", "infinity", "soon", "2026-13-01"},
			[]string{"2026-01-02T00:00:00", "2026-01-02T03:04:00", "2026-01-02T03:04:05", "2026-01-02T03:04:05.123456", "2026-01-02T03:04:05", "2026-01-02T01:04:05.5", "2026-01-02T08:34:05", "2026-01-02T02:04:00", "2026-01-02T03:04:05", "2026-01-02T03:04:00", "NULL", "NULL", "NULL", "NULL", "NULL"},
			2, 3, "",
		},
		{
			"days of a spreadsheet", "event_time",
			[]string{"46024", "46024.5", "46024.127835648", ""},
			[]string{"2026-01-02T00:00:00", "2026-01-02T12:00:00", "2026-01-02T03:04:05", "NULL"},
			1, 0, "numbers of days from 30 December 1899, as spreadsheets write dates",
		},
		{
			"epochs of four magnitudes", "event_time",
			[]string{"1767323045", "1767323045.5", "1767323045123", "1767323045123456", "1767323045123456789", "20260102", "20260102030405", "17"},
			[]string{"2026-01-02T03:04:05", "2026-01-02T03:04:05.5", "2026-01-02T03:04:05.123", "2026-01-02T03:04:05.123456", "2026-01-02T03:04:05.123456", "2026-01-02T00:00:00", "2026-01-02T03:04:05", "NULL"},
			0, 1, "",
		},
		{
			"month first, by one value", "event_time",
			[]string{"1/2/2026 3:04", "4/18/2026 2:47 PM", "4/5/2026", "12/31/2026 23:59:58.5"},
			[]string{"2026-01-02T03:04:00", "2026-04-18T14:47:00", "2026-04-05T00:00:00", "2026-12-31T23:59:58.5"},
			0, 0, "read as month first",
		},
		{"day first, by one value", "event_time", []string{"1/2/2026 3:04", "18/4/2026 2:47"}, []string{"2026-02-01T03:04:00", "2026-04-18T02:47:00"}, 0, 0, "read as day first"},
		{"day or month", "event_time", []string{"1/2/2026", "3/4/2026"}, []string{"2026-01-02T00:00:00", "2026-03-04T00:00:00"}, 0, 0, "day and month could be either way round; taken as month first"},
		{"dots", "event_time", []string{"1.2.2026 3:04", "3.4.2026 03:04:05"}, []string{"2026-02-01T03:04:00", "2026-04-03T03:04:05"}, 0, 0, "day and month could be either way round; taken as day first"},
		{"both orders", "event_time", []string{"13/2/2026", "14/3/2026", "2/13/2026"}, []string{"2026-02-13T00:00:00", "2026-03-14T00:00:00", "NULL"}, 0, 1, "day and month stand in both orders; taken as day first, the others are unreadable"},
		{"short years", "event_time", []string{"1/22/26", "2/3/26 4:05"}, []string{"2026-01-22T00:00:00", "2026-02-03T04:05:00"}, 0, 0, "read as month first"},
		{"names of months", "event_time", []string{"02-Jan-2026 03:04:05", "Jan 2, 2026", "2 January 2026"}, []string{"2026-01-02T03:04:05", "2026-01-02T00:00:00", "2026-01-02T00:00:00"}, 0, 0, ""},
		{"seconds from the start", "event_time", []string{"0", "86400", "90061"}, []string{"2000-01-01T00:00:00", "2000-01-02T00:00:00", "2000-01-02T01:01:01"}, 0, 0, "counts seconds from the start of the file; taken from 2000-01-01T00:00:00Z on"},
		{
			"plain amounts", "amount",
			[]string{"1", "1.5", "-2.25", "0.00005", "1e3", "12345678901234.5678", "99999999999999999", "", "n/a", "abc", "nan", ".5"},
			[]string{"1.0000", "1.5000", "-2.2500", "0.0001", "1000.0000", "12345678901234.5678", "NULL", "NULL", "NULL", "NULL", "NULL", "0.5000"},
			3, 2, "",
		},
		{
			"thousands separators", "amount",
			[]string{"1,234.50", "1,234,567.89", "12", "$5.25", "-$3.10", "(7.50)", "USD 9.99", "8.5 EUR", "€ 1,000.00", "1,23,456.00", "12 apples"},
			[]string{"1234.5000", "1234567.8900", "12.0000", "5.2500", "-3.1000", "-7.5000", "9.9900", "8.5000", "1000.0000", "123456.0000", "NULL"},
			0, 1, "",
		},
		{
			"decimal comma", "amount",
			[]string{"1.234,50", "1.234.567,89", "12", "5,25", "-3,1", "1.234", "1 234,5", "12,34 €", "1.5"},
			[]string{"1234.5000", "1234567.8900", "12.0000", "5.2500", "-3.1000", "1234.0000", "1234.5000", "12.3400", "NULL"},
			0, 1, "the comma was read as the decimal sign",
		},
		{"a decimal comma among points", "amount", []string{"10.50", "11.25", "1,234", "9,99"}, []string{"10.5000", "11.2500", "1234.0000", "NULL"}, 0, 1, ""},
		{"points that part thousands", "amount", []string{"1.500", "12.000.000", "950", "-2.000"}, []string{"1500.0000", "12000000.0000", "950.0000", "-2000.0000"}, 0, 0, "the point was read as the thousands separator"},
		{"points that may be either", "amount", []string{"1.500", "12.000", "950"}, []string{"1.5000", "12.0000", "950.0000"}, 0, 0, "three digits stand behind every point, which may be the thousands separator; it was read as the decimal sign"},
		{"three decimals", "amount", []string{"1.500", "0.250", "9.5"}, []string{"1.5000", "0.2500", "9.5000"}, 0, 0, ""},
		{"statements of accounts", "amount", []string{"100.00-", "50.00CR", "30.00 DR", "7"}, []string{"-100.0000", "-50.0000", "30.0000", "7.0000"}, 0, 0, ""},
		{"accounts that a spreadsheet rounded", "account_id", []string{"4000", "1.23457E+15", "4002"}, []string{"4000", "NULL", "4002"}, 0, 1, "numbers such as 1.23457E+15 were rounded by a spreadsheet and name nobody; they were left out"},
		{"comma that may be either", "amount", []string{"1,234", "5,678"}, []string{"1234.0000", "5678.0000"}, 0, 0, "the comma was read as the thousands separator"},
		{
			"addresses", "ip_address",
			[]string{"10.0.0.1", "732758368.8", "2621473820", "1.6843009e7", "010.001.002.003", "2001:DB8:0:0:0:0:0:1", "::ffff:1.2.3.4", "[::1]", "1.2.3.4:443", "256.1.1.1", "0", "unknown", "host"},
			[]string{"10.0.0.1", "43.173.1.96", "156.64.132.28", "1.1.1.1", "10.1.2.3", "2001:db8::1", "1.2.3.4", "::1", "1.2.3.4", "NULL", "NULL", "NULL", "NULL"},
			2, 2, "",
		},
		{"booleans", "is_vpn", []string{"TRUE", "f", "1", "0", "Yes", "no", "maybe", ""}, []string{"true", "false", "true", "false", "true", "false", "NULL", "NULL"}, 1, 1, ""},
		{"devices", "device_id", []string{"D-1", "0", "0000", "00000000-0000-0000-0000-000000000000", "unknown", "None", "N/A", " d2 ", "00a0"}, []string{"D-1", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "d2", "00a0"}, 6, 0, ""},
		{"users", "user_id", []string{"0", "NA", "null", "u1"}, []string{"0", "NULL", "NULL", "u1"}, 2, 0, ""},
		{"numbers with gaps", "user_id", []string{"1005", "1005.0", "", "7"}, []string{"1005", "1005", "NULL", "7"}, 1, 0, "1005 and 1005.0 are read as one"},
		{"countries", "country", []string{"us", "NA", "Germany", "unknown", "De", "germany ", "DEU", "Deutschland", "UK", "Côte d'Ivoire", "Atlantis"}, []string{"US", "NA", "DE", "NULL", "DE", "DE", "DE", "DE", "GB", "CI", "Atlantis"}, 1, 0, `names were read as codes: "Côte d'Ivoire" as CI, "DEU" as DE, "Deutschland" as DE and so on`},
		{"currencies", "currency", []string{"eur", "Euro", "US Dollar", "€", "tokens"}, []string{"EUR", "EUR", "USD", "EUR", "tokens"}, 0, 0, `names were read as codes: "Euro" as EUR, "US Dollar" as USD, "€" as EUR`},
		{"e-mail", "email", []string{" A.B@Example.COM ", "unknown"}, []string{"a.b@example.com", "NULL"}, 1, 0, ""},
		{"phones", "phone_number", []string{"+1 (555) 010-9999", "0555 0109999", "x", "0049 170/123456", "+49 (0)170 123456"}, []string{"+15550109999", "05550109999", "NULL", "+49170123456", "+49170123456"}, 0, 1, ""},
		{"latitude", "latitude", []string{"52.5", "52,25", "-91", "nan", "x"}, []string{"52.5", "52.25", "NULL", "NULL", "NULL"}, 1, 2, ""},
		{"offsets in minutes", "tz_offset_minutes", []string{"-300", "60", "+05:30", "UTC-03:00", "x"}, []string{"-300", "60", "330", "-180", "NULL"}, 0, 1, ""},
		{"offsets in hours", "tz_offset_minutes", []string{"-5", "5.5", "0"}, []string{"-300", "330", "0"}, 0, 0, "read as hours"},
		{"last digits", "card_last4", []string{"1234", "0012", "12.0", "x"}, []string{"1234", "0012", "12", "NULL"}, 0, 1, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, c := column(t, e, fmt.Sprintf("d%d", i), "zz_"+tc.canonical, tc.canonical, tc.values)
			for i := range tc.want {
				if got[i] != tc.want[i] {
					t.Errorf("%q became %s, want %s", tc.values[i], got[i], tc.want[i])
				}
			}
			if c.Nulls != tc.nulls || c.Unreadable != tc.bad || c.Note != tc.note || c.Confidence != 1 {
				t.Errorf("%d nulls, %d unreadable, note %q, confidence %v; want %d, %d, %q, 1", c.Nulls, c.Unreadable, c.Note, c.Confidence, tc.nulls, tc.bad, tc.note)
			}
		})
	}
}

func TestSecondsAreCutNotRounded(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "user_id,event_time\nu1,2026-01-02T03:04:05.999999\nu1,1969-12-31T23:59:58.5\nu1,1969-12-31T23:59:58\n")
	c := openCase(t, e, d, Selection{})
	if got := fmt.Sprint(table(t, c, `SELECT t FROM events ORDER BY "row"`)); got != "[map[t:1767323045] map[t:-2] map[t:-2]]" {
		t.Errorf("t is %s", got)
	}
}

func TestStatusTellsSuccess(t *testing.T) {
	e := openEngine(t)
	said := []olorin.Mapping{{Shape: olorin.Shape([]string{"user_id", "ergebnis"}), Words: olorin.Words{"status": {"Q7": "declined", "ok": "neither"}}}}
	for name, tc := range map[string]struct{ file, want string }{
		"said":    {"user_id,ergebnis\nu,Q7\nu,ok\nu,paid\nu,Q8\n", "[map[s:Q7 status_ok:false] map[s:ok status_ok:<nil>] map[s:paid status_ok:true] map[s:Q8 status_ok:<nil>]]"},
		"words":   {"user_id,status\nu,Approved\nu,DECLINED\nu,do not honor\nu,pending\nu,\n", "[map[s:Approved status_ok:true] map[s:DECLINED status_ok:false] map[s:do not honor status_ok:false] map[s:pending status_ok:<nil>] map[s:<nil> status_ok:<nil>]]"},
		"flag":    {"user_id,is_failed\nu,true\nu,false\n", "[map[s:failed status_ok:false] map[s:success status_ok:true]]"},
		"refusal": {"user_id,is_declined\nu,1\nu,0\n", "[map[s:declined status_ok:false] map[s:approved status_ok:true]]"},
		"nested":  {"user_id,event.ok\nu,true\nu,false\n", "[map[s:success status_ok:true] map[s:failed status_ok:false]]"},
		"login":   {"user_id,Login Successful\nu,True\nu,False\n", "[map[s:success status_ok:true] map[s:failed status_ok:false]]"},
		"http":    {"user_id,status_code\nu,200\nu,401\nu,302\n", "[map[s:200 status_ok:true] map[s:401 status_ok:false] map[s:302 status_ok:true]]"},
		"kinds":   {"user_id,event_type\nu,login\nu,login_failed\nu,PaymentSucceeded\nu,view\n", "[map[s:success status_ok:true] map[s:failed status_ok:false] map[s:success status_ok:true] map[s:<nil> status_ok:<nil>]]"},
		"ISO8583": {"user_id,response_code\nu,00\nu,05\nu,N7\n", "[map[s:00 status_ok:true] map[s:05 status_ok:false] map[s:N7 status_ok:false]]"},
		"yes":     {"user_id,status\nu,Y\nu,N\n", "[map[s:Y status_ok:true] map[s:N status_ok:false]]"},
		"letters": {"user_id,status\nu,A\nu,D\n", "[map[s:A status_ok:true] map[s:D status_ok:false]]"},
		"French":  {"user_id,status\nu,accepté\nu,refusé\nu,ERR_51\n", "[map[s:accepté status_ok:true] map[s:refusé status_ok:false] map[s:ERR_51 status_ok:false]]"},
		"both":    {"user_id,event_type,status\nu,login_failed,ok\nu,login_success,\n", "[map[s:ok status_ok:true] map[s:<nil> status_ok:<nil>]]"},
	} {
		d, err := e.Import(t.Context(), strings.NewReader(tc.file), ImportOptions{ID: name, Remembered: said})
		if err != nil {
			t.Fatal(err)
		}
		if told := fmt.Sprint(d.Columns[1].Words); name == "said" && (told != "[{Q8 neither false} {ok neither true} {paid approved false} {Q7 declined true}]" || d.Remembered == nil) {
			t.Errorf("the words are told as %s, remembered %v", told, d.Remembered)
		}
		c := openCase(t, e, d, Selection{})
		if got := fmt.Sprint(table(t, c, `SELECT status AS s, status_ok FROM events ORDER BY "row"`)); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

// A column counts cents where its name says so, or where whole numbers stand beside the ids of a payment API; its note tells.
func TestMinorUnits(t *testing.T) {
	e := openEngine(t)
	for name, tc := range map[string]struct{ file, amounts, note string }{
		"by name":      {"user_id,amount_cents\nu1,1050\nu2,7\n", "10.5 0.07", "counted in hundredths and divided by 100"},
		"by ids":       {"id,customer,amount,currency\nch_3Nabcdef12,u1,1050,usd\nch_3Nabcdef13,u2,700,jpy\n", "10.5 700.0", "whole numbers beside ids of a payment API (such as ch_… or pi_…): counted in hundredths and divided by 100, but of currencies without hundredths"},
		"for people":   {"id,customer,amount\nch_3Nabcdef12,u1,10.50\nch_3Nabcdef13,u2,7\n", "10.5 7.0", ""},
		"of other ids": {"id,customer,amount\nx1,u1,1050\nx2,u2,7\n", "1050.0 7.0", ""},
	} {
		d := importText(t, e, strings.ReplaceAll(name, " ", "-"), tc.file)
		c := openCase(t, e, d, Selection{})
		note := ""
		for _, column := range d.Columns {
			if column.Canonical == "amount" {
				note = column.Note
			}
		}
		if got := fmt.Sprint(table(t, c, "SELECT string_agg(amount::DOUBLE, ' ' ORDER BY user_id) AS a FROM events")); got != "[map[a:"+tc.amounts+"]]" || note != tc.note {
			t.Errorf("%s: %s (%s), want %s (%s)", name, got, note, tc.amounts, tc.note)
		}
	}
}

// A list of sign-ups has no other time than theirs: they are its events.
func TestSignUpsAreEvents(t *testing.T) {
	e := openEngine(t)
	d := importText(t, e, "d", "user_id,registration_date,email\nu1,2026-03-02 10:00:00,a@example.org\nu2,2026-03-03 10:00:00,b@example.org\n")
	c := openCase(t, e, d, Selection{})
	if got := fmt.Sprint(table(t, c, "SELECT count(*) AS n FROM events WHERE t = epoch(signup_time) AND event_time = signup_time")); got != "[map[n:2]]" || d.FirstEventAt == nil || !d.Has("event_time") {
		t.Errorf("%s, first event at %v, derived %v", got, d.FirstEventAt, d.Derived)
	}
	d, err := e.Import(context.Background(), strings.NewReader("user_id,registration_date\nu1,2026-03-02\n"), ImportOptions{ID: "d2", Mapping: map[string]string{"event_time": ""}})
	if err != nil || d.Has("event_time") {
		t.Errorf("somebody said that there is no time of an event: derived %v, %v", d.Derived, err)
	}
}

// What a file writes into several columns is read as one.
func TestOneThingInSeveralColumns(t *testing.T) {
	e := openEngine(t)
	for name, tc := range map[string]struct{ file, query, want, note string }{
		"a date and a clock":         {"Kunde;Datum;Uhrzeit\nk;31.12.2026;23:59:58\nk;01.01.2027;\n", "event_time::VARCHAR", "[2026-12-31 23:59:58 2027-01-01 00:00:00]", `read as day first; read together with "Uhrzeit"`},
		"of two clocks its own":      {"user_id,other_time,login_time,login_date\nu,01:02,3:04 PM,2026-01-02\nu,05:06,11:00 AM,2026-01-03\n", "event_time::VARCHAR", "[2026-01-02 15:04:00 2026-01-03 11:00:00]", `read together with "login_time"`},
		"numbers":                    {"user_id,booking_date,booking_time\nu,20260102,70203\nu,20260103,235958\n", "event_time::VARCHAR", "[2026-01-02 07:02:03 2026-01-03 23:59:58]", `read together with "booking_time"`},
		"a spreadsheet's midnight":   {"user_id,Date,Time\nu,2026-01-02 00:00:00,07:02\nu,2026-01-03 00:00:00,23:59\n", "event_time::VARCHAR", "[2026-01-02 07:02:00 2026-01-03 23:59:00]", `read together with "Time"`},
		"a clock that is no other's": {"user_id,timestamp,Time\nu,2026-01-02 05:06,07:02\n", "event_time::VARCHAR", "[2026-01-02 05:06:00]", ""},
		"year, month, day, clock":    {"user_id,Year,Month,Day,Time\nu,2026,3,9,06:21\nu,2026,12,10,16:21\n", "event_time::VARCHAR", "[2026-03-09 06:21:00 2026-12-10 16:21:00]", `read together with "Month", "Day", "Time"`},
		"money out and in":           {"Date,Debit,Credit\n2026-01-02,\"1,005.50\",\n2026-01-03,0.00,7\n", "amount::VARCHAR", "[1005.5000 -7.0000]", ""},
		"signs of currencies":        {"user_id,amount\nu,$10.00\nu,€12.00\nu,JPY 5000\nu,1\n", "currency", "[USD EUR JPY <nil>]", ""},
		"a sign nobody knows":        {"user_id,amount\nu,$10.00\nu,ZZY 12.00\n", "currency", "[<nil> <nil>]", ""},
		"a person":                   {"user_id,first_name,last_name\nu,Ann,Lee\n", "person_name", "[Ann Lee]", `read together with "last_name"`},
		"quotation marks":            {"customer,amount\n'C1',5\n'C2',6\n", "user_id", "[C1 C2]", ""},
	} {
		d := importText(t, e, fmt.Sprintf("x%x", name), tc.file)
		got := strings.ReplaceAll(strings.Trim(fmt.Sprint(table(t, openCase(t, e, d, Selection{}), "SELECT list("+tc.query+` ORDER BY "row") AS v FROM events`)), "[]"), "map[v:", "") + "]"
		note := ""
		for _, c := range d.Columns {
			if c.Canonical == "event_time" || c.Canonical == "person_name" {
				note = c.Note
			}
		}
		if got != tc.want || note != tc.note {
			t.Errorf("%s: %s with %q, want %s with %q", name, got, note, tc.want, tc.note)
		}
	}
}

// What a person says of kinds of events goes before what their words tell, and only for those of which it is said.
func TestKindsAreSaid(t *testing.T) {
	e := openEngine(t)
	d, err := e.Import(t.Context(), strings.NewReader("user_id,event_type,amount,status\nu,Zutritt,,ok\nu,login,,ok\nu,Topf,5,ok\nu,refund,5,ok\nu,credit,5,ok\nu,sale,5,ok\n"), ImportOptions{
		ID: "d", Words: olorin.Words{"event_type": {"Zutritt": "login", "Topf": "incoming", "refund": "other"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(d.Columns[1].Words); got != "[{refund other true} {sale other false} {Topf incoming true} {credit incoming false} {Zutritt login true} {login login false}]" {
		t.Errorf("the kinds are told as %s", got)
	}
	c := openCase(t, e, d, Selection{})
	want := "[map[login:true outgoing:false refunded:false] map[login:true outgoing:false refunded:false] map[login:false outgoing:false refunded:false] map[login:false outgoing:true refunded:false] map[login:false outgoing:false refunded:false] map[login:false outgoing:true refunded:false]]"
	if got := fmt.Sprint(table(t, c, `SELECT login, refunded, outgoing FROM events ORDER BY "row"`)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

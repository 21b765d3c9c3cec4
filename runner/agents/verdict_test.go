package agents_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// verdict is what a check says of an entity in a small file.
type verdict struct {
	name   string
	tool   string
	file   func() *table
	entity olorin.Entity // user bad, where it is not named
	from   string        // of the case's time range
	until  string
	want   olorin.Outcome
	code   olorin.Why
	says   string // part of a sentence, or of the reason
	denies string // what no sentence may say
	anew   bool   // whether the numbers are worked out again
	lists  map[string]string
}

func user(name string) olorin.Entity { return olorin.Entity{Type: "user_id", Value: name} }

// crowd writes n ordinary accounts, three events each.
func crowd(t *table, n int, cells func(i, k int) []any) *table {
	for i := range n {
		for k := range 3 {
			t.row(append([]any{fmt.Sprintf("n%d", i), at(float64(i) + float64(k)*5*day)}, cells(i, k)...)...)
		}
	}
	return t
}

// smallFiles are the files, each made to tempt a check into a wrong verdict, and what is to be said of them.
func smallFiles() []verdict {
	var verdicts []verdict
	// Everybody comes once, and one account with twelve devices, cards, countries and addresses within hours.
	once := func() *table {
		t := newTable("user_id,event_time,device_id,card_number,ip_country,ip_address")
		for i := range 300 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i)), fmt.Sprintf("d%d", i), fmt.Sprintf("tok%d", i), "FR", fmt.Sprintf("81.2.%d.%d", 1+i/250, 1+i%250))
		}
		for k, country := range strings.Fields("US CA BR AR ZA NG EG IN CN JP AU DE") {
			t.row("bad", at(float64(k)*hour), fmt.Sprintf("x%d", k), fmt.Sprintf("stolen%d", k), country, fmt.Sprintf("5.9.%d.1", k))
		}
		return t
	}
	for _, tool := range []string{"DEV-02", "VEL-04", "GEO-01", "GEO-03", "NET-02"} {
		verdicts = append(verdicts, verdict{name: "own baseline", anew: tool != "GEO-01", tool: tool, file: once, want: olorin.Fired})
	}
	verdicts = append(verdicts, verdict{name: "own baseline of a device", anew: true, tool: "DEV-08", want: olorin.Fired, says: "12 cards of 1 account", file: func() *table {
		t := newTable("user_id,event_time,device_id,card_number")
		for i := range 300 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i)), fmt.Sprintf("d%d", i), fmt.Sprintf("tok%d", i))
		}
		for k := range 12 {
			t.row("bad", at(float64(k)*hour), "farm", fmt.Sprintf("stolen%d", k))
		}
		return t
	}})
	abroad := func(a, b string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,ip_country"), 60, func(int, int) []any { return []any{a} })
			t.row("bad", at(17*hour), a)
			t.row("bad", at(18*hour), b)
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "the file's only pair", anew: true, tool: "GEO-01", file: abroad("DE", "AU"), want: olorin.Fired},
		verdict{name: "countries by name", tool: "GEO-01", file: abroad("Germany", "Australia"), want: olorin.Fired},
		verdict{name: "countries nobody knows", tool: "GEO-01", file: abroad("Mordor", "Rohan"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "none of the places"},
	)

	// Two waves of guessing, and who was got into in the smaller one.
	waves := func() *table {
		t := crowd(newTable("user_id,event_time,ip_address,event_type,status"), 70, func(i, _ int) []any {
			return []any{fmt.Sprintf("81.2.69.%d", i+1), "login", "success"}
		})
		for i := range 30 {
			t.row(fmt.Sprintf("n%d", i), at(20*day+float64(i)/10), "9.9.9.9", "login", "failed")
		}
		for i := range 20 {
			t.row(fmt.Sprintf("n%d", 40+i), at(25*day+float64(i)/10), "9.9.9.9", "login", "failed")
		}
		t.row("n61", at(25*day+3), "9.9.9.9", "login", "success")
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "second wave", tool: "NET-04", file: waves, entity: user("n61"), want: olorin.Fired, says: "21 accounts"},
		verdict{name: "first wave", tool: "NET-04", file: waves, entity: user("n3"), want: olorin.Fired, says: "30 accounts", denies: "21 accounts"},
		verdict{name: "new on a known farm", tool: "DEV-01", entity: user("new1"), want: olorin.Fired, says: "9 accounts", file: func() *table {
			t := crowd(newTable("user_id,event_time,device_id"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("d%d", i)} })
			for i := range 6 {
				t.row(fmt.Sprintf("f%d", i), at(float64(i)*hour), "farm")
				t.row(fmt.Sprintf("f%d", i), at(180*day+float64(i)*hour), "farm")
			}
			for i := range 3 {
				t.row(fmt.Sprintf("new%d", i), at(180*day+float64(i)*hour), "farm")
			}
			return t
		}},
		verdict{name: "a larger burst in another year", tool: "VEL-01", from: "2026-06-01T00:00:00Z", want: olorin.Fired, says: "11 events within", file: func() *table {
			t := crowd(newTable("user_id,event_time"), 60, func(int, int) []any { return nil })
			for k := range 12 {
				t.row("bad", at(float64(k)*2))
			}
			for k := range 11 {
				t.row("bad", at(100*day+float64(k)*2))
			}
			return t
		}},
	)

	// What was seen before the window counts in it, too.
	returning := func(header string, item func(k int) string, first, all int) func() *table {
		return func() *table {
			t := crowd(newTable(header), 60, func(i, _ int) []any { return []any{"own" + fmt.Sprint(i)} })
			for k := range first {
				t.row("bad", at(-100*day+float64(k)*hour), item(k))
			}
			for k := range all {
				t.row("bad", at(50*day+float64(k)*day), item(k))
			}
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "countries that return", anew: true, tool: "GEO-03", want: olorin.Fired, says: "was in 4 countries", file: returning("user_id,event_time,ip_country", func(k int) string { return []string{"US", "CA", "FR", "DE"}[k] }, 2, 4)},
		verdict{name: "devices that return", anew: true, tool: "DEV-02", want: olorin.Fired, says: "used 5 devices", file: returning("user_id,event_time,device_id", func(k int) string { return fmt.Sprintf("x%d", k) }, 3, 5)},
		verdict{name: "counterparties that return", anew: true, tool: "LNK-03", want: olorin.Fired, says: "paid 12 counterparties", file: func() *table {
			t := crowd(newTable("user_id,event_time,counterparty_id,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("n%d", (i+k+1)%60), "10.00"} })
			for k := range 8 {
				t.row("bad", at(-100*day), fmt.Sprintf("mule%d", k), "10.00")
			}
			for k := range 12 {
				t.row("bad", at(float64(k)*hour), fmt.Sprintf("mule%d", k), "10.00")
			}
			return t
		}},
	)

	// What came after the period was not known in it, for no check; what came before is a past.
	later := func() *table {
		t := crowd(newTable("user_id,event_time,device_id,ip_country,ip_address"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("d%d", i), "FR", fmt.Sprintf("81.2.69.%d", i+1)} })
		for k := range 9 {
			t.row("bad", at(float64(k)*day), "own", "FR", "81.2.69.200")
		}
		for k, country := range strings.Fields("US CA BR AR ZA NG EG IN CN JP AU DE") {
			t.row("bad", at(12*day+float64(k)*hour), fmt.Sprintf("x%d", k), country, fmt.Sprintf("5.9.%d.1", k))
		}
		return t
	}
	for _, tool := range []string{"DEV-02", "GEO-01", "GEO-02", "GEO-03", "NET-02"} {
		verdicts = append(verdicts,
			verdict{name: "after the period", tool: tool, file: later, until: "2026-03-13T00:00:00Z", want: olorin.Clear},
			verdict{name: "within the period", tool: tool, file: later, until: "2026-03-16T00:00:00Z", want: olorin.Fired},
		)
	}

	// One customer's log, and a handful of accounts: limits hold without peers, and what needs peers says so.
	alone := func() *table {
		t := newTable("user_id,event_time,ip_country,amount")
		for k := range 20 {
			t.row("c1", at(float64(k)*day), "FR", "100.00")
		}
		for k, country := range []string{"US", "BR", "JP", "ZA", "AU"} {
			t.row("c1", at(21*day+float64(k)*hour), country, "100.00")
		}
		return t
	}
	for tool, says := range map[string]string{"GEO-01": "km/h", "GEO-02": "for the first time", "GEO-03": "an unknown share of the comparable accounts"} {
		verdicts = append(verdicts, verdict{name: "one account alone", tool: tool, file: alone, entity: user("c1"), want: olorin.Fired, says: says})
	}
	for _, tool := range []string{"VEL-07", "PAY-05"} {
		verdicts = append(verdicts, verdict{name: "one account alone", tool: tool, file: alone, entity: user("c1"), want: olorin.NotAssessed, code: olorin.WhyNoBaseline, says: "too few other accounts"})
	}
	verdicts = append(verdicts, verdict{name: "four accounts", tool: "IDN-01", want: olorin.Fired, says: "an unknown share", file: func() *table {
		t := newTable("user_id,event_time,email")
		for i := range 3 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i)), fmt.Sprintf("a%d@example.org", i))
		}
		t.row("bad", at(9), "x@mailinator.com")
		return t
	}})

	// A card number in clear ties as a token does.
	pans := func() *table {
		t := newTable("user_id,event_time,card_number,email,phone_number")
		for i := range 80 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i)), pan(i), fmt.Sprintf("n%d@example.org", i), fmt.Sprintf("+4420700%05d", i))
		}
		for k, u := range []string{"bad", "b2", "b3", "b4"} {
			t.row(u, at(200+float64(k)), pan(1000), fmt.Sprintf("%s@example.org", u), "+4420799"+fmt.Sprintf("%05d", k/2))
		}
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "real cards", tool: "LNK-01", file: pans, want: olorin.Fired, says: "ring of 4 accounts", denies: "~"},
		verdict{name: "real cards", tool: "LNK-08", file: pans, want: olorin.Fired, says: "share 2 of", denies: "~"},
	)

	// A payment is no log-in.
	authorisations := func() *table {
		t := crowd(newTable("user_id,event_time,event_type,status,amount"), 60, func(int, int) []any { return []any{"authorization", "approved", "20.00"} })
		for k := range 6 {
			t.row("bad", at(9*day+float64(k)/3), "authorization", "declined", "20.00")
		}
		t.row("bad", at(9*day+2), "authorization", "approved", "20.00")
		return t
	}
	office := func() *table {
		t := crowd(newTable("user_id,event_time,ip_address,status,amount"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("81.2.69.%d", i+1), "approved", "20.00"} })
		for k := range 6 {
			t.row([]string{"bad", "b1", "b2", "b3", "b4", "b5"}[k], at(9*day+float64(k)), "9.9.9.9", "declined", "20.00")
		}
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "authorisations", tool: "VEL-08", file: authorisations, want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "is a log-in"},
		verdict{name: "declined in one office", tool: "NET-04", file: office, want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "is a log-in"},
	)
	for _, kind := range []string{"user.login", "LoginAttempt", "sign-in", "logon", "AUTHENTICATION", "user.session.start", "UserLoggedIn", "Inicio de sesión"} {
		verdicts = append(verdicts, verdict{name: kind, tool: "VEL-08", want: olorin.Fired, file: func() *table {
			t := crowd(newTable("user_id,event_time,event_type,status"), 60, func(int, int) []any { return []any{kind, "success"} })
			for k := range 6 {
				t.row("bad", at(9*day+float64(k)/3), kind, "failed")
			}
			t.row("bad", at(9*day+2), kind, "success")
			return t
		}})
	}

	// A file of log-ins needs no column that says so; one of payments does.
	outcomes := func(column string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,"+column), 60, func(int, int) []any { return []any{"True"} })
			for k := range 6 {
				t.row("bad", at(9*day+float64(k)/3), "False")
			}
			t.row("bad", at(9*day+2), "True")
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "outcomes of log-ins", anew: true, tool: "VEL-08", file: outcomes("Login Successful"), want: olorin.Fired, says: "6 log-ins failed"},
		verdict{name: "outcomes of anything", tool: "VEL-08", file: outcomes("success"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "is a log-in"},
		verdict{name: "a list of sign-ups", tool: "IDN-06", want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "the sign-up itself", file: func() *table {
			t := newTable("user_id,registration_date")
			for i := range 12 {
				t.row(fmt.Sprintf("n%d", i), at(float64(i)))
			}
			t.row("bad", at(9))
			return t
		}},
	)

	// Words of event types are words, not letters.
	chain := func(first, second string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,event_type,amount"), 60, func(int, int) []any { return []any{"purchase", "20.00"} })
			t.row("bad", at(9*day), first, "")
			t.row("bad", at(9*day+30), second, "900.00")
			return t
		}
	}
	agent := func(name string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,user_agent"), 60, func(int, int) []any { return []any{"Mozilla/5.0 (Windows NT 10.0) Chrome/126.0"} })
			t.row("bad", at(9), name)
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "a newsletter", tool: "IDN-08", file: chain("email_newsletter_opened", "bank_transfer"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: `"email_newsletter_opened"`},
		verdict{name: "an address looked at", tool: "IDN-08", file: chain("address_viewed", "payout"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "a change of a password"},
		verdict{name: "money received", tool: "IDN-08", file: chain("password_changed", "transfer_received"), want: olorin.Clear},
		verdict{name: "a takeover", tool: "IDN-08", file: chain("PasswordReset", "bankTransfer"), want: olorin.Fired},
		verdict{name: "points taken in Portuguese", tool: "IDN-08", file: chain("TROCA_SENHA", "RESGATE"), want: olorin.Fired},
		verdict{name: "a SIM card changed in Spanish", tool: "IDN-08", file: chain("CAMBIO_SIM", "TRANSFERENCIA"), want: olorin.Fired},
		verdict{name: "kinds that nobody knows", tool: "IDN-08", file: chain("password_changed", "zzz"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "a payout or a transfer"},
		verdict{name: "a new beneficiary", tool: "IDN-08", file: chain("add_beneficiary", "withdrawal"), want: olorin.Fired},
		verdict{name: "a phone", tool: "DEV-05", file: agent("Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) Chrome/120.0"), want: olorin.Clear},
		verdict{name: "a crawler", tool: "DEV-05", file: agent("Mozilla/5.0 (compatible; Googlebot/2.1)"), want: olorin.Fired},
	)

	// Times that tell only the day, or the hour, and outcomes in words that nobody knows.
	trip := func(layout string) func() *table {
		return func() *table {
			t := newTable("user_id,event_time,latitude,longitude,amount,merchant_id")
			for i := range 30 {
				for k := range 3 {
					t.row(fmt.Sprintf("n%d", i), day0.Add(time.Duration(i+100*k)*time.Hour).Format(layout), "48.1", "11.6", "20.00", "bakery")
				}
			}
			t.row("bad", day0.Add(12*time.Hour).Format(layout), "51.5", "-0.1", "3.80", "cafe")
			t.row("bad", day0.Add(15*time.Hour).Format(layout), "48.9", "2.4", "3.80", "cafe")
			t.row("bad", day0.Add(300*time.Hour).Format(layout), "48.9", "2.4", "3.80", "cafe")
			t.row("bad", day0.Add(301*time.Hour).Format(layout), "40.7", "-74.0", "3.80", "cafe")
			return t
		}
	}
	const byDay, byHour = "2006-01-02", "2006-01-02 15:00"
	for _, tool := range []string{"GEO-01", "VEL-01", "VEL-03", "PAY-09", "DEV-07", "VEL-07"} {
		verdicts = append(verdicts, verdict{name: "dates", tool: tool, file: trip(byDay), want: olorin.NotAssessed, code: olorin.WhyCoarseTimes, says: "the file tells only the day"})
	}
	tries := func(good, bad string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,amount,status"), 40, func(i, k int) []any { return []any{"25.00", []string{good, good, bad}[k/(1+i%2)%3]} })
			for k := range 12 {
				t.row("bad", at(float64(k)*0.7), "1.50", []string{bad, good}[k/10])
			}
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "whole hours", tool: "GEO-01", file: trip(byHour), want: olorin.Fired, says: "in 2 h = ", denies: "2026-03-02"},
		verdict{name: "whole hours, and minutes asked", tool: "PAY-09", file: trip(byHour), want: olorin.NotAssessed, code: olorin.WhyCoarseTimes, says: "only the hour"},
		verdict{name: "known words", tool: "VEL-02", file: tries("approved", "declined"), want: olorin.Fired, says: "10 of 12"},
		verdict{name: "unknown words", tool: "VEL-02", file: tries("zorp", "blarg"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: `"blarg"`},
		verdict{name: "only the good word is known", tool: "PAY-08", file: tries("approved", "blarg"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: `"blarg"`},
		verdict{name: "nothing is refused, some pend", tool: "VEL-02", file: tries("approved", "pending"), want: olorin.Clear},
	)
	// A log that tells of sign-ups among its events, a farm among them.
	log := func(kind string) func() *table {
		return func() *table {
			t := newTable("user_id,event_time,event_type,ip_address")
			for i := range 60 {
				t.row(fmt.Sprintf("n%d", i), at(float64(i)*5*hour), kind, fmt.Sprintf("81.2.%d.9", i+1))
				t.row(fmt.Sprintf("n%d", i), at(float64(i)*5*hour+30*day), "login", fmt.Sprintf("81.2.%d.9", i+1))
			}
			for k := range 10 {
				t.row([]string{"bad", fmt.Sprintf("farm%d", k)}[min(k, 1)], at(3*day+float64(k)*7), kind, fmt.Sprintf("9.9.9.%d", k+1))
			}
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "of a log", tool: "NET-06", file: log("userSignUp"), want: olorin.Fired, says: "10 accounts"},
		verdict{name: "of a log, one alone", tool: "NET-06", file: log("userSignUp"), entity: user("n7"), want: olorin.Clear},
		verdict{name: "of a log of devices", tool: "NET-06", file: log("device_registered"), want: olorin.NotAssessed, code: olorin.WhyNoColumn},
	)
	// One program tried half of the accounts and got into one.
	attack := func() *table {
		t := crowd(newTable("user_id,event_time,user_agent,event_type,status"), 60, func(int, int) []any {
			return []any{"Mozilla/5.0 (Windows NT 10.0) Chrome/126.0", "login", "success"}
		})
		for i := range 40 {
			t.row(fmt.Sprintf("n%d", i), at(20*day+float64(i)), "python-requests/2.31.0", "login", "failed")
		}
		t.row("bad", at(20*day+50), "python-requests/2.31.0", "login", "success")
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "an attack does not make its tool ordinary", tool: "DEV-05", file: attack, want: olorin.Fired},
		verdict{name: "who was only tried, as most were", tool: "DEV-05", file: attack, entity: user("n3"), want: olorin.Clear},
		verdict{name: "a second country", tool: "GEO-03", file: abroad("DE", "AU"), want: olorin.Clear},
	)

	// Refused is not paid, and a yen is no euro.
	pays := func(rows ...[]any) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,amount,currency,merchant_id,status"), 60, func(i, k int) []any { return []any{fmt.Sprintf("%d.00", 10+i+k), "EUR", "m1", "approved"} })
			for _, r := range rows {
				t.row(append([]any{"bad"}, r...)...)
			}
			return t
		}
	}
	twice := func(currency, status string) func() *table {
		return pays([]any{at(day), "88.00", "EUR", "m3", status}, []any{at(day + 1), "88.00", currency, "m3", "approved"})
	}
	under := func(currency string) func() *table {
		var rows [][]any
		for k := range 8 {
			rows = append(rows, []any{at(float64(k) * hour), fmt.Sprintf("%d.00", 9000+100*k), currency, "m3", "approved"})
		}
		return pays(rows...)
	}
	verdicts = append(verdicts,
		verdict{name: "paid twice", tool: "PAY-09", file: twice("EUR", "approved"), want: olorin.Fired, says: "88 EUR"},
		verdict{name: "tried again", tool: "PAY-09", file: twice("EUR", "declined"), want: olorin.Clear},
		verdict{name: "in two currencies", tool: "PAY-09", file: twice("JPY", "approved"), want: olorin.Clear},
		verdict{name: "just under in euros", anew: true, tool: "PAY-02", file: under("EUR"), want: olorin.Fired},
		verdict{name: "fifty-five euros in yen", tool: "PAY-02", file: under("JPY"), want: olorin.NotAssessed, code: olorin.WhyNoBaseline, says: "are in JPY"},
	)

	// A ring is no peer of its own, however large it is, and honest people's numbers acquit no series.
	farm := func(k int) func() *table {
		return func() *table {
			t := newTable("user_id,event_time,device_id,ip_address,phone_number")
			for i := range 80 {
				for k := range 3 {
					t.row(fmt.Sprintf("n%d", i), at(float64(i)+float64(k)*5*day), fmt.Sprintf("d%d", i), fmt.Sprintf("81.2.%d.7", i), fmt.Sprintf("+49170%07d", i))
				}
			}
			for i := range k {
				name := fmt.Sprintf("z%d", i)
				if i == 0 {
					name = "bad"
				}
				t.row(name, at(20*day+float64(i)*hour/4), "farm", "95.1.1.1", "+491701112223")
			}
			return t
		}
	}
	for _, k := range []int{10, 20, 40, 60} {
		for _, tool := range []string{"DEV-01", "NET-01", "IDN-07"} {
			verdicts = append(verdicts, verdict{name: fmt.Sprintf("ring of %d", k), anew: true, tool: tool, file: farm(k), want: olorin.Fired, says: fmt.Sprintf("%d accounts", k)})
		}
	}
	verdicts = append(verdicts,
		verdict{name: "ring of 40", anew: true, tool: "LNK-01", file: farm(40), want: olorin.Fired, says: "ring of 40 accounts"},
		verdict{name: "ring of 60", tool: "LNK-01", file: farm(60), want: olorin.NotAssessed, code: olorin.WhyTooLarge, says: "device farm (60 accounts)"},
		verdict{name: "device of all the file", tool: "DEV-01", file: farm(100), want: olorin.NotAssessed, code: olorin.WhyTooLarge, says: "more than half of the accounts"},
		verdict{name: "kinds of devices", tool: "DEV-01", want: olorin.Clear, file: func() *table {
			t := newTable("user_id,event_time,device_id")
			for i := range 100 {
				t.row(fmt.Sprintf("n%d", i), at(float64(i)*hour), []string{"ios", "android", "web", "ios", "android", "web", "tv"}[i%7])
			}
			t.row("bad", at(hour), "ios")
			return t
		}},
	)
	homes := func(sharers, together, ring int) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,device_id"), 90, func(i, _ int) []any {
				if i < sharers {
					return []any{fmt.Sprintf("home%d", i/together)}
				}
				return []any{fmt.Sprintf("d%d", i)}
			})
			for i := range ring {
				t.row([]string{"bad", fmt.Sprintf("z%d", i)}[min(i, 1)], at(float64(i)*day), "farm")
			}
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "six among couples", anew: true, tool: "LNK-01", file: homes(14, 2, 6), want: olorin.Fired, says: "ring of 6 accounts tied by 1 shared identifier, such as device farm; none of the file's other accounts are in a ring as large"},
		verdict{name: "six where half have a home with somebody", tool: "LNK-01", file: homes(46, 2, 6), want: olorin.Clear},
		verdict{name: "three among threes", tool: "LNK-01", file: homes(24, 3, 3), want: olorin.Clear},
	)
	series := func(others ...string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,email"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("%c%cs.meyer@example.com", 'a'+i%26, 'a'+i/26)} })
			for i := range 20 {
				name := fmt.Sprintf("j%d", i)
				if i == 0 {
					name = "bad"
				}
				t.row(name, at(float64(i)*day), fmt.Sprintf("john%02d@mail.com", i+1))
			}
			for i, address := range others {
				t.row(fmt.Sprintf("o%d", i), at(float64(i)*day), address)
			}
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "series", anew: true, tool: "IDN-05", file: series(), want: olorin.Fired, says: "20 accounts"},
		verdict{name: "series and a birth year", anew: true, tool: "IDN-05", file: series("john1985@mail.com", "john1972@mail.com"), want: olorin.Fired, says: "20 accounts"},
		verdict{name: "birth years", tool: "IDN-05", want: olorin.Clear, file: func() *table {
			t := crowd(newTable("user_id,event_time,email"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("%c%cs.meyer@example.com", 'a'+i%26, 'a'+i/26)} })
			for i, year := range []int{1981, 1984, 1987, 1989, 1993} {
				t.row(map[bool]string{true: "bad", false: fmt.Sprintf("j%d", i)}[i == 0], at(float64(i)*day), fmt.Sprintf("john%d@mail.com", year))
			}
			return t
		}},
	)

	// Money in and out, and what only seems to leave.
	mule := func(rows ...[]any) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,amount,counterparty_id"), 60, func(i, k int) []any { return []any{fmt.Sprintf("%d.00", 20+i), fmt.Sprintf("shop%d", (i+k)%9)} })
			for _, r := range rows {
				t.row(r...)
			}
			return t
		}
	}
	in, out := []any{"src", at(day), "10000.00", "bad"}, []any{"bad", at(day + hour/2), "9800.00", "exit"}
	parts := func(amount, n int) func() *table {
		var rows [][]any
		for k := range n {
			rows = append(rows, []any{"bad", at(30*day + float64(k)*hour), fmt.Sprintf("%d.00", amount+37*k), fmt.Sprintf("bank%d", k)})
		}
		return mule(rows...)
	}
	verdicts = append(verdicts,
		verdict{name: "one payment passed on", anew: true, tool: "PAY-04", file: mule(in, out), want: olorin.Fired, says: "in 1 payment that left again"},
		verdict{name: "one kept", anew: true, tool: "PAY-04", file: mule(in, out, []any{"src", at(day + 22*hour), "900.00", "bad"}), want: olorin.Fired, says: "in 1 payment that left again", denies: "10 900"},
		verdict{name: "none passed on", tool: "PAY-04", file: mule(in, []any{"bad", at(day + 30*hour), "9800.00", "exit"}), want: olorin.Clear},
		verdict{name: "in parts", anew: true, tool: "PAY-18", file: parts(4000, 6), want: olorin.Fired, says: "in 6 payments"},
		verdict{name: "not in parts", tool: "PAY-18", file: parts(10_000, 3), want: olorin.Clear},
		verdict{name: "below the limit in all", tool: "PAY-18", file: parts(1500, 4), want: olorin.Clear},
	)

	// A log that writes the outcome into the kind of event.
	guessed := func() *table {
		t := crowd(newTable("user_id,event_time,event_type,ip_address"), 60, func(i, _ int) []any { return []any{"login_success", fmt.Sprintf("81.2.%d.7", i)} })
		for k := range 6 {
			t.row("bad", at(30*day+float64(k)/3), "login_failed", "95.1.1.1")
		}
		t.row("bad", at(30*day+2.5), "login_success", "95.1.1.1")
		for k := range 30 {
			t.row(fmt.Sprintf("n%d", k), at(30*day+3+float64(k)/10), "login_failed", "95.1.1.1")
		}
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "outcomes in the kinds", anew: true, tool: "VEL-08", file: guessed, want: olorin.Fired, says: "6 log-ins failed"},
		verdict{name: "outcomes in the kinds", anew: true, tool: "NET-04", file: guessed, want: olorin.Fired, says: "accounts were tried"},
	)

	// An hour in which nothing happens on other days.
	verdicts = append(verdicts, verdict{name: "never at this hour", tool: "VEL-10", want: olorin.Fired, says: "against 0 in the same hour", file: func() *table {
		t := newTable("user_id,event_time")
		for i := range 500 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i%20)*day+float64(i%7)))
		}
		for k := range 60 {
			t.row("bad", at(10*day+6*hour+float64(k)/2))
		}
		return t
	}})

	// Times below a second.
	verdicts = append(verdicts,
		verdict{name: "within the second", anew: true, tool: "IDN-06", want: olorin.Fired, says: "0 s later", file: func() *table {
			t := newTable("user_id,event_time,signup_time,event_type,amount")
			for i := range 60 {
				t.row(fmt.Sprintf("n%d", i), at(40*day+float64(i)), at(float64(i)), "purchase", "20.00")
			}
			t.row("bad", "2026-03-03T10:00:00.900Z", "2026-03-03T10:00:00.600Z", "payment_created", "20.00")
			return t
		}},
		verdict{name: "within the second", anew: true, tool: "DEV-06", want: olorin.Fired, says: "within 0 s to 0 s", file: func() *table {
			t := newTable("user_id,event_time,session_start")
			for i := range 60 {
				t.row(fmt.Sprintf("n%d", i), at(float64(i)+10), at(float64(i)))
			}
			t.row("bad", "2026-03-03T10:00:00.900Z", "2026-03-03T10:00:00.700Z")
			return t
		}},
	)

	// What is taken is no measure of itself, however much it is; and of what recurs for months none stands out.
	taken := func(n int) func() *table {
		return daily(func(t *table) {
			for k := range n {
				t.row("bad", at(88*day+float64(k)*hour), fmt.Sprintf("%d.00", 300+7*k), "till")
			}
		})
	}
	for _, n := range []int{2, 8, 18, 30} {
		verdicts = append(verdicts, verdict{name: fmt.Sprintf("bust-out of %d", n), tool: "VEL-05", file: taken(n), want: olorin.Fired, says: fmt.Sprintf("%d payments far above", n)})
	}
	rent := func(payee func(k int) string, sum func(k int) int) func() *table {
		return daily(func(t *table) {
			for k := range 3 {
				t.row("bad", at(float64(3+30*k)*day), fmt.Sprintf("%d.00", sum(k)), payee(k))
			}
		})
	}
	verdicts = append(verdicts,
		verdict{name: "rent", tool: "VEL-05", file: rent(func(int) string { return "landlord" }, func(int) int { return 900 }), want: olorin.Clear},
		verdict{name: "three payees", tool: "VEL-05", file: rent(func(k int) string { return fmt.Sprint("new", k) }, func(k int) int { return 900 + k }), want: olorin.Fired, says: "3 payments"},
	)

	// What a day comes to, where none of its payments need be large; and rents, which are several the second time, too.
	rents := daily(func(t *table) {
		for k := range 9 {
			t.row("bad", at(float64(45+30*(k/3))*day+float64(k%3)), fmt.Sprintf("%d.00", 900+k%3), fmt.Sprint("landlord", k%3))
		}
	})
	verdicts = append(verdicts,
		verdict{name: "a dear day", anew: true, tool: "VEL-06", file: taken(4), want: olorin.Fired, says: "4 payments of 1\u00a0242 in all in the day up to"},
		verdict{name: "a dear day of very many", tool: "VEL-06", file: taken(30), want: olorin.Fired, says: "payments of"},
		verdict{name: "one dear payment", tool: "VEL-06", file: taken(1), want: olorin.Clear},
		verdict{name: "rents", tool: "VEL-06", file: rents, want: olorin.Clear},
	)

	// A ledger has what comes in beside what goes out.
	ledger := func(column, kind, status string, n int) func() *table {
		return func() *table {
			t := newTable("user_id,event_time," + column + ",amount,status")
			out, in := "debit", "credit"
			if kind == "Gutschrift" || kind == "Lastschrift" {
				out, in = "Lastschrift", "Gutschrift"
			}
			for i := range 41 {
				name := fmt.Sprintf("n%d", i)
				if i == 40 {
					name = "bad"
				}
				for k := range 29 {
					t.row(name, at(float64(3*k)*day+float64(i)), out, fmt.Sprintf("%d.50", 14+(7*i+5*k)%13), "booked")
				}
				for k := range 3 {
					t.row(name, at(float64(30*k)*day+float64(i)), in, fmt.Sprintf("%d.00", 2000+i), "booked")
				}
			}
			for k := range n {
				t.row("bad", at(88*day+float64(k)*hour), kind, "5000.00", status)
			}
			return t
		}
	}
	for _, tool := range []string{"VEL-05", "VEL-06", "PAY-05", "PAY-14"} {
		n := 4
		if tool == "PAY-05" {
			n = 30
		}
		verdicts = append(verdicts,
			verdict{name: "money out", tool: tool, file: ledger("type", "debit", "booked", n), want: olorin.Fired},
			verdict{name: "money in", tool: tool, file: ledger("type", "credit", "booked", n), want: olorin.Clear},
			verdict{name: "Lastschrift", tool: tool, file: ledger("Buchungsart", "Lastschrift", "booked", n), want: olorin.Fired},
			verdict{name: "Gutschrift", tool: tool, file: ledger("Buchungsart", "Gutschrift", "booked", n), want: olorin.Clear},
		)
	}
	verdicts = append(verdicts,
		verdict{name: "refused", tool: "VEL-06", file: ledger("type", "debit", "declined", 4), want: olorin.Clear},
		verdict{name: "kinds of cards", tool: "VEL-06", file: ledger("payment_type", "credit", "booked", 4), want: olorin.Fired},
	)

	// Silence, then the largest payment ever; and a customer who comes every month.
	quiet := func(rows func(t *table)) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("%d.00", 10+i+k)} })
			rows(t)
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "one large payment", tool: "VEL-09", want: olorin.Fired, says: "1 event within a week, one of 95\u00a0000", file: quiet(func(t *table) {
			for k := range 6 {
				t.row("bad", at(float64(k)*day), fmt.Sprintf("%d.00", 20+k))
			}
			t.row("bad", at(183*day), "95000.00")
		})},
		verdict{name: "every five weeks", tool: "VEL-09", want: olorin.Clear, file: quiet(func(t *table) {
			for k := range 18 {
				t.row("bad", at(float64(k/3)*36*day+float64(k%3)*hour), "20.00")
			}
		})},
	)

	// Money that goes to a listed account, or comes from one.
	mules := func() *table {
		t := crowd(newTable("user_id,event_time,counterparty_id,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("n%d", (i+k+1)%60), "10.00"} })
		t.row("victim", at(day), "mule", "900.00")
		t.row("crook", at(day), "recv", "900.00")
		t.row("recv", at(2*day), "n3", "20.00")
		return t
	}
	known := map[string]string{"known": "mule\ncrook\n"}
	verdicts = append(verdicts,
		verdict{name: "paid a mule", tool: "LNK-02", file: mules, entity: user("victim"), lists: known, want: olorin.Fired, says: "1 step from user id mule"},
		verdict{name: "paid by a crook", tool: "LNK-02", file: mules, entity: user("recv"), lists: known, want: olorin.Fired, says: "1 step from user id crook"},
		verdict{name: "on the list itself", tool: "LNK-02", file: mules, entity: user("crook"), lists: map[string]string{"known": "crook\n"}, want: olorin.Clear},
	)

	chains := func() *table {
		t := crowd(newTable("user_id,event_time,counterparty_id,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("n%d", (i+7*k+1)%60), fmt.Sprintf("%d.00", 10+i)} })
		t.row("bad", at(0), "s1", "1000.00")
		t.row("bad", at(1), "s1", "1010.00")
		t.row("s1", at(hour), "s2", "990.00")
		t.row("s2", at(2*hour), "s3", "980.00")
		t.row("s3", at(3*hour), "end", "970.00")
		return t
	}
	names := func() *table {
		t := crowd(newTable("user_id,event_time,phone_number"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("+4420700%05d", i)} })
		for k, u := range []string{"bad", "b2", "b3"} {
			t.row(u, at(float64(k)), "+442079460001")
		}
		for k := range 4 {
			t.row("callcentre", at(float64(k)), fmt.Sprintf("+44207946%04d", 1+k))
		}
		return t
	}
	ladder := func() *table {
		t := crowd(newTable("user_id,event_time,amount,status"), 60, func(i, k int) []any { return []any{fmt.Sprintf("%d.00", 10+i+k), "approved"} })
		for k, minute := range []float64{0, 12, 24, 30} {
			t.row("bad", at(minute), fmt.Sprintf("%d.00", 500-100*k), "declined")
		}
		t.row("bad", at(36), "100.00", "approved")
		return t
	}
	sessions := func() *table {
		t := newTable("user_id,event_time,session_id,ip_country")
		for i := range 60 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i)), "s"+fmt.Sprint(i), "FR")
		}
		t.row("n1", at(300), "1", "FR")
		t.row("bad", at(310), "1", "US")
		t.row("bad", at(311), "1", "US")
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "two beginnings of one chain", tool: "LNK-06", file: chains, want: olorin.Fired, says: "1\u00a0000 went bad > s1 > s2 > s3 > end"},
		verdict{name: "one that gives many numbers", tool: "IDN-07", file: names, want: olorin.Fired, says: "3 accounts have"},
		verdict{name: "one that gives many numbers", tool: "IDN-07", file: names, entity: user("callcentre"), want: olorin.Clear},
		verdict{name: "longer than the window", anew: true, tool: "PAY-08", file: ladder, want: olorin.Fired, says: "3 payments were refused"},
		verdict{name: "sessions are numbered per account", tool: "GEO-08", file: sessions, want: olorin.Clear},
		verdict{name: "a merchant of customers who come once", tool: "VEL-09", entity: olorin.Entity{Type: "merchant_id", Value: "shop"}, want: olorin.NotAssessed, code: olorin.WhyFewRows, file: func() *table {
			t := newTable("user_id,event_time,merchant_id")
			for i := range 90 {
				t.row(fmt.Sprintf("n%d", i), at(float64(i)), []string{"shop", "m1", "m2"}[i%3])
			}
			return t
		}},
		verdict{name: "two events are no burst", tool: "VEL-01", want: olorin.Clear, file: func() *table {
			t := crowd(newTable("user_id,event_time"), 60, func(int, int) []any { return nil })
			t.row("bad", at(0))
			t.row("bad", at(1))
			return t
		}},
	)
	// Money on its way, in currencies that are not mixed, and not back to whom it came from.
	flows := func(rows func(t *table)) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,counterparty_id,amount,currency"), 60, func(i, k int) []any {
				return []any{fmt.Sprintf("n%d", (i+7*k+1)%60), fmt.Sprintf("%d.00", 20+(i*31)%97), "EUR"}
			})
			rows(t)
			return t
		}
	}
	gathered := func(n int, amount, last, currency string) func() *table {
		return flows(func(t *table) {
			for k := range n {
				t.row(fmt.Sprintf("in%d", k), at(9*day+float64(k)*hour), "bad", amount, "EUR")
			}
			t.row("bad", at(10*day), "out", last, currency)
		})
	}
	round := func(last string) func() *table {
		return flows(func(t *table) {
			t.row("bad", at(9*day), "r1", "5000.00", "EUR")
			t.row("r1", at(10*day), "r2", "4900.00", "EUR")
			t.row("r2", at(11*day), "bad", "4800.00", last)
		})
	}
	split := func(n int, currency string) func() *table {
		return flows(func(t *table) {
			for k := range n {
				t.row("bad", at(9*day+float64(k)), fmt.Sprintf("m%d", k), "1000.00", "EUR")
				t.row(fmt.Sprintf("m%d", k), at(10*day+float64(k)), "end", "950.00", currency)
			}
		})
	}
	turned := func(between bool) func() *table {
		return flows(func(t *table) {
			for k := range 3 {
				t.row(fmt.Sprintf("in%d", k), at(9*day+float64(k)*hour), "bad", "900.00", "EUR")
				if between {
					t.row("bad", at(9*day+float64(k)*hour+30), fmt.Sprintf("early%d", k), "880.00", "EUR")
				}
			}
			if !between {
				for k := range 3 {
					t.row("bad", at(10*day+float64(k)*hour), fmt.Sprintf("out%d", k), "880.00", "EUR")
				}
			}
		})
	}
	verdicts = append(verdicts,
		verdict{name: "small sums sent on", anew: true, tool: "PAY-03", file: gathered(5, "900.00", "4400.00", "EUR"), want: olorin.Fired, says: "received 5 payments"},
		verdict{name: "large sums sent on", tool: "PAY-03", file: gathered(5, "9000.00", "44000.00", "EUR"), want: olorin.Clear},
		verdict{name: "sent on in another currency", tool: "PAY-03", file: gathered(5, "900.00", "4400.00", "USD"), want: olorin.Clear},
		verdict{name: "half is kept", tool: "PAY-03", file: gathered(5, "900.00", "2000.00", "EUR"), want: olorin.Clear},
		verdict{name: "in and out", anew: true, tool: "PAY-04", file: gathered(3, "900.00", "2600.00", "EUR"), want: olorin.Fired, says: "in 3 payments"},
		verdict{name: "in and out in another currency", tool: "PAY-04", file: gathered(3, "900.00", "2600.00", "USD"), want: olorin.Clear},
		verdict{name: "in, and a little out", tool: "PAY-04", file: gathered(3, "900.00", "500.00", "EUR"), want: olorin.Clear},
		verdict{name: "back where it began", anew: true, tool: "LNK-04", file: round("EUR"), want: olorin.Fired, says: "bad"},
		verdict{name: "back in another currency", tool: "LNK-04", file: round("USD"), want: olorin.Clear},
		verdict{name: "four middlemen", anew: true, tool: "LNK-05", file: split(4, "EUR"), want: olorin.Fired, says: "through 4 accounts"},
		verdict{name: "two middlemen", tool: "LNK-05", file: split(2, "EUR"), want: olorin.Clear},
		verdict{name: "middlemen who change the currency", tool: "LNK-05", file: split(4, "USD"), want: olorin.Clear},
		verdict{name: "gathered, then scattered", anew: true, tool: "LNK-09", file: turned(false), want: olorin.Fired, says: "by 3 accounts"},
		verdict{name: "in and out by turns", tool: "LNK-09", file: turned(true), want: olorin.Clear},
	)

	// Card testing is told by small amounts of the currency, and sign-ups come in waves.
	testing := func(amount, currency string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,card_number,amount,currency,status"), 60, func(i, k int) []any {
				return []any{fmt.Sprintf("tok%d", i), fmt.Sprintf("%d.00", 2000+10*i+k), currency, "approved"}
			})
			for k := range 8 {
				t.row("bad", at(9*day+float64(k)), fmt.Sprintf("try%d", k), amount, currency, "declined")
			}
			return t
		}
	}
	signUps := func() *table {
		t := newTable("user_id,event_time,signup_time,ip_address")
		for i := range 80 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i)*day), at(float64(i)*day), fmt.Sprintf("81.2.%d.7", i))
		}
		for wave, size := range []int{12, 7} {
			for k := range size {
				signup := float64(wave)*30*day + float64(k)
				t.row(fmt.Sprintf("w%d_%d", wave, k), at(signup+5), at(signup), fmt.Sprintf("9.9.9.%d", 1+k))
			}
		}
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "two euros each", anew: true, tool: "VEL-02", file: testing("2.00", "EUR"), want: olorin.Fired, says: "2 EUR"},
		verdict{name: "first wave of sign-ups", anew: true, tool: "NET-06", file: signUps, entity: user("w0_3"), want: olorin.Fired, says: "12 accounts", denies: "7 accounts"},
		verdict{name: "second wave of sign-ups", anew: true, tool: "NET-06", file: signUps, entity: user("w1_3"), want: olorin.Fired, says: "7 accounts"},
		verdict{name: "nobody of the waves", tool: "NET-06", file: signUps, entity: user("n5"), want: olorin.Clear},
	)

	// What does not add up, in a file where it mostly does, and in one where it seldom does; a card that a family shares.
	balances := func(after string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,amount,balance_before,balance_after"), 60, func(int, int) []any { return []any{"40.00", "100.00", after} })
			t.row("bad", at(9*day), "40.00", "100.00", "90.00")
			return t
		}
	}
	cards := func(n int, own bool) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,card_number"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("tok%d", i)} })
			for k, u := range []string{"bad", "b2", "b3", "b4", "b5"}[:n] {
				t.row(u, at(9*day+float64(k)*hour), "tokshared")
				if own {
					t.row(u, at(10*day+float64(k)*hour), "tokof"+u)
				}
			}
			return t
		}
	}
	mailboxes := func() *table {
		t := newTable("user_id,event_time,email")
		for i := range 80 {
			t.row(fmt.Sprintf("n%d", i), at(float64(i)), fmt.Sprintf("n%d@gmail.com", i))
		}
		for k, mail := range []string{"j.smith@gmail.com", "jsmith+1@gmail.com", "JSmith@googlemail.com"} {
			t.row([]string{"bad", "b2", "b3"}[k], at(200+float64(k)), mail)
		}
		return t
	}
	verdicts = append(verdicts,
		verdict{name: "one that does not add up", anew: true, tool: "PAY-16", file: balances("60.00"), want: olorin.Fired, says: "left 90 of 100"},
		verdict{name: "none adds up", tool: "PAY-16", file: balances("75.00"), want: olorin.Clear},
		verdict{name: "five accounts", anew: true, tool: "PAY-17", file: cards(5, false), want: olorin.Fired, says: "5 accounts"},
		verdict{name: "masked cards", tool: "PAY-17", want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "are masked", file: func() *table {
			t := crowd(newTable("user_id,event_time,card_number"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("411111******%04d", i)} })
			t.row("bad", at(9), "411111******0001")
			return t
		}},
		verdict{name: "spellings of one mailbox", tool: "LNK-01", file: mailboxes, want: olorin.Fired, says: "ring of 3 accounts"},
	)
	// Waves whose windows overlap: who is in the last one is told of it. Guessing by turns from one network, hours that are not the account's own, and the same payees.
	threeWaves := func() *table {
		t := crowd(newTable("user_id,event_time,device_id"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("d%d", i)} })
		for wave, size := range []int{9, 4, 5} {
			for k := range size {
				t.row(fmt.Sprintf("w%d_%d", wave, k), at(float64(1+25*wave)*day+float64(k)*hour), "farm")
			}
		}
		return t
	}
	// Accounts with devices of their own come to one more: visits times each, so far apart, and the visits so many days apart.
	meeting := func(accounts, visits int, apart, again float64) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,device_id"), 130, func(i, _ int) []any { return []any{fmt.Sprintf("d%d", i)} })
			for i := range accounts {
				for visit := range visits {
					t.row(fmt.Sprintf("n%d", i), at(40*day+float64(i)*apart+float64(visit)*again), "met")
				}
			}
			return t
		}
	}
	turns := func(addresses int, outcome string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,ip_address,event_type,status"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("81.2.%d.7", i), "login", "success"} })
			for k := range 30 {
				t.row(fmt.Sprintf("n%d", k), at(30*day+float64(k)/3), fmt.Sprintf("95.1.1.%d", 1+k%addresses), "login", outcome)
			}
			t.row("bad", at(30*day+10), "95.1.1.1", "login", "success")
			return t
		}
	}
	hours := func(first float64) func() *table {
		return func() *table {
			t := newTable("user_id,event_time")
			for i := range 60 {
				for k := range 30 {
					t.row(fmt.Sprintf("n%d", i), at(float64(k)*day+float64((i*7+k*3)%9)*hour))
				}
			}
			for k := range 30 {
				t.row("bad", at(float64(k)*day+float64(k%7)*hour))
			}
			for k := range 10 {
				t.row("bad", at(float64(30+k/5)*day+(first+float64(k%5))*hour))
			}
			return t
		}
	}
	payees := func(together bool) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,counterparty_id,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("shop%d", (i+7*k)%40), fmt.Sprintf("%d.00", 20+i)} })
			for k, u := range []string{"bad", "b2", "b3", "b4"} {
				for j := range 4 {
					to := fmt.Sprintf("mule%d", j)
					if !together {
						to = fmt.Sprintf("%s%d", to, k)
					}
					t.row(u, at(9*day+float64(k*4+j)*hour), to, "500.00")
				}
			}
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "third wave", anew: true, tool: "DEV-01", file: threeWaves, entity: user("w2_4"), want: olorin.Fired, says: "9 accounts"},
		verdict{name: "second wave of three", anew: true, tool: "DEV-01", file: threeWaves, entity: user("w1_0"), want: olorin.Fired, says: "accounts"},
		verdict{name: "twelve victims of one night", anew: true, tool: "DEV-01", file: meeting(12, 2, 5, 2), entity: user("n3"), want: olorin.Fired, says: "none of them seen only there, 12 of them within 24 h of one another and for less than a day"},
		verdict{name: "sixty victims of one night", tool: "DEV-01", file: meeting(60, 1, 5, 0), entity: user("n3"), want: olorin.Fired, says: "60 of them within 24 h"},
		verdict{name: "a family in one evening", tool: "DEV-01", file: meeting(5, 2, 5, 2), entity: user("n3"), want: olorin.Fired, says: "5 accounts", denies: "within 24 h of one another"},
		verdict{name: "an office that comes back", tool: "DEV-01", file: meeting(12, 4, 5, 2*day), entity: user("n3"), want: olorin.Fired, says: "12 accounts", denies: "within 24 h of one another"},
		verdict{name: "a kiosk", tool: "DEV-01", file: meeting(30, 1, 20*hour, 0), entity: user("n3"), want: olorin.Fired, says: "30 accounts", denies: "within 24 h of one another"},
		verdict{name: "a kiosk of very many", tool: "DEV-01", file: meeting(60, 1, 8*hour, 0), entity: user("n3"), want: olorin.Clear},
		verdict{name: "by turns from one network", tool: "NET-08", file: turns(6, "failed"), want: olorin.Fired, says: "From 6 addresses of 95.1.1.0/24"},
		verdict{name: "from one address", tool: "NET-08", file: turns(1, "failed"), want: olorin.Clear},
		verdict{name: "customers of one provider", tool: "NET-08", file: turns(6, "success"), want: olorin.Clear},
		verdict{name: "at night", tool: "VEL-13", file: hours(17), want: olorin.Fired, says: "at night"},
		verdict{name: "at its own hours", tool: "VEL-13", file: hours(1), want: olorin.Clear},
		verdict{name: "four payers of the same", tool: "LNK-10", file: payees(true), want: olorin.Fired, says: "4 accounts"},
		verdict{name: "four payers of their own", tool: "LNK-10", file: payees(false), want: olorin.Clear},
		verdict{name: "two units each of another currency", tool: "VEL-02", file: testing("2.00", "JPY"), want: olorin.NotAssessed, code: olorin.WhyNoBaseline, says: "are in JPY"},
		verdict{name: "large sums refused", tool: "VEL-02", file: testing("900.00", "EUR"), want: olorin.Clear},
		verdict{name: "a debt paid off, no circle", tool: "LNK-04", want: olorin.Clear, file: flows(func(t *table) {
			t.row("bad", at(9*day), "r1", "5000.00", "EUR")
			t.row("r1", at(10*day), "bad", "5000.00", "EUR")
		})},
	)
	// Refunds as negative amounts, which in a ledger are bookings; what an employer pays every month; a batch every month; a family's number.
	negative := func(each int) func() *table {
		return func() *table {
			t := newTable("user_id,event_time,amount")
			for i := range 60 {
				for k := range 6 {
					amount := 20 + i + k
					if each > 0 && k%each == 0 {
						amount = -amount
					}
					t.row(fmt.Sprintf("n%d", i), at(float64(i)+float64(k)*day), fmt.Sprintf("%d.00", amount))
				}
			}
			for k := range 12 {
				t.row("bad", at(float64(k)*day), fmt.Sprintf("%d.00", []int{90, -90}[k%2]+k))
			}
			for k := range 6 {
				t.row("back", at(float64(k)*day), "-40.00")
			}
			return t
		}
	}
	staff := func(months int) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,counterparty_id,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("n%d", (i+7*k+1)%60), "10.00"} })
			for month := range months {
				for k := range 12 {
					t.row("bad", at(float64(month)*30*day+float64(k)), fmt.Sprintf("n%d", k*5), "2000.00")
				}
			}
			return t
		}
	}
	// bad pays so many new ones within a day of every third day, and at last so many.
	hub := func(each, last int) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,counterparty_id,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("n%d", (i+7*k+1)%60), "10.00"} })
			for third := range 20 {
				for k := range each {
					t.row("bad", at(float64(third)*3*day+float64(k)*hour), fmt.Sprintf("c%d_%d", third, k), "20.00")
				}
			}
			for k := range last {
				t.row("bad", at(59*day+float64(k)*hour/4), fmt.Sprintf("last%d", k), "20.00")
			}
			return t
		}
	}
	again := func() *table {
		t := crowd(newTable("user_id,event_time,counterparty_id,amount"), 60, func(i, k int) []any { return []any{fmt.Sprintf("n%d", (i+7*k+1)%60), "10.00"} })
		for k := range 26 {
			t.row("bad", at(float64(k/14)*30*day+float64(k)*hour), fmt.Sprintf("mule%d", k), "20.00")
		}
		return t
	}
	vendor := func(times int) func() *table {
		return func() *table {
			t := newTable("user_id,event_time,counterparty_id,amount")
			for i := range 41 {
				name := []string{fmt.Sprintf("v%d", i), "bad"}[i/40]
				for k := range 8 {
					t.row(name, at(float64(k)*7*day+float64(i)), fmt.Sprintf("iban%d", i), fmt.Sprintf("%d.00", 1000+10*i+50*(k%3)))
				}
				t.row(name, at(60*day+float64(i)), fmt.Sprintf("new%d", i), fmt.Sprintf("%d.00", 1300+i))
			}
			t.row("bad", at(63*day), "foreign", fmt.Sprintf("%d.00", 1500*times))
			return t
		}
	}
	reviews := func(amount string) func() *table {
		return func() *table {
			t := crowd(newTable("user_id,event_time,merchant_id,amount"), 60, func(i, _ int) []any { return []any{fmt.Sprintf("shop%d", i%7), "20.00"} })
			for k := range 6 {
				t.row("bad", at(9*day+float64(k)*5), "shop1", amount)
			}
			return t
		}
	}
	batch := func(months int) func() *table {
		return func() *table {
			t := newTable("user_id,event_time")
			for i := range 600 {
				t.row(fmt.Sprintf("n%d", i%60), at(float64(i%120)*day+float64(i%7)*20))
			}
			for month := range months {
				for k := range 60 {
					t.row([]string{"bad", fmt.Sprintf("n%d", k)}[min(k, 1)], at(float64(month)*30*day+10*hour+float64(k)/4))
				}
			}
			return t
		}
	}
	verdicts = append(verdicts,
		verdict{name: "negative amounts", anew: true, tool: "PAY-07", file: negative(0), want: olorin.Fired, says: "6 of 12 events are refunds"},
		verdict{name: "bookings of a ledger", tool: "PAY-07", file: negative(2), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "they are bookings"},
		verdict{name: "nothing but refunds", tool: "PAY-14", file: negative(0), entity: user("back"), want: olorin.NotAssessed, code: olorin.WhyNoValues, says: "above zero"},
		verdict{name: "twelve at once", anew: true, tool: "LNK-03", file: staff(1), want: olorin.Fired, says: "paid 12 counterparties"},
		verdict{name: "an exchange", tool: "LNK-03", file: hub(14, 0), want: olorin.Clear},
		verdict{name: "an exchange's largest day by far", tool: "LNK-03", file: hub(10, 60), want: olorin.Fired, says: "paid 70 counterparties within 2.6 days from 2026-04-28 08:00:00 on, 1\u00a0400 in all (many are 10)"},
		verdict{name: "two bursts, told once", tool: "LNK-03", file: again, want: olorin.Fired, says: "paid 14 counterparties within 13 h from 2026-03-02 08:00:00 on, 280 in all (many are 10), and many again in such windows of 12 other payments"},
		verdict{name: "of the second burst", tool: "LNK-03", file: again, entity: olorin.Entity{Type: "counterparty_id", Value: "mule20"}, want: olorin.Fired, says: "paid 12 counterparties"},
		verdict{name: "a new payee of nine times as much", anew: true, tool: "PAY-11", file: vendor(9), want: olorin.Fired, says: "such as 13\u00a0500 to foreign on 2026-05-04 08:00:00, where 95 % of its earlier payments are below"},
		verdict{name: "a new payee of as much", tool: "PAY-11", file: vendor(1), want: olorin.Clear},
		verdict{name: "paid six times", tool: "VEL-03", file: reviews("20.00"), want: olorin.Fired, says: "6 times"},
		verdict{name: "six reviews", tool: "VEL-03", file: reviews("0.00"), want: olorin.Clear},
		verdict{name: "the same every month", tool: "VEL-01", file: staff(4), want: olorin.Clear},
		verdict{name: "gathered for a day, then gone", anew: true, tool: "PAY-04", want: olorin.Fired, says: "in 10 payments that left again", file: flows(func(t *table) {
			for k := range 15 {
				t.row(fmt.Sprintf("in%d", k), at(9*day+float64(k)*2*hour), "bad", "1000.00", "EUR")
			}
			t.row("bad", at(10*day+10*hour), "out", "14500.00", "EUR")
		})},
		verdict{name: "a new fan among shops with their customers", tool: "LNK-03", entity: olorin.Entity{Type: "counterparty_id", Value: "fan"}, want: olorin.Fired, says: "was paid by 15", file: func() *table {
			t := newTable("user_id,event_time,counterparty_id,amount")
			for i := range 200 {
				for k := range 6 {
					t.row(fmt.Sprintf("n%d", i), at(float64(k)*5*day+float64(i)*9), fmt.Sprintf("shop%d", i%10), "20.00")
				}
			}
			for k := range 15 {
				t.row(fmt.Sprintf("n%d", k*13), at(9*day+float64(k)*hour), "fan", "900.00")
			}
			return t
		}},
		verdict{name: "one batch", tool: "VEL-10", file: batch(1), want: olorin.Fired},
		verdict{name: "a batch every month", tool: "VEL-10", file: batch(4), want: olorin.Clear},
	)

	// In a ledger the sign, or the word, tells who paid. Wages and a shop's customers are no fan, a man's coffee no secret of the shop, a salary no large amount; two payments in a day say next to nothing.
	books := func(in, came, out, gone string) func() *table {
		return func() *table {
			t := crowd(newTable("account_id,event_time,transaction_type,counterparty_id,amount"), 60, func(i, k int) []any {
				return []any{gone, fmt.Sprintf("shop%d", (i+7*k)%40), fmt.Sprintf("%s%d.00", out, 20+(i*31)%97)}
			})
			for k := range 11 {
				t.row("bad", at(9*day+float64(k)*2*hour), came, fmt.Sprintf("victim%d", k), in+"900.00")
			}
			t.row("bad", at(10*day), gone, "away", out+"9600.00")
			return t
		}
	}
	for _, told := range []struct {
		by   string
		file func() *table
	}{{"signs", books("", "booking", "-", "booking")}, {"words", books("", "credit", "", "debit")}, {"signs and words", books("", "credit", "-", "debit")}} {
		bad := olorin.Entity{Type: "account_id", Value: "bad"}
		verdicts = append(verdicts,
			verdict{name: "a ledger by " + told.by, tool: "PAY-04", file: told.file, entity: bad, want: olorin.Fired, says: "received 9\u00a0900 in 11 payments"},
			verdict{name: "a ledger by " + told.by, tool: "LNK-03", file: told.file, entity: bad, want: olorin.Fired, says: "was paid by 11 counterparties", denies: "paid 11"},
			verdict{name: "a ledger by " + told.by, tool: "PAY-18", file: told.file, entity: bad, want: olorin.Clear},
		)
	}
	often := func(t *table) *table {
		return crowd(t, 60, func(i, k int) []any {
			return []any{fmt.Sprintf("shop%d", (i+7*k)%12), fmt.Sprintf("%d.00", 20+(i*31)%97)}
		})
	}
	verdicts = append(verdicts,
		verdict{name: "wages every month", tool: "LNK-03", file: staff(4), want: olorin.Clear},
		verdict{name: "new customers all the time", tool: "LNK-03", entity: olorin.Entity{Type: "counterparty_id", Value: "bad"}, want: olorin.Clear, file: func() *table {
			t := often(newTable("user_id,event_time,counterparty_id,amount"))
			for k := range 90 {
				t.row(fmt.Sprintf("once%d", k), at(float64(k)*5*hour), "bad", "20.00")
			}
			return t
		}},
		verdict{name: "two payments in a day", tool: "VEL-01", want: olorin.Clear, file: func() *table {
			t := often(newTable("user_id,event_time,counterparty_id,amount"))
			t.row("bad", at(3*day), "shop1", "20.00")
			t.row("bad", at(3*day+20*hour), "shop2", "20.00")
			return t
		}},
		verdict{name: "a man and his coffee", tool: "PAY-15", entity: olorin.Entity{Type: "merchant_id", Value: "coffee"}, want: olorin.Clear, file: func() *table {
			t := often(newTable("user_id,event_time,merchant_id,amount"))
			for k := range 12 {
				t.row("n3", at(float64(k)*day), "coffee", "3.80")
			}
			return t
		}},
		verdict{name: "the odd customer", tool: "PAY-15", want: olorin.Clear, file: func() *table {
			t := often(newTable("user_id,event_time,merchant_id,amount"))
			for k := range 100 {
				t.row("bot", at(3*day+float64(k)), "rare", "1.00")
			}
			for k, u := range []string{"bad", "n1", "n2", "n3"} {
				t.row(u, at(float64(k)*day), "rare", "1.00")
			}
			return t
		}},
		verdict{name: "wages every month", tool: "VEL-06", file: staff(4), want: olorin.Clear},
		verdict{name: "a salary", tool: "PAY-14", want: olorin.Clear, file: func() *table {
			t := often(newTable("user_id,event_time,counterparty_id,amount"))
			for k := range 3 {
				t.row("bad", at(float64(k)*30*day), "n1", "4000.00")
			}
			return t
		}},
		verdict{name: "reviews beside payments", anew: true, tool: "VEL-03", want: olorin.Fired, says: "paid merchant shop 5 times", file: func() *table {
			t := often(newTable("user_id,event_time,merchant_id,amount"))
			for k := range 10 {
				t.row("bad", at(3*day+float64(k)), "shop", fmt.Sprintf("%d.00", k%2*20))
			}
			return t
		}},
		verdict{name: "tries that failed tell no place", tool: "GEO-01", want: olorin.Clear, file: func() *table {
			t := crowd(newTable("user_id,event_time,ip_country,event_type,status"), 60, func(int, int) []any { return []any{"DE", "unheard", "success"} })
			t.row("bad", at(17*hour), "DE", "unheard", "success")
			t.row("bad", at(18*hour), "AU", "unheard", "failure")
			return t
		}},
	)
	return verdicts
}

// daily is a file of accounts that pay about twenty every third day, and what rows adds.
func daily(rows func(t *table)) func() *table {
	return func() *table {
		t := newTable("user_id,event_time,amount,counterparty_id")
		for i := range 41 {
			name := fmt.Sprintf("n%d", i)
			if i == 40 {
				name = "bad"
			}
			for k := range 29 {
				t.row(name, at(float64(3*k)*day+float64(i)), fmt.Sprintf("%d.00", 14+(7*i+5*k)%13), fmt.Sprintf("shop%d", (i+k)%9))
			}
		}
		rows(t)
		return t
	}
}

// pan is a card number of its own first and last digits, with its check digit.
func pan(i int) string {
	digits := fmt.Sprintf("4%014d", 11_111_111_111+i*1_000_003)
	sum := 0
	for k := range len(digits) {
		d := int(digits[len(digits)-1-k] - '0')
		if k%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	engine := openEngine(t)
	sets := map[string]olorin.Dataset{}
	for i, v := range smallFiles() {
		t.Run(v.tool+" "+v.name, func(t *testing.T) {
			tool, ok := agents.Find(v.tool)
			if !ok {
				t.Fatalf("there is no tool %s", v.tool)
			}
			text := v.file().String()
			d, seen := sets[text]
			if !seen {
				d = importText(t, engine, fmt.Sprintf("verdict-%d", i), text)
				sets[text] = d
			}
			for name, values := range v.lists {
				l := olorin.List{ID: fmt.Sprintf("l%d", i), Name: name, Kind: olorin.ListBad, EntityType: "user_id", Source: "a test"}
				if _, err := engine.ImportList(context.Background(), strings.NewReader(values), l, func(olorin.List) error { return nil }); err != nil {
					t.Fatal(err)
				}
			}
			selection := data.Selection{Entities: []olorin.Entity{v.entity}}
			if v.entity.Type == "" {
				selection.Entities[0] = user("bad")
			}
			for text, bound := range map[string]*olorin.Time{v.from: &selection.From, v.until: &selection.To} {
				if text == "" {
					continue
				}
				moment, err := time.Parse(time.RFC3339, text)
				if err != nil {
					t.Fatal(err)
				}
				*bound = olorin.At(moment)
			}
			c, err := engine.OpenCase(context.Background(), d, selection)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			r, err := tool.Run(context.Background(), c, d, nil)
			if err != nil {
				t.Fatal(err)
			}
			told := strings.Join(append(sentences(r), r.Reason), "\n")
			if r.Outcome != v.want || r.Code != v.code || !strings.Contains(strings.ReplaceAll(told, "\u00a0EUR", " EUR"), v.says) || v.denies != "" && strings.Contains(told, v.denies) {
				t.Errorf("%s (%s): %s; want %s (%s) that says %q and not %q", r.Outcome, r.Code, told, v.want, v.code, v.says, v.denies)
			}
			keys := map[string]bool{}
			for _, f := range r.Findings {
				if keys[f.Key] {
					t.Errorf("two findings have the key %q", f.Key)
				}
				keys[f.Key] = true
				rows := map[int64]bool{}
				for _, row := range f.EvidenceRows {
					if rows[row] {
						t.Errorf("%s cites row %d twice", f.Key, row)
					}
					rows[row] = true
				}
				if v.anew {
					workedOutAnew(t, c, f)
				}
			}
		})
	}
}

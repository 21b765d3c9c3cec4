package agents_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/runner/agents"
)

// shapes are small files that look like well-known ones: their columns, their kinds of traffic, and frauds planted in them. In each, honest
// names are many and the planted few; no parameter was set for them.
var shapes = []struct {
	name, by string
	write    func(rng *rand.Rand, b *strings.Builder) (planted []string)
	tools    []string // of which each planted entity must have at least one
	floor    float64  // of the score of planted entities, by median
}{
	{"PaySim", "account_id", paysim, []string{"PAY-10", "PAY-14", "VEL-05", "PAY-04"}, 25},
	{"Sparkov", "transaction_id", sparkov, []string{"VEL-05", "PAY-14", "PAY-11", "VEL-01", "VEL-07"}, 40},
	{"AMLSim", "account_id", amlsim, []string{"LNK-03", "LNK-04", "LNK-05", "PAY-04", "PAY-03"}, 35},
	{"RBA log-ins", "user_id", rba, []string{"GEO-01", "GEO-02", "GEO-03", "VEL-08", "NET-04", "DEV-05"}, 30},
	{"IEEE-CIS", "card_number", ieee, []string{"VEL-01", "VEL-05", "PAY-14", "PAY-15", "VEL-02"}, 25},
	{"Log-ins with outcomes", "user_id", stuffing, []string{"NET-04", "VEL-08", "DEV-05"}, 40},
	{"Kartenumsätze", "user_id", kartenumsaetze, []string{"VEL-01", "VEL-02", "PAY-08", "VEL-05", "PAY-14"}, 40},
	{"App events", "user_id", appEvents, []string{"DEV-01", "LNK-01", "GEO-01"}, 25},
	{"Tills of shops", "card_number", tills, []string{"VEL-01", "VEL-05", "PAY-14"}, 30},
	{"Payouts of a marketplace", "merchant_id", payouts, []string{"IDN-06", "LNK-03", "PAY-14"}, 25},
}

func TestFilesOfOtherShapes(t *testing.T) {
	t.Parallel()
	for _, shape := range shapes {
		t.Run(shape.name, func(t *testing.T) {
			var b strings.Builder
			planted := shape.write(rand.New(rand.NewPCG(3, 14)), &b)
			engine := openEngine(t)
			d := importText(t, engine, "shape", b.String())
			r, err := agents.Rank(context.Background(), engine, d, shape.by, olorin.Settings{}, olorin.Weights{})
			if err != nil {
				t.Fatal(err)
			}
			for _, gap := range r.NotAssessed {
				if strings.Contains(gap.Reason, "failed") || strings.Contains(gap.Reason, "out of time") {
					t.Errorf("%s: %s", gap.Tool, gap.Reason)
				}
			}
			var bad, good []float64
			place := 0
			for i, item := range r.Items {
				if !slices.Contains(planted, item.Entity) {
					good = append(good, item.RiskScore)
					if item.RiskScore >= highBand {
						t.Errorf("honest %s scores %.1f: %s", item.Entity, item.RiskScore, told(item))
					}
					continue
				}
				place = i
				bad = append(bad, item.RiskScore)
				if !slices.ContainsFunc(item.Checks, func(c agents.RankedCheck) bool { return slices.Contains(shape.tools, c.Tool) }) {
					t.Errorf("planted %s scores %.1f by none of %v: %s", item.Entity, item.RiskScore, shape.tools, told(item))
				}
			}
			if len(bad) != len(planted) {
				t.Fatalf("%d of %d planted entities are ranked", len(bad), len(planted))
			}
			slices.Sort(bad)
			slices.Sort(good)
			t.Logf("%d planted: %.1f to %.1f, median %.1f, the last at place %d; %d honest: median %.1f, 99th %.1f, highest %.1f",
				len(bad), bad[0], bad[len(bad)-1], bad[len(bad)/2], place+1, len(good), good[len(good)/2], good[len(good)*99/100], good[len(good)-1])
			for _, item := range r.Items[:3] {
				t.Logf("  %s %.1f %s", item.Entity, item.RiskScore, told(item))
			}
			if bad[len(bad)/2] < shape.floor {
				t.Errorf("the planted entities score %.1f by median; want at least %.0f", bad[len(bad)/2], shape.floor)
			}
			if wrong := float64(place+1-len(bad)) / float64(len(good)); wrong > 0.05 {
				t.Errorf("%.0f %% of the honest rank before the last planted one", 100*wrong)
			}
			if p99 := good[len(good)*99/100]; p99 >= 50 {
				t.Errorf("one in a hundred of the honest scores %.1f or more; want less than 50", p99)
			}
		})
	}
}

func told(item agents.Ranked) string {
	var words []string
	for _, c := range item.Checks {
		words = append(words, fmt.Sprintf("%s %.2f", c.Tool, c.Strength))
	}
	return strings.Join(words, ", ")
}

// paysim: mobile money, hourly steps; frauds transfer the whole balance, then it is cashed out.
func paysim(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud\n")
	for i := range 6000 {
		kind, dest := "PAYMENT", fmt.Sprintf("M%d", rng.IntN(2000))
		amount := math.Exp(8 + rng.NormFloat64())
		if rng.IntN(3) == 0 {
			kind, dest = "CASH_OUT", fmt.Sprintf("C9%05d", rng.IntN(900))
		}
		held := amount * (1.2 + 5*rng.Float64())
		fmt.Fprintf(b, "%d,%s,%.2f,C1%05d,%.2f,%.2f,%s,%.2f,%.2f,0,0\n", 1+i/60, kind, amount, i, held, held-amount, dest, 0.0, 0.0)
	}
	for k := range 12 {
		who, amount := fmt.Sprintf("C7%05d", k), 400_000+rng.Float64()*2_000_000
		planted = append(planted, who)
		fmt.Fprintf(b, "%d,TRANSFER,%.2f,%s,%.2f,0.00,C8%05d,0.00,0.00,1,0\n", 10+k*7, amount, who, amount, k)
	}
	return planted
}

// sparkov: card payments with two points on the map; a stolen card buys at night, often and for much.
func sparkov(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("trans_date_trans_time,cc_num,merchant,category,amt,first,last,gender,street,city,state,zip,lat,long,city_pop,job,dob,trans_num,unix_time,merch_lat,merch_long,is_fraud\n")
	start := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	kinds := strings.Fields("grocery_pos gas_transport home shopping_net kids_pets misc_pos")
	n := 0
	pay := func(card int, at time.Time, amount float64, kind string, fraud int) {
		n++
		lat, long := 30+float64(card%15), -120+float64(card%40)
		fmt.Fprintf(b, "%s,%d,fraud_M%d,%s,%.2f,Ann,Lee,F,%d High St,Town%d,TX,7500%d,%.4f,%.4f,1000,Clerk,1980-01-0%d,tn%d,%d,%.4f,%.4f,%d\n",
			at.Format("2006-01-02 15:04:05"), 4_000_000_000_000_000+card*37, rng.IntN(300), kind, amount, card, card, card%10, lat, long, 1+card%9, n, at.Unix(), lat+rng.Float64()*2-1, long+rng.Float64()*2-1, fraud)
	}
	for card := range 150 {
		for range 60 {
			at := start.AddDate(0, 0, rng.IntN(90)).Add(time.Duration(8*3600+rng.IntN(13*3600)) * time.Second)
			pay(card, at, math.Exp(3.4+0.7*rng.NormFloat64()), kinds[rng.IntN(len(kinds))], 0)
		}
	}
	for k := range 6 {
		card := k * 20
		for i := range 9 {
			pay(card, start.AddDate(0, 0, 40+k).Add(time.Duration(1+i/3)*time.Hour+time.Duration(i*11)*time.Minute), 700+rng.Float64()*500, "shopping_net", 1)
			planted = append(planted, fmt.Sprintf("tn%d", n))
		}
	}
	return planted
}

// amlsim: transfers between accounts; cycles, fans and middlemen are planted.
func amlsim(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("tran_id,orig_acct,bene_acct,tx_type,base_amt,tran_timestamp,is_sar,alert_id\n")
	start := time.Date(2017, 1, 1, 0, 0, 0, 0, time.UTC)
	n := 0
	pay := func(from, to string, amount float64, day float64, sar int) {
		n++
		fmt.Fprintf(b, "%d,%s,%s,TRANSFER,%.2f,%s,%d,-1\n", n, from, to, amount, start.Add(time.Duration(day*86400)*time.Second).Format("2006-01-02T15:04:05Z"), sar)
	}
	for range 5000 {
		from := rng.IntN(800)
		pay(fmt.Sprint(from), fmt.Sprint((from+1+rng.IntN(6)*131)%800), 50+rng.ExpFloat64()*200, rng.Float64()*180, 0)
	}
	for k := range 4 {
		ring := []string{fmt.Sprintf("9%d1", k), fmt.Sprintf("9%d2", k), fmt.Sprintf("9%d3", k), fmt.Sprintf("9%d4", k)}
		for i, from := range ring {
			pay(from, ring[(i+1)%4], 8000-float64(i)*150, 20+float64(k*30)+float64(i)*0.7, 1)
			planted = append(planted, from)
		}
	}
	for k := range 3 {
		hub := fmt.Sprintf("7%d0", k+80)
		planted = append(planted, hub)
		for i := range 16 {
			pay(hub, fmt.Sprintf("6%d%02d0", k, i), 900+rng.Float64()*50, 60+float64(k*20)+float64(i)*0.1, 1)
		}
	}
	return planted
}

// rba: log-ins as a risk-based-authentication data set tells them; some accounts are taken over from another continent.
func rba(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,User Agent String,Browser Name and Version,OS Name and Version,Device Type,Login Successful,Is Attack IP,Is Account Takeover\n")
	start := time.Date(2020, 2, 3, 12, 0, 0, 0, time.UTC)
	n := 0
	login := func(user int, at time.Time, ip, country, agent string, ok bool, taken int) {
		n++
		fmt.Fprintf(b, "%d,%s,%d,,%s,%s,-,-,29695,%s,Chrome 79,iOS 13,mobile,%v,False,%d\n", n, at.Format("2006-01-02 15:04:05.000"), 100000+user, ip, country, agent, ok, taken)
	}
	agents := []string{"Mozilla/5.0 (iPhone; CPU iPhone OS 13_4 like Mac OS X) AppleWebKit/605 Safari/604.1", "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/79.0 Safari/537.36"}
	for user := range 400 {
		for range 12 {
			ip, country := fmt.Sprintf("84.2%d.%d.%d", user%10, user%200, rng.IntN(3)), "NO"
			if user%50 == 0 && rng.IntN(12) == 0 {
				country, ip = "SE", fmt.Sprintf("90.1.%d.%d", user%200, rng.IntN(9))
			}
			login(user, start.Add(time.Duration(rng.IntN(60*86400))*time.Second), ip, country, agents[user%2], rng.IntN(10) > 0, 0)
		}
	}
	for k := range 5 {
		user, at := 10+k*70, start.AddDate(0, 0, 61+k)
		planted = append(planted, fmt.Sprint(100000+user))
		login(user, at, fmt.Sprintf("84.20.%d.1", user%200), "NO", agents[0], true, 0)
		login(user, at.Add(40*time.Minute), fmt.Sprintf("41.13.9.%d", k), "NG", "Mozilla/5.0 (X11; Linux x86_64) Chrome/80 Safari/537.36", true, 1)
	}
	return planted
}

// ieee: card payments in seconds since an unnamed day; a leaked card is used many times within an hour.
func ieee(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("TransactionID,isFraud,TransactionDT,TransactionAmt,ProductCD,card1,card2,card3,card4,card6,addr1,P_emaildomain,DeviceType,DeviceInfo\n")
	n := 0
	pay := func(card, at int, amount float64, fraud int) {
		n++
		fmt.Fprintf(b, "%d,%d,%d,%.2f,W,%d,,150,visa,debit,299,gmail.com,mobile,iOS Device\n", 2_987_000+n, fraud, at, amount, card)
	}
	for card := range 500 {
		for range 10 {
			pay(2000+card, 86400+rng.IntN(90*86400), math.Exp(4+0.6*rng.NormFloat64()), 0)
		}
	}
	for k := range 5 {
		planted = append(planted, fmt.Sprint(2000+k*90))
		for i := range 10 {
			pay(2000+k*90, 86400*(30+k)+i*240, 420+rng.Float64()*200, 1)
		}
	}
	return planted
}

// stuffing: a log of log-ins with outcomes, where one address tries many accounts and gets into a few.
func stuffing(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("timestamp,user,ip,user_agent,event_type,outcome\n")
	start := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for user := range 500 {
		for range 8 {
			outcome := "success"
			if rng.IntN(12) == 0 {
				outcome = "failure"
			}
			fmt.Fprintf(b, "%s,u%03d,81.2.%d.%d,Mozilla/5.0 (Windows NT 10.0) Chrome/126.0,login,%s\n", start.Add(time.Duration(rng.IntN(30*86400))*time.Second).Format(time.RFC3339), user, user/250, 1+user%250, outcome)
		}
	}
	for k := range 40 {
		user, outcome := 3+k*12, "failure"
		if k%10 == 9 {
			outcome = "success"
			planted = append(planted, fmt.Sprintf("u%03d", user))
		}
		fmt.Fprintf(b, "%s,u%03d,45.9.8.7,python-requests/2.31,login,%s\n", start.Add(400*time.Hour+time.Duration(k*13)*time.Second).Format(time.RFC3339), user, outcome)
	}
	return planted
}

// kartenumsaetze: a German export, semicolons and decimal commas; cards are tried with small sums, then drained.
func kartenumsaetze(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("Buchungszeit;Kundennummer;Kartennummer;Betrag;Währung;Händler;Ort;Land;Status\n")
	start := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	pay := func(customer int, at time.Time, amount float64, shop, status string) {
		fmt.Fprintf(b, "%s;K%05d;53%04dXXXXXX%04d;%s;EUR;%s;Köln;DE;%s\n", at.Format("02.01.2006 15:04:05"), customer, customer%10000, customer*7%10000, strings.Replace(fmt.Sprintf("%.2f", amount), ".", ",", 1), shop, status)
	}
	shops := strings.Fields("Bäckerei Tankstelle Drogerie Baumarkt Supermarkt Buchhandlung")
	for customer := range 300 {
		for range 20 {
			status := "genehmigt"
			if rng.IntN(40) == 0 {
				status = "abgelehnt"
			}
			pay(customer, start.AddDate(0, 0, rng.IntN(60)).Add(time.Duration(8*3600+rng.IntN(12*3600))*time.Second), math.Exp(3+0.7*rng.NormFloat64()), shops[rng.IntN(len(shops))], status)
		}
	}
	for k := range 5 {
		customer, at := 20+k*50, start.AddDate(0, 0, 30+k).Add(2*time.Hour)
		planted = append(planted, fmt.Sprintf("K%05d", customer))
		for i := range 8 {
			pay(customer, at.Add(time.Duration(i)*70*time.Second), 1+float64(i)/2, "Onlinespiele", "abgelehnt")
		}
		for i := range 3 {
			pay(customer, at.Add(15*time.Minute+time.Duration(i)*time.Minute), 480+rng.Float64()*100, "Gutscheine", "genehmigt")
		}
	}
	return planted
}

// appEvents: what phones tell, without money; one phone has many accounts, and some accounts are in two places at once.
func appEvents(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("ts,account,installation,model,action,lat,lng\n")
	start := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	tell := func(account string, at time.Time, phone, action string, lat, lng float64) {
		fmt.Fprintf(b, "%d,%s,%s,Pixel 9,%s,%.4f,%.4f\n", at.UnixMilli(), account, phone, action, lat, lng)
	}
	for a := range 400 {
		lat, lng := 47+float64(a%40)/10, 7+float64(a%60)/10
		for range 15 {
			at := start.Add(time.Duration(rng.IntN(30*86400)) * time.Second)
			tell(fmt.Sprintf("a%04d", a), at, fmt.Sprintf("ph%04d", a), []string{"open", "view", "like", "close"}[rng.IntN(4)], lat+rng.Float64()/20, lng+rng.Float64()/20)
		}
	}
	for k := range 9 {
		account := fmt.Sprintf("f%02d", k)
		planted = append(planted, account)
		for i := range 6 {
			tell(account, start.Add(time.Duration(k*40+i)*time.Hour/2), "ph-farm", "like", 50.1, 8.7)
		}
	}
	for k := range 4 {
		a := 30 + k*80
		planted = append(planted, fmt.Sprintf("a%04d", a))
		at := start.AddDate(0, 0, 31+k)
		tell(fmt.Sprintf("a%04d", a), at, fmt.Sprintf("ph%04d", a), "open", 47+float64(a%40)/10, 7+float64(a%60)/10)
		tell(fmt.Sprintf("a%04d", a), at.Add(20*time.Minute), "ph-thief"+fmt.Sprint(k), "open", 6.5, 3.4)
	}
	return planted
}

// tills: cards that are present, at terminals of shops, in cents; a copy of a card buys at one till after another.
func tills(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("auth_time|terminal_id|card_token|amount_minor|currency|entry_mode|response\n")
	start := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	buy := func(card int, at time.Time, till int, cents float64) {
		fmt.Fprintf(b, "%s|T%04d|tok_%06d|%.0f|GBP|chip|00\n", at.Format(time.RFC3339), till, card, cents)
	}
	for card := range 600 {
		for range 12 {
			buy(card, start.AddDate(0, 0, rng.IntN(60)).Add(time.Duration(8*3600+rng.IntN(13*3600))*time.Second), (card%20)*10+rng.IntN(10), math.Exp(7.6+0.6*rng.NormFloat64()))
		}
	}
	for k := range 6 {
		card := 40 + k*90
		planted = append(planted, fmt.Sprintf("tok_%06d", card))
		for i := range 9 {
			buy(card, start.AddDate(0, 0, 40+k).Add(time.Duration(13*60+i*9)*time.Minute), 300+k*20+i, 22_000+rng.Float64()*9_000)
		}
	}
	return planted
}

// payouts: what a marketplace pays its sellers; some sign up, sell at once for much and are paid out at once.
func payouts(rng *rand.Rand, b *strings.Builder) (planted []string) {
	b.WriteString("payout_id,created_at,seller_id,seller_registered,payee_iban,gross,ccy,state\n")
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	n := 0
	pay := func(seller string, at, since time.Time, iban string, amount float64) {
		n++
		fmt.Fprintf(b, "po%06d,%s,%s,%s,%s,%.2f,EUR,paid\n", n, at.Format(time.RFC3339), seller, since.Format(time.RFC3339), iban, amount)
	}
	for s := range 350 {
		since := start.AddDate(0, 0, -30-rng.IntN(900))
		for week := range 16 {
			pay(fmt.Sprintf("s%04d", s), start.AddDate(0, 0, week*7+rng.IntN(3)).Add(time.Duration(rng.IntN(86400))*time.Second), since, fmt.Sprintf("DE%020d", s), math.Exp(5.2+0.5*rng.NormFloat64()))
		}
	}
	for k := range 8 {
		seller := fmt.Sprintf("n%02d", k)
		planted = append(planted, seller)
		since := start.AddDate(0, 0, 40+k*5)
		for i := range 3 {
			pay(seller, since.Add(time.Duration(40+i*300)*time.Minute), since, "LT000000000000000042", 2600+rng.Float64()*900)
		}
	}
	return planted
}

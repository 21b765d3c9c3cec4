package agents_test

import (
	"fmt"

	"github.com/olorin-dev/olorin"
)

// moreChecks goes on with checkCases.
var moreChecks = []checkCase{
	{
		tool: "GEO-07", strength: 0.484, rows: []int64{253},
		sentence: "Account bad: 1 payment far from home, the farthest 4\u00a0708 km away, against a median of 39 km over 13 payments (modified z 188.81, limit 3.50); none of the comparable payments stand out as much.",
		file: func() *table {
			t := newTable("user_id,event_time,latitude,longitude,merchant_latitude,merchant_longitude")
			for i := range 20 {
				for k := range 12 {
					t.row(who(i), at(float64(k)*day+float64(i)), 48.85, 2.35, 48.85+float64(k+1)/20, 2.35)
				}
			}
			for k := range 12 {
				t.row("bad", at(float64(k)*day), 48.85, 2.35, 48.85+float64(k+1)/20, 2.35)
			}
			t.row("bad", at(13*day), 48.85, 2.35, 6.52, 3.38)
			return t
		},
	},
	{
		tool: "GEO-08", strength: 1.000, rows: []int64{61, 62},
		sentence: "bad: session s99 went from FR to NG within 12 min at 2026-03-02 09:02:00; none of the comparable accounts have such a session.",
		file: func() *table {
			t := newTable("user_id,event_time,session_id,ip_country")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("s%d", i), "FR")
				t.row(who(i), at(float64(i)+5), fmt.Sprintf("s%d", i), "FR")
			}
			t.row("bad", at(50), "s99", "FR")
			t.row("bad", at(62), "s99", "NG")
			return t
		},
	},
	{
		tool: "DEV-04", strength: 1.000, rows: []int64{61, 62},
		sentence: "bad: session s99 went from own to strange within 3 min at 2026-03-02 08:53:00; none of the comparable accounts have such a session.",
		file: func() *table {
			t := newTable("user_id,event_time,session_id,device_id")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("s%d", i), fmt.Sprintf("d%d", i))
				t.row(who(i), at(float64(i)+5), fmt.Sprintf("s%d", i), fmt.Sprintf("d%d", i))
			}
			t.row("bad", at(50), "s99", "own")
			t.row("bad", at(53), "s99", "strange")
			return t
		},
	},
	{
		tool: "NET-05", strength: 1.000, rows: []int64{62},
		sentence: "Account bad: 1 of 2 events from addresses that no visitor can have, such as 192.168.1.7 (private); none of the comparable accounts have such events.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_address")
			for i := range 60 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("81.2.69.%d", i+1))
			}
			t.row("bad", at(70), "81.2.69.200")
			t.row("bad", at(71), "192.168.1.7")
			return t
		},
	},
	{
		tool: "VEL-07", strength: 0.945, rows: []int64{481, 482, 483, 484, 485, 486, 487, 488, 489, 490, 491, 492},
		sentence: "Account bad: 12 of 12 events (100 %) between 0 and 6 h, against 0 % of the others'; the odds of that by chance, one account of the file's 41 tried, are less than 1 in 1 000 000 000.",
		file: func() *table {
			t := newTable("user_id,event_time")
			for i := range 40 {
				for k := range 12 {
					t.row(who(i), at(float64(k)*day+float64(i)))
				}
			}
			for k := range 12 {
				t.row("bad", at(float64(k)*day-5*hour))
			}
			return t
		},
	},
	{
		tool: "VEL-10", strength: 1.000, total: 70,
		sentence: "In the hour from 2026-03-07 08:00:00 on the file has 70 events, against 10 in the same hour of its 11 days (spread 1 times that of chance); the odds of that by chance are less than 1 in 1 000 000 000.",
		file: func() *table {
			t := newTable("user_id,event_time")
			for i := range 10 {
				for k := range 240 {
					t.row(who(i), at(float64(k)*hour+float64(i*6)))
				}
			}
			for k := range 60 {
				t.row("bad", at(5*day+float64(k)/2))
			}
			t.row("calm", at(3*day+5))
			return t
		}, good: "calm",
	},
	{
		tool: "VEL-12", strength: 0.945, rows: []int64{202, 203, 204, 205},
		sentence: "Account bad changed its address 4 times within 3 days from 2026-03-03 08:00:00 on (many are 2); none of the comparable accounts changed as often.",
		file: func() *table {
			t := newTable("user_id,event_time,address")
			for i := range 40 {
				for k := range 5 {
					t.row(who(i), at(float64(k)*day), fmt.Sprintf("%d High Street", i))
				}
			}
			for k := range 5 {
				t.row("bad", at(float64(k)*day), fmt.Sprintf("%d Low Street", k))
			}
			return t
		},
	},
	{
		tool: "IDN-02", strength: 1.000, rows: []int64{31},
		sentence: "bad has the e-mail address no..one@mail.example.org, which has a dot or an end where none may be. In the file none of the comparable accounts have one like it.",
		file: func() *table {
			t := newTable("user_id,event_time,email")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("someone%d@mail.example.org", i))
			}
			t.row("bad", at(50), "no..one@mail.example.org")
			return t
		},
	},
	{
		tool: "IDN-03", strength: 0.847, rows: []int64{31},
		sentence: "bad has the e-mail address someone@gmial.com: one letter from gmail.com. In the file none of the comparable accounts have one like it.",
		file: func() *table {
			t := newTable("user_id,event_time,email")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("someone%d@gmail.com", i))
			}
			t.row("bad", at(50), "someone@gmial.com")
			return t
		},
	},
	{
		tool: "IDN-07", strength: 0.6, rows: []int64{61, 62, 63, 64},
		sentence: "4 accounts have the phone number +442079460001; none of the file's other accounts share one with as many.",
		file: func() *table {
			t := newTable("user_id,event_time,phone_number,address")
			for i := range 60 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("+4420700%05d", i), fmt.Sprintf("%d High Street", i))
			}
			for k, u := range []string{"bad", "b2", "b3", "b4"} {
				t.row(u, at(float64(70+k)), "+442079460001", fmt.Sprintf("%d Low Street", k))
			}
			return t
		},
	},
	{
		tool: "IDN-08", strength: 0.866, rows: []int64{81, 82},
		sentence: "Account bad had \"password_change\" at 2026-03-02 08:50:00 and, 2 h later, \"payout\" of 900; none of the comparable accounts have such a chain.",
		file: func() *table {
			t := newTable("user_id,event_time,event_type,amount")
			for i := range 40 {
				t.row(who(i), at(float64(i)), "login", "")
				t.row(who(i), at(float64(i)+5*day), "payout", "20.00")
			}
			t.row("bad", at(50), "password_change", "")
			t.row("bad", at(170), "payout", "900.00")
			return t
		},
	},
	{
		tool: "IDN-09", strength: 1.000, rows: []int64{121, 122, 123, 124, 125},
		sentence: "5 e-mail addresses were given with device farm within 4 h in 5 events from 2026-03-02 08:00:00 on (more than 4 count in full); none of the comparable ones see as many.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id,email")
			for i := range 60 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("own%02d", i), fmt.Sprintf("u%d@example.org", i))
				t.row(who(i), at(float64(i)+day), fmt.Sprintf("own%02d", i), fmt.Sprintf("u%d@example.org", i))
			}
			for k := range 5 {
				t.row("bad", at(float64(k)*hour), "farm", fmt.Sprintf("alias%c@example.org", 'a'+k))
			}
			return t
		},
	},
	{
		tool: "PAY-01", strength: 1.000, rows: []int64{31},
		sentence: "Account bad: 1 event with a card that is said to be visa and begins with 550000, as mastercard does; none of the comparable accounts have such an event.",
		file: func() *table {
			t := newTable("user_id,event_time,card_bin,card_brand")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "411111", "visa")
			}
			t.row("bad", at(50), "550000", "visa")
			return t
		},
	},
	{
		tool: "PAY-03", strength: 0.450, rows: []int64{121, 122, 123, 124, 125},
		sentence: "Account bad received 4 payments below 3\u00a0000, 4\u00a0000 in all, within 10 h, and sent 3\u00a0800 on at 2026-03-02 18:00:00 (95 %); none of the comparable accounts did so.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 30 {
				for k := range 4 {
					t.row(who(i), at(float64(k)*5*day), "50.00", who((i+k+1)%30))
				}
			}
			for k := range 4 {
				t.row(fmt.Sprintf("payer%d", k), at(float64(k)*hour), "1000.00", "bad")
			}
			t.row("bad", at(10*hour), "3800.00", "abroad")
			return t
		},
	},
	{
		tool: "PAY-06", strength: 1.000, total: 75,
		sentence: "Account bad: 75 of 400 amounts begin with 6 (19 %; Benford 7 %); the mean deviation over all digits is 9.98 points of a hundred, that of the file 0.97.",
		file: func() *table {
			t := newTable("user_id,event_time,amount")
			spread := func(i int) float64 { return pow10(float64(i%400) / 100) }
			for i := range 4000 {
				t.row(who(i%10), at(float64(i)), fmt.Sprintf("%.2f", spread(i/10)))
			}
			for k := range 400 {
				t.row("bad", at(float64(k)), fmt.Sprintf("%.2f", float64([]int{1, 5, 50, 500}[k%4])*(1+float64(k%90)/100)))
			}
			return t
		}, good: "u01",
	},
	{
		tool: "PAY-07", strength: 1.000, rows: []int64{602, 604, 606, 608, 610, 612},
		sentence: "Account bad: 6 of 12 events are refunds (50 %), 120 in all, against 0 % at the others; the odds of that by chance are less than 1 in 1 000 000 000.",
		file: func() *table {
			t := newTable("user_id,event_time,event_type,amount")
			for i := range 60 {
				for k := range 10 {
					t.row(who(i), at(float64(k)*day+float64(i)), "purchase", "20.00")
				}
			}
			for k := range 6 {
				t.row("bad", at(float64(k)*day), "purchase", "20.00")
				t.row("bad", at(float64(k)*day+60), "refund", "20.00")
			}
			return t
		},
	},
	{
		tool: "PAY-12", strength: 1.000, total: 24,
		sentence: "Account bad: 24 payments from 9\u00a0000 to 9\u00a0230 within 23 days from 2026-03-02 08:00:00 on, 218\u00a0760 in all, all under 10\u00a0000; of the payments of others 0 % lie in that band, and the odds of so many by chance are less than 1 in 1 000 000 000.",
		file: func() *table {
			t := newTable("user_id,event_time,amount")
			for i := range 40 {
				for k := range 25 {
					t.row(who(i), at(float64(k)*day), fmt.Sprintf("%d.00", 100+i*k))
				}
			}
			for k := range 24 {
				t.row("bad", at(float64(k)*day), fmt.Sprintf("%d.00", 9000+k*10))
			}
			return t
		},
	},
	{
		tool: "GEO-05", strength: 1.000, rows: []int64{31},
		sentence: "Account bad: 1 order billed and shipped far apart, such as US to NG, at least 7\u00a0306 km (limit 500); none of the comparable accounts have such an order.",
		file: func() *table {
			t := newTable("user_id,event_time,billing_country,shipping_country")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "FR", "FR")
			}
			t.row("bad", at(50), "US", "NG")
			return t
		},
	},
	{
		tool: "LNK-04", strength: 0.554, rows: []int64{41, 42, 43},
		sentence: "bad > b2 > b3 > bad: 5\u00a0000 left bad at 2026-03-02 09:00:00 and 4\u00a0800 came back in 3 payments within 8 h (96 % kept); none of the comparable accounts are in such a cycle.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 40 {
				t.row(who(i), at(float64(i)*hour), fmt.Sprintf("%d.00", 40+i*13), who((i+1)%40))
			}
			t.row("bad", at(hour), "5000.00", "b2")
			t.row("b2", at(5*hour), "4900.00", "b3")
			t.row("b3", at(9*hour), "4800.00", "bad")
			return t
		},
	},
	{
		tool: "LNK-05", strength: 0.375, rows: []int64{41, 43, 45, 47, 42, 44, 46, 48},
		sentence: "bad paid home through 4 accounts within 27 h from 2026-03-02 08:00:00 on: 3\u00a0600 out, 3\u00a0520 in, by m0, m1, m2, m3; none of such pairs have as many middlemen.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 40 {
				t.row(who(i), at(float64(i)*hour), "100.00", who((i+1)%40))
			}
			for k := range 4 {
				t.row("bad", at(float64(k)*hour), "900.00", fmt.Sprintf("m%d", k))
				t.row(fmt.Sprintf("m%d", k), at(float64(k)*hour+day), "880.00", "home")
			}
			return t
		},
	},
	{
		tool: "LNK-06", strength: 0.6, rows: []int64{241, 242, 243, 244},
		sentence: "9\u00a0000 went bad > s1 > s2 > s3 > end, through 3 accounts of at most 3 payments each, and 8\u00a0700 arrived, within 3 days from 2026-03-02 08:00:00 on; none of the file's other accounts are such shells in a row.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 60 {
				for k := range 4 {
					t.row(who(i), at(float64(i+k*60)*hour), fmt.Sprintf("%d.00", 50+i), who((i+7*k+1)%60))
				}
			}
			for k, a := range []string{"bad", "s1", "s2", "s3"} {
				t.row(a, at(float64(k)*day), fmt.Sprintf("%d.00", 9000-k*100), []string{"s1", "s2", "s3", "end"}[k])
			}
			return t
		},
	},
	{
		tool: "LNK-08", strength: 0.384, rows: []int64{61, 62},
		sentence: "Accounts bad and twin share 2 of 4 identifiers, such as device shared (weighted by rarity 45 %, limit 40 %); none of the file's accounts have such a twin.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id,email,phone_number")
			for i := range 60 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("d%d", i), fmt.Sprintf("p%d@example.org", i), fmt.Sprintf("+4420700%05d", i))
			}
			t.row("bad", at(70), "shared", "x@example.org", "+442079460001")
			t.row("twin", at(71), "shared", "y@example.org", "+442079460001")
			return t
		},
	},
	{
		tool: "GEO-01", strength: 0.500, rows: []int64{41, 42},
		sentence: "Account bad was in FR at 2026-03-02 09:00:00 and in NG at 2026-03-02 10:00:00: at least 2\u00a0795 km in 60 min = 2\u00a0795 km/h (limit 900).",
		file: func() *table {
			t := newTable("user_id,event_time,ip_country")
			for i := range 20 {
				t.row(who(i), at(float64(i)), "FR")
				t.row(who(i), at(float64(i)+300), "BE")
			}
			t.row("bad", at(hour), "FR")
			t.row("bad", at(2*hour), "NGA")
			return t
		},
	},
	{
		tool: "LNK-02", strength: 0.500, rows: []int64{21},
		sentence: "Account bad is 2 steps from user id crook of the list confirmed, by device id farm of crook.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id")
			for i := range 20 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("d%d", i))
			}
			t.row("bad", at(50), "farm")
			t.row("crook", at(51), "farm")
			return t
		},
		lists: []olorin.List{{ID: "l1", Name: "confirmed", Kind: olorin.ListBad, EntityType: "user_id"}}, listed: "crook\n",
	},
	{
		tool: "NET-07", strength: 0.759, rows: []int64{33},
		sentence: "Account bad: 1 of 1 event from addresses on the list vpns, such as 198.51.100.7; none of the comparable accounts have such events.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_address")
			for i := range 32 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("81.2.69.%d", i+1))
			}
			t.row("bad", at(50), "198.51.100.7")
			return t
		},
		lists: []olorin.List{{ID: "l2", Name: "vpns", Kind: olorin.ListVPN, EntityType: "ip_address"}}, listed: "198.51.100.0/24\n",
	},
	{
		tool: "LNK-07", strength: 0.892, total: 20,
		sentence: "Account bad lies on the shortest ways between 36\u00a0116 pairs of accounts, 65.96 times the median of 547.54 (limit 10); it is number 1 of 201 accounts that lie between any two, and has 20 counterparties.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			// ten groups of twenty, in each of which everybody pays a few neighbours; only "bad" deals with all of them
			for group := range 10 {
				for i := range 20 {
					for _, step := range []int{1, 2, 7} {
						t.row(who(group*20+i), at(float64(group*20+i)), "50.00", who(group*20+(i+step)%20))
					}
				}
				t.row(who(group*20), at(600+float64(group)), "40.00", "bad")
				t.row("bad", at(700+float64(group)), "40.00", who(group*20+10))
			}
			return t
		}, good: "u05",
	},
	{
		tool: "PAY-16", strength: 1.000, rows: []int64{62},
		sentence: "Account bad: 1 payment after which the balance is wrong, such as one of 900 that left 700 of 1\u00a0000; none of the comparable payments do not add up.",
		file: func() *table {
			t := newTable("account_id,event_time,amount,balance_before,balance_after")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "40.00", "100.00", "60.00")
				t.row(who(i), at(float64(i)+60), "80.00", "60.00", "0.00")
			}
			t.row("bad", at(100), "40.00", "100.00", "60.00")
			t.row("bad", at(101), "900.00", "1000.00", "700.00")
			return t
		},
	},
	{
		tool: "PAY-17", strength: 0.650, rows: []int64{61, 62, 63, 64},
		sentence: "One card, …ared, was used by 4 accounts within 3 h from 2026-03-02 09:40:00 on, 100 % of them with this card alone; none of the file's pairs of account and card are on one shared as much.",
		file: func() *table {
			t := newTable("user_id,event_time,card_number,amount")
			for i := range 60 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("tok%d", i), "40.00")
			}
			for k, u := range []string{"bad", "b2", "b3", "b4"} {
				t.row(u, at(100+float64(k)*hour), "tokshared", "40.00")
			}
			return t
		},
	},
	{
		tool: "NET-08", strength: 0.880, total: 17,
		sentence: "From 4 addresses of 9.9.9.0/24, 17 accounts were tried within 20 min from 2026-03-05 06:00:00 on; 16 of 17 tries failed (94 %, limit 80 %).",
		file: func() *table {
			t := newTable("user_id,event_time,ip_address,event_type,status")
			for i := range 60 {
				t.row(who(i), at(float64(i)*hour), fmt.Sprintf("81.2.%d.1", i), "login", "success")
			}
			for k := range 16 {
				t.row(who(k), at(70*hour+float64(k)), fmt.Sprintf("9.9.9.%d", 1+k%4), "login", "failed")
			}
			t.row("bad", at(70*hour+20), "9.9.9.3", "login", "success")
			return t
		}, good: "u30",
	},
	{
		tool: "VEL-13", strength: 0.847, rows: []int64{931, 932, 933, 934, 935, 936, 937, 938},
		sentence: "Account bad was active 8 of 13 hours at night in the 7 days until 2026-04-03 04:00:00, and 0 of 25 before; the odds of that by chance, one account of the file's 31 and one of its weeks tried, are 1 in 25\u00a0000.",
		file: func() *table {
			t := newTable("user_id,event_time")
			for i := range 30 {
				for k := range 30 {
					t.row(who(i), at(float64(k)*day+float64(i%8)*hour))
				}
			}
			for k := range 30 {
				t.row("bad", at(float64(k)*day))
			}
			for k := range 8 {
				t.row("bad", at(30*day+17*hour+float64(k%4)*hour+float64(k/4)*day))
			}
			return t
		},
	},
	{
		tool: "LNK-09", strength: 0.500, total: 6,
		sentence: "Account bad was paid 2\u00a0703 by 3 accounts and then paid 2\u00a0640 to 3 others (98 %), all within 26 h from 2026-03-11 08:00:00 on; none of the comparable accounts did so.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 60 {
				for k := range 6 {
					t.row(who(i), at(float64(k)*day+float64(i)), fmt.Sprintf("%d.00", 20+i), who((i+7*k+1)%60))
				}
			}
			for k := range 3 {
				t.row(fmt.Sprintf("in%d", k), at(9*day+float64(k)*hour), fmt.Sprintf("%d.00", 900+k), "bad")
			}
			for k := range 3 {
				t.row("bad", at(10*day+float64(k)*hour), "880.00", fmt.Sprintf("out%d", k))
			}
			return t
		},
	},
	{
		tool: "LNK-10", strength: 0.500, total: 9,
		sentence: "3 accounts, b2, b3, bad, each paid at least 3 of the same 3, hand0, hand1, hand2, within 8 h from 2026-03-14 08:00:00 on, 6\u00a0300 in all, 100 % of what the ones pay or the others are paid then; none of the file's other payers are in such a group.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 60 {
				for k := range 4 {
					t.row(who(i), at(float64(i+k*60)*hour), fmt.Sprintf("%d.00", 50+i), who((i+7*k+1)%60))
				}
			}
			for i, a := range []string{"bad", "b2", "b3"} {
				for k := range 3 {
					t.row(a, at(12*day+float64(i*3+k)*hour), "700.00", fmt.Sprintf("hand%d", k))
				}
			}
			return t
		},
	},
}

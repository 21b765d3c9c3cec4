package agents_test

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/runner/agents"
)

// table builds a small CSV: lines of cells in the order of the header.
type table struct{ strings.Builder }

func newTable(header string) *table {
	t := &table{}
	t.WriteString(header + "\n")
	return t
}

func (t *table) row(cells ...any) {
	for i, c := range cells {
		if i > 0 {
			t.WriteByte(',')
		}
		fmt.Fprint(t, c)
	}
	t.WriteByte('\n')
}

var day0 = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// at is so many minutes after day0.
func at(minutes float64) string {
	return day0.Add(time.Duration(minutes * float64(time.Minute))).Format("2006-01-02T15:04:05Z")
}

const (
	hour = 60.0
	day  = 24 * hour
)

// checkCases tell of each check a small file in which account "bad" is found and account "good" is not.
type checkCase struct {
	tool     string
	file     func() *table
	sentence string // for bad, exact
	strength float64
	rows     []int64
	total    int // how many rows, where they are too many to list
	lists    []olorin.List
	listed   string // the values of each of them
	good     string // the account that is clear, where it is not "good"
}

var checkCases = []checkCase{
	{
		tool: "GEO-01", strength: 1, rows: []int64{41, 42},
		sentence: "Account bad was in Lagos, NG at 2026-03-02 12:03:00 and in Paris, FR at 2026-03-02 12:41:00: 4\u00a0708 km in 38 min = 7\u00a0434 km/h (limit 900).",
		file: func() *table {
			t := newTable("user_id,event_time,latitude,longitude,city,country")
			for i := range 20 {
				t.row(who(i), at(float64(i)), 48.85, 2.35, "Paris", "FR")
				t.row(who(i), at(float64(i)+300), 48.80, 2.13, "Versailles", "FR")
			}
			t.row("bad", at(4*hour+3), 6.5244, 3.3792, "Lagos", "NG")
			t.row("bad", at(4*hour+41), 48.8566, 2.3522, "Paris", "FR")
			return t
		},
	},
	{
		tool: "GEO-02", strength: 0.65, rows: []int64{127},
		sentence: "Account bad appeared in NG for the first time at 2026-03-08 08:00:00, after 6 events in FR; none of the comparable accounts have such a first time.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_country")
			for i := range 20 {
				for k := range 6 {
					t.row(who(i), at(float64(k)*day+float64(i)), "FR")
				}
			}
			for k := range 6 {
				t.row("bad", at(float64(k)*day), "FR")
			}
			t.row("bad", at(6*day), "NG")
			for k := range 40 {
				t.row("steady", at(float64(k)*hour), "FR")
			}
			return t
		},
	},
	{
		tool: "GEO-03", strength: 0.991, rows: []int64{121, 122, 123, 124},
		sentence: "Account bad was in 4 countries within 6 days in 4 events from 2026-03-02 08:00:00 on (many are more than 3); none of the comparable accounts are in as many, and an account changes its country from one event to the next in none of the cases.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_country")
			for i := range 30 {
				for k := range 4 {
					t.row(who(i), at(float64(k)*day+float64(i)), "FR")
				}
			}
			for k, c := range []string{"FR", "NG", "BR", "CN"} {
				t.row("bad", at(float64(k)*2*day), c)
			}
			return t
		},
	},
	{
		tool: "GEO-04", strength: 1, rows: []int64{31, 32},
		sentence: "bad: 2 events with countries that disagree, such as IP NG, card US, billing US, shipping BR; none of the comparable accounts have events with as many different ones.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_country,card_country,billing_country,shipping_country")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "FR", "FR", "FR", "FR")
			}
			t.row("bad", at(99), "NG", "US", "US", "BR")
			t.row("bad", at(100), "NG", "US", "US", "US")
			return t
		},
	},
	{
		tool: "GEO-06", strength: 1, rows: []int64{21},
		sentence: "Account bad: 1 event with a clock up to 6 h away from that of the IP address (limit 3 h); none of the comparable accounts have such events.",
		file: func() *table {
			t := newTable("user_id,event_time,tz_offset_minutes,ip_tz_offset_minutes")
			for i := range 20 {
				t.row(who(i), at(float64(i)), 60, 60)
			}
			t.row("bad", at(50), -300, 60)
			return t
		},
	},
	{
		tool: "DEV-01", strength: 0.487, rows: []int64{101, 102, 103, 104},
		sentence: "Device farm was used by 4 accounts within 3 h from 2026-03-02 08:00:00 on, 100 % of them seen only there; none of the file's pairs of account and device are on one shared as much.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id")
			for i := range 100 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("own%02d", i))
			}
			for k, u := range []string{"bad", "b2", "b3", "b4"} {
				t.row(u, at(float64(k)*hour), "farm")
			}
			return t
		},
	},
	{
		tool: "DEV-02", strength: 0.744, rows: []int64{61, 62, 63, 64},
		sentence: "Account bad used 4 devices within 3 h in 4 events from 2026-03-02 08:00:00 on (more than 4 count in full); none of the comparable accounts use as many, and an account changes its device from one event to the next in none of the cases.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("own%02d", i))
				t.row(who(i), at(day+float64(i)), fmt.Sprintf("own%02d", i))
			}
			for k := range 4 {
				t.row("bad", at(float64(k)*hour), fmt.Sprintf("new%d", k))
			}
			return t
		},
	},
	{
		tool: "DEV-03", strength: 1.000, rows: []int64{45, 46},
		sentence: "Account bad first used device strange at 2026-03-07 08:00:00, after 4 events on others, and 25 min later had an act \"password_change\"; an unknown share of the comparable new devices are followed by such an act.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id,event_type")
			for i := range 10 {
				for k := range 4 {
					t.row(who(i), at(float64(k)*day), fmt.Sprintf("own%02d", i), "login")
				}
			}
			for k := range 4 {
				t.row("bad", at(float64(k)*day), "own", "login")
			}
			t.row("bad", at(5*day), "strange", "login")
			t.row("bad", at(5*day+25), "strange", "password_change")
			// nine honest accounts change device and nothing follows
			for i := range 9 {
				t.row(who(i), at(9*day), fmt.Sprintf("next%02d", i), "login")
			}
			return t
		},
	},
	{
		tool: "DEV-05", strength: 1, rows: []int64{21, 22},
		sentence: "Account bad: 2 events by python-requests/2.31.0 (a library or tool); none of the comparable accounts have such events.",
		file: func() *table {
			t := newTable("user_id,event_time,user_agent")
			for i := range 20 {
				t.row(who(i), at(float64(i)), "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36")
			}
			t.row("bad", at(50), "python-requests/2.31.0")
			t.row("bad", at(51), "python-requests/2.31.0")
			return t
		},
	},
	{
		tool: "DEV-06", strength: 0.721, rows: []int64{21, 22},
		sentence: "Account bad: 2 events within 1 s to 15 s of the session's start (limit 30 s); none of the comparable events are as quick as the quickest.",
		file: func() *table {
			t := newTable("user_id,event_time,session_start")
			for i := range 20 {
				t.row(who(i), at(float64(i)+10.5), at(float64(i)+0.5))
			}
			t.row("bad", at(50+1.0/60), at(50))
			t.row("bad", at(60+15.0/60), at(60))
			return t
		},
	},
	{
		tool: "DEV-07", strength: 1, rows: []int64{121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132},
		sentence: "Account bad: 12 events from 2026-03-02 08:00:00 on, one every 5 min with a variation of 0 % (limit 10 %); an unknown share of the comparable accounts are that regular.",
		file: func() *table {
			t := newTable("user_id,event_time")
			for i := range 10 {
				for k := range 12 {
					t.row(who(i), at(float64(k*k)*7+float64(i*k)))
				}
			}
			for k := range 12 {
				t.row("bad", at(float64(k)*5))
			}
			return t
		},
	},
	{
		tool: "DEV-08", strength: 0.496, rows: []int64{61, 62, 63, 64},
		sentence: "On device farm 4 cards of 1 account were used within 90 min in 4 events from 2026-03-05 08:00:00 on (more than 6 count in full, beside one for each further account); none of the comparable devices see as many, and a device changes its card from one event to the next in none of the cases.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id,card_number")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("own%02d", i), fmt.Sprintf("tok%02d", i))
				t.row(who(i), at(float64(i)+20*day), fmt.Sprintf("own%02d", i), fmt.Sprintf("tok%02d", i))
			}
			for k := range 4 {
				t.row("bad", at(3*day+float64(k)*30), "farm", fmt.Sprintf("stolen%d", k))
			}
			return t
		},
	},
	{
		tool: "NET-01", strength: 0.5, rows: []int64{101, 102, 103},
		sentence: "Address 203.0.113.9 was used by 3 accounts within 20 min from 2026-03-02 08:00:00 on, 100 % of them seen only there; none of the file's pairs of account and address are on one shared as much.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_address")
			for i := range 100 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("81.2.69.%d", i+1))
			}
			for k, u := range []string{"bad", "b2", "b3"} {
				t.row(u, at(float64(k)*10), "203.0.113.9")
			}
			return t
		},
	},
	{
		tool: "NET-02", strength: 0.991, rows: []int64{61, 62, 63, 64, 65, 66, 67, 68, 69, 70},
		sentence: "Account bad used 10 addresses within 9 h in 10 events from 2026-03-02 08:00:00 on (many are more than 9); none of the comparable accounts use as many, and an account changes its address from one event to the next in none of the cases.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_address")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("81.2.69.%d", i+1))
				t.row(who(i), at(float64(i)+day), fmt.Sprintf("81.2.69.%d", i+1))
			}
			for k := range 10 {
				t.row("bad", at(float64(k)*hour), fmt.Sprintf("198.51.100.%d", k+1))
			}
			return t
		},
	},
	{
		tool: "NET-03", strength: 0.76, rows: []int64{33},
		sentence: "Account bad: 1 of 1 event from VPN addresses, such as 198.51.100.7; none of the comparable accounts have such events.",
		file: func() *table {
			t := newTable("user_id,event_time,ip_address,is_vpn")
			for i := range 32 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("81.2.69.%d", i+1), false)
			}
			t.row("bad", at(50), "198.51.100.7", true)
			return t
		},
	},
	{
		tool: "NET-03", strength: 0.61, rows: []int64{34}, // the file's own word comes first, and so the other row of a hoster says nothing
		sentence: "Account bad: 1 of 1 event from data-centre addresses, such as one of network AS24940; none of the comparable accounts have such events.",
		file: func() *table {
			t := newTable("user_id,event_time,asn,is_hosting")
			for i := range 32 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("AS%d Some Telecom 24940", 3200+i), "")
			}
			t.row("told", at(49), "AS16509 AMAZON-02", false)
			t.row("bad", at(50), "AS24940 Hetzner Online GmbH", "")
			return t
		},
	},
	{
		tool: "NET-04", strength: 0.68, rows: []int64{21, 22, 23, 24, 25, 26},
		sentence: "From 203.0.113.9, 6 accounts were tried within 5 min from 2026-03-02 09:40:00 on; 5 of 6 tries failed (83 %, limit 80 %).",
		file: func() *table {
			t := newTable("user_id,event_time,ip_address,event_type,status")
			for i := range 20 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("81.2.69.%d", i+1), "login", "success")
			}
			for k := range 6 {
				user, status := fmt.Sprintf("victim%d", k), "failed"
				if k == 5 {
					user, status = "bad", "success"
				}
				t.row(user, at(100+float64(k)), "203.0.113.9", "login", status)
			}
			return t
		},
	},
	{
		tool: "NET-06", strength: 0.6, rows: []int64{141, 142, 143, 144, 145, 146},
		sentence: "6 accounts used from network 203.0.113.0/24 signed up within 5 h from 2026-03-02 08:00:00 on (limit 5 in 24 h); none of the file's accounts are in such a network.",
		file: func() *table {
			t := newTable("user_id,event_time,signup_time,ip_address")
			for i := range 140 {
				t.row(who(i), at(float64(i)+5*day), at(float64(i)), fmt.Sprintf("81.2.%d.7", i+1))
			}
			for k, u := range []string{"bad", "b2", "b3", "b4", "b5", "b6"} {
				t.row(u, at(float64(k)+6*day), at(float64(k)*hour), fmt.Sprintf("203.0.113.%d", k+1))
			}
			return t
		},
	},
	{
		tool: "VEL-01", strength: 0.991, rows: []int64{121, 122, 123, 124, 125, 126},
		sentence: "Account bad: 6 events within 50 min from 2026-03-05 08:00:00 on, of 6 in 21 days; none of the comparable accounts reach as many, and the odds of that by chance are 1 in 32\u00a0000.",
		file: func() *table {
			t := newTable("user_id,event_time")
			for i := range 30 {
				for k := range 4 {
					t.row(who(i), at(float64(k)*7*day+float64(i)))
				}
			}
			for k := range 6 {
				t.row("bad", at(3*day+float64(k)*10))
			}
			return t
		},
	},
	{
		tool: "VEL-02", strength: 0.750, rows: []int64{31, 32, 33, 34, 35, 36, 37},
		sentence: "Account bad: 6 of 7 payments refused within 12 min from 2026-03-02 09:40:00 on (86 %; 16 % in the file), median amount 1.50, on 7 cards.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,status,card_number")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "40.00", "approved", fmt.Sprintf("tok%02d", i))
			}
			for k := range 6 {
				t.row("bad", at(100+float64(k)*2), "1.50", "declined", fmt.Sprintf("stolen%d", k))
			}
			t.row("bad", at(112), "1.50", "approved", "stolen6")
			return t
		},
	},
	{
		tool: "VEL-03", strength: 0.793, rows: []int64{61, 62, 63, 64, 65},
		sentence: "Account bad paid merchant shop 5 times within 2 h from 2026-03-05 08:00:00 on; none of the comparable pairs of account and merchant reach as many, and the odds of that by chance are 1 in 63\u00a0000\u00a0000.",
		file: func() *table {
			t := newTable("user_id,event_time,merchant_id")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "shop")
				t.row(who(i), at(float64(i)+20*day), "shop")
			}
			for k := range 5 {
				t.row("bad", at(3*day+float64(k)*30), "shop")
			}
			return t
		},
	},
	{
		tool: "VEL-04", strength: 0.496, rows: []int64{61, 62, 63, 64},
		sentence: "Account bad used 4 cards within 90 min in 4 events from 2026-03-05 08:00:00 on (more than 6 count in full); none of the comparable accounts use as many, and an account changes its card from one event to the next in none of the cases.",
		file: func() *table {
			t := newTable("user_id,event_time,card_number")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("tok%02d", i))
				t.row(who(i), at(float64(i)+20*day), fmt.Sprintf("tok%02d", i))
			}
			for k := range 4 {
				t.row("bad", at(3*day+float64(k)*30), fmt.Sprintf("stolen%d", k))
			}
			return t
		},
	},
	{
		tool: "VEL-05", strength: 0.951, rows: []int64{342},
		sentence: "Account bad: 1 payment far above its usual, the largest 500 at 2026-03-14 08:00:00, against a median of 50 over 11 other payments (modified z 50.59, limit 3.50); none of the comparable payments stand out as much.",
		file: func() *table {
			t := newTable("user_id,event_time,amount")
			for i := range 30 {
				for k := range 11 {
					t.row(who(i), at(float64(k)*day+float64(i)), fmt.Sprintf("%d.00", 40+2*k))
				}
			}
			for k := range 11 {
				t.row("bad", at(float64(k)*day), fmt.Sprintf("%d.00", 40+2*k))
			}
			t.row("bad", at(12*day), "500.00")
			return t
		},
	},
	{
		tool: "VEL-06", strength: 0.5, rows: []int64{206, 207, 208, 209, 210, 211, 212, 213, 214, 215, 216, 217, 218, 219, 220},
		sentence: "Account bad: 15 events in the week up to 2026-04-11 21:00:00, against 0.93 a week in the 30 days before (16.07 times, limit 3); none of the comparable accounts have such a week.",
		file: func() *table {
			t := newTable("user_id,event_time")
			for i := range 20 {
				for k := range 10 {
					t.row(who(i), at(float64(k)*6*day+float64(i)))
				}
			}
			for k := range 6 {
				t.row("bad", at(float64(k)*7*day))
			}
			for k := range 14 {
				t.row("bad", at(40*day+float64(k)*hour))
			}
			return t
		},
	},
	{
		tool: "VEL-08", strength: 0.76, rows: []int64{22, 23, 24, 25, 26, 27, 28},
		sentence: "Account bad: 6 log-ins failed within 3.5 min before the one that worked at 2026-03-02 09:03:30 (limit 5 in 5 min); none of the comparable accounts had such a run.",
		file: func() *table {
			t := newTable("user_id,event_time,event_type,status")
			for i := range 20 {
				t.row(who(i), at(float64(i)), "login", "success")
			}
			t.row("good", at(30), "login", "success")
			for k := range 6 {
				t.row("bad", at(60+float64(k)*0.5), "login", "failed")
			}
			t.row("bad", at(63.5), "login", "success")
			return t
		},
	},
	{
		tool: "VEL-09", strength: 0.488, rows: []int64{504, 505, 506},
		sentence: "Account bad was silent for 120 days until 2026-07-02 08:00:00 and then had 3 events within a week; none of the comparable accounts came back like that.",
		file: func() *table {
			t := newTable("user_id,event_time")
			for i := range 20 {
				for k := range 25 {
					t.row(who(i), at(float64(k)*7*day+float64(i)))
				}
			}
			for k := range 3 {
				t.row("bad", at(float64(k)*day))
			}
			for k := range 3 {
				t.row("bad", at(122*day+float64(k)*hour))
			}
			return t
		},
	},
	{
		tool: "PAY-02", strength: 0.667, rows: []int64{41, 42, 43, 44},
		sentence: "Account bad: 4 payments from 9\u00a0500 to 9\u00a0800 within 3 days from 2026-03-02 08:00:00 on, 38\u00a0600 in all, all just under 10\u00a0000; 0 lie in the equally wide band below. Of the payments of others 0 % lie in the band.",
		file: func() *table {
			t := newTable("user_id,event_time,amount")
			for i := range 40 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("%d.00", 100+211*i))
			}
			for k := range 4 {
				t.row("bad", at(float64(k)*day), fmt.Sprintf("%d.00", 9500+100*k))
			}
			return t
		},
	},
	{
		tool: "PAY-04", strength: 0.7, rows: []int64{81, 82, 83, 84},
		sentence: "Account bad received 2\u00a0000 in 2 payments that left again within 24 h (1\u00a0900 out, the first at 2026-03-02 08:00:00); none of the comparable accounts pass money on so.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 20 {
				for month := range 2 {
					t.row("employer", at(float64(month)*30*day+float64(i)), "2000.00", who(i))
					t.row(who(i), at(float64(month)*30*day+9*day+float64(i)), "700.00", "landlord")
				}
			}
			for k := range 2 {
				from := float64(k) * 3 * day
				t.row(fmt.Sprintf("payer%d", k), at(from), "1000.00", "bad")
				t.row("bad", at(from+3*hour), "950.00", "abroad")
			}
			return t
		},
	},
	{
		tool: "PAY-05", strength: 1, rows: []int64{401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 419, 420},
		sentence: "Account bad: 20 of 20 amounts (100 %) are multiples of 100, against 0 % at its peers; the odds of that by chance are less than 1 in 1 000 000 000.",
		file: func() *table {
			t := newTable("user_id,event_time,amount")
			for i := range 20 {
				for k := range 20 {
					t.row(who(i), at(float64(i*20+k)), fmt.Sprintf("%d.37", 11*k+i))
				}
			}
			for k := range 20 {
				t.row("bad", at(float64(k)*hour), fmt.Sprintf("%d.00", 100*(k+1)))
			}
			return t
		},
	},
	{
		tool: "PAY-08", strength: 0.75, rows: []int64{23, 24, 25, 26},
		sentence: "Account bad: 3 payments were refused with falling amounts from 900 on, then 300 went through at 2026-03-02 09:06:00, 6 min after the first; none of the comparable accounts had such a ladder.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,status")
			for i := range 20 {
				t.row(who(i), at(float64(i)), "40.00", "approved")
			}
			t.row("good", at(30), "40.00", "declined")
			t.row("good", at(31), "40.00", "approved")
			for k := range 3 {
				t.row("bad", at(60+float64(k)*2), fmt.Sprintf("%d.00", 900-200*k), "declined")
			}
			t.row("bad", at(66), "300.00", "approved")
			return t
		},
	},
	{
		tool: "PAY-09", strength: 0.6, rows: []int64{42, 43, 44},
		sentence: "Account bad paid 77.70 to shop 3 times within 2 min from 2026-03-02 09:00:00 on; none of the comparable accounts have such repeats.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,merchant_id")
			for i := range 40 {
				t.row(who(i), at(float64(i)), "40.00", "shop")
			}
			t.row("good", at(45), "40.00", "shop")
			for k := range 3 {
				t.row("bad", at(60+float64(k)), "77.70", "shop")
			}
			return t
		},
	},
	{
		tool: "PAY-10", strength: 0.5, rows: []int64{31},
		sentence: "Account bad: 1 payment of nearly all it held, such as 990 of 1\u00a0000; none of the comparable accounts have such a payment.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,balance_before")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "40.00", "900.00")
			}
			t.row("bad", at(60), "990.00", "1000.00")
			return t
		},
	},
	{
		tool: "PAY-11", strength: 0.903, rows: []int64{155},
		sentence: "Account bad: 1 payment of a kind that was new to it, and large, such as 800 at jewels on 2026-03-11 08:00:00, where 95 % of payments are below 78.50; 3 % of the comparable accounts have such a payment.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,merchant_category")
			for i := range 30 {
				for k := range 4 {
					t.row(who(i), at(float64(k)*day+float64(i)), "20.00", "grocery")
				}
				t.row(who(i), at(9*day+float64(i)), fmt.Sprintf("%d.00", 50+i), "jewels")
			}
			for k := range 4 {
				t.row("bad", at(float64(k)*day), "20.00", "grocery")
			}
			t.row("bad", at(9*day), "800.00", "jewels")
			return t
		},
	},
	{
		tool: "PAY-14", strength: 0.672, rows: []int64{130},
		sentence: "bad: 1 payment far above what the file's accounts pay, the largest 500, against a median of 50 in the file (modified z 60.70, limit 3.50); 0.77 % of the file's payments are as large.",
		file: func() *table {
			t := newTable("user_id,event_time,amount")
			for i := range 129 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("%d.00", 40+i%21))
			}
			t.row("bad", at(200), "500.00")
			return t
		},
	},
	{
		tool: "PAY-18", strength: 0.661585, rows: []int64{81, 82, 83, 84, 85, 86},
		sentence: "Account bad: 24\u00a0555 in 6 payments from 4\u00a0000 to 4\u00a0185 within 5 h from 2026-03-12 08:00:00 on, none of which reaches 10\u00a0000; that is 100 % of all that it pays so, and none of the comparable accounts do the same.",
		file: func() *table {
			t := newTable("user_id,event_time,amount")
			for i := range 40 {
				for k := range 2 {
					t.row(who(i), at(float64(k)*9*day+float64(i)), fmt.Sprintf("%d.00", 1000+20*i))
				}
			}
			for k := range 6 {
				t.row("bad", at(10*day+float64(k)*hour), fmt.Sprintf("%d.00", 4000+37*k))
			}
			return t
		},
	},
	{
		tool: "PAY-15", strength: 1, rows: []int64{101, 102, 103, 104, 105, 106, 107, 108},
		sentence: "Merchant drain: 6 of the 7 payments after the first are by customers that had paid there before (86 %), which 2 of its 2 customers had; 0 % at the file's other merchants, 5 % if payments were dealt to its customers at random. The odds of that by chance are 1 in 6\u00a0200\u00a0000.",
		file: func() *table {
			t := newTable("user_id,event_time,merchant_id")
			for i := range 100 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("m%02d", i%25))
			}
			for k := range 8 {
				t.row([]string{"bad", "bad", "bad", "worse"}[k%4], at(float64(k)*day), "drain")
			}
			return t
		},
	},
	{
		tool: "IDN-01", strength: 1, rows: []int64{21},
		sentence: "bad uses the address x1@mailinator.com; mailinator.com hands out disposable addresses. In the file none of the comparable accounts have such an address.",
		file: func() *table {
			t := newTable("user_id,event_time,email")
			for i := range 20 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("person%c@example.com", 'a'+i))
			}
			t.row("bad", at(60), "x1@mailinator.com")
			return t
		},
	},
	{
		tool: "IDN-04", strength: 1, rows: []int64{31, 32, 33},
		sentence: "The mailbox annlee@gmail.com serves 3 accounts by 3 spellings: a.n.n.lee@googlemail.com, ann.lee@gmail.com, annlee+shop@gmail.com; none of the file's mailboxes serve as many.",
		file: func() *table {
			t := newTable("user_id,event_time,email")
			for i := range 30 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("person%02d@example.com", i))
			}
			t.row("bad", at(60), "ann.lee@gmail.com")
			t.row("b2", at(61), "annlee+shop@gmail.com")
			t.row("b3", at(62), "a.n.n.lee@googlemail.com")
			return t
		},
	},
	{
		tool: "IDN-05", strength: 0.5, rows: []int64{41, 42, 43, 44},
		sentence: "4 accounts have addresses that differ only in a number, john…@example.com: john01@example.com, john02@example.com, john03@example.com; none of the file's other accounts are in such a series.",
		file: func() *table {
			t := newTable("user_id,event_time,email")
			for i := range 40 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("%c%c.person@example.com", 'a'+i%26, 'a'+i/26))
			}
			for k, u := range []string{"bad", "b2", "b3", "b4"} {
				t.row(u, at(float64(k)+60), fmt.Sprintf("john%02d@example.com", k+1))
			}
			return t
		},
	},
	{
		tool: "IDN-06", strength: 1, rows: []int64{31},
		sentence: "Account bad signed up at 2026-03-02 09:00:00 and was first used 30 s later; none of the comparable accounts are that quick.",
		file: func() *table {
			t := newTable("user_id,event_time,signup_time")
			for i := range 30 {
				t.row(who(i), at(float64(i)+30*day), at(float64(i)))
			}
			t.row("bad", at(60+0.5), at(60))
			return t
		},
	},
	{
		tool: "LNK-01", strength: 0.4, rows: []int64{61, 62, 63, 64},
		sentence: "Account bad belongs to a ring of 4 accounts tied by 3 shared identifiers, such as device devA; none of the file's other accounts are in a ring as large.",
		file: func() *table {
			t := newTable("user_id,event_time,device_id,phone_number")
			for i := range 60 {
				t.row(who(i), at(float64(i)), fmt.Sprintf("own%02d", i), fmt.Sprintf("+4420700%05d", i))
			}
			t.row("bad", at(60), "devA", "+442079460001")
			t.row("b2", at(61), "devA", "+442079460002")
			t.row("b3", at(62), "devB", "+442079460002")
			t.row("b4", at(63), "devB", "+442079460003")
			return t
		},
	},
	{
		tool: "LNK-03", strength: 0.595, rows: []int64{31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42},
		sentence: "Account bad paid 12 counterparties within 11 h from 2026-03-02 08:00:00 on, 120 in all (many are 10); none of the accounts that did so reach as many.",
		file: func() *table {
			t := newTable("user_id,event_time,amount,counterparty_id")
			for i := range 30 {
				t.row(who(i), at(float64(i)), "50.00", who((i+1)%30))
			}
			for k := range 12 {
				t.row("bad", at(float64(k)*hour), "10.00", fmt.Sprintf("mule%02d", k))
			}
			return t
		},
	},
}

// who names the honest accounts of a small file; the first is called good.
func who(i int) string {
	if i == 0 {
		return "good"
	}
	return fmt.Sprintf("u%02d", i)
}

func TestChecks(t *testing.T) {
	t.Parallel()
	engine := openEngine(t)
	bare := importText(t, engine, "bare", "note,event_time\nhello,2026-01-01T00:00:00Z\nworld,2026-01-02T00:00:00Z\n")
	nothing := openCase(t, engine, bare, "bad")
	covered := map[string]bool{}
	for i, c := range slices.Concat(checkCases, moreChecks) {
		covered[c.tool] = true
		t.Run(c.tool, func(t *testing.T) {
			tool, ok := agents.Find(c.tool)
			if !ok {
				t.Fatalf("there is no tool %s", c.tool)
			}
			d := importText(t, engine, fmt.Sprintf("%s-%d", c.tool, i), c.file().String())
			if tool.NeedsList != "" {
				if r := investigate(t, engine, d, tool, "bad"); r.Outcome != olorin.NotAssessed || !strings.Contains(r.Reason, "no list of the kind") {
					t.Errorf("without a list: %s, %q", r.Outcome, r.Reason)
				}
			}
			for _, l := range c.lists {
				l.Source = "a test"
				if _, err := engine.ImportList(context.Background(), strings.NewReader(c.listed), l, func(olorin.List) error { return nil }); err != nil {
					t.Fatal(err)
				}
			}
			if ok, missing := tool.Assessable(d); !ok {
				t.Fatalf("the file lacks %v", missing)
			}
			bads := openCase(t, engine, d, "bad")
			bad := runTool(t, bads, d, tool)
			if bad.Outcome != olorin.Fired || len(bad.Findings) != 1 {
				t.Fatalf("bad: %s (%s) with %d findings; want one", bad.Outcome, bad.Reason, len(bad.Findings))
			}
			f := bad.Findings[0]
			if f.Sentence != c.sentence {
				t.Errorf("the sentence is\n  %s\nwant\n  %s", f.Sentence, c.sentence)
			}
			if math.Abs(f.Strength-c.strength) > 0.005 {
				t.Errorf("strength %v; want %v", f.Strength, c.strength)
			}
			if c.total > 0 && f.EvidenceTotal != c.total {
				t.Errorf("%d evidence rows; want %d", f.EvidenceTotal, c.total)
			}
			if c.total == 0 && fmt.Sprint(f.EvidenceRows) != fmt.Sprint(c.rows) {
				t.Errorf("evidence rows %v; want %v", f.EvidenceRows, c.rows)
			}
			if f.EvidenceTotal != len(f.EvidenceRows) || len(f.Evidence) == 0 {
				t.Errorf("total %d, %d listed, %d shown", f.EvidenceTotal, len(f.EvidenceRows), len(f.Evidence))
			}
			workedOutAnew(t, bads, f)
			if good := investigate(t, engine, d, tool, cmp.Or(c.good, "good")); good.Outcome != olorin.Clear {
				t.Errorf("good: %s (%s) %v; want clear", good.Outcome, good.Reason, sentences(good))
			}
			none := runTool(t, nothing, bare, tool)
			if ok, _ := tool.Assessable(bare); none.Outcome != olorin.NotAssessed || none.Reason == "" || (len(none.Missing) == 0) != ok {
				t.Errorf("a file without columns: %s, reason %q, missing %v; want not_assessed with both", none.Outcome, none.Reason, none.Missing)
			}
		})
	}
	for _, choice := range agents.Choose(nil, nil) {
		if !covered[choice.Tool.ID] {
			t.Errorf("%s has no case here", choice.Tool.ID)
		}
		if anew[choice.Tool.ID] == "" && byHand[choice.Tool.ID] == nil {
			t.Errorf("no number of %s is worked out anew", choice.Tool.ID)
		}
	}
}

func investigate(t *testing.T, engine *data.Engine, d olorin.Dataset, tool *agents.Tool, user string) agents.Result {
	t.Helper()
	return runTool(t, openCase(t, engine, d, user), d, tool)
}

// openCase opens a case on one account until the test ends.
func openCase(t *testing.T, engine *data.Engine, d olorin.Dataset, user string) *data.Case {
	t.Helper()
	c, err := engine.OpenCase(context.Background(), d, data.Selection{Entities: []olorin.Entity{{Type: "user_id", Value: user}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func runTool(t *testing.T, c *data.Case, d olorin.Dataset, tool *agents.Tool) agents.Result {
	t.Helper()
	r, err := tool.Run(context.Background(), c, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func pow10(x float64) float64 { return math.Pow(10, x) }

func sentences(r agents.Result) []string {
	var s []string
	for _, f := range r.Findings {
		s = append(s, f.Sentence)
	}
	return s
}

package demo

import (
	"cmp"
	"fmt"
	"slices"
)

// scenario is the kind of planted fraud that a row belongs to.
type scenario int

const (
	honest scenario = iota
	accountTakeover
	cardTesting
	deviceFarm
	botWave
	mulePassThrough
)

var scenarios = [...]struct{ name, title string }{
	honest:          {"", ""},
	accountTakeover: {"account_takeover", "Account takeover with impossible travel"},
	cardTesting:     {"card_testing", "Card testing"},
	deviceFarm:      {"device_farm", "Device farm"},
	botWave:         {"bot_wave", "Signup-to-purchase bot wave"},
	mulePassThrough: {"mule_pass_through", "Mule accounts that pass money through"},
}

// plant appends the events of all planted frauds, with the honest acts that
// belong to them, and pins the users whose whereabouts they fix.
func (g *generator) plant() {
	known := slices.DeleteFunc(slices.Clone(g.world.users), func(u *user) bool {
		return u.signupDay > -30 || u.vpn || u.seller
	})
	slices.SortStableFunc(known, func(a, b *user) int { return cmp.Compare(b.weight, a.weight) })
	takeovers, senders := g.scaled(12, 3), max(8, len(known)/10)
	busy := known[:min(len(known), max(takeovers, len(known)/5))]
	g.src.Shuffle(len(busy), func(i, j int) { busy[i], busy[j] = busy[j], busy[i] })
	g.takeOver(busy[:takeovers])
	rest := known[takeovers:]
	g.testCards(g.scaled(3, 1))
	g.farm(g.scaled(2, 1), min(36, g.scaled(36, 10)))
	g.wave(max(1, g.rows/DefaultRows), min(90, g.scaled(90, 12)))
	g.passThrough(g.scaled(6, 2), rest[:min(len(rest), senders)])
}

// scaled is n for the default number of rows, in proportion for others, and
// never less than least.
func (g *generator) scaled(n, least int) int { return max(least, n*g.rows/DefaultRows) }

// example names an entity of a planted fraud in the summary.
func (g *generator) example(s scenario, kind, value, note string, args ...any) {
	found := &g.examples[s]
	if len(*found) < 6 {
		*found = append(*found, Entity{kind, value, fmt.Sprintf(note, args...)})
	}
}

// noon is the Unix time of 12:00 local time of a city on a day of the window.
func noon(day, city int) int64 {
	return start.Unix() + int64(day)*86400 + 12*3600 - int64(cities[city].offset)*60
}

// stranger makes an account for a fraudster in a city, opened at a time.
func (g *generator) stranger(home int, signup int64) *user {
	s, w := g.src, g.world
	u := w.newUser(home, familyNames[s.IntN(len(familyNames))])
	u.lat, u.lon, u.signup = cities[home].lat+s.spread(600), cities[home].lon+s.spread(600), signup
	return u
}

// merchantOf draws a merchant that sells a category.
func (g *generator) merchantOf(category string) int {
	for {
		m := g.world.byTaste.draw(g.src)
		if categories[g.world.merchants[m].category].name == category {
			return m
		}
	}
}

// takeOver lets crews on other continents log in to the victims' accounts
// minutes after the victims bought at home, change the password, shop for high
// amounts and pay the wallet out.
func (g *generator) takeOver(victims []*user) {
	s, w := g.src, g.world
	type crew struct {
		city   int
		device *device
		ips    [2]uint32
	}
	var crews []crew
	for _, name := range []string{"Lagos", "Kyiv", "Ho Chi Minh City", "Sao Paulo"} {
		c := in(name)
		crews = append(crews, crew{c, w.device(false), [2]uint32{w.address(cities[c].country, 0), w.address(cities[c].country, 3)}})
	}
	for i, u := range victims {
		u.pinned = true
		day := s.between(14, Days-6)
		at := noon(day, u.home) + int64(s.between(5*3600, 9*3600))
		u.lockedOut = int((at - start.Unix()) / 86400)
		far := crews[i%len(crews)]
		for k := range crews {
			far = crews[(i+k)%len(crews)]
			if kilometres(u.lat, u.lon, cities[far.city].lat, cities[far.city].lon) > 5000 {
				break
			}
		}
		own := g.begin(u, at, u.devices[0], u.homeIP, u.country)
		g.act(own, s.between(5, 40), "login", "success")
		g.buy(own, s.between(120, 900), u.cards[0], u.favourites[0], price(s, s.between(1500, 6000)), u.country, approved)

		gap := s.between(8, 35)
		v := g.begin(u, own.now+int64(gap)*60, far.device, far.ips[s.IntN(2)], cities[far.city].country)
		v.city, v.lat, v.lon, v.scenario = far.city, cities[far.city].lat+s.spread(300), cities[far.city].lon+s.spread(300), accountTakeover
		for range s.between(0, 3) {
			g.act(v, s.between(6, 20), "login_failed", "failed")
		}
		g.act(v, s.between(6, 20), "login", "success")
		g.act(v, s.between(40, 150), "password_change", "success")
		if s.percent(60) {
			g.act(v, s.between(20, 90), "email_change", "success")
		}
		for range s.between(3, 5) {
			g.buy(v, s.between(60, 400), u.cards[0], g.merchantOf("electronics"), s.between(90000, 240000), cities[far.city].country, approved)
		}
		payout := s.between(40000, 180000)
		bank := w.fresh("bank_", 8)
		g.send(v, s.between(100, 500), "payout", bank, payout)

		back := g.begin(u, at+int64(s.between(10*3600, 14*3600)), u.devices[0], u.homeIP, u.country)
		for range s.between(2, 3) {
			g.act(back, s.between(10, 40), "login_failed", "failed")
		}
		g.act(back, s.between(200, 900), "password_change", "success")
		g.example(accountTakeover, "user_id", u.id, "bought in %s, %d minutes later a session in %s (%.0f km away) on device %s: new password, purchases of 900 to 2,400, %d.%02d paid out to %s",
			cities[u.home].name, gap, cities[far.city].name, kilometres(own.lat, own.lon, v.lat, v.lon), far.device.id, payout/100, payout%100, bank)
	}
}

// testCards tries many stolen cards with tiny amounts from one device and
// address within an hour, and then buys with those that work.
func (g *generator) testCards(groups int) {
	s, w := g.src, g.world
	places := []string{"Bucharest", "Jakarta", "Miami", "Casablanca"}
	for i := range groups {
		home := in(places[i%len(places)])
		at := noon(s.between(8, Days-4), home) + int64(s.between(-9*3600, 9*3600))
		d := w.device(false)
		if i%3 == 1 {
			d.agent = "python-requests/2.32.5"
		}
		ip := w.address(cities[home].country, 3)
		u := g.stranger(home, at-int64(s.between(30*3600, 70*3600)))
		opening := g.begin(u, u.signup-40, d, ip, u.country)
		opening.scenario = cardTesting
		g.act(opening, 40, "signup", "success")
		v := g.begin(u, at, d, ip, u.country)
		v.scenario = cardTesting
		g.act(v, s.between(3, 9), "login", "success")
		shop := g.merchantOf("digital_goods")
		var working []*card
		tries := s.between(52, 66)
		for n := range tries {
			c, status := w.card(cities[s.IntN(len(cities))].country), declined
			if n%19 == 11 || s.percent(6) {
				status = approved
				working = append(working, c)
			}
			g.buy(v, s.between(18, 62), c, shop, s.between(50, 499), -1, status)
		}
		for _, c := range working[:min(len(working), 5)] {
			g.buy(v, s.between(90, 400), c, g.merchantOf("electronics"), s.between(35000, 95000), u.country, approved)
		}
		g.example(cardTesting, "device_id", d.id, "%d cards tried with amounts under 5.00 in one visit of user %s from %s, %d approved, then purchases of 350 to 950 with those", tries, u.id, quad(ip), len(working))
		g.example(cardTesting, "user_id", u.id, "the account used on device %s", d.id)
	}
}

// farm opens dozens of accounts on one device over nine days, to collect what
// new customers are given.
func (g *generator) farm(farms, accounts int) {
	s, w := g.src, g.world
	places := []string{"Manila", "Bogota", "Istanbul"}
	for i := range farms {
		home := in(places[i%len(places)])
		d := w.device(true)
		first := s.between(5, Days-14)
		var ips [12]uint32
		for k := range ips {
			ips[k] = w.address(cities[home].country, 2)
		}
		shop := g.merchantOf("beauty")
		for n := range accounts {
			at := noon(first+n*9/accounts, home) + int64(s.between(-4*3600, 9*3600))
			u := g.stranger(home, at)
			c := w.card(u.country)
			v := g.begin(u, at-int64(s.between(30, 120)), d, ips[s.IntN(len(ips))], u.country)
			v.scenario = deviceFarm
			g.act(v, int(at-v.began), "signup", "success")
			g.buy(v, s.between(150, 900), c, shop, price(s, s.between(2000, 3500)), u.country, approved)
			again := g.begin(u, at+int64(s.between(20*3600, 50*3600)), d, ips[s.IntN(len(ips))], u.country)
			again.scenario = deviceFarm
			g.act(again, s.between(5, 30), "login", "success")
			g.buy(again, s.between(150, 900), c, shop, price(s, s.between(2000, 3500)), u.country, approved)
			if n == 0 {
				g.example(deviceFarm, "device_id", d.id, "%d accounts opened on it within 9 days in %s", accounts, cities[home].name)
				g.example(deviceFarm, "user_id", u.id, "the first of the accounts on device %s", d.id)
			}
		}
	}
}

// wave lets a script open accounts with serial e-mail addresses from one /24
// network within half an hour, each buying seconds after its sign-up.
func (g *generator) wave(waves, accounts int) {
	s, w := g.src, g.world
	for range waves {
		home := in("Chicago")
		net := w.address(cities[home].country, 3) &^ 255
		begin := noon(s.between(10, Days-4), home) + int64(s.between(9*3600, 13*3600))
		given, family := givenNames[s.IntN(len(givenNames))], familyNames[s.IntN(len(familyNames))]
		from := s.between(1, 800)
		shop := g.merchantOf("gift_cards")
		for n := range accounts {
			at := begin + int64(n*1700/accounts) + int64(s.IntN(12))
			u := g.stranger(home, at)
			delete(w.used, u.email)
			u.email = fmt.Sprintf("%s.%s%04d@inbox.example.org", given, family, from+n)
			d := &device{id: w.fresh("d_", 12), agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/141.0.0.0 Safari/537.36"}
			v := g.begin(u, at-int64(s.between(1, 3)), d, net|uint32(s.between(2, 253)), u.country)
			v.scenario = botWave
			g.act(v, int(at-v.began), "signup", "success")
			status := approved
			if s.percent(15) {
				status = declined
			}
			g.buy(v, s.between(3, 9), w.card(u.country), shop, s.between(4, 12)*2500, -1, status)
			if n == 0 || n == accounts-1 {
				g.example(botWave, "user_id", u.id, "%s, one of %d accounts opened from %s/24 within half an hour, each buying gift cards 3 to 9 seconds after its sign-up", u.email, accounts, quad(net))
			}
		}
	}
}

// passThrough lets money that deceived customers send to young accounts leave
// these accounts within a day.
func (g *generator) passThrough(mules int, senders []*user) {
	s, w := g.src, g.world
	for range mules {
		home := in([]string{"London", "Madrid", "Warsaw", "Atlanta", "Dublin", "Milan"}[s.IntN(6)])
		day := s.between(34, Days-5)
		u := g.stranger(home, noon(day-s.between(18, 30), home))
		d, ip, c := w.device(true), w.address(u.country, 0), w.card(u.country)
		opening := g.begin(u, u.signup-90, d, ip, u.country)
		g.act(opening, 90, "signup", "success")
		g.buy(opening, s.between(300, 900), c, g.merchantOf("grocery"), price(s, s.between(1200, 4000)), u.country, approved)

		begin := noon(day, home) - 3*3600
		in, last := 0, begin
		n := s.between(5, 8)
		at := s.IntN(len(senders))
		for k := range n {
			from := senders[(at+k)%len(senders)]
			from.pinned = true
			v := g.begin(from, begin+int64(k*5000+s.IntN(4000)), from.devices[0], from.homeIP, from.country)
			v.scenario, v.currency = mulePassThrough, countries[u.country].currency
			g.act(v, s.between(5, 30), "login", "success")
			cents := s.between(400, 2900) * 100
			g.send(v, s.between(60, 300), "transfer", u.id, cents)
			in, last = in+cents, v.now
		}
		out := g.begin(u, last+int64(s.between(20*60, 3*3600)), d, ip, u.country)
		out.scenario = mulePassThrough
		g.act(out, s.between(5, 30), "login", "success")
		share := s.between(88, 96)
		total := in * share / 100
		part := total * s.between(35, 60) / 100
		g.send(out, s.between(60, 200), "payout", w.fresh("bank_", 8), part)
		g.send(out, s.between(200, 2000), "payout", u.bank, total-part)
		g.example(mulePassThrough, "user_id", u.id, "%d transfers of together %d.%02d came in, %d%% of it was paid out within 24 hours", n, in/100, in%100, share)
	}
}

// quad writes an IPv4 address with dots.
func quad(ip uint32) string {
	return fmt.Sprintf("%d.%d.%d.%d", ip>>24, ip>>16&255, ip>>8&255, ip&255)
}

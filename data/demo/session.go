package demo

// event is one row. counterparty is whom a transfer or a payout goes to.
type event struct {
	at           int64 // Unix seconds
	order        int   // among events of the same second
	kind         string
	status       string
	user         *user
	counterparty string
	visit        *visit
	card         *card
	billing      int // country, or -1
	shipping     int // country, or -1
	merchant     int // or -1
	cents        int // or -1 where no money moves
	ip           uint32
	ipCountry    int
	scenario     scenario
}

// visit is one session at the shop: who, with what, from where.
type visit struct {
	user      *user
	id        string
	began     int64
	now       int64 // the time of the visit's newest event
	device    *device
	ip        uint32
	ipCountry int
	city      int
	lat, lon  int
	scenario  scenario
	currency  string // of its amounts, where it is not that of the user's country
}

const (
	approved = "approved"
	declined = "declined"
)

// hours is the daily rhythm of honest traffic by local hour, weekdays the
// weekly one from Monday on.
var (
	hours    = newWheel([]int{9, 5, 3, 2, 2, 4, 10, 20, 32, 40, 44, 46, 50, 48, 44, 44, 46, 52, 62, 74, 80, 72, 48, 22})
	weekdays = [7]int{100, 96, 97, 102, 118, 124, 112}
)

// begin opens a visit at a time from the user's home.
func (g *generator) begin(u *user, at int64, d *device, ip uint32, country int) *visit {
	return &visit{
		user: u, id: g.world.fresh("s_", 14), began: at, now: at, device: d,
		ip: ip, ipCountry: country, city: u.home, lat: u.lat, lon: u.lon,
	}
}

// add appends an event to the visit, after seconds of waiting.
func (g *generator) add(v *visit, after int, e event) {
	v.now += int64(after)
	e.at, e.user, e.visit, e.order, e.scenario = v.now, v.user, v, g.made, v.scenario
	e.ip, e.ipCountry = v.ip, v.ipCountry
	g.made++
	g.pending = append(g.pending, e)
}

// act appends an event in which no money moves.
func (g *generator) act(v *visit, after int, kind, status string) {
	g.add(v, after, event{kind: kind, status: status, billing: -1, shipping: -1, merchant: -1, cents: -1})
}

// buy appends a purchase with a card.
func (g *generator) buy(v *visit, after int, c *card, merchant, cents, shipping int, status string) {
	g.add(v, after, event{
		kind: "purchase", status: status, card: c, billing: c.country, shipping: shipping,
		merchant: merchant, cents: cents,
	})
}

// send appends a movement of wallet money to an account.
func (g *generator) send(v *visit, after int, kind, to string, cents int) {
	g.add(v, after, event{kind: kind, status: approved, counterparty: to, billing: -1, shipping: -1, merchant: -1, cents: cents})
}

// visitHonestly appends the session of a user on a day of the window, at a
// local time in minutes.
func (g *generator) visitHonestly(u *user, day, local int, away *trip) {
	s, w := g.src, g.world
	offset := cities[u.home].offset
	if away != nil {
		offset = cities[away.city].offset
	}
	minute := ((local-offset)%1440 + 1440) % 1440
	at := start.Unix() + int64(day)*86400 + int64(minute)*60 + int64(s.IntN(60))
	v := g.begin(u, at, g.habitualDevice(u, day, away), 0, u.country)
	weekend := (day+int(start.Weekday()))%7 == 0 || (day+int(start.Weekday()))%7 == 6
	switch {
	case away != nil:
		v.ip, v.ipCountry, v.city, v.lat, v.lon = away.ip, cities[away.city].country, away.city, away.lat, away.lon
		if v.device.mobile && s.percent(40) {
			v.ip = w.carrier(v.ipCountry)
		}
	case u.home == w.kioskCity && s.percent(4):
		v.device, v.ip = w.kiosk, w.kioskIP
	case u.officeIP != 0 && !weekend && local >= 9*60 && local < 17*60 && s.percent(60):
		v.ip = u.officeIP
	case v.device.mobile && s.percent(35):
		v.ip = w.carrier(u.country)
		v.lat, v.lon = v.lat+s.spread(400), v.lon+s.spread(400)
	default:
		v.ip = u.homeIP
	}
	if u.vpn && s.percent(60) {
		e := w.vpnExits[s.IntN(len(w.vpnExits))]
		v.ip, v.ipCountry = e.ip, e.country
	}
	change := ""
	switch {
	case s.permille(5):
		change = "password_change"
	case s.permille(2):
		change = "email_change"
	}
	if s.percent(50) || change != "" {
		if s.percent(6) {
			for range s.between(1, 2) {
				g.act(v, s.between(8, 40), "login_failed", "failed")
			}
		}
		g.act(v, s.between(5, 40), "login", "success")
	}
	if change != "" {
		g.act(v, s.between(30, 200), change, "success")
	}
	baskets := []int{0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3}[s.IntN(20)]
	for range baskets {
		g.shop(v, away)
	}
	switch {
	case u.refundable > 0 && s.permille(14):
		g.add(v, s.between(60, 500), event{
			kind: "refund", status: approved, card: u.refundCard, billing: u.refundCard.country, shipping: -1, merchant: u.refundAt, cents: u.refundable,
		})
		u.refundable = 0
	case len(w.sellers) > 0 && s.percent(4):
		if to := w.sellers[s.IntN(len(w.sellers))]; to != u && to.signupDay < day {
			cents := s.between(8, 150) * 100
			g.send(v, s.between(60, 600), "transfer", to.id, cents)
			to.balance += cents
		}
	case u.kin != nil && u.kin.signupDay < day && s.percent(2):
		g.send(v, s.between(40, 300), "transfer", u.kin.id, s.between(5, 60)*100)
	}
	if u.balance > 5000 && s.percent(30) {
		cents := u.balance * s.between(40, 75) / 100
		g.send(v, s.between(60, 400), "payout", u.bank, cents)
		u.balance -= cents
	}
}

// join appends the visit in which a user opens the account, often followed by
// a first purchase.
func (g *generator) join(u *user) {
	s := g.src
	v := g.begin(u, u.signup-int64(s.between(60, 400)), u.devices[0], u.homeIP, u.country)
	g.act(v, int(u.signup-v.began), "signup", "success")
	if s.percent(65) {
		v.now += int64(s.between(200, 4000))
		g.shop(v, nil)
	}
}

// shop appends one basket: a purchase, and a second try where it is declined.
func (g *generator) shop(v *visit, away *trip) {
	s, w, u := g.src, g.world, v.user
	if s.percent(1) {
		v.ip, v.ipCountry = w.carrier(cities[v.city].country), cities[v.city].country
	}
	m := u.favourites[s.IntN(len(u.favourites))]
	if s.percent(25) {
		m = w.byTaste.draw(s)
	}
	category := categories[w.merchants[m].category]
	cents := price(s, category.amounts.draw(s)*u.level/100)
	c := u.cards[0]
	if len(u.cards) > 1 && s.percent(30) {
		c = u.cards[1]
	}
	shipping := u.country
	switch {
	case category.name == "digital_goods" || category.name == "gift_cards" || category.name == "travel":
		shipping = -1
	case s.percent(4):
		shipping = u.secondAddress
	case s.percent(2):
		shipping = cities[s.IntN(len(cities))].country
	case away != nil && s.percent(30):
		shipping = cities[away.city].country
	}
	wait := s.between(70, 1300)
	if s.percent(2) {
		wait = s.between(22, 60)
	}
	if !s.permille(38) {
		g.buy(v, wait, c, m, cents, shipping, approved)
		u.refundable, u.refundAt, u.refundCard = cents, m, c
		return
	}
	g.buy(v, wait, c, m, cents, shipping, declined)
	if s.percent(60) {
		if s.percent(50) {
			c = u.cards[len(u.cards)-1]
		}
		status := approved
		if s.percent(15) {
			status = declined
		}
		g.buy(v, s.between(25, 200), c, m, cents, shipping, status)
	}
}

// habitualDevice is mostly the first device, sometimes another one; a user who
// bought a new one prefers it from that day on. On a trip it is a mobile one.
func (g *generator) habitualDevice(u *user, day int, away *trip) *device {
	s := g.src
	if away != nil {
		for _, d := range u.devices {
			if d.mobile {
				return d
			}
		}
	}
	if u.newDevice != nil && day >= u.newDeviceDay && s.percent(65) {
		return u.newDevice
	}
	if s.percent(60) {
		return u.devices[0]
	}
	return u.devices[s.IntN(len(u.devices))]
}

// price gives an amount the endings that shops like.
func price(s source, cents int) int {
	cents = max(cents, 99)
	switch n := s.IntN(100); {
	case n < 45:
		return cents/100*100 + 99
	case n < 60:
		return (cents + 99) / 100 * 100
	default:
		return cents
	}
}

package demo

import (
	"fmt"
	"math"
)

// user is one customer with the habits that make honest traffic recognisable.
type user struct {
	id            string
	email         string
	home          int // city
	lat, lon      int // of the home, 1e-4 degrees
	signup        int64
	signupDay     int // day of the window, negative before it
	weight        int
	level         int // of spending, percent of the typical amount
	shift         int // of the daily rhythm, minutes
	devices       []*device
	newDevice     *device // used from newDeviceDay on
	newDeviceDay  int
	homeIP        uint32
	officeIP      uint32 // 0 without an office
	vpn           bool
	cards         []*card
	favourites    []int // merchants
	seller        bool
	bank          string // where payouts go
	kin           *user  // another account of the household, or nil
	trips         []trip
	pinned        bool // takes no trips, because a planted fraud needs the user at home
	lockedOut     int  // day on which the user's own traffic rests, with the next one; -1 if none
	balance       int  // cents received and not paid out
	refundable    int  // cents of the last purchase
	refundAt      int  // the merchant of the last purchase
	refundCard    *card
	country       int
	secondAddress int // country of a frequent recipient of gifts
}

type device struct {
	id, agent string
	mobile    bool
}

type card struct {
	number  string
	country int
}

// trip is a stay away from home, from the day first to the day last. On the
// days before and after it nothing happens: the user is under way.
type trip struct {
	first, last int
	city        int
	ip          uint32
	lat, lon    int
}

// world is everything that exists before the first event.
type world struct {
	src       source
	users     []*user
	activity  wheel
	merchants []merchant
	byTaste   wheel
	vpnExits  []exit
	kiosk     *device
	kioskIP   uint32
	kioskCity int
	sellers   []*user
	campusIP  [2]uint32
	used      map[string]bool // identifiers handed out
	bins      map[int]int     // cards handed out, by country*binsPerCountry+bank
}

type exit struct {
	ip      uint32
	country int
}

type merchant struct {
	id       string
	category int
}

var desktopAgents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
	"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
}

var mobileAgents = []string{
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
	"Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 14; SM-A556E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
	"Mozilla/5.0 (Linux; Android 13; moto g54) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Mobile Safari/537.36",
}

var givenNames = []string{
	"ana", "ben", "carla", "david", "elena", "felix", "grace", "hugo", "ines", "jonas", "kira", "liam", "maya", "nils", "olga",
	"pablo", "quinn", "rosa", "samir", "tara", "umar", "vera", "will", "xenia", "yuki", "zoe", "amara", "bruno", "chloe", "dario",
	"emma", "farid", "giulia", "hannah", "ivan", "julia", "kenji", "laura", "mateo", "nadia", "oscar", "priya", "rafael", "sofia",
	"thomas", "ursula", "victor", "wanda", "yara", "zahra",
}

var familyNames = []string{
	"adler", "bauer", "costa", "dubois", "evans", "ferrari", "garcia", "haddad", "ito", "jensen", "kim", "lopez", "moreau", "novak",
	"okafor", "patel", "quist", "rossi", "santos", "tanaka", "ueda", "vargas", "weber", "xu", "young", "zhang", "almeida", "brown",
	"chen", "diaz", "eriksen", "fischer", "gupta", "hansen", "ivanov", "joshi", "kowalski", "lindgren", "mwangi", "nguyen", "olsen",
	"perez", "reyes", "silva", "torres", "usman", "virtanen", "walker", "yilmaz", "zimmer",
}

var mailDomains = []string{"mail.example.com", "post.example.com", "inbox.example.org", "web.example.net", "example.com", "example.org"}

const (
	binsPerCountry = 6
	cgnatPerNation = 8
)

// categories of goods with their amounts in cents, before the user's level.
var categories = []struct {
	name    string
	weight  int
	amounts quantiles
}{
	{"grocery", 22, quantiles{400, 1200, 2100, 3800, 6200, 9800, 14500, 26000}},
	{"fashion", 18, quantiles{900, 1900, 2900, 4900, 8500, 14900, 24900, 62000}},
	{"electronics", 12, quantiles{900, 2400, 4900, 11900, 27900, 59900, 99900, 210000}},
	{"home_garden", 11, quantiles{700, 1500, 2600, 4900, 9900, 19900, 39900, 120000}},
	{"digital_goods", 11, quantiles{99, 299, 499, 999, 1999, 3999, 6999, 15000}},
	{"beauty", 8, quantiles{500, 1100, 1800, 2900, 4900, 7900, 11900, 24000}},
	{"books_media", 8, quantiles{299, 799, 1099, 1699, 2799, 4299, 6499, 14000}},
	{"toys", 6, quantiles{600, 1200, 1900, 2999, 4999, 8999, 14999, 32000}},
	{"sports", 6, quantiles{800, 1600, 2700, 4999, 9499, 17999, 29999, 78000}},
	{"pharmacy", 5, quantiles{300, 700, 1200, 2100, 3600, 5900, 8900, 17000}},
	{"travel", 4, quantiles{2900, 6900, 11900, 22900, 44900, 84900, 139900, 290000}},
	{"gift_cards", 3, quantiles{1000, 1500, 2500, 2500, 5000, 10000, 15000, 25000}},
}

// newWorld makes the customers for about `rows` rows of traffic.
func newWorld(seed uint64, rows int) *world {
	w := &world{src: newSource(seed, 1), used: map[string]bool{}, bins: map[int]int{}}
	s := w.src

	tastes := make([]int, 0, 160)
	weights := make([]int, len(categories))
	for i, c := range categories {
		weights[i] = c.weight
	}
	ofCategory := newWheel(weights)
	for i := range 160 {
		w.merchants = append(w.merchants, merchant{fmt.Sprintf("m_%04d", 1000+i*37%8999), ofCategory.draw(s)})
		tastes = append(tastes, 1_000_000/(i+12))
	}
	w.byTaste = newWheel(tastes)

	for _, code := range []string{"NL", "US", "DE", "SG", "CH"} {
		c := at(code)
		for range 3 {
			w.vpnExits = append(w.vpnExits, exit{w.address(c, 3), c})
		}
	}
	w.kiosk = &device{id: w.fresh("d_", 12), agent: desktopAgents[0]}
	w.kioskCity = in("Vienna")
	w.kioskIP = w.address(cities[w.kioskCity].country, 1)
	usa := at("US")
	w.campusIP = [2]uint32{w.address(usa, 1), w.address(usa, 1)}

	people := max(60, rows/25)
	shares := make([]int, len(cities))
	for i, c := range cities {
		shares[i] = c.weight
	}
	homes := newWheel(shares)
	activity := make([]int, 0, people)
	offices := map[int]uint32{}
	for len(w.users) < people {
		home := homes.draw(s)
		size := 1
		if s.percent(28) {
			size = s.between(2, 3)
		}
		w.household(home, min(size, people-len(w.users)), people, offices)
	}
	for _, u := range w.users {
		activity = append(activity, u.weight)
		if u.seller {
			w.sellers = append(w.sellers, u)
		}
	}
	w.activity = newWheel(activity)
	return w
}

// household adds size customers of one address, who share its IP address and
// sometimes a device.
func (w *world) household(home, size, people int, offices map[int]uint32) {
	s := w.src
	c := cities[home]
	ip := w.address(c.country, 0)
	lat, lon := c.lat+s.spread(900), c.lon+s.spread(900)
	family := familyNames[s.IntN(len(familyNames))]
	var tablet *device
	if size > 1 && s.percent(35) {
		tablet = w.device(s.percent(60))
	}
	var first *user
	for range size {
		u := w.newUser(home, family)
		u.lat, u.lon, u.homeIP = lat, lon, ip
		u.weight = 1_000_000 / (s.IntN(people) + 1 + people/40)
		u.level = []int{45, 60, 75, 90, 100, 110, 130, 160, 220, 340}[s.IntN(10)]
		u.signup, u.signupDay = w.signup()
		for range 1 + s.IntN(10)*s.IntN(10)/34 {
			u.devices = append(u.devices, w.device(len(u.devices) == 0 != s.percent(45)))
		}
		if tablet != nil {
			u.devices = append(u.devices, tablet)
		}
		if s.percent(8) {
			u.newDevice, u.newDeviceDay = w.device(s.percent(65)), s.IntN(Days)
		}
		switch {
		case c.name == "Chicago" && s.percent(60):
			u.officeIP = w.campusIP[s.IntN(2)]
		case s.percent(30):
			key := home*16 + s.IntN(1+people/900)%16
			if offices[key] == 0 {
				offices[key] = w.address(c.country, 1)
			}
			u.officeIP = offices[key]
		}
		u.vpn = s.percent(3)
		u.seller = s.percent(2)
		if s.percent(5) {
			u.shift = 60 * s.between(4, 8)
		}
		for range 1 + s.IntN(4)/3 {
			issuer := c.country
			if s.percent(3) {
				issuer = cities[s.IntN(len(cities))].country
			}
			u.cards = append(u.cards, w.card(issuer))
		}
		for range s.between(3, 9) {
			u.favourites = append(u.favourites, w.byTaste.draw(s))
		}
		if first == nil {
			first = u
		} else {
			u.kin, first.kin = first, u
		}
		w.users = append(w.users, u)
	}
}

// newUser makes an account without habits.
func (w *world) newUser(home int, family string) *user {
	s := w.src
	n := (len(w.used)*618033 + 271828) % 1000003
	for w.used[fmt.Sprintf("u_%06d", n)] {
		n = (n + 1) % 1000003
	}
	u := &user{
		id: fmt.Sprintf("u_%06d", n), home: home, country: cities[home].country,
		lockedOut: -1, signupDay: math.MinInt32, level: 100,
	}
	w.used[u.id] = true
	u.bank = w.fresh("bank_", 8)
	u.secondAddress = cities[s.IntN(len(cities))].country
	given := givenNames[s.IntN(len(givenNames))]
	for tries := 0; ; tries++ {
		local := given + "." + family
		switch {
		case tries == 0 && s.percent(30):
		case tries == 0 && s.percent(50):
			local = given[:1] + family + fmt.Sprint(s.between(60, 99))
		default:
			local += fmt.Sprint(s.between(1, 99999))
		}
		u.email = local + "@" + mailDomains[s.IntN(len(mailDomains))]
		if !w.used[u.email] {
			break
		}
	}
	w.used[u.email] = true
	return u
}

// signup draws when an account was opened: one in ten within the window.
func (w *world) signup() (at int64, day int) {
	s := w.src
	if s.percent(10) {
		day = s.IntN(Days)
		return start.Unix() + int64(day)*86400 + int64(s.between(6*3600, 22*3600)), day
	}
	back := s.between(1, 1100)
	return start.Unix() - int64(back)*86400 + int64(s.IntN(86400)), -back
}

// travel plans the trips of everybody who is not pinned.
func (w *world) travel() {
	s := w.src
	for _, u := range w.users {
		if u.pinned || !s.percent(18) {
			continue
		}
		next := s.between(2, 40)
		for range s.between(1, 2) {
			to := s.IntN(len(cities))
			if to == u.home || kilometres(u.lat, u.lon, cities[to].lat, cities[to].lon) > 11000 {
				continue
			}
			t := trip{first: next, last: next + s.between(0, 9), city: to}
			if t.last >= Days-2 {
				break
			}
			t.ip = w.address(cities[to].country, s.IntN(3))
			t.lat, t.lon = cities[to].lat+s.spread(500), cities[to].lon+s.spread(500)
			u.trips = append(u.trips, t)
			next = t.last + s.between(6, 30)
		}
	}
}

// whereabouts tells where the user is on a day of the window; ok is false
// while the user travels or does not use the shop.
func (u *user) whereabouts(day int) (away *trip, ok bool) {
	if u.lockedOut >= 0 && (day == u.lockedOut || day == u.lockedOut+1) {
		return nil, false
	}
	for i := range u.trips {
		t := &u.trips[i]
		switch {
		case day == t.first-1 || day == t.last+1:
			return nil, false
		case day >= t.first && day <= t.last:
			return t, true
		}
	}
	return nil, true
}

func (w *world) device(mobile bool) *device {
	agents := desktopAgents
	if mobile {
		agents = mobileAgents
	}
	return &device{id: w.fresh("d_", 12), agent: agents[w.src.IntN(len(agents))], mobile: mobile}
}

// card issues a masked number that no other card has.
func (w *world) card(country int) *card {
	bank := w.src.IntN(binsPerCountry)
	key := country*binsPerCountry + bank
	n := w.bins[key]
	w.bins[key]++
	bin := 400000 + (bank%2)*100000 + (country*1009+bank*173+n/10000*7+23)%99000
	return &card{fmt.Sprintf("%06d******%04d", bin, (n*7919+1234)%10000), country}
}

// address draws an address in one of the country's blocks.
func (w *world) address(country, block int) uint32 {
	b := countries[country].blocks[block]
	return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(w.src.between(1, 254))<<8 | uint32(w.src.between(2, 253))
}

// carrier is one of the few addresses behind which a mobile carrier of the
// country hides all its customers.
func (w *world) carrier(country int) uint32 {
	b := countries[country].blocks[2]
	return uint32(b[0])<<24 | uint32(b[1])<<16 | 200<<8 | uint32(16+w.src.IntN(cgnatPerNation))
}

// fresh draws an identifier that was not handed out before.
func (w *world) fresh(prefix string, digits int) string {
	for {
		id := prefix + w.src.hex(digits)
		if !w.used[id] {
			w.used[id] = true
			return id
		}
	}
}

// kilometres is the great-circle distance (haversine, radius 6371 km) between
// two points in units of 1e-4 degrees.
func kilometres(lat1, lon1, lat2, lon2 int) float64 {
	const rad = math.Pi / 180 / 10000
	a1, a2 := float64(lat1)*rad, float64(lat2)*rad
	p, q := math.Sin((a2-a1)/2), math.Sin(float64(lon2-lon1)*rad/2)
	h := p*p + math.Cos(a1)*math.Cos(a2)*q*q
	return 2 * 6371 * math.Asin(math.Min(1, math.Sqrt(h)))
}

package data

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/olorin-dev/olorin"
)

// minConfidence is what a column needs to be taken for a canonical one.
const minConfidence = 0.5

// profile says what the values of a column look like, each as a share 0..1 of those looked at.
type profile struct {
	values   int // looked at, without the missing
	number   float64
	amount   float64
	time     float64 // as text
	epoch    float64
	recent   float64 // is such a number of these years
	serial   float64 // a day as spreadsheets count them
	email    float64
	ipText   float64
	ipNumber float64
	pan      float64 // already masked by the import, or a whole number of a card
	masked   float64
	boolean  float64
	agent    float64
	letters  float64  // holds a letter
	lat, lon float64  // numbers within the bounds
	dateOnly float64  // a date without a time of day
	clock    float64  // a time of day without a date
	quoted   float64  // stands in single quotation marks
	rounded  float64  // is a long number that a spreadsheet rounded
	zeros    float64  // is a whole number written with ".0", where all are whole numbers
	settled  float64  // is a word for success or failure
	top      float64  // greatest number
	outcome  bool     // the values are an outcome that is known: see saysOutcome
	both     bool     // some of them are words for success, others for failure
	changes  bool     // differs between the events of one account: see changing
	distinct int      // up to 1,000
	unique   bool     // no value stands twice
	common   []string // of few different ones the most frequent first, where they may be shown
}

var outcomeWords = map[string]bool{
	"fraud": true, "fraudulent": true, "chargeback": true, "scam": true, "bad": true, "attack": true,
	"legit": false, "legitimate": false, "genuine": false, "good": false, "benign": false, "nonfraud": false, "normal": false,
	"ok": false, "okay": false, "clean": false, "none": false, "no": false, "unknown": false, "pending": false, "open": false, "review": false, "under review": false, "in review": false,
	"suspected": false, "suspicious": false, "unconfirmed": false, "not reviewed": false, "n a": false,
}

// outcomeMost is how many different values an outcome has at the most.
const outcomeMost = 20

var (
	saysFraud = regexp.MustCompile(`^((not|non|no|is|a|confirmed|suspected|proven|likely|possible|potential|known|friendly|first|third|party|detected|reported|card|payment|identity) )*(fraud|frauds|fraudulent|fraudster|scam|betrug)( (confirmed|suspected|detected|reported|risk))?$`)
	saysLegit = regexp.MustCompile(`^(legit|legitimate|genuine|benign)$`)
)

var (
	clockText = regexp.MustCompile(`^([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.,][0-9]{1,9})?)?( ?[AaPp]\.?[Mm]\.?)?$`)
	whole0    = regexp.MustCompile(wholeNumber)
	rounded0  = regexp.MustCompile("^" + roundedNumber + "$")
	midnight  = regexp.MustCompile(`[T ]00:00(:00(\.0+)?)?Z?$`)
	// ofChecks are words of the names of outcomes that are not the event's own.
	ofChecks = nameSet("cvc cvv avs check address verification kyc account user customer email phone marital employment housing shipping fulfillment")
)

// saysOutcome tells whether the values of a column are what was found out about its rows later. One that speaks of fraud, or calls a row
// legitimate, settles it whatever the others are, as "unknown" or "pending"; "chargeback" or "bad" only where all the others are words of such a column.
func saysOutcome(values map[string]int) bool {
	if len(values) > outcomeMost {
		return false
	}
	all, bad := true, false
	for v := range values {
		word := strings.Join(strings.FieldsFunc(strings.ToLower(v), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
		if saysLegit.MatchString(word) || saysFraud.MatchString(word) {
			return true
		}
		b, known := outcomeWords[word]
		all, bad = all && known, bad || b
	}
	return all && bad
}

// commonMost is how many different values a column has at the most whose samples are the most frequent of them.
const commonMost = 20

// profileOf looks at values; missing ones are "".
func profileOf(values []string) profile {
	var p profile
	times := map[string]int{} // most columns say few things many times
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			times[v]++
			p.values++
		}
	}
	var number, amount, tm, epoch, recent, serial, email, ipText, ipNumber, pan, masked, boolean, agent, letters, lat, lon, dateOnly, clock, quoted, zeros, whole, rounded, good, bad int
	for v, n := range times {
		isNum := isNumber(v)
		if f, err := strconv.ParseFloat(strings.Replace(v, ",", ".", 1), 64); err == nil { // the conversion, too, takes a decimal comma
			if math.Abs(f) <= 90 {
				lat += n
			}
			if math.Abs(f) <= 180 {
				lon += n
			}
		}
		if isNum {
			number += n
			if rounded0.MatchString(v) {
				rounded += n
				whole += n
			} else if whole0.MatchString(v) {
				zeros += n
			} else if strings.Trim(v, "0123456789") == "" {
				whole += n
			}
			if f, err := strconv.ParseFloat(v, 64); err == nil {
				p.top = max(p.top, f)
			}
			if len(v) == 8 && isEpoch(v) {
				dateOnly += n
			}
			if isIPNumber(v) {
				ipNumber += n
			}
			if isEpoch(v) {
				epoch += n
			}
			if isRecentEpoch(v) {
				recent += n
			}
			if isSerialDay(v) {
				serial += n
			}
		} else {
			if isTimeText(v) {
				tm += n
				if !strings.Contains(midnight.ReplaceAllString(v, ""), ":") {
					dateOnly += n
				}
			}
			if clockText.MatchString(v) {
				clock += n
			}
			if len(v) > 2 && v[0] == '\'' && v[len(v)-1] == '\'' {
				quoted += n
			}
			switch word := normaliseName(v); {
			case isBoolean(v):
			case successWords[word]:
				good += n
			case failureWords[word]:
				bad += n
			}
			if isEmail(v) {
				email += n
			}
			if isIPText(v) {
				ipText += n
			}
			if isMaskedCard(v) {
				masked += n
			}
			if strings.HasPrefix(v, "Mozilla/") || strings.HasPrefix(v, "Opera/") || strings.HasPrefix(v, "Dalvik/") {
				agent += n
			}
		}
		if isNum || isAmount(v) {
			amount += n
		}
		if olorin.IsCard(v) || storedCardText.MatchString(v) {
			pan += n
		}
		if isBoolean(v) {
			boolean += n
		}
		if strings.ContainsFunc(v, func(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r > 127 }) {
			letters += n
		}
	}
	p.distinct, p.unique = min(len(times), 1000), len(times) == p.values
	if p.values == 0 {
		return p
	}
	if len(times) <= commonMost {
		p.common = slices.SortedFunc(maps.Keys(times), func(a, b string) int { return cmp.Or(cmp.Compare(times[b], times[a]), cmp.Compare(a, b)) })
	}
	n := float64(p.values)
	share := func(k int) float64 { return float64(k) / n }
	p.number, p.amount, p.time, p.epoch, p.email = share(number), share(amount), share(tm), share(epoch), share(email)
	p.ipText, p.ipNumber, p.pan, p.masked, p.boolean = share(ipText), share(ipNumber), share(pan), share(masked), share(boolean)
	p.agent, p.letters, p.lat, p.lon = share(agent), share(letters), share(lat), share(lon)
	p.dateOnly, p.clock, p.quoted, p.settled, p.both = share(dateOnly), share(clock), share(quoted), share(good+bad), good > 0 && bad > 0
	p.rounded, p.recent, p.serial = share(rounded), share(recent), share(serial)
	if zeros+whole == p.values {
		p.zeros = share(zeros)
	}
	p.outcome = saysOutcome(times)
	return p
}

// kind returns what the values are, for a column that nothing is known of.
func (p profile) kind() string {
	switch {
	case p.values == 0:
		return "text"
	case p.boolean >= 0.98 && p.distinct <= 4:
		return "boolean"
	case p.time >= 0.9:
		return "time"
	case p.number >= 0.9:
		return "number"
	}
	return "text"
}

// fit returns which share of the values could be of the canonical column.
func (p profile) fit(c *CanonicalColumn, name string) float64 {
	switch {
	case p.values == 0:
		return 0.5
	case p.values >= 20 && p.distinct == 1 && slices.Contains(neverConstant, c.Name), p.values >= 500 && p.distinct <= 5 && c.Name == "device_id":
		return 0 // it tells nobody from anybody
	}
	switch c.Name {
	case "transaction_id":
		if p.values >= 100 && p.distinct <= 20 {
			return 0 // a kind
		}
		return 1
	case "latitude", "merchant_latitude":
		return p.lat
	case "longitude", "merchant_longitude":
		return p.lon
	case "ip_address":
		return p.ipText + p.ipNumber
	case "email":
		return p.email
	case "card_brand":
		return p.letters
	case "card_number":
		if p.values > 0 && p.number == 0 && p.masked == 0 && p.pan == 0 && p.distinct <= 10 {
			return 0 // a brand
		}
		if p.number >= 0.98 && p.top < 100 && p.values >= 100 && p.distinct <= 20 && plainMeanings(name)[c.Name] < 0.8 {
			return 0 // which of a person's cards it was
		}
		return 1
	case "status":
		if p.boolean > 0.9 && p.number > 0.5 && !saysBoolean(name) {
			if plainMeanings(name)[c.Name] < 0.9 {
				return 0.3
			}
			return 0.7 // nobody knows what 1 means, until a person says so
		}
		return 1
	case "region":
		return 1 - p.settled // "estado" is also what came of an event
	case "country", "ip_country", "card_country", "billing_country", "shipping_country", "city":
		return 1 - p.number
	case "person_name", "currency":
		return p.letters
	case "event_time", "session_start", "signup_time":
		switch {
		case isRelativeTime(name), innerName(name) == "time" && p.top >= 2400:
			return max(p.number, p.time)
		case c.Name == "event_time" && isYear(name):
			return 0 // see composeTime
		case c.Name == "signup_time" && p.changes:
			return 0
		}
		if p.serial == 1 {
			return 1
		}
		return p.time + p.epoch
	}
	switch c.Type {
	case Decimal, Double:
		return p.amount
	case Boolean:
		return p.boolean
	case Minutes:
		return max(p.number, 1-p.letters)
	}
	return 1
}

// neverConstant are the columns that tell nothing where all rows have one value. An export of one account has its number in every row.
var neverConstant = []string{"transaction_id", "counterparty_id", "device_id", "session_id"}

// saysBoolean tells whether a column of outcomes is named for what yes means.
func saysBoolean(name string) bool {
	switch innerName(name) {
	case "loginsuccessful", "loginsuccess", "loginsucceeded", "loginok", "issuccessful", "isdeclined", "declined", "issuccess", "isapproved", "approved", "success", "successful", "captured", "ok", "authorised", "authorized", "isauthorised", "isauthorized", "accepted", "isaccepted",
		"rejected", "isrejected", "refused", "isrefused", "failed", "isfailed":
		return true
	}
	return false
}

// innerName is the normalised name of a column without what it is nested in, in English where its words are known.
func innerName(name string) string {
	inner := name[strings.LastIndexByte(name, '.')+1:]
	return cmp.Or(strings.Join(inEnglish(inner), ""), normaliseName(inner))
}

// isRelativeTime tells whether a column counts time from the start of the file: PaySim's hours, IEEE-CIS's seconds.
func isRelativeTime(name string) bool {
	switch normaliseName(name) {
	case "step", "transactiondt":
		return true
	}
	return false
}

// isLabel tells whether a column holds a known outcome, by its name or by its values.
func isLabel(name string, p profile) bool {
	if p.outcome {
		return true
	}
	switch normaliseName(name) {
	case "class", "target", "label", "labels", "dispute", "anomaly", "verdict", "truth":
		return p.distinct <= 20 // also a class of goods or a target account, which have many values
	}
	return isLabelName(name)
}

// match is the canonical column that a source column was taken for.
type match struct {
	canonical  string
	confidence float64
	note       string
	words      []olorin.Word // what its values were taken for
}

// recognise assigns each source column at most one canonical column, and each canonical at most one source. Pairs of mapping
// (canonical → source) are settled first; where only is set nothing else is assigned. An empty source in mapping keeps the canonical unassigned.
// labels are never assigned.
func recognise(header []string, profiles []profile, labels []bool, mapping map[string]string, only bool) []match {
	matches := make([]match, len(header))
	taken := map[string]bool{}
	for canonical, source := range mapping {
		taken[canonical] = true
		if i := slices.Index(header, source); i >= 0 {
			matches[i] = match{canonical: canonical, confidence: 1}
		}
	}
	if only {
		return matches
	}
	type candidate struct {
		source     int
		order      int
		canonical  string
		confidence float64
	}
	var candidates []candidate
	hasActor := slices.ContainsFunc(header, func(name string) bool { return strings.HasPrefix(normaliseName(name), "actor") })
	for i, name := range header {
		if labels[i] || matches[i].canonical != "" {
			continue
		}
		known := meanings(name)
		if isClient(name) && hasActor {
			known = map[string]float64{"device_id": 0.6}
		}
		for order := range Columns {
			c := &Columns[order]
			if c.Name == "person_name" && firstNames[innerName(name)] && !slices.ContainsFunc(header, func(other string) bool { return lastNames[innerName(other)] }) {
				continue // many people have one
			}
			confidence := 0.0
			if named := known[c.Name]; named > 0 {
				fit := profiles[i].fit(c, name)
				confidence = named * (0.4 + 0.6*fit)
				if fit < 0.5 {
					confidence = named * fit * 0.6
				}
			} else if len(known) == 0 || c.Name == "email" || c.Name == "ip_address" || c.Name == "status" && known["region"] > 0 {
				confidence = profiles[i].resembles(c.Name, name)
			}
			if confidence >= minConfidence {
				candidates = append(candidates, candidate{i, order, c.Name, math.Round(confidence*1000) / 1000})
			}
		}
	}
	empty := func(c candidate) bool { return profiles[c.source].values == 0 }
	sort.SliceStable(candidates, func(a, b int) bool {
		x, y := candidates[a], candidates[b]
		if empty(x) != empty(y) {
			return empty(y) // a column without values takes no name from one that has some
		}
		if x.confidence != y.confidence {
			return x.confidence > y.confidence
		}
		if x.order != y.order {
			return x.order < y.order
		}
		return header[x.source] < header[y.source]
	})
	for _, c := range candidates {
		if taken[c.canonical] || matches[c.source].canonical != "" {
			continue
		}
		taken[c.canonical] = true
		matches[c.source] = match{canonical: c.canonical, confidence: c.confidence}
	}
	// A year beside a month and a day is a time, where nothing else is.
	free := func(names map[string]bool) int {
		for i, name := range header {
			if names[innerName(name)] && matches[i].canonical == "" {
				return i
			}
		}
		return -1
	}
	if year := free(years); !taken["event_time"] && year >= 0 && profiles[year].number == 1 && free(months) >= 0 && free(days) >= 0 {
		matches[year] = match{canonical: "event_time", confidence: 0.8}
	}
	return matches
}

// isClient tells of the id of a client, which beside an actor is the program or device that this one used.
func isClient(name string) bool { return slices.Equal(nameWords(name), []string{"client", "id"}) }

var (
	// timeWords are words of the names of times, numberWords of the names of numbers by which something is known.
	timeWords   = nameSet("ts time times timestamp tm dt date datetime hour epoch stamp at utc when zeitpunkt ms millis us micros")
	numberWords = nameSet("no number id ref reference uuid")
)

// otherTimes are words of the names of times at which nothing happened that a file of events is about, laterTimes of the later one of several.
var (
	otherTimes = nameSet("birth birthday birthdate dob born geburtsdatum expiry expires expiration exp valid until due bind cancelled canceled deleted")
	laterTimes = nameSet("end ended finish finished stop updated modified changed completed fulfilled closed first last ship shipped delivery value")
)

// resembles judges a column by its values, and of its name by what speaks against it.
func (p profile) resembles(canonical, name string) float64 {
	if p.values < 5 {
		return 0
	}
	share := 0.0
	switch canonical {
	case "email":
		share = p.email
	case "ip_address":
		share = p.ipText
	case "card_number":
		share = max(p.pan, p.masked)
	case "user_agent":
		share = p.agent
	case "event_time":
		share = p.time
		if number := p.epochs(name); number > share {
			share = number
		}
	case "transaction_id":
		if p.values >= 50 && p.unique && (p.number == 0 || p.top >= 1000) && p.time+p.epoch+p.email+p.ipText+p.pan+p.agent == 0 && ofNames(name, numberWords) {
			share = 0.9
		}
	case "status":
		if p.both && p.distinct <= outcomeMost && !slices.ContainsFunc(plainWords(name), func(w string) bool { return ofChecks[w] }) {
			share = p.settled
		}
	}
	if share < 0.9 {
		return 0
	}
	if canonical == "event_time" {
		switch {
		case ofNames(name, otherTimes):
			return 0
		case ofNames(name, laterTimes), p.distinct == 1 && p.values > 20:
			share -= 0.15
		}
		share -= 0.06 * p.dateOnly
	}
	return 0.6 * share
}

// ofNames tells that one of the words of a name is in a set.
func ofNames(name string, set map[string]bool) bool {
	return slices.ContainsFunc(plainWords(name), func(w string) bool { return set[w] })
}

// epochs is the share of values that are times as numbers, where the column is named for that, or all are times of these years and it is not
// named for numbers of another kind.
func (p profile) epochs(name string) float64 {
	if p.number < 1 || !ofNames(name, timeWords) && (p.recent < 1 || ofNames(name, numberWords)) {
		return 0
	}
	return p.epoch
}

// checkMapping tells all that is wrong with a mapping given by hand.
func checkMapping(header []string, labels []bool, mapping map[string]string) error {
	var faults []olorin.Fault
	users := map[string]string{}
	canonicals := make([]string, 0, len(mapping))
	for c := range mapping {
		canonicals = append(canonicals, c)
	}
	slices.Sort(canonicals)
	for _, canonical := range canonicals {
		source := mapping[canonical]
		fault := func(code, format string, args ...any) {
			faults = append(faults, olorin.Fault{Pointer: "/mapping/" + olorin.PointerTo(canonical), Code: code, Detail: fmt.Sprintf(format, args...)})
		}
		if columnByName[canonical] == nil {
			fault("unknown_canonical", "there is no canonical column %q%s", canonical, nearest(canonical))
		}
		if source == "" {
			continue
		}
		i := slices.Index(header, source)
		if i < 0 {
			fault("unknown_source", "the file has no column %q; it has %s", source, olorin.Clip(strings.Join(header, ", "), 300))
			continue
		}
		if labels[i] {
			fault("label", "the column %q holds known outcomes, which no check may read; leave it unmapped", source)
		}
		if other, ok := users[source]; ok {
			fault("source_used_twice", "the column %q is mapped to %s already; a column can be mapped once", source, other)
		}
		users[source] = canonical
	}
	if len(faults) > 0 {
		return olorin.Invalid("the mapping of columns is not valid", faults...)
	}
	return nil
}

// nearest suggests the canonical column whose alias was meant.
func nearest(name string) string {
	known := meanings(name)
	best := ""
	for c, confidence := range known {
		if best == "" || confidence > known[best] || confidence == known[best] && c < best {
			best = c
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

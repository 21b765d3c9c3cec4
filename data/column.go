package data

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// ColumnType is the type of a canonical column.
type ColumnType string

// The types, and what they are in DuckDB.
const (
	Text    ColumnType = "text"    // VARCHAR
	Decimal ColumnType = "decimal" // DECIMAL(18,4)
	Double  ColumnType = "double"  // DOUBLE
	Instant ColumnType = "time"    // TIMESTAMP, UTC
	Boolean ColumnType = "boolean" // BOOLEAN
	Minutes ColumnType = "minutes" // INTEGER
)

// sqlType returns the type in DuckDB.
func (t ColumnType) sqlType() string {
	return map[ColumnType]string{Text: "VARCHAR", Decimal: "DECIMAL(18,4)", Double: "DOUBLE", Instant: "TIMESTAMP", Boolean: "BOOLEAN", Minutes: "INTEGER"}[t]
}

// kind returns the type as olorin.Column.Kind tells it.
func (t ColumnType) kind() string {
	switch t {
	case Decimal, Double, Minutes:
		return "number"
	case Instant:
		return "time"
	case Boolean:
		return "boolean"
	}
	return "text"
}

// form is how a text column is made comparable.
type form int

const (
	asIs         form = iota
	idForm            // placeholders such as "unknown" are missing
	device            // as id; zeros are missing too
	lower             // as id, in lower case
	currencyForm      // its three letters
	countryForm       // its two letters
	phone             // digits, with a leading + where there was one
	ip                // canonical text of an address
	card              // masked
	status            // a word; booleans become words
	digits            // digits only
)

// CanonicalColumn is one column of the schema that checks are written against.
type CanonicalColumn struct {
	Name  string     `json:"name"`
	Title string     `json:"title"`
	Type  ColumnType `json:"type" enum:"text,decimal,double,time,boolean,minutes"`
	// Aliases are the names that are taken for this column, the surest first. Case and punctuation do not matter.
	Aliases []string `json:"aliases"`
	// Weak are names that often mean something else: they count less, and give way.
	Weak []string `json:"weak_aliases"`

	form form
	noun string // what it is called where it is missing; "": as its title
}

// Columns is the canonical schema, in the order of the events table.
var Columns = []CanonicalColumn{
	{
		Name: "event_time", Title: "Time of the event", Type: Instant,
		Aliases: words("event_time event_timestamp timestamp transaction_time transaction_date transaction_datetime transaction_timestamp trans_date_trans_time trans_date trans_time tx_datetime tx_time tx_date tx_timestamp txn_time txn_date txn_datetime txn_timestamp tran_timestamp purchase_time purchase_date purchase_timestamp order_time order_date payment_time payment_date login_timestamp login_time datetime date_time occurred_at event_date event_datetime ts unix_time epoch zeitpunkt buchungszeit buchungsdatum transaktionszeit transaktionsdatum call_start call_start_time call_time call_date click_time click_ts event_ts txn_ts block_timestamp block_time paid_at sold_at processed_at incident_date incident_time claim_date loss_date application_date application_time application_timestamp submitted_at dispute_date edge_start_timestamp login_date login_at posted_at posting_date booking_date invoice_date date_hour hour_date operation_date"),
		Weak:    words("time date created created_utc created_at when logged_at transaction_dt step start_time started_at start_date published valuta year jahr"),
	},
	{
		Name: "transaction_id", Title: "Transaction or event", form: idForm, Type: Text,
		Aliases: words("transaction_id txn_id tx_id trans_id trans_num tran_id transaction_number transaction_ref transaction_reference payment_id order_id event_id charge_id transaktions_id transaktionsnummer vorgangsnummer vorgangs_id bestellnummer belegnummer tx_hash txn_hash transaction_hash txn_no txn_number receipt_no receipt_number call_id cdr_id click_id impression_id auftragsnummer auftragsnr order_number order_no operation_id operation_number"),
		Weak:    words("id reference uuid vorgang hash record_id claim_id claim_number application_id loan_id case_id dispute_id invoice_id invoice_number ray_id log_id request_id inv_no invoice_no operation txn"),
	},
	{
		Name: "user_id", Title: "User", form: idForm, Type: Text,
		Aliases: words("user_id customer_id cust_id client_id uid customer_number customer_no member_id username user_name buyer_id shopper_id subscriber_id player_id kundennummer benutzername loyalty_id loyalty_number imsi applicant_id policy_holder_id insured_id claimant_id patient_id borrower_id card_holder_id actor_id rider_id driver_id passenger_id principal principal_id subscriber_number subscriber_no emp_id emp_no employee_number employee_no"),
		Weak:    words("user customer client member buyer employee_id cashier_id staff_id employee cashier subscriber"),
	},
	{
		Name: "account_id", Title: "Account", form: idForm, Type: Text,
		Aliases: words("account_id account_number account_no acct_id acct policy_id policy_number policy_no name_orig orig_acct orig_account originator_account sender_account sender_account_id from_account source_account payer_account payer_id sender_id iban kontonummer auftraggeberkonto absenderkonto auftraggeber_iban from_address sender_address from_wallet wallet_address wallet_id a_number a_msisdn calling_number caller_number calling_party caller_id iban_auftraggeber bank_account bank_account_number iban_number debtor_account debtor_iban sender_iban from_iban bank_acct calling_msisdn caller_msisdn payer_msisdn sender_msisdn from_msisdn"),
		Weak:    words("account sender payer from orig originator tx_id1 account_1 src caller from_number"),
	},
	{
		Name: "counterparty_id", Title: "Counterparty", form: idForm, Type: Text,
		Aliases: words("counterparty_id counterparty name_dest bene_acct bene_account beneficiary_id beneficiary_account beneficiary receiver_id receiver_account receiver recipient_id recipient_account recipient to_account dest_account dest_acct destination_account payee_id payee_account payee_iban payee empfaenger_id empfaengerkonto empfaenger_iban gegenkonto to_address recipient_address to_wallet b_number b_msisdn called_number callee_number called_party dialed_number iban_empfaenger creditor_account creditor_iban receiver_iban recipient_iban to_iban target_account to_email_address to_email counterparty_name beneficiary_iban destination_number called_msisdn callee_msisdn payee_msisdn receiver_msisdn recipient_msisdn to_msisdn"),
		Weak:    words("to dest destination empfaenger tx_id2 account_2 dst vendor_iban vendor_account vendor_bank_account supplier_iban supplier_account callee to_number"),
	},
	{
		Name: "merchant_id", Title: "Merchant or terminal", form: idForm, Type: Text,
		Aliases: words("merchant_id merchant terminal_id merchant_name merchant_no merchant_number mid shop_id store_id seller_id vendor_id publisher_id partner_id affiliate_id haendlernummer haendlername provider_id hospital_id vendor_no vendor_number terminal_no terminal_number shop_number"),
		Weak:    words("terminal shop store seller vendor provider garage partner publisher agent_id agent_no"),
	},
	{
		Name: "merchant_category", Title: "Merchant category", form: idForm, Type: Text,
		Aliases: words("merchant_category mcc merchant_category_code mcc_code merchant_type category_code haendlerkategorie branchencode"),
		Weak:    words("category product_cd branche"),
	},
	{
		Name: "status", Title: "Outcome", form: status, Type: Text,
		Aliases: words("status transaction_status tx_status txn_status payment_status auth_status auth_result authorization_status outcome login_successful login_success login_succeeded login_ok login_result is_successful is_declined declined is_success is_approved approved transaktionsstatus zahlungsstatus authorised authorized is_authorised is_authorized is_accepted is_rejected is_refused is_failed"),
		Weak:    words("result response decision success successful ok captured state_of_payment financial_status claim_status order_status application_status response_status http_status status_code edge_response_status response_code disposition antwortcode order_state transaction_state txn_state payment_state accepted rejected refused failed"),
	},
	{
		Name: "event_type", Title: "Kind of event", form: idForm, Type: Text,
		Aliases: words("event_type transaction_type tx_type txn_type tran_type trans_type event_name transaktionsart vorgangsart buchungsart"),
		Weak:    words("type event action activity operation art typ call_type claim_type payment_type payment_format incident_type vorgang direction entry record kind"),
	},
	{
		Name: "amount", Title: "Amount", Type: Decimal,
		Aliases: words("amount amt tx_amount transaction_amount transaction_amt txn_amount trans_amount base_amt purchase_value purchase_amount payment_amount order_amount order_total order_value total_amount charge_amount gross_amount amount_usd amount_eur amount_gbp transaction_value amount_cents amount_in_cents amount_minor amount_minor_units amount_pence betrag_in_eur umsatz_eur amount_chf zahlbetrag transaktionsbetrag umsatz bestellwert amount_paid claim_amount total_claim_amount loan_amount dispute_amount fare fare_amount item_total claimed_amount amount_claimed net_pay gross_pay"),
		Weak:    words("value total price sum summe wert cost bid_price gross stake charge claimed debit debit_amount withdrawal paid_out money_out soll points salary premium payout cpc bezug"),
	},
	{
		Name: "currency", Title: "Currency", form: currencyForm, Type: Text,
		Aliases: words("currency currency_code transaction_currency tx_currency amount_currency iso_currency ccy waehrungscode"),
		Weak:    words("curr cur whg valuta"),
	},
	{
		Name: "country", Title: "Country", form: countryForm, Type: Text,
		Aliases: words("country country_code event_country transaction_country user_country customer_country laendercode"), Weak: words("nation geo"),
	},
	{Name: "city", Title: "City", form: idForm, Type: Text, Aliases: words("city event_city town user_city customer_city wohnort"), Weak: words("ort")},
	{Name: "region", Title: "Region", form: idForm, Type: Text, Aliases: words("region event_region province state_code bundesland"), Weak: words("state")},
	{Name: "ip_country", Title: "Country of the IP address", form: countryForm, Type: Text, Aliases: words("ip_country ip_country_code geoip_country geo_ip_country client_country")},
	{Name: "card_country", Title: "Country of the card", form: countryForm, Type: Text, Aliases: words("card_country bin_country card_issuer_country card_issue_country issuer_country issuing_country card_country_code kartenland")},
	{Name: "billing_country", Title: "Billing country", form: countryForm, Type: Text, Aliases: words("billing_country bill_country billing_country_code billing_address_country card_address_country rechnungsland")},
	{Name: "shipping_country", Title: "Shipping country", form: countryForm, Type: Text, Aliases: words("shipping_country ship_country shipping_country_code shipping_address_country delivery_country lieferland")},
	{Name: "latitude", Title: "Latitude", Type: Double, Aliases: words("latitude lat event_latitude event_lat geo_lat geo_latitude pickup_lat pickup_latitude cell_lat tower_lat")},
	{Name: "longitude", Title: "Longitude", Type: Double, Aliases: words("longitude long lon lng event_longitude event_lon geo_lon geo_lng geo_longitude pickup_lng pickup_lon pickup_longitude cell_lon cell_long tower_lon")},
	{Name: "merchant_latitude", Title: "Latitude of the merchant", Type: Double, Aliases: words("merchant_latitude merch_lat merchant_lat merch_latitude")},
	{Name: "merchant_longitude", Title: "Longitude of the merchant", Type: Double, Aliases: words("merchant_longitude merch_long merch_lon merchant_long merchant_lon merchant_lng merch_longitude")},
	{
		Name: "ip_address", Title: "IP address", form: ip, Type: Text,
		Aliases: words("ip_address ip ip_addr client_ip remote_ip source_ip src_ip user_ip customer_ip login_ip remote_addr remote_address ipv4 ipv4_address ip_v4"), Weak: words("host"),
	},
	{Name: "asn", Title: "Network (ASN)", form: idForm, Type: Text, Aliases: words("asn ip_asn as_number autonomous_system_number autonomous_system client_asn")},
	{Name: "is_vpn", Title: "Through a VPN", noun: "VPN flag", Type: Boolean, Aliases: words("is_vpn vpn ip_is_vpn")},
	{Name: "is_proxy", Title: "Through a proxy", noun: "proxy flag", Type: Boolean, Aliases: words("is_proxy proxy ip_is_proxy is_anonymous_proxy")},
	{Name: "is_hosting", Title: "From a data centre", noun: "data-centre flag", Type: Boolean, Aliases: words("is_hosting hosting ip_is_hosting is_datacenter is_data_center datacenter")},
	{
		Name: "device_id", Title: "Device", form: device, Type: Text,
		Aliases: words("device_id device_fingerprint fingerprint device_hash device_uuid browser_fingerprint visitor_id installation_id install_id app_instance_id geraete_id geraetekennung imei imei_number gaid idfa aaid android_id advertising_id hardware_id mac_address device_fp dev_fp dev_id"), Weak: words("device installation dev"),
	},
	{Name: "device_type", Title: "Kind of device", form: idForm, Type: Text, Aliases: words("device_type device_category device_model geraetetyp"), Weak: words("platform device_info os")},
	{Name: "user_agent", Title: "User agent", form: asIs, Type: Text, Aliases: words("user_agent user_agent_string http_user_agent browser_user_agent"), Weak: words("ua agent")},
	{Name: "session_id", Title: "Session", form: idForm, Type: Text, Aliases: words("session_id session sitzungs_id"), Weak: words("sid")},
	{Name: "session_start", Title: "Start of the session", Type: Instant, Aliases: words("session_start session_start_time session_started_at session_started session_begin sitzungsbeginn"), Weak: words("session_time")},
	{Name: "email", Title: "E-mail address", form: lower, Type: Text, Aliases: words("email email_address e_mail customer_email user_email buyer_email payer_email receipt_email billing_email login_email contact_email mail mailadresse"), Weak: words("contact")},
	{Name: "phone_number", Title: "Phone number", form: phone, Type: Text, Aliases: words("phone_number phone phone_no mobile_number mobile mobile_phone telephone telephone_number msisdn customer_phone contact_number telefonnummer handynummer mobilnummer mob"), Weak: words("tel cell handy")},
	{Name: "person_name", Title: "Name of the person", form: idForm, Type: Text, Aliases: words("person_name full_name customer_name cardholder_name card_holder_name cardholder holder_name kundenname vollstaendiger_name applicant_name account_holder account_holder_name insured_name claimant_name patient_name billing_name policy_holder_name kontoinhaber"), Weak: words("name card_name display_name first_name first vorname insured")},
	{Name: "date_of_birth", Title: "Date of birth", form: idForm, Type: Text, Aliases: words("date_of_birth dob birth_date birthdate birthday geburtsdatum")},
	{Name: "address", Title: "Address", form: idForm, Type: Text, Aliases: words("address street_address billing_address home_address postal_address address_line_1 address_line1 customer_address rechnungsadresse billing_street billing_address1"), Weak: words("street shipping_address strasse")},
	{
		Name: "signup_time", Title: "Time of sign-up", Type: Instant,
		Aliases: words("signup_time signup_date sign_up_time sign_up_date signup_timestamp registration_time registration_date registered_at account_created_at account_created account_creation_date account_creation_time account_opened user_created_at customer_since seller_since seller_registered merchant_since join_date joined_at registrierungsdatum registriert_am kunde_seit anmeldedatum"),
		Weak:    words("created_at created_on creation_date"),
	},
	{
		Name: "card_number", Title: "Card (masked)", form: card, Type: Text,
		Aliases: words("card_number card_no card_num cc_num cc_number credit_card_number pan masked_pan masked_card card_hash card_token card_fingerprint card_id kartennummer kreditkartennummer gift_card_number gift_card_no payment_method_fingerprint payment_card payment_token pan_token"), Weak: words("card card1 credit_card kreditkarte"),
	},
	{Name: "card_bin", Title: "BIN of the card", form: digits, Type: Text, Aliases: words("card_bin bin bin_number iin issuer_identification_number first6")},
	{Name: "card_last4", Title: "Last four digits of the card", form: digits, Type: Text, Aliases: words("card_last4 card_last_4 card_last_four last4 last_4 last_four")},
	{Name: "card_brand", Title: "Brand of the card", form: lower, Type: Text, Aliases: words("card_brand card_network card_scheme card4"), Weak: words("brand card_type network issuer")},
	{Name: "card_prepaid", Title: "Prepaid card", Type: Boolean, Aliases: words("card_prepaid is_prepaid prepaid prepaid_card card_is_prepaid")},
	{Name: "balance_before", Title: "Balance before", Type: Decimal, Aliases: words("balance_before oldbalance_org oldbalance_orig old_balance_org old_balance_orig old_balance opening_balance saldo_vorher saldo_vor_buchung")},
	{Name: "balance_after", Title: "Balance after", Type: Decimal, Aliases: words("balance_after newbalance_orig newbalance_org new_balance_orig new_balance_org new_balance closing_balance saldo_nachher saldo_nach_buchung"), Weak: words("balance kontostand")},
	{Name: "counterparty_balance_before", Title: "Counterparty's balance before", Type: Decimal, Aliases: words("counterparty_balance_before oldbalance_dest old_balance_dest")},
	{Name: "counterparty_balance_after", Title: "Counterparty's balance after", Type: Decimal, Aliases: words("counterparty_balance_after newbalance_dest new_balance_dest")},
	{Name: "tz_offset_minutes", Title: "Offset of the browser's time zone, in minutes", Type: Minutes, Aliases: words("tz_offset_minutes tz_offset timezone_offset time_zone_offset browser_tz_offset browser_timezone_offset utc_offset")},
	{Name: "ip_tz_offset_minutes", Title: "Offset of the IP address's time zone, in minutes", Type: Minutes, Aliases: words("ip_tz_offset_minutes ip_tz_offset ip_timezone_offset ip_utc_offset")},
}

// subjects are the columns that may tell whose row it is; the first that the file has is its subject.
var subjects = []string{"user_id", "account_id", "card_number", "email", "device_id", "ip_address", "merchant_id"}

// labelNames are the names of columns that tell a known outcome.
var labelNames = nameSet("is_fraud fraud fraud_flag fraud_label fraud_ind fraud_indicator fraudulent is_fraudulent confirmed_fraud tx_fraud tx_fraud_scenario fraud_scenario fraud_type fraud_reason " +
	"is_flagged_fraud has_cbk cbk is_cbk chargeback is_chargeback has_chargeback chargebacked charged_back dispute disputed is_disputed has_dispute is_sar sar is_account_takeover account_takeover is_ato " +
	"is_attack_ip is_attack is_scam is_laundering is_money_laundering is_suspicious label labels target class ground_truth truth verdict is_bad is_anomaly is_outlier anomaly betrug ist_betrug betrugsverdacht rueckbuchung")

var (
	columnByName = map[string]*CanonicalColumn{}
	// aliases leads from a normalised name to the canonical columns it may mean, with the confidence of each.
	aliases = map[string]map[string]float64{}
)

func init() {
	for i := range Columns {
		c := &Columns[i]
		columnByName[c.Name] = c
		for j, a := range c.Aliases {
			addAlias(a, c.Name, max(0.98-0.005*float64(j), 0.85))
		}
		for j, a := range c.Weak {
			addAlias(a, c.Name, max(0.70-0.01*float64(j), 0.60))
		}
	}
}

func addAlias(alias, canonical string, confidence float64) {
	n := normaliseName(alias)
	if aliases[n] == nil {
		aliases[n] = map[string]float64{}
	}
	aliases[n][canonical] = max(aliases[n][canonical], confidence)
}

func words(s string) []string { return strings.Fields(s) }

func nameSet(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[normaliseName(w)] = true
	}
	return set
}

var umlauts = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss")

// normaliseName leaves the letters and digits of a name, in lower case, umlauts as ASCII.
func normaliseName(s string) string {
	return umlauts.Replace(strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s))
}

func isAlias(name string) bool { return plainMeanings(name) != nil || isLabelName(name) }

// meanings leads to the canonical columns that a name may mean, with the confidence of each.
func meanings(name string) map[string]float64 {
	if known := plainMeanings(name); known != nil {
		return known
	}
	return qualifiedMeanings(name)
}

// plainMeanings are those of the known names. Of a nested name such as "geo.country" that is none of them, the last part decides, with less
// confidence; so it does in another language.
func plainMeanings(name string) map[string]float64 {
	if known := aliases[normaliseName(name)]; known != nil {
		return known
	}
	i := strings.LastIndexByte(name, '.')
	if inner := aliases[normaliseName(name[i+1:])]; inner != nil {
		return lessSure(inner, 0.9, func(string) bool { return true })
	}
	for _, words := range bothWays(inEnglish(name[i+1:])) {
		if known := aliases[strings.Join(words, "")]; known != nil {
			return lessSure(known, 0.95, func(string) bool { return true })
		}
	}
	return nil
}

func lessSure(known map[string]float64, by float64, of func(canonical string) bool) map[string]float64 {
	less := make(map[string]float64, len(known))
	for canonical, confidence := range known {
		if of(canonical) {
			less[canonical] = by * confidence
		}
	}
	return less
}

var (
	// qualified are the columns whose names stand behind a word that says whose or what, as in "applicant e-mail".
	qualified = nameSet("amount currency email phone_number ip_address device_id session_id user_agent card_number date_of_birth country city account_id")
	// ofAnother are words that make such a name one of another side of the event, or of something else.
	ofAnother = nameSet("merchant merch seller shop store vendor receiver recipient beneficiary payee counterparty dest destination to referrer referee support agent admin employee " +
		"previous prev last old new shipping ship delivery issuing issuer company target parent hash hashed domain " +
		"refund refunded discount tax taxes vat fee fees tip handling limit insurance average avg mean median max min maximum minimum std stddev ratio count number num remaining outstanding deductible free original converted local sub net " +
		"lower upper bound is has was same valid verified match matches similarity")
	// amountWords say that a number is an amount, wherever in its name they stand.
	amountWords = nameSet("amount amt")
	// currencyWords may stand behind the name of an amount.
	currencyWords = nameSet("usd eur gbp chf jpy cny inr brl mxn cad aud sek nok dkk pln czk huf try zar sgd hkd")
)

// nameWords are the words of a name, in small letters: of "ClientIPAddress" client and ipaddress.
func nameWords(name string) []string {
	return strings.FieldsFunc(umlauts.Replace(strings.ToLower(humps.ReplaceAllString(name, "${1}_$2"))), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// qualifiedMeanings are those of the words that a name ends in, where the ones before only say whose it is.
func qualifiedMeanings(name string) map[string]float64 {
	words := plainWords(name)
	if last := len(words) - 1; last > 0 && currencyWords[words[last]] {
		if known := aliases[strings.Join(words[:last], "")]; known["amount"] > 0 {
			return lessSure(known, 0.9, func(canonical string) bool { return canonical == "amount" })
		}
	}
	if slices.ContainsFunc(words, func(w string) bool { return ofAnother[w] }) {
		return nil
	}
	if english := bothWays(inEnglish(name)); english != nil {
		words = english[1]
	}
	for i := 1; i < len(words); i++ {
		if known := aliases[strings.Join(words[i:], "")]; known != nil {
			return lessSure(known, 0.65, func(canonical string) bool {
				// Of a session that is kept alive there may be a flag, and of a device a count.
				isID := strings.HasSuffix(canonical, "_id") && !slices.Contains([]string{"id", "iban", "number"}, words[len(words)-1])
				return qualified[normaliseName(canonical)] && !isID
			})
		}
	}
	if slices.ContainsFunc(words, func(w string) bool { return amountWords[w] }) {
		return map[string]float64{"amount": 0.6}
	}
	return nil
}

// isLabelName tells whether a column of this name holds a known outcome.
func isLabelName(name string) bool {
	n := normaliseName(name)
	return labelNames[n] || labelNames[innerName(name)] || strings.Contains(n, "fraud") || strings.Contains(n, "betrug") || strings.Contains(n, "chargeback")
}

// Called names columns as people call them within a sentence: "ip_country or card_brand" is "country of the IP address or brand of the card".
func Called(columns ...string) string {
	columns = together(columns)
	words := make([]string, len(columns))
	for i, any := range columns {
		one := strings.Split(any, " or ")
		for j, names := range one {
			both := strings.Split(names, " and ")
			for k, name := range both {
				both[k] = strings.ReplaceAll(name, "_", " ")
				if at := slices.IndexFunc(Columns, func(c CanonicalColumn) bool { return c.Name == name }); at >= 0 {
					both[k] = cmp.Or(Columns[at].noun, inSentence(Columns[at].Title))
				}
			}
			one[j] = strings.Join(both, " and ")
		}
		last := len(one) - 1
		words[i] = one[last]
		if last > 0 {
			words[i] = strings.Join(one[:last], ", ") + " or " + one[last]
		}
	}
	if len(words) > 1 && strings.Contains(strings.Join(columns, ""), " or ") {
		return strings.Join(words, "; ")
	}
	return strings.Join(words, ", ")
}

// together names columns that are wanted together and have the same alternatives once: of "latitude or country" and "longitude or country"
// it makes "latitude and longitude or country".
func together(columns []string) []string {
	if len(columns) < 2 {
		return columns
	}
	first, same, others := strings.Cut(columns[0], " or ")
	if !others {
		return columns
	}
	pair := []string{first}
	for _, any := range columns[1:] {
		name, rest, _ := strings.Cut(any, " or ")
		if rest != same {
			return columns
		}
		pair = append(pair, name)
	}
	return []string{strings.Join(pair, " and ") + " or " + same}
}

// inSentence writes a title with a small letter, unless it begins with an abbreviation such as "IP".
func inSentence(title string) string {
	r := []rune(title)
	if len(r) > 1 && unicode.IsUpper(r[1]) {
		return title
	}
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

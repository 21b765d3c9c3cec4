package data

import (
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// What a value looks like. These recognisers judge samples; the values themselves are converted in SQL.

var (
	timeText   = regexp.MustCompile(`^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})|\d{1,2}[- ][A-Za-z]{3,9}[- ,]+\d{4}|[A-Za-z]{3,9} \d{1,2},? \d{4})([T ]+\d{1,2}:\d{2}(:\d{2}([.,]\d{1,9})?)? ?([AaPp]\.?[Mm]\.?)? ?(Z|UTC|GMT|[+-]\d{2}(:?\d{2})?)?)?$`)
	amountText = regexp.MustCompile(`^\(?[-+]?(\p{Sc}|[A-Z]{2,3}\$?|R\$)? ?[-+]?(\d+|\d{1,3}([ ,.'\x{a0}\x{202f}]\d{3})+)?([.,]\d*)?([eE][-+]?\d+)? ?(\p{Sc}|[A-Z]{3}|[CD]R)?-?\)?$`)
	emailText  = regexp.MustCompile(`^[^@\s"(),:;<>]+@[^@\s]+$`)
	maskedCard = regexp.MustCompile(`^[0-9]{0,8}[ -]?([*xX•#.]{2,}[ -]?)+[0-9]{2,4}$`)
)

func isNumber(s string) bool {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 40 || !strings.ContainsAny(s, "0123456789") || strings.ContainsAny(s, "xXpPnN_") {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func isAmount(s string) bool {
	s = strings.TrimSpace(s)
	return isNumber(s) || len(s) <= 40 && strings.ContainsAny(s, "0123456789") && amountText.MatchString(s)
}

func isTimeText(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) >= 6 && len(s) <= 50 && timeText.MatchString(s)
}

// isEpoch tells whether s is a number of seconds, ms, µs or ns since 1970 that falls into 1980..2100, or a date as YYYYMMDD[HHMMSS].
func isEpoch(s string) bool {
	whole, _, _ := strings.Cut(strings.TrimSpace(s), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n <= 0 {
		return false
	}
	for range 4 {
		if n >= 315_532_800 && n < 4_102_444_800 && len(whole) >= 9 {
			return true
		}
		n /= 1000
	}
	return (len(whole) == 8 || len(whole) == 14) && (whole[:2] == "19" || whole[:2] == "20") && whole[4:6] >= "01" && whole[4:6] <= "12" && whole[6:8] >= "01" && whole[6:8] <= "31"
}

// isRecentEpoch tells that such a number falls into 2005..2035.
func isRecentEpoch(s string) bool {
	whole, _, _ := strings.Cut(strings.TrimSpace(s), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	for range 4 {
		if err == nil && n >= 1_104_537_600 && n < 2_082_758_400 {
			return true
		}
		n /= 1000
	}
	return false
}

// The days of 1982 to 2064 as spreadsheets count them, from 30 December 1899.
const firstSerial, lastSerial = 30_000, 60_000

func isSerialDay(s string) bool {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil && f >= firstSerial && f < lastSerial
}

func isEmail(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) <= 320 && emailText.MatchString(s)
}

// isIPText tells whether s is an address as text; a bare number is not.
func isIPText(s string) bool {
	_, err := netip.ParseAddr(strings.TrimSpace(s))
	return err == nil
}

// isIPNumber tells whether s may be an IPv4 address as a decimal number, with or without a fraction.
func isIPNumber(s string) bool {
	f, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	return err == nil && f >= 1<<16 && f < 1<<32
}

func isMaskedCard(s string) bool {
	s = strings.TrimSpace(s)
	return len(s) >= 8 && len(s) <= 40 && strings.ContainsAny(s, "*xX•#.") && maskedCard.MatchString(s)
}

// booleans are the words that mean yes and no.
var booleans = map[string]bool{
	"true": true, "t": true, "yes": true, "y": true, "1": true, "1.0": true,
	"false": false, "f": false, "no": false, "n": false, "0": false, "0.0": false,
}

func isBoolean(s string) bool {
	_, ok := booleans[strings.ToLower(strings.TrimSpace(s))]
	return ok
}

var trunkPrefix = regexp.MustCompile(`^(\+|00)([^(]*)\(0\)`)

// phoneDigits are the digits of a phone number as events have it, without the sign of an international one.
func phoneDigits(s string) string {
	s = trunkPrefix.ReplaceAllString(strings.TrimSpace(s), "$1$2")
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if strings.HasPrefix(s, "00") && len(digits) > 8 {
		return digits[2:]
	}
	return digits
}

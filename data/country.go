package data

import (
	"context"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/olorin-dev/olorin"
)

// countryNames has the words by which files name a country, one country a line. tools/countrynames.mjs makes it of i18n-iso-countries (MIT).
//
//go:embed country_names.txt
var countryNames string

// countryCodes leads from such a word, as normaliseName leaves it, to the two letters of its country.
var countryCodes = sync.OnceValue(func() map[string]string { return firstOfLine(countryNames) })

// firstOfLine leads from each word of a text to the first of its line.
func firstOfLine(text string) map[string]string {
	first := map[string]string{}
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		for _, word := range words[1:] {
			first[word] = words[0]
		}
	}
	return first
}

// currencyCodes leads from what people call a currency to its three letters.
var currencyCodes = sync.OnceValue(func() map[string]string {
	codes := map[string]string{"€": "EUR", "£": "GBP", "us$": "USD", "r$": "BRL"}
	for code, names := range map[string]string{
		"EUR": "euro euros", "USD": "usdollar usdollars", "GBP": "ukpound britishpound poundsterling sterling", "CHF": "swissfranc schweizerfranken", "CAD": "canadiandollar", "AUD": "australiandollar",
		"JPY": "yen japaneseyen", "CNY": "yuan renminbi", "INR": "indianrupee", "MXN": "mexicanpeso", "BRL": "brazilreal brazilianreal", "SAR": "saudiriyal", "ILS": "shekel", "RUB": "ruble russianruble", "BTC": "bitcoin",
	} {
		for _, name := range strings.Fields(names) {
			codes[name] = code
		}
	}
	return codes
})

// mostSpellings is how many different texts a column of codes may have that is still looked through.
const mostSpellings = 5_000

// respell is the SQL that makes the codes of what a column calls by its name: of code, which is SQL over the column that leaves all else as it is.
func respell(ctx context.Context, db querier, table, code string, codes map[string]string) (expr, note string, err error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf("SELECT DISTINCT %s FROM %s LIMIT %d", code, table, mostSpellings+1))
	if err != nil {
		return "", "", err
	}
	defer rows.Close()
	var whens, told []string
	n := 0
	for ; rows.Next(); n++ {
		var text *string
		if err := rows.Scan(&text); err != nil {
			return "", "", err
		}
		if text == nil {
			continue
		}
		meant := codes[normaliseName(*text)]
		if meant == "" {
			meant = codes[strings.ToLower(*text)]
		}
		if meant != "" && meant != *text {
			whens = append(whens, fmt.Sprintf("WHEN %s THEN %s", quote(*text), quote(meant)))
			told = append(told, fmt.Sprintf("%q as %s", olorin.Clip(*text, 40), meant))
		}
	}
	if err := rows.Err(); err != nil || n > mostSpellings || len(whens) == 0 {
		return code, "", err
	}
	slices.Sort(whens)
	slices.Sort(told)
	note = "names were read as codes: " + strings.Join(told[:min(3, len(told))], ", ")
	if len(told) > 3 {
		note += " and so on"
	}
	return fmt.Sprintf("CASE %s %s ELSE %[1]s END", code, strings.Join(whens, " ")), note, nil
}

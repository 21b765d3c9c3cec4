package agents

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// sentence is a template such as "{amount:num} at {t:time}": text with the columns of a result in it.
// {$name:int} names a parameter. What stands in [ ] is left out where a column named in it is null. Formats:
//
//	text  as it is                      tail  the last four characters, after an ellipsis
//	int   whole, thousands apart        num   up to two decimals, thousands apart
//	money as num, and the currency that the rows shown have in common; null where those have several
//	pct   a share 0..1 in per cent, where it is null "an unknown share"
//	few   a share of several that stand after it, as pct, where it is 0 "none"
//	odds  a probability as "1 in 20 000"
//	time  epoch seconds, UTC, to the second  clock  only its time of day, to the minute   day  only its date
//	s     the s of a plural: nothing for 1
//	span  seconds, as "38 min" or "2.5 h"
type sentence []fragment

type fragment struct {
	text   string // literal, where column is empty
	column string
	param  bool
	format string
	option int // which brackets it stands in, from 1; 0 for none
}

var formats = map[string]func(any) string{
	"money": asMoney, "text": asText, "tail": asTail, "int": asInt, "num": asNum, "pct": asPct, "few": asFew, "odds": asOdds,
	"time": asTime("2006-01-02 15:04:05"), "s": asPlural, "clock": asTime("15:04"), "day": asTime("2006-01-02"), "span": asSpan,
}

func parseSentence(text string) (sentence, error) {
	var s sentence
	for i := 0; ; i++ {
		outside, rest, more := strings.Cut(text, "[")
		inside, after, closed := strings.Cut(rest, "]")
		if more && !closed {
			return nil, fmt.Errorf("a [ without its ] after %q", outside)
		}
		plain, err := parseFragments(outside, 0)
		if err != nil {
			return nil, err
		}
		optional, err := parseFragments(inside, i+1)
		if err != nil {
			return nil, err
		}
		s = append(append(s, plain...), optional...)
		if !more {
			return s, nil
		}
		text = after
	}
}

func parseFragments(text string, option int) (sentence, error) {
	var s sentence
	for text != "" {
		literal, rest, more := strings.Cut(text, "{")
		if literal != "" {
			s = append(s, fragment{text: literal, option: option})
		}
		if !more {
			break
		}
		field, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, fmt.Errorf("a { without its } after %q", literal)
		}
		column, format, ok := strings.Cut(field, ":")
		if !ok {
			return nil, fmt.Errorf("{%s}: want {column:format}", field)
		}
		if formats[format] == nil {
			return nil, fmt.Errorf("{%s}: unknown format %q", field, format)
		}
		f := fragment{column: column, format: format, option: option}
		f.column, f.param = strings.CutPrefix(column, "$")
		s = append(s, f)
		text = after
	}
	return s, nil
}

// fill makes the sentence. step is what the times are whole multiples of, in seconds: it says no more than they do.
func (s sentence) fill(columns map[string]any, params map[string]float64, step int64) string {
	absent := map[int]bool{}
	for _, f := range s {
		if f.option > 0 && f.column != "" && !f.param && columns[f.column] == nil {
			absent[f.option] = true
		}
	}
	var b strings.Builder
	for _, f := range s {
		if absent[f.option] {
			continue
		}
		seconds, isNumber := toFloat(columns[f.column])
		switch {
		case f.column == "":
			b.WriteString(f.text)
		case f.param:
			b.WriteString(formats[f.format](params[f.column]))
		case f.format == "span" && isNumber && seconds < float64(step):
			b.WriteString("less than 1\u00a0" + timeWords[step])
		case f.format == "time" && timeWords[step] == "day":
			b.WriteString(formats["day"](columns[f.column]))
		default:
			b.WriteString(formats[f.format](columns[f.column]))
		}
		if currency, _ := columns["_currency"].(string); f.format == "money" && currency != "" {
			b.WriteString("\u00a0" + currency)
		}
	}
	return b.String()
}

func asText(v any) string {
	switch v := v.(type) {
	case nil:
		return "–"
	case string:
		return strings.ToValidUTF8(v, "�")
	case []any:
		words := make([]string, len(v))
		for i := range v {
			words[i] = asText(v[i])
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v)
}

func asTail(v any) string {
	r := []rune(asText(v))
	if len(r) <= 4 {
		return string(r)
	}
	return "…" + string(r[len(r)-4:])
}

func asInt(v any) string {
	f, ok := toFloat(v)
	if !ok {
		return asText(v)
	}
	return grouped(strconv.FormatFloat(math.Round(f), 'f', 0, 64))
}

func asPlural(v any) string {
	if f, ok := toFloat(v); ok && f == 1 {
		return ""
	}
	return "s"
}

func asNum(v any) string {
	f, ok := toFloat(v)
	if !ok {
		return asText(v)
	}
	whole, cents, _ := strings.Cut(strconv.FormatFloat(f, 'f', 2, 64), ".")
	if cents == "00" {
		return grouped(whole)
	}
	return grouped(whole) + "." + cents
}

func asMoney(v any) string {
	if v == nil {
		return "amounts of several currencies"
	}
	return asNum(v)
}

func asPct(v any) string {
	if v == nil {
		return "an unknown share"
	}
	f, ok := toFloat(v)
	if !ok {
		return asText(v)
	}
	switch p := f * 100; {
	case p > 0 && p < 0.005:
		return "less than 0.01 %"
	case p > 99.995 && p < 100:
		return "more than 99.99 %"
	case p > 0 && p < 1 || p > 99 && p < 100:
		return strconv.FormatFloat(p, 'f', 2, 64) + " %"
	}
	return strconv.FormatFloat(f*100, 'f', 0, 64) + " %"
}

func asFew(v any) string {
	if f, ok := toFloat(v); ok && f == 0 {
		return "none"
	}
	return asPct(v)
}

func asOdds(v any) string {
	f, ok := toFloat(v)
	switch {
	case !ok:
		return asText(v)
	case f <= 1e-9:
		return "less than 1 in 1 000 000 000"
	}
	n := 1 / f
	if n < 9.95 {
		return "1 in " + strconv.FormatFloat(n, 'f', 1, 64)
	}
	// Two digits are all that such an estimate bears.
	scale := math.Pow(10, math.Floor(math.Log10(n))-1)
	return "1 in " + grouped(strconv.FormatFloat(math.Round(n/scale)*scale, 'f', 0, 64))
}

func asTime(layout string) func(any) string {
	return func(v any) string {
		f, ok := toFloat(v)
		if !ok {
			return asText(v)
		}
		return time.Unix(int64(f), 0).UTC().Format(layout)
	}
}

func asSpan(v any) string {
	f, ok := toFloat(v)
	if !ok {
		return asText(v)
	}
	short := func(x float64) string {
		if x >= 10 {
			return grouped(strconv.FormatFloat(math.Round(x), 'f', 0, 64))
		}
		return strconv.FormatFloat(math.Round(x*10)/10, 'f', -1, 64)
	}
	switch {
	case f < 120:
		return strconv.FormatFloat(math.Round(f), 'f', 0, 64) + " s"
	case f < 2*3600:
		return short(f/60) + " min"
	case f < 2*86400:
		return short(f/3600) + " h"
	}
	return short(f/86400) + " days"
}

// grouped sets thousands apart by a no-break space, as in 4 710.
func grouped(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	if len(digits) < 4 {
		return sign + digits
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteRune('\u00a0')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// toFloat reads what the database's driver hands out for a number.
func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, !math.IsNaN(v) && !math.IsInf(v, 0)
	case float32:
		return float64(v), true
	case int:
		return float64(v), true
	case int8:
		return float64(v), true
	case int16:
		return float64(v), true
	case int32:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint32:
		return float64(v), true
	case uint64:
		return float64(v), true
	case *big.Int:
		f, _ := new(big.Float).SetInt(v).Float64()
		return f, true
	case interface{ Float64() float64 }: // the driver's DECIMAL
		return v.Float64(), true
	}
	return 0, false
}

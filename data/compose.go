package data

import (
	"fmt"
	"slices"
	"strings"
)

// Some files write one thing into several columns: the day here and the time of day there, or year, month and day, or a first and a last name.
// They are read as one text, made of the columns as they stand.

// composed is what a canonical column is read from where that is more than its source column, and the other columns that are in it.
func (l *loader) composed(canonical string, source int, profiles []profile, free func(i int) bool) (from sourceColumn, others []int) {
	p := profiles[source]
	from = sourceColumn{ref: columnRef(source), name: l.header[source], tidy: l.tidy[source], quoted: p.quoted == 1, rounded: p.rounded > 0, whole: p.zeros > 0}
	switch canonical {
	case "event_time":
		return l.composedTime(from, source, profiles, free)
	case "amount":
		if i := l.named(moneyIn, free); i >= 0 && moneyOut[innerName(from.name)] {
			both := fmt.Sprintf(`CASE WHEN regexp_matches(%[1]s, '[1-9]') THEN ltrim(trim(%[1]s), '-') WHEN regexp_matches(%[2]s, '[1-9]') THEN '-' || ltrim(trim(%[2]s), '-') END`, from.ref, columnRef(i))
			return sourceColumn{ref: "(" + both + ")", name: from.name}, []int{i}
		}
	case "person_name":
		if i := l.named(lastNames, free); i >= 0 && firstNames[innerName(from.name)] {
			return sourceColumn{ref: fmt.Sprintf("(%s || ' ' || %s)", from.ref, columnRef(i)), name: from.name}, []int{i}
		}
	}
	return from, nil
}

var (
	firstNames = nameSet("first first_name vorname given_name")
	lastNames  = nameSet("last last_name surname family_name")
	moneyOut   = nameSet("debit debit_amount withdrawal paid_out money_out soll") // positive, and what comes in is negative
	moneyIn    = nameSet("credit credit_amount deposit paid_in money_in haben")
	years      = nameSet("year")
	months     = nameSet("month")
	days       = nameSet("day day_of_month")
)

func isYear(name string) bool { return years[innerName(name)] }

// named is the first free column with one of the names, -1 where there is none.
func (l *loader) named(names map[string]bool, free func(i int) bool) int {
	for i, name := range l.header {
		if free(i) && names[innerName(name)] {
			return i
		}
	}
	return -1
}

func (l *loader) composedTime(from sourceColumn, source int, profiles []profile, free func(i int) bool) (_ sourceColumn, others []int) {
	day := fmt.Sprintf("trim(%s)", from.ref)
	base := withoutWords(from.name, "date day dt")
	if isYear(from.name) {
		month, dayOfMonth := l.named(months, free), l.named(days, free)
		if month < 0 || dayOfMonth < 0 {
			return from, nil
		}
		day = fmt.Sprintf("(trim(%s) || '-' || lpad(trim(%s), 2, '0') || '-' || lpad(trim(%s), 2, '0'))", from.ref, columnRef(month), columnRef(dayOfMonth))
		others, base = []int{month, dayOfMonth}, ""
	} else if profiles[source].dateOnly < 0.98 {
		return from, nil
	} else if profiles[source].number > 0.5 {
		day = fmt.Sprintf(`regexp_replace(%s, '^([0-9]{4})([0-9]{2})([0-9]{2})$', '\1-\2-\3')`, day)
	} else {
		day = fmt.Sprintf(`regexp_replace(%s, '[T ]00:00(:00(\.0+)?)?Z?$', '')`, day)
	}
	rest := func(i int) bool { return free(i) && !slices.Contains(others, i) }
	if i, clock := l.clock(base, profiles, rest); i >= 0 {
		day, others = fmt.Sprintf("(%s || coalesce(' ' || %s, ''))", day, clock), append(others, i)
	}
	if others == nil {
		return from, nil
	}
	return sourceColumn{ref: day, name: from.name}, others
}

// clock finds the column that has the time of day of a date, and the SQL that makes HH:MM:SS of it: it is called as the date is, or is the only one.
func (l *loader) clock(base string, profiles []profile, free func(i int) bool) (column int, expr string) {
	var clocks, called []int
	for i, p := range profiles {
		words := "time of day timeofday clock hour hh hhmmss the"
		switch own := withoutWords(l.header[i], words); {
		case !free(i) || own == strings.Join(plainWords(l.header[i]), " "):
		case p.clock >= 0.9:
			clocks = append(clocks, i)
			if own == base {
				called = append(called, i)
			}
		case p.number == 1 && p.distinct > 1 && p.top < 240000 && own == base:
			called = append(called, i)
		}
	}
	switch {
	case len(called) == 1:
		column = called[0]
	case len(called) == 0 && len(clocks) == 1:
		column = clocks[0]
	default:
		return -1, ""
	}
	v := fmt.Sprintf("trim(%s)", columnRef(column))
	switch p := profiles[column]; {
	case p.letters > 0: // AM and PM
		return column, fmt.Sprintf("coalesce(strftime(try_strptime(%[1]s, ['%%I:%%M %%p', '%%I:%%M:%%S %%p', '%%I:%%M%%p']), '%%H:%%M:%%S'), %[1]s)", v)
	case p.clock >= 0.9:
		return column, v
	case p.top < 24:
		return column, fmt.Sprintf(`(lpad(regexp_replace(%s, '\.0+$', ''), 2, '0') || ':00:00')`, v)
	case p.top < 2400:
		return column, fmt.Sprintf(`regexp_replace(lpad(%s, 4, '0'), '^(..)(..)$', '\1:\2:00')`, v)
	}
	return column, fmt.Sprintf(`regexp_replace(lpad(%s, 6, '0'), '^(..)(..)(..)$', '\1:\2:\3')`, v)
}

// withoutWords leaves of the words of a name those that are none of some.
func withoutWords(name, some string) string {
	set := words(some)
	return strings.Join(slices.DeleteFunc(plainWords(name), func(w string) bool { return slices.Contains(set, w) }), " ")
}

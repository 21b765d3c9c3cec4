package data

import (
	"bytes"
	"slices"
	"strings"
)

// Exports for people have lines before their header, such as the bank's name and the account's, and a sum after the last row. They are set aside.

// preambleMost is how many lines may stand before a header.
const preambleMost = 30

// sighted is a row as it is looked at to find the header.
type sighted struct {
	fields, filled int
	cells          []string
}

// sparse tells that most of the row's cells are empty, or that it has few.
func (l sighted) sparse(fields int) bool { return 2*l.filled <= fields }

// headerAfter tells after how many rows that are not blank the header of a file stands that begins with other lines, and how many columns it has; 0 where
// the file begins with it. A header is the first row that names every column that the rows have, followed by a row with values.
func headerAfter(sample []byte, d dialect, whole bool) (before, columns int) {
	var p recordParser
	var lines []sighted
	widths := map[int]int{}
	for len(sample) > 0 && len(lines) < 10*preambleMost {
		rec, n, ok := p.parse(sample, d, whole)
		if !ok || rec.tooBig {
			break
		}
		sample = sample[n:]
		if rec.blank {
			continue
		}
		l := sighted{fields: rec.fields}
		for _, cell := range p.cellsOf(rec, d) {
			text := strings.TrimSpace(string(cell))
			if text != "" {
				l.filled++
			}
			if len(lines) <= preambleMost+1 {
				l.cells = append(l.cells, text)
			}
		}
		lines = append(lines, l)
		widths[rec.fields]++
	}
	for width, n := range widths {
		if 10*n >= 6*len(lines) {
			columns = width
		}
	}
	if columns < 2 || len(lines) < 3 || !lines[0].sparse(columns) {
		return 0, 0
	}
	isValue := func(cell string) bool { return valueKind(cell) != "" || isAmount(cell) || clockText.MatchString(cell) }
	for i, l := range lines[:min(len(lines)-1, preambleMost+1)] {
		switch {
		case l.fields == columns && l.filled == columns && !slices.ContainsFunc(l.cells, isValue) && slices.ContainsFunc(lines[i+1].cells, isValue):
			return i, columns
		case !l.sparse(columns):
			return 0, 0
		}
	}
	return 0, 0
}

// cellsOf are the cells of the record that was parsed last.
func (p *recordParser) cellsOf(rec record, d dialect) [][]byte {
	if bytes.IndexByte(rec.raw, '"') < 0 && !rec.rewrite {
		return bytes.Split(rec.raw, []byte{d.delimiter})
	}
	return p.cells
}

// sums are what the first cell of a row says that sums up those before it.
var sums = nameSet("summe gesamt gesamtsumme endsumme zwischensumme total totals grand_total sub_total sum insgesamt saldo endsaldo anfangssaldo schlusssaldo")

// isSum tells that a row is a sum of others: it says so, and has hardly a value.
func (v *receiver) isSum(rec record) bool {
	first := rec.raw
	if end := bytes.IndexByte(first, v.up.dialect.delimiter); end >= 0 {
		first = first[:end]
	}
	if len(first) < 3 || len(first) > 20 || bytes.IndexByte([]byte(`sStTgGeEiIaAzZ"`), first[0]) < 0 || bytes.ContainsAny(first, "0123456789") || !sums[normaliseName(string(first))] {
		return false
	}
	filled := 0
	for _, cell := range v.parser.cellsOf(rec, v.up.dialect) {
		if len(bytes.TrimSpace(cell)) > 0 {
			filled++
		}
	}
	return 2*filled <= rec.fields
}

// passOver sets a row aside that is none of the table's.
func (v *receiver) passOver(why string, raw []byte) error {
	v.up.rejected++
	return v.reject(why, raw)
}

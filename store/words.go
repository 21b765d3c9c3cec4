package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// search is what a person looks for by words. There are two ways to know where they are: the text of an investigation, read by its
// number, and the index of words, which reads all that has them.
type search struct {
	db    *DB
	owner string // narrows the index of words; empty: it does not
	terms []term
}

// term is words that stand one after another, as in an address.
type term struct {
	words []string
	whole bool // otherwise the last is the beginning of a word
}

// text is how a text that holds the term is recognised: each of its words comes after a space.
func (t term) text() string { return " " + strings.Join(t.words, " ") }

// termsOf are what must be there, out of what a person typed.
func termsOf(text string) (terms []term) {
	for _, typed := range strings.Fields(text) {
		if words := lexemes(typed); len(words) > 0 {
			terms = append(terms, term{words: words})
		}
	}
	return terms
}

// holds is the condition that a text holds the term.
func (s *search) holds(t term) condition {
	return condition{s.db.dialect.position + `(t.words, %s) > 0`, []any{t.text()}}
}

// held is the condition that the text of the investigation num holds all terms. It is a value and no EXISTS, so that no planner makes a
// join of it, in an order of its own.
func (s *search) held() (all condition) {
	var parts []string
	for _, t := range s.terms {
		c := s.holds(t)
		parts, all.values = append(parts, c.text), append(all.values, c.values...)
	}
	all.text = `(SELECT ` + strings.Join(parts, " AND ") + ` FROM investigation_words t WHERE t.investigation = num)`
	return all
}

const (
	sampled = 500 // texts, the newest
	often   = 5   // of these is common
)

// match is the condition that the index of words leads to; whole tells that it asks for all that is looked for. Of a beginning the index
// reads every word that begins so, everywhere it is: what is common is left out where something rare is looked for too.
func (s *search) match(ctx context.Context) (c condition, whole bool, err error) {
	ask := s.terms
	if len(ask) > 1 || len(ask[0].words) > 1 {
		ask, err = s.rare(ctx)
	}
	whole = slices.EqualFunc(ask, s.terms, func(a, b term) bool { return a.whole == b.whole })
	return condition{`num IN (` + s.db.dialect.textMatch + `)`, []any{s.db.dialect.words(s.owner, ask)}}, whole, err
}

// rare are the terms that are not common, or what is rare in them; all, if none is.
func (s *search) rare(ctx context.Context) (terms []term, err error) {
	var (
		sums []string
		ask  statement
		dest []any
	)
	seen := func(t term) *int {
		n := new(int)
		sums, dest = append(sums, `COUNT(CASE WHEN `+ask.where([]condition{s.holds(t)})+` THEN 1 END)`), append(dest, n)
		return n
	}
	type share struct{ all, front, last *int }
	shares := make([]share, len(s.terms))
	for i, t := range s.terms {
		last := len(t.words) - 1
		shares[i] = share{seen(t), seen(term{words: t.words[:last]}), seen(term{words: t.words[last:]})}
	}
	query := fmt.Sprintf(`SELECT %s FROM (SELECT words FROM investigation_words ORDER BY investigation DESC LIMIT %d) AS t`, strings.Join(sums, ", "), sampled)
	if err := s.db.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) { return false, scan(dest...) }, query, ask.args...); err != nil {
		return nil, err
	}
	for i, t := range s.terms {
		switch n := shares[i]; {
		case *n.all > often:
		case *n.last > often && *n.front <= often:
			terms = append(terms, term{t.words[:len(t.words)-1], true})
		default:
			terms = append(terms, t)
		}
	}
	if len(terms) == 0 {
		return s.terms, nil
	}
	return terms, nil
}

// ownerKey begins each word of a user's investigations a second time in the index of words: a search within them walks through nothing that
// others wrote, however common its words are. Should two users share a key, the condition on the owner tells them apart.
func ownerKey(userID string) string {
	sum := sha256.Sum256([]byte(userID))
	return "u" + hex.EncodeToString(sum[:6])
}

// lexemes are the words of a text that a search knows: runs of letters and digits, in lower case and without marks.
func lexemes(text string) []string {
	plain := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(strings.ToLower(text)))
	words := strings.FieldsFunc(plain, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.Is(unicode.Co, r) })
	for i, w := range words {
		words[i] = firstRunes(w, longestWord)
	}
	return words
}

// longestWord is how many letters of a word are searched; PostgreSQL takes 2,046 bytes.
const longestWord = 255

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

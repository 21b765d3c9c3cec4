package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

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

// collection has a set for each term that many investigations hold, by its text.
type collection map[string]*wordSet

// wordSet has a bit for each investigation that holds a term.
type wordSet struct {
	bits bitmap
	used atomic.Int64 // nanoseconds since 1970
	// changed are those whose newer words came while the set was made: what is read of them is older.
	changed bitmap
	whole   bool
}

const (
	oftenIn  = 100 // one of so many has to hold a term for a set to be kept
	mostSets = 512 // 125 KB each, of a million
)

// Tests take small bounds, so that few investigations lead every way.
var (
	largeHistory = 20_000 // investigations; of fewer the index of words answers soon enough
	textsRead    = 5_000  // texts that are looked at for a term of several words
)

// put notes the words of an investigation that was changed. The caller holds mu of the catalogue.
func (c collection) put(place int32, words string) {
	for text, s := range c {
		if strings.Contains(words, text) {
			s.bits.set(place)
		} else {
			s.bits.clear(place)
		}
		if !s.whole {
			s.changed.set(place)
		}
	}
}

// drop notes that an investigation was removed. The caller holds mu of the catalogue.
func (c collection) drop(place int32) { c.put(place, "") }

// begin begins a set; nil: one is being made already. The caller holds mu of the catalogue.
func (c collection) begin(text string) *wordSet {
	if c[text] != nil {
		return nil
	}
	if len(c) >= mostSets {
		oldest := ""
		for t, s := range c {
			if s.whole && (oldest == "" || s.used.Load() < c[oldest].used.Load()) {
				oldest = t
			}
		}
		delete(c, oldest)
	}
	s := &wordSet{}
	s.used.Store(time.Now().UnixNano())
	c[text] = s
	return s
}

// come takes in what was read from the database, unless something newer is known of it.
func (s *wordSet) come(place int32) {
	if !s.changed.has(place) {
		s.bits.set(place)
	}
}

// end makes the set whole.
func (s *wordSet) end() { s.whole, s.changed = true, nil }

// narrow keeps of fit those that hold the term.
func (c *catalogue) narrow(ctx context.Context, fit bitmap, t term) error {
	if c.known(fit, t) {
		return nil
	}
	if len(t.words) == 1 {
		return c.ask(ctx, fit, t)
	}
	// What is common of it is known; what is not is rare. The texts of what is left decide.
	left := slices.Clone(fit)
	var rare []term
	for i, w := range t.words {
		if one := (term{words: []string{w}, whole: i < len(t.words)-1}); !c.known(left, one) {
			rare = append(rare, one)
		}
	}
	if len(rare) == len(t.words) {
		return c.ask(ctx, fit, t)
	}
	if len(rare) > 0 {
		nums, err := c.reader.nums(ctx, fmt.Sprintf(c.dialect.textMatch, "$1"), c.dialect.words(rare))
		if err != nil {
			return err
		}
		c.mu.RLock()
		left.and(c.bitmapOf(nums))
		c.mu.RUnlock()
	}
	if left.count() > textsRead {
		return c.ask(ctx, fit, t)
	}
	var nums []string
	c.mu.RLock()
	left.each(func(place int32) { nums = append(nums, strconv.FormatInt(c.nums[place], 10)) })
	c.mu.RUnlock()
	clear(left)
	for some := range slices.Chunk(nums, 1000) {
		hold, err := c.reader.nums(ctx, `SELECT investigation FROM investigation_words WHERE investigation IN (`+strings.Join(some, ", ")+`) AND `+c.dialect.position+`(words, $1) > 0`, t.text())
		if err != nil {
			return err
		}
		c.mu.RLock()
		for i, word := range c.bitmapOf(hold) {
			if i < len(left) {
				left[i] |= word
			}
		}
		c.mu.RUnlock()
	}
	fit.and(left)
	return nil
}

// known narrows by the set of a term, if there is one. A set is of beginnings: it holds all that have the word, and more.
func (c *catalogue) known(fit bitmap, t term) bool {
	c.mu.RLock()
	defer c.mu.RUnlock()
	s := c.collected[t.text()]
	if s == nil || !s.whole {
		return false
	}
	s.used.Store(time.Now().UnixNano())
	fit.and(s.bits)
	return true
}

// ask narrows by what the index of words finds, and keeps a set of what many hold.
func (c *catalogue) ask(ctx context.Context, fit bitmap, t term) error {
	c.mu.Lock()
	var s *wordSet
	if len(c.places) >= largeHistory {
		s = c.collected.begin(t.text())
	}
	c.mu.Unlock()
	nums, err := c.reader.nums(ctx, fmt.Sprintf(c.dialect.textMatch, "$1"), c.dialect.words([]term{t}))
	c.mu.Lock()
	defer c.mu.Unlock()
	hold := c.bitmapOf(nums)
	fit.and(hold)
	switch {
	case s == nil:
	case err != nil || len(nums) < len(c.places)/oftenIn:
		delete(c.collected, t.text())
	default:
		hold.each(s.come)
		s.end()
	}
	return err
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

// A large history is sampled at the start: what begins words in one of oftenIn of so many gets a set at once.
const (
	textsSampled   = 10_000
	longestCommon  = 16    // letters of a beginning that is looked for so
	textsCollected = 2_000 // lists wait while so many are looked through
)

// collect makes the sets of what is common in a large history, so that nobody waits for the first answer.
func (c *catalogue) collect(ctx context.Context) error {
	c.mu.RLock()
	nums := slices.DeleteFunc(slices.Clone(c.nums), func(num int64) bool { _, here := c.places[num]; return !here })
	c.mu.RUnlock()
	if len(nums) < largeHistory {
		return nil
	}
	counts := map[string]int{}
	var sample []string
	for i := 0; i < len(nums); i += max(len(nums)/textsSampled, 1) {
		sample = append(sample, strconv.FormatInt(nums[i], 10))
	}
	for some := range slices.Chunk(sample, 1000) {
		if err := c.reader.eachOf(ctx, func(scan func(...any) error) (bool, error) {
			var words string
			err := scan(&words)
			seen := map[string]bool{}
			for _, w := range strings.Fields(words) {
				for beginning := range beginnings(w) {
					if !seen[beginning] {
						seen[beginning] = true
						counts[beginning]++
					}
				}
			}
			return true, err
		}, `SELECT words FROM investigation_words WHERE investigation IN (`+strings.Join(some, ", ")+`)`); err != nil {
			return err
		}
	}
	common := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(counts[b]-counts[a], len(a)-len(b), strings.Compare(a, b)) })
	common = slices.DeleteFunc(common, func(b string) bool { return counts[b] < len(sample)/oftenIn })
	sets := map[string]*wordSet{}
	c.mu.Lock()
	for _, beginning := range common[:min(len(common), mostSets/2)] {
		sets[beginning] = c.collected.begin(" " + beginning) // nil: somebody asks for it just now
	}
	c.mu.Unlock()
	defer func() { // what did not come to its end is not kept
		c.mu.Lock()
		defer c.mu.Unlock()
		for beginning, s := range sets {
			if s != nil && !s.whole {
				delete(c.collected, " "+beginning)
			}
		}
	}()
	type held struct {
		num   int64
		words string
	}
	for num := int64(math.MinInt64); ; {
		texts := make([]held, 0, textsCollected)
		if err := c.reader.each(ctx, func(scan func(...any) error) (bool, error) {
			texts = append(texts, held{})
			t := &texts[len(texts)-1]
			return true, scan(&t.num, &t.words)
		}, `SELECT investigation, words FROM investigation_words WHERE investigation > $1 ORDER BY investigation LIMIT $2`, num, textsCollected); err != nil {
			return err
		}
		if len(texts) == 0 {
			break
		}
		num = texts[len(texts)-1].num
		c.mu.Lock()
		for _, t := range texts {
			place, ok := c.places[t.num]
			if !ok {
				continue
			}
			for w := range strings.FieldsSeq(t.words) {
				for beginning := range beginnings(w) {
					s, wanted := sets[beginning]
					if !wanted { // nor is what begins so
						break
					}
					if s != nil {
						s.come(place)
					}
				}
			}
		}
		c.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range sets {
		if s != nil {
			s.end()
		}
	}
	return nil
}

// beginnings are those of a word, the shortest first.
func beginnings(word string) iter.Seq[string] {
	return func(yield func(string) bool) {
		n := 0
		for i := range word {
			if i > 0 && !yield(word[:i]) {
				return
			}
			if n++; n > longestCommon {
				return
			}
		}
		yield(word)
	}
}

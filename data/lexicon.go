package data

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// lexiconText has a word of the names of columns in English a line, and behind it the same in other languages of Europe.
//
//go:embed lexicon.txt
var lexiconText string

// lexicon leads from such a word, without accents, to the English one.
var lexicon = sync.OnceValue(func() map[string]string { return firstOfLine(lexiconText) })

// linking are words between those of a name in these languages, as in "importe de la transacción".
var linking = nameSet("de la le el del do da di du des della dello van der die das den")

// ambiguous are words that are others in English: "data" is a date, and "n" a number, beside a word that is none.
var ambiguous = nameSet("data n")

// inEnglish are the words of a name in English, in the order of the name; nil where it is English already.
func inEnglish(name string) []string {
	plain := withoutAccents(name)
	words := nameWords(plain)
	foreign := plain != inSmallLetters(name) || len(words) == 1 && words[0] == "data"
	english := make([]string, 0, len(words))
	for _, w := range words {
		switch e := lexicon()[w]; {
		case e != "":
			english = append(english, e)
			foreign = foreign || !ambiguous[w]
		case !linking[w]:
			english = append(english, w)
		}
	}
	if !foreign {
		return nil
	}
	return english
}

// bothWays are the orders in which translated words may mean something: as they are, and from the last to the first, for "número de cliente" is
// the customer's number.
func bothWays(words []string) [][]string {
	if words == nil {
		return nil
	}
	back := slices.Clone(words)
	slices.Reverse(back)
	return [][]string{words, back}
}

// plainWords are the words of a name, in English where they are known.
func plainWords(name string) []string {
	if english := inEnglish(name); english != nil {
		return english
	}
	return nameWords(name)
}

func inSmallLetters(name string) string {
	return norm.NFC.String(strings.ToLower(humps.ReplaceAllString(name, "${1}_$2")))
}

func withoutAccents(name string) string {
	plain, _, err := transform.String(transform.Chain(norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC), umlauts.Replace(inSmallLetters(name)))
	if err != nil {
		return name
	}
	return plain
}

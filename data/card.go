package data

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/olorin-dev/olorin"
)

// Card numbers in clear never reach the disk outside the directory of an import that is under way. They are stored as
// the first 6 digits, six stars, the last 4, "~", and 8 hex digits of an HMAC-SHA-256 over the whole number: enough to join
// rows of one card, and not enough to find the number without the key. In the events table the hash is left away
// where one card alone has the mask.

const (
	storedCard = `[0-9]{6}\*{6}[0-9]{4}~[0-9a-f]{8}`
	maskLength = 16
)

var spreadCard = regexp.MustCompile(`^([0-9])\.([0-9]{12,18})[Ee]\+(1[2-8])$`)

var storedCardText = regexp.MustCompile(`^` + storedCard + `$`)

// cardKey reads the key for hashing card numbers, or makes it where there is none.
func cardKey(path string) ([]byte, error) {
	for range 2 {
		text, err := os.ReadFile(path)
		if err == nil {
			key, err := hex.DecodeString(strings.TrimSpace(string(text)))
			if err != nil || len(key) != 32 {
				return nil, fmt.Errorf("the key in %s is damaged: it must be 64 hex digits; restore it from a backup", path)
			}
			return key, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read card key: %w", err)
		}
		key := make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("make card key: %w", err)
		}
		// A link is made whole or not at all, and not over the key that another process made meanwhile.
		temp := filepath.Join(filepath.Dir(path), ".key-"+hex.EncodeToString(key[:4]))
		if err := os.WriteFile(temp, []byte(hex.EncodeToString(key)+"\n"), 0o600); err != nil {
			return nil, fmt.Errorf("make card key: %w", err)
		}
		err = errors.Join(syncPath(temp), os.Link(temp, path), os.Remove(temp))
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("make card key: %w", err)
		}
	}
	return nil, fmt.Errorf("the card key %s cannot be made", path)
}

// cardMasker stores card numbers masked. It is safe for concurrent use.
type cardMasker struct {
	macs sync.Pool // of hash.Hash, keyed
	// known are values that were masked before: files name one card many times. It is bounded by knownCards.
	known  sync.Map // string → string
	nKnown atomic.Int64
}

const knownCards = 100_000

func newCardMasker(key []byte) *cardMasker {
	return &cardMasker{macs: sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

// remembered is stored, for values that come many times.
func (m *cardMasker) remembered(value string) string {
	if known, ok := m.known.Load(value); ok {
		return known.(string)
	}
	stored := m.stored(value)
	if m.nKnown.Add(1) <= knownCards {
		m.known.Store(strings.Clone(value), stored)
	}
	return stored
}

// stored returns what is kept of a value in a column of cards: what has 13 to 19 digits is masked, also where its check digit is wrong
// and where it was written with ".0" after it; all else stays as it is.
func (m *cardMasker) stored(value string) string {
	text := strings.TrimSpace(value)
	if whole, zeros, ok := strings.Cut(text, "."); ok && strings.Trim(zeros, "0") == "" {
		text = whole
	}
	if m := spreadCard.FindStringSubmatch(text); m != nil && strconv.Itoa(len(m[2])) == m[3] {
		text = m[1] + m[2] // written by a spreadsheet, and whole
	}
	digits, ok := olorin.CardDigits(text)
	if !ok {
		return value
	}
	return olorin.CardSeal(m.seal).Mask(digits)
}

// seal is an olorin.CardSeal.
func (m *cardMasker) seal(digits []byte) string {
	mac := m.macs.Get().(hash.Hash)
	defer m.macs.Put(mac)
	mac.Reset()
	mac.Write(digits)
	var sum [sha256.Size]byte
	return hex.EncodeToString(mac.Sum(sum[:0])[:4])
}

// SealCard is the olorin.CardSeal under which this installation keeps card numbers, also those in data sets.
func (e *Engine) SealCard(digits []byte) string { return e.masker.seal(digits) }

// maskCardSQL is the SQL that keeps of column v what cardMasker keeps.
func maskCardSQL(v string) string { return "olorin_card(" + v + ")" }

// maskTextSQL is the SQL that keeps of column v what olorin.MaskCards keeps.
func maskTextSQL(v string) string { return "olorin_text(" + v + ")" }

// cardDigits is what the digits of a card may be: 13 to 19 of them, of an issuer's range.
const cardDigits = `[2-6](?:[ -]?[0-9]){12,18}`

// cardLeast is how many digits a card has at the least.
const cardLeast = 13

// inCard are the bytes that stand in a card's number.
var inCard = func() (set [256]bool) {
	for _, c := range []byte("0123456789 -") {
		set[c] = true
	}
	return set
}()

// isLengthy tells that a value has that many digits with no more than a space or a dash between any two: where it does not, no card is in it.
func isLengthy(cell []byte) bool {
	// Among any cardLeast bytes of such a number is each one that can be in it, so that most values are judged by a few of theirs.
	for at := cardLeast - 1; at < len(cell); at += cardLeast {
		if !inCard[cell[at]] {
			continue
		}
		i, digits, gap := at, 0, false
		for i > 0 && inCard[cell[i-1]] {
			i--
		}
		for ; i < len(cell) && inCard[cell[i]]; i++ {
			switch {
			case cell[i] >= '0' && cell[i] <= '9':
				if digits, gap = digits+1, false; digits == cardLeast {
					return true
				}
			case gap:
				digits = 0
			default:
				gap = true
			}
		}
		at = i
	}
	return false
}

// cardBounded is what may be a card and hangs on nothing that makes it an account, a phone number or part of an id; %B begins the data of a card's stripe.
const cardBounded = `(^|[^0-9A-Za-z+_~]|%[Bb])` + cardDigits + `([^0-9A-Za-z_]|$)`

// cardWithin is the SQL that tells whether column v has what may be a card: among values that are mostly no numbers also where it stands alone.
func cardWithin(v string, p profile) string {
	if p.number < 0.5 {
		return fmt.Sprintf("length(%[1]s) > 12 AND regexp_matches(%[1]s, '%[2]s')", v, cardBounded)
	}
	return cardInText(v)
}

// isSecretName tells whether a column holds what nobody may keep: passwords, check codes of cards, the data of their stripe, keys.
func isSecretName(name string) bool {
	switch innerName(name) {
	case "password", "passwd", "pwd", "passphrase", "passwordhash", "cvv", "cvv2", "cvc", "cvc2", "csc", "cardpin", "pin", "securitycode", "cardsecuritycode",
		"track1", "track2", "trackdata", "secret", "clientsecret", "secretkey", "apikey", "apisecret", "apitoken", "accesstoken", "refreshtoken", "authtoken":
		return true
	}
	return false
}

// isPersonalNumber tells whether a column holds numbers by which a state knows people.
func isPersonalNumber(name string) bool {
	switch innerName(name) {
	case "ssn", "socialsecuritynumber", "socialsecurityno", "sozialversicherungsnummer", "nationalid", "nationalidnumber", "nationalinsurancenumber", "nino", "passportnumber", "passportno", "taxid", "taxnumber", "steuerid", "steuernummer", "personalausweisnummer", "cpf", "aadhaar":
		return true
	}
	return false
}

// sealed is what is kept of such a number: its last four signs, and by what it is told from others and found again.
func (m *cardMasker) sealed(value string) string {
	bare := strings.ToUpper(normaliseName(value))
	if len(bare) < 6 {
		return value
	}
	return "******" + bare[len(bare)-4:] + "~" + m.seal([]byte(bare))
}

func secretNote(name string) string {
	switch {
	case isSecretName(name):
		return "by its name a secret: its values were not kept"
	case isPersonalNumber(name):
		return "by its name the numbers of people: the last four signs were kept, and a keyed hash"
	}
	return ""
}

// cardInText is the SQL that tells whether column v has other signs beside what may be a card.
func cardInText(v string) string {
	return fmt.Sprintf("length(%[1]s) > 13 AND regexp_matches(%[1]s, '%[2]s') AND regexp_matches(%[1]s, '[^0-9 .-]')", v, cardBounded)
}

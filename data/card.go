package data

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Card numbers in clear never reach the disk outside the directory of an import that is under way. They are stored as
// the first 6 digits, six stars, the last 4, "~", and 8 hex digits of an HMAC-SHA-256 over the whole number: enough to join
// rows of one card, and not enough to find the number without the key. In the events table the hash is left away
// where one card alone has the mask.

const (
	panText    = `[0-9]([ -]?[0-9]){12,18}(\.0+)?`
	storedCard = `[0-9]{6}\*{6}[0-9]{4}~[0-9a-f]{8}`
	maskLength = 16
)

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

// cardHash is the SQL of the HMAC-SHA-256 (RFC 2104) over the text d, as 64 hex digits.
func cardHash(key []byte, d string) string {
	inner, outer := make([]byte, 64), make([]byte, 64)
	for i := range inner {
		var k byte
		if i < len(key) {
			k = key[i]
		}
		inner[i], outer[i] = k^0x36, k^0x5c
	}
	return fmt.Sprintf("sha256(unhex('%x') || unhex(sha256(unhex('%x') || encode(%s))))", outer, inner, d)
}

// maskStored returns a card number as maskCardSQL stores it.
func maskStored(key []byte, pan string) string {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(pan)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(digits))
	return maskPAN(digits) + "~" + hex.EncodeToString(mac.Sum(nil)[:4])
}

// maskCardSQL is the SQL that masks the card numbers in clear of column v and leaves all else as it is. Whatever has 13 to 19 digits in a
// column of cards is masked, also where its check digit is wrong.
func maskCardSQL(key []byte, v string) string {
	d := fmt.Sprintf(`regexp_replace(regexp_replace(%s, '\.0+$', ''), '[ -]', '', 'g')`, v)
	return fmt.Sprintf(`CASE WHEN regexp_full_match(trim(%s), '%s') THEN left(trim(%s), 6) || '******' || right(trim(%s), 4) || '~' || left(%s, 8) ELSE %s END`,
		v, panText, d, d, cardHash(key, "trim("+d+")"), v)
}

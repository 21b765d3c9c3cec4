package olorin

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A card number in clear is never kept: not in a log, not in the audit trail, not in a template. What stands in its place is the first 6
// digits, six stars, the last 4, "~", and a seal by which one card is still told from another, and found in a data set.

// CardSeal returns 8 hex digits that only this installation can make of the digits of a card number.
type CardSeal func(digits []byte) string

// CardDigits returns the digits of a text that has the form of a card number in clear: 13 to 19 digits, perhaps in groups.
func CardDigits(s string) (digits []byte, ok bool) {
	digits = make([]byte, 0, 19)
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			if len(digits) == 19 {
				return nil, false
			}
			digits = append(digits, c)
		case (c == ' ' || c == '-') && i > 0 && i < len(s)-1:
		default:
			return nil, false
		}
	}
	return digits, len(digits) >= 13
}

// IsCard tells whether a text is a card number in clear, its check digit right (ISO/IEC 7812-1 annex B).
func IsCard(s string) bool {
	digits, ok := CardDigits(s)
	if !ok {
		return false
	}
	sum := 0
	for i := range digits {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			n *= 2
			if n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

var digitRun = regexp.MustCompile(`[0-9](?:[ -]?[0-9]){12,18}`)

// MaskCards masks whatever in a text is a card number in clear: the first 6 and the last 4 digits stay.
func MaskCards(text string) string {
	return digitRun.ReplaceAllStringFunc(text, func(m string) string {
		digits, ok := CardDigits(m)
		if !ok || !IsCard(m) {
			return m
		}
		return CardSeal(nil).Mask(digits)
	})
}

// Mask returns what is kept of the digits of a card number. Without a seal cards of one mask are not told apart.
func (seal CardSeal) Mask(digits []byte) string {
	mask := string(digits[:6]) + "******" + string(digits[len(digits)-4:])
	if seal == nil {
		return mask
	}
	return mask + "~" + seal(digits)
}

// Kept is what is kept of an entity's value. What is called a card number is one also where its check digit is wrong, however its digits are
// parted; a phone number has at most 15 digits.
func (seal CardSeal) Kept(e Entity) string {
	value := strings.TrimSpace(e.Value)
	if e.Type == "card_number" {
		value = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || strings.ContainsRune("-–—._/", r) {
				return -1
			}
			return r
		}, value)
	}
	digits, ok := CardDigits(value)
	switch {
	case !ok, e.Type != "card_number" && !IsCard(value), e.Type == "phone_number" && len(digits) < 16:
		return e.Value
	}
	return seal.Mask(digits)
}

// keep masks the card numbers among entities.
func (seal CardSeal) keep(entities []Entity) []Entity {
	cloned := false
	for i, e := range entities {
		value := seal.Kept(e)
		if value == e.Value {
			continue
		}
		if !cloned {
			entities, cloned = slices.Clone(entities), true
		}
		entities[i].Value = value
	}
	return entities
}

// keepIn masks the card numbers in a body that a person wrote.
func (seal CardSeal) keepIn(b Body) Body {
	switch b := b.(type) {
	case InvestigationCreated:
		b.Name = MaskCards(b.Name)
		b.Settings.Entities = seal.keep(b.Settings.Entities)
		return b
	case SettingsChanged:
		if b.Name != nil {
			name := MaskCards(*b.Name)
			b.Name = &name
		}
		if p := b.Settings; p != nil && p.Entities != nil {
			patch, entities := *p, seal.keep(*p.Entities)
			patch.Entities = &entities
			b.Settings = &patch
		}
		return b
	}
	return b
}

// Names tells whether a value of a data set is the entity's. A data set leaves the seal of a card away where no other card has its mask.
func (e Entity) Names(value string) bool {
	given := strings.TrimSpace(e.Value)
	if given == value {
		return true
	}
	mask, _, sealed := strings.Cut(given, "~")
	return sealed && e.Type == "card_number" && mask == value
}

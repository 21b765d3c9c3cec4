package olorin

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// maxName bounds the names of investigations and templates, in characters.
const maxName = 200

var numbered = regexp.MustCompile(` \([0-9]{1,3}\)$`)

// baseName is a name without the number of a copy, so short that every number has room behind it.
func baseName(name string) string {
	return clipRunes(numbered.ReplaceAllString(name, ""), maxName-len(" (999)"))
}

// freeName returns the name with the first number behind it that nobody has: "Stolen cards (2)". Names are taken in small letters.
func freeName(name string, taken map[string]bool) string {
	base := baseName(name)
	for n := 2; ; n++ {
		if free := fmt.Sprintf("%s (%d)", base, n); !taken[strings.ToLower(free)] {
			return free
		}
	}
}

// RerunName is what another run of a case is called unless it is given a name, so that a list tells them apart.
func (d *Desk) RerunName(ctx context.Context, actor Actor, name string) (string, error) {
	names, err := d.store.Names(ctx, actor.ID, baseName(name)+" (")
	if err != nil {
		return "", err
	}
	taken := map[string]bool{}
	for _, n := range names {
		taken[n] = true
	}
	return freeName(name, taken), nil
}

// clipRunes returns at most n characters of a text.
func clipRunes(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}

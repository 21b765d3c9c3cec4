package olorin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Mapping is what a person said of the columns of a file, kept for their next file of the same shape.
type Mapping struct {
	UserID   string            `json:"user_id"`
	Shape    string            `json:"shape" doc:"Of the file: which names its header has, in any order."`
	Columns  map[string]string `json:"columns" doc:"Canonical to source column; an empty source says that the file has none."`
	Words    Words             `json:"words,omitempty" doc:"What values of columns mean."`
	Dataset  string            `json:"dataset" doc:"The data set that was corrected last."`
	Filename string            `json:"filename" doc:"Of the file that was corrected last."`
	At       Time              `json:"at"`
}

// Words say what values mean, by canonical column and value: see Meanings.
type Words map[string]map[string]string

// Meanings are what values of a canonical column may mean.
var Meanings = map[string][]string{"status": {"approved", "declined", "neither"}, "event_type": {"login", "refund", "incoming", "other"}}

// Check tells all that is wrong with words that a person gave.
func (w Words) Check() error {
	var faults []Fault
	for _, column := range slices.Sorted(maps.Keys(w)) {
		known, ok := Meanings[column]
		if !ok {
			faults = append(faults, Fault{Pointer: "/words/" + PointerTo(column), Code: "unknown_canonical", Detail: fmt.Sprintf("nobody can say what values of %q mean; it can be said of %s", Clip(column, 60), strings.Join(slices.Sorted(maps.Keys(Meanings)), ", "))})
			continue
		}
		for _, word := range slices.Sorted(maps.Keys(w[column])) {
			if meaning := w[column][word]; !slices.Contains(known, meaning) {
				faults = append(faults, Fault{Pointer: "/words/" + column + "/" + PointerTo(word), Code: "unknown_meaning", Detail: fmt.Sprintf("%q is not one of %s", Clip(meaning, 60), strings.Join(known, ", "))})
			}
		}
	}
	if len(faults) > 0 {
		return Invalid("what the words mean is not valid", faults...)
	}
	return nil
}

// With are the words, and over them others.
func (w Words) With(more Words) Words {
	if len(w) == 0 {
		return more
	}
	both := maps.Clone(w)
	for column, words := range more {
		one := maps.Clone(both[column])
		if one == nil {
			one = map[string]string{}
		}
		maps.Copy(one, words)
		both[column] = one
	}
	return both
}

// Mappings keeps them: one for each user and shape.
type Mappings interface {
	// Mappings lists those of a user, the newest first.
	Mappings(ctx context.Context, userID string) ([]Mapping, error)
	// PutMapping keeps one in place of the one before.
	PutMapping(ctx context.Context, m Mapping, audit AuditEntry) error
	// DeleteMapping forgets one; CodeNotFound where there is none.
	DeleteMapping(ctx context.Context, userID, shape string, audit AuditEntry) error
}

// Shape tells files with the same names in their headers, in whatever order, from all others.
func Shape(header []string) string {
	names := slices.Sorted(slices.Values(header))
	sum := sha256.Sum256([]byte(strings.Join(names, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// Shape is that of the file of a data set.
func (d Dataset) Shape() string {
	header := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		header[i] = c.Source
	}
	return Shape(header)
}

// MappingOf finds the mapping for files of a shape; an empty one where there is none.
func MappingOf(said []Mapping, shape string) Mapping {
	if i := slices.IndexFunc(said, func(m Mapping) bool { return m.Shape == shape }); i >= 0 {
		return said[i]
	}
	return Mapping{}
}

// With is the mapping with more said by the user: columns, canonical to source, and words. A source has one meaning, the newest.
func (m Mapping) With(columns map[string]string, words Words, d Dataset, now Time) Mapping {
	said := map[string]string{}
	for canonical, source := range m.Columns {
		taken := source != "" && slices.Contains(slices.Collect(maps.Values(columns)), source)
		if !taken {
			said[canonical] = source
		}
	}
	maps.Copy(said, columns)
	return Mapping{UserID: d.UserID, Shape: d.Shape(), Columns: said, Words: m.Words.With(words), Dataset: d.ID, Filename: d.Filename, At: now}
}

// Corrected is what is to be remembered when a person maps a data set anew: whatever mapping changes, and whatever was remembered
// before, each as the mapping has it now; and the words.
func (d Dataset) Corrected(before Mapping, mapping map[string]string, words Words, now Time) Mapping {
	was := map[string]string{}
	for _, c := range d.Columns {
		if c.Canonical != "" {
			was[c.Canonical] = c.Source
		}
	}
	columns := map[string]string{}
	for canonical := range before.Columns {
		columns[canonical] = mapping[canonical]
	}
	for _, side := range []map[string]string{was, mapping} {
		for canonical := range side {
			if was[canonical] != mapping[canonical] {
				columns[canonical] = mapping[canonical]
			}
		}
	}
	return Mapping{UserID: d.UserID, Shape: d.Shape(), Columns: columns, Words: words, Dataset: d.ID, Filename: d.Filename, At: now}
}

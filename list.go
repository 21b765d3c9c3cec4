package olorin

import (
	"slices"
	"time"
)

// ListKind says what it means to be on a list.
type ListKind string

// The kinds of lists. Good and bad decide first in the score; the others are what checks ask.
const (
	ListGood ListKind = "good"
	ListBad  ListKind = "bad"
	ListVPN  ListKind = "vpn"
	ListBIN  ListKind = "bin"
	ListNote ListKind = "note" // worth knowing: a person is to look at whoever is on it
)

// ListKinds are the kinds of lists.
var ListKinds = []ListKind{ListGood, ListBad, ListVPN, ListBIN, ListNote}

// ListStale is the age from which on a list is told to be old.
const ListStale = 90 * 24 * time.Hour

// List is a table of entities that somebody brought, and where it came from. It serves everybody's investigations.
type List struct {
	ID         string     `json:"id"`
	Name       string     `json:"name" doc:"Of one name there is one list: another import takes its place."`
	Kind       ListKind   `json:"kind" enum:"good,bad,vpn,bin,note"`
	EntityType EntityType `json:"entity_type"`
	Source     string     `json:"source" doc:"Who made it, or where it was fetched."`
	License    string     `json:"license" doc:"What allows its use."`
	SourceDate Time       `json:"source_date" doc:"As of when its source says it is; its age is counted from here."`
	ImportedAt Time       `json:"imported_at"`
	ImportedBy string     `json:"imported_by"`
	Filename   string     `json:"filename"`
	SHA256     string     `json:"sha256" doc:"Of the bytes as they were sent."`
	Values     int64      `json:"values"`
	Ranges     int64      `json:"ranges" doc:"Networks among the values, such as 10.0.0.0/8."`
	Rejected   int64      `json:"rejected" doc:"Lines that are no value of this type; they were left out."`
}

// ListStamp says of a list, as it was when a run asked it, where it came from and how old it was.
type ListStamp struct {
	Name       string     `json:"name"`
	Kind       ListKind   `json:"kind" enum:"good,bad,vpn,bin,note"`
	EntityType EntityType `json:"entity_type"`
	Source     string     `json:"source"`
	License    string     `json:"license,omitempty"`
	SourceDate Time       `json:"source_date" doc:"As of when its source says it is."`
	ImportedAt Time       `json:"imported_at"`
	SHA256     string     `json:"sha256"`
	Values     int64      `json:"values"`
}

// Stamp is the list as it is now.
func (l List) Stamp() ListStamp {
	return ListStamp{l.Name, l.Kind, l.EntityType, l.Source, l.License, l.SourceDate, l.ImportedAt, l.SHA256, l.Values}
}

// ListLine is a line of a list that names what was asked for.
type ListLine struct {
	List  string `json:"list" doc:"Id of the list."`
	Value string `json:"value" doc:"As the list has it: also a network or a domain that holds what was asked for."`
	Note  string `json:"note"`
}

// Stale tells whether the list is older than ListStale.
func (l List) Stale(now Time) bool { return now.Sub(l.SourceDate.Time) > ListStale }

// Faults lists what is wrong with what a person said of a list.
func (l List) Faults() []Fault {
	var faults []Fault
	add := func(pointer, code, detail string) { faults = append(faults, Fault{pointer, code, detail}) }
	for _, text := range []struct {
		pointer, value string
		required       bool
	}{{"/name", l.Name, true}, {"/source", l.Source, true}, {"/license", l.License, false}} {
		switch n := len([]rune(text.value)); {
		case n == 0 && text.required:
			add(text.pointer, "required", "say what it is")
		case n > 200:
			add(text.pointer, "too_long", "it has more than 200 characters")
		}
	}
	if !slices.Contains(ListKinds, l.Kind) {
		add("/kind", "unknown", "the kinds are good, bad, vpn, bin and note")
	}
	if !slices.Contains(EntityTypes, l.EntityType) {
		add("/entity_type", "unknown", "it must be a type of entities, such as ip_address")
	}
	switch {
	case l.Kind == ListVPN && l.EntityType != "ip_address":
		add("/entity_type", "mismatch", "a list of VPNs holds ip_address")
	case l.Kind == ListBIN && l.EntityType != "card_number":
		add("/entity_type", "mismatch", "a list of BINs holds the first digits of card_number")
	}
	if l.SourceDate.After(l.ImportedAt.Add(24 * time.Hour)) {
		add("/source_date", "future", "it lies in the future")
	}
	return faults
}

// MayKeepLists refuses those who may not change what everybody's investigations are measured by.
func (a Actor) MayKeepLists() error {
	if a.Kind == KindSystem || a.leads() {
		return nil
	}
	return Errorf(CodeForbidden, "lists serve everybody's investigations: only a lead or an administrator keeps them")
}

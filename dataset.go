package olorin

import "slices"

// OriginWatched is the origin of data sets that came by the watched directory.
const OriginWatched = "watched_directory"

// Dataset is an events file that a user brought, as it was understood.
type Dataset struct {
	ID           string            `json:"id"`
	UserID       string            `json:"user_id"`
	Name         string            `json:"name"`
	Filename     string            `json:"filename"`
	Origin       string            `json:"origin,omitempty" enum:"watched_directory" doc:"How it came, where nobody brought it by hand."`
	Rows         int64             `json:"rows"`
	RejectedRows int64             `json:"rejected_rows" doc:"Rows set aside because they could not be read."`
	Bytes        int64             `json:"bytes"`
	SHA256       string            `json:"sha256" doc:"Of the bytes as they were sent."`
	Encoding     *TextEncoding     `json:"encoding,omitempty" doc:"Of a text that claims none and is not UTF-8: what it was taken for."`
	CreatedAt    Time              `json:"created_at"`
	Generation   string            `json:"generation" doc:"Of the files that hold it: mapping it anew makes another."`
	FirstEventAt *Time             `json:"first_event_at"`
	LastEventAt  *Time             `json:"last_event_at"`
	Columns      []Column          `json:"columns"`
	Derived      []string          `json:"derived,omitempty" doc:"Canonical columns that were worked out from others, such as ip_country from ip_address."`
	Databases    []AddressDatabase `json:"databases,omitempty" doc:"Of addresses, from which derived columns come."`
	Words        Words             `json:"words,omitempty" doc:"What a person said that values mean."`
	Parts        []JoinedFile      `json:"parts,omitempty" doc:"The files that were joined, that of the events first; sha256 is then that of theirs and of their keys."`
	Remembered   *Mapping          `json:"remembered,omitempty" doc:"What the user said of an earlier file with the same header, and what of it was applied to this one."`
	InUse        bool              `json:"in_use" doc:"An investigation names it; it cannot be deleted or mapped anew."`
}

// TextEncoding is what the bytes of a text were taken for, where they do not tell by themselves.
type TextEncoding struct {
	Name       string   `json:"name" enum:"windows-1252"`
	Confidence float64  `json:"confidence" doc:"0..1: the share of its characters beyond ASCII that stand where they do in a western language."`
	Line       int      `json:"line" doc:"The first that is not UTF-8."`
	Examples   []string `json:"examples" doc:"Words with such characters, as they were read."`
}

// RefusedFile is a file of the watched directory that could not be read. It is told for as long as it lies among those put aside.
type RefusedFile struct {
	Filename string   `json:"filename"`
	At       Time     `json:"at"`
	Reasons  []string `json:"reasons" doc:"All that is wrong with it."`
}

// JoinedFile is a file of a joined data set. But for the first, it says how its rows met the events.
type JoinedFile struct {
	Dataset   string `json:"dataset" doc:"The data set that it was."`
	Filename  string `json:"filename"`
	SHA256    string `json:"sha256" doc:"Of the bytes as they were sent."`
	Rows      int64  `json:"rows"`
	On        string `json:"on,omitempty" doc:"Key column of the events."`
	With      string `json:"with,omitempty" doc:"Key column of this file."`
	Matched   int64  `json:"matched,omitempty" doc:"Events that met a row of this file."`
	Unmatched int64  `json:"unmatched,omitempty" doc:"Events that met none, and stay without its columns."`
	Unused    int64  `json:"unused,omitempty" doc:"Rows of this file that no event met."`
}

// AddressDatabase is a database of IP addresses that the operator gave.
type AddressDatabase struct {
	Filename string `json:"filename"`
	Type     string `json:"type" doc:"As it calls itself, such as GeoLite2-City."`
	BuiltAt  Time   `json:"built_at"`
}

// Pieces are the files that a data set is made of.
func (d Dataset) Pieces() []JoinedFile {
	if len(d.Parts) > 0 {
		return d.Parts
	}
	return []JoinedFile{{Dataset: d.ID, Filename: d.Filename, SHA256: d.SHA256, Rows: d.Rows}}
}

// Stamp is what results say of their data.
func (d Dataset) Stamp() DatasetStamp {
	stamp := DatasetStamp{ID: d.ID, Name: d.Name, SHA256: d.SHA256, Rows: d.Rows, Parts: d.Parts, Databases: d.Databases, Columns: map[string]string{}}
	for _, c := range d.Columns {
		if c.Canonical != "" {
			stamp.Columns[c.Canonical] = c.Source
		}
	}
	return stamp
}

// Column is one column of the file and what it was taken for.
type Column struct {
	Source     string   `json:"source" doc:"The header's name."`
	Canonical  string   `json:"canonical" doc:"The column of the canonical schema, empty where none fits."`
	Confidence float64  `json:"confidence" doc:"0..1; 1 where a person said so."`
	Kind       string   `json:"kind" enum:"text,number,time,boolean"`
	Label      bool     `json:"label" doc:"Known outcome; set apart, no check reads it."`
	Nulls      int64    `json:"nulls" doc:"Rows without a value."`
	Unreadable int64    `json:"unreadable" doc:"Rows whose value does not fit the canonical column's type; kept as missing."`
	Samples    []string `json:"samples"`
	Note       string   `json:"note,omitempty" doc:"How values were read that have more than one reading."`
	Words      []Word   `json:"words,omitempty" doc:"Of outcomes and of kinds of events: what the values were taken for, those first that nobody knows. At most 50."`
	Step       int64    `json:"step,omitempty" enum:"60,3600,86400" doc:"Of times, in seconds: nearly all are whole minutes, hours or days, so that none of them tells more. Absent where they tell seconds, or are too few to tell."`
}

// Word is a value of a column and what it was taken for.
type Word struct {
	Value   string `json:"value"`
	Meaning string `json:"meaning" enum:"approved,declined,neither,login,refund,incoming,other"`
	Said    bool   `json:"said,omitempty" doc:"A person said so."`
}

// Step is what the times of a canonical column are whole multiples of, in seconds; 0 where they tell seconds, or it is not known.
func (d Dataset) Step(canonical string) int64 {
	if slices.Contains(d.Derived, canonical) { // one is the other
		canonical = map[string]string{"event_time": "signup_time", "signup_time": "event_time"}[canonical]
	}
	for _, c := range d.Columns {
		if c.Canonical == canonical {
			return c.Step
		}
	}
	return 0
}

// Has tells whether a column of the file was taken for the canonical column, or it was worked out from one.
func (d Dataset) Has(canonical string) bool {
	for _, c := range d.Columns {
		if c.Canonical == canonical {
			return true
		}
	}
	return slices.Contains(d.Derived, canonical)
}

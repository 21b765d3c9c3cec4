package olorin

import (
	"fmt"
	"time"
)

// Time is an instant in UTC at millisecond precision. It is written in JSON as RFC 3339 with exactly
// three decimals ("2026-11-22T09:05:03.120Z"), so that equal instants are equal text.
type Time struct{ time.Time }

const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// At returns t in UTC, cut to milliseconds and without a monotonic reading.
func At(t time.Time) Time { return Time{t.UTC().Truncate(time.Millisecond)} }

// FromMicro returns the instant that is us microseconds after the Unix epoch.
func FromMicro(us int64) Time { return At(time.UnixMicro(us)) }

// MarshalJSON writes the zero time as null.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	b := make([]byte, 0, len(timeLayout)+2)
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, timeLayout)
	return append(b, '"'), nil
}

// UnmarshalJSON reads RFC 3339 with or without fractions of a second, and null as the zero time.
func (t *Time) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*t = Time{}
		return nil
	}
	if len(b) < 2 || b[0] != '"' {
		return fmt.Errorf("time %s is not a string; want RFC 3339, such as 2026-11-22T09:05:03.120Z", b)
	}
	return t.UnmarshalText(b[1 : len(b)-1])
}

// UnmarshalText reads RFC 3339.
func (t *Time) UnmarshalText(b []byte) error {
	v, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return fmt.Errorf("time %q is not RFC 3339, such as 2026-11-22T09:05:03.120Z", b)
	}
	*t = At(v)
	return nil
}

func (t Time) String() string { return t.UTC().Format(timeLayout) }

// Clock tells the time; tests and replays bring their own.
type Clock func() Time

// SystemClock reads the machine's clock.
func SystemClock() Time { return At(time.Now()) }

package olorin

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Placeholder is a place in the settings of a template that is asked for when it is loaded.
type Placeholder struct {
	Name    string `json:"name" pattern:"^[a-z][a-z0-9_]{0,39}$" doc:"Key of its value in apply."`
	Label   string `json:"label" minLength:"1" maxLength:"200" doc:"What the form asks, such as: the user to investigate."`
	Pointer string `json:"pointer" doc:"The place in the settings: /dataset, /time_range, /risk_threshold, or /entities/N/value."`
}

var (
	placeholderName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
	entityPointer   = regexp.MustCompile(`^/entities/(0|[1-9][0-9]?)/value$`)
)

// place returns what a placeholder at a pointer fills, or why there is no such place.
func place(s *Settings, pointer string) (into any, why string) {
	switch m := entityPointer.FindStringSubmatch(pointer); {
	case pointer == "/dataset":
		return &s.Dataset, ""
	case pointer == "/time_range":
		return &s.TimeRange, ""
	case pointer == "/risk_threshold":
		return &s.RiskThreshold, ""
	case m != nil:
		if i, err := strconv.Atoi(m[1]); err == nil && i < len(s.Entities) {
			return &s.Entities[i].Value, ""
		}
		return nil, fmt.Sprintf("there is no entity %s in the settings", m[1])
	}
	return nil, "a placeholder stands at /dataset, /time_range, /risk_threshold or /entities/N/value"
}

// fit puts a JSON value into the place of a placeholder, as strictly as a save reads it, and returns why it cannot be there, or "".
func fit(into any, value json.RawMessage) string {
	switch into := into.(type) {
	case *string:
		if json.Unmarshal(value, into) != nil {
			return "give a text"
		}
		if n := len([]rune(*into)); n > maxEntityValue {
			return fmt.Sprintf("it has %d characters; at most %d are taken", n, maxEntityValue)
		}
	case *float64:
		if json.Unmarshal(value, into) != nil {
			return "give a number"
		}
	case *TimeRange:
		var members map[string]json.RawMessage
		*into = TimeRange{}
		if json.Unmarshal(value, &members) != nil {
			return `give a time range, such as {"preset": "last_30d"}, or {"start": …, "end": …}`
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if name != "preset" && name != "start" && name != "end" {
				return fmt.Sprintf("%q is nothing that a time range has; it has preset, or start and end", Clip(name, 40))
			}
		}
		if json.Unmarshal(value, into) != nil {
			return "the preset is a word, start and end are times such as 2026-01-31T00:00:00Z"
		}
	}
	return ""
}

// Fill returns the settings of the template with values, by placeholder, in their places, and then overrides in place of what the
// template says. Every placeholder must be given whose place is not overridden. Card numbers are masked under the seal.
func (t Template) Fill(values map[string]json.RawMessage, overrides *SettingsPatch, seal CardSeal) (Settings, error) {
	s := t.Settings
	s.Entities, s.ToolMatrix = slices.Clone(s.Entities), slices.Clone(s.ToolMatrix)
	overridden := overrides.fields()
	var faults []Fault
	add := func(pointer, code, detail string) {
		if !slices.ContainsFunc(faults, func(f Fault) bool { return f.Pointer == pointer }) {
			faults = append(faults, Fault{pointer, code, detail})
		}
	}
	known, asked := map[string]bool{}, map[string]string{} // asked is where in the body a place of the settings comes from
	for _, field := range overridden {
		name := strings.TrimPrefix(field, "settings.")
		asked["/settings/"+name] = "/overrides/" + name
	}
	for _, p := range t.Placeholders {
		known[p.Name] = true
		at := "/values/" + p.Name
		value, ok := values[p.Name]
		field, _, _ := strings.Cut(p.Pointer[1:], "/")
		if slices.Contains(overridden, "settings."+field) {
			continue
		}
		asked["/settings"+p.Pointer] = at
		if !ok || string(value) == "null" {
			add(at, "required", "the template asks for: "+p.Label)
			continue
		}
		into, why := place(&s, p.Pointer)
		if why == "" {
			why = fit(into, value)
		}
		if m := entityPointer.FindStringSubmatch(p.Pointer); m != nil && why == "" {
			i, _ := strconv.Atoi(m[1])
			s.Entities[i].Value = seal.Kept(s.Entities[i])
			why = s.Entities[i].wrong()
		}
		if why != "" {
			add(at, "invalid", why)
		}
	}
	for name := range values {
		if !known[name] {
			add("/values/"+PointerTo(name), "unknown", "the template has no placeholder of this name")
		}
	}
	if overrides != nil {
		overrides.put(&s)
	}
	s = s.normal()
	s.Entities = seal.keep(s.Entities)
	for _, f := range s.Shape() {
		for place, at := range asked {
			if rest, ok := strings.CutPrefix(f.Pointer, place); ok {
				f.Pointer = at + rest
			}
		}
		add(f.Pointer, f.Code, f.Detail)
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b Fault) int { return strings.Compare(a.Pointer, b.Pointer) })
		return Settings{}, Invalid("the template cannot be loaded", faults...)
	}
	return s, nil
}

// Over returns the template's settings for the case of other settings: what the template is about stays its own (checks and their
// parameters, modes, threshold, and the time range unless it asks for one); whom and what the case is about is the case's.
func (t Template) Over(of Settings) Settings {
	s := t.Settings
	s.Dataset, s.Entities = of.Dataset, slices.Clone(of.Entities)
	if slices.ContainsFunc(t.Placeholders, func(p Placeholder) bool { return p.Pointer == "/time_range" }) {
		s.TimeRange = of.TimeRange
	}
	if slices.ContainsFunc(t.Placeholders, func(p Placeholder) bool { return p.Pointer == "/risk_threshold" }) {
		s.RiskThreshold = of.RiskThreshold
	}
	return s
}

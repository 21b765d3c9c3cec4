package olorin

import (
	"fmt"
	"net/mail"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// settingsFields are the JSON names of the fields of Settings, in the order of SettingsPatch.
var settingsFields = func() []string {
	t := reflect.TypeFor[SettingsPatch]()
	names := make([]string, t.NumField())
	for i := range names {
		names[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	return names
}()

// normal makes absent lists empty, so that equal settings are equal values and equal JSON.
func (s Settings) normal() Settings {
	if s.Entities == nil {
		s.Entities = []Entity{}
	}
	if s.ToolMatrix == nil {
		s.ToolMatrix = []ToolChoice{}
	}
	for i, c := range s.ToolMatrix {
		if c.Params != nil && len(c.Params) == 0 {
			s.ToolMatrix = slices.Clone(s.ToolMatrix)
			s.ToolMatrix[i].Params = nil
		}
	}
	if s.CorrelationMode == "" {
		s.CorrelationMode = Or
	}
	if s.ExecutionMode == "" {
		s.ExecutionMode = Parallel
	}
	s.Scoring = s.Scoring.normal()
	if s.TimeRange == (TimeRange{}) {
		s.TimeRange.Preset = RangeAll
	}
	return s
}

// diff returns the fields in which s differs from old, with the values of s, and nil where there are none.
func (s Settings) diff(old Settings) *SettingsPatch {
	var patch SettingsPatch
	to, now, was := reflect.ValueOf(&patch).Elem(), reflect.ValueOf(s), reflect.ValueOf(old)
	changed := false
	for i := range to.NumField() {
		name := to.Type().Field(i).Name
		v := now.FieldByName(name)
		if reflect.DeepEqual(v.Interface(), was.FieldByName(name).Interface()) {
			continue
		}
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		to.Field(i).Set(p)
		changed = true
	}
	if !changed {
		return nil
	}
	return &patch
}

// Params are the parameters that the settings give a tool.
func (s Settings) Params(agent, tool string) map[string]float64 {
	for _, c := range s.ToolMatrix {
		if c.Agent == agent && c.Tool == tool {
			return c.Params
		}
	}
	return nil
}

// With returns the settings with what the patch carries in place of what they have; nil changes nothing.
func (s Settings) With(patch *SettingsPatch) Settings {
	if patch != nil {
		patch.put(&s)
	}
	return s
}

// put puts what the patch carries in place of what s has.
func (p *SettingsPatch) put(s *Settings) {
	from, to := reflect.ValueOf(*p), reflect.ValueOf(s).Elem()
	for i := range from.NumField() {
		if f := from.Field(i); !f.IsNil() {
			to.FieldByName(from.Type().Field(i).Name).Set(f.Elem())
		}
	}
}

// fields names what the patch changes, as Edits does.
func (p *SettingsPatch) fields() []string {
	names := []string{}
	if p == nil {
		return names
	}
	v := reflect.ValueOf(*p)
	for i := range v.NumField() {
		if !v.Field(i).IsNil() {
			names = append(names, "settings."+settingsFields[i])
		}
	}
	return names
}

// Shape returns what is wrong with settings even as a draft. A draft may be unfinished; it may not be what the form cannot show.
func (s Settings) Shape() []Fault {
	var faults []Fault
	add := func(pointer, code, format string, args ...any) {
		faults = append(faults, Fault{"/settings" + pointer, code, fmt.Sprintf(format, args...)})
	}
	if n := len(s.Entities); n > MaxEntities {
		add("/entities", "too_many", "%d entities are given; at most %d can be investigated at once", n, MaxEntities)
	}
	for i, e := range s.Entities {
		if !slices.Contains(EntityTypes, e.Type) {
			add(fmt.Sprintf("/entities/%d/type", i), "unknown", "%q is not a type of entity; use one of %s", e.Type, list(EntityTypes))
		}
		if e.Weight < 0 || e.Weight > 10 {
			add(fmt.Sprintf("/entities/%d/weight", i), "out_of_bounds", "the weight is %d; it must be 1 to 10", e.Weight)
		}
	}
	r := s.TimeRange
	if _, ok := rangeDays[r.Preset]; !ok && r.Preset != "" {
		add("/time_range/preset", "unknown", "%q is not a preset; use last_7d, last_30d, last_90d, last_365d or all", r.Preset)
	}
	if r.Preset != "" && (r.Start != nil || r.End != nil) {
		add("/time_range", "ambiguous", "give either a preset or start and end, not both")
	}
	seen := map[[2]string]int{}
	for i, c := range s.ToolMatrix {
		if first, ok := seen[[2]string{c.Agent, c.Tool}]; ok {
			add(fmt.Sprintf("/tool_matrix/%d", i), "duplicate", "tool %s of agent %s stands already at %d", c.Tool, c.Agent, first)
		}
		seen[[2]string{c.Agent, c.Tool}] = i
	}
	if s.CorrelationMode != Or && s.CorrelationMode != And {
		add("/correlation_mode", "unknown", "%q is not a correlation mode; use OR or AND", s.CorrelationMode)
	}
	if s.ExecutionMode != Parallel && s.ExecutionMode != Sequential {
		add("/execution_mode", "unknown", "%q is not an execution mode; use parallel or sequential", s.ExecutionMode)
	}
	if s.RiskThreshold < 0 || s.RiskThreshold > 100 {
		add("/risk_threshold", "out_of_bounds", "the threshold is %g; it must be 0 to 100", s.RiskThreshold)
	}
	s.Scoring.faults(add)
	return faults
}

// Ready returns what keeps settings of a right shape from being started, but for what only the data set and the catalogue of tools can tell.
func (s Settings) Ready() []Fault {
	var faults []Fault
	add := func(pointer, code, format string, args ...any) {
		faults = append(faults, Fault{"/settings" + pointer, code, fmt.Sprintf(format, args...)})
	}
	if s.Dataset == "" {
		add("/dataset", "required", "choose the data set to investigate")
	}
	if len(s.Entities) == 0 {
		add("/entities", "required", "name at least one entity to investigate")
	}
	seen := map[EntityRef]int{}
	for i, e := range s.Entities {
		pointer := fmt.Sprintf("/entities/%d/value", i)
		if why := e.wrong(); why != "" {
			add(pointer, "invalid", "%s", why)
			continue
		}
		ref := EntityRef{e.Type, strings.TrimSpace(e.Value)}
		if first, ok := seen[ref]; ok {
			add(pointer, "duplicate", "%s %s is already entity %d", e.Type.Word(), e.Value, first+1)
		} else {
			seen[ref] = i
		}
	}
	r := s.TimeRange
	if r.Preset == "" {
		if r.Start == nil {
			add("/time_range/start", "required", "give the start of the time range, or choose a preset")
		}
		if r.End == nil {
			add("/time_range/end", "required", "give the end of the time range, or choose a preset")
		}
		if r.Start != nil && r.End != nil && !r.Start.Before(r.End.Time) {
			add("/time_range/end", "out_of_order", "the time range ends at %s, before or at its start %s", r.End, r.Start)
		}
	}
	if len(s.ToolMatrix) > 0 && !slices.ContainsFunc(s.ToolMatrix, func(c ToolChoice) bool { return c.Enabled }) {
		add("/tool_matrix", "required", "switch on at least one tool")
	}
	return faults
}

var (
	phonePattern = regexp.MustCompile(`^\+?[0-9][0-9 ().\-/]{4,24}$`)
	cardPattern  = regexp.MustCompile(`^[0-9Xx*• -]{1,40}(~[0-9A-Za-z]+)?$`)
	cardRun      = regexp.MustCompile(`[0-9](?:[ -]?[0-9]){12,18}`)
)

// wrong tells why the value cannot be of the entity's type, or "".
func (e Entity) wrong() string {
	v := strings.TrimSpace(e.Value)
	if v == "" {
		return "the value is empty"
	}
	if strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "the value has control characters in it"
	}
	switch e.Type {
	case "email":
		if a, err := mail.ParseAddress(v); err != nil || a.Address != v {
			return fmt.Sprintf("%q is not an e-mail address, such as ana@example.com", v)
		}
	case "ip_address":
		// Some files hold IPv4 addresses as numbers.
		if _, err := netip.ParseAddr(v); err != nil && !isIPNumber(v) {
			return fmt.Sprintf("%q is not an IPv4 or IPv6 address, such as 192.0.2.7 or 2001:db8::7", v)
		}
	case "phone_number":
		if !phonePattern.MatchString(v) {
			return fmt.Sprintf("%q is not a phone number, such as +49 30 123456", v)
		}
	case "card_number":
		switch {
		case cardPattern.MatchString(v):
		case slices.ContainsFunc(cardRun.FindAllString(v, -1), IsCard):
			return "there is something beside a card number; give the number alone"
		case !strings.ContainsFunc(v, unicode.IsLetter): // many a file has tokens where others have numbers
			return fmt.Sprintf("%q is not a card number; give it as the data set shows it, such as 434505******9116, or its token", v)
		}
	}
	return ""
}

func isIPNumber(s string) bool {
	n, err := strconv.ParseUint(s, 10, 32)
	return err == nil && n >= 1<<16
}

func list[T ~string](values []T) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return strings.Join(words, ", ")
}

package httpd

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/olorin-dev/olorin"
)

const componentPrefix = "#/components/schemas/"

// schemas makes JSON schemas of Go types. What is validated and what /openapi.json tells are the same schemas.
type schemas struct {
	registry huma.Registry
	complete bool // New has made them all: requests, which come at once, only read
	made     map[reflect.Type]*huma.Schema
	patterns sync.Map // of *regexp.Regexp by pattern
	done     map[string]bool
}

func newSchemas() *schemas {
	s := &schemas{registry: huma.NewMapRegistry(componentPrefix, huma.DefaultSchemaNamer), made: map[reflect.Type]*huma.Schema{}, done: map[string]bool{}}
	s.registry.RegisterTypeAlias(reflect.TypeFor[olorin.Line](), reflect.TypeFor[event]())
	return s
}

// event is how a line of the log reads.
type event struct {
	Seq    int64         `json:"seq" minimum:"1"`
	At     olorin.Time   `json:"at"`
	Type   string        `json:"type" enum:"investigation.created,settings.changed,step.changed,status.changed,phase.changed,agent.changed,tool.changed,progress.changed,log.appended,finding.added,results.changed,checkpoint.created,checkpoint.restored,conflict.detected,investigation.archived,investigation.unarchived"`
	Actor  olorin.Actor  `json:"actor"`
	Source olorin.Source `json:"source" enum:"user,polling,websocket,system,agent"`
	Data   any           `json:"data" doc:"Depends on the type."`
	// Absent on what is committed.
	Durable *bool `json:"durable,omitempty" doc:"false: held in memory, as the database cannot be written. It is delivered again once it is committed; a cursor must not move past it."`
}

// of returns the schema of a type, a reference where it is a struct.
func (s *schemas) of(t reflect.Type) *huma.Schema {
	if schema, ok := s.made[t]; ok {
		return schema
	}
	if s.complete {
		panic(fmt.Sprintf("no route declares %s", t))
	}
	schema := s.registry.Schema(t, true, t.Name())
	for name := range s.registry.Map() {
		if !s.done[name] {
			s.done[name] = true
			s.exact(s.registry.TypeFromRef(componentPrefix+name), s.registry.Map()[name])
		}
	}
	s.made[t] = schema
	return schema
}

var timeType = reflect.TypeFor[olorin.Time]()

func init() { huma.DefaultArrayNullable = false } // a list without items is [], both ways

// exact corrects what the registry cannot tell of a struct: times have a format, and pointers without omitempty may be null unless they are required.
func (s *schemas) exact(t reflect.Type, schema *huma.Schema) {
	for _, f := range reflect.VisibleFields(t) {
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		p := schema.Properties[name]
		if p == nil || f.Anonymous {
			continue
		}
		pointer := f.Type.Kind() == reflect.Pointer
		base := f.Type
		if pointer {
			base = f.Type.Elem()
		}
		nullable := pointer && !strings.Contains(options, "omitempty") && f.Tag.Get("required") != "true"
		switch {
		case base == timeType:
			p.Format, p.Nullable = "date-time", nullable
		case nullable && p.Ref != "":
			ref, doc := p.Ref, p.Description
			*p = huma.Schema{Description: doc, AnyOf: []*huma.Schema{{Ref: ref}, {Type: "null"}}}
		}
	}
}

// check returns what is wrong with a JSON tree, all of it.
func (s *schemas) check(schema *huma.Schema, v any, at string) []olorin.Fault {
	if schema.Ref != "" {
		return s.check(s.registry.SchemaFromRef(schema.Ref), v, at)
	}
	if len(schema.AnyOf) > 0 {
		if v == nil {
			return nil
		}
		return s.check(schema.AnyOf[0], v, at)
	}
	if schema.Type == "" || v == nil && schema.Nullable {
		return nil
	}
	wrong := func() []olorin.Fault {
		return faultAt(at, "wrong_type", "it is %s; it must be %s", kindOf(v), article(schema.Type))
	}
	switch schema.Type {
	case huma.TypeObject:
		object, ok := v.(map[string]any)
		if !ok {
			return wrong()
		}
		return s.checkObject(schema, object, at)
	case huma.TypeArray:
		list, ok := v.([]any)
		if !ok {
			return wrong()
		}
		return s.checkList(schema, list, at)
	case huma.TypeString:
		text, ok := v.(string)
		if !ok {
			return wrong()
		}
		return s.checkString(schema, text, at)
	case huma.TypeBoolean:
		if _, ok := v.(bool); !ok {
			return wrong()
		}
	case huma.TypeInteger, huma.TypeNumber:
		number, ok := v.(json.Number)
		if !ok {
			return wrong()
		}
		return checkNumber(schema, number, at)
	}
	return nil
}

func (s *schemas) checkList(schema *huma.Schema, list []any, at string) []olorin.Fault {
	if schema.MaxItems != nil && len(list) > *schema.MaxItems {
		return faultAt(at, "too_many", "it has %d items; at most %d are taken", len(list), *schema.MaxItems)
	}
	if schema.MinItems != nil && len(list) < *schema.MinItems {
		return faultAt(at, "too_few", "it has %d items; at least %d are needed", len(list), *schema.MinItems)
	}
	var all []olorin.Fault
	for i, item := range list {
		if len(all) >= maxFaults {
			break
		}
		all = append(all, s.check(schema.Items, item, at+"/"+strconv.Itoa(i))...)
	}
	return all
}

func checkNumber(schema *huma.Schema, number json.Number, at string) []olorin.Fault {
	f, err := number.Float64()
	if err != nil || math.IsInf(f, 0) {
		return faultAt(at, "out_of_bounds", "the number is too large")
	}
	if schema.Type == huma.TypeInteger {
		if _, err := number.Int64(); err != nil {
			return faultAt(at, "wrong_type", "%s is not a whole number", olorin.Clip(number.String(), 32))
		}
	}
	if schema.Minimum != nil && f < *schema.Minimum || schema.Maximum != nil && f > *schema.Maximum {
		return faultAt(at, "out_of_bounds", "it is %s; it must be %s", olorin.Clip(number.String(), 32), bounds(schema))
	}
	return nil
}

// faultAt is the one fault of a value.
func faultAt(at, code, format string, args ...any) []olorin.Fault {
	return []olorin.Fault{{Pointer: at, Code: code, Detail: fmt.Sprintf(format, args...)}}
}

func bounds(s *huma.Schema) string {
	switch {
	case s.Minimum == nil:
		return "at most " + plain(*s.Maximum)
	case s.Maximum == nil:
		return "at least " + plain(*s.Minimum)
	}
	return plain(*s.Minimum) + " to " + plain(*s.Maximum)
}

// plain writes a number without an exponent.
func plain(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func (s *schemas) checkObject(schema *huma.Schema, object map[string]any, at string) []olorin.Fault {
	var all []olorin.Fault
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if len(all) >= maxFaults {
			break
		}
		pointer := at + "/" + olorin.PointerTo(name)
		if p, ok := schema.Properties[name]; ok {
			all = append(all, s.check(p, object[name], pointer)...)
			continue
		}
		switch more := schema.AdditionalProperties.(type) {
		case *huma.Schema:
			all = append(all, s.check(more, object[name], pointer)...)
		case bool:
			if !more {
				all = append(all, olorin.Fault{Pointer: pointer, Code: "unknown_field", Detail: unknownName("member", name, slices.Sorted(maps.Keys(schema.Properties)))})
			}
		}
	}
	for _, name := range schema.Required {
		if _, ok := object[name]; !ok {
			all = append(all, olorin.Fault{Pointer: at + "/" + name, Code: "required", Detail: "it is missing"})
		}
	}
	return all
}

func (s *schemas) checkString(schema *huma.Schema, text, at string) []olorin.Fault {
	if strings.ContainsRune(text, 0) {
		return faultAt(at, "invalid", "it has a NUL character in it")
	}
	if len(schema.Enum) > 0 && !slices.Contains(schema.Enum, any(text)) {
		return faultAt(at, "unknown", "%s is not one of %s", quote(text), words(schema.Enum))
	}
	length := utf8.RuneCountInString(text)
	if schema.MaxLength != nil && length > *schema.MaxLength {
		return faultAt(at, "too_long", "it has %d characters; at most %d are taken", length, *schema.MaxLength)
	}
	if schema.MinLength != nil && length < *schema.MinLength {
		if length == 0 {
			return faultAt(at, "required", "it is empty")
		}
		return faultAt(at, "too_short", "it has %d characters; at least %d are needed", length, *schema.MinLength)
	}
	if schema.Pattern != "" && !s.pattern(schema.Pattern).MatchString(text) {
		return faultAt(at, "invalid", "%s does not match %s", quote(text), schema.Pattern)
	}
	if schema.Format == "date-time" {
		if _, err := time.Parse(time.RFC3339Nano, text); err != nil {
			return faultAt(at, "invalid", "%s is not a time in RFC 3339, such as 2026-11-22T09:05:03.120Z", quote(text))
		}
	}
	return nil
}

func (s *schemas) pattern(p string) *regexp.Regexp {
	if re, ok := s.patterns.Load(p); ok {
		return re.(*regexp.Regexp)
	}
	re := regexp.MustCompile(p)
	s.patterns.Store(p, re)
	return re
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case json.Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	}
	return "an object"
}

func article(jsonType string) string {
	switch jsonType {
	case huma.TypeObject, huma.TypeArray, huma.TypeInteger:
		return "an " + jsonType
	}
	return "a " + jsonType
}

func words(values []any) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = fmt.Sprint(v)
	}
	return strings.Join(list, ", ")
}

// unknownName says that a name is not known, and the nearest that is.
func unknownName(noun, name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := olorin.Distance(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("there is no %s %s; did you mean %q?", noun, quote(name), best)
	}
	if len(known) == 0 {
		return fmt.Sprintf("there is no %s %s; none is taken here", noun, quote(name))
	}
	return fmt.Sprintf("there is no %s %s", noun, quote(name))
}

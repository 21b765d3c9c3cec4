package olorin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Word is what a type of entities is called within a sentence, such as "IP address".
func (t EntityType) Word() string {
	words := map[EntityType]string{
		"user_id": "user", "email": "e-mail address", "ip_address": "IP address", "device_id": "device", "phone_number": "phone number",
		"card_number": "card", "account_id": "account", "merchant_id": "merchant", "transaction_id": "transaction",
	}
	if w, ok := words[t]; ok {
		return w
	}
	return strings.ReplaceAll(string(t), "_", " ")
}

// Counted is a number with its noun, such as "1 entity" and "2 entities".
func Counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		noun = stem + "ie"
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Clip shortens a text to so many letters, and an ellipsis for the rest.
func Clip(text string, letters int) string {
	if utf8.RuneCountInString(text) <= letters {
		return text
	}
	return string([]rune(text)[:letters]) + "…"
}

// Distance counts the letters to insert, delete or exchange to make one short name of another (Levenshtein); it does not look into long ones.
func Distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return max(len(a), len(b))
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			exchanged := diagonal
			if a[i] != b[j] {
				exchanged++
			}
			diagonal, row[j+1] = row[j+1], min(exchanged, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// named are the parts of a state that people want to read of when they change, by path, and what they are called.
var named = map[string]string{
	"name": "name", "status": "status", "user_id": "owner", "wizard_step": "step", "assignee": "assigned to", "shared": "shared with the organisation",
	"lineage.template_id": "from the template", "lineage.rerun_of": "again what was done in", "error.message": "error",
	"settings.dataset": "data set", "settings.entities": "entities", "settings.time_range.preset": "time range", "settings.time_range.start": "time range from",
	"settings.time_range.end": "time range until", "settings.tool_matrix": "checks", "settings.correlation_mode": "entities taken together by",
	"settings.execution_mode": "agents", "settings.risk_threshold": "risk threshold",
	"settings.scoring": "score", "settings.scoring.form": "score", "settings.scoring.agent_weights": "of what agents find counts",
	"progress.phase": "phase", "results.risk_score": "risk score", "results.risk_level": "risk level",
}

// valued are words of the API that people read in others.
var valued = map[string]string{
	"last_7d": "last 7 days", "last_30d": "last 30 days", "last_90d": "last 90 days", "last_365d": "last 365 days", "all": "the whole data set",
	"OR": "OR, any of them", "AND": "AND, one of every type", "parallel": "side by side", "sequential": "one after another",
	string(NoisyOr): "by damped noisy-OR", string(WeightedSum): "by weighted sum", string(AnyCritical): "by the gravest finding",
	"true": "yes", "false": "no",
}

// wordsOf writes the value of a part of a state for people; nothing for what is not there.
func wordsOf(path string, value json.RawMessage) string {
	var text string
	switch {
	case len(value) == 0 || string(value) == "null" || string(value) == `""` || string(value) == "[]" || string(value) == "{}":
		return ""
	case path == "settings.scoring":
		var scoring Scoring
		if json.Unmarshal(value, &scoring) == nil {
			return strings.Join(append([]string{valued[string(scoring.form())]}, scoring.shares()...), ", ")
		}
	case path == "settings.scoring.agent_weights":
		var scoring Scoring
		if json.Unmarshal(value, &scoring.AgentWeights) == nil {
			return strings.Join(scoring.shares(), ", ")
		}
	case path == "settings.entities":
		var entities []Entity
		if json.Unmarshal(value, &entities) == nil {
			return strings.Join(entityNames(entities), ", ")
		}
	case path == "settings.tool_matrix":
		var matrix []ToolChoice
		if json.Unmarshal(value, &matrix) == nil {
			return matrixWords(matrix)
		}
	case json.Unmarshal(value, &text) != nil:
		text = string(value)
		if word, ok := valued[text]; ok {
			return word
		}
		return clipped(text)
	}
	if word, ok := valued[text]; ok && path != "name" {
		return word
	}
	if path == "status" && text == string(Failed) {
		return "stopped by an error"
	}
	var at Time
	switch {
	case at.UnmarshalText([]byte(text)) == nil:
		return at.UTC().Format("2006-01-02 15:04") + " UTC"
	case path == "name" || path == "error.message":
		return "“" + clipped(text) + "”"
	}
	return clipped(text)
}

func clipped(text string) string { return Clip(text, 80) }

func entityNames(entities []Entity) []string {
	names := make([]string, len(entities))
	for i, e := range entities {
		names[i] = e.Type.Word() + " " + e.Value
	}
	return names
}

// matrixWords tells how many checks are chosen, which are switched off, and which do not have their defaults.
func matrixWords(matrix []ToolChoice) string {
	if len(matrix) == 0 {
		return "all that come with the server"
	}
	var off, set []string
	on := 0
	for _, c := range matrix {
		if c.Enabled {
			on++
		} else {
			off = append(off, c.Tool)
		}
		for _, name := range slices.Sorted(maps.Keys(c.Params)) {
			set = append(set, fmt.Sprintf("%s %s %v", c.Tool, strings.ReplaceAll(name, "_", " "), c.Params[name]))
		}
	}
	parts := []string{strconv.Itoa(on)}
	if len(off) > 0 {
		parts[0] += ", without " + enumerate(off)
	}
	if len(set) > 0 {
		parts = append(parts, enumerate(set))
	}
	return strings.Join(parts, "; ")
}

// text is a difference in words, such as "risk threshold 60 → 70"; nothing for what people need not read of.
func (d Difference) text() string {
	name, known := named[d.Path]
	was, is := wordsOf(d.Path, d.From), wordsOf(d.Path, d.To)
	switch {
	case d.Path == "shared" && was == "" && is == "no" || known && was == is:
		return ""
	case d.Path == "settings.entities" && was != "" && is != "":
		return entitiesText(d.From, d.To)
	case known && was == "":
		return name + " " + is
	case known && is == "":
		return name + " " + was + " taken away"
	case known:
		return name + " " + was + " → " + is
	case strings.HasPrefix(d.Path, "settings.scoring.agent_weights."):
		return "of what agent " + strings.TrimPrefix(d.Path, "settings.scoring.agent_weights.") + " finds counts " + cmp.Or(was, "1") + " → " + cmp.Or(is, "1")
	case strings.HasPrefix(d.Path, "settings.entities."):
		return partText("entity", d, was, is)
	case strings.HasPrefix(d.Path, "settings.tool_matrix."):
		return partText("check", d, was, is)
	case d.Path == "reviews" || strings.HasPrefix(d.Path, "reviews."):
		return reviewText(d)
	case d.Path == "results" && is != "":
		return resultsText(d)
	case d.Path == "results.findings":
		return countText("finding", d)
	case d.Path == "error" && is != "":
		var e RunError
		if json.Unmarshal(d.To, &e) == nil {
			return "error “" + clipped(e.Message) + "”"
		}
	}
	return ""
}

// readable is a difference with its words; the text is empty where people need not read of it.
func (d Difference) readable() ReadableDifference {
	name := named[d.Path]
	if name == "" {
		name = strings.NewReplacer("_", " ", ".", " ").Replace(strings.TrimPrefix(d.Path, "settings."))
	}
	return ReadableDifference{d, d.text(), name, wordsOf(d.Path, d.From), wordsOf(d.Path, d.To)}
}

// partText is a change within an element of a list: "entity 2: weight 1 → 3".
func partText(noun string, d Difference, was, is string) string {
	parts := strings.Split(d.Path, ".")
	n := 0
	_, _ = fmt.Sscan(parts[2], &n)
	of := strings.ReplaceAll(strings.Join(parts[3:], " "), "_", " ")
	if was == "" {
		was = "none"
	}
	if is == "" {
		is = "none"
	}
	return fmt.Sprintf("%s %d: %s %s → %s", noun, n+1, of, was, is)
}

// reviewText is what somebody said of a finding.
func reviewText(d Difference) string {
	parts := strings.Split(d.Path, ".")
	verdict := func(j *Judgement) string {
		if j == nil {
			return "verdict taken back"
		}
		text := "verdict " + strings.ReplaceAll(string(j.Verdict), "_", " ")
		if j.Reason != "" {
			text += ": “" + clipped(j.Reason) + "”"
		}
		return text
	}
	note := func(notes []Note) string {
		if len(notes) == 0 {
			return ""
		}
		return "note “" + clipped(notes[len(notes)-1].Text) + "”"
	}
	said := func(one Review) string {
		if one.Verdict != nil {
			return verdict(one.Verdict)
		}
		return note(one.Notes)
	}
	switch {
	case d.Path == "reviews": // the first that anybody says
		var all map[string]Review
		if json.Unmarshal(d.To, &all) == nil {
			for _, one := range all {
				return said(one)
			}
		}
	case len(parts) == 2:
		var one Review
		if json.Unmarshal(d.To, &one) == nil {
			return said(one)
		}
	case len(parts) == 3 && parts[2] == "verdict":
		var j *Judgement
		if json.Unmarshal(d.To, &j) == nil {
			return verdict(j)
		}
	case len(parts) == 4 && parts[2] == "verdict" && (parts[3] == "verdict" || parts[3] == "reason"):
		return strings.TrimSuffix(parts[3], "verdict") + strings.ReplaceAll(fmt.Sprintf("%s → %s", wordsOf(d.Path, d.From), wordsOf(d.Path, d.To)), "_", " ")
	case len(parts) == 3 && parts[2] == "notes":
		var notes []Note
		if json.Unmarshal(d.To, &notes) == nil {
			return note(notes)
		}
	}
	return ""
}

// resultsText is what a run came to.
func resultsText(d Difference) string {
	var r Results
	if json.Unmarshal(d.To, &r) != nil {
		return ""
	}
	text := fmt.Sprintf("findings %d", len(r.Findings))
	if r.RiskScore != nil {
		text = fmt.Sprintf("risk score %.1f, %s; ", *r.RiskScore, r.RiskLevel) + text
	}
	return text
}

// countText tells how many elements a list had and has.
func countText(noun string, d Difference) string {
	var from, to []json.RawMessage
	if json.Unmarshal(d.From, &from) != nil && len(d.From) > 0 || json.Unmarshal(d.To, &to) != nil && len(d.To) > 0 {
		return ""
	}
	return fmt.Sprintf("%ss %d → %d", noun, len(from), len(to))
}

// entitiesText tells which entities came and went.
func entitiesText(was, is json.RawMessage) string {
	var from, to []Entity
	if json.Unmarshal(was, &from) != nil || json.Unmarshal(is, &to) != nil {
		return "entities changed"
	}
	same := func(a Entity) func(Entity) bool {
		return func(b Entity) bool { return a.Type == b.Type && a.Value == b.Value }
	}
	var parts []string
	for _, e := range to {
		if !slices.ContainsFunc(from, same(e)) {
			parts = append(parts, entityNames([]Entity{e})[0]+" added")
		}
	}
	for _, e := range from {
		if !slices.ContainsFunc(to, same(e)) {
			parts = append(parts, entityNames([]Entity{e})[0]+" removed")
		}
	}
	if len(parts) == 0 {
		return "entities changed"
	}
	return strings.Join(parts, ", ")
}

// turned says what a change of status is, by the status after it.
var turned = map[Status]string{
	Paused: "paused the run", Cancelled: "cancelled the run", Completed: "completed the run", Failed: "stopped the run after an error",
}

// statusText tells a change of status as an act.
func statusText(d Difference) string {
	var from, to Status
	if json.Unmarshal(d.From, &from) != nil || json.Unmarshal(d.To, &to) != nil {
		return ""
	}
	switch {
	case to == Running && from == Draft:
		return "started the run"
	case to == Running && from == Paused:
		return "resumed the run"
	case to == Running:
		return "took the run up again"
	}
	return turned[to]
}

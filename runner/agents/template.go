package agents

import (
	"slices"
	"time"

	"github.com/olorin-dev/olorin"
)

// templates are the built-in templates: which tools each switches on, and whom it asks for.
var templates = []struct {
	id, name, description string
	tags                  []string
	entities              []olorin.Entity
	labels                []string // what is asked for each entity
	preset                olorin.RangePreset
	tools                 []string
}{
	{
		"builtin-account-takeover", "Account takeover", "Is somebody else using this account? New devices and places, guessed passwords, a sensitive act right after.",
		[]string{"account takeover"},
		[]olorin.Entity{{Type: "user_id", Primary: true}},
		[]string{"The user whose account may be taken over"},
		"last_90d",
		[]string{"GEO-01", "GEO-02", "GEO-03", "GEO-06", "GEO-08", "DEV-02", "DEV-03", "DEV-04", "DEV-05", "NET-02", "NET-03", "NET-04", "NET-08", "NET-07", "VEL-05", "VEL-06", "VEL-07", "VEL-13", "VEL-08", "VEL-09", "VEL-12", "IDN-08", "PAY-11", "LNK-02"},
	},
	{
		"builtin-identity", "Identity", "Is this person who they say they are? Made-up and shared identities, young accounts, links to others.",
		[]string{"identity"},
		[]olorin.Entity{{Type: "user_id", Primary: true}},
		[]string{"The user to investigate"},
		olorin.RangeAll,
		[]string{"IDN-01", "IDN-02", "IDN-03", "IDN-04", "IDN-05", "IDN-06", "IDN-07", "IDN-09", "VEL-12", "DEV-01", "NET-06", "LNK-01", "LNK-02", "LNK-08", "GEO-04"},
	},
	{
		"builtin-device-fraud", "Device fraud", "What is this device used for? Many accounts, many cards, a program at the keyboard.",
		[]string{"device"},
		[]olorin.Entity{{Type: "device_id", Primary: true}},
		[]string{"The device to investigate"},
		"last_90d",
		[]string{"DEV-01", "DEV-02", "DEV-03", "DEV-04", "DEV-05", "DEV-06", "DEV-07", "DEV-08", "NET-01", "NET-03", "NET-04", "NET-08", "NET-05", "NET-07", "IDN-09", "LNK-01", "LNK-02", "LNK-08", "VEL-04"},
	},
	{
		"builtin-payment-fraud", "Payment fraud", "Are these payments the card holder's own? Card testing, probing, amounts far above what is usual.",
		[]string{"payment", "cards"},
		[]olorin.Entity{{Type: "card_number", Primary: true}},
		[]string{"The card to investigate, as the data set shows it"},
		"last_30d",
		[]string{"VEL-01", "VEL-02", "VEL-03", "VEL-04", "VEL-05", "VEL-06", "PAY-01", "PAY-02", "PAY-08", "PAY-09", "PAY-11", "PAY-14", "PAY-15", "PAY-17", "GEO-01", "GEO-04", "GEO-05", "GEO-07", "DEV-08", "LNK-02"},
	},
	{
		"builtin-email-domain", "E-mail address", "Who is behind this address? Disposable domains, mailboxes in many spellings, addresses in series.",
		[]string{"identity", "e-mail"},
		[]olorin.Entity{{Type: "email", Primary: true}},
		[]string{"The e-mail address to investigate"},
		olorin.RangeAll,
		[]string{"IDN-01", "IDN-02", "IDN-03", "IDN-04", "IDN-05", "IDN-06", "IDN-09", "NET-01", "NET-06", "DEV-01", "VEL-04", "LNK-01", "LNK-02", "LNK-08"},
	},
	{
		"builtin-business-fraud", "Business fraud", "Is this business honest? Round and split amounts, money that only passes through, many payers at once.",
		[]string{"business", "money laundering"},
		[]olorin.Entity{{Type: "merchant_id", Primary: true}},
		[]string{"The merchant to investigate"},
		"last_365d",
		[]string{"PAY-02", "PAY-03", "PAY-04", "PAY-05", "PAY-06", "PAY-07", "PAY-09", "PAY-10", "PAY-12", "PAY-14", "PAY-16", "PAY-18", "LNK-02", "LNK-03", "LNK-04", "LNK-05", "LNK-06", "LNK-09", "LNK-10", "VEL-01", "VEL-03", "VEL-06", "VEL-10"},
	},
}

// templatesOf is when the built-in templates were written.
var templatesOf = olorin.At(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))

// Templates returns the built-in templates. Each lists every tool, those that it does not want switched off.
func Templates() []olorin.Template {
	made := make([]olorin.Template, len(templates))
	for i, b := range templates {
		s := olorin.DefaultSettings()
		s.Entities, s.TimeRange = slices.Clone(b.entities), olorin.TimeRange{Preset: b.preset}
		for _, a := range Catalogue() {
			for _, tool := range a.Tools {
				s.ToolMatrix = append(s.ToolMatrix, olorin.ToolChoice{Agent: a.ID, Tool: tool.ID, Enabled: slices.Contains(b.tools, tool.ID)})
			}
		}
		places := []olorin.Placeholder{{Name: "dataset", Label: "The data set to look in", Pointer: "/dataset"}}
		for n, label := range b.labels {
			places = append(places, olorin.Placeholder{Name: string(b.entities[n].Type), Label: label, Pointer: "/entities/" + string(rune('0'+n)) + "/value"})
		}
		made[i] = olorin.Template{
			TemplateRow: olorin.TemplateRow{
				ID: b.id, Scope: olorin.ScopeOrg, Name: b.name, Description: b.description, Tags: b.tags,
				BuiltIn: true, Version: 1, EntityCount: len(s.Entities), CreatedAt: templatesOf, UpdatedAt: templatesOf,
			},
			Settings: s, Placeholders: places,
		}
	}
	return made
}

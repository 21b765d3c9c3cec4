package agents

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Page is docs/checks.md: what every check asks, needs and takes for granted, from the checks' own headers.
func Page() string {
	var b strings.Builder
	b.WriteString("# The checks\n\nWritten from the headers of `runner/agents/checks/` by `go test ./runner/agents -run ChecksPage -update`; do not edit.\n\n" +
		"A check fires, is clear, or is not assessed, and then says why. Weight is what it counts at full strength (see [scoring](scoring.md)). " +
		"Checks of one group measure related things and are damped together. *account* is the file's first of " + strings.Join(accountColumns, ", ") + ".\n")
	for _, a := range Catalogue() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", a.Title, a.Description)
		for _, t := range a.Tools {
			fmt.Fprintf(&b, "\n### %s %s\n\n%s\n\n", t.ID, t.Title, t.Description)
			needs := make([]string, len(t.Needs))
			for i, any := range t.Needs {
				needs[i] = strings.Join(any, " or ")
			}
			fmt.Fprintf(&b, "- Needs: %s", strings.Join(needs, ", "))
			if t.MinRows > 0 {
				fmt.Fprintf(&b, "; at least %d rows of the accounts in question", t.MinRows)
			}
			if t.Times > 0 {
				fmt.Fprintf(&b, "; times that tell the %s", cmp.Or(timeWords[t.Times], "second"))
			}
			if t.NeedsList != "" {
				fmt.Fprintf(&b, "; a list of the kind %s", t.NeedsList)
			}
			if t.MinFileRows > 0 {
				fmt.Fprintf(&b, "; a file of at least %d rows", t.MinFileRows)
			}
			fmt.Fprintf(&b, "\n- Measured against: %s\n- Weight %s, group %s, one finding a %s, version %d\n", t.Baseline, number(t.Weight), t.Group, t.Unit, t.Version)
			if t.Reference != "" {
				fmt.Fprintf(&b, "- Reference: %s\n", t.Reference)
			}
			if len(t.Params) > 0 {
				b.WriteString("\n| parameter | meaning | default | bounds | source |\n|---|---|---|---|---|\n")
				for _, p := range t.Params {
					fmt.Fprintf(&b, "| `%s` | %s | %s %s | %s..%s | %s |\n", p.Name, p.Title, number(p.Default), p.Unit, number(p.Min), number(p.Max), p.Reference)
				}
			}
		}
	}
	b.WriteString("\n## By the risk factors of PSD2\n\nWhat Commission Delegated Regulation (EU) 2018/389 asks of transaction monitoring, and which checks look at it. The same findings, seen by a regulator.\n\n| article | factor | checks |\n|---|---|---|\n")
	for _, f := range factors {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", f.article, f.name, strings.Join(f.checks, ", "))
	}
	b.WriteString("\n## What is not here\n\n")
	for _, l := range left {
		fmt.Fprintf(&b, "- **%s.** %s\n", l.name, l.reason)
	}
	return b.String()
}

func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

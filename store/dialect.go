package store

// dialect holds the texts that differ between databases. All other SQL is the same text for each, with parameters $1, $2 …
// numbered in the order of their first appearance.
type dialect struct {
	// textMatch selects the nums of investigations whose text fits one parameter, made by words.
	textMatch string
	// words makes the parameter of textMatch out of what a person typed, narrowed to an owner unless that is "". It is "" where no word
	// was typed.
	words func(owner, text string) string
	// by tells the planner which index to take, where it would guess wrong.
	by func(index string) string
	// skipLocked ends the selection of a row to claim, so that two claimers do not wait for one another.
	skipLocked string
}

var sqliteDialect = dialect{
	textMatch: `SELECT rowid FROM investigation_text WHERE investigation_text MATCH `,
	words:     ftsWords,
	by:        func(index string) string { return " INDEXED BY " + index },
}

// Package olorin is the domain of an investigation workbench that never loses your place.
//
// An investigation is a log of numbered events and the snapshot they add up to. The number of the newest event is the
// investigation's version, its ETag and the cursor by which everybody follows it:
//
//	Investigation   the snapshot: settings, progress, results        investigation.go, finding.go, settings.go
//	Event, Body     one entry of the log, and what it says           event.go
//	Apply, Fold     snapshot + event = snapshot; log = snapshot      apply.go
//	Status, Act     the state machine, one table                     status.go
//	Command         pure: what a wish does to a snapshot             command.go
//	Desk.Change     the one door for writing                         desk.go
//	Desk.Updates    the one answer for reading                       updates.go
//	Desk.Start      what a run needs, and its beginning              run.go
//	Cadence         how soon to come back                            cadence.go
//	Actor           who may see and change what                      access.go
//	Score           from what checks found to a risk                 score.go
//
// The package decides and carries nothing: it is standard library only and knows no file, socket or database.
// Store, Runs, Datasets and Users are what it needs to be carried; package store does it.
package olorin

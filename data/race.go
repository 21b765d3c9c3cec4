//go:build race

package data

// childEnv: what the race detector is told. Without it, it would hold up each child's end by a second.
var childEnv = []string{"GORACE=atexit_sleep_ms=0"}

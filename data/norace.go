//go:build !race

package data

// childEnv is empty: a child knows nothing of the server's environment.
var childEnv = []string{}

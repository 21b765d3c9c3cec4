//go:build !unix

package store

import "github.com/olorin-dev/olorin"

type fileLock struct{}

func lockFile(string) (*fileLock, error) {
	return nil, olorin.Errorf(olorin.CodeUnavailable, "a SQLite database cannot be served on this system: it has no file locks that end with their process")
}

func (*fileLock) release() error { return nil }

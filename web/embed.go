// Package web carries the built browser application inside the binary.
package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built application: index.html at its root and, under assets/,
// files whose names hold a hash of their content. It holds no index.html where
// the application was not built (`npm run build` in web/).
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // "dist" is a valid path, the only thing fs.Sub can refuse
	}
	return files
}

package data

import "github.com/olorin-dev/olorin"

// EntityColumns lists the canonical columns that may hold entities of a type, the first that a file has being the one to use:
// files that know only one of user and account mean the same by it.
func EntityColumns(t olorin.EntityType) []string {
	switch t {
	case "user_id":
		return []string{"user_id", "account_id"}
	case "account_id":
		return []string{"account_id", "user_id"}
	}
	return []string{string(t)}
}

package olorin

// AuditEntry is one row of the audit trail, written in the transaction of what it tells.
type AuditEntry struct {
	Number          int64  `json:"number"`
	At              Time   `json:"at"`
	Actor           Actor  `json:"actor"`
	Origin          string `json:"origin,omitempty" doc:"Where the actor came from, such as a remote address."`
	Source          Source `json:"source"`
	Action          string `json:"action" doc:"Types of the events, or the act, such as login."`
	InvestigationID string `json:"investigation_id,omitempty"`
	VersionBefore   int64  `json:"version_before"`
	VersionAfter    int64  `json:"version_after"`
	Detail          string `json:"detail,omitempty"`
}

// AuditPage is a page of the audit trail.
type AuditPage struct {
	Items      []AuditEntry `json:"items"`
	NextCursor int64        `json:"next_cursor"`
	HasMore    bool         `json:"has_more"`
}

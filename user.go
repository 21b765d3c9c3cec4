package olorin

import "context"

// User is somebody who may log in. ID is the login name; it is also the subject of tokens and the owner of what the user makes.
type User struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Role         Role   `json:"role" enum:"analyst,lead,auditor,agent,admin"`
	PasswordHash string `json:"-"`
	CreatedAt    Time   `json:"created_at"`
	Disabled     bool   `json:"disabled"`
}

// Session is a login that can be refreshed until it expires. Only hashes of its secrets are kept: of the one that is good, and of the one
// that was traded in for it.
type Session struct {
	ID         string
	UserID     string
	SecretHash string
	ExpiresAt  Time
	TradedHash string // "" before the first refresh
	TradedAt   Time   // when SecretHash was made
}

// Users keeps users and their sessions.
type Users interface {
	// User returns a user by login name.
	User(ctx context.Context, id string) (User, error)
	// Users lists all users by login name.
	Users(ctx context.Context) ([]User, error)
	// PutUser adds or replaces a user. Another password or role, and being disabled, end the sessions of a user.
	PutUser(ctx context.Context, u User, audit AuditEntry) error
	// PutSession begins a session or, for a known id, trades its secret: CodeConflict where that is not TradedHash any more.
	PutSession(ctx context.Context, s Session, audit AuditEntry) (Durability, error)
	// Session returns a session that has not been ended.
	Session(ctx context.Context, id string) (Session, error)
	// EndSession logs out.
	EndSession(ctx context.Context, id string, audit AuditEntry) error
}

package olorin

// Kind tells what sort of actor did something.
type Kind string

// The kinds of actors.
const (
	KindUser   Kind = "user"
	KindSystem Kind = "system"
	KindAgent  Kind = "agent"
)

// Role is what a user may do.
type Role string

// The roles. An auditor reads every investigation and changes none; the others work on their own.
const (
	RoleAnalyst Role = "analyst"
	RoleLead    Role = "lead"
	RoleAuditor Role = "auditor"
	RoleAgent   Role = "agent"
	RoleAdmin   Role = "admin"
)

// Roles lists the roles.
var Roles = []Role{RoleAnalyst, RoleLead, RoleAuditor, RoleAgent, RoleAdmin}

// Actor is who does something. Role and Origin stay out of the log; Origin (such as a remote address) goes into the audit trail.
type Actor struct {
	Kind   Kind   `json:"kind" enum:"user,system,agent"`
	ID     string `json:"id"`
	Role   Role   `json:"-"`
	Origin string `json:"-"`
}

// System is the server itself: it carries runs forward.
var System = Actor{Kind: KindSystem, ID: "olorin"}

func (a Actor) source() Source {
	switch a.Kind {
	case KindUser:
		return SourceUser
	case KindAgent:
		return SourceAgent
	}
	return SourceSystem
}

// sees tells whether the actor may know that something of this owner exists.
func (a Actor) sees(owner string) bool {
	return a.Kind == KindSystem || a.ID == owner || a.Role == RoleAuditor
}

// MayView refuses with CodeNotFound, so that ids leak nothing.
func (a Actor) MayView(owner, id string) error {
	if !a.sees(owner) {
		return NotFound("investigation", id)
	}
	return nil
}

// MayChange refuses with CodeNotFound what the actor may not see, and with CodeForbidden what it may only see.
func (a Actor) MayChange(owner, id string) error {
	if err := a.MayView(owner, id); err != nil {
		return err
	}
	return a.MayWrite()
}

// MayWrite refuses roles that only read.
func (a Actor) MayWrite() error {
	if a.Role == RoleAuditor {
		return Errorf(CodeForbidden, "the role auditor may read but not change anything")
	}
	return nil
}

// MayAudit tells whether the actor may read the whole audit trail.
func (a Actor) MayAudit() bool { return a.Role == RoleAuditor || a.Role == RoleAdmin }

// NotFound says that there is no such thing, or none that the asker may know of.
func NotFound(noun, id string) *Error {
	return Errorf(CodeNotFound, "there is no %s %q", noun, id)
}

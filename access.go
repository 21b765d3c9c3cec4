package olorin

import "context"

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
	// Run is the one investigation whose run an external agent works for: there, and only there, it may do what the run may.
	Run string `json:"-"`
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

// Access is what decides who may do what with an investigation.
type Access struct {
	Owner    string
	Assignee string // empty: nobody
	Shared   bool
}

// Right is what somebody wants to do with an investigation.
type Right int

// The rights. To change is the owner's; to review, that is to give verdicts and write notes, also the assignee's. To view is also given
// to auditors, and where the owner shares it to every user of the organisation, which is whoever has an account on this server.
const (
	ToChange Right = iota
	ToReview
	ToView
)

// May refuses with CodeNotFound what the actor may not see, so that ids leak nothing, and with CodeForbidden what it may only see.
func (a Actor) May(right Right, x Access, id string) error {
	owns := a.Kind == KindSystem || a.ID == x.Owner || a.Kind == KindAgent && a.Run != "" && a.Run == id
	asked := a.Kind == KindUser && a.ID == x.Assignee && x.Assignee != ""
	shown := x.Shared && a.Kind == KindUser && a.Role != RoleAgent
	switch {
	case !owns && !asked && !shown && !a.sees(x.Owner):
		return NotFound("investigation", id)
	case right == ToView:
		return nil
	}
	if err := a.MayWrite(); err != nil {
		return err
	}
	switch {
	case owns || asked && right == ToReview:
		return nil
	case right == ToReview:
		return Errorf(CodeForbidden, "you may read investigation %q; its findings are reviewed by its owner and by whom it is assigned to", id)
	}
	return Errorf(CodeForbidden, "you may read investigation %q; only its owner changes it", id)
}

// MayAuditOf tells whether the actor may read the trail of one investigation: it tells from where its owner worked, which is
// nothing for those whom the results are shown to.
func (a Actor) MayAuditOf(x Access) bool { return a.MayAudit() || a.sees(x.Owner) }

// MayWrite refuses roles that only read.
func (a Actor) MayWrite() error {
	if a.Role == RoleAuditor {
		return Errorf(CodeForbidden, "the role auditor may read but not change anything")
	}
	return nil
}

// Sharing is what an owner changes about who else may see an investigation; nil is "as it is".
type Sharing struct {
	Assignee *string // empty: nobody
	Shared   *bool
}

// Decide is the Command of it.
func (s Sharing) Decide(inv Investigation) ([]Body, error) {
	var change SettingsChanged
	if s.Assignee != nil && *s.Assignee != inv.Assignee {
		change.Assignee = s.Assignee
	}
	if s.Shared != nil && *s.Shared != inv.Shared {
		change.Shared = s.Shared
	}
	if change.Assignee == nil && change.Shared == nil {
		return nil, nil
	}
	return []Body{change}, nil
}

// leads tells whether the actor keeps what belongs to the whole organisation.
func (a Actor) leads() bool { return a.Role == RoleLead || a.Role == RoleAdmin }

// MayAudit tells whether the actor may read the whole audit trail.
func (a Actor) MayAudit() bool { return a.Role == RoleAuditor || a.Role == RoleAdmin }

// NotFound says that there is no such thing, or none that the asker may know of.
func NotFound(noun, id string) *Error {
	return Errorf(CodeNotFound, "there is no %s %q", noun, id)
}

// MayShare tells whether the actor may change who else sees an investigation.
func (d *Desk) MayShare(ctx context.Context, actor Actor, id string) error {
	head, err := d.Head(ctx, actor, id)
	if err != nil {
		return err
	}
	return actor.May(ToChange, head.Access(), id)
}

// Share changes who else may see an investigation.
func (d *Desk) Share(ctx context.Context, actor Actor, id string, s Sharing, cond Condition) (Changed, error) {
	return d.Change(ctx, actor, id, existing(s.Decide), cond)
}

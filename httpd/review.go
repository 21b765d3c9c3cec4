package httpd

import (
	"net/http"

	"github.com/olorin-dev/olorin"
)

type verdictBody struct {
	Verdict olorin.Verdict `json:"verdict" required:"true" enum:"confirmed,false_positive,undecided"`
	Reason  string         `json:"reason,omitempty" maxLength:"2000" doc:"Only undecided may stand without."`
}

type noteBody struct {
	Text string `json:"text" required:"true" minLength:"1" maxLength:"4000"`
}

type sharingBody struct {
	Assignee *string `json:"assignee,omitempty" maxLength:"200" doc:"Who is asked to review the findings; empty: nobody. Absent: as it is."`
	Shared   *bool   `json:"shared,omitempty" doc:"Whether everybody of the organisation may read it. Absent: as it is."`
}

// judge takes a verdict on a finding.
func (s *Server) judge(w http.ResponseWriter, r *http.Request) error {
	in, err := body[verdictBody](s, r)
	if err != nil {
		return err
	}
	return s.review(w, r, olorin.Judge(r.PathValue("finding"), in.Verdict, in.Reason))
}

// withdraw takes a verdict back.
func (s *Server) withdraw(w http.ResponseWriter, r *http.Request) error {
	return s.review(w, r, olorin.Withdraw(r.PathValue("finding")))
}

// annotate takes a note on a finding.
func (s *Server) annotate(w http.ResponseWriter, r *http.Request) error {
	in, err := body[noteBody](s, r)
	if err != nil {
		return err
	}
	return s.review(w, r, olorin.Annotate(r.PathValue("finding"), in.Text))
}

func (s *Server) review(w http.ResponseWriter, r *http.Request, command olorin.Command) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	cond, err := s.conditionOf(r, id)
	if err != nil {
		return err
	}
	changed, err := s.Desk.Review(r.Context(), actorOf(r), id, command, cond)
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

// share changes who else may see an investigation. It is assigned only to somebody who has an account here: a name that nobody has
// would be a task that nobody does, and a right for whoever takes the name later.
func (s *Server) share(w http.ResponseWriter, r *http.Request) error {
	id, err := pathID(r)
	if err != nil {
		return err
	}
	in, err := body[sharingBody](s, r)
	if err != nil {
		return err
	}
	cond, err := s.conditionOf(r, id)
	if err != nil {
		return err
	}
	if err := s.Desk.MayShare(r.Context(), actorOf(r), id); err != nil {
		return err
	}
	if to := in.Assignee; to != nil && *to != "" {
		user, err := s.Users.User(r.Context(), *to)
		if err != nil && olorin.CodeOf(err) != olorin.CodeNotFound {
			return err
		}
		if err != nil || !colleague(user) {
			return olorin.Invalid("the investigation was not assigned", olorin.Fault{Pointer: "/assignee", Code: "unknown", Detail: quote(*to) + " is nobody who could review it here; see /api/v1/users"})
		}
	}
	changed, err := s.Desk.Share(r.Context(), actorOf(r), id, olorin.Sharing{Assignee: in.Assignee, Shared: in.Shared}, cond)
	if err != nil {
		return err
	}
	return writeState(w, changed)
}

// colleague tells whether a user is somebody who could be asked to review something.
func colleague(u olorin.User) bool {
	return !u.Disabled && u.Role != olorin.RoleAgent && u.Role != olorin.RoleAuditor
}

type usersAnswer struct {
	Items []userAnswer `json:"items"`
}

// users lists those whom work can be assigned to.
func (s *Server) users(w http.ResponseWriter, r *http.Request) error {
	all, err := s.Users.Users(r.Context())
	if err != nil {
		return err
	}
	answer := usersAnswer{Items: []userAnswer{}}
	for _, u := range all {
		if colleague(u) {
			answer.Items = append(answer.Items, userAnswer{ID: u.ID, Name: u.Name, Role: u.Role})
		}
	}
	return writeJSON(w, http.StatusOK, answer)
}

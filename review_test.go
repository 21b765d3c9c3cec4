package olorin_test

import (
	"strings"
	"testing"

	"github.com/olorin-dev/olorin"
)

// reviewed is a finished investigation with one finding.
func reviewed(t *testing.T) *log {
	t.Helper()
	l := running(t)
	found := olorin.FindingAdded{Finding: olorin.Finding{ID: "f", Agent: "device", Tool: "DEV-01", ToolVersion: 3}}
	for _, c := range []olorin.Command{olorin.Report(olorin.At(l.now), found), olorin.Complete(olorin.Results{Summary: "over"})} {
		if err := l.do(olorin.System, c); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func TestAVerdictStaysWithTheFindingThroughARestore(t *testing.T) {
	l := reviewed(t)
	ana, ben := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}, olorin.Actor{Kind: olorin.KindUser, ID: "ben"}
	begin, err := olorin.Fold("x", l.events[:2])
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		who olorin.Actor
		do  olorin.Command
	}{
		{ana, olorin.Judge("f", olorin.Confirmed, " the card was stolen ")},
		{ben, olorin.Annotate("f", "called the customer")},
		{ben, olorin.Judge("f", olorin.FalsePositive, "it is his brother")},
	} {
		if err := l.do(step.who, step.do); err != nil {
			t.Fatal(err)
		}
	}
	check := func() {
		t.Helper()
		r := l.inv.Reviews["f"]
		if r.Tool != "DEV-01" || r.ToolVersion != 3 || r.Verdict == nil || r.Verdict.Verdict != olorin.FalsePositive || r.Verdict.Reason != "it is his brother" || r.Verdict.By != "ben" || r.Verdict.At.IsZero() {
			t.Fatalf("review %+v, verdict %+v", r, r.Verdict)
		}
		if len(r.Notes) != 1 || r.Notes[0].Text != "called the customer" || r.Notes[0].By != "ben" {
			t.Fatalf("notes %+v", r.Notes)
		}
	}
	check()
	version := l.inv.Version
	if err := l.do(ana, olorin.Judge("f", olorin.FalsePositive, "it is his brother")); err != nil || l.inv.Version != version {
		t.Fatalf("the same verdict again wrote something (%v)", err)
	}
	if err := l.do(ana, olorin.Restore(olorin.Checkpoint{Seq: 2, Label: "begin"}, begin)); err != nil {
		t.Fatal(err)
	}
	if l.inv.Results != nil {
		t.Fatal("the checkpoint had results")
	}
	check()
	if err := l.do(ana, olorin.Judge("f", olorin.Confirmed, "now")); olorin.CodeOf(err) != olorin.CodeNotFound {
		t.Fatalf("a verdict on a finding that is not there: %v", err)
	}
}

func TestWithdrawnIsNotUndecided(t *testing.T) {
	l := reviewed(t)
	ana := olorin.Actor{Kind: olorin.KindUser, ID: "ana"}
	for _, c := range []olorin.Command{olorin.Judge("f", olorin.Undecided, ""), olorin.Withdraw("f"), olorin.Withdraw("f")} {
		if err := l.do(ana, c); err != nil {
			t.Fatal(err)
		}
	}
	if r, ok := l.inv.Reviews["f"]; !ok || r.Verdict != nil {
		t.Fatalf("after the withdrawal: %+v, %v", r, ok)
	}
}

func TestWhatIsSaidOfAFindingIsChecked(t *testing.T) {
	l := reviewed(t)
	for name, c := range map[string]struct {
		do      olorin.Command
		pointer string
		code    string
	}{
		"a word that is no verdict": {olorin.Judge("f", "guilty", "x"), "/verdict", "unknown"},
		"no reason":                 {olorin.Judge("f", olorin.Confirmed, " "), "/reason", "required"},
		"a long reason":             {olorin.Judge("f", olorin.Undecided, strings.Repeat("x", 2001)), "/reason", "too_long"},
		"an empty note":             {olorin.Annotate("f", "\n"), "/text", "required"},
		"a long note":               {olorin.Annotate("f", strings.Repeat("é", 4001)), "/text", "too_long"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.do(l.inv)
			e, ok := err.(*olorin.Error)
			if !ok || len(e.Faults) != 1 || e.Faults[0].Pointer != c.pointer || e.Faults[0].Code != c.code {
				t.Fatalf("refused with %v", err)
			}
		})
	}
}

func TestWhoMayDoWhat(t *testing.T) {
	user := func(id string, role olorin.Role) olorin.Actor {
		return olorin.Actor{Kind: olorin.KindUser, ID: id, Role: role}
	}
	private := olorin.Access{Owner: "ana"}
	assigned := olorin.Access{Owner: "ana", Assignee: "ben"}
	shared := olorin.Access{Owner: "ana", Shared: true}
	const hidden, readOnly, allowed = olorin.CodeNotFound, olorin.CodeForbidden, olorin.Code("")
	for _, c := range []struct {
		name                 string
		who                  olorin.Actor
		to                   olorin.Access
		view, review, change olorin.Code
	}{
		{"the owner", user("ana", olorin.RoleAnalyst), private, allowed, allowed, allowed},
		{"the server", olorin.System, private, allowed, allowed, allowed},
		{"a colleague", user("ben", olorin.RoleAnalyst), private, hidden, hidden, hidden},
		{"a lead and an admin are colleagues", user("ben", olorin.RoleAdmin), private, hidden, hidden, hidden},
		{"nobody in particular", user("", olorin.RoleAnalyst), private, hidden, hidden, hidden},
		{"an auditor", user("eve", olorin.RoleAuditor), private, allowed, readOnly, readOnly},
		{"whom it is assigned to", user("ben", olorin.RoleAnalyst), assigned, allowed, allowed, readOnly},
		{"an auditor whom it is assigned to", user("ben", olorin.RoleAuditor), assigned, allowed, readOnly, readOnly},
		{"another colleague", user("cyd", olorin.RoleLead), assigned, hidden, hidden, hidden},
		{"a colleague, of what is shared", user("ben", olorin.RoleAnalyst), shared, allowed, readOnly, readOnly},
		{"a program, of what is shared", user("bot", olorin.RoleAgent), shared, hidden, hidden, hidden},
		{"an agent, of what is shared", olorin.Actor{Kind: olorin.KindAgent, ID: "bot"}, shared, hidden, hidden, hidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			for right, want := range map[olorin.Right]olorin.Code{olorin.ToView: c.view, olorin.ToReview: c.review, olorin.ToChange: c.change} {
				if got := olorin.CodeOf(c.who.May(right, c.to, "x")); got != want {
					t.Errorf("right %d: %q, want %q", right, got, want)
				}
			}
		})
	}
	if user("ben", olorin.RoleAnalyst).MayAuditOf(shared) || !user("ana", olorin.RoleAnalyst).MayAuditOf(shared) || !user("eve", olorin.RoleAuditor).MayAuditOf(shared) {
		t.Error("the trail of what is shared is for its owner and for auditors")
	}
}

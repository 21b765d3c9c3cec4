package agency_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/runner/agents"
)

var offer = agency.Registration{Title: "Ext", Tools: []agents.Offer{{Tool: "EXT-01", Title: "A tool", Version: 1, Weight: .3}}}

// work offers one piece of work and returns how it ended, and the reports that came through.
func work(ctx context.Context, a *agency.Agency) (ended chan error, reports *[]agency.WorkReport) {
	ended, reports = make(chan error, 1), &[]agency.WorkReport{}
	go func() {
		ended <- a.Do(ctx, agency.Job{
			Agent: "ext", Assignment: agency.Assignment{Tool: "EXT-01"},
			Note: func(context.Context, agency.WorkSign) error { return nil },
			Report: func(_ context.Context, r agency.WorkReport) error {
				if r.Reason == "refuse" {
					return olorin.Invalid("refused", olorin.Fault{Pointer: "/findings/0/rows/0", Code: "unknown_row"})
				}
				*reports = append(*reports, r)
				return nil
			},
		})
	}()
	return ended, reports
}

func code(t *testing.T, err error, want olorin.Code) {
	t.Helper()
	if olorin.CodeOf(err) != want {
		t.Errorf("%v; want %q", err, want)
	}
}

func TestWorkIsLeasedHandedOutAgainAndReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		a := agency.New(agency.Limits{Lease: 10 * time.Second, Silence: time.Minute}, olorin.SystemClock)
		_, err := a.Take(ctx, "ext")
		code(t, err, olorin.CodeNotFound) // not registered
		if err := a.Register("ext", offer); err != nil {
			t.Fatal(err)
		}
		ended, reports := work(ctx, a)
		synctest.Wait()
		first, err := a.Take(ctx, "ext")
		if err != nil || first == nil || first.Tool != "EXT-01" {
			t.Fatalf("%+v %v", first, err)
		}

		// Nobody else has it, and others cannot use the lease.
		soon, done := context.WithTimeout(ctx, time.Second)
		defer done()
		if again, err := a.Take(soon, "ext"); again != nil || err != nil {
			t.Fatalf("handed out twice: %+v %v", again, err)
		}
		code(t, a.Note(ctx, "other", first.Lease, agency.WorkSign{}), olorin.CodeLeaseLost)
		code(t, a.Note(ctx, "ext", "guessed", agency.WorkSign{}), olorin.CodeLeaseLost)

		// A sign of life moves the lease on; without one it lapses, and whoever asks next gets the work.
		time.Sleep(8 * time.Second)
		if err := a.Note(ctx, "ext", first.Lease, agency.WorkSign{}); err != nil {
			t.Fatal(err)
		}
		second, err := a.Take(ctx, "ext") // waits until it lapses
		if err != nil || second == nil || second.Lease == first.Lease {
			t.Fatalf("%+v %v", second, err)
		}
		code(t, a.Report(ctx, "ext", first.Lease, agency.WorkReport{Outcome: olorin.Clear}), olorin.CodeLeaseLost)

		// A refused report leaves the work with its agent. One that was taken may come again, and not otherwise.
		code(t, a.Report(ctx, "ext", second.Lease, agency.WorkReport{Outcome: olorin.Fired}), olorin.CodeInvalid)
		code(t, a.Report(ctx, "ext", second.Lease, agency.WorkReport{Outcome: olorin.NotAssessed, Reason: "refuse"}), olorin.CodeInvalid)
		for range 3 {
			if err := a.Report(ctx, "ext", second.Lease, agency.WorkReport{Outcome: olorin.Clear}); err != nil {
				t.Fatal(err)
			}
		}
		code(t, a.Report(ctx, "ext", second.Lease, agency.WorkReport{Outcome: olorin.NotAssessed, Reason: "changed my mind"}), olorin.CodeExists)
		code(t, a.Note(ctx, "ext", second.Lease, agency.WorkSign{}), olorin.CodeLeaseLost)
		if err := <-ended; err != nil || len(*reports) != 1 {
			t.Fatalf("%v, %d reports came through", err, len(*reports))
		}
	})
}

func TestSilentAgentsFailTheirWorkAndLeaveTheCatalogue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := agency.New(agency.Limits{Lease: 10 * time.Second, Silence: time.Minute}, olorin.SystemClock)
		if err := a.Register("ext", offer); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		nobody, _ := work(t.Context(), a)
		if err := <-nobody; !errors.Is(err, agency.ErrSilent) || time.Since(began) != time.Minute {
			t.Fatalf("work that nobody took ended by %v after %s", err, time.Since(began))
		}
		taken, _ := work(t.Context(), a)
		synctest.Wait()
		if w, err := a.Take(t.Context(), "ext"); w == nil || err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		if len(a.Catalogue()) != 1 {
			t.Error("an agent that was there half a minute ago is not in the catalogue")
		}
		if err := <-taken; !errors.Is(err, agency.ErrSilent) {
			t.Fatalf("work whose agent is silent ended by %v", err)
		}
		time.Sleep(time.Second)
		if len(a.Catalogue()) != 0 {
			t.Error("an agent that is gone is in the catalogue")
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		over := errors.New("the run is cancelled")
		cancelled, _ := work(ctx, a)
		synctest.Wait()
		w, err := a.Take(t.Context(), "ext")
		if err != nil {
			t.Fatal(err)
		}
		cancel(over)
		if err := <-cancelled; !errors.Is(err, over) {
			t.Fatal(err)
		}
		code(t, a.Report(t.Context(), "ext", w.Lease, agency.WorkReport{Outcome: olorin.Clear}), olorin.CodeLeaseLost)
	})
}

// A run that was claimed before its agent came back waits for the agent, and takes the tool as it is offered now.
func TestTheRunWaitsForTheAgentsOffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := agency.New(agency.Limits{Lease: 10 * time.Second, Silence: time.Minute}, olorin.SystemClock)
		go func() {
			time.Sleep(20 * time.Second)
			if err := a.Register("ext", offer); err != nil {
				t.Error(err)
			}
		}()
		tool, err := a.Tool(t.Context(), "ext", "EXT-01")
		if err != nil || tool.Version != 1 || tool.Weight != .3 {
			t.Fatalf("%+v, %v", tool, err)
		}
		if _, err := a.Tool(t.Context(), "ext", "EXT-02"); !errors.Is(err, agency.ErrSilent) {
			t.Errorf("a tool that nobody offers: %v", err)
		}
	})
}

// A run that is cancelled while its agent's report is written waits for it, and takes it.
func TestAReportUnderWayIsTaken(t *testing.T) {
	a := agency.New(agency.Limits{Lease: time.Minute, Silence: time.Minute}, olorin.SystemClock)
	if err := a.Register("ext", offer); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	written := false
	ended := make(chan error, 1)
	go func() {
		ended <- a.Do(ctx, agency.Job{Agent: "ext", Report: func(context.Context, agency.WorkReport) error {
			cancel()
			time.Sleep(20 * time.Millisecond) // in which the job would end, if it did not wait
			written = true
			return nil
		}})
	}()
	w, err := a.Take(t.Context(), "ext")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Report(t.Context(), "ext", w.Lease, agency.WorkReport{Outcome: olorin.Clear}); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil || !written {
		t.Errorf("the job ended by %v, written %t", err, written)
	}
}

func TestRegistrationNamesEveryFault(t *testing.T) {
	a := agency.New(agency.Limits{Lease: time.Second, Silence: time.Second}, olorin.SystemClock)
	if err := a.Register("first", agency.Registration{Tools: []agents.Offer{{Tool: "MINE-01"}}}); err != nil {
		t.Fatal(err)
	}
	err := a.Register("device", agency.Registration{Tools: []agents.Offer{{Tool: "GEO-01"}, {Tool: "lower-1"}, {Tool: "TWO-01"}, {Tool: "TWO-01"}, {Tool: "P-01"}, {Tool: "PAR-01", Params: []agents.Param{{Name: "Bad Name", Min: 2, Max: 1}}}}})
	e, ok := errors.AsType[*olorin.Error](err)
	if !ok {
		t.Fatal(err)
	}
	got := ""
	for _, f := range e.Faults {
		got += f.Pointer + " " + f.Code + "\n"
	}
	if want := "/agent taken\n/tools/0/tool taken\n/tools/1/tool invalid\n/tools/3/tool duplicate\n/tools/4/tool invalid\n/tools/5/params/0/name invalid\n/tools/5/params/0/default out_of_range\n"; got != want {
		t.Errorf("faults\n%swant\n%s", got, want)
	}
	code(t, a.Register("second", agency.Registration{Tools: []agents.Offer{{Tool: "MINE-01"}}}), olorin.CodeInvalid)
	if err := a.Register("first", agency.Registration{Tools: []agents.Offer{{Tool: "MINE-02"}}}); err != nil {
		t.Errorf("an agent may offer other tools: %v", err)
	}
}

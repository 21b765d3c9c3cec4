package httpd

import "testing"

// A question about a file waits while as many as may are asked, and is answered when one of them is.
func TestQuestionsToFilesTakeTurns(t *testing.T) {
	h := newHouse(t)
	ana := h.ana()
	id := ana.draft("Case")
	for range looksAtOnce {
		h.door.looks <- struct{}{}
	}
	answered := make(chan answer, 1)
	go func() { answered <- ana.do("GET", "/api/v1/wizard/"+id+"/preflight", nil) }()
	ana.do("GET", state(id), nil).want(200) // what asks no file does not wait
	select {
	case a := <-answered:
		t.Fatalf("answered out of turn: %d", a.status)
	default:
	}
	<-h.door.looks
	a := <-answered
	a.want(200)
	if len(h.door.looks) != looksAtOnce-1 {
		t.Errorf("%d turns are taken", len(h.door.looks))
	}
}

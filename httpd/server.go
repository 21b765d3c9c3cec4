// Package httpd is the door for people and programs: the routes of the HTTP API, who may use them, and how requests are read and
// answers and problems written. Every rule about investigations is the desk's; here they are only carried.
//
//	routes       every route, one line each               server.go
//	adapter      around every handler                     adapter.go
//	readBody     strict reading of bodies and queries     decode.go, json.go, schema.go
//	statuses     code → status, problem+json              error.go
//	Keys         who signs tokens; login and refresh      token.go, auth.go
package httpd

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/agency"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/live"
	"github.com/olorin-dev/olorin/report"
	"github.com/olorin-dev/olorin/store"
	"github.com/prometheus/client_golang/prometheus"
)

// Parts are the rooms that the door leads to.
type Parts struct {
	Desk     *olorin.Desk
	Shelf    *olorin.Shelf
	Hub      *live.Hub
	Users    olorin.Users
	Profiles olorin.Profiles
	Trail    olorin.Trail
	Admin    Admin
	Datasets olorin.Datasets
	Mappings olorin.Mappings
	Engine   *data.Engine
	Agency   *agency.Agency
	// Precedents tells what people have said of findings.
	Precedents olorin.Precedents
	// Balance keeps the weights that were accepted.
	Balance olorin.Balance
	// Requests remembers the answers to requests that may come twice.
	Requests *store.DB
	Keys     *Keys
	// Refused tells which files of the watched directory could not be read for a user, the newest first.
	Refused func(user string) ([]olorin.RefusedFile, error)
	// Ready tells why the server cannot serve, or nil.
	Ready func(ctx context.Context) error
	// Pages is the built web application; nil serves none.
	Pages fs.FS
	// Metrics receives the server's own metrics and is what /metrics shows.
	Metrics *prometheus.Registry
	Log     *slog.Logger
	Clock   olorin.Clock
}

// Options are the bounds and flags that the configuration sets.
type Options struct {
	Version       string
	Env           string // dev, staging or production
	SecureCookies bool   // set Secure also on answers that did not come in by TLS
	// TrustedProxies are those whose X-Forwarded-For and X-Forwarded-Proto count.
	TrustedProxies []netip.Prefix
	AccessTTL      time.Duration
	SessionTTL     time.Duration

	Polling        PollingConfig
	PollRate       int // polls per second and user
	Streams        int // open at once for a user
	StateMaxKB     int
	TemplateMax    int
	UploadMaxBytes int64
	Features       Features
}

// Features are the parts that can be switched off.
type Features struct {
	Polling       bool `json:"polling"`
	Streams       bool `json:"streams" doc:"Server-sent events and WebSocket."`
	Templates     bool `json:"templates"`
	StateRecovery bool `json:"state_recovery"`
	AuditLogging  bool `json:"audit_logging"`
}

// Server answers HTTP requests.
type Server struct {
	Parts
	options   Options
	log       *slog.Logger
	schemas   *schemas
	queries   queries
	polls     *limiter
	logins    *limiter // by user and address
	addresses *limiter // of logins, whoever they are for
	streams   streams
	late      atomic.Int64  // nanoseconds; see Run
	rankings  chan struct{} // one token for each ranking that may be made at once
	looks     chan struct{} // one for each look into a file
	backtests chan struct{} // one token while a template is tried on a case
	hashing   chan struct{} // one token for each password that may be hashed at once
	standings standings
	refresh   sync.Mutex // one refresh at a time
	metrics   metrics
	underway  underway
	answered  answered
	describe  describe
	handler   http.Handler
	stopping  chan struct{}
	stop      sync.Once
}

// New joins the parts. The server is ready to be used as an http.Handler.
func New(p Parts, o Options) *Server {
	s := &Server{
		Parts: p, options: o, log: p.Log, schemas: newSchemas(), stopping: make(chan struct{}),
		polls:  newLimiter(p.Clock, float64(o.PollRate), o.PollRate),
		logins: newLimiter(p.Clock, 1.0/12, 5), addresses: newLimiter(p.Clock, 0.5, 30),
		rankings: make(chan struct{}, 1), looks: make(chan struct{}, looksAtOnce), backtests: make(chan struct{}, 1), hashing: make(chan struct{}, 2),
		metrics: newMetrics(p.Metrics),
	}
	s.streams = newStreams(o.Streams)
	s.underway.done = map[string]chan struct{}{}
	s.answered.kept = map[string]secretAnswer{}
	s.standings.known = map[login]standing{}
	for _, rt := range s.routes() { // makes every schema, so that requests only read them
		s.operation(rt)
	}
	s.schemas.complete = true
	s.handler = s.chain()
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Stop ends requests that wait, so that a graceful shutdown need not.
func (s *Server) Stop() {
	s.stop.Do(func() {
		close(s.stopping)
		s.streams.stop()
	})
}

// who may use a route. What belongs to whom is decided by the desk.
type who int

const (
	anyone  who = iota // no token needed
	known              // a valid token, whoever's
	member             // a valid token of a person
	writer             // a valid token of a person whose role may change things
	program            // a valid token of an external agent, which may use nothing else
)

type handler func(w http.ResponseWriter, r *http.Request) error

// answers maps a status to a value of the type of its body; nil is without body.
type answers map[int]any

// route is one line of the API.
type route struct {
	method, path string
	handle       handler
	who          who
	query        any // struct of query parameters; nil: none are taken
	body         any // struct of the JSON body; nil: none is taken
	answers      answers
	doc          string
}

const api = "/api/v1"

const socketDoc = "The same over a WebSocket, subprotocol olorin.v1, text frames of JSON. The first frame is hello with the whole state or, with cursor, the events that are missing. " +
	`Then come {"type":"event","event":{…}}, {"type":"presence","viewers":[…]}, {"type":"durable","seq"} when events that were held in memory are committed, {"type":"reset","state",…} where the cursor cannot be served, and {"type":"end","status"} after a terminal status. ` +
	`A client may send {"type":"ping"}, answered by {"type":"pong","server_time"}, and {"type":"presence","mode":"viewing|editing"}. ` +
	"Closed with 1000 after end, 1001 when the server stops, 1003, 1007, 1008 and 1009 for frames that are not taken, 1011 when the investigation cannot be read now, 4401 when the token has expired or its session has ended (refresh it and come back with the cursor), 4404 when the investigation is gone."

// routes is the whole API. /openapi.json is made of it.
func (s *Server) routes() []route {
	// 202: the database cannot be written, and the change is held in memory. 412: the route heeds If-Match.
	state, created := answers{200: stateAnswer{}, 202: stateAnswer{}, 412: problem{}}, answers{201: stateAnswer{}, 202: stateAnswer{}}
	template := answers{200: olorin.Template{}, 412: problem{}}
	return []route{
		{"POST", api + "/auth/login", s.login, anyone, nil, loginBody{}, answers{200: sessionAnswer{}, 202: sessionAnswer{}}, "Log in: sets the session cookies and returns an access token. What holds secrets is written nowhere: an Idempotency-Key counts here, and at refresh and logout, for the address that it comes from, and until the server is restarted. 202: the database cannot be written, and the session is held in memory until it can."},
		{"POST", api + "/auth/refresh", s.renew, anyone, nil, noBody{}, answers{200: sessionAnswer{}, 202: sessionAnswer{}}, "Trade the refresh cookie for a new session; each refresh secret is good once."},
		{"POST", api + "/auth/logout", s.logout, anyone, nil, noBody{}, answers{204: nil}, "End the session."},
		{"GET", api + "/auth/me", s.me, known, nil, nil, answers{200: userAnswer{}}, "Who is logged in."},
		{"GET", api + "/auth/session", s.presence, anyone, nil, nil, answers{200: presenceAnswer{}}, "Whether somebody is logged in, and who: user is null where nobody is, which /auth/me refuses with 401."},
		{"GET", api + "/profile", s.profile, member, nil, nil, answers{200: olorin.Profile{}}, "How the user likes the pages, and the user's named views of the history."},
		{"PUT", api + "/profile", s.saveProfile, member, nil, profileBody{}, answers{200: olorin.Profile{}, 412: problem{}}, "Replace the profile; If-Match keeps two windows apart."},

		{"GET", api + "/users", s.users, member, nil, nil, answers{200: usersAnswer{}}, "The colleagues whom work can be assigned to."},

		{"POST", api + "/investigations", s.create, writer, nil, createBody{}, created, "Create a draft."},
		{"GET", api + "/wizard/{id}/state", s.state, member, nil, nil, answers{200: olorin.Investigation{}, 304: nil}, "The whole state."},
		{"PUT", api + "/wizard/{id}/state", s.save, writer, nil, saveBody{}, answers{200: stateAnswer{}, 201: stateAnswer{}, 202: stateAnswer{}, 412: problem{}}, "Save name, step and settings; creates the draft where the id is new. settings replaces all settings; members that are absent take their defaults."},
		{"GET", api + "/wizard/{id}/poll", s.poll, member, pollQuery{}, nil, answers{200: olorin.Delta{}, 304: nil}, "What is new since a cursor; with wait_ms, as soon as there is something."},
		{"GET", api + "/wizard/{id}/events", s.events, member, streamQuery{}, nil, answers{200: eventText("")}, "The same as a stream of server-sent events, until the run has ended."},
		{"GET", api + "/wizard/{id}/ws", s.socket, member, streamQuery{}, nil, answers{101: nil}, socketDoc},
		{"POST", api + "/wizard/{id}/start", s.inTurn(s.start), writer, nil, startBody{}, state, "Check the settings and begin the run."},
		{"GET", api + "/wizard/{id}/preflight", s.inTurn(s.preflight), member, nil, nil, answers{200: olorin.Readiness{}}, "What a start would say of the settings as they stand, without starting: faults, warnings, and how often each entity occurs in the file."},
		{"POST", api + "/wizard/{id}/pause", s.act(olorin.ActPause), writer, nil, noBody{}, state, "Stop the run between tools."},
		{"POST", api + "/wizard/{id}/resume", s.act(olorin.ActResume), writer, nil, noBody{}, state, "Let a paused run go on."},
		{"POST", api + "/wizard/{id}/cancel", s.act(olorin.ActCancel), writer, nil, noBody{}, state, "End the run; what was found stays."},
		{"POST", api + "/wizard/{id}/retry", s.act(olorin.ActRetry), writer, nil, noBody{}, state, "Take up a run from what did not end well: one that stopped in error, or a completed one of which a tool failed, ran out of time or was not reached."},
		{"GET", api + "/wizard/{id}/checkpoint", s.checkpoint, member, nil, nil, answers{200: olorin.Checkpoint{}}, "The newest checkpoint."},
		{"GET", api + "/wizard/{id}/checkpoints", s.checkpoints, member, nil, nil, answers{200: olorin.CheckpointPage{}}, "The checkpoints, newest first."},
		{"GET", api + "/wizard/{id}/changes", s.changes, member, changesQuery{}, nil, answers{200: olorin.Changes{}}, "What differs between two versions, such as those of two checkpoints, or since the last visit."},
		{"POST", api + "/wizard/{id}/checkpoint", s.mark, writer, nil, checkpointBody{}, state, "Mark this place with a label, to come back to."},
		{"POST", api + "/wizard/{id}/checkpoints/{seq}/restore", s.restore, writer, nil, noBody{}, state, "Bring the state back to a checkpoint; the log goes on."},
		{"POST", api + "/wizard/{id}/rerun", s.rerun, writer, nil, rerunBody{}, created, "A new draft with the same settings, but for those that are given; lineage.rerun_of names this one."},
		{"PUT", api + "/wizard/{id}/findings/{finding}/verdict", s.judge, writer, nil, verdictBody{}, state, "Say whether a finding is right, with the reason; for the owner, and for whom the investigation is assigned to."},
		{"DELETE", api + "/wizard/{id}/findings/{finding}/verdict", s.withdraw, writer, nil, nil, state, "Take the verdict back."},
		{"POST", api + "/wizard/{id}/findings/{finding}/notes", s.annotate, writer, nil, noteBody{}, state, "Write a note to a finding."},
		{"GET", api + "/wizard/{id}/findings/{finding}/evidence.csv", s.exportEvidence, member, nil, nil, answers{200: csvText("")}, "The rows that show a finding, as a CSV file: all of them, also beyond those that the finding lists, for which its check is asked again. Where it does not come to the same rows any more, the file has those that are listed, and its name and last line say so."},
		{"GET", api + "/wizard/{id}/rows", s.inTurn(s.rows), member, rowsQuery{}, nil, answers{200: rowsAnswer{}}, "Rows of the data set by their numbers, of those that the results cite."},
		{"GET", api + "/wizard/{id}/overview", s.inTurn(s.overview), member, nil, nil, answers{200: olorin.Overview{}}, "What the entities look like in the data, what they share, and where their rows took place."},
		{"GET", api + "/wizard/{id}/compare/{other}", s.compareRuns, member, nil, nil, answers{200: olorin.Comparison{}}, "What two runs do not share: score, findings, settings, data."},
		{"PUT", api + "/wizard/{id}/sharing", s.share, writer, nil, sharingBody{}, state, "Assign the investigation to a colleague for review, and share it with the organisation to read."},
		{"GET", api + "/wizard/{id}/report.json", s.report(report.JSON), member, nil, nil, answers{200: report.Report{}}, "The results to take away, for programs; the shape is versioned. That it was taken is told in the audit trail, as for the other formats."},
		{"GET", api + "/wizard/{id}/report.csv", s.report(report.CSV), member, nil, nil, answers{200: csvText("")}, "The findings for a spreadsheet: one line for each finding and row of its evidence, with no text that would be taken for a formula."},
		{"GET", api + "/wizard/{id}/report.pdf", s.report(report.PDF), member, nil, nil, answers{200: pdfFile("")}, "The report on paper."},
		{"GET", api + "/wizard/{id}/report.html", s.report(report.HTML), member, nil, nil, answers{200: htmlText("")}, "The report as a page that needs nothing but itself."},
		{"GET", api + "/wizard/{id}/logs", s.logs, member, logsQuery{}, nil, answers{200: olorin.LogPage{}}, "The log lines, first to last."},
		{"GET", api + "/wizard/{id}/audit", s.audit, member, auditQuery{}, nil, answers{200: olorin.AuditPage{}}, "The audit trail, first to last."},
		{"GET", api + "/wizard/{id}/audit/state", s.auditState, member, auditStateQuery{}, nil, answers{200: auditStateAnswer{}}, "What the audit trail adds up to at a version."},
		{"GET", api + "/audit", s.trail, member, trailQuery{}, nil, answers{200: olorin.AuditPage{}}, "The whole audit trail, logins and all, first to last or newest first, for auditors and admins."},

		{"GET", api + "/wizard/history", s.history, member, historyQuery{}, nil, answers{200: olorin.HistoryPage{}, 304: nil}, "The list of investigations."},
		{"GET", api + "/wizard/history/export", s.exportHistory, member, historyQuery{}, nil, answers{200: csvText("")}, "The list as a CSV file, every page of it."},
		{"POST", api + "/wizard/history/archive", s.archiveMany(true), writer, nil, archiveBody{}, answers{200: archiveAnswer{}}, "Put several investigations away."},
		{"POST", api + "/wizard/history/unarchive", s.archiveMany(false), writer, nil, archiveBody{}, answers{200: archiveAnswer{}}, "Bring several investigations back."},
		{"GET", api + "/wizard/history/{id}", s.historyEntry, member, nil, nil, answers{200: historyEntry{}}, "One investigation of the list, with its settings and results."},
		{"DELETE", api + "/wizard/history/{id}", s.discard, writer, nil, nil, answers{204: nil, 412: problem{}}, "Throw an empty draft away: one in which nothing was entered but a name."},
		{"POST", api + "/wizard/history/{id}/archive", s.archive(true), writer, nil, noBody{}, state, "Put an investigation away that is not under way."},
		{"POST", api + "/wizard/history/{id}/unarchive", s.archive(false), writer, nil, noBody{}, state, "Bring an investigation back."},

		{"GET", api + "/wizard/templates", s.templating(s.templates), member, templatesQuery{}, nil, answers{200: templatesAnswer{}}, "The templates that the user may load: one's own, those of the organisation, the built-in ones."},
		{"POST", api + "/wizard/templates", s.templating(s.addTemplate), writer, addTemplateQuery{}, templateBody{}, answers{200: olorin.Template{}, 201: olorin.Template{}}, "Keep settings as a template."},
		{"GET", api + "/wizard/templates/{template_id}", s.templating(s.template), member, nil, nil, answers{200: olorin.Template{}}, "One template."},
		{"PUT", api + "/wizard/templates/{template_id}", s.templating(s.saveTemplate), writer, nil, templateBody{}, template, "Save a new version of a template."},
		{"DELETE", api + "/wizard/templates/{template_id}", s.templating(s.deleteTemplate), writer, nil, nil, answers{204: nil, 412: problem{}}, "Put a template away; undelete brings it back."},
		{"POST", api + "/wizard/templates/{template_id}/undelete", s.templating(s.undeleteTemplate), writer, nil, noBody{}, answers{200: olorin.Template{}}, "Bring a deleted template back."},
		{"POST", api + "/wizard/templates/{template_id}/duplicate", s.templating(s.duplicateTemplate), writer, nil, noBody{}, answers{201: olorin.Template{}}, "Make a private copy under a free name."},
		{"POST", api + "/wizard/templates/{template_id}/apply", s.templating(s.applyTemplate), writer, nil, applyBody{}, answers{200: applyAnswer{}}, "The settings to start from, with the placeholders filled; counts the use."},
		{"POST", api + "/wizard/templates/{template_id}/backtest", s.templating(s.backtest), writer, nil, backtestBody{}, answers{200: backtestAnswer{}}, "What the template would have found on a completed investigation, computed anew on its data set; nothing is changed."},
		{"GET", api + "/wizard/templates/{template_id}/versions", s.templating(s.templateVersions), member, nil, nil, answers{200: templateVersionsAnswer{}}, "What the template was, newest first."},
		{"POST", api + "/wizard/templates/{template_id}/versions/{version}/restore", s.templating(s.restoreTemplate), writer, nil, restoreTemplateBody{}, template, "Make an old version the newest one again."},

		{"GET", api + "/datasets", s.datasets, member, nil, nil, answers{200: datasetsAnswer{}}, "The user's data sets, newest first."},
		{"GET", api + "/datasets/refused", s.refused, member, nil, nil, answers{200: refusedAnswer{}}, "Files of the watched directory that could not be read for the user, newest first. They go from here when they are removed from where they were put aside."},
		{"POST", api + "/datasets", s.upload, writer, nil, uploadForm{}, answers{201: olorin.Dataset{}}, "Bring an events file."},
		{"GET", api + "/uploads", s.transfers, member, nil, nil, answers{200: transfersAnswer{}}, "The user's uploads that are under way."},
		{"POST", api + "/uploads", s.beginTransfer, writer, nil, transferBody{}, answers{201: data.Transfer{}}, "Begin to bring an events file in pieces, which may go on after a break."},
		{"GET", api + "/uploads/{id}", s.transfer, member, nil, nil, answers{200: data.Transfer{}}, "How much of a file has come."},
		{"PATCH", api + "/uploads/{id}", s.appendPiece, writer, nil, piece{}, answers{200: data.Transfer{}}, "Send the next bytes; elsewhere than at the offset they are refused with 409. What came before a break is kept."},
		{"POST", api + "/uploads/{id}/finish", s.finishTransfer, writer, nil, finishBody{}, answers{201: olorin.Dataset{}}, "Import a file that has come whole. Where it is refused it stays, to be asked for in another way."},
		{"DELETE", api + "/uploads/{id}", s.endTransfer, writer, nil, nil, answers{204: nil}, "Throw an upload away."},
		{"GET", api + "/datasets/{id}/rejected", s.rejected, member, nil, nil, answers{200: rejectedAnswer{}}, "The first rows that the import set aside, and why."},
		{"GET", api + "/datasets/{id}", s.dataset, member, nil, nil, answers{200: olorin.Dataset{}}, "One data set."},
		{"DELETE", api + "/datasets/{id}", s.deleteDataset, writer, nil, nil, answers{204: nil}, "Forget a data set that no investigation, draft or template names; those that do are in errors."},
		{"GET", api + "/datasets/{id}/columns", s.inTurn(s.columns), member, nil, nil, answers{200: columnsAnswer{}}, "What the columns were taken for, with a preview."},
		{"GET", api + "/datasets/{id}/ranking", s.ranking, member, rankingQuery{}, nil, answers{200: rankingAnswer{}}, "Every entity of a file by risk, highest first, without a case."},
		{"PUT", api + "/datasets/{id}/columns", s.inTurn(s.remap), writer, nil, columnsBody{}, answers{200: olorin.Dataset{}}, "Say by hand which source column each canonical column is read from."},
		{"GET", api + "/checks/{tool}", s.check, member, nil, nil, answers{200: checkAnswer{}}, "How one check finds what it finds: its parameters and its SQL."},
		{"GET", api + "/datasets/{id}/match", s.match, member, matchQuery{}, nil, answers{200: data.Match{}}, "How the rows of this file meet those of another by a key; nothing is made."},
		{"POST", api + "/datasets/{id}/join", s.join, writer, nil, joinBody{}, answers{201: olorin.Dataset{}}, "Make a data set of this file's rows, each with the columns of the row of another file that has its key. Rows that meet none stay."},
		{"GET", api + "/mappings", s.mappings, member, nil, nil, answers{200: mappingsAnswer{}}, "What the user said of the columns of files, each kept for the next file with the same header."},
		{"DELETE", api + "/mappings/{shape}", s.forgetMapping, writer, nil, nil, answers{204: nil}, "Forget what was said of files of one shape: the next one is read as it is recognised."},
		{"GET", api + "/lists", s.lists, member, nil, nil, answers{200: listsAnswer{}}, "The lists of known entities that every investigation sees, and where they came from."},
		{"POST", api + "/lists", s.importList, writer, nil, listForm{}, answers{201: listAnswer{}}, "Import a list, for leads and admins; one of the same name is replaced."},
		{"GET", api + "/lists/hits", s.listHits, member, hitsQuery{}, nil, answers{200: hitsAnswer{}}, "Which lists name a value, also by a network or a domain that holds it."},
		{"DELETE", api + "/lists/{id}", s.deleteList, writer, nil, nil, answers{204: nil}, "Forget a list, for leads and admins."},
		{"GET", api + "/agents", s.agents, member, agentsQuery{}, nil, answers{200: agentsAnswer{}}, "The agents and their tools; with dataset, which of them its columns allow."},

		{"GET", api + "/calibration", s.calibration, member, nil, nil, answers{200: calibrationAnswer{}}, "How often the findings of each check were held to be right, with the weight that this suggests, and the weights that were accepted."},
		{"POST", api + "/calibration/accept", s.acceptWeights, writer, nil, acceptBody{}, answers{201: olorin.Weights{}}, "Accept suggested weights, for runs that are started from now on; for leads and admins. Runs and their results name the version they are under."},
		{"PUT", api + "/agent/registration", s.registerAgent, program, nil, agency.Registration{}, answers{200: registeredAnswer{}}, "Register an external agent and its tools; they stand in the catalogue for as long as the agent asks for work. For tokens of the role agent, as are the routes below; other routes refuse them. See docs/agents.md."},
		{"DELETE", api + "/agent/registration", s.leaveAgent, program, nil, nil, answers{204: nil}, "Take the agent out of the catalogue."},
		{"POST", api + "/agent/work", s.takeWork, program, nil, takeBody{}, answers{200: agency.Assignment{}, 204: nil}, "Take work by lease, waiting for some; 204: there is none. 404: the agent is not registered, as after a new start of the server."},
		{"GET", api + "/agent/work/{lease}/rows", s.workRows, program, workRowsQuery{}, nil, answers{200: agency.WorkRows{}}, "The rows of the accounts in question, by number, labels left out. Moves the lease on."},
		{"POST", api + "/agent/work/{lease}/progress", s.noteWork, program, nil, agency.WorkSign{}, answers{204: nil}, "A sign of life with how far the work is and lines for the log. Moves the lease on. 409 lease_lost: the work is not the agent's any more."},
		{"PUT", api + "/agent/work/{lease}/report", s.reportWork, program, nil, agency.WorkReport{}, answers{204: nil}, "What the work came to, all of it or, with all faults, none. The same report again is taken as the first time."},

		{"GET", api + "/admin/status", adminOnly(s.adminStatus), member, nil, nil, answers{200: AdminStatus{}}, "How the server and its database stand, for admins."},
		{"POST", api + "/admin/backup", adminOnly(s.adminBackup), member, nil, noBody{}, answers{201: store.Backup{}}, "Make a backup now, and rehearse its restore."},

		{"GET", api + "/config", s.config, anyone, nil, nil, answers{200: configAnswer{}}, "Intervals, limits and flags for the client."},
		{"GET", "/healthz", s.healthz, anyone, nil, nil, answers{200: healthAnswer{}}, "The process is alive."},
		{"GET", "/readyz", s.readyz, anyone, nil, nil, answers{200: healthAnswer{}, 503: problem{}}, "The server can serve, and whether writes are durable."},
		{"GET", "/metrics", s.serveMetrics, anyone, nil, nil, answers{200: plainText("")}, "Prometheus metrics. Not authenticated: keep it from the outside at the proxy."},
		{"GET", "/openapi.json", s.openAPI, anyone, nil, nil, answers{200: anyJSON{}}, "This document."},
		{"GET", "/docs", s.docs, anyone, nil, nil, answers{200: htmlText("")}, "This document, to be read by people."},
	}
}

// fixedPrefixes are paths beside /wizard/{id}: they are looked up first, so that no investigation can be called like them.
var fixedPrefixes = []string{"history", "templates"}

// mux holds two tables, since ServeMux refuses two patterns of which neither is more specific.
type mux struct{ fixed, rest *http.ServeMux }

func isFixed(path string) bool {
	below, ok := strings.CutPrefix(path, api+"/wizard/")
	if !ok {
		return false
	}
	first, _, _ := strings.Cut(below, "/")
	return slices.Contains(fixedPrefixes, first)
}

func (s *Server) newMux() mux {
	m := mux{http.NewServeMux(), http.NewServeMux()}
	for _, rt := range s.routes() {
		table := m.rest
		if isFixed(rt.path) {
			table = m.fixed
		}
		table.Handle(rt.method+" "+rt.path, s.adapt(rt))
	}
	m.fixed.Handle("/", m.rest)
	m.rest.Handle("/", s.unrouted(m))
	return m
}

func (m mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if isFixed(r.URL.Path) {
		m.fixed.ServeHTTP(w, r)
		return
	}
	m.rest.ServeHTTP(w, r)
}

// allowed lists the methods that the path of a request knows.
func (m mux) allowed(r *http.Request) []string {
	var methods []string
	probe := r.Clone(r.Context())
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		probe.Method = method
		_, pattern := m.rest.Handler(probe)
		if isFixed(r.URL.Path) && (pattern == "" || pattern == "/") {
			_, pattern = m.fixed.Handler(probe)
		}
		if pattern != "" && pattern != "/" {
			methods = append(methods, method)
		}
	}
	return methods
}

// unrouted answers what no route is for: another method of a known path, a page of the application, or nothing at all.
func (s *Server) unrouted(m mux) http.Handler {
	pages := s.pages()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if allowed := m.allowed(r); len(allowed) > 0 {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			s.writeError(w, r, olorin.Errorf(codeMethod, "%s is not known at %s; it knows %s", olorin.Clip(r.Method, 20), olorin.Clip(r.URL.Path, 200), strings.Join(allowed, ", ")))
			return
		}
		if pages != nil && !strings.HasPrefix(r.URL.Path, "/api/") {
			pages.ServeHTTP(w, r)
			return
		}
		s.writeError(w, r, olorin.Errorf(olorin.CodeNotFound, "there is nothing at %s; the API is described at /openapi.json", quote(r.URL.Path)))
	})
}

// Command olorin is the investigation workbench: the server with the wizard in it, and the same work from the command line.
//
// Every command exits with 0, 1 (it failed) or 2 (wrong use or configuration), writes data to stdout and diagnostics to stderr.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/olorin-dev/olorin"
	"github.com/olorin-dev/olorin/data"
	"github.com/olorin-dev/olorin/data/demo"
)

// version is set by the build.
var version = "dev"

type commands struct {
	Serve       serveCommand       `cmd:"" help:"Serve the workbench."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's schema up to this version, or show where it stands. The only command that changes a schema."`
	Demo        demoCommand        `cmd:"" help:"Make sample data and a demo user. Refused in production."`
	User        userCommand        `cmd:"" help:"Manage users."`
	Token       tokenCommand       `cmd:"" help:"Print a token for scripts."`
	Dataset     datasetCommand     `cmd:"" help:"Manage events files."`
	List        listCommand        `cmd:"" help:"Manage lists of known entities: bad, good, VPN, BIN."`
	Investigate investigateCommand `cmd:"" help:"Run an investigation without a browser and print its results."`
	Calibration calibrationCommand `cmd:"" help:"Tell how often the findings of each check were held to be right, and which weight that suggests."`
	Report      reportCommand      `cmd:"" help:"Write the report of an investigation."`
	Rank        rankCommand        `cmd:"" help:"Rank every entity of a file by risk."`
	Evaluate    evaluateCommand    `cmd:"" help:"Measure that ranking against known labels, which never reach the checks."`
	Checks      checksCommand      `cmd:"" help:"List the checks, or tell what is wrong with one of your own."`
	Audit       auditCommand       `cmd:"" help:"Verify or export the audit trail."`
	Backup      backupCommand      `cmd:"" help:"Write a verified copy of the database, also while it is used."`
	Restore     restoreCommand     `cmd:"" help:"Put a backup in the place of the database, which no server may use meanwhile. The old file is kept."`
	Repair      repairCommand      `cmd:"" help:"Make snapshots anew from the logs; or salvage a damaged file into a new one."`
	Check       checkCommand       `cmd:"" help:"Check the database: schema, integrity, and that each log adds up to its snapshot."`
	Config      configCommand      `cmd:"" help:"Print what is configured and where it came from. Secrets are masked."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// session is what commands run with.
type session struct {
	ctx    context.Context
	config Config
	out    io.Writer
	log    *slog.Logger
}

// usage is an error of the caller's: exit 2.
type usage struct{ error }

func main() {
	data.BecomeEngine()
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run is main without the exit.
func run(args []string, stdout, stderr io.Writer) (exit int) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	var cli commands
	code := -1
	parser, err := kong.New(&cli, kong.Name("olorin"), kong.Description("Investigations that never lose their place."),
		kong.Vars{"default_user": defaultUser, "demo_rows": strconv.Itoa(demo.DefaultRows), "demo_seed": strconv.Itoa(demo.DefaultSeed)},
		kong.Writers(stdout, stderr), kong.Exit(func(c int) { code = c }))
	if err != nil {
		fmt.Fprintln(stderr, "olorin:", err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if code >= 0 { // --help was asked for and printed
		return code
	}
	if err != nil {
		fmt.Fprintf(stderr, "olorin: %v\nrun \"olorin --help\" for the commands\n", err)
		return 2
	}
	config, err := loadConfig(".")
	if err != nil {
		fmt.Fprintf(stderr, "olorin: the configuration is wrong:\n%v\n", err)
		return 2
	}
	log := slog.New(slog.NewJSONHandler(stderr, &slog.HandlerOptions{Level: config.LogLevel}))
	err = command.Run(&session{ctx, config, stdout, log})
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usage)):
		fmt.Fprintln(stderr, "olorin:", err)
		return 2
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "olorin: interrupted")
		return 1
	}
	fmt.Fprintln(stderr, "olorin:", err)
	return 1
}

// printJSON writes a value to stdout, indented.
func (s *session) printJSON(v any) error {
	e := json.NewEncoder(s.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// administrator is whoever has the machine's shell.
func administrator() olorin.Actor {
	return olorin.Actor{Kind: olorin.KindSystem, ID: "cli", Origin: "command line"}
}

type configCommand struct {
	JSON bool `help:"Print JSON."`
}

// Run prints the configuration in force.
func (c *configCommand) Run(s *session) error {
	table := s.config.table()
	if c.JSON {
		return s.printJSON(table)
	}
	for _, line := range table {
		fmt.Fprintf(s.out, "%s=%s  # %s\n", line.Name, line.Value, line.From)
	}
	return nil
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(s *session) error {
	_, err := fmt.Fprintln(s.out, version)
	return err
}

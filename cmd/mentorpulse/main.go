// Command mentorpulse runs the pulse surveys of mentoring programmes.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	// Time zones, for machines and images that have none.
	_ "time/tzdata"
)

// version is set by the build.
var version = "dev"

// commands is the whole command line.
type commands struct {
	Globals

	Serve       serveCommand       `cmd:"" default:"withargs" help:"Run the service."`
	Init        initCommand        `cmd:"" help:"Make a programme and its recurring pulse, or change them."`
	Schedule    scheduleCommand    `cmd:"" help:"Show when the pulse comes, or pause, move, skip or add one."`
	Import      importCommand      `cmd:"" help:"Import a roster, or answers from another tool."`
	Links       linksCommand       `cmd:"" help:"Print the personal links of a programme's open wave as CSV."`
	Bounces     bouncesCommand     `cmd:"" help:"Record invitations that came back, from a mailbox file."`
	Revoke      revokeCommand      `cmd:"" help:"Make a participant's links invalid."`
	Key         keyCommand         `cmd:"" help:"Print the owner's key of a programme."`
	Report      reportCommand      `cmd:"" help:"Write the evaluation workbook."`
	Objectives  objectivesCommand  `cmd:"" help:"Set what a programme wants to reach, or print it."`
	Demo        demoCommand        `cmd:"" help:"Make a demonstration programme with simulated answers."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the tables up to date."`
	Bench       benchCommand       `cmd:"" help:"Measure speed against the limit, in one run."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running service whether it answers."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// Globals are the flags that every command shares.
type Globals struct {
	Data    string `help:"Directory of the embedded ClickHouse and of the secret." default:"./data" env:"MENTORPULSE_DATA" placeholder:"DIR"`
	DSN     string `name:"dsn" help:"ClickHouse server to use instead: clickhouse://… or http://…." env:"CLICKHOUSE_DSN" placeholder:"DSN"`
	Cluster string `help:"Cluster of the server, whose tables are replicated." env:"MENTORPULSE_CLUSTER" placeholder:"NAME"`
	Secret  string `help:"32 random bytes in base64 that links, pseudonyms and keys come from; without it, the file secret in --data." env:"MENTORPULSE_SECRET" placeholder:"BASE64"`
	Addr    string `help:"Address the service listens on." default:"127.0.0.1:8080" env:"MENTORPULSE_ADDR" placeholder:"HOST:PORT"`
	URL     string `name:"url" help:"Address of the service as participants see it; default: from --addr." env:"MENTORPULSE_URL" placeholder:"URL"`
	// TrustedProxies stands here since the service is put together from the globals.
	TrustedProxies []string `help:"Proxies in front of the service whose X-Forwarded-For says where a request comes from: addresses and networks, with commas." env:"MENTORPULSE_TRUSTED_PROXIES" placeholder:"ADDRESS,…"`

	Log     string `help:"What to log: debug, info, warn or error." enum:"debug,info,warn,error" default:"info" env:"MENTORPULSE_LOG"`
	Migrate bool   `help:"Bring the tables up to date first." default:"true" negatable:"" env:"MENTORPULSE_MIGRATE"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mentorpulse:", err)
		os.Exit(1)
	}
}

// run parses the arguments and runs their command.
func run(ctx context.Context, args []string) error {
	var all commands
	parser, err := kong.New(&all, kong.Name("mentorpulse"),
		kong.Description("Pulse surveys and evaluation for mentoring programmes, in one binary."),
		kong.UsageOnError(), kong.BindTo(ctx, (*context.Context)(nil)))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: all.level()})))
	return parsed.Run(&all.Globals)
}

func (g *Globals) level() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(g.Log)) // the parser allows four words only
	return level
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println(version)
	return nil
}

package cli

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/validate"
	"github.com/ingress2gw/ingress2gw/translate/validate/full"
)

// Dependencies are what the commands call; tests replace them.
type Dependencies struct {
	Version       string
	Load          func(context.Context, load.Options) (*snapshot.Snapshot, error)
	LoadConfigMap func(path string) (*snapshot.ConfigMap, error)
	Translate     func(*snapshot.Snapshot, translate.Options) *translate.Result
	ValidateFull  func([]*manifest.Object) ([]validate.Problem, error)
	Getenv        func(string) string
}

// Main runs the program and gives its exit code.
func Main(args []string, version string) int {
	limitMemory(os.Getenv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, args, SystemStreams(), Dependencies{
		Version: version, Load: load.Load, LoadConfigMap: load.ConfigMapFile, Translate: translate.Translate, ValidateFull: full.Full, Getenv: os.Getenv,
	})
}

// Run runs a command line with given streams and dependencies. args[0] is the name by which the program was called.
func Run(ctx context.Context, args []string, streams Streams, deps Dependencies) (code int) {
	program := programName(args)
	defer func() {
		if cause := recover(); cause != nil {
			code = recovered(streams.Err, program, cause)
		}
	}()
	root := newRoot(program, streams, deps)
	root.SetArgs(rejoin(arguments(args)))
	err := root.ExecuteContext(ctx)
	if err != nil {
		complain(streams.Err, program, err)
	}
	return exitCode(err)
}

// arguments are those of the command line, and what the name of the program stands for: kubectl asks a program named
// kubectl_complete-PLUGIN for completions, and callers of KRM functions give no arguments.
func arguments(args []string) []string {
	if len(args) == 0 {
		return nil
	}
	name := strings.TrimSuffix(filepath.Base(args[0]), ".exe")
	switch {
	case strings.HasPrefix(name, "kubectl_complete-"):
		return append([]string{cobra.ShellCompRequestCmd}, args[1:]...)
	case name == "ingress2gw-fn":
		return append([]string{"fn"}, args[1:]...)
	}
	return args[1:]
}

// programName is how the user calls the program: as itself, or as a plugin of kubectl.
func programName(args []string) string {
	if len(args) > 0 {
		if plugin, ok := strings.CutPrefix(filepath.Base(args[0]), "kubectl-"); ok {
			return "kubectl " + strings.TrimSuffix(plugin, ".exe")
		}
	}
	return "ingress2gw"
}

func newRoot(program string, streams Streams, deps Dependencies) *cobra.Command {
	root := &cobra.Command{
		Use:   "ingress2gw",
		Short: "Converts Kubernetes Ingresses to Istio",
		Long: `ingress2gw takes Kubernetes Ingresses apart: ports, protocols and certificates become Istio Gateways for the platform
team, routing becomes VirtualServices for the application teams. Nothing is lost silently: every rule, TLS block and
annotation ends in a finding.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs, // an unknown command comes here
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("unknown command %q", args[0])
			}
			return cmd.Help()
		},
		Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: program},
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newConvert(streams, deps, nil), newReport(streams, deps), newDiff(streams, deps), newFn(streams, deps), newAnnotations(streams), newExplain(streams), newVersion(streams, deps), newDocs())
	root.InitDefaultCompletionCmd()
	root.InitDefaultHelpCmd()
	return root
}

// Command operator watches a cluster and says all the time what a translation of its Ingresses would be.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-logr/logr"
	"github.com/spf13/pflag"
	_ "k8s.io/client-go/plugin/pkg/client/auth" // credentials of cloud providers, as kubectl has them
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/operator"
)

// version is set by the linker; without it, it is that of the module.
var version string

func main() {
	limitMemory(os.Getenv)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// The exit codes are those of ingress2gw, as far as there is such a thing.
const (
	exitDone  = 0
	exitUsage = 2
	exitIO    = 3
)

// errUsage marks errors of the command line.
var errUsage = errors.New("see --help")

// run gives the exit status. Errors of the command line are for a person; all others are in the log.
func run(ctx context.Context, args []string, out, logs io.Writer) int {
	logger := slog.New(slog.NewJSONHandler(logs, nil))
	log.SetLogger(logr.FromSlogHandler(logger.Handler()))
	klog.SetSlogLogger(logger)
	switch err := work(ctx, args, out); {
	case err == nil, errors.Is(err, pflag.ErrHelp):
		return exitDone
	case errors.Is(err, errUsage):
		fmt.Fprintln(logs, "operator:", err)
		return exitUsage
	default:
		logger.Error("Operator ends", "err", err.Error())
		return exitIO
	}
}

func work(ctx context.Context, args []string, out io.Writer) error {
	flags := pflag.NewFlagSet("operator", pflag.ContinueOnError)
	flags.SetOutput(out)
	rules, overrides := clientcmd.NewDefaultClientConfigLoadingRules(), &clientcmd.ConfigOverrides{}
	flags.StringVar(&rules.ExplicitPath, "kubeconfig", "", "File that says how to reach the cluster. Without it $KUBECONFIG, ~/.kube/config, and in a pod its service account.")
	flags.StringVar(&overrides.CurrentContext, "context", "", "Context of the kubeconfig to use.")
	tell := flags.Bool("version", false, "Print the version, and end.")
	given := operator.AddFlags(flags)
	if err := flags.Parse(args); errors.Is(err, pflag.ErrHelp) {
		return err
	} else if err != nil {
		return fmt.Errorf("%w (%w)", err, errUsage)
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag (%w)", flags.Arg(0), errUsage)
	}
	if *tell {
		fmt.Fprintln(out, cmp.Or(version, operator.BuiltFrom()))
		return nil
	}
	options, err := given.Options()
	if err != nil {
		return fmt.Errorf("%w (%w)", err, errUsage)
	}
	options.Version = cmp.Or(version, options.Version)
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
	if err != nil {
		return fmt.Errorf("reading the kubeconfig: %w", err)
	}
	op, err := operator.New(config, options)
	if err != nil {
		return err
	}
	return op.Run(ctx)
}

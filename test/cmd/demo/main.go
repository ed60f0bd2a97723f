// Command demo shows a migration from ingress-nginx to Istio on this machine, without a cluster: a real API server, istiod,
// Envoy and the operator, in a network of their own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/ingress2gw/ingress2gw/test/internal/demo"
	"github.com/ingress2gw/ingress2gw/test/internal/pilot"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

func main() {
	err := run()
	var left *exec.ExitError
	switch {
	case errors.As(err, &left):
		os.Exit(left.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) > 1 && os.Args[1] == sandbox.Inside {
		return play(os.Args[2:])
	}
	return sandbox.Again()
}

func play(args []string) error {
	var o demo.Options
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	flags.StringVar(&o.Programs.Assets, "assets", "", "folder with etcd and kube-apiserver")
	flags.StringVar(&o.Programs.Istiod, "istiod", "", "the program pilot-discovery")
	crds := flags.String("crds", "", "files and folders with custom resource definitions, comma-separated")
	flags.StringVar(&o.Envoy, "envoy", "", "the program envoy")
	flags.StringVar(&o.Operator, "operator", "", "the operator")
	flags.StringVar(&o.Fleet, "fleet", "", "file with the Ingresses")
	flags.StringVar(&o.Dir, "out", "", "folder for logs")
	flags.StringVar(&o.Shell, "shell", "", "program to go on with by hand when the walk is over; none if empty")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.Programs.CRDs = strings.Split(*crds, ",")
	for _, path := range append([]*string{&o.Programs.Assets, &o.Programs.Istiod, &o.Envoy, &o.Operator, &o.Fleet, &o.Dir}, pointers(o.Programs)...) {
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = absolute
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return demo.Run(ctx, o, os.Stdout)
}

func pointers(p pilot.Programs) []*string {
	var out []*string
	for i := range p.CRDs {
		out = append(out, &p.CRDs[i])
	}
	return out
}

// Command migration proves that a migration loses no request: the operator, istiod and two Envoys, in a network of their own.
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

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/migration"
	"github.com/ingress2gw/ingress2gw/test/internal/rig"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

func main() {
	err := run()
	var ended *exec.ExitError
	switch {
	case errors.As(err, &ended):
		os.Exit(ended.ExitCode())
	case err != nil:
		fmt.Fprintln(os.Stderr, "migration:", err)
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
	var o rig.Options
	flags := flag.NewFlagSet("migration", flag.ExitOnError)
	flags.StringVar(&o.Programs.Assets, "assets", "", "folder with etcd and kube-apiserver")
	flags.StringVar(&o.Programs.Istiod, "istiod", "", "the program pilot-discovery")
	crds := flags.String("crds", "", "files and folders with custom resource definitions, comma-separated")
	flags.StringVar(&o.Envoy, "envoy", "", "the program envoy")
	flags.StringVar(&o.Operator, "operator", "", "the operator")
	fleet := flags.String("fleet", "", "file with the Ingresses")
	flags.StringVar(&o.Dir, "out", "", "folder for logs")
	parts := flags.String("parts", strings.Join(migration.Parts, ","), "what is done, comma-separated")
	settle := flags.String("settle", "1s", "the operator's settle interval")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.Programs.CRDs = strings.Split(*crds, ",")
	paths := []*string{&o.Programs.Assets, &o.Programs.Istiod, &o.Envoy, &o.Operator, &o.Dir}
	for i := range o.Programs.CRDs {
		paths = append(paths, &o.Programs.CRDs[i])
	}
	for _, path := range paths { // programs are started in folders of their own
		absolute, err := filepath.Abs(*path)
		if err != nil {
			return err
		}
		*path = absolute
	}
	c, err := casefile.Load(*fleet)
	if err != nil {
		return err
	}
	o.Fleet, o.World, o.OperatorArgs = c, migration.World, []string{"--settle-interval", *settle}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return rig.Run(o, func(r *rig.Rig) error { return migration.Run(ctx, r, strings.Split(*parts, ","), os.Stdout) })
}

// Command dist makes what a release consists of; make dist calls it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/ingress2gw/ingress2gw/internal/dist"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

func run() error {
	version := flag.String("version", "dev", "version, as git describes it")
	out := flag.String("out", "dist", "folder to write to")
	platforms := flag.String("platforms", "", "as in linux/amd64,darwin/arm64; all if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	chosen, err := dist.ParsePlatforms(*platforms)
	if err != nil {
		return err
	}
	return dist.Run(ctx, dist.Options{Version: *version, Root: ".", Out: *out, Platforms: chosen, Build: dist.GoBuild})
}

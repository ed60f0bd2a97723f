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
	version := flag.String("version", "dev", "version, as git describes it")
	out := flag.String("out", "dist", "folder to write to")
	platforms := flag.String("platforms", "", "as in linux/amd64,darwin/arm64; all if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	chosen, err := dist.ParsePlatforms(*platforms)
	if err == nil {
		err = dist.Run(ctx, dist.Options{Version: *version, Root: ".", Out: *out, Platforms: chosen, Build: dist.GoBuild})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1)
	}
}

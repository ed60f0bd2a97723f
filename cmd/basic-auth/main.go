// Command basic-auth tells a gateway whether requests carry a user name and password of htpasswd files.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/ingress2gw/ingress2gw/internal/authorizer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := authorizer.Run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

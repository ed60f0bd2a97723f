package authorizer

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	// DefaultRoot is where Secrets are mounted, each in a folder NAMESPACE.NAME.
	DefaultRoot = "/etc/htpasswd"
	// DefaultAddress is where questions are answered.
	DefaultAddress = ":8080"
)

// Run serves until the context ends and gives the exit code: 0 when it was told to stop, 2 for wrong usage, 3 for trouble
// with files or the network.
func Run(ctx context.Context, args []string, stderr io.Writer) int {
	f := flag.NewFlagSet("basic-auth", flag.ContinueOnError)
	f.SetOutput(stderr)
	root := f.String("root", DefaultRoot, "`folder` with a folder NAMESPACE.NAME for each Secret")
	address := f.String("listen", DefaultAddress, "`address` to listen on")
	err := f.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case f.NArg() > 0:
		fmt.Fprintf(stderr, "basic-auth takes no arguments, only flags: %q\n", f.Arg(0))
		return 2
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	handler, err := New(*root, log)
	if err == nil {
		var l net.Listener
		if l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", *address); err == nil {
			log.Info("listening", "address", l.Addr().String(), "root", *root)
			err = serve(ctx, l, handler)
		}
	}
	if err != nil {
		log.Error("stopped", "error", err)
		return 3
	}
	return 0
}

// serve answers until the context ends, then finishes what it has begun.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &http.Server{
		Handler:           h,
		MaxHeaderBytes:    16 << 10,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		// Longer than a gateway keeps idle connections, so that it does not ask on one that is being closed.
		IdleTimeout: 2 * time.Hour,
		// net/http would write what a broken client sent.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	done := make(chan error, 1)
	go func() {
		<-ctx.Done()
		quiet, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
		defer cancel()
		done <- s.Shutdown(quiet)
	}()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-done
}

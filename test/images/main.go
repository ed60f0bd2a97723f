// Command images builds the images of deploy/ without a container runtime, to see that their Dockerfiles do what they say.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
	"github.com/ingress2gw/ingress2gw/test/images/internal/recipe"
	"github.com/ingress2gw/ingress2gw/test/images/internal/solve"
	"github.com/ingress2gw/ingress2gw/test/images/internal/standin"
)

func main() {
	inside.Become()
	syscall.Umask(0o022) // that of an image does not depend on whoever builds it
	repository := flag.String("repository", "../..", "the `folder` with the sources")
	out := flag.String("out", "../../build/images", "`folder` for the file systems and configurations")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := buildAll(ctx, *repository, *out)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// buildAll leaves OUT/NAME with the folder root and the file config.json for each image.
func buildAll(ctx context.Context, repository, out string) error {
	repository, err := filepath.Abs(repository)
	if err != nil {
		return err
	}
	bases, err := standin.Local()
	if err != nil {
		return err
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	work, err := os.MkdirTemp(out, "work")
	if err != nil {
		return err
	}
	builder := &solve.Builder{Repository: repository, Bases: bases, Work: work, Log: os.Stdout}
	for _, v := range Variants() {
		start := time.Now()
		fmt.Println(v.Name)
		if err := build(ctx, builder, filepath.Join(out, v.Name), v); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", v.Name, err), os.RemoveAll(work))
		}
		fmt.Printf("  %.1f s\n", time.Since(start).Seconds())
	}
	return os.RemoveAll(work)
}

func build(ctx context.Context, builder *solve.Builder, out string, v Variant) error {
	local := ocispecs.Platform{OS: runtime.GOOS, Architecture: runtime.GOARCH}
	target := ocispecs.Platform{OS: "linux", Architecture: v.Architecture}
	r, err := recipe.Read(ctx, builder.Repository, v.File, local, target, v.Args, builder.Bases)
	if err != nil {
		return err
	}
	for _, w := range r.Warnings {
		err = errors.Join(err, errors.New(w))
	}
	if err != nil {
		return err
	}
	root, err := builder.Run(ctx, r.Steps)
	if err != nil {
		return err
	}
	if err := os.Mkdir(out, 0o755); err != nil {
		return err
	}
	if err := os.Rename(root, filepath.Join(out, "root")); err != nil {
		return err
	}
	config, err := json.MarshalIndent(ocispecs.Image{Platform: r.Platform, Config: r.Image}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(out, "config.json"), append(config, '\n'), 0o644)
}

// Package recipe reads Dockerfiles as `docker build` does, with BuildKit's own frontend.
package recipe

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerui"
	"github.com/moby/buildkit/solver/pb"
	"github.com/moby/patternmatcher/ignorefile"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// Recipe is what makes an image, with all arguments resolved.
type Recipe struct {
	Steps    *pb.Definition
	Image    ocispecs.ImageConfig
	Platform ocispecs.Platform
	Warnings []string // of BuildKit's linter
}

// Read reads a Dockerfile of a repository, for a platform and with the arguments of the command line. The images that it starts from
// are those of bases, and it is built on a machine of the platform local.
func Read(ctx context.Context, repository, file string, local, target ocispecs.Platform, args map[string]string, bases llb.ImageMetaResolver) (*Recipe, error) {
	text, err := os.ReadFile(filepath.Join(repository, file))
	if err != nil {
		return nil, err
	}
	files, err := buildContext(repository)
	if err != nil {
		return nil, err
	}
	r := &Recipe{}
	result, err := dockerfile2llb.Dockerfile2LLB(ctx, text, dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			BuildArgs:    args,
			LinterConfig: &linter.Config{ExperimentalAll: true},
			// As with docker buildx build --platform.
			BuildPlatforms: []ocispecs.Platform{local}, TargetPlatforms: []ocispecs.Platform{target}, MultiPlatformRequested: true,
		},
		MainContext: files, TargetPlatform: &target, MetaResolver: bases, SourceMap: llb.NewSourceMap(nil, file, "Dockerfile", text),
		Warn: func(rule, _, _, message string, at []parser.Range) {
			line := 0
			if len(at) > 0 {
				line = at[0].Start.Line
			}
			r.Warnings = append(r.Warnings, fmt.Sprintf("%s:%d: %s: %s", file, line, rule, message))
		},
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	steps, err := result.State.Marshal(ctx, llb.Platform(target))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	r.Steps, r.Platform = steps.ToPB(), result.Image.Platform
	r.Image = result.Image.Config.ImageConfig
	return r, nil
}

// buildContext is what the builder is given of the repository.
func buildContext(repository string) (*llb.State, error) {
	text, err := os.ReadFile(filepath.Join(repository, ".dockerignore"))
	if err != nil {
		return nil, err
	}
	ignored, err := ignorefile.ReadAll(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf(".dockerignore: %w", err)
	}
	state := llb.Local(dockerui.DefaultLocalNameContext, llb.ExcludePatterns(ignored), llb.LocalUniqueID(repository))
	return &state, nil
}

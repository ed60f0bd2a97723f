// Package solve carries out the steps that a Dockerfile consists of, in folders of this machine.
package solve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
	"github.com/ingress2gw/ingress2gw/test/images/internal/standin"
)

// Builder carries out steps. Those that several images have in common are carried out once.
type Builder struct {
	Repository string // from where files come
	Bases      *standin.Bases
	Work       string // an empty folder for what is made in between
	Log        io.Writer

	done map[string][]*tree // what steps left, by their digests
}

// tree is the files that a step leaves behind.
type tree struct {
	dir    string
	mounts []inside.Mount // what programs see of it beside the files
	env    []string
}

// Run gives the folder with the files of an image.
func (b *Builder) Run(ctx context.Context, definition *pb.Definition) (string, error) {
	steps := map[string]*pb.Op{}
	last := &pb.Op{}
	for _, text := range definition.Def {
		last = &pb.Op{}
		if err := proto.Unmarshal(text, last); err != nil {
			return "", err
		}
		steps[string(digest.FromBytes(text))] = last
	}
	// The last one does nothing, and says which is the result.
	if len(last.Inputs) != 1 || last.Op != nil {
		return "", errors.New("the steps have no end")
	}
	t, err := b.solve(ctx, steps, last.Inputs[0])
	if err != nil {
		return "", err
	}
	return t.dir, nil
}

func (b *Builder) solve(ctx context.Context, steps map[string]*pb.Op, in *pb.Input) (*tree, error) {
	results, ok := b.done[in.Digest]
	if !ok {
		step := steps[in.Digest]
		if step == nil {
			return nil, fmt.Errorf("there is no step %s", in.Digest)
		}
		inputs := make([]*tree, len(step.Inputs))
		for i, in := range step.Inputs {
			var err error
			if inputs[i], err = b.solve(ctx, steps, in); err != nil {
				return nil, err
			}
		}
		var err error
		if results, err = b.carryOut(ctx, step, inputs); err != nil {
			return nil, err
		}
		if b.done == nil {
			b.done = map[string][]*tree{}
		}
		b.done[in.Digest] = results
	}
	if in.Index >= int64(len(results)) {
		return nil, fmt.Errorf("step %s has no result %d", in.Digest, in.Index)
	}
	return results[in.Index], nil
}

func (b *Builder) carryOut(ctx context.Context, step *pb.Op, inputs []*tree) ([]*tree, error) {
	var t *tree
	var err error
	switch op := step.Op.(type) {
	case *pb.Op_Source:
		t, err = b.source(ctx, op.Source)
	case *pb.Op_File:
		t, err = b.files(ctx, op.File, inputs)
	case *pb.Op_Exec:
		t, err = b.execute(ctx, op.Exec, inputs)
	default:
		err = fmt.Errorf("a step of the kind %T is not known here", op)
	}
	return []*tree{t}, err
}

func (b *Builder) source(ctx context.Context, op *pb.SourceOp) (*tree, error) {
	scheme, name, _ := strings.Cut(op.Identifier, "://")
	switch scheme {
	case "local":
		return b.context(ctx, op.Attrs)
	case "docker-image":
		dir, err := b.folder("base")
		if err != nil {
			return nil, err
		}
		t := &tree{dir: dir}
		t.mounts, t.env, err = b.Bases.Unpack(name, dir)
		return t, err
	}
	return nil, fmt.Errorf("files of %s are not known here", op.Identifier)
}

// context is the repository without what .dockerignore names.
func (b *Builder) context(ctx context.Context, attrs map[string]string) (*tree, error) {
	var exclude, include []string
	for name, list := range map[string]*[]string{pb.AttrExcludePatterns: &exclude, pb.AttrIncludePatterns: &include} {
		if text := attrs[name]; text != "" {
			if err := json.Unmarshal([]byte(text), list); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	dir, err := b.folder("context")
	if err != nil {
		return nil, err
	}
	return &tree{dir: dir}, copyFiles(ctx, b.Repository, "/", dir, "/", include, exclude, true)
}

// goOn gives a step files of its own, to change what another one has left. They are links: a step may replace a file, but a program that
// writes into one would change it for other steps, too. Go and Git replace.
func (b *Builder) goOn(ctx context.Context, t *tree) (*tree, error) {
	dir, err := b.folder("step")
	if err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(ctx, "cp", "-a", "--link", t.dir+"/.", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("linking files: %w: %s", err, out)
	}
	return &tree{dir: dir, mounts: t.mounts, env: t.env}, nil
}

// folder makes a new folder, which everybody can read as the root of an image.
func (b *Builder) folder(kind string) (string, error) {
	dir, err := os.MkdirTemp(b.Work, kind)
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

func (b *Builder) execute(ctx context.Context, op *pb.ExecOp, inputs []*tree) (*tree, error) {
	if len(op.Mounts) != 1 || op.Mounts[0].Dest != "/" || op.Meta.User != "" && op.Meta.User != "root" && op.Meta.User != "0" {
		return nil, fmt.Errorf("RUN %v wants more than is known here", op.Meta.Args)
	}
	t, err := b.goOn(ctx, inputs[op.Mounts[0].Input])
	if err != nil {
		return nil, err
	}
	cmd, err := inside.Command(ctx, inside.Program{
		Root: t.dir, Mounts: t.mounts, Network: true,
		Args: op.Meta.Args, Env: append(t.env, op.Meta.Env...), Dir: op.Meta.Cwd,
	})
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(b.Log, "  RUN %s\n", op.Meta.Args[len(op.Meta.Args)-1])
	cmd.Stdout, cmd.Stderr = b.Log, b.Log
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("RUN %v: %w", op.Meta.Args, err)
	}
	return t, nil
}

// within is a path of a tree, which no link leads out of.
func within(dir, path string) string { return filepath.Join(dir, filepath.Clean("/"+path)) }

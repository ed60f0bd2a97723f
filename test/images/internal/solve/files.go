package solve

import (
	"context"
	"fmt"
	"os"

	"github.com/moby/buildkit/solver/pb"
	fscopy "github.com/tonistiigi/fsutil/copy"
)

func (b *Builder) files(ctx context.Context, op *pb.FileOp, inputs []*tree) (*tree, error) {
	// Actions are numbered behind the inputs.
	all := inputs
	at := func(i int64) (*tree, error) {
		if i < 0 || i >= int64(len(all)) {
			return nil, fmt.Errorf("a step on files wants input %d of %d", i, len(all))
		}
		return all[i], nil
	}
	var out *tree
	for _, a := range op.Actions {
		t, err := at(a.Input)
		if err != nil {
			return nil, err
		}
		if t, err = b.goOn(ctx, t); err != nil {
			return nil, err
		}
		switch action := a.Action.(type) {
		case *pb.FileAction_Mkdir:
			err = makeFolder(t.dir, action.Mkdir)
		case *pb.FileAction_Copy:
			var from *tree
			if from, err = at(a.SecondaryInput); err == nil {
				err = copyAction(ctx, from.dir, t.dir, action.Copy)
			}
		default:
			err = fmt.Errorf("an action of the kind %T is not known here", action)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, t)
		if a.Output == 0 {
			out = t
		}
	}
	if out == nil {
		return nil, fmt.Errorf("a step on files leaves none")
	}
	return out, nil
}

func makeFolder(dir string, a *pb.FileActionMkDir) error {
	if a.MakeParents {
		return os.MkdirAll(within(dir, a.Path), os.FileMode(a.Mode))
	}
	return os.Mkdir(within(dir, a.Path), os.FileMode(a.Mode))
}

func copyAction(ctx context.Context, from, to string, a *pb.FileActionCopy) error {
	if a.Owner != nil || a.Mode != -1 || a.ModeStr != "" || a.AttemptUnpackDockerCompatibility {
		return fmt.Errorf("COPY %s wants more than is known here", a.Src)
	}
	sources := []string{a.Src}
	if a.AllowWildcard {
		var err error
		if sources, err = fscopy.ResolveWildcards(from, a.Src, a.FollowSymlink); err != nil {
			return err
		}
	}
	if len(sources) == 0 && !a.AllowEmptyWildcard {
		return fmt.Errorf("COPY %s: there is no such file", a.Src)
	}
	for _, s := range sources {
		if err := copyFiles(ctx, from, s, to, a.Dest, a.IncludePatterns, a.ExcludePatterns, a.DirCopyContents); err != nil {
			return fmt.Errorf("COPY %s: %w", s, err)
		}
	}
	return nil
}

// copyFiles copies as BuildKit does. The files are root's, whoever has them in the repository.
func copyFiles(ctx context.Context, from, src, to, dest string, include, exclude []string, contents bool) error {
	return fscopy.Copy(ctx, from, src, to, dest, fscopy.WithChown(os.Getuid(), os.Getgid()), func(c *fscopy.CopyInfo) {
		c.IncludePatterns, c.ExcludePatterns, c.CopyDirContents = include, exclude, contents
		c.XAttrErrorHandler = func(string, string, string, error) error { return nil } // as BuildKit, which logs it
	})
}

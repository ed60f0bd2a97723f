package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// files reads everything that was named on the command line, in that order, and says what all is missing.
func (r *reader) files(ctx context.Context, o Options) error {
	var errs []error
	for _, name := range o.Filenames {
		errs = append(errs, r.named(ctx, name, o))
	}
	return errors.Join(errs...)
}

func (r *reader) named(ctx context.Context, name string, o Options) error {
	switch {
	case name == "-":
		if o.Stdin == nil {
			return errors.New("there is no standard input to read")
		}
		return r.from(name, o.Stdin, 0)
	case strings.HasPrefix(name, "http://"), strings.HasPrefix(name, "https://"):
		return r.url(ctx, name)
	}
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) && strings.ContainsAny(name, "*?[") {
		return r.pattern(name, err)
	}
	if err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	if info.IsDir() {
		return r.folder(name, o.Recursive)
	}
	return r.fileNamed(name)
}

// pattern reads the files that match a pattern which no shell has expanded.
func (r *reader) pattern(pattern string, missing error) error {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		return fmt.Errorf("reading the input: %w", missing)
	}
	for _, name := range names {
		if err := r.fileNamed(name); err != nil {
			return err
		}
	}
	return nil
}

// folder reads the manifests of a folder in the order of their names; those of folders within it only when asked to.
func (r *reader) folder(root string, recursive bool) error {
	var names []string
	err := filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			if name != root && !recursive {
				return fs.SkipDir
			}
			return nil
		case slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name)):
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	slices.Sort(names)
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			continue // a link to a folder that is named like a manifest
		}
		if err := r.fileNamed(name); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) fileNamed(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	defer f.Close()
	size := int64(0)
	if info, err := f.Stat(); err == nil {
		size = info.Size()
	}
	return r.from(name, f, size)
}

// from reads a stream to its end. size is what to expect.
func (r *reader) from(name string, in io.Reader, size int64) error {
	var b strings.Builder
	if size > 0 && size < 1<<30 {
		b.Grow(int(size) + 512)
	}
	if _, err := io.Copy(&b, in); err != nil {
		return fmt.Errorf("reading the input %s: %w", name, err)
	}
	r.stream(name, b.String())
	return nil
}

// maxDownload bounds what a URL may send.
const maxDownload = 256 << 20

func (r *reader) url(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("reading the input: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("reading the input %s: %s", url, resp.Status)
	}
	return r.from(url, io.LimitReader(resp.Body, maxDownload), resp.ContentLength)
}

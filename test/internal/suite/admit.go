package suite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
	"github.com/ingress2gw/ingress2gw/test/internal/pilot"
	"github.com/ingress2gw/ingress2gw/test/internal/runner"
)

// The files of a golden output; any of them may be missing.
const (
	platformFile = "platform.yaml"
	teamsFile    = "teams.yaml"
	meshFile     = "meshconfig.yaml"
)

// Goldens finds the folders with golden outputs below a root.
func Goldens(root string) ([]Job, error) {
	var jobs []Job
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Base(path) == platformFile {
			jobs = append(jobs, Job{Path: filepath.Dir(path), Admit: true})
		}
		return err
	})
	if err == nil && len(jobs) == 0 {
		err = fmt.Errorf("%s has no golden outputs", root)
	}
	return jobs, err
}

// admit shows a golden output to the cluster; its objects count as requests, in the row of the folder above.
func admit(stage *pilot.Stage, j Job) *runner.Result {
	start := time.Now()
	r := &runner.Result{Name: filepath.Base(j.Path), File: j.Path, Feature: filepath.Base(filepath.Dir(j.Path)), State: runner.Pass}
	stream, mesh, err := readGolden(j.Path)
	if err != nil {
		return brokenResult(j, err.Error())
	}
	a, err := stage.Admit(stream)
	if err != nil {
		return brokenResult(j, err.Error())
	}
	r.Requests = runner.Requests{Total: a.Objects, Exact: a.Objects - len(a.Refused), Failed: len(a.Refused)}
	r.Problems = a.Refused
	if _, err := istiod.Mesh(mesh); err != nil {
		r.Problems = append(r.Problems, meshFile+": "+err.Error())
	}
	if len(r.Problems) > 0 {
		r.State = runner.Fail
	}
	for _, w := range a.Warnings {
		if !slices.Contains(r.Notes, w) {
			r.Notes = append(r.Notes, w)
		}
	}
	r.Seconds = float64(time.Since(start).Milliseconds()) / 1000
	return r
}

func readGolden(dir string) (stream string, mesh []byte, err error) {
	read := func(name string) []byte {
		text, e := os.ReadFile(filepath.Join(dir, name))
		if !errors.Is(e, fs.ErrNotExist) {
			err = errors.Join(err, e)
		}
		return text
	}
	documents := []string{string(read(platformFile)), string(read(teamsFile))}
	return strings.Join(documents, "\n---\n"), read(meshFile), err
}

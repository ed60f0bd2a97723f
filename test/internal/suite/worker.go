// Package suite runs many cases side by side in worker processes and writes what came of them.
package suite

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
	"github.com/ingress2gw/ingress2gw/test/internal/mutate"
	"github.com/ingress2gw/ingress2gw/test/internal/pilot"
	"github.com/ingress2gw/ingress2gw/test/internal/resolver"
	"github.com/ingress2gw/ingress2gw/test/internal/runner"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

// Settings are the same for all cases of a run.
type Settings struct {
	Envoy   string
	Command string // converter as a shell command; "" with Given
	Given   string // folder of hand-written translations
	NoPatch bool   // the converter was told to emit no EnvoyFilter
	Root    string // folder for the files of the cases
	Keep    bool   // keep the files of passing cases too
	Level   sandbox.Level
	Worker  int             // number of the worker
	Cluster *pilot.Programs // run these instead of a control plane in process
}

// Job is one case to run, unbroken or broken on purpose; or, with a cluster, a folder of objects that it shall admit.
type Job struct {
	Path     string
	Mutation string
	Admit    bool
}

// The worker's resolver; in a network namespace of its own the usual port is free.
const (
	resolverAddress = "127.0.0.1"
	resolverPort    = 53
)

// message is what a worker says of one job.
type message struct {
	Result *runner.Result
	Spent  bool // the worker cannot take another job
}

// Work is the body of a worker process: settings, then jobs, one JSON value a line on in; messages the same way on out.
func Work(in io.Reader, out io.Writer) (err error) {
	lines := bufio.NewReader(in)
	var s Settings
	if err := readLine(lines, &s); err != nil {
		return err
	}
	r := &runner.Runner{Envoy: s.Envoy, Plane: runner.InProcess{}, Reports: s.Given == "", NoPatch: s.NoPatch, Root: s.Root, Keep: s.Keep, Converter: runner.Command{Text: s.Command}}
	if s.Given != "" {
		r.Converter = runner.Given{Dir: s.Given}
	}
	if s.Level.Isolated() {
		dir, err := os.MkdirTemp("", "conformance")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		if err := sandbox.Enter(resolverAddress, dir); err != nil {
			return err
		}
		if r.Resolver, err = resolver.Start(fmt.Sprintf("%s:%d", resolverAddress, resolverPort)); err != nil {
			return err
		}
		r.DNSPort = resolverPort
	}
	istiod.Prepare()
	var stage *pilot.Stage
	if s.Cluster != nil {
		if stage, err = startStage(&s); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stage.Stop()) }()
		r.Plane = runner.Cluster{Stage: stage}
	}
	results := json.NewEncoder(out)
	if err := results.Encode("ready"); err != nil {
		return err
	}
	for {
		var j Job
		err := readLine(lines, &j)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		m := message{}
		if j.Admit {
			m.Result = admit(stage, j)
		} else {
			m.Result = runJob(r, j)
			m.Spent = stage != nil && stage.Dirty() != nil
		}
		if err := results.Encode(m); err != nil || m.Spent {
			return err
		}
	}
}

// startStage starts a cluster of this worker's own; its files stay, for the logs.
func startStage(s *Settings) (*pilot.Stage, error) {
	if !s.Level.Isolated() {
		return nil, errors.New("a cluster needs a network namespace of its own, and this machine allows none")
	}
	if err := sandbox.AddAddress(cluster.Routable.Prefix()); err != nil {
		return nil, err
	}
	return pilot.Start(*s.Cluster, filepath.Join(s.Root, fmt.Sprintf("cluster-%d", s.Worker)))
}

func readLine(r *bufio.Reader, v any) error {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

func runJob(r *runner.Runner, j Job) *runner.Result {
	c, err := casefile.Load(j.Path)
	if err != nil {
		return brokenResult(j, err.Error())
	}
	if j.Mutation == "" {
		return r.Run(c, c.Name, nil)
	}
	m, ok := mutate.Find(j.Mutation)
	if !ok {
		return brokenResult(j, "no such mutation")
	}
	dir := filepath.Join(j.Mutation, c.Name)
	res := r.Run(c, dir, m.Apply)
	res.Mutation = j.Mutation
	if !r.Keep {
		_ = os.RemoveAll(filepath.Join(r.Root, dir)) // failing is what it is for
	}
	return res
}

// brokenResult is for a job that could not be run at all.
func brokenResult(j Job, why string) *runner.Result {
	name := filepath.Base(j.Path)
	return &runner.Result{
		Name: name[:len(name)-len(filepath.Ext(name))], File: j.Path, Feature: casefile.OtherFeature, Mutation: j.Mutation,
		State: runner.Broken, Problems: []string{why},
	}
}

// Command controlplane measures what a translation costs Istio: the time from giving its objects to istiod until the first
// request is answered through Envoy, with all EnvoyFilters and without any.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

type options struct {
	binary, envoy, out string
	ingresses, rounds  int
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "worker" {
		if err := work(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "controlplane worker:", err)
			os.Exit(1)
		}
		return
	}
	o := options{}
	flag.StringVar(&o.binary, "bin", "bin/ingress2gw", "the converter's `binary`")
	flag.StringVar(&o.envoy, "envoy", "envoy", "Envoy `binary`")
	flag.StringVar(&o.out, "out", "build/controlplane", "`folder` for inputs, outputs and logs")
	flag.IntVar(&o.ingresses, "ingresses", 1000, "how many")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each is measured; the fastest counts")
	flag.Parse()
	if err := o.run(); err != nil {
		fmt.Fprintln(os.Stderr, "controlplane:", err)
		os.Exit(1)
	}
}

func (o *options) run() error {
	var err error
	for _, path := range []*string{&o.binary, &o.envoy, &o.out} {
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	fmt.Printf("%-14s %10s %10s %10s %12s %12s %12s %10s\n", "fleet", "wall", "without", "ratio", "cpu", "without", "ratio", "patches")
	for _, f := range []fleet{{"plain", 0}, {"every-third", 3}, {"every-one", 1}} {
		if err := o.measure(f); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// measure translates a fleet and compares the translation with itself less its EnvoyFilters.
func (o *options) measure(f fleet) error {
	dir := filepath.Join(o.out, f.name)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return err
	}
	in, mesh := filepath.Join(dir, "in.yaml"), filepath.Join(dir, "mesh.yaml")
	if err := os.WriteFile(in, f.manifests(o.ingresses), 0o644); err != nil {
		return err
	}
	cmd := exec.Command(o.binary, "convert", "-f", in, "--mesh-config-out", mesh, "--fail-on", "never")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stream, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("convert: %w: %.400s", err, stderr.String())
	}
	docs, err := casefile.Documents(string(stream))
	if err != nil {
		return err
	}
	patches := 0
	bare := slices.DeleteFunc(slices.Clone(docs), func(d casefile.Object) bool {
		if d.Kind() != "EnvoyFilter" {
			return false
		}
		patches += len(d.Items("spec", "configPatches"))
		return true
	})
	with, err := o.fastest(f, dir, "with", docs, mesh)
	if err != nil {
		return err
	}
	without, err := o.fastest(f, dir, "without", bare, mesh)
	if err != nil {
		return err
	}
	fmt.Printf("%-14s %9.2fs %9.2fs %10.2f %11.2fs %11.2fs %12.2f %10d\n",
		f.name, with.Wall, without.Wall, with.Wall/without.Wall, with.CPU, without.CPU, with.CPU/without.CPU, patches)
	return nil
}

// fastest measures a set of objects and gives the smallest of each time.
func (o *options) fastest(f fleet, dir, name string, docs []casefile.Object, mesh string) (result, error) {
	best := result{}
	stream, err := casefile.Stream(docs)
	if err != nil {
		return best, err
	}
	objects := filepath.Join(dir, name+".yaml")
	if err := os.WriteFile(objects, []byte(stream), 0o644); err != nil {
		return best, err
	}
	for round := range o.rounds {
		j := job{Fleet: f.name, Ingresses: o.ingresses, Objects: objects, Mesh: mesh, Envoy: o.envoy, Dir: filepath.Join(dir, fmt.Sprint(name, round))}
		r, err := j.start()
		if err != nil {
			return best, fmt.Errorf("%s EnvoyFilters: %w", name, err)
		}
		if round == 0 || r.Wall < best.Wall {
			best.Wall = r.Wall
		}
		if round == 0 || r.CPU < best.CPU {
			best.CPU = r.CPU
		}
	}
	return best, nil
}

// start measures in a process and a network of its own.
func (j job) start() (result, error) {
	var r result
	if err := os.MkdirAll(j.Dir, 0o755); err != nil {
		return r, err
	}
	spec, err := json.Marshal(j)
	if err != nil {
		return r, err
	}
	program, err := os.Executable()
	if err != nil {
		return r, err
	}
	var failed error
	for _, level := range sandbox.Levels() {
		cmd := exec.Command(program, "worker", string(spec))
		cmd.Env = append(os.Environ(), "I2G_SANDBOX="+string(level))
		cmd.SysProcAttr = level.Attributes()
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err != nil {
			failed = fmt.Errorf("%w: %.600s", err, strings.TrimSpace(stderr.String()))
			continue
		}
		return r, json.Unmarshal(stdout.Bytes(), &r)
	}
	return r, failed
}

// Command conformance proves a converter: it translates every case, serves the translation by a real Envoy under Istio's
// own discovery server, and compares what client and backends observe with what was measured on ingress-nginx.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/pilot"
	"github.com/ingress2gw/ingress2gw/test/internal/runner"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
	"github.com/ingress2gw/ingress2gw/test/internal/suite"
)

// Exit status.
const (
	exitFailures = 1
	exitUsage    = 2
)

// options are the command line.
type options struct {
	cases, pattern            string
	binary, convert, given    string
	mode, extra, selection    string
	assets, istiod, crds      string
	admit                     string
	envoy, out, level         string
	workers                   int
	strict, keep, quiet, list bool
	mutations                 bool
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == suite.WorkerArgument {
		if err := suite.Work(os.Stdin, os.NewFile(3, "results")); err != nil {
			fmt.Fprintln(os.Stderr, "conformance worker:", err)
			os.Exit(exitFailures)
		}
		return
	}
	o := parseFlags()
	good, err := run(o)
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(exitUsage)
	case !good:
		os.Exit(exitFailures)
	}
}

func parseFlags() *options {
	o := &options{}
	flag.StringVar(&o.cases, "cases", "test/conformance/cases,test/conformance/composition", "comma-separated `folders` or files of cases")
	flag.StringVar(&o.pattern, "case", "", "comma-separated `patterns` of case names; empty: all")
	flag.StringVar(&o.binary, "bin", "bin/ingress2gw", "the converter's `binary`")
	flag.StringVar(&o.convert, "convert", "", "another converter: a shell `command` that reads the file $IN, takes $ARGS, writes objects to stdout, mesh configuration to $MESH and findings as JSON to $REPORT")
	flag.StringVar(&o.given, "given", "", "`folder` of hand-written translations instead of a converter")
	flag.StringVar(&o.mode, "mode", "split", "split, platform or no-envoyfilter")
	flag.StringVar(&o.extra, "args", "", "space-separated further `arguments` for the converter")
	flag.StringVar(&o.envoy, "envoy", "envoy", "Envoy `binary`, a path or a name in $PATH")
	flag.StringVar(&o.out, "out", "build/conformance", "`folder` for results and the files of failing cases")
	flag.IntVar(&o.workers, "workers", max(2, runtime.NumCPU()), "cases run side by side")
	flag.StringVar(&o.level, "isolation", "", "root, user or plain `level` of the workers' namespaces; empty: the best that works")
	flag.BoolVar(&o.strict, "strict", false, "overclaimed differences fail the run")
	flag.BoolVar(&o.keep, "keep", false, "keep the files of passing cases too")
	flag.BoolVar(&o.quiet, "q", false, "print failures and the table only")
	flag.BoolVar(&o.list, "list", false, "list the cases and stop")
	flag.StringVar(&o.selection, "selection", "", "`file` that names the cases to run, by feature")
	flag.StringVar(&o.assets, "cluster", "", "`folder` with etcd and kube-apiserver: apply the translations to a real API server")
	flag.StringVar(&o.istiod, "istiod", "", "the `program` pilot-discovery, with -cluster")
	flag.StringVar(&o.crds, "crds", "", "comma-separated `files` and folders of custom resource definitions, with -cluster")
	flag.StringVar(&o.admit, "admit", "", "`folder` of golden outputs: show their objects to the cluster instead of running cases, with -cluster")
	flag.BoolVar(&o.mutations, "mutations", false, "break translations on purpose, and want every mutation caught")
	flag.Parse()
	return o
}

// arguments of the product for each mode.
func modeArguments(mode string) ([]string, error) {
	switch mode {
	case "split", "platform":
		return []string{"--ownership", mode}, nil
	case "no-envoyfilter":
		return []string{"--no-envoyfilter"}, nil
	}
	return nil, fmt.Errorf("mode %q: want split, platform or no-envoyfilter", mode)
}

// settings for the workers; all paths absolute, since the shell of a converter may stand elsewhere.
func (o *options) settings() (suite.Settings, error) {
	extra, err := modeArguments(o.mode)
	if err != nil {
		return suite.Settings{}, err
	}
	extra = append(extra, strings.Fields(o.extra)...)
	s := suite.Settings{NoPatch: o.mode == "no-envoyfilter", Keep: o.keep, Command: o.convert}
	var errs []error
	absolute := func(path string) string {
		p, err := filepath.Abs(path)
		if err == nil {
			_, err = os.Stat(p)
		}
		errs = append(errs, err)
		return p
	}
	envoy, err := exec.LookPath(o.envoy)
	if err != nil {
		return s, err
	}
	s.Envoy = absolute(envoy)
	switch {
	case o.given != "":
		s.Given = absolute(o.given)
	case o.convert == "":
		s.Command = runner.ProductCommand(absolute(o.binary), extra).Text
	}
	if o.assets != "" {
		s.Cluster = &pilot.Programs{Assets: absolute(o.assets), Istiod: absolute(o.istiod)}
		for path := range strings.SplitSeq(o.crds, ",") {
			s.Cluster.CRDs = append(s.Cluster.CRDs, absolute(path))
		}
	}
	if err := os.MkdirAll(o.out, 0o755); err != nil {
		return s, err
	}
	s.Root = absolute(o.out)
	return s, errors.Join(errs...)
}

func (o *options) load() ([]*casefile.Case, error) {
	all, err := casefile.LoadAll(strings.Split(o.cases, ","))
	if err != nil {
		return nil, err
	}
	cases := suite.Select(all, o.pattern)
	if o.selection != "" && o.pattern == "" {
		chosen, err := casefile.LoadSelection(o.selection)
		if err != nil {
			return nil, err
		}
		if cases, err = chosen.Of(all); err != nil {
			return nil, err
		}
	}
	if len(cases) == 0 {
		return nil, fmt.Errorf("no case matches %q", o.pattern)
	}
	return cases, nil
}

func run(o *options) (bool, error) {
	if o.admit != "" {
		return admitGoldens(o)
	}
	cases, err := o.load()
	if err != nil {
		return false, err
	}
	if o.list {
		for _, c := range cases {
			fmt.Printf("%-45s %-26s %s\n", c.Name, casefile.Feature(c), c.Equivalence)
		}
		return true, nil
	}
	pool, err := o.pool()
	if err != nil {
		return false, err
	}
	if o.mutations {
		return runMutations(o, pool, cases)
	}
	return runCases(o, pool, cases)
}

func (o *options) pool() (*suite.Pool, error) {
	s, err := o.settings()
	if err != nil {
		return nil, err
	}
	if s.Level, err = suite.Isolation(s, sandbox.Level(o.level)); err != nil {
		return nil, err
	}
	pool := &suite.Pool{Settings: s, Workers: o.workers}
	if !s.Level.Isolated() {
		fmt.Fprintln(os.Stderr, "conformance: no network namespaces on this machine: one case at a time, DNS cases are skipped")
		pool.Workers = 1
	}
	return pool, nil
}

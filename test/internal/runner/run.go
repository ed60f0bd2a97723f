package runner

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/client"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
	"github.com/ingress2gw/ingress2gw/test/internal/judge"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
	"github.com/ingress2gw/ingress2gw/test/internal/report"
	"github.com/ingress2gw/ingress2gw/test/internal/resolver"
)

// adminPort is Envoy's; its own network namespace, or being alone, keeps it free.
const adminPort = 15000

// Mutation breaks a translation on purpose; it tells whether it found something to break.
type Mutation func(docs []casefile.Object, mesh []byte) ([]casefile.Object, []byte, bool)

// Runner runs cases one after the other.
type Runner struct {
	Envoy     string // binary
	Plane     ControlPlane
	Converter Converter
	Reports   bool             // the converter writes reports: differences have to be declared in them
	NoPatch   bool             // --no-envoyfilter: see verdict
	Root      string           // each case has a folder of its own below
	Keep      bool             // keep the folder of passing cases too
	Resolver  *resolver.Server // nil: cases that need DNS are skipped
	DNSPort   int
}

// run is the state of one case under way.
type run struct {
	*Runner
	c      *casefile.Case
	dir    string
	mutate Mutation
	res    *Result
	ring   *keys.Ring
	farm   *backend.Farm
	world  *cluster.Cluster
	out    *Output
	report *report.Report
	loaded *istiod.Translation
	breach bool // a protected backend was reached
}

// Run runs one case. The folder dir below the root takes its files.
func (r *Runner) Run(c *casefile.Case, dir string, mutate Mutation) *Result {
	start := time.Now()
	x := &run{Runner: r, c: c, dir: filepath.Join(r.Root, dir), mutate: mutate}
	x.res = &Result{Name: c.Name, File: c.Path, Covers: c.Covers, Feature: casefile.Feature(c), Requests: Requests{Total: len(c.Requests)}}
	if err := x.do(); err != nil {
		x.res.State = Broken
		x.res.Problems = append(x.res.Problems, err.Error())
	}
	x.res.Seconds = float64(time.Since(start).Milliseconds()) / 1000
	if x.res.State.Good() && !r.Keep {
		_ = os.RemoveAll(x.dir) // a leftover folder harms nobody
	}
	return x.res
}

func (x *run) do() (err error) {
	if x.c.SourceOnly() && !x.Reports {
		x.res.State = NotRun
		return nil
	}
	if x.c.Need("dns") && x.Resolver == nil {
		x.res.State = Skipped
		x.res.Notes = append(x.res.Notes, "needs a resolver of its own, hence a mount namespace")
		return nil
	}
	if err := errors.Join(os.RemoveAll(x.dir), os.MkdirAll(x.dir, 0o755)); err != nil {
		return err
	}
	if x.ring, err = keys.Generate(x.c.PKI); err != nil {
		return err
	}
	x.farm = backend.NewFarm(x.ring)
	defer func() { err = errors.Join(err, x.farm.Close()) }()
	if x.world, err = cluster.Build(x.c, x.ring, x.farm, x.Plane.Network()); err != nil {
		return err
	}
	if x.Resolver != nil {
		x.Resolver.Set(x.world.Names)
	}
	if err := x.convert(); err != nil || x.res.State != "" {
		return err
	}
	if x.c.SourceOnly() {
		x.sourceOnlyVerdict()
		return nil
	}
	if err := x.serve(); err != nil {
		return err
	}
	x.verdict()
	return nil
}

// convert fills out, report and loaded; it sets the state when there is nothing to run.
func (x *run) convert() error {
	input, err := x.world.Input(x.c)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(x.dir, inputFile), input, 0o644); err != nil {
		return err
	}
	if x.out, err = x.Converter.Convert(x.c, x.dir); err != nil {
		return err
	}
	if x.out == nil {
		x.res.State = Skipped
		x.res.Notes = append(x.res.Notes, "no translation given")
		return nil
	}
	if x.mutate != nil {
		if err := x.breakOnPurpose(); err != nil || x.res.State != "" {
			return err
		}
	}
	if err := os.WriteFile(filepath.Join(x.dir, outputFile), []byte(x.out.Stream), 0o644); err != nil {
		return err
	}
	if x.report, err = report.Parse(x.out.Report); err != nil {
		return err
	}
	if !x.Reports {
		x.world.CopySecrets()
	}
	x.loaded, err = istiod.Read(x.out.Stream)
	if err != nil {
		return fmt.Errorf("output: %w", err)
	}
	if len(x.loaded.Kinds) == 0 {
		x.res.Notes = append(x.res.Notes, "the converter wrote no objects, see "+stderrFile)
	}
	return nil
}

// breakOnPurpose applies the mutation to the output.
func (x *run) breakOnPurpose() error {
	docs, err := casefile.Documents(x.out.Stream)
	if err != nil {
		return err
	}
	docs, x.out.Mesh, x.res.Applied = x.mutate(docs, x.out.Mesh)
	if !x.res.Applied {
		x.res.State = Skipped
		x.res.Notes = append(x.res.Notes, "nothing to break")
		return nil
	}
	x.out.Stream, err = casefile.Stream(docs)
	return err
}

func (x *run) refuse(what string) {
	x.res.Refused = true
	x.res.Problems = append(x.res.Problems, what)
}

// serve runs control plane and proxy and sends the requests.
func (x *run) serve() error {
	mesh, err := istiod.Mesh(x.out.Mesh)
	if err != nil {
		return fmt.Errorf("mesh configuration: %w", err)
	}
	proxyConfig, err := protojson.Marshal(mesh.DefaultConfig)
	if err != nil {
		return err
	}
	options := istiod.Options{
		Objects: x.world.Objects, Translation: x.loaded, Mesh: mesh, Fragment: x.out.Mesh,
		Identity: cluster.Gateway().Identity().String(),
	}
	var failed error
	err = x.Plane.Run(options, func(plane Plane) {
		for _, fault := range plane.Refused() {
			x.refuse(fault)
		}
		x.res.Notes = append(x.res.Notes, plane.Notes()...)
		failed = x.proxy(plane, proxyConfig)
	})
	return errors.Join(err, failed)
}

func (x *run) proxy(plane Plane, proxyConfig []byte) error {
	p, err := envoy.Start(envoy.Options{
		Binary: x.Envoy, Dir: x.dir, AdminPort: adminPort, Discovery: plane.Discovery(), ResolverPort: x.DNSPort, ProxyConfig: proxyConfig,
	})
	if err != nil {
		return err
	}
	defer p.Stop()
	defer p.Admin.Close()
	note, err := x.ready(plane, p)
	if err != nil {
		return err
	}
	if note != "" {
		x.res.Notes = append(x.res.Notes, note)
	}
	x.send(p)
	for _, why := range plane.Progress().Refused {
		x.refuse(fmt.Sprintf("Envoy refuses %.400s", why))
	}
	for line := range strings.Lines(p.Log()) {
		if _, why, found := strings.Cut(line, " rejected: "); found && !x.res.Refused {
			x.refuse(fmt.Sprintf("Envoy refuses configuration: %.400s", strings.TrimSpace(why)))
		}
	}
	if x.Keep || x.res.Refused || x.res.Requests.Failed > 0 {
		return os.WriteFile(filepath.Join(x.dir, dumpFile), []byte(p.Admin.Dump()), 0o644)
	}
	return nil
}

// send sends all requests and judges them.
func (x *run) send(p *envoy.Process) {
	target := client.Target{Address: "127.0.0.1", Ports: cluster.BoundPorts(), Ring: x.ring}
	earlier, jars := map[string]string{}, client.Jars{}
	for i := range x.c.Requests {
		r := &x.c.Requests[i]
		answers := target.Run(&r.Send, jars)
		o := judge.Observation{Answers: answers, Ledger: x.farm.Ledger, Ring: x.ring, Earlier: earlier, Settle: func() { settle(p) }}
		problems := judge.Judge(r.Expect, o)
		earlier[r.Name] = judge.EndpointsOf(r.Expect, o)
		switch {
		case len(problems) == 0:
			x.res.Requests.Exact++
		case x.acceptable(r, o):
			x.res.Requests.Accepted++
		default:
			x.res.Requests.Failed++
			x.fail(r.Name, problems)
		}
		if x.breaks(r, answers) {
			x.breach = true
			x.res.Problems = append(x.res.Problems, "OPEN: "+r.Name+": a protected backend was reached")
		}
	}
	if !p.Alive() {
		x.refuse("Envoy died, see envoy.log")
	}
}

func (x *run) acceptable(r *casefile.Request, o judge.Observation) bool {
	for _, alternative := range r.Accepted {
		if x.c.Approximate() && len(judge.Judge(alternative, o)) == 0 {
			return true
		}
	}
	return false
}

// mostProblems is how many differences of one request are worth printing.
const mostProblems = 4

func (x *run) fail(request string, problems []string) {
	text := request + ": " + strings.Join(problems[:min(len(problems), mostProblems)], "; ")
	if more := len(problems) - mostProblems; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	x.res.Problems = append(x.res.Problems, text)
}

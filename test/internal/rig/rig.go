// Package rig runs all that a migration takes place in, on this machine: API server, istiod, the gateway and a shadow gateway, backends
// and the operator.
package rig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
	"github.com/ingress2gw/ingress2gw/test/internal/pilot"
	"github.com/ingress2gw/ingress2gw/test/internal/process"
	"github.com/ingress2gw/ingress2gw/test/internal/resolver"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

// Options say what a rig is made of.
type Options struct {
	Programs        pilot.Programs
	Envoy, Operator string
	Fleet           *casefile.Case // Ingresses, and what stands behind them
	World           string         // further objects, as YAML; they are applied before the Ingresses
	Dir             string         // for logs
	OperatorArgs    []string
}

// Rig is all of it, running.
type Rig struct {
	Config          *rest.Config // of an administrator
	Kubeconfig      string
	Ring            *keys.Ring
	Gateway, Shadow *envoy.Process

	options  Options
	operator *process.Process
	log      string // of the operator
	starts   int
}

// mesh is what the platform has to set; the operator says so in the state of the Migration.
const mesh = "pathNormalization:\n  normalization: DECODE_AND_MERGE_SLASHES\n"

const (
	resolverAddress = "127.0.0.1"
	stopPatience    = 5 * time.Second
)

// The ports of Envoy's administration.
const (
	AdminPort       = 15000
	ShadowAdminPort = 15001
)

// Run starts everything but the operator, calls use, and ends everything. It needs a network of its own.
func Run(o Options, use func(*Rig) error) (err error) {
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return err
	}
	if err := sandbox.Enter(resolverAddress, o.Dir); err != nil {
		return err
	}
	names, err := resolver.Start(resolverAddress + ":53")
	if err != nil {
		return err
	}
	defer names.Close()
	if err := sandbox.AddAddress(cluster.Routable.Prefix()); err != nil {
		return err
	}
	istiod.Prepare()
	stage, err := pilot.Start(o.Programs, filepath.Join(o.Dir, "cluster"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Stop()) }()

	r := &Rig{options: o, Kubeconfig: stage.Kubeconfig()}
	if r.Ring, err = keys.Generate(o.Fleet.PKI); err != nil {
		return err
	}
	farm := backend.NewFarm(r.Ring)
	farm.Ledger = nil // nobody asks what backends received, and it is much
	defer func() { err = errors.Join(err, farm.Close()) }()
	around, err := cluster.Build(o.Fleet, r.Ring, farm, stage.Network())
	if err != nil {
		return err
	}
	names.Set(around.Names)
	for _, o := range around.Objects {
		if s, ok := o.(*corev1.Secret); ok && s.Name == cluster.DefaultCertificate {
			s = s.DeepCopy()
			s.Namespace = cluster.Shadow().Namespace
			around.Objects = append(around.Objects, s)
		}
	}
	load := istiod.Options{
		Objects: append(around.Objects, cluster.Shadow().Objects()...), Fragment: []byte(mesh),
		Translation: &istiod.Translation{Stream: o.World + o.Fleet.Manifests},
	}
	shadow, err := stage.Enrol(cluster.Shadow())
	if err != nil {
		return err
	}
	var used error
	err = stage.Run(load, func(p *pilot.Plane) { used = r.play(p, shadow, use) })
	return errors.Join(used, err)
}

// play starts both proxies.
func (r *Rig) play(p *pilot.Plane, shadow envoy.Discovery, use func(*Rig) error) error {
	if refused := p.Refused(); len(refused) > 0 {
		return fmt.Errorf("the cluster refuses objects: %v", refused)
	}
	var err error
	if r.Config, err = clientcmd.BuildConfigFromFlags("", r.Kubeconfig); err != nil {
		return err
	}
	r.Config.QPS = -1 // nobody else has to be served
	if r.Gateway, err = r.proxy(cluster.Gateway(), "gateway", AdminPort, p.Discovery()); err != nil {
		return err
	}
	defer stop(r.Gateway)
	if r.Shadow, err = r.proxy(cluster.Shadow(), "shadow", ShadowAdminPort, shadow); err != nil {
		return err
	}
	defer stop(r.Shadow)
	defer r.KillOperator()
	return use(r)
}

func (r *Rig) proxy(w cluster.Workload, name string, admin int, d envoy.Discovery) (*envoy.Process, error) {
	settings, err := istiod.Mesh([]byte(mesh))
	if err != nil {
		return nil, err
	}
	proxyConfig, err := protojson.Marshal(settings.DefaultConfig)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(r.options.Dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return envoy.Start(envoy.Options{
		Binary: r.options.Envoy, Dir: dir, Workload: &w, AdminPort: admin, Discovery: d, ResolverPort: 53, ProxyConfig: proxyConfig,
	})
}

func stop(p *envoy.Process) {
	p.Admin.Close()
	p.Stop()
}

// StartOperator starts the operator's program.
func (r *Rig) StartOperator() (err error) {
	r.starts++
	r.log = fmt.Sprintf("operator-%d.log", r.starts)
	r.operator, err = process.Start(process.Options{
		Name: "the operator", Log: filepath.Join(r.options.Dir, r.log),
		Args: append([]string{
			r.options.Operator, "--kubeconfig", r.Kubeconfig, "--mode=apply", "--namespace=ingress2gw-system", "--leader-elect=false",
			"--metrics-bind-address=127.0.0.1:18443", "--health-probe-bind-address=127.0.0.1:18081", // the usual ports are the gateway's here
		}, r.options.OperatorArgs...),
	})
	return err
}

// KillOperator ends the operator in the middle of whatever it does.
func (r *Rig) KillOperator() {
	if r.operator != nil {
		r.operator.Kill()
		r.operator = nil
	}
}

// StopOperator lets the operator end in an orderly way.
func (r *Rig) StopOperator() {
	if r.operator != nil {
		r.operator.Stop(stopPatience)
		r.operator = nil
	}
}

// OperatorSaid counts how often a text stands in the log of the running operator.
func (r *Rig) OperatorSaid(text string) int {
	if r.operator == nil {
		return 0
	}
	return strings.Count(r.operator.Log(), text)
}

// Alive tells what ended that should not have.
func (r *Rig) Alive() error {
	switch {
	case r.operator != nil && !r.operator.Alive():
		return fmt.Errorf("the operator ended, see %s", r.log)
	case !r.Gateway.Alive():
		return errors.New("Envoy ended, see gateway/envoy.log")
	case !r.Shadow.Alive():
		return errors.New("the shadow's Envoy ended, see shadow/envoy.log")
	}
	return nil
}

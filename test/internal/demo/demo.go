// Package demo plays a migration for people to watch.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
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

// Options say what the demo is made of.
type Options struct {
	Programs        pilot.Programs
	Envoy, Operator string
	Fleet           string // file with the Ingresses
	Dir             string // for logs
	Shell           string // to go on with; "" for none
}

// mesh is what the platform has to set; the operator says so in the state of the Migration.
const mesh = "pathNormalization:\n  normalization: DECODE_AND_MERGE_SLASHES\n"

// world is what stands around the Ingresses, beside Services and Secrets.
const world = `
apiVersion: v1
kind: Namespace
metadata: {name: ingress2gw-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: istio-shadow}
---
apiVersion: v1
kind: Namespace
metadata: {name: billing}
---
apiVersion: v1
kind: Secret
metadata: {name: admins, namespace: billing}
stringData: {auth: "ann:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M="}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: ingress2gw.io/v1alpha1
kind: Migration
metadata: {name: demo}
spec:
  gateway: {namespace: istio-system}
  shadow: {namespace: istio-shadow, selector: {istio: shadow}}
  tls: {policy: copy}
---
`

const (
	resolverAddress = "127.0.0.1"
	adminPort       = 15000
	stopPatience    = 5 * time.Second
)

// Run starts everything, walks one host through its phases, and hands over to a shell.
func Run(ctx context.Context, o Options, out io.Writer) (err error) {
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
	say(out, "Starting etcd, kube-apiserver and istiod. It takes half a minute; logs are in %s.", o.Dir)
	istiod.Prepare()
	stage, err := pilot.Start(o.Programs, filepath.Join(o.Dir, "cluster"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stage.Stop()) }()

	c, err := casefile.Load(o.Fleet)
	if err != nil {
		return err
	}
	ring, err := keys.Generate(c.PKI)
	if err != nil {
		return err
	}
	farm := backend.NewFarm(ring)
	defer func() { err = errors.Join(err, farm.Close()) }()
	around, err := cluster.Build(c, ring, farm, stage.Network())
	if err != nil {
		return err
	}
	names.Set(around.Names)
	load := istiod.Options{
		Objects: around.Objects, Fragment: []byte(mesh), Translation: &istiod.Translation{Stream: world + c.Manifests},
	}
	var played error
	err = stage.Run(load, func(p *pilot.Plane) { played = play(ctx, o, p, out) })
	return errors.Join(played, err)
}

// play starts proxy and operator, and walks.
func play(ctx context.Context, o Options, p *pilot.Plane, out io.Writer) error {
	if refused := p.Refused(); len(refused) > 0 {
		return fmt.Errorf("the cluster refuses what the demo is made of: %v", refused)
	}
	kubeconfig := filepath.Join(o.Dir, "cluster", "kubernetes", "kubeconfig")
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return err
	}
	settings, err := istiod.Mesh([]byte(mesh))
	if err != nil {
		return err
	}
	proxyConfig, err := protojson.Marshal(settings.DefaultConfig)
	if err != nil {
		return err
	}
	proxy, err := envoy.Start(envoy.Options{Binary: o.Envoy, Dir: o.Dir, AdminPort: adminPort, Discovery: p.Discovery(), ResolverPort: 53, ProxyConfig: proxyConfig})
	if err != nil {
		return err
	}
	defer proxy.Stop()
	defer proxy.Admin.Close()
	operator, err := process.Start(process.Options{
		Name: "the operator", Log: filepath.Join(o.Dir, "operator.log"),
		Args: []string{o.Operator, "--kubeconfig", kubeconfig, "--mode=apply", "--namespace=ingress2gw-system", "--leader-elect=false"},
	})
	if err != nil {
		return err
	}
	defer operator.Stop(stopPatience)
	w, err := newWalk(ctx, config, out)
	if err != nil {
		return err
	}
	w.alive = func() error {
		switch {
		case !operator.Alive():
			return errors.New("the operator ended, see operator.log")
		case !proxy.Alive():
			return errors.New("Envoy ended, see envoy.log")
		}
		return nil
	}
	if err := w.all(); err != nil {
		return err
	}
	return shell(o, kubeconfig, out)
}

// shell hands over to somebody at a terminal.
func shell(o Options, kubeconfig string, out io.Writer) error {
	if o.Shell == "" {
		return nil
	}
	say(out, "Now you. This shell is in the network of the demo; leave it (exit) and everything stops.")
	fmt.Fprint(out, `  kubectl get ingresstranslations -A -o wide
  kubectl -n billing annotate ingress portal ingress2gw.io/phase=live       # waits for the other Ingress of the host
  kubectl -n blog annotate ingress portal ingress2gw.io/phase=live
  curl -H 'Host: portal.demo.test' http://127.0.0.1:8080/news
  kubectl get migration demo -o yaml
  curl -s http://127.0.0.1:15000/config_dump | less                         # what Envoy runs on

`)
	cmd := exec.Command(o.Shell)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	var left *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &left) {
		return err
	}
	return nil
}

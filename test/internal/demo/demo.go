// Package demo plays a migration for people to watch.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/pilot"
	"github.com/ingress2gw/ingress2gw/test/internal/rig"
)

// Options say what the demo is made of.
type Options struct {
	Programs        pilot.Programs
	Envoy, Operator string
	Fleet           string // file with the Ingresses
	Dir             string // for logs
	Shell           string // to go on with; "" for none
}

// world is what stands around the Ingresses, beside Services and Secrets.
const world = `
apiVersion: v1
kind: Namespace
metadata: {name: ingress2gw-system}
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
  shadow: {namespace: istio-shadow, selector: {istio: shadowgateway}}
  tls: {policy: copy}
---
`

// Run starts everything, walks one host through its phases, and hands over to a shell.
func Run(ctx context.Context, o Options, out io.Writer) error {
	fleet, err := casefile.Load(o.Fleet)
	if err != nil {
		return err
	}
	say(out, "Starting etcd, kube-apiserver, istiod and two Envoys. It takes half a minute; logs are in %s.", o.Dir)
	return rig.Run(rig.Options{
		Programs: o.Programs, Envoy: o.Envoy, Operator: o.Operator, Fleet: fleet, World: world, Dir: o.Dir,
	}, func(r *rig.Rig) error {
		if err := r.StartOperator(); err != nil {
			return err
		}
		w, err := newWalk(ctx, r.Config, out)
		if err != nil {
			return err
		}
		w.alive = r.Alive
		if err := w.all(); err != nil {
			return err
		}
		return shell(o, r.Kubeconfig, out)
	})
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
  curl -H 'Host: portal.demo.test' http://127.0.0.1:8080/news               # the gateway; the shadow gateway is at port 9080
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

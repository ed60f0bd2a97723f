package migration

import (
	"encoding/json"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// World is what stands around the Ingresses, beside Services and certificates.
const World = `
apiVersion: v1
kind: Namespace
metadata: {name: ingress2gw-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: ingress-nginx}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: ingress-nginx-controller, namespace: ingress-nginx}
data: {limit-req-status-code: "429"}
---
apiVersion: v1
kind: Secret
metadata: {name: users, namespace: shop}
stringData: {auth: "ann:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M="}
---
apiVersion: v1
kind: Secret
metadata: {name: users, namespace: billing}
stringData: {auth: "ann:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M="}
---
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: nginx}
spec: {controller: k8s.io/ingress-nginx}
---
apiVersion: ingress2gw.io/v1alpha1
kind: Migration
metadata: {name: nginx}
spec:
  source: {controllerConfig: {namespace: ingress-nginx, name: ingress-nginx-controller}}
  gateway: {namespace: istio-system}
  shadow: {namespace: istio-shadow, selector: {istio: shadowgateway}}
  tls: {policy: copy, defaultCertificate: i2g-default-certificate}
  readAuthSecrets: true
---
`

// Who asks.
var (
	ann     = map[string]string{"Authorization": "Basic YW5uOnRlc3Q="}
	mallory = map[string]string{"Authorization": "Basic YW5uOmd1ZXNz"}
	token   = map[string]string{"X-Token": "good"}
	canary  = map[string]string{"X-Canary": "always"}
)

const (
	inOffice    = "127.0.1.7"
	betweenMost = 60 * time.Millisecond
	betweenSome = 4 * time.Millisecond // of those that look for short gaps
)

// mover is a probe of a host that moves, at one of the gateways.
type mover struct {
	*Probe
	shadow         bool
	served, absent []string
}

// fleet is everybody who asks, by what they ask for.
type fleet struct {
	*Crowd
	records *records
	steady  []*Probe
	users   []*Probe
	moving  []mover
	change  map[string]*Probe
	swap    map[string]*Probe
	leaving map[string]*Probe
}

// absent are the answers there are while a host is nowhere.
func absent(tls, shadow bool) []string {
	out := []string{"404"}
	if tls {
		out = []string{"404 by move", "404 by default", NoTLS}
	}
	if shadow {
		out = append(out, "503", Refused, Reset) // closed until all is there, while nobody asks; and it serves nothing else
	}
	return out
}

func newFleet(c *Crowd, r *records) *fleet {
	f := &fleet{Crowd: c, records: r, change: map[string]*Probe{}, swap: map[string]*Probe{}, leaving: map[string]*Probe{}}
	f.addSteady()
	f.addUsers()
	for _, shadow := range []bool{false, true} {
		f.addMoving(shadow)
	}
	f.addOthers()
	return f
}

func (f *fleet) addSteady() {
	add := func(name string, a Ask, guarded bool, legal ...string) *Probe {
		p := f.add(name, a, gateway(cluster.Gateway(), a.TLS), guarded, legal...)
		p.pause = betweenMost
		f.steady = append(f.steady, p)
		return p
	}
	const ok = "200 shop/web /"
	add("plain", Ask{Host: "plain.live.test", Path: "/"}, false, ok)
	add("plain", Ask{Host: "plain.live.test", Path: "/", Kept: true}, false, ok).pause = betweenSome
	add("vault, with password", Ask{Host: "vault.live.test", Path: "/", Header: ann, Kept: true}, false, ok).pause = betweenSome
	add("vault, without", Ask{Host: "vault.live.test", Path: "/", Kept: true}, true, "401").pause = betweenSome
	add("vault, wrong password", Ask{Host: "vault.live.test", Path: "/", Header: mallory}, true, "401")
	add("gate, from the office", Ask{Host: "gate.live.test", Path: "/", Source: inOffice}, false, ok)
	add("gate, from elsewhere", Ask{Host: "gate.live.test", Path: "/", Kept: true}, true, "403").pause = betweenSome
	add("asked, with token", Ask{Host: "asked.live.test", Path: "/", Header: token}, false, ok)
	add("asked, without", Ask{Host: "asked.live.test", Path: "/", Kept: true}, true, "401")
	add("meter", Ask{Host: "meter.live.test", Path: "/"}, false, ok, "429")
	add("secure", Ask{Host: "secure.live.test", Path: "/", TLS: true}, false, ok+" by secure")
	add("secure, HTTP/2", Ask{Host: "secure.live.test", Path: "/", TLS: true, HTTP2: true, Kept: true}, false, ok+" by secure").pause = betweenSome
	add("secure, plain HTTP", Ask{Host: "secure.live.test", Path: "/"}, true, "308")
	add("shared", Ask{Host: "shared.live.test", Path: "/"}, false, ok)
	add("shared invoices, from the office", Ask{Host: "shared.live.test", Path: "/invoices", Source: inOffice}, false, "200 billing/pay /invoices")
	add("shared invoices, from elsewhere", Ask{Host: "shared.live.test", Path: "/invoices"}, true, "403")
	add("apps", Ask{Host: "any.apps.live.test", Path: "/"}, false, ok)
	add("nobody's host", Ask{Host: "nobody.test", Path: "/"}, true, "404")
}

func (f *fleet) addUsers() {
	for host, answer := range map[string]string{"move.test": "200 shop/web /", "pair.test": "200 shop/web /", "any.wild.test": "200 billing/pay /"} {
		a := Ask{Host: host, Path: "/", Header: ann}
		f.users = append(f.users, f.add("users of "+host, a, f.records.of(host), false, answer, "200 "+oldController+" /"))
	}
}

func (f *fleet) addMoving(shadow bool) {
	w, at := cluster.Gateway(), ""
	if shadow {
		w, at = cluster.Shadow(), "shadow: "
	}
	add := func(name string, a Ask, guarded bool, served ...string) *Probe {
		p := f.add(at+name, a, gateway(w, a.TLS), guarded, absent(a.TLS, shadow)...)
		p.pause = betweenMost
		f.moving = append(f.moving, mover{p, shadow, served, absent(a.TLS, shadow)})
		return p
	}
	const host, ok = "move.test", "200 shop/web /"
	add("move", Ask{Host: host, Path: "/", Kept: true}, false, ok)
	add("move, TLS", Ask{Host: host, Path: "/", TLS: true}, false, ok+" by move")
	add("move, canary", Ask{Host: host, Path: "/", Header: canary}, false, "200 shop/next /")
	add("move, rewritten", Ask{Host: host, Path: "/api/x"}, false, "200 shop/api /x")
	add("move admin, with password", Ask{Host: host, Path: "/admin", Header: ann}, false, ok+"admin")
	add("move admin, without", Ask{Host: host, Path: "/admin", Kept: true}, true, "401").pause = betweenSome
	add("move admin, TLS, without", Ask{Host: host, Path: "/admin", TLS: true}, true, "401 by move")
	add("move office, from the office", Ask{Host: host, Path: "/office", Source: inOffice}, false, ok+"office")
	add("move office, from elsewhere", Ask{Host: host, Path: "/office", Kept: true}, true, "403").pause = betweenSome
	add("move private, with token", Ask{Host: host, Path: "/private", Header: token}, false, ok+"private")
	add("move private, without", Ask{Host: host, Path: "/private", Kept: true}, true, "401").pause = betweenSome
	add("pair invoices, from elsewhere", Ask{Host: "pair.test", Path: "/invoices"}, true, "403")
	add("wild, without", Ask{Host: "any.wild.test", Path: "/"}, true, "401")
	if shadow {
		return
	}
	add("move", Ask{Host: host, Path: "/"}, false, ok)
	add("move, HTTP/2", Ask{Host: host, Path: "/", TLS: true, HTTP2: true, Kept: true}, false, ok+" by move", ok+" by default") // a connection from before stays
	add("move meter", Ask{Host: host, Path: "/meter"}, false, ok+"meter", "429")
	add("pair", Ask{Host: "pair.test", Path: "/"}, false, ok)
	add("pair, TLS", Ask{Host: "pair.test", Path: "/", TLS: true}, false, ok+" by default")
	add("pair invoices, from the office", Ask{Host: "pair.test", Path: "/invoices", Source: inOffice}, false, "200 billing/pay /invoices")
	add("wild, with password", Ask{Host: "any.wild.test", Path: "/", Header: ann}, false, "200 billing/pay /")
}

func (f *fleet) addOthers() {
	add := func(in map[string]*Probe, name string, a Ask, guarded bool, legal ...string) {
		p := f.add(name, a, gateway(cluster.Gateway(), a.TLS), guarded, legal...)
		p.pause = betweenMost
		in[name] = p
	}
	const ok = "200 shop/web /"
	add(f.change, "change", Ask{Host: "change.test", Path: "/"}, false, ok)
	add(f.change, "change page", Ask{Host: "change.test", Path: "/page"}, false, ok+"page")
	add(f.change, "change, TLS", Ask{Host: "change.test", Path: "/", TLS: true}, false, ok+" by change")
	add(f.change, "change office, from the office", Ask{Host: "change.test", Path: "/office", Source: inOffice}, false, ok+"office")
	add(f.change, "change office, from the other office", Ask{Host: "change.test", Path: "/office", Source: "127.0.2.7"}, false, "403")
	add(f.change, "change office, from elsewhere", Ask{Host: "change.test", Path: "/office"}, true, "403")
	for host, by := range map[string]string{"a": "left", "b": "right", "c": "left"} {
		add(f.swap, host, Ask{Host: host + ".swap.test", Path: "/", TLS: true}, false, ok+" by "+by)
		f.swap[host].pause = betweenSome
	}
	add(f.leaving, "keep, from the office", Ask{Host: "keep.test", Path: "/", Source: inOffice}, false, ok)
	add(f.leaving, "keep, from elsewhere", Ask{Host: "keep.test", Path: "/"}, true, "403")
	add(f.leaving, "prune, with password", Ask{Host: "prune.test", Path: "/", Header: ann}, false, ok)
	add(f.leaving, "prune, without", Ask{Host: "prune.test", Path: "/"}, true, "401")
}

// records say where hosts are: DNS, in which a host is moved when its gateway answers as it should, and back before it leaves.
type records struct {
	mu    sync.Mutex
	moved map[string]bool // by host
}

// oldController stands for ingress-nginx.
const oldController = "ingress-nginx"

const oldAddress = "127.0.0.1:7080"

// move moves the hosts that some ask for.
func (r *records) move(to bool, users []*Probe) {
	r.mu.Lock()
	for _, p := range users {
		r.moved[p.asker.Host] = to
	}
	r.mu.Unlock()
}

func (r *records) of(host string) func() string {
	here := gateway(cluster.Gateway(), false)
	return func() string {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.moved[host] {
			return here()
		}
		return oldAddress
	}
}

// serveOld answers as the old controller would, for every host.
func serveOld() (*http.Server, error) {
	listener, err := net.Listen("tcp", oldAddress)
	if err != nil {
		return nil, err
	}
	s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(backend.ServiceHeader, oldController)
		_ = json.NewEncoder(w).Encode(map[string]string{"path": r.URL.Path}) // the client may be gone
	}), ReadHeaderTimeout: patience}
	go func() { _ = s.Serve(listener) }() // until it is closed
	return s, nil
}

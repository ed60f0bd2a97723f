// Package istio expresses the route model with Istio's API: Gateway, VirtualService, DestinationRule and, where Istio has
// no field, EnvoyFilter. What it relies on was measured on istiod of the 1.31 line with Envoy 1.40.
package istio

import (
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// emitter holds what is collected while one edge is emitted.
type emitter struct {
	edge     *model.Edge
	opts     emit.Options
	snapshot *snapshot.Snapshot
	findings *finding.List

	objects      []*manifest.Object
	finished     func(*manifest.Object)
	last         bool              // rules are let go once they are written
	labels       map[string]string // of most objects
	destinations destinations
	filters      filterUse
	routes       routePatches
	firstPatch   patchState // an empty one
	servers      servers
	secrets      secretUse
	external     serviceEntries
	extra        []*envoyPatch // patches that belong to no table: clusters, filter chains
	names        nameBook
	access       accessUse
	asked        externalLimits
	closedFault  *networking.HTTPFaultInjection // of guarded routes
	limits       rateLimits
	silent       bool // some routes are not logged
	rules        []ruleFeature
	tlsClusters  map[string]bool // clusters with TLS parameters of their own
	nameless     map[string]bool // subsets whose backends get no SNI
	aggregates   map[string]bool // clusters of stand-ins that were added
	mirrors      map[string]bool // hosts of the loop for copies
	tracer       *tracer
	retried      map[retryKey]*networking.HTTPRetry
	headerSteps  map[headerStep]*networking.Headers
	claims       ownership.Claims // what namespaces may use, for --rbac
	teams        map[string]bool  // namespaces with objects of their own
}

// Emit turns the model into Istio objects.
func Emit(in emit.Input) emit.Output {
	e := &emitter{edge: in.Edge, opts: in.Options, snapshot: in.Snapshot, findings: in.Findings, rules: ruleFeatures(), finished: in.Finished, last: in.Last, labels: map[string]string{labelManagedBy: managedBy}, tracer: newTracer(in.Options.Trace)}
	e.destinations.base = e.basePolicy()
	e.limits.zones.find(in.Edge.Hosts)
	e.emitHosts()
	for _, f := range edgeFeatures() {
		f.apply(e)
	}
	e.emitServers()
	e.emitGateways()
	e.emitDestinations()
	e.emitServiceEntries()
	e.emitEnvoyFilters()
	e.emitSecrets()
	e.emitOwnership()
	return emit.Output{Objects: e.objects, MeshConfig: meshConfig(e), Sources: e.tracer.all()}
}

// add takes an object that is finished: nothing of it may change any more.
func (e *emitter) add(o *manifest.Object) {
	if o.Labels == nil {
		o.Labels = e.labels // all share it
	} else {
		o.Labels[labelManagedBy] = managedBy
	}
	e.objects = append(e.objects, o)
	if o.Owner != "" {
		if e.teams == nil {
			e.teams = map[string]bool{}
		}
		e.teams[o.Owner] = true
	}
	if e.finished != nil {
		e.finished(o)
	}
}

const (
	labelManagedBy = "app.kubernetes.io/managed-by"
	managedBy      = "ingress2gw"
	// annotationOrigin names the Ingresses that an object comes from.
	annotationOrigin = "ingress2gw.io/origin"
)

func (e *emitter) gatewayNamespace() string { return e.opts.Gateway.Namespace }

// objectOwner is the team that owns an object of a namespace; "" for the platform.
func (e *emitter) objectOwner(namespace string) string {
	if namespace == e.gatewayNamespace() || e.opts.Ownership == emit.Platform {
		return ""
	}
	return namespace
}

// can tells whether the target is at least Istio 1.minor.
func (e *emitter) can(minor int) bool {
	return !e.opts.IstioVersion.Less(emit.Version{Major: 1, Minor: minor})
}

// fqdn is the name of a Service in the mesh's registry.
func (e *emitter) fqdn(namespace, service string) string {
	return service + "." + namespace + ".svc." + e.opts.Gateway.ClusterDomain
}

package istio

import (
	"strings"
	"time"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	aggregatev3 "github.com/envoyproxy/go-control-plane/envoy/extensions/clusters/aggregate/v3"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// fallback gives the entries their Service of last resort. It stands before the features that say how Services are spoken
// to, so that they treat it like the others.
func fallback(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	f := r.Fallback
	if f == nil || !forwards(xs) || e.withoutEnvoyFilter(f.Origin, "requests for a Service without endpoints answer 503") {
		return xs
	}
	b := f.Backend
	if a, ok := r.Action.(model.Forward); ok {
		b.Protocol, b.TLS = a.Backend.Protocol, a.Backend.TLS
	}
	for _, x := range xs {
		if !x.answer {
			x.fallback = e.destination(b)
			e.destinations.share(x.fallback)
		}
	}
	return xs
}

// clusters puts stand-ins behind Services without endpoints, by clusters that go through a list of others. Sessions do not
// work through such a cluster. It comes when all subsets are known.
func clusters(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	for _, x := range xs {
		if !x.answer && !e.opts.NoEnvoyFilter && r.Affinity == nil {
			e.standIns(r, x)
		}
	}
	return xs
}

// standIns replaces the clusters of an entry. Weights move into the patch then, because merging would append to those of
// the VirtualService; without the patch all goes to the main.
func (e *emitter) standIns(r *model.Rule, x *entry) {
	var names []string
	listed := false
	for _, d := range x.http.Route {
		chain := e.chain(r, x, d.Destination)
		listed = listed || len(chain) > 1
		names = append(names, e.aggregate(r, d.Destination, chain))
	}
	switch {
	case !listed:
	case len(names) == 1:
		x.patch.belong()
		x.patch.action().ClusterSpecifier = &routev3.RouteAction_Cluster{Cluster: names[0]}
	default:
		w := &routev3.WeightedCluster{}
		for i, d := range x.http.Route {
			w.Clusters = append(w.Clusters, &routev3.WeightedCluster_ClusterWeight{Name: names[i], Weight: wrapperspb.UInt32(uint32(d.Weight))})
		}
		x.patch.belong()
		x.patch.action().ClusterSpecifier = &routev3.RouteAction_WeightedClusters{WeightedClusters: w}
		x.http.Route = x.http.Route[:1]
		x.http.Route[0].Weight = 0
	}
}

// chain lists a destination and those that stand in for it, in order.
func (e *emitter) chain(r *model.Rule, x *entry, d *networking.Destination) []string {
	out := []string{e.clusterName(d)}
	if c := r.Canary; c != nil && c.Fallback && e.isCanary(r, d) {
		main := x.standIn
		if main == nil {
			main = x.http.Route[0].Destination
		}
		out = append(out, e.clusterName(main))
	}
	if x.fallback != nil {
		out = append(out, e.clusterName(x.fallback))
	}
	return out
}

// aggregate names the cluster that goes through a chain, and adds it once; a chain of one is its own cluster.
func (e *emitter) aggregate(r *model.Rule, d *networking.Destination, chain []string) string {
	if len(chain) == 1 {
		return chain[0]
	}
	kind := "or-default-backend"
	if e.isCanary(r, d) {
		kind = "canary"
	}
	host := strings.TrimSuffix(d.Host, ".svc."+e.opts.Gateway.ClusterDomain)
	id := strings.Join(chain, " ")
	name := e.names.claim("Cluster", "", "i2g."+kind+"."+host+"."+itoa(int(d.Port.GetNumber())), id, maxName)
	if e.aggregates[name] {
		return name
	}
	if e.aggregates == nil {
		e.aggregates = map[string]bool{}
	}
	e.aggregates[name] = true
	e.extra = append(e.extra, &envoyPatch{
		applyTo: "CLUSTER", match: manifest.Map{{Key: "context", Value: "GATEWAY"}}, operation: "ADD",
		value: &clusterv3.Cluster{
			Name: name, ConnectTimeout: durationpb.New(5 * time.Second), LbPolicy: clusterv3.Cluster_CLUSTER_PROVIDED,
			ClusterDiscoveryType: &clusterv3.Cluster_ClusterType{ClusterType: &clusterv3.Cluster_CustomClusterType{
				Name: "envoy.clusters.aggregate", TypedConfig: pack(&aggregatev3.ClusterConfig{Clusters: chain}),
			}},
		},
	})
	return name
}

package istio

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// destinations collects the DestinationRules: one per Service, next to it. Settings of single routes are subsets without
// labels, which select all endpoints and make a cluster of their own.
type destinations struct {
	services map[string]*serviceRule   // by registry host
	base     *networking.TrafficPolicy // of every rule, as the gateway sees it
}

type serviceRule struct {
	namespace, service string
	host               string
	base               *networking.TrafficPolicy
	subsets            map[string]*networking.Subset // by name
	kinds              map[string]string             // words of the subsets' names
	reached            map[string]bool               // subsets that routes go to
	origins            []model.Origin
	shared             bool                     // it is needed for more than the routes of origins
	known              map[*finding.Object]bool // those in origins
}

// destination gives the VirtualService destination of a backend.
func (e *emitter) destination(b model.Backend) *networking.Destination {
	host, ns, service := e.fqdn(b.Namespace, b.Service), b.Namespace, b.Service
	if b.External {
		host = e.external.add(e, b)
		// Istio looks for the rules of a Service in the Service's own namespace.
		if n, s, ok := e.inCluster(b.ExternalName); ok {
			ns, service = n, s
		}
	}
	e.destinations.service(host, ns, service)
	return &networking.Destination{Host: host, Port: &networking.PortSelector{Number: uint32(b.Port)}}
}

func (d *destinations) service(host, namespace, service string) {
	if d.services == nil {
		d.services = map[string]*serviceRule{}
	}
	if d.services[host] == nil {
		d.services[host] = &serviceRule{namespace: namespace, service: service, host: host, base: d.base, subsets: map[string]*networking.Subset{}}
	}
}

// namespaceOf is the namespace that a destination host belongs to.
func (d *destinations) namespaceOf(host string) string {
	if s := d.services[host]; s != nil {
		return s.namespace
	}
	return ""
}

// subset gives the destination a traffic policy of its own, shared with every route that has the same. A policy that it has
// already is kept and extended. kind is a short word for the name.
func (e *emitter) subset(d *networking.Destination, kind string, p *networking.TrafficPolicy) {
	s := e.destinations.services[d.Host]
	if old := s.subsets[d.Subset]; old != nil {
		extended := proto.Clone(old.TrafficPolicy).(*networking.TrafficPolicy)
		proto.Merge(extended, p)
		p, kind = extended, s.kinds[d.Subset]+"-"+kind
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(p)
	if err != nil {
		panic("istio: " + err.Error())
	}
	h := sha256.Sum256(b)
	name := "i2g-" + kind + "-" + hex.EncodeToString(h[:4])
	s.subsets[name] = &networking.Subset{Name: name, TrafficPolicy: p}
	if s.kinds == nil {
		s.kinds = map[string]string{}
	}
	s.kinds[name] = kind
	d.Subset = name
}

// reach notes that a route goes to the destination, so that its subset is written.
func (d *destinations) reach(to *networking.Destination) {
	s := d.services[to.Host]
	if s == nil || to.Subset == "" {
		return
	}
	if s.reached == nil {
		s.reached = map[string]bool{}
	}
	s.reached[to.Subset] = true
}

// from notes which Ingress a route to the destination comes from.
func (d *destinations) from(to *networking.Destination, o model.Origin) {
	s := d.services[to.Host]
	if s == nil || o.Object == nil || s.known[o.Object] {
		return
	}
	if s.known == nil {
		s.known = map[*finding.Object]bool{}
	}
	s.known[o.Object] = true
	s.origins = append(s.origins, model.Origin{Object: o.Object})
}

// share notes that something else than a route needs the destination.
func (d *destinations) share(to *networking.Destination) {
	if s := d.services[to.Host]; s != nil {
		s.shared = true
	}
}

// clusterName is the proxy's cluster of a destination.
func (e *emitter) clusterName(d *networking.Destination) string {
	e.destinations.reach(d)
	return "outbound|" + itoa(int(d.Port.GetNumber())) + "|" + d.Subset + "|" + d.Host
}

// emitDestinations writes the DestinationRules.
func (e *emitter) emitDestinations() {
	var all []*serviceRule
	for _, s := range e.destinations.services {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *serviceRule) int { return cmp.Compare(a.host, b.host) })
	for _, s := range all {
		e.emitDestinationRule(s)
	}
}

func (e *emitter) emitDestinationRule(s *serviceRule) {
	dr := &networking.DestinationRule{Host: s.host, TrafficPolicy: s.base, ExportTo: []string{e.gatewayNamespace()}}
	names := make([]string, 0, len(s.subsets))
	for n := range s.subsets {
		if s.reached[n] {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		dr.Subsets = append(dr.Subsets, s.subsets[n])
	}
	if x := e.existingRule(s); x != nil && e.opts.Ownership != emit.Platform {
		// Two rules with different exportTo do not merge at the gateway: the younger replaces the other.
		dr.TrafficPolicy, dr.ExportTo = nil, x.ExportTo
		e.findings.Report(finding.ExistingRule, model.Origin{Object: x.Object}, x.Key.String(), s.host)
	}
	if dr.TrafficPolicy == nil && len(dr.Subsets) == 0 {
		return
	}
	ns, base := s.namespace, "i2g-"+s.service
	if e.opts.Ownership == emit.Platform {
		// The gateway's namespace is looked up first; in Istio's root namespace only rules for itself count.
		ns, base, dr.ExportTo = e.gatewayNamespace(), "i2g-"+s.namespace+"."+s.service, []string{"."}
	}
	e.claimSecrets(ns, dr)
	e.add(&manifest.Object{
		APIVersion: "networking.istio.io/v1", Kind: "DestinationRule", Namespace: ns,
		Name: e.names.claim("DestinationRule", ns, base, s.host, maxName),
		Spec: dr, Owner: e.objectOwner(ns), Origins: s.origins, Shared: s.shared,
	})
}

// existingRule finds a team's own DestinationRule for a Service.
func (e *emitter) existingRule(s *serviceRule) *snapshot.DestinationRule {
	for _, x := range e.snapshot.DestinationRules {
		if x.Ours || x.Key.Namespace != s.namespace {
			continue
		}
		h := x.Host
		if !strings.Contains(h, ".") {
			h = e.fqdn(x.Key.Namespace, h)
		}
		if h == s.host {
			return x
		}
	}
	return nil
}

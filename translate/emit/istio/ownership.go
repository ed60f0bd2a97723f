package istio

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

// claimHosts notes that a namespace serves hosts on Gateways of the platform.
func (e *emitter) claimHosts(namespace string, vs *networking.VirtualService) {
	guarded := slices.ContainsFunc(vs.Gateways, func(g string) bool {
		at, _, _ := strings.Cut(g, "/")
		return slices.Contains(e.bindNamespaces(), at)
	})
	if !guarded {
		return
	}
	for _, h := range vs.Hosts {
		if e.objectOwner(namespace) == "" {
			e.claims.Nobody(h)
		} else {
			e.claims.Host(h, namespace)
		}
	}
}

// claimSecrets notes the client certificates of other namespaces that a team's rule names.
func (e *emitter) claimSecrets(namespace string, dr *networking.DestinationRule) {
	if e.objectOwner(namespace) == "" {
		return
	}
	for _, s := range dr.Subsets {
		if name := s.TrafficPolicy.GetTls().GetCredentialName(); name != "" && !strings.HasPrefix(name, namespace+".") {
			e.claims.Secret(name, namespace)
		}
	}
}

// claimServer notes what a team's own Gateway needs: its hosts, and certificates that do not bear the team's name.
func (e *emitter) claimServer(s *server) {
	if e.objectOwner(s.namespace) == "" {
		return
	}
	for _, h := range s.hosts {
		if host, own := strings.CutPrefix(h, s.namespace+"/"); own {
			e.claims.Host(host, s.namespace)
		}
	}
	for _, c := range []string{s.tls.GetCredentialName(), s.tls.GetCaCertCredentialName()} {
		if c != "" && !strings.HasPrefix(c, s.namespace+".") && !strings.HasPrefix(c, "kubernetes-gateway://"+s.namespace+"/") {
			e.claims.Server(c, s.namespace)
		}
	}
}

// bindNamespaces are the namespaces of the Gateways that routes attach to.
func (e *emitter) bindNamespaces() []string {
	out := []string{e.gatewayNamespace()}
	if e.opts.RoutesOnly {
		for _, m := range e.opts.GatewayMap {
			if !slices.Contains(out, m.Gateway.Namespace) {
				out = append(out, m.Gateway.Namespace)
			}
		}
	}
	return out
}

// emitOwnership writes roles for the teams and the admission policies on what they write.
func (e *emitter) emitOwnership() {
	if !e.opts.RBAC && !e.opts.HostList {
		return
	}
	o := ownership.Options{
		GatewayNamespace: e.gatewayNamespace(), BindNamespaces: e.bindNamespaces(), ClusterDomain: e.opts.Gateway.ClusterDomain,
		Group: e.opts.TeamGroup, OwnGateways: e.opts.Ownership == emit.Team, ReadOnly: e.opts.Ownership == emit.Platform,
		Selector: ownership.Labels(e.opts.Gateway.Selector), HTTPPort: itoa(int(e.opts.Gateway.HTTPPort)), HTTPSPort: itoa(int(e.opts.Gateway.HTTPSPort)),
	}
	var objects []*manifest.Object
	var truncated []string
	if e.opts.RBAC {
		objects, truncated = ownership.Objects(o, &e.claims, slices.Collect(maps.Keys(e.teams)))
		e.findings.Report(finding.GuardDuties, finding.Origin{Field: "--rbac"}, e.opts.TeamGroup)
	} else {
		var list *manifest.Object
		list, truncated = ownership.List(o, &e.claims)
		objects = append(objects, list)
	}
	for _, o := range objects {
		e.add(o)
	}
	for _, ns := range truncated {
		e.findings.Report(finding.ClaimsTooLarge, finding.Origin{Field: "--rbac"}, ns, ownership.HostsName)
	}
}

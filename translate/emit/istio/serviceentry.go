package istio

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// serviceEntries collects names outside the registry that routes need.
type serviceEntries struct {
	byHost map[string]*externalService
}

type externalService struct {
	namespace, name, host, address string
	ports                          []uint32
}

// add publishes the target of an ExternalName Service that does not list the port, and gives its host.
func (s *serviceEntries) add(e *emitter, b model.Backend) string {
	if ns, svc, ok := e.inCluster(b.ExternalName); ok {
		return e.fqdn(ns, svc)
	}
	host := b.Service + "." + b.Namespace + ".external.i2g.internal"
	if s.byHost == nil {
		s.byHost = map[string]*externalService{}
	}
	x := s.byHost[host]
	if x == nil {
		x = &externalService{namespace: b.Namespace, name: b.Service, host: host, address: strings.TrimSuffix(b.ExternalName, ".")}
		s.byHost[host] = x
	}
	if !slices.Contains(x.ports, uint32(b.Port)) {
		x.ports = append(x.ports, uint32(b.Port))
		slices.Sort(x.ports)
	}
	return host
}

// inCluster recognises the name of a Service of the cluster.
func (e *emitter) inCluster(name string) (namespace, service string, ok bool) {
	rest, found := cutSuffixFold(strings.TrimSuffix(name, "."), ".svc."+e.opts.Gateway.ClusterDomain)
	if !found {
		return "", "", false
	}
	service, namespace, ok = strings.Cut(strings.ToLower(rest), ".")
	return namespace, service, ok && service != "" && namespace != "" && !strings.Contains(namespace, ".")
}

// emitServiceEntries writes the ServiceEntries.
func (e *emitter) emitServiceEntries() {
	var all []*externalService
	for _, x := range e.external.byHost {
		all = append(all, x)
	}
	slices.SortFunc(all, func(a, b *externalService) int { return cmp.Compare(a.host, b.host) })
	for _, x := range all {
		se := &networking.ServiceEntry{
			Hosts: []string{x.host}, Resolution: networking.ServiceEntry_DNS, Location: networking.ServiceEntry_MESH_EXTERNAL,
			ExportTo: []string{e.gatewayNamespace()}, Endpoints: []*networking.WorkloadEntry{{Address: x.address}},
		}
		for _, p := range x.ports {
			se.Ports = append(se.Ports, &networking.ServicePort{Number: p, Name: "http-" + itoa(int(p)), Protocol: "HTTP"})
		}
		ns, name := x.namespace, "i2g-"+x.name
		if e.opts.Ownership == emit.Platform {
			ns, name, se.ExportTo = e.gatewayNamespace(), "i2g-"+x.namespace+"."+x.name, []string{"."}
		}
		e.add(&manifest.Object{
			APIVersion: "networking.istio.io/v1", Kind: "ServiceEntry", Namespace: ns,
			Name: e.names.claim("ServiceEntry", ns, name, x.host, maxName), Spec: se, Owner: e.objectOwner(ns),
		})
	}
}

package istio

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	luav3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/lua/v3"
	codecv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/upstream_codec/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	upstreamv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// authCluster is the cluster of an authentication service. What has to be changed on the way to it, beyond what the filter
// can, is done in a cluster of its own: a subset without labels.
func (e *emitter) authCluster(a *model.ExternalAuth) string {
	host, port := e.authHost(a)
	e.destinations.services[host].shared = true
	subset := ""
	if !e.opts.NoLua || a.Scheme == "https" {
		subset = e.authSubset(a, host, port)
	}
	return fmt.Sprintf("outbound|%d|%s|%s", port, subset, host)
}

// reportWithoutLua says what differs where no script may change what goes to an authentication service.
func (e *emitter) reportWithoutLua(a *model.ExternalAuth) {
	if !e.opts.NoLua {
		return
	}
	lost := "without Lua the service is asked with the client's method and Host, and of the statuses that let a request pass only 200 does"
	if a.SignIn != nil {
		lost += "; of the original URL only & is escaped for the sign-in page"
	}
	e.findings.Report(finding.KeyApproximate, a.Origin, keyName(a.Origin), lost)
}

// authHost is the registry's name of the service; one outside the cluster is published for the gateway alone.
func (e *emitter) authHost(a *model.ExternalAuth) (host string, port int) {
	if b := a.Backend; b != nil {
		ns, name, ok := e.inCluster(a.Host)
		if !ok && strings.HasSuffix(a.Host, ".svc") {
			ns, name, ok = b.Namespace, b.Service, true
		}
		if ok {
			port = int(b.Port)
			if targetNS, target, alias := e.inCluster(b.ExternalName); alias {
				ns, name, port = targetNS, target, a.Port
			}
			host = e.fqdn(ns, name)
			e.destinations.service(host, ns, name)
			return host, port
		}
	}
	return e.publishAuthHost(a), a.Port
}

// publishAuthHost makes a name outside the cluster known to the gateway, in its own namespace, and gives the name that it
// has there: addresses have to be called something.
func (e *emitter) publishAuthHost(a *model.ExternalAuth) string {
	host := a.Host
	if _, err := netip.ParseAddr(host); err == nil {
		host = strings.ReplaceAll(host, ".", "-") + ".auth.i2g.internal"
	}
	e.destinations.service(host, e.gatewayNamespace(), "auth-"+a.Host)
	if e.access.outside == nil {
		e.access.outside = map[string]*outsideHost{}
	}
	o := e.access.outside[host]
	if o == nil {
		o = &outsideHost{name: a.Host}
		e.access.outside[host] = o
	}
	if !slices.Contains(o.ports, a.Port) {
		o.ports = append(o.ports, a.Port)
	}
	return host
}

// outsideHost is an authentication service outside the cluster.
type outsideHost struct {
	name  string // or address
	ports []int
}

// publishAuthHosts writes the service entries of authentication services outside the cluster.
func publishAuthHosts(e *emitter) {
	ns := e.gatewayNamespace()
	for _, host := range slices.Sorted(maps.Keys(e.access.outside)) {
		o := e.access.outside[host]
		spec := &networking.ServiceEntry{
			Hosts: []string{host}, Resolution: networking.ServiceEntry_DNS, Location: networking.ServiceEntry_MESH_EXTERNAL,
			ExportTo: []string{"."},
		}
		if o.name != host {
			spec.Resolution, spec.Endpoints = networking.ServiceEntry_STATIC, []*networking.WorkloadEntry{{Address: o.name}}
		}
		slices.Sort(o.ports)
		for _, p := range o.ports {
			spec.Ports = append(spec.Ports, &networking.ServicePort{Number: uint32(p), Name: "http-" + itoa(p), Protocol: "HTTP"})
		}
		name := e.names.claim("ServiceEntry", ns, "i2g-auth-"+o.name, host, maxName)
		e.add(&manifest.Object{APIVersion: "networking.istio.io/v1", Kind: "ServiceEntry", Namespace: ns, Name: name, Spec: spec})
	}
}

// authSubset makes the cluster of a service with its method, Host and TLS, and gives its subset.
func (e *emitter) authSubset(a *model.ExternalAuth, host string, port int) string {
	method := a.Method
	if method == "" {
		method = "GET"
	}
	script := ""
	if !e.opts.NoLua {
		script = askScript(method, a.Host)
	}
	name := "i2g-auth-" + shortHash(a.Scheme+"\x00"+script)
	s := &networking.Subset{Name: name}
	if a.Scheme == "https" {
		// The source sends the name and verifies nothing.
		s.TrafficPolicy = &networking.TrafficPolicy{Tls: &networking.ClientTLSSettings{
			Mode: networking.ClientTLSSettings_SIMPLE, InsecureSkipVerify: wrapperspb.Bool(true), Sni: a.Host,
		}}
	}
	rule := e.destinations.services[host]
	if rule.subsets[name] == nil {
		rule.subsets[name] = s
	}
	e.destinations.reach(&networking.Destination{Host: host, Subset: name})
	if script != "" {
		e.patchAuthCluster(host, name, port, script)
	}
	return name
}

// patchAuthCluster puts the script into a cluster, once.
func (e *emitter) patchAuthCluster(host, subset string, port int, script string) {
	id := fmt.Sprintf("%s\x00%s\x00%d", host, subset, port)
	if e.access.clusters[id] {
		return
	}
	if e.access.clusters == nil {
		e.access.clusters = map[string]bool{}
	}
	e.access.clusters[id] = true
	e.extra = append(e.extra, &envoyPatch{
		applyTo: "CLUSTER",
		match: manifest.Map{
			{Key: "context", Value: "GATEWAY"},
			{Key: "cluster", Value: manifest.Map{{Key: "service", Value: host}, {Key: "subset", Value: subset}, {Key: "portNumber", Value: port}}},
		},
		operation: "MERGE",
		value: &clusterv3.Cluster{TypedExtensionProtocolOptions: map[string]*anypb.Any{
			httpOptionsKey: pack(&upstreamv3.HttpProtocolOptions{
				UpstreamProtocolOptions: &upstreamv3.HttpProtocolOptions_ExplicitHttpConfig_{ExplicitHttpConfig: &upstreamv3.HttpProtocolOptions_ExplicitHttpConfig{
					ProtocolConfig: &upstreamv3.HttpProtocolOptions_ExplicitHttpConfig_HttpProtocolOptions{HttpProtocolOptions: &corev3.Http1ProtocolOptions{}},
				}},
				HttpFilters: []*hcmv3.HttpFilter{
					upstreamFilter("i2g.lua", pack(&luav3.Lua{DefaultSourceCode: inline(script)})),
					upstreamFilter("envoy.filters.http.upstream_codec", pack(&codecv3.UpstreamCodec{})),
				},
			}),
		}},
	})
}

func upstreamFilter(name string, config *anypb.Any) *hcmv3.HttpFilter {
	return &hcmv3.HttpFilter{Name: name, ConfigType: &hcmv3.HttpFilter_TypedConfig{TypedConfig: config}}
}

// askScript sets the method and Host of the question, which no header mutation may, and reads the answer as the source
// does: 2xx lets pass, 401 and 403 refuse, everything else is an error. The method comes from a fixed list, the host consists
// of letters, digits, dots and hyphens.
func askScript(method, host string) string {
	return `function envoy_on_request(h)
  h:headers():replace(':method', '` + method + `')
  h:headers():replace(':authority', '` + host + `')
end
function envoy_on_response(h)
  local s = h:headers():get(':status')
  if s >= '201' and s <= '299' then
    h:headers():replace(':status', '200')
  elseif s ~= '200' and s ~= '401' and s ~= '403' then
    h:headers():replace(':status', '500')
  end
end
`
}

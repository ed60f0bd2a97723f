package istio

import (
	"cmp"
	"slices"
	"time"

	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	proxyprotocolv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/proxy_protocol/v3"
	tcpproxyv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// streams writes the TCP ports. They were the platform's to state and stay with it: nobody else can bind a port that has no
// host names.
func streams(e *emitter) {
	ss := slices.Clone(e.edge.Streams)
	slices.SortStableFunc(ss, func(a, b *model.Stream) int { return cmp.Compare(a.Port, b.Port) })
	for _, s := range ss {
		if why := e.streamRefused(s); why != "" {
			e.findings.Report(finding.PortNotServed, s.Origin, itoa(s.Port), why)
			continue
		}
		e.stream(s)
	}
}

// streamRefused tells why a port cannot be served; "" if it can.
func (e *emitter) streamRefused(s *model.Stream) string {
	switch {
	case s.UDP:
		return "Istio gateways do not carry UDP; publish Service " + s.Backend.Namespace + "/" + s.Backend.Service + " by a load balancer of its own"
	case s.TargetErr != "":
		return s.TargetErr
	case uint32(s.Port) == e.opts.Gateway.HTTPPort || uint32(s.Port) == e.opts.Gateway.HTTPSPort:
		return "the gateway serves HTTP there"
	case proxyPort(s.Port):
		return "the proxy uses the port itself; choose another one"
	case s.ProxyIn && e.opts.NoEnvoyFilter && !e.edge.Global.ProxyProtocol:
		return "its clients come by the PROXY protocol, which needs an EnvoyFilter, and --no-envoyfilter was given"
	}
	return ""
}

// proxyPort tells whether the gateway's own processes listen on a port.
func proxyPort(n int) bool {
	switch n {
	case 15000, 15001, 15004, 15006, 15008, 15009, 15020, 15021, 15053, 15090:
		return true
	}
	return false
}

func (e *emitter) stream(s *model.Stream) {
	name := "tcp-" + itoa(s.Port)
	gateway := e.streamGateway(s, name)
	if gateway == "" {
		return
	}
	d := e.destination(s.Backend)
	if s.ProxyOut {
		e.subset(d, "proxy", &networking.TrafficPolicy{ProxyProtocol: &networking.TrafficPolicy_ProxyProtocol{Version: networking.TrafficPolicy_ProxyProtocol_V1}})
		e.destinations.reach(d)
	}
	e.idleConnections(s)
	ns := e.gatewayNamespace()
	e.add(&manifest.Object{
		APIVersion: "networking.istio.io/v1", Kind: "VirtualService", Namespace: ns,
		Name: e.names.claim("VirtualService", ns, "i2g-"+name, "stream "+name, maxName),
		Spec: &networking.VirtualService{
			Hosts: []string{"*"}, Gateways: []string{gateway}, ExportTo: []string{"."},
			Tcp: []*networking.TCPRoute{{
				Match: []*networking.L4MatchAttributes{{Port: uint32(s.Port)}},
				Route: []*networking.RouteDestination{{Destination: d}},
			}},
		},
	})
	e.findings.Report(finding.PortNeeded, s.Origin, itoa(s.Port))
	if s.ProxyIn && !e.edge.Global.ProxyProtocol {
		e.extra = append(e.extra, acceptProxyProtocol(s.Port))
	}
	if !s.ProxyIn && e.edge.Global.ProxyProtocol {
		e.findings.Report(finding.MeshConfigNeeded, s.Origin, "a gateway of its own for port "+itoa(s.Port)+": gatewayTopology.proxyProtocol concerns all ports of a gateway, and the clients of this one do not speak the PROXY protocol")
	}
}

// streamGateway makes the Gateway of a port and gives its reference; "" if there is none to attach to.
func (e *emitter) streamGateway(s *model.Stream, name string) string {
	ns := e.gatewayNamespace()
	if !e.opts.RoutesOnly {
		g := e.servers.get(ns, "i2g-"+name, &networking.Port{Number: uint32(s.Port), Name: name, Protocol: "TCP"})
		g.bind(ns, "*")
		return g.ref()
	}
	for _, m := range e.opts.GatewayMap {
		if m.Host == "*" {
			return m.Gateway.String()
		}
	}
	e.findings.Report(finding.HostUnmapped, s.Origin, "* (port "+itoa(s.Port)+")")
	return ""
}

// idleConnections ends the connections of a port over which nothing is sent. A DestinationRule could say it only for all
// connections to the Service, those of HTTP included.
func (e *emitter) idleConnections(s *model.Stream) {
	if e.opts.NoEnvoyFilter {
		e.findings.Report(finding.NoEnvoyFilter, s.Origin, "the idle time of port "+itoa(s.Port), "idle connections end after an hour")
		return
	}
	idle := s.IdleTimeout
	if idle <= 0 {
		idle = 10 * time.Minute
	}
	e.extra = append(e.extra, &envoyPatch{
		applyTo: "NETWORK_FILTER",
		match: manifest.Map{
			{Key: "context", Value: "GATEWAY"},
			{Key: "listener", Value: manifest.Map{
				{Key: "portNumber", Value: s.Port},
				{Key: "filterChain", Value: manifest.Map{{Key: "filter", Value: manifest.Map{{Key: "name", Value: "envoy.filters.network.tcp_proxy"}}}}},
			}},
		},
		operation: "MERGE",
		value:     networkFilter(&tcpproxyv3.TcpProxy{IdleTimeout: durationpb.New(idle)}),
	})
}

// acceptProxyProtocol lets the clients of a port say who they are.
func acceptProxyProtocol(port int) *envoyPatch {
	return &envoyPatch{
		applyTo: "LISTENER_FILTER",
		match: manifest.Map{
			{Key: "context", Value: "GATEWAY"},
			{Key: "listener", Value: manifest.Map{{Key: "portNumber", Value: port}}},
		},
		operation: "INSERT_FIRST",
		value: &listenerv3.ListenerFilter{
			Name:       "envoy.filters.listener.proxy_protocol",
			ConfigType: &listenerv3.ListenerFilter_TypedConfig{TypedConfig: pack(&proxyprotocolv3.ProxyProtocol{})},
		},
	}
}

package istio

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	upstreamsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// unnamed is what nginx expects in a backend's certificate, and sends as SNI, where no name is stated: its own name for the
// upstream.
const unnamed = "upstream_balancer"

// httpOptionsKey is where a cluster has its options of the HTTP protocol.
const httpOptionsKey = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

// backendProtocol says how backends are spoken to, by subsets, so that every route of a Service keeps its own way.
func backendProtocol(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	f, ok := r.Action.(model.Forward)
	if !ok || f.Backend.Protocol == model.HTTP {
		return xs
	}
	if f.Backend.Protocol == model.SameAsClient {
		return e.sameAsClient(f.Backend, xs)
	}
	for _, x := range xs {
		if !x.answer {
			e.speak(x, f.Backend)
		}
	}
	return xs
}

// sameAsClient speaks TLS for requests that came by TLS.
func (e *emitter) sameAsClient(b model.Backend, xs []*entry) []*entry {
	port := e.opts.Gateway.HTTPSPort
	b.Protocol = model.HTTPS
	var out []*entry
	for _, x := range xs {
		switch {
		case x.answer || x.cond.port != 0 && x.cond.port != port:
			out = append(out, x)
		case x.cond.port == port:
			e.speak(x, b)
			out = append(out, x)
		default:
			tls := x.clone()
			tls.cond.port = port
			e.speak(tls, b)
			x.cond.port = e.opts.Gateway.HTTPPort
			out = append(out, tls, x)
		}
	}
	return out
}

// speak gives all destinations of an entry the subset of a protocol.
func (e *emitter) speak(x *entry, b model.Backend) {
	p, kind := &networking.TrafficPolicy{}, "tls"
	if b.Protocol == model.GRPC || b.Protocol == model.GRPCS {
		kind = "grpc"
		if base := e.destinations.base; base != nil { // a subset's pool replaces the whole of the rule's
			p.ConnectionPool = proto.Clone(base.ConnectionPool).(*networking.ConnectionPoolSettings)
		}
		proto.Merge(p, &networking.TrafficPolicy{ConnectionPool: &networking.ConnectionPoolSettings{
			Http: &networking.ConnectionPoolSettings_HTTPSettings{H2UpgradePolicy: networking.ConnectionPoolSettings_HTTPSettings_UPGRADE},
		}})
	}
	if b.Protocol != model.GRPC {
		p.Tls = e.clientTLS(b.TLS)
		if b.Protocol == model.GRPCS {
			kind = "grpcs"
		}
		if m := tlsParameters(b.TLS); m != nil {
			kind += "-" + hashOf(m) // settings that only a patch can hold belong to the subset, too
		}
	}
	for _, d := range x.destinations() {
		if b.Protocol != model.GRPC && !e.sendsNoName(b, d) {
			e.subset(d, kind+"-sni", p)
			continue
		}
		e.subset(d, kind, p)
	}
}

// clientTLS are the settings of a connection to a TLS backend. Without a Secret nothing is verified.
func (e *emitter) clientTLS(t *model.BackendTLS) *networking.ClientTLSSettings {
	s := &networking.ClientTLSSettings{Mode: networking.ClientTLSSettings_SIMPLE}
	if t == nil {
		t = &model.BackendTLS{}
	}
	if t.Secret != nil && (t.HasPair || t.Verify) {
		s.CredentialName = e.secrets.credential(e, *t.Secret, secretBackend)
		if t.HasPair {
			s.Mode = networking.ClientTLSSettings_MUTUAL
		}
	}
	if t.Verify {
		// An empty list would compare with the request's Host.
		s.SubjectAltNames = []string{cmp.Or(t.Name, unnamed)}
	} else {
		s.InsecureSkipVerify = wrapperspb.Bool(true)
	}
	if t.SendName {
		s.Sni = cmp.Or(t.Name, unnamed)
	}
	return s
}

// tlsParameters are the versions and ciphers towards a backend, which no DestinationRule can state; nil for none.
func tlsParameters(t *model.BackendTLS) *tlsv3.TlsParameters {
	if t == nil || t.MinVersion == "" && t.MaxVersion == "" && len(t.Ciphers) == 0 {
		return nil
	}
	return &tlsv3.TlsParameters{
		TlsMinimumProtocolVersion: envoyVersion(t.MinVersion), TlsMaximumProtocolVersion: envoyVersion(t.MaxVersion), CipherSuites: t.Ciphers,
	}
}

func envoyVersion(s string) tlsv3.TlsParameters_TlsProtocol {
	return tlsv3.TlsParameters_TlsProtocol(tlsv3.TlsParameters_TlsProtocol_value[s])
}

// backendParameters patches what no DestinationRule can state into the clusters of an entry: versions and ciphers, and that
// no SNI is sent. It comes when all subsets are known.
func backendParameters(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	f, ok := r.Action.(model.Forward)
	if !ok || f.Backend.TLS == nil {
		return xs
	}
	t, m := f.Backend.TLS, tlsParameters(f.Backend.TLS)
	if m != nil && e.withoutEnvoyFilter(t.Origin, "the gateway's own TLS versions and ciphers hold towards the backend") {
		m = nil
	}
	for _, x := range xs {
		if x.answer || f.Backend.Protocol == model.SameAsClient && x.cond.port != e.opts.Gateway.HTTPSPort {
			continue
		}
		for _, d := range x.destinations() {
			if m != nil {
				e.patchCluster(d, m)
			}
			switch {
			case t.SendName:
			case e.sendsNoName(f.Backend, d):
				e.silence(d, f.Backend.Protocol == model.GRPCS)
			case !e.opts.NoEnvoyFilter:
				e.findings.Report(finding.CornerCase, nameOrigin(t), cornerName(nameOrigin(t)),
					"the backend "+d.Host+" gets the request's Host as SNI, where the controller sends none, because "+e.loud(f.Backend, d))
			}
		}
		if !t.SendName {
			e.withoutEnvoyFilter(nameOrigin(t), "the gateway sends the request's Host as SNI to the backend, where the controller sends none")
		}
	}
	return xs
}

// nameOrigin is where it is stated that a backend gets no SNI.
func nameOrigin(t *model.BackendTLS) model.Origin {
	if t.NameOrigin.Field != "" {
		return t.NameOrigin
	}
	return t.Origin
}

// sendsNoName tells whether a patch keeps the SNI from a backend.
func (e *emitter) sendsNoName(b model.Backend, d *networking.Destination) bool {
	return (b.TLS == nil || !b.TLS.SendName) && !e.opts.NoEnvoyFilter && e.loud(b, d) == ""
}

// loud is why the SNI cannot be kept from a destination: the patch replaces all that is said of its HTTP protocols; "" if it
// can.
func (e *emitter) loud(b model.Backend, d *networking.Destination) string {
	s := e.destinations.services[d.Host]
	if e.opts.Ownership != emit.Platform && e.existingRule(s) != nil {
		return "a DestinationRule of its own may say how it is spoken to"
	}
	if x := e.snapshot.Services[snapshot.Key{Namespace: s.namespace, Name: s.service}]; x != nil && b.Protocol != model.GRPCS {
		for _, p := range x.Ports {
			if p.Number == int32(d.Port.GetNumber()) && declaresHTTP2(p) {
				return "its port is declared as HTTP/2"
			}
		}
	}
	return ""
}

// declaresHTTP2 tells whether Istio speaks HTTP/2 to a port because of what the Service says of it.
func declaresHTTP2(p snapshot.ServicePort) bool {
	if p.AppProtocol != "" {
		return slices.Contains([]string{"http2", "grpc", "h2c", "kubernetes.io/h2c"}, strings.ToLower(p.AppProtocol))
	}
	word, _, _ := strings.Cut(strings.ToLower(p.Name), "-")
	return word == "http2" || word == "grpc"
}

// silence keeps the SNI from the clusters of a subset, whose name stands for its settings, whatever the Service: without a
// word about it among the options of the HTTP protocol, which Istio fills in and merging replaces, none is sent.
func (e *emitter) silence(d *networking.Destination, http2 bool) {
	if e.nameless[d.Subset] {
		return
	}
	if e.nameless == nil {
		e.nameless = map[string]bool{}
	}
	e.nameless[d.Subset] = true
	explicit := &upstreamsv3.HttpProtocolOptions_ExplicitHttpConfig{}
	if http2 {
		explicit.ProtocolConfig = &upstreamsv3.HttpProtocolOptions_ExplicitHttpConfig_Http2ProtocolOptions{Http2ProtocolOptions: &corev3.Http2ProtocolOptions{}}
	} else {
		explicit.ProtocolConfig = &upstreamsv3.HttpProtocolOptions_ExplicitHttpConfig_HttpProtocolOptions{HttpProtocolOptions: &corev3.Http1ProtocolOptions{}}
	}
	options := &upstreamsv3.HttpProtocolOptions{UpstreamProtocolOptions: &upstreamsv3.HttpProtocolOptions_ExplicitHttpConfig_{ExplicitHttpConfig: explicit}}
	e.extra = append(e.extra, &envoyPatch{
		applyTo: "CLUSTER",
		match: manifest.Map{{Key: "context", Value: "GATEWAY"}, {Key: "cluster", Value: manifest.Map{
			{Key: "subset", Value: d.Subset},
		}}},
		operation: "MERGE",
		value:     &clusterv3.Cluster{TypedExtensionProtocolOptions: map[string]*anypb.Any{httpOptionsKey: pack(options)}},
	})
}

// patchCluster merges TLS parameters into the cluster of a destination, once.
func (e *emitter) patchCluster(d *networking.Destination, m *tlsv3.TlsParameters) {
	id := fmt.Sprint(d.Host, d.Subset, d.Port.GetNumber())
	if e.tlsClusters[id] {
		return
	}
	if e.tlsClusters == nil {
		e.tlsClusters = map[string]bool{}
	}
	e.tlsClusters[id] = true
	e.extra = append(e.extra, &envoyPatch{
		applyTo: "CLUSTER",
		match: manifest.Map{{Key: "context", Value: "GATEWAY"}, {Key: "cluster", Value: manifest.Map{
			{Key: "portNumber", Value: int(d.Port.GetNumber())}, {Key: "service", Value: d.Host}, {Key: "subset", Value: d.Subset},
		}}},
		operation: "MERGE",
		value: &clusterv3.Cluster{TransportSocket: &corev3.TransportSocket{
			Name: "envoy.transport_sockets.tls",
			ConfigType: &corev3.TransportSocket_TypedConfig{TypedConfig: pack(&tlsv3.UpstreamTlsContext{
				CommonTlsContext: &tlsv3.CommonTlsContext{TlsParams: m},
			})},
		}},
	})
}

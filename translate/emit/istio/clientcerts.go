package istio

import (
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// checkClientCerts closes a host whose client certificates cannot be asked for, or not checked as they were. It runs before
// the host's entries are made.
func (e *emitter) checkClientCerts(h *model.Host) {
	c := h.ClientCerts
	if !h.Guarded() || h.Closed != nil {
		return
	}
	if why := e.cannotAsk(h); why != "" {
		if !e.closeHost(h, c.Origin, why) {
			h.ClientCerts = nil
		}
		return
	}
	if e.opts.NoEnvoyFilter && c.Mode != model.CertUnverified && !c.Short {
		const why = "without an EnvoyFilter certificates of the CA are accepted whatever the length of their chain"
		if e.closeHost(h, c.OriginDepth, why) {
			return
		}
	}
	if c.MatchCN != "" {
		if _, err := subjectPattern(c.MatchCN); err != nil && !e.closeHost(h, c.OriginCN, err.Error()) {
			c.MatchCN = ""
		}
	}
}

// cannotAsk tells why clients of a host cannot be asked; "" if they can.
func (e *emitter) cannotAsk(h *model.Host) string {
	c := h.ClientCerts
	switch {
	case h.Name == "*":
		return "unknown hosts share a server with others, which cannot ask some clients for certificates"
	case e.opts.RoutesOnly:
		return "with --routes-only the Gateway that is to ask for certificates is not in our hands"
	case !e.can(28):
		e.findings.Report(finding.TooOld, c.Origin, keyName(c.Origin), "1.28", "a Gateway cannot name a CA before")
		return "it needs Istio 1.28"
	case c.Mode == model.CertUnverified && !e.can(31):
		e.findings.Report(finding.TooOld, c.Origin, keyName(c.Origin), "1.31", "a Gateway cannot leave certificates unverified before")
		return "it needs Istio 1.31"
	}
	return ""
}

// closeHost makes a whole host answer 403, unless the user waived that; it tells whether it closed.
func (e *emitter) closeHost(h *model.Host, o model.Origin, why string) bool {
	if e.opts.Waived(finding.ProtectionClosed, o.Object) {
		e.findings.Add(finding.Finding{Code: finding.ProtectionOpen, Class: finding.Manual, Origin: o, Args: []string{keyName(o), why}, Waived: true})
		return false
	}
	e.findings.Report(finding.ProtectionClosed, o, keyName(o), why)
	if h.Closed == nil {
		h.Closed = &model.Closed{Status: 403, First: true}
	}
	h.Closed.Origins = append(h.Closed.Origins, o)
	return true
}

// clientCertificates makes a server ask for client certificates. The name of the CA's Secret must end in -cacert although
// the Secret's own does not: istiod strips the suffix.
func (e *emitter) clientCertificates(h *model.Host, s *server) {
	c := h.ClientCerts
	s.tls.Mode = networking.ServerTLSSettings_MUTUAL
	if c.Mode != model.CertRequired || len(c.ErrorPage) > 0 {
		s.tls.Mode = networking.ServerTLSSettings_OPTIONAL_MUTUAL
	}
	if c.Mode == model.CertUnverified {
		s.tls.InsecureSkipVerify = wrapperspb.Bool(true)
	}
	s.tls.CaCertCredentialName = e.secrets.credential(e, *c.CA, secretCA) + "-cacert"
	if e.opts.NoEnvoyFilter {
		if c.MatchCN != "" || s.tls.Mode == networking.ServerTLSSettings_OPTIONAL_MUTUAL {
			e.findings.Report(finding.GatewayDefault, c.Origin, "forwardClientCertDetails of the gateway must be SANITIZE_SET, its default: host "+h.Name+" looks at what the gateway itself says about a certificate")
		}
		return
	}
	e.filters.addTo(objClientCerts, chainDepth(s.sni, c.Depth))
	e.filters.addTo(objClientCerts, &envoyPatch{applyTo: "NETWORK_FILTER", match: matchSNI(s.sni), operation: "MERGE", value: networkFilter(sanitized())})
}

const objClientCerts = "i2g-client-certs"

// chainDepth limits the chains that a server accepts. Envoy counts the trust anchor, the source does not.
func chainDepth(sni string, depth int) *envoyPatch {
	return &envoyPatch{
		applyTo: "FILTER_CHAIN",
		match: manifest.Map{
			{Key: "context", Value: "GATEWAY"},
			{Key: "listener", Value: manifest.Map{{Key: "filterChain", Value: manifest.Map{{Key: "sni", Value: sni}}}}},
		},
		operation: "MERGE",
		value: &listenerv3.FilterChain{TransportSocket: &corev3.TransportSocket{
			Name: "envoy.transport_sockets.tls",
			ConfigType: &corev3.TransportSocket_TypedConfig{TypedConfig: pack(&tlsv3.DownstreamTlsContext{CommonTlsContext: &tlsv3.CommonTlsContext{
				ValidationContextType: &tlsv3.CommonTlsContext_CombinedValidationContext{
					CombinedValidationContext: &tlsv3.CommonTlsContext_CombinedCertificateValidationContext{
						DefaultValidationContext: &tlsv3.CertificateValidationContext{MaxVerifyDepth: wrapperspb.UInt32(uint32(depth) + 1)},
					},
				},
			}})},
		}},
	}
}

// sanitized is for servers whose routes look at the client's certificate: what the client itself says about one never counts.
func sanitized() *hcmv3.HttpConnectionManager {
	return &hcmv3.HttpConnectionManager{
		ForwardClientCertDetails:    hcmv3.HttpConnectionManager_SANITIZE_SET,
		SetCurrentClientCertDetails: &hcmv3.HttpConnectionManager_SetCurrentClientCertDetails{Subject: wrapperspb.Bool(true), Cert: true},
	}
}

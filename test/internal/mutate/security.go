package mutate

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
)

// servers are the servers of all Istio Gateways.
func (t *Target) servers() []casefile.Object {
	var out []casefile.Object
	for _, g := range t.kinds("Gateway") {
		out = append(out, g.Items("spec", "servers")...)
	}
	return out
}

// wrongCertificate presents the default certificate everywhere.
func wrongCertificate(t *Target) bool {
	done := false
	for _, s := range t.servers() {
		tls, _ := s["tls"].(map[string]any)
		if name, ok := tls["credentialName"]; ok && name != cluster.DefaultCertificate {
			tls["credentialName"] = cluster.DefaultCertificate
			done = true
		}
		if _, ok := tls["credentialNames"]; ok {
			tls["credentialNames"] = []any{cluster.DefaultCertificate}
			done = true
		}
	}
	return done
}

// clientCertificateNotAsked turns mutual TLS into plain TLS, and forgets what was to be checked of the certificate.
func clientCertificateNotAsked(t *Target) bool {
	done := false
	for _, s := range t.servers() {
		tls, _ := s["tls"].(map[string]any)
		if mode, _ := tls["mode"].(string); strings.HasSuffix(mode, "MUTUAL") {
			tls["mode"] = "SIMPLE"
			delete(tls, "caCertCredentialName")
			done = true
		}
	}
	for _, ef := range t.kinds("EnvoyFilter") {
		done = drop(ef["spec"], "requireclientcertificate", "validationcontext", "combinedvalidationcontext", "validationcontextsdssecretconfig") || done
	}
	return t.dropKind("AuthorizationPolicy") || done
}

func tlsFloorLost(t *Target) bool {
	done := false
	for _, s := range t.servers() {
		tls, _ := s["tls"].(map[string]any)
		if tls == nil {
			continue
		}
		tls["minProtocolVersion"] = "TLSV1_2"
		tls["maxProtocolVersion"] = "TLSV1_2"
		done = true
	}
	return done
}

func backendTLSLost(t *Target) bool {
	done := false
	for _, r := range t.kinds("DestinationRule") {
		done = replace(r["spec"], "tls", func(any) (any, bool) { return map[string]any{"mode": "DISABLE"}, true }) || done
	}
	return done
}

// backendNotVerified takes any certificate of a backend.
func backendNotVerified(t *Target) bool {
	done := false
	for _, r := range t.kinds("DestinationRule") {
		done = replace(r["spec"], "tls", func(old any) (any, bool) {
			tls, ok := old.(map[string]any)
			if !ok {
				return nil, false
			}
			delete(tls, "subjectAltNames")
			tls["insecureSkipVerify"] = true
			return tls, true
		}) || done
	}
	for _, ef := range t.kinds("EnvoyFilter") {
		done = drop(ef["spec"], "matchtypedsubjectaltnames", "matchsubjectaltnames") || done
	}
	return done
}

// backendNameLost still verifies the chain of a backend's certificate, but no longer whose it is.
func backendNameLost(t *Target) bool {
	done := false
	for _, r := range t.kinds("DestinationRule") {
		done = drop(r["spec"], "subjectaltnames") || done
	}
	return done
}

// backendPortWrong sends to a port that no Service has.
func backendPortWrong(t *Target) bool {
	done := false
	for _, e := range t.entries() {
		for _, r := range e.Items("route") {
			port, _ := r.At("destination", "port").(map[string]any)
			if port != nil {
				port["number"] = 9
				done = true
			}
		}
	}
	return done
}

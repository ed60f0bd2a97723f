package validate

import (
	"strings"

	istionet "istio.io/api/networking/v1alpha3"
)

func (c *check) destinationRule(d *istionet.DestinationRule) {
	if problem := domainProblem(d.Host); problem != "" {
		c.bad(&specPlace, "host", "%s: %s", quote(d.Host), problem)
	}
	if d.TrafficPolicy != nil {
		place := specPlace.field("trafficPolicy")
		c.trafficPolicy(&place, d.TrafficPolicy)
	}
	list := specPlace.field("subsets")
	names := make(map[string]bool, len(d.Subsets))
	for i, s := range d.Subsets {
		p := list.item(i)
		if !isLabel(s.Name) {
			c.bad(&p, "name", "%s is not a DNS label", quote(s.Name))
		}
		if names[s.Name] {
			c.bad(&p, "name", "%s is given twice", quote(s.Name))
		}
		names[s.Name] = true
		c.workloadLabels(&p, "labels", s.Labels)
		if s.TrafficPolicy != nil {
			place := p.field("trafficPolicy")
			c.trafficPolicy(&place, s.TrafficPolicy)
		}
	}
	c.exportTo(d.ExportTo, false)
	if d.WorkloadSelector != nil {
		place := specPlace.field("workloadSelector")
		c.selector(&place, "matchLabels", d.WorkloadSelector.MatchLabels)
		if len(d.ExportTo) > 1 || len(d.ExportTo) == 1 && d.ExportTo[0] != "." && d.ExportTo[0] != c.obj.Namespace {
			c.bad(&specPlace, "exportTo", "a rule with workloadSelector is for its own namespace")
		}
	}
}

// maxPorts is the published schema's limit for portLevelSettings.
const maxPorts = 4096

func (c *check) trafficPolicy(p *at, t *istionet.TrafficPolicy) {
	if t.OutlierDetection == nil && t.ConnectionPool == nil && t.LoadBalancer == nil && t.Tls == nil && t.PortLevelSettings == nil &&
		t.Tunnel == nil && t.ProxyProtocol == nil && t.RetryBudget == nil {
		c.bad(p, "", "is empty")
	}
	if t.Tunnel != nil && t.ProxyProtocol != nil {
		c.bad(p, "", "tunnel and proxyProtocol exclude each other")
	}
	c.policyParts(p, t.LoadBalancer, t.ConnectionPool, t.OutlierDetection, t.Tls)
	c.tunnel(p, t.Tunnel)
	if b := t.RetryBudget; b != nil {
		if n := b.Percent.GetValue(); n < 0 || n > 100 {
			c.bad(p, "retryBudget.percent", "%v is not from 0 to 100", n)
		}
	}
	ports := p.field("portLevelSettings")
	if n := len(t.PortLevelSettings); n > maxPorts {
		c.bad(&ports, "", "%d entries, at most %d", n, maxPorts)
	}
	for i, l := range t.PortLevelSettings {
		place := ports.item(i)
		if l.Port == nil {
			c.bad(&place, "port", "is required")
		} else {
			c.port(&place, "port.number", l.Port.Number)
		}
		if l.OutlierDetection == nil && l.ConnectionPool == nil && l.LoadBalancer == nil && l.Tls == nil {
			c.bad(&place, "", "is empty")
		}
		c.policyParts(&place, l.LoadBalancer, l.ConnectionPool, l.OutlierDetection, l.Tls)
	}
}

func (c *check) policyParts(
	p *at, lb *istionet.LoadBalancerSettings, pool *istionet.ConnectionPoolSettings, out *istionet.OutlierDetection,
	tls *istionet.ClientTLSSettings,
) {
	c.loadBalancer(p, lb)
	c.connectionPool(p, pool)
	c.outliers(p, out)
	c.clientTLS(p, tls)
}

func (c *check) tunnel(p *at, t *istionet.TrafficPolicy_TunnelSettings) {
	if t == nil {
		return
	}
	place := p.field("tunnel")
	if t.Protocol != "" && t.Protocol != "CONNECT" && t.Protocol != "POST" {
		c.bad(&place, "protocol", "%q is neither CONNECT nor POST", t.Protocol)
	}
	if problem := fqdnProblem(t.TargetHost); problem != "" && !isIP(t.TargetHost) {
		c.bad(&place, "targetHost", "%s: %s", quote(t.TargetHost), problem)
	}
	c.port(&place, "targetPort", t.TargetPort)
}

func (c *check) outliers(p *at, o *istionet.OutlierDetection) {
	if o == nil {
		return
	}
	place := p.field("outlierDetection")
	if !o.SplitExternalLocalOriginErrors && o.ConsecutiveLocalOriginFailures.GetValue() > 0 {
		c.bad(&place, "consecutiveLocalOriginFailures", "needs splitExternalLocalOriginErrors")
	}
	for _, v := range []struct {
		name string
		n    int32
	}{{"maxEjectionPercent", o.MaxEjectionPercent}, {"minHealthPercent", o.MinHealthPercent}} {
		if v.n < 0 || v.n > 100 {
			c.bad(&place, v.name, "%d is not from 0 to 100", v.n)
		}
	}
}

func (c *check) connectionPool(p *at, s *istionet.ConnectionPoolSettings) {
	if s == nil {
		return
	}
	place := p.field("connectionPool")
	if s.Http == nil && s.Tcp == nil {
		c.bad(&place, "", "is empty")
	}
	if h := s.Http; h != nil {
		http := place.field("http")
		c.notNegative(&http, map[string]int32{
			"http1MaxPendingRequests": h.Http1MaxPendingRequests, "http2MaxRequests": h.Http2MaxRequests,
			"maxRequestsPerConnection": h.MaxRequestsPerConnection, "maxRetries": h.MaxRetries,
			"maxConcurrentStreams": h.MaxConcurrentStreams,
		})
		if h.UseClientProtocol && h.H2UpgradePolicy == istionet.ConnectionPoolSettings_HTTPSettings_UPGRADE {
			c.bad(&http, "useClientProtocol", "excludes h2UpgradePolicy UPGRADE")
		}
		if k := h.Http2KeepAlive; k != nil && (k.Interval == nil || k.Timeout == nil) {
			c.bad(&http, "http2KeepAlive", "needs interval and timeout")
		}
	}
	if t := s.Tcp; t != nil && t.MaxConnections < 0 {
		c.bad(&place, "tcp.maxConnections", "%d is negative", t.MaxConnections)
	}
}

func (c *check) notNegative(p *at, fields map[string]int32) {
	for _, k := range sortedKeys(fields) {
		if fields[k] < 0 {
			c.bad(p, k, "%d is negative", fields[k])
		}
	}
}

// clientTLS checks TLS towards a backend.
func (c *check) clientTLS(p *at, t *istionet.ClientTLSSettings) {
	if t == nil {
		return
	}
	place := p.field("tls")
	c.credential(&place, t.CredentialName)
	if rest, ok := strings.CutPrefix(t.CredentialName, "configmap://"); ok && !strings.HasPrefix(rest, c.obj.Namespace+"/") {
		c.bad(&place, "credentialName", "a ConfigMap must be in the namespace of the rule")
	}
	files := t.ClientCertificate != "" || t.PrivateKey != "" || t.CaCertificates != "" || t.CaCrl != ""
	if t.InsecureSkipVerify.GetValue() {
		ca := t.CaCertificates != "" || len(t.SubjectAltNames) > 0
		if t.Mode == istionet.ClientTLSSettings_SIMPLE {
			ca = ca || t.CredentialName != ""
		}
		if ca {
			c.bad(&place, "insecureSkipVerify", "excludes CA certificates and subjectAltNames")
		}
	}
	switch t.Mode {
	case istionet.ClientTLSSettings_SIMPLE:
		if t.CredentialName != "" && files {
			c.bad(&place, "credentialName", "excludes certificates in files")
		}
	case istionet.ClientTLSSettings_MUTUAL:
		switch {
		case t.CredentialName != "" && files:
			c.bad(&place, "credentialName", "excludes certificates in files")
		case t.CredentialName == "" && (t.ClientCertificate == "" || t.PrivateKey == ""):
			c.bad(&place, "mode", "MUTUAL needs a client certificate and its key")
		}
	}
	c.plain(&place, "sni", t.Sni)
}

package istio

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// normalization is always demanded of the mesh: it is the only setting under which no spelling of a path reaches a less
// protected route.
const normalization = "DECODE_AND_MERGE_SLASHES"

// meshConfig is the fragment of the mesh configuration that the translation needs: what only the mesh can do.
func meshConfig(e *emitter) manifest.Map {
	if len(e.edge.Hosts) == 0 {
		return nil
	}
	m := manifest.Map{{Key: "pathNormalization", Value: manifest.Map{{Key: "normalization", Value: normalization}}}}
	if e.opts.RBAC {
		// An Ingress of class istio makes a Gateway on the shared workload that serves any host, and istiod's default is to
		// serve that class.
		m = append(m, manifest.Field{Key: "ingressControllerMode", Value: "OFF"})
	}
	if p := e.collectorProvider(); p != nil {
		m = append(m, manifest.Field{Key: "extensionProviders", Value: []any{p}})
	}
	return m
}

// platformDuties says once what the platform has to know and do about every translation.
func platformDuties(e *emitter) {
	if len(e.edge.Hosts) == 0 {
		return
	}
	e.findings.Report(finding.MeshConfigNeeded, finding.Origin{Field: "meshConfig.pathNormalization"}, "pathNormalization.normalization: "+normalization)
	if e.collectorProvider() != nil {
		e.findings.Report(finding.MeshConfigNeeded, finding.Origin{Field: "meshConfig.extensionProviders"}, "the extension provider "+traceProvider+", beside those that it has")
	}
	e.findings.Report(finding.PathNormalised, finding.Origin{Field: "meshConfig.pathNormalization"}, "//, /./, %2F and encoded letters arrive resolved, characters that a URL does not allow percent-encoded")
	if !e.opts.RoutesOnly && e.opts.Ownership != emit.Team {
		e.findings.Report(finding.ScopeGateways, finding.Origin{Field: "PILOT_SCOPE_GATEWAY_TO_NAMESPACE"})
	}
	e.findings.Report(finding.ProbeDiffers, finding.Origin{Field: "--health-check-path"})
}

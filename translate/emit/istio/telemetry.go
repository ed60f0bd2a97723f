package istio

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
	networking "istio.io/api/networking/v1alpha3"
	telemetry "istio.io/api/telemetry/v1alpha1"
	typev1beta1 "istio.io/api/type/v1beta1"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// markSilent is part of the names of routes that are not logged. No name of an Ingress can hold it.
const markSilent = "~silent"

// accessLog gives the routes of a rule that is not logged a name that the log's filter knows.
func accessLog(e *emitter, _ *model.Host, r *model.Rule, xs []*entry) []*entry {
	if r.AccessLog == nil || !r.AccessLog.Off {
		return xs
	}
	e.silent = true
	for _, x := range xs {
		x.patch.mark = markSilent
	}
	return xs
}

// gatewayTelemetry writes what is logged and traced: one object, because of several for one workload Istio takes only one.
func gatewayTelemetry(e *emitter) {
	g := &e.edge.Global
	t := &telemetry.Telemetry{}
	if g.NoAccessLog {
		t.AccessLogging = []*telemetry.AccessLogging{{Disabled: wrapperspb.Bool(true)}}
	} else if filter := e.logFilter(); filter != "" {
		// A filter counts only for providers that stand beside it; envoy is Istio's own, which writes to stdout.
		t.AccessLogging = []*telemetry.AccessLogging{{
			Providers: []*telemetry.ProviderRef{{Name: "envoy"}}, Filter: &telemetry.AccessLogging_Filter{Expression: filter},
		}}
	}
	if s := g.Sampling; s != nil {
		t.Tracing = []*telemetry.Tracing{{RandomSamplingPercentage: wrapperspb.Double(s.Percent)}}
		if s.Collector != nil {
			t.Tracing[0].Providers = []*telemetry.ProviderRef{{Name: traceProvider}}
			e.speakGRPC(*s.Collector)
		}
	}
	if len(t.AccessLogging)+len(t.Tracing) == 0 || len(e.edge.Hosts)+len(e.edge.Streams) == 0 {
		return
	}
	t.Selector = &typev1beta1.WorkloadSelector{MatchLabels: e.opts.Gateway.Selector}
	e.add(&manifest.Object{
		APIVersion: "telemetry.istio.io/v1", Kind: "Telemetry", Namespace: e.gatewayNamespace(), Name: "i2g-gateway", Spec: t,
	})
}

// traceProvider is the name of the extension provider that stands for the collector of spans.
const traceProvider = "i2g-otlp"

// collectorProvider is the mesh configuration's part of it; nil if the collector is not known.
func (e *emitter) collectorProvider() manifest.Map {
	s := e.edge.Global.Sampling
	if s == nil || s.Collector == nil {
		return nil
	}
	return manifest.Map{{Key: "name", Value: traceProvider}, {Key: "opentelemetry", Value: manifest.Map{
		{Key: "service", Value: e.fqdn(s.Collector.Namespace, s.Collector.Service)}, {Key: "port", Value: int(s.Collector.Port)},
	}}}
}

// speakGRPC makes the gateway speak HTTP/2 to a Service to which no route goes, unless its port says so itself.
func (e *emitter) speakGRPC(b model.Backend) {
	if x := e.snapshot.Services[snapshot.Key{Namespace: b.Namespace, Name: b.Service}]; x != nil {
		for _, p := range x.Ports {
			if p.Number == b.Port && declaresHTTP2(p) {
				return
			}
		}
	}
	d := e.destination(b)
	e.destinations.share(d)
	s := e.destinations.services[d.Host]
	h2 := &networking.TrafficPolicy{PortLevelSettings: []*networking.TrafficPolicy_PortTrafficPolicy{{
		Port: &networking.PortSelector{Number: uint32(b.Port)},
		ConnectionPool: &networking.ConnectionPoolSettings{Http: &networking.ConnectionPoolSettings_HTTPSettings{
			H2UpgradePolicy: networking.ConnectionPoolSettings_HTTPSettings_UPGRADE,
		}},
	}}}
	if s.base != nil {
		base := proto.Clone(s.base).(*networking.TrafficPolicy)
		proto.Merge(base, h2)
		h2 = base
	}
	s.base = h2
}

// logFilter is the condition under which a request is logged; "" for always. A condition that fails to evaluate counts as
// false, so that it asks only for what every request has.
func (e *emitter) logFilter() string {
	var all []string
	if e.silent {
		all = append(all, "!(has(xds.route_name) && xds.route_name.contains("+strconv.Quote(markSilent)+"))")
	}
	if skip := e.edge.Global.LogSkip; len(skip) > 0 {
		skip = slices.Clone(skip)
		for i, s := range skip {
			skip[i] = strconv.Quote(s)
		}
		all = append(all, "!(has(request.path) && request.path in ["+strings.Join(skip, ", ")+"])")
	}
	return strings.Join(all, " && ")
}

package nginx

import (
	"net"
	"strconv"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// Tracing makes OpenTelemetry spans. Without enable-opentelemetry on the same Ingress nginx looks at no other key of it.
var Tracing = annotations.Feature{
	Name: "tracing",
	Keys: []annotations.Key{
		{
			Name: "enable-opentelemetry", Syntax: "true | false", Setting: "enable-opentelemetry", Scope: "location", Risk: "Low", Check: boolean, Class: finding.Approximate,
			Doc:  "Switches spans of the location on or off, against the ConfigMap.",
			Note: "spans of the route are switched; they go to the collector of the settings, or of a Telemetry resource and extension provider of your own. Backends of routes without spans get a traceparent that says so",
		},
		{
			Name: "opentelemetry-operation-name", Syntax: "text", Setting: "opentelemetry-operation-name", Scope: "location", Risk: "Medium", Needs: "enable-opentelemetry",
			Check: unspaced(chars(wordSet)), Invalid: annotations.DropIngress, Class: finding.Approximate,
			Doc: "Name of the location's spans.", Note: "the spans of the route carry the name; their other attributes are Envoy's",
		},
		{
			Name: "opentelemetry-trust-incoming-span", Syntax: "true | false", Default: "true", Setting: "opentelemetry-trust-incoming-span", Scope: "location", Risk: "Low",
			Needs: "enable-opentelemetry", Check: boolean, Class: finding.Manual,
			Doc:  "Whether a client's trace goes on, or a new one begins.",
			Note: "Envoy always continues the client's trace; to refuse it, drop traceparent at the load balancer in front",
		},
	},
	Settings: []annotations.Setting{
		{Name: "otlp-collector-host", Syntax: "host", Class: finding.Exact, Doc: "Host of the collector.", Note: traceCollector},
		{Name: "otlp-collector-port", Syntax: "port", Default: "4317", Check: integer, Class: finding.Exact, Doc: "Port of the collector.", Note: traceCollector},
		{Name: "otel-service-name", Syntax: "text", Default: "nginx", Class: finding.Manual, Doc: "Service name in the spans.", Note: traceProvider},
		{Name: "otel-sampler", Syntax: "AlwaysOn | AlwaysOff | TraceIdRatioBased", Default: "AlwaysOn", Class: finding.Manual, Doc: "Which requests get spans.", Note: traceSampling},
		{Name: "otel-sampler-ratio", Syntax: "number", Default: "0.01", Check: number, Class: finding.Manual, Doc: "Share of the requests that get spans.", Note: traceSampling},
		{Name: "otel-sampler-parent-based", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Manual, Doc: "Follows the client's decision about sampling.", Note: traceSampling},
		{Name: "opentelemetry-config", Syntax: "path", Default: "/etc/ingress-controller/telemetry/opentelemetry.toml", Class: finding.Noop, Doc: "Configuration file of the nginx module.", Note: traceOwn},
		{Name: "otel-max-queuesize", Syntax: "integer", Default: "2048", Check: integer, Class: finding.Noop, Doc: "Spans that wait to be sent.", Note: traceOwn},
		{Name: "otel-schedule-delay-millis", Syntax: "milliseconds", Default: "5000", Check: integer, Class: finding.Noop, Doc: "Longest wait before spans are sent.", Note: traceOwn},
		{Name: "otel-max-export-batch-size", Syntax: "integer", Default: "512", Check: integer, Class: finding.Noop, Doc: "Spans that are sent at once.", Note: traceOwn},
	},
	Route: tracing,
	Edge:  sampling,
}

// tracing fills Rule.Tracing where a location differs from the controller's setting, or names its spans.
func tracing(r *annotations.Route) {
	global := tracesAll(r.Edge)
	own := r.Has("enable-opentelemetry")
	if r.SlashRedirect || !own && !global {
		return
	}
	on := global
	if own {
		on = r.Bool("enable-opentelemetry")
	}
	t := &model.Tracing{Origin: r.Origin("enable-opentelemetry")}
	switch {
	case on != global:
		t.On = &on
	case on:
		r.Exact("enable-opentelemetry", "spans are on already")
	default:
		r.Noop("enable-opentelemetry", "spans are off already")
	}
	if !on {
		r.Overruled("opentelemetry-operation-name", "spans are off here")
		r.Overruled("opentelemetry-trust-incoming-span", "spans are off here")
	} else if op := r.Text("opentelemetry-operation-name"); op != "" {
		if chars(wordSet)(op) == nil {
			t.Operation = op
		} else {
			r.Manual("opentelemetry-operation-name", "the gateway names spans by constant text only")
		}
	}
	if on && r.Bool("opentelemetry-trust-incoming-span") {
		r.Exact("opentelemetry-trust-incoming-span", "the gateway continues the client's trace")
	}
	if t.On != nil || t.Operation != "" {
		r.Model.Tracing = t
	}
}

// tracesAll tells whether the controller traces every location that does not say otherwise.
func tracesAll(e *annotations.Edge) bool {
	return switchedOn(e, "enable-opentelemetry")
}

// sampling fills Global.Sampling.
func sampling(e *annotations.Edge) {
	all := tracesAll(e)
	if !all && !tracesSome(e) {
		for _, name := range []string{"otel-sampler", "otel-sampler-ratio", "otel-sampler-parent-based", "otlp-collector-host", "otlp-collector-port", "otel-service-name"} {
			if e.HasSetting(name) {
				e.Setting(finding.Noop, name, "no location has spans")
			}
		}
		return
	}
	to := collector(e)
	if !all {
		if to != nil { // the routes that have spans say so themselves
			e.Model.Global.Sampling = &model.Sampling{Collector: to, Origin: e.Settings.Origin("otlp-collector-host")}
		}
		return
	}
	s := &model.Sampling{Percent: 100, Collector: to, Origin: e.Settings.Origin("enable-opentelemetry")}
	switch e.SettingText("otel-sampler") {
	case "AlwaysOff":
		s.Percent = 0
	case "TraceIdRatioBased":
		if f, err := strconv.ParseFloat(e.SettingText("otel-sampler-ratio"), 64); err == nil {
			s.Percent = min(max(f*100, 0), 100)
		}
	}
	e.Model.Global.Sampling = s
	text := "the gateway's spans are sampled as before (Telemetry); the mesh says which collector gets them, and their attributes are Envoy's"
	if to != nil {
		text = "the gateway's spans are sampled as before and go to the same collector (Telemetry and an extension provider of the mesh); their attributes are Envoy's"
	}
	e.Setting(finding.Approximate, "enable-opentelemetry", text)
	for _, name := range []string{"otel-sampler", "otel-sampler-ratio"} {
		if e.HasSetting(name) {
			e.Setting(finding.Exact, name, "randomSamplingPercentage of the gateway's Telemetry")
		}
	}
}

// collector is the Service that gets the spans; nil if the settings name none that an extension provider can name.
func collector(e *annotations.Edge) *model.Backend {
	const key, portKey = "otlp-collector-host", "otlp-collector-port"
	host := strings.TrimSuffix(e.SettingText(key), ".")
	if host == "" {
		return nil
	}
	parts := strings.Split(host, ".")
	if len(parts) < 2 || len(parts) > 2 && parts[2] != "svc" || net.ParseIP(host) != nil {
		e.Setting(finding.Manual, key, annotations.Quote(host)+" is not the full name of a Service; "+traceProvider)
		return nil
	}
	b, res := e.Lookup.Backend(parts[1], parts[0], e.SettingText(portKey))
	switch res {
	case annotations.Resolved, annotations.NoService:
	default:
		e.Setting(finding.Manual, key, "Service "+parts[1]+"/"+parts[0]+" has no such port; "+traceProvider)
		return nil
	}
	if b.External {
		e.Setting(finding.Manual, key, "Service "+parts[1]+"/"+parts[0]+" is outside of the cluster; "+traceProvider)
		return nil
	}
	return &b
}

// tracesSome tells whether any Ingress switches spans on.
func tracesSome(e *annotations.Edge) bool {
	for _, in := range e.Ingresses {
		if in.Has("enable-opentelemetry") && in.Bool("enable-opentelemetry") {
			return true
		}
	}
	return false
}

// What is said of more than one tracing setting.
const (
	traceCollector = "an extension provider of the mesh configuration, which the gateway's Telemetry names; the full name of a Service is needed"
	traceProvider  = "declare the collector as an extension provider in the mesh configuration (opentelemetry) and name it in a Telemetry resource"
	traceSampling  = "set randomSamplingPercentage in a Telemetry resource for the gateway"
	traceOwn       = "Envoy sends spans in its own way"
)

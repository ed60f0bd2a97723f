package validate

import (
	istiocfg "istio.io/api/networking/v1beta1"
	istiotel "istio.io/api/telemetry/v1alpha1"
)

func (c *check) telemetry(t *istiotel.Telemetry) {
	c.attachment(t.Selector, t.TargetRef, t.TargetRefs)
	logging := specPlace.field("accessLogging")
	for i, l := range t.AccessLogging {
		p := logging.item(i)
		c.providers(&p, l.Providers)
		if l.Filter != nil {
			c.expression(&p, "filter.expression", l.Filter.Expression)
		}
	}
	metrics := specPlace.field("metrics")
	for i, m := range t.Metrics {
		p := metrics.item(i)
		c.providers(&p, m.Providers)
		list := p.field("overrides")
		for j, o := range m.Overrides {
			place := list.item(j)
			c.metricOverride(&place, o)
		}
	}
	tracing := specPlace.field("tracing")
	for i, r := range t.Tracing {
		p := tracing.item(i)
		c.providers(&p, r.Providers)
		if n := r.RandomSamplingPercentage.GetValue(); n < 0 || n > 100 {
			c.bad(&p, "randomSamplingPercentage", "%v is not from 0 to 100", n)
		}
		for _, k := range sortedKeys(r.CustomTags) {
			tags := p.field("customTags")
			place := tags.key(k)
			c.customTag(&place, k, r.CustomTags[k])
		}
	}
}

func (c *check) providers(p *at, refs []*istiotel.ProviderRef) {
	for _, r := range refs {
		if r.Name == "" {
			c.bad(p, "providers", "a provider needs a name")
		}
	}
}

func (c *check) metricOverride(p *at, o *istiotel.MetricsOverrides) {
	if m, ok := o.GetMatch().GetMetricMatch().(*istiotel.MetricSelector_CustomMetric); ok && m.CustomMetric == "" {
		c.bad(p, "match.customMetric", "is empty")
	}
	for _, k := range sortedKeys(o.TagOverrides) {
		tags := p.field("tagOverrides")
		place := tags.key(k)
		switch t := o.TagOverrides[k]; {
		case k == "":
			c.bad(&place, "", "empty name")
		case t.Operation == istiotel.MetricsOverrides_TagOverride_UPSERT && t.Value == "":
			c.bad(&place, "value", "is required for UPSERT")
		case t.Operation == istiotel.MetricsOverrides_TagOverride_REMOVE && t.Value != "":
			c.bad(&place, "value", "is only for UPSERT")
		}
	}
}

func (c *check) customTag(p *at, name string, t *istiotel.Tracing_CustomTag) {
	value := ""
	switch v := t.Type.(type) {
	case *istiotel.Tracing_CustomTag_Literal:
		value = v.Literal.GetValue()
	case *istiotel.Tracing_CustomTag_Header:
		value = v.Header.GetName()
	case *istiotel.Tracing_CustomTag_Environment:
		value = v.Environment.GetName()
	case *istiotel.Tracing_CustomTag_Formatter:
		value = v.Formatter.GetValue()
	default:
		value = "-" // a tag without a source is accepted and does nothing
	}
	if name == "" || value == "" {
		c.bad(p, "", "needs a name and a value")
	}
}

func (c *check) proxyConfig(f *istiocfg.ProxyConfig) {
	if f.Selector != nil {
		place := specPlace.field("selector")
		c.selector(&place, "matchLabels", f.Selector.MatchLabels)
	}
	if n := f.Concurrency.GetValue(); n < 0 {
		c.bad(&specPlace, "concurrency", "%d is negative", n)
	}
	for _, k := range sortedKeys(f.EnvironmentVariables) {
		if k == "" || len(f.EnvironmentVariables[k]) > 2048 {
			c.bad(&specPlace, "environmentVariables", "%s: a name is needed, and a value of at most 2048", quote(k))
		}
	}
}

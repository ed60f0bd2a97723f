package istio

import (
	"slices"

	h2mv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_to_metadata/v3"
	"google.golang.org/protobuf/proto"

	"github.com/ingress2gw/ingress2gw/translate/model"
)

// filterH2M copies parts of request headers into the metadata of a request, from where formats can read them.
const filterH2M = "i2g.h2m"

// metadataRule adds a rule to the filter of an entry's routes. Rules of several features share one configuration.
func (e *emitter) metadataRule(x *entry, rule *h2mv3.Config_Rule) {
	e.filters.use(httpFilter{name: filterH2M, object: objAccess, order: orderPathMetadata, config: emptyH2M()})
	c := &h2mv3.Config{}
	if old := x.patch.base().TypedPerFilterConfig[filterH2M]; old != nil {
		if err := old.UnmarshalTo(c); err != nil {
			panic("istio: " + err.Error()) // we wrote it ourselves
		}
	}
	if !slices.ContainsFunc(c.RequestRules, func(r *h2mv3.Config_Rule) bool { return proto.Equal(r, rule) }) {
		c.RequestRules = append(c.RequestRules, rule)
	}
	x.patch.filter(filterH2M, c)
}

// emptyH2M is a configuration that does nothing; the proxy refuses one without a rule.
func emptyH2M() *h2mv3.Config {
	return &h2mv3.Config{RequestRules: []*h2mv3.Config_Rule{{
		Header:          "x-i2g-none",
		OnHeaderPresent: &h2mv3.Config_KeyValuePair{MetadataNamespace: metadataNamespace + ".none", Key: "none", Type: h2mv3.Config_STRING},
	}}}
}

// pathCapture makes a part of the path available as metadata and gives the format that reads it.
func (e *emitter) pathCapture(x *entry, key string, p model.Part) string {
	rule := &h2mv3.Config_Rule{
		Header: ":path",
		OnHeaderPresent: &h2mv3.Config_KeyValuePair{
			MetadataNamespace: metadataNamespace, Key: key, Type: h2mv3.Config_STRING,
			RegexValueRewrite: rewriteByRegex(p.Text, p.Sub),
		},
	}
	e.metadataRule(x, rule)
	x.patch.label("capture-" + hashOf(rule))
	return "%DYNAMIC_METADATA(" + metadataNamespace + ":" + key + ")%"
}

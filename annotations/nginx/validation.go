package nginx

import (
	"maps"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// Validation says which annotations the controller lets pass. An Ingress with one that is too risky, or with a forbidden
// word, is dropped as a whole; checks that only the admission webhook makes concern Ingresses that are not there yet.
var Validation = annotations.Feature{
	Name: "validation",
	Settings: []annotations.Setting{
		{Name: "annotations-risk-level", Syntax: "Low | Medium | High | Critical", Default: "High", Class: finding.Exact,
			Doc: "Highest risk of an annotation; an Ingress with a riskier one is dropped.", Note: "Ingresses with riskier annotations are dropped as before"},
		{Name: "annotation-value-word-blocklist", Syntax: "list of texts", Class: finding.Exact,
			Doc: "Texts that no annotation of the controller may hold; an Ingress with one is dropped.", Note: "Ingresses with such annotations are dropped as before"},
		{Name: "allow-snippet-annotations", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Lets annotations hold snippets. Otherwise the admission webhook refuses them, and those of Ingresses that exist already are ignored.", Note: "snippets of annotations count only while it is true, as before"},
		{Name: "allow-cross-namespace-resources", Syntax: "true | false", Default: "false", Check: boolean, Class: finding.Exact,
			Doc: "Lets annotations name Secrets and ConfigMaps of other namespaces.", Note: "such references are followed or refused as before"},
		{Name: "strict-validate-path-type", Syntax: "true | false", Default: "true", Check: boolean, Class: finding.Noop,
			Doc: "Lets the admission webhook refuse unusual characters in Exact and Prefix paths.", Note: admission},
		{Name: "enable-annotation-validation", Flag: true, Syntax: "switch", Default: "true", Check: boolean, Class: finding.Manual,
			Doc: "Checks the values of annotations.", Note: "values are checked as with validation on; an Ingress that only passes without it is treated as the controller does by default"},
		{Name: "deep-inspect", Flag: true, Syntax: "switch", Default: "true", Check: boolean, Class: finding.Noop,
			Doc: "Refuses Ingresses whose hosts and paths look like nginx directives.", Note: "hosts and paths never become configuration text here"},
		{Name: "validating-webhook", Flag: true, Syntax: "host:port", Class: finding.Noop, Doc: "Address of the admission webhook.", Note: admission},
		{Name: "validating-webhook-certificate", Flag: true, Syntax: "path", Class: finding.Noop, Doc: "Certificate of the admission webhook.", Note: admission},
		{Name: "validating-webhook-key", Flag: true, Syntax: "path", Class: finding.Noop, Doc: "Key of the admission webhook.", Note: admission},
		{Name: "disable-full-test", Flag: true, Syntax: "switch", Default: "false", Check: boolean, Class: finding.Noop,
			Doc: "Lets the admission webhook test one Ingress alone.", Note: admission},
	},
	Accept: tolerable,
}

const admission = "concerns the admission of Ingresses; those of the input are there already"

// tolerable tells whether the platform lets all annotations of an Ingress pass.
func tolerable(in *annotations.Ingress) bool {
	level := in.Edge.SettingText("annotations-risk-level")
	most := riskRank(level)
	for _, name := range in.Keys() {
		k := in.Edge.Key(name)
		if k.Since == "" && riskRank(k.Risk) > most {
			in.Drop(name, in.Edge.Prefix+name+" (its risk is "+k.Risk+", annotations-risk-level is "+level+")")
			return false
		}
	}
	words := in.Edge.SettingText("annotation-value-word-blocklist")
	if words == "" {
		return true
	}
	for _, name := range slices.Sorted(maps.Keys(in.Source.Annotations)) {
		key, ours := strings.CutPrefix(name, in.Edge.Prefix)
		for w := range strings.SplitSeq(words, ",") {
			if ours && strings.Contains(in.Source.Annotations[name], w) {
				in.Drop(key, name+" (it holds "+annotations.Quote(w)+", which annotation-value-word-blocklist forbids)")
				return false
			}
		}
	}
	return true
}

// riskRank orders risks. The controller takes a word that it does not know for Low.
func riskRank(risk string) int {
	switch {
	case strings.EqualFold(risk, "critical"):
		return 3
	case strings.EqualFold(risk, "high"):
		return 2
	case strings.EqualFold(risk, "medium"):
		return 1
	}
	return 0
}

package istiod

import "github.com/ingress2gw/ingress2gw/test/internal/casefile"

// applyDefaults does for the kinds of the Gateway API what the API server does with the defaults of their schemas, as
// far as they change behaviour: discovery sees the objects as they would be stored.
func applyDefaults(d casefile.Object) {
	switch d.Kind() {
	case "HTTPRoute":
		for _, rule := range d.Items("spec", "rules") {
			if len(rule.Items("matches")) == 0 {
				rule["matches"] = []any{map[string]any{}}
			}
			for _, m := range rule.Items("matches") {
				path, ok := m["path"].(map[string]any)
				if !ok {
					path = map[string]any{}
					m["path"] = path
				}
				setDefault(path, "type", "PathPrefix")
				setDefault(path, "value", "/")
			}
			defaultWeights(rule)
		}
	case "GRPCRoute", "TCPRoute", "TLSRoute":
		for _, rule := range d.Items("spec", "rules") {
			defaultWeights(rule)
		}
	}
}

func defaultWeights(rule casefile.Object) {
	for _, b := range rule.Items("backendRefs") {
		setDefault(b, "weight", 1)
	}
}

func setDefault(m map[string]any, key string, v any) {
	if m[key] == nil {
		m[key] = v
	}
}

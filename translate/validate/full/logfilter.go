package full

import (
	"fmt"

	"github.com/google/cel-go/cel"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// logFilters parses the expressions by which a Telemetry chooses what is logged, as Istio's webhook does. Their attributes
// are the proxy's, so nothing is known of types here.
func logFilters(o *manifest.Object) ([]validate.Problem, error) {
	if o.Kind != "Telemetry" {
		return nil, nil
	}
	env, err := cel.NewEnv()
	if err != nil {
		return nil, err
	}
	var problems []validate.Problem
	for i, l := range items(value(o.Tree(), "spec"), "accessLogging") {
		text, ok := value(value(l, "filter"), "expression").(string)
		if !ok {
			continue
		}
		if _, issues := env.Parse(text); issues.Err() != nil {
			problems = append(problems, validate.Problem{
				Object: o.ID(), Field: fmt.Sprintf("spec.accessLogging[%d].filter.expression", i), Reason: issues.Err().Error(),
			})
		}
	}
	return problems, nil
}

// value is a field of a mapping; nil if there is none.
func value(v any, key string) any {
	m, _ := v.(manifest.Map)
	x, _ := m.Get(key)
	return x
}

func items(v any, key string) []any {
	list, _ := value(v, key).([]any)
	return list
}

package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/reports"
)

// optionError is a wrong option of a functionConfig.
type optionError struct {
	path string
	err  error
}

func (e *optionError) Error() string {
	if e.path == "" {
		return "functionConfig: " + e.err.Error()
	}
	return fmt.Sprintf("functionConfig: %s: %s", e.path, e.err)
}

func (e *optionError) result() *framework.Result {
	r := &framework.Result{Severity: framework.Error, Message: reports.Clean(e.Error(), 0)}
	if e.path != "" {
		r.Field = &framework.Field{Path: e.path}
	}
	return r
}

// configure takes the options: spec of a Convert, or data of a ConfigMap. They are named as the flags of convert.
func (o *fnOptions) configure(config map[string]any) error {
	flags := o.options()
	part, err := optionsPart(config)
	if err != nil {
		return err
	}
	options, ok := config[part].(map[string]any)
	if !ok && config[part] != nil {
		return &optionError{part, fmt.Errorf("is no mapping of options")}
	}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if err := o.set(flags, name, options[name]); err != nil {
			return &optionError{part + "." + name, err}
		}
	}
	return nil
}

// optionsPart tells where in a functionConfig the options are.
func optionsPart(config map[string]any) (string, error) {
	switch kind := config["kind"]; {
	case config == nil, kind == "Convert" && config["apiVersion"] == "ingress2gw.io/v1alpha1":
		return "spec", nil
	case kind == "ConfigMap":
		return "data", nil
	default:
		return "", &optionError{"", fmt.Errorf("%v is neither a Convert of ingress2gw.io/v1alpha1 nor a ConfigMap", kind)}
	}
}

// options are those flags of convert that mean something in a pipeline, and those that a pipeline has in addition.
func (o *fnOptions) options() *pflag.FlagSet {
	all := pflag.NewFlagSet("options", pflag.ContinueOnError)
	own := newGroup("Function")
	addChoice(own, &o.ingresses, "ingresses", "What becomes of the Ingresses among the items.", "keep", "remove")
	addChoice(own, &o.results, "results", "Severity from which on findings are results.", "warning", "error", "info")
	for _, g := range [...]flagGroup{o.inputFlags(), o.sourceFlags(), o.targetFlags(), o.outputFlags(), o.reportFlags(), own} {
		g.flags.VisitAll(func(f *pflag.Flag) {
			if !slices.Contains([]string{"kustomize", "all-namespaces", "to", "secret-contents", "output", "mesh-config-out", "report"}, f.Name) {
				all.AddFlag(f)
			}
		})
	}
	return all
}

// set gives an option its value: a list sets an option several times, a mapping is the content of gateway-map.
func (o *fnOptions) set(flags *pflag.FlagSet, name string, value any) error {
	f := flags.Lookup(name)
	if f == nil {
		return fmt.Errorf("is not an option; options are named as the flags of convert, as in gateway-namespace")
	}
	switch v := value.(type) {
	case map[string]any:
		if name != "gateway-map" {
			return fmt.Errorf("cannot be a mapping")
		}
		content, err := sigsyaml.Marshal(v)
		o.gatewayMap, o.gatewayMapContent = "functionConfig", content
		return err
	case []any:
		for _, item := range v {
			if err := o.set(flags, name, item); err != nil {
				return err
			}
		}
		return nil
	case nil:
		return nil
	}
	text := strings.TrimSpace(fmt.Sprint(value))
	if f.Value.Type() == "stringArray" && strings.Contains(text, "\n") { // in a ConfigMap there are no lists
		for line := range strings.Lines(text) {
			if err := f.Value.Set(strings.TrimSpace(line)); err != nil {
				return err
			}
		}
		return nil
	}
	return f.Value.Set(text)
}

package full

import (
	"encoding/json"
	"fmt"

	"github.com/google/cel-go/cel"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	plugincel "k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/cel/environment"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// policy compiles the expressions of a ValidatingAdmissionPolicy.
func policy(o *manifest.Object) ([]validate.Problem, error) {
	if o.Kind != "ValidatingAdmissionPolicy" {
		return nil, nil
	}
	text, err := json.Marshal(manifest.Unstructured(o).Object)
	if err != nil {
		return nil, err
	}
	var p admissionv1.ValidatingAdmissionPolicy
	if err := json.Unmarshal(text, &p); err != nil {
		return []validate.Problem{{Object: o.ID(), Reason: err.Error()}}, nil //nolint:nilerr // what is wrong with the object is a problem, not an error
	}
	compiler, err := plugincel.NewCompositedCompiler(environment.MustBaseEnvSet(environment.DefaultCompatibilityVersion()))
	if err != nil {
		return nil, err
	}
	options := plugincel.OptionalVariableDeclarations{HasParams: p.Spec.ParamKind != nil, HasAuthorizer: true}
	var problems []validate.Problem
	note := func(path string, r plugincel.CompilationResult) {
		if r.Error != nil {
			problems = append(problems, validate.Problem{Object: o.ID(), Field: "spec." + path, Reason: r.Error.Error()})
		}
	}
	for i, v := range p.Spec.Variables {
		e := expression{v.Name, v.Expression, []*cel.Type{cel.AnyType, cel.DynType}}
		note(fmt.Sprintf("variables[%d].expression", i), compiler.CompileAndStoreVariable(e, options, environment.NewExpressions))
	}
	compile := func(path, text string, result *cel.Type, options plugincel.OptionalVariableDeclarations) {
		if text != "" {
			note(path, compiler.CompileCELExpression(expression{"", text, []*cel.Type{result}}, options, environment.NewExpressions))
		}
	}
	for i, m := range p.Spec.MatchConditions {
		compile(fmt.Sprintf("matchConditions[%d].expression", i), m.Expression, cel.BoolType, options)
	}
	for i, v := range p.Spec.Validations {
		compile(fmt.Sprintf("validations[%d].expression", i), v.Expression, cel.BoolType, options)
		message := options
		message.HasAuthorizer = false
		compile(fmt.Sprintf("validations[%d].messageExpression", i), v.MessageExpression, cel.StringType, message)
	}
	return problems, nil
}

// expression is what the compiler wants to know of one.
type expression struct {
	name, text string
	types      []*cel.Type
}

// GetName implements plugincel.NamedExpressionAccessor.
func (e expression) GetName() string { return e.name }

// GetExpression implements plugincel.ExpressionAccessor.
func (e expression) GetExpression() string { return e.text }

// ReturnTypes implements plugincel.ExpressionAccessor.
func (e expression) ReturnTypes() []*cel.Type { return e.types }

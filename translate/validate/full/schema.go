package full

import (
	"context"
	"encoding/json"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/objectmeta"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	metavalidation "k8s.io/apimachinery/pkg/api/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// compiled is one version of one kind, ready for use.
type compiled struct {
	structural *schema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

// compile prepares a version of a kind on first use.
func (v *Validator) compile(key string, raw json.RawMessage) (*compiled, error) {
	if c := v.compiled[key]; c != nil {
		return c, nil
	}
	var published apiextensionsv1.JSONSchemaProps
	if err := json.Unmarshal(raw, &published); err != nil {
		return nil, err
	}
	var internal apiextensions.JSONSchemaProps
	err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(&published, &internal, nil)
	if err != nil {
		return nil, err
	}
	structural, err := schema.NewStructural(&internal)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(&internal)
	if err != nil {
		return nil, err
	}
	c := &compiled{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
	v.compiled[key] = c
	return c, nil
}

type problem struct{ field, reason string }

// check does with an object what a create request does, in the same order: unknown fields, defaults, metadata, schema,
// list keys, rules.
func (c *compiled) check(k *kind, object map[string]any) []problem {
	var problems []problem
	unknown := pruning.PruneWithOptions(object, c.structural, true, schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		problems = append(problems, problem{path, "unknown field"})
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(object, c.structural)
	defaulting.Default(object, c.structural)

	ctx := context.Background()
	var errs field.ErrorList
	meta, _, err := objectmeta.GetObjectMeta(object, false)
	if err != nil {
		problems = append(problems, problem{"metadata", err.Error()})
	} else {
		errs = metavalidation.ValidateObjectMeta(meta, k.namespaced, metavalidation.NameIsDNSSubdomain, field.NewPath("metadata"))
	}
	errs = append(errs, validation.ValidateCustomResource(nil, object, c.validator)...)
	errs = append(errs, listtype.ValidateListSetsAndMaps(nil, c.structural, object)...)
	if len(errs) == 0 {
		// Rules may rely on the schema, so an API server does not run them on what breaks it.
		found, _ := c.rules.Validate(ctx, nil, c.structural, object, nil, celconfig.RuntimeCELCostBudget)
		errs = append(errs, found...)
	}
	for _, e := range errs {
		problems = append(problems, problem{e.Field, e.ErrorBody()})
	}
	return problems
}

package validate

import (
	"regexp"
	"slices"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func (c *check) rbacRules(rules []rbacv1.PolicyRule, namespaced bool) {
	list := at{name: "rules", index: -1}
	for i, r := range rules {
		p := list.item(i)
		if len(r.Verbs) == 0 {
			c.bad(&p, "verbs", "is required")
		}
		switch {
		case len(r.NonResourceURLs) > 0:
			if namespaced || len(r.APIGroups)+len(r.Resources)+len(r.ResourceNames) > 0 {
				c.bad(&p, "nonResourceURLs", "is for cluster roles, and stands alone")
			}
		case len(r.APIGroups) == 0 || len(r.Resources) == 0:
			c.bad(&p, "", "apiGroups and resources are required")
		}
	}
}

func (c *check) rbacBinding(ref rbacv1.RoleRef, subjects []rbacv1.Subject, namespaced bool) {
	place := at{name: "roleRef", index: -1}
	if ref.APIGroup != rbacv1.GroupName {
		c.bad(&place, "apiGroup", "%q is not %s", ref.APIGroup, rbacv1.GroupName)
	}
	if ref.Kind != "ClusterRole" && (ref.Kind != "Role" || !namespaced) {
		c.bad(&place, "kind", "%q cannot be bound here", ref.Kind)
	}
	if ref.Name == "" {
		c.bad(&place, "name", "is required")
	}
	list := at{name: "subjects", index: -1}
	for i, s := range subjects {
		p := list.item(i)
		if s.Name == "" {
			c.bad(&p, "name", "is required")
		}
		switch s.Kind {
		case rbacv1.ServiceAccountKind:
			if s.APIGroup != "" || s.Namespace == "" {
				c.bad(&p, "", "a ServiceAccount has a namespace and no apiGroup")
			}
		case rbacv1.UserKind, rbacv1.GroupKind:
			if s.APIGroup != rbacv1.GroupName {
				c.bad(&p, "apiGroup", "%q is not %s", s.APIGroup, rbacv1.GroupName)
			}
		default:
			c.bad(&p, "kind", "%q is none of ServiceAccount, User, Group", s.Kind)
		}
	}
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (c *check) admissionPolicy(s *admissionv1.ValidatingAdmissionPolicySpec) {
	if p := s.FailurePolicy; p != nil && *p != admissionv1.Fail && *p != admissionv1.Ignore {
		c.bad(&specPlace, "failurePolicy", "%q is neither Fail nor Ignore", *p)
	}
	if k := s.ParamKind; k != nil && (k.APIVersion == "" || k.Kind == "") {
		c.bad(&specPlace, "paramKind", "needs apiVersion and kind")
	}
	if s.MatchConstraints == nil || len(s.MatchConstraints.ResourceRules) == 0 {
		c.bad(&specPlace, "matchConstraints.resourceRules", "is required")
	} else {
		place := specPlace.field("matchConstraints")
		c.matchResources(&place, s.MatchConstraints)
	}
	if len(s.Validations)+len(s.AuditAnnotations) == 0 {
		c.bad(&specPlace, "validations", "validations or auditAnnotations are required")
	}
	c.variables(s)
	list := specPlace.field("validations")
	for i, v := range s.Validations {
		p := list.item(i)
		c.expression(&p, "expression", v.Expression)
		if v.MessageExpression != "" {
			c.balanced(&p, "messageExpression", v.MessageExpression)
		}
		if r := v.Reason; r != nil && !slices.Contains([]metav1.StatusReason{
			metav1.StatusReasonUnauthorized, metav1.StatusReasonForbidden, metav1.StatusReasonInvalid, metav1.StatusReasonRequestEntityTooLarge,
		}, *r) {
			c.bad(&p, "reason", "%q is not a reason for a refusal", *r)
		}
	}
}

func (c *check) variables(s *admissionv1.ValidatingAdmissionPolicySpec) {
	seen := map[string]bool{}
	list := specPlace.field("variables")
	for i, v := range s.Variables {
		p := list.item(i)
		c.expression(&p, "expression", v.Expression)
		if !identifier.MatchString(v.Name) || seen[v.Name] {
			c.bad(&p, "name", "%s is not an identifier of its own", quote(v.Name))
		}
		seen[v.Name] = true
	}
	seen = map[string]bool{}
	list = specPlace.field("matchConditions")
	for i, m := range s.MatchConditions {
		p := list.item(i)
		c.expression(&p, "expression", m.Expression)
		if m.Name == "" || seen[m.Name] {
			c.bad(&p, "name", "%s is empty or given twice", quote(m.Name))
		}
		seen[m.Name] = true
	}
}

// expression checks a CEL expression that is required. Whether it can be parsed is for the subpackage full to say.
func (c *check) expression(p *at, sub, expr string) {
	if expr == "" {
		c.bad(p, sub, "is required")
	}
	c.balanced(p, sub, expr)
}

func (c *check) balanced(p *at, sub, expr string) {
	if reason := balanceProblem(expr); reason != "" {
		c.bad(p, sub, "%s", reason)
	}
}

func (c *check) matchResources(p *at, m *admissionv1.MatchResources) {
	list := p.field("resourceRules")
	for i, r := range m.ResourceRules {
		place := list.item(i)
		if len(r.Operations) == 0 || len(r.APIGroups) == 0 || len(r.APIVersions) == 0 || len(r.Resources) == 0 {
			c.bad(&place, "", "apiGroups, apiVersions, operations and resources are required")
		}
		for _, op := range r.Operations {
			switch op {
			case admissionv1.OperationAll, admissionv1.Create, admissionv1.Update, admissionv1.Delete, admissionv1.Connect:
			default:
				c.bad(&place, "operations", "%q is not an operation", op)
			}
		}
	}
}

func (c *check) admissionBinding(s *admissionv1.ValidatingAdmissionPolicyBindingSpec) {
	if s.PolicyName == "" {
		c.bad(&specPlace, "policyName", "is required")
	}
	if r := s.ParamRef; r != nil {
		if (r.Name == "") == (r.Selector == nil) {
			c.bad(&specPlace, "paramRef", "needs either name or selector")
		}
		if a := r.ParameterNotFoundAction; a == nil || *a != admissionv1.AllowAction && *a != admissionv1.DenyAction {
			c.bad(&specPlace, "paramRef.parameterNotFoundAction", "Allow or Deny is required")
		}
	}
	if len(s.ValidationActions) == 0 {
		c.bad(&specPlace, "validationActions", "is required")
	}
	for i, a := range s.ValidationActions {
		if !slices.Contains([]admissionv1.ValidationAction{admissionv1.Deny, admissionv1.Warn, admissionv1.Audit}, a) ||
			slices.Contains(s.ValidationActions[:i], a) {
			c.bad(&specPlace, "validationActions", "%q is no action, or given twice", a)
		}
	}
	if slices.Contains(s.ValidationActions, admissionv1.Deny) && slices.Contains(s.ValidationActions, admissionv1.Warn) {
		c.bad(&specPlace, "validationActions", "Deny and Warn exclude each other")
	}
	if s.MatchResources != nil {
		place := specPlace.field("matchResources")
		c.matchResources(&place, s.MatchResources)
	}
}

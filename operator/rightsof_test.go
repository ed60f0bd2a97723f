package operator

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	sigsyaml "sigs.k8s.io/yaml"
)

// request is what the API server looks at when it decides about a request. The namespace is "" if it is about all of them.
type request struct{ verb, group, resource, namespace, name string }

// right is one verb for one resource that a role gives: in one namespace, or in all if that is "". A name is that of the only object.
type right struct {
	role string
	request
}

func (r right) String() string {
	text := r.role + ": " + r.verb + " " + r.resource
	if r.namespace != "" {
		text = r.role + " in " + r.namespace + ": " + r.verb + " " + r.resource
	}
	if r.group != "" {
		text += "." + r.group
	}
	if r.name != "" {
		text += " " + r.name
	}
	return text
}

// allows tells whether the right is enough for a request.
func (r right) allows(q request) bool {
	return r.verb == q.verb && r.group == q.group && r.resource == q.resource && (r.namespace == "" || r.namespace == q.namespace) && (r.name == "" || r.name == q.name)
}

// superfluous are the rights without which all of the requests would be let through as well: nothing asks for them, or another right does as well.
func superfluous(rights []right, requests map[request]bool) (names []string) {
	needed := map[right]bool{}
	for q := range requests {
		var by []right
		for _, r := range rights {
			if r.allows(q) {
				by = append(by, r)
			}
		}
		if len(by) == 1 {
			needed[by[0]] = true
		}
	}
	for _, r := range rights {
		if !needed[r] {
			names = append(names, r.String())
		}
	}
	slices.Sort(names)
	return names
}

// tooWide are the rights in all namespaces that are needed in some namespaces only.
func tooWide(rights []right, requests map[request]bool, places []string) (names []string) {
	for _, r := range rights {
		needed := func(q request) bool { return r.allows(q) && !slices.Contains(places, q.namespace) }
		if r.namespace == "" && !slices.ContainsFunc(slices.Collect(maps.Keys(requests)), needed) {
			names = append(names, r.String())
		}
	}
	slices.Sort(names)
	return names
}

func TestRightsThatAreTooWideAreFound(t *testing.T) {
	wide := right{"wide", request{verb: "get", resource: "secrets"}}
	narrow := right{"narrow", request{verb: "get", resource: "pods", namespace: "edge"}}
	for name, tt := range map[string]struct {
		request request
		want    []string
	}{
		"of all namespaces":              {request{verb: "get", resource: "secrets"}, nil},
		"of another namespace":           {request{"get", "", "secrets", "shop", "a"}, nil},
		"only of the place":              {request{"get", "", "secrets", "edge", "a"}, []string{"wide: get secrets"}},
		"a right of the place is narrow": {request{"get", "", "pods", "edge", "a"}, []string{"wide: get secrets"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tooWide([]right{wide, narrow}, map[request]bool{tt.request: true}, []string{"edge"})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSuperfluousRightsAreFound(t *testing.T) {
	everywhere := func(verb, resource, name string) right { return right{"wide", request{verb, "", resource, "", name}} }
	edge := func(verb, resource, name string) right {
		return right{"narrow", request{verb, "", resource, "edge", name}}
	}
	for name, tt := range map[string]struct {
		rights   []right
		requests []request
		want     []string
	}{
		"a right that is used": {
			rights:   []right{everywhere("get", "pods", "")},
			requests: []request{{"get", "", "pods", "shop", "a"}},
		},
		"a verb that is not": {
			rights:   []right{everywhere("get", "pods", ""), everywhere("update", "pods", "")},
			requests: []request{{"get", "", "pods", "shop", "a"}},
			want:     []string{"wide: update pods"},
		},
		"a name that is not": {
			rights:   []right{edge("get", "secrets", "a"), edge("get", "secrets", "b")},
			requests: []request{{"get", "", "secrets", "edge", "a"}},
			want:     []string{"narrow in edge: get secrets b"},
		},
		"another namespace, group, and part of the resource": {
			rights:   []right{edge("get", "secrets", ""), {"wide", request{verb: "get", group: "x.io", resource: "secrets"}}, everywhere("get", "secrets/status", "")},
			requests: []request{{"get", "", "secrets", "shop", "a"}},
			want:     []string{"narrow in edge: get secrets", "wide: get secrets.x.io", "wide: get secrets/status"},
		},
		"a right that another one includes": {
			rights:   []right{everywhere("get", "secrets", ""), edge("get", "secrets", "a")},
			requests: []request{{"get", "", "secrets", "edge", "a"}, {"get", "", "secrets", "shop", "a"}},
			want:     []string{"narrow in edge: get secrets a"},
		},
		"a right that is given twice": {
			rights:   []right{everywhere("list", "pods", ""), everywhere("list", "pods", "")},
			requests: []request{{"list", "", "pods", "", ""}},
			want:     []string{"wide: list pods", "wide: list pods"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			requests := map[request]bool{}
			for _, q := range tt.requests {
				requests[q] = true
			}
			if diff := cmp.Diff(tt.want, superfluous(tt.rights, requests)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// rendered are the objects that come out of a variant of the chart.
func rendered(t *testing.T, variant string) (out []*unstructured.Unstructured) {
	t.Helper()
	text, err := os.ReadFile("../testdata/chart/" + variant + "/rendered.yaml")
	require.NoError(t, err)
	for doc := range bytes.SplitSeq(text, []byte("\n---\n")) {
		u := &unstructured.Unstructured{}
		require.NoError(t, sigsyaml.Unmarshal(doc, &u.Object))
		out = append(out, u)
	}
	return out
}

// as gives an object as its type.
func as[T any](t *testing.T, u *unstructured.Unstructured) *T {
	t.Helper()
	out := new(T)
	require.NoError(t, runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, out))
	return out
}

// deployment is the operator's.
func deployment(t *testing.T, objects []*unstructured.Unstructured) *appsv1.Deployment {
	t.Helper()
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetKind() == "Deployment" })
	require.GreaterOrEqual(t, i, 0)
	return as[appsv1.Deployment](t, objects[i])
}

// rightsOf are those of the account under which the operator runs.
func rightsOf(t *testing.T, objects []*unstructured.Unstructured) (all []right) {
	t.Helper()
	d := deployment(t, objects)
	rules := map[string][]rbacv1.PolicyRule{}
	for _, o := range objects {
		if o.GetKind() == "ClusterRole" || o.GetKind() == "Role" {
			rules[o.GetKind()+" "+o.GetNamespace()+"/"+o.GetName()] = as[rbacv1.ClusterRole](t, o).Rules
		}
	}
	for _, o := range objects {
		if o.GetKind() != "ClusterRoleBinding" && o.GetKind() != "RoleBinding" {
			continue
		}
		b := as[rbacv1.ClusterRoleBinding](t, o)
		if !slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool {
			return s.Kind == "ServiceAccount" && s.Name == d.Spec.Template.Spec.ServiceAccountName && s.Namespace == d.Namespace
		}) {
			continue
		}
		role := "ClusterRole /" + b.RoleRef.Name
		if b.RoleRef.Kind == "Role" {
			role = "Role " + o.GetNamespace() + "/" + b.RoleRef.Name
		}
		require.NotEmpty(t, rules[role], "%s binds nothing", o.GetName())
		all = append(all, each(role, o.GetNamespace(), rules[role])...)
	}
	require.NotEmpty(t, all)
	return all
}

// each takes rules apart.
func each(role, namespace string, rules []rbacv1.PolicyRule) (all []right) {
	for _, rule := range rules {
		names := rule.ResourceNames
		if len(names) == 0 {
			names = []string{""}
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					for _, name := range names {
						all = append(all, right{role, request{verb, group, resource, namespace, name}})
					}
				}
			}
		}
		for _, url := range rule.NonResourceURLs { // the operator asks for none
			all = append(all, right{role, request{verb: fmt.Sprint(rule.Verbs), resource: url}})
		}
	}
	return all
}

// tried are the variants of the chart of which each right is tried, and shown to be needed.
var tried = [...]string{"preview", "without-secrets", "single", "monitoring-plain", "apply", "guard", "certificates", "team-gateways", "guard-team-gateways"}

// kindsOfRights are the rights, whatever roles, accounts, and namespaces of gateways and teams are called, each once.
func kindsOfRights(t *testing.T, objects []*unstructured.Unstructured) []string {
	t.Helper()
	own := deployment(t, objects).Namespace
	var out []string
	for _, r := range rightsOf(t, objects) {
		out = append(out, r.kind(own))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// kind names a right by where it is given, whatever roles and namespaces are called.
func (r right) kind(own string) string {
	switch r.namespace {
	case "":
		r.role = "everywhere"
	case own:
		r.role = "in its own namespace"
	default:
		r.role = "in some namespaces"
	}
	r.namespace = ""
	return r.String()
}

// All other variants, and all kustomizations, give the rights of one that is tried.
func TestEveryVariantHasTheRightsOfOneThatIsTried(t *testing.T) {
	of := map[string][]string{}
	for _, variant := range tried {
		of[variant] = kindsOfRights(t, rendered(t, variant))
	}
	want := map[string]string{
		"everything-else": "preview", "guard-alone": "preview", "monitoring": "preview", "monitoring-unverified": "preview",
		"kustomize preview": "preview", "kustomize base": "without-secrets", "kustomize default": "apply", "kustomize guarded": "guard",
	}
	for _, variant := range tried {
		want[variant] = variant
	}
	all := map[string][]*unstructured.Unstructured{}
	folders, err := filepath.Glob("../testdata/chart/*/rendered.yaml")
	require.NoError(t, err)
	for _, f := range folders {
		variant := filepath.Base(filepath.Dir(f))
		all[variant] = rendered(t, variant)
	}
	folders, err = filepath.Glob("../deploy/kustomize/*/kustomization.yaml")
	require.NoError(t, err)
	for _, f := range folders {
		name := filepath.Base(filepath.Dir(f))
		for _, o := range deployed(t, name) {
			tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
			require.NoError(t, err)
			all["kustomize "+name] = append(all["kustomize "+name], &unstructured.Unstructured{Object: tree})
		}
	}
	for name, objects := range all {
		if diff := cmp.Diff(of[want[name]], kindsOfRights(t, objects)); diff != "" {
			t.Errorf("%s (-%s +got):\n%s", name, want[name], diff)
		}
	}
}

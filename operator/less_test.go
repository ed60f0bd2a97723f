//go:build envtest

package operator

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// lesser is a site with an account that has the rights of a variant of the chart, of which one at a time is taken away and given back.
type lesser struct {
	*site
	test    string          // which rights are taken
	taken   map[string]bool // those that were
	options *Options
	config  *rest.Config
	roles   map[string]*unstructured.Unstructured // as the chart has them, by what rights call them
	rights  []right                               // each once
	own     string                                // the operator's namespace
	refused *refusals
	turn    *int
	now     *Operator
	health  string // its address
	stop    func()
}

func (c *cluster) lesser(t *testing.T, test, prefix string) *lesser {
	t.Helper()
	s, objects, o := c.siteOf(t, prefix, lessOf(test))
	l := &lesser{site: s, test: test, taken: map[string]bool{}, options: o, roles: map[string]*unstructured.Unstructured{}, own: o.Namespace, refused: &refusals{}, turn: new(int), stop: func() {}}
	for _, u := range objects {
		switch u.GetKind() {
		case "ClusterRole", "Role":
			l.roles[u.GetKind()+" "+u.GetNamespace()+"/"+u.GetName()] = u.DeepCopy()
		}
	}
	config, _ := c.accountOf(t, objects, nil)
	l.config = l.refused.watch(config)
	once := map[string]bool{}
	for _, r := range rightsOf(t, objects) {
		if name := r.kind(l.own) + r.role; !once[name] {
			once[name] = true
			l.rights = append(l.rights, r)
		}
	}
	s.unled(l.own)
	s.create("{apiVersion: v1, kind: Service, metadata: {name: new, namespace: NAME-blog}, spec: {ports: [{port: 80}]}}")
	return l
}

// starts runs the operator, in place of the one before.
func (l *lesser) starts(change func(*Options)) {
	l.t.Helper()
	l.stop()
	l.now, l.stop = l.running(l.t, l.config, func(o *Options) {
		asVariant(l.options)(o)
		o.MetricsAddress = "0"
		if change != nil {
			change(o)
		}
	})
}

// right finds one of the variant's.
func (l *lesser) right(where, verb, resource string) right {
	l.t.Helper()
	i := slices.IndexFunc(l.rights, func(r right) bool {
		return r.verb == verb && r.resource == resource && strings.HasPrefix(r.kind(l.own), where+": ")
	})
	require.GreaterOrEqual(l.t, i, 0, "nobody may %s %s %s", verb, resource, where)
	return l.rights[i]
}

// without takes one right away, and gives it back when give is called. By then the operator must not have asked in vain again and again.
func (l *lesser) without(r right) (give func()) {
	l.t.Helper()
	before, begin := l.refused.count(), time.Now()
	l.taken[r.kind(l.own)] = true
	l.write(r.role, func(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule { return less(rules, r.request) })
	l.decides(r, false)
	return func() {
		l.t.Helper()
		l.write(r.role, nil)
		l.decides(r, true)
		// Requests of some rounds, and of those that begin anew by and by: on a busy machine all this takes longer.
		most := 40 + 5*int(time.Since(begin)/time.Second)
		if n := l.refused.count() - before; n > most {
			l.t.Errorf("without %s, %d requests were refused", r, n)
		}
	}
}

// all shows that each right was taken away.
func (l *lesser) all() {
	l.t.Helper()
	want := map[string]bool{}
	for _, r := range l.rights {
		if r.takenBy(l.own) == l.test {
			want[r.kind(l.own)] = true
		}
	}
	if diff := cmp.Diff(keys(want), keys(l.taken)); diff != "" {
		l.t.Errorf("rights %s (-want +taken):\n%s", l.test, diff)
	}
}

// write makes a role as the chart has it, but for a change.
func (l *lesser) write(role string, change func([]rbacv1.PolicyRule) []rbacv1.PolicyRule) {
	l.t.Helper()
	u := l.roles[role].DeepCopy()
	unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
	if change != nil {
		changed := as[rbacv1.ClusterRole](l.t, u)
		changed.Rules = change(changed.Rules)
		tree, err := runtime.DefaultUnstructuredConverter.ToUnstructured(changed)
		require.NoError(l.t, err)
		u.Object["rules"] = tree["rules"]
	}
	require.NoError(l.t, l.admin.Apply(l.t.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("test"), client.ForceOwnership))
}

// decides waits until the API server has heard of what the account may do.
func (l *lesser) decides(r right, want bool) {
	l.t.Helper()
	resource, sub, _ := strings.Cut(r.resource, "/")
	l.eventually(func() error {
		q := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
			User:               "system:serviceaccount:" + chartNamespace + ":ingress2gw",
			ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: r.namespace, Verb: r.verb, Group: r.group, Resource: resource, Subresource: sub, Name: r.name},
		}}
		if err := l.admin.Create(l.t.Context(), q); err != nil {
			return err
		}
		if q.Status.Allowed != want {
			return fmt.Errorf("%s: allowed is %v", r, !want)
		}
		return nil
	})
}

// less are rules that do not allow one thing any more, and all else that they did.
func less(rules []rbacv1.PolicyRule, q request) (out []rbacv1.PolicyRule) {
	but := func(all []string, one string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(x string) bool { return x == one })
	}
	for _, rule := range rules {
		if !slices.Contains(rule.Verbs, q.verb) || !slices.Contains(rule.Resources, q.resource) || !slices.Contains(rule.APIGroups, q.group) ||
			(q.name == "") != (len(rule.ResourceNames) == 0) || q.name != "" && !slices.Contains(rule.ResourceNames, q.name) {
			out = append(out, rule)
			continue
		}
		others, verbs, names := *rule.DeepCopy(), *rule.DeepCopy(), *rule.DeepCopy()
		others.Resources = but(rule.Resources, q.resource)
		verbs.Resources, verbs.Verbs = []string{q.resource}, but(rule.Verbs, q.verb)
		names.Resources, names.Verbs, names.ResourceNames = []string{q.resource}, []string{q.verb}, but(rule.ResourceNames, q.name)
		if len(others.Resources) > 0 {
			out = append(out, others)
		}
		if len(verbs.Verbs) > 0 {
			out = append(out, verbs)
		}
		if len(names.ResourceNames) > 0 {
			out = append(out, names)
		}
	}
	return out
}

// said waits until a condition of an Ingress or of the Migration says what the operator may not, in the API server's words.
func (l *lesser) said(r right) {
	l.t.Helper()
	l.saysForbidden(fmt.Sprintf("cannot %s resource %q", r.verb, r.resource))
}

func (l *lesser) saysForbidden(part string) {
	l.t.Helper()
	l.eventually(func() error {
		all := l.conditions()
		if slices.ContainsFunc(all, func(c metav1.Condition) bool {
			return c.Status == metav1.ConditionFalse && c.Reason == v1alpha1.ReasonForbidden && strings.Contains(c.Message, part)
		}) {
			return nil
		}
		return fmt.Errorf("no condition says %s, but %v", part, all)
	})
}

// conditions are those of the Migration and of all that is said of Ingresses.
func (l *lesser) conditions() (all []metav1.Condition) {
	l.t.Helper()
	m := &v1alpha1.Migration{}
	require.NoError(l.t, l.admin.Get(l.t.Context(), client.ObjectKey{Name: l.name}, m))
	all = append(all, m.Status.Conditions...)
	list := &v1alpha1.IngressTranslationList{}
	require.NoError(l.t, l.admin.List(l.t.Context(), list))
	for i := range list.Items {
		if l.has(&list.Items[i]) {
			all = append(all, list.Items[i].Status.Conditions...)
		}
	}
	return all
}

// goesOn shows that others do not wait: a new Ingress gets its preview.
func (l *lesser) goesOn() {
	l.t.Helper()
	*l.turn++
	name := fmt.Sprintf("new-%d", *l.turn)
	l.create(fmt.Sprintf(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: %s, namespace: NAME-blog}
spec: {ingressClassName: NAME, rules: [{host: %[1]s.NAME.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: new, port: {number: 80}}}}]}}]}`, name))
	l.becomes("blog", name, v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	l.remove("blog", name)
}

// poked lets the operator look at everything: what it could not do is tried again only after a while.
func (l *lesser) poked() {
	l.t.Helper()
	*l.turn++
	l.label(&v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: l.name}}, "turn", strconv.Itoa(*l.turn))
}

// done waits until an Ingress is in a phase, and the Migration has nothing to say.
func (l *lesser) done(namespace, name string, p v1alpha1.Phase) {
	l.t.Helper()
	l.becomes(namespace, name, p, v1alpha1.ReasonDone)
	l.eventually(func() error { return l.migrationIs(l.name, v1alpha1.ReasonDone) })
}

// failures is how many errors the operator has counted.
func (l *lesser) failures() (n float64) {
	l.t.Helper()
	r := prometheus.NewRegistry()
	require.NoError(l.t, r.Register(l.now.metrics))
	all, err := r.Gather()
	require.NoError(l.t, err)
	for _, m := range all {
		if m.GetName() == "ingress2gw_errors_total" {
			n = m.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return n
}

// tells waits until a condition of an Ingress says something.
func (l *lesser) tells(namespace, name, part string) {
	l.t.Helper()
	l.eventually(func() error {
		it, err := l.translation(namespace, name)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(it.Status.Conditions, func(c metav1.Condition) bool {
			return c.Status == metav1.ConditionFalse && strings.Contains(c.Message, part)
		}) {
			return nil
		}
		return fmt.Errorf("%s/%s does not say %q, but %+v", namespace, name, part, it.Status)
	})
}

func differ(want, got map[string]string) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("(-want +got):\n%s", diff)
	}
	return nil
}

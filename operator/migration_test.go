//go:build envtest

package operator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// label writes a label of an object; "" removes it.
func (s *site) label(o client.Object, key, value string) {
	s.t.Helper()
	patch := fmt.Sprintf(`{"metadata": {"labels": {%q: %q}}}`, key, value)
	if value == "" {
		patch = fmt.Sprintf(`{"metadata": {"labels": {%q: null}}}`, key)
	}
	require.NoError(s.t, s.admin.Patch(s.t.Context(), o, client.RawPatch("application/merge-patch+json", []byte(patch))))
}

// An Ingress is a Migration's when its class, its namespace and its labels are; each is looked at again when it changes.
func TestWhatAMigrationSelects(t *testing.T) {
	s := shared(t).site(t, "selects", func(m *v1alpha1.Migration) {
		m.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"moves": "yes"}}
		m.Spec.IngressSelector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "stays", Operator: metav1.LabelSelectorOpDoesNotExist}}}
	})
	shop := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.ns("shop")}}
	s.label(shop, "moves", "yes")
	for _, name := range []string{"taken", "labelled", "classless"} {
		s.ingress("shop", name, name+".test")
	}
	s.ingress("blog", "elsewhere", "elsewhere.test")
	of := func(name string) *netv1.Ingress {
		return &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: name}}
	}
	class := func(name, class string) {
		t.Helper()
		patch := fmt.Sprintf(`{"spec": {"ingressClassName": %q}}`, class)
		require.NoError(t, s.admin.Patch(t.Context(), of(name), client.RawPatch("application/merge-patch+json", []byte(patch))))
	}
	s.label(of("labelled"), "stays", "yes")
	class("classless", "other")
	none := func(namespace, name string) {
		t.Helper()
		s.eventually(func() error {
			if _, err := s.translation(namespace, name); !apierrors.IsNotFound(err) {
				return fmt.Errorf("%s/%s is selected: %w", namespace, name, err)
			}
			return nil
		})
	}
	shared(t).operator(t, nil)
	s.becomes("shop", "taken", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	none("shop", "labelled")
	none("shop", "classless")
	none("blog", "elsewhere")
	s.label(of("labelled"), "stays", "")
	s.becomes("shop", "labelled", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	class("classless", s.name)
	s.becomes("shop", "classless", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.label(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: s.ns("blog")}}, "moves", "yes")
	s.becomes("blog", "elsewhere", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	// And out of it: what is not live is forgotten, what is live stays.
	s.phase("shop", "taken", v1alpha1.PhaseLive)
	s.becomes("shop", "taken", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	s.label(shop, "moves", "")
	none("shop", "labelled")
	s.becomes("shop", "taken", v1alpha1.PhaseLive, v1alpha1.ReasonSourceGone)
	if diff := cmp.Diff(want, s.bytes()); diff != "" {
		t.Errorf("(-selected +not selected):\n%s", diff)
	}
	s.label(shop, "moves", "yes")
	s.becomes("shop", "taken", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
}

// Who owns what, and to which Gateways routes attach, is as the Migration says; and all of it goes again.
func TestEachOwnership(t *testing.T) {
	for name, tt := range map[string]struct {
		change     func(*v1alpha1.Migration)
		want, none []string // kinds and namespaces
	}{
		"split":    {nil, []string{"Gateway edge", "VirtualService shop"}, []string{"VirtualService edge"}},
		"platform": {func(m *v1alpha1.Migration) { m.Spec.Ownership = "platform" }, []string{"Gateway edge", "VirtualService edge"}, []string{"VirtualService shop"}},
		"team":     {func(m *v1alpha1.Migration) { m.Spec.Ownership = "team" }, []string{"Gateway shop", "VirtualService shop"}, []string{"Gateway edge"}},
		"attached": {func(m *v1alpha1.Migration) {
			m.Spec.Shadow, m.Spec.GatewayMap = nil, []v1alpha1.GatewayMapping{{Host: "*", Gateway: v1alpha1.ObjectName{Namespace: "infra", Name: "main"}}}
		}, []string{"VirtualService shop"}, []string{"Gateway edge", "Gateway shop"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := shared(t).site(t, "own-"+name, tt.change)
			s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
			stop := shared(t).operator(t, nil)
			s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
			var got []string
			for _, o := range s.objects() {
				got = append(got, o.GetKind()+" "+strings.TrimPrefix(o.GetNamespace(), s.name+"-"))
			}
			for _, w := range tt.want {
				if !slices.Contains(got, w) {
					t.Errorf("there is no %s, but %v", w, got)
				}
			}
			for _, n := range tt.none {
				if slices.Contains(got, n) {
					t.Errorf("there is a %s", n)
				}
			}
			if name == "attached" {
				gateways, _, _ := unstructured.NestedStringSlice(s.get("VirtualService "+s.ns("shop")+"/i2g-a.test").Object, "spec", "gateways")
				if diff := cmp.Diff([]string{"infra/main"}, gateways); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			s.phase("shop", "a", v1alpha1.PhasePreview)
			s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
			s.empty()
			stop()
		})
	}
}

// The platform accepts a loss for some Ingresses; it blocks all others as before.
func TestAMigrationWaives(t *testing.T) {
	s := shared(t).site(t, "waives", nil)
	for _, n := range []string{"shop", "blog"} {
		s.create(`{apiVersion: v1, kind: Secret, metadata: {name: users, namespace: NAME-` + n + `}, stringData: {auth: "ann:x"}}`)
		s.ingress(n, "a", n+".test", phaseNote(v1alpha1.PhaseLive), "nginx.ingress.kubernetes.io/auth-type: basic", "nginx.ingress.kubernetes.io/auth-secret: users")
	}
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseShadow, v1alpha1.ReasonBlocked)
	s.becomes("blog", "a", v1alpha1.PhaseShadow, v1alpha1.ReasonBlocked)
	it, err := s.translation("shop", "a")
	require.NoError(t, err)
	s.migration(func(m *v1alpha1.MigrationSpec) {
		m.Waive = []v1alpha1.Waiver{{Code: it.Status.Blocking[0].Code, Object: "Ingress " + s.ns("shop") + "/*", Reason: "the mesh does it"}}
	})
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "a", v1alpha1.PhaseShadow, v1alpha1.ReasonBlocked)
}

// What kubectl get prints.
func TestColumns(t *testing.T) {
	s := shared(t).site(t, "columns", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.eventually(func() error { return s.migrationIs(s.name, v1alpha1.ReasonDone) })
	set, err := kubernetes.NewForConfig(s.config)
	require.NoError(t, err)
	table := func(path, name string) map[string]string {
		t.Helper()
		data, err := set.RESTClient().Get().AbsPath(path).SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").DoRaw(t.Context())
		require.NoError(t, err)
		u := &unstructured.Unstructured{}
		require.NoError(t, u.UnmarshalJSON(data))
		columns, _, _ := unstructured.NestedSlice(u.Object, "columnDefinitions")
		rows, _, _ := unstructured.NestedSlice(u.Object, "rows")
		out := map[string]string{}
		for _, row := range rows {
			cells := row.(map[string]any)["cells"].([]any)
			if cells[0] != name {
				continue
			}
			for i, c := range columns {
				out[c.(map[string]any)["name"].(string)] = fmt.Sprint(cells[i])
			}
		}
		delete(out, "Age")
		return out
	}
	it, err := s.translation("shop", "a")
	require.NoError(t, err)
	want := map[string]string{
		"Name": "a", "Phase": "live", "Wanted": "live", "Ready": "True", "Reason": v1alpha1.ReasonDone, "Blocking": "0", "Manual": "0", "Drifted": "False", "Message": "",
		"Approximate": fmt.Sprint(it.Status.Findings.Approximate), "Objects": fmt.Sprint(it.Status.ObjectCount),
	}
	if diff := cmp.Diff(want, table("/apis/ingress2gw.io/v1alpha1/namespaces/"+s.ns("shop")+"/ingresstranslations", "a")); diff != "" {
		t.Errorf("IngressTranslation (-want +got):\n%s", diff)
	}
	want = map[string]string{
		"Name": s.name, "Ingresses": "1", "Preview": "0", "Shadow": "0", "Live": "1", "Released": "0", "Blocked": "0", "Ready": "True", "Reason": v1alpha1.ReasonDone,
	}
	if diff := cmp.Diff(want, table("/apis/ingress2gw.io/v1alpha1/migrations", s.name)); diff != "" {
		t.Errorf("Migration (-want +got):\n%s", diff)
	}
}

package apply

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

func parse(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(text), &u.Object))
	return u
}

const service = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  namespace: shop
  name: web
  uid: u
  resourceVersion: "7"
  labels: {app.kubernetes.io/managed-by: ingress2gw, ingress2gw.io/migration: m, ingress2gw.io/edge: live, mine: x}
  annotations: {ingress2gw.io/hash: h, secret: KEYMATERIAL}
  managedFields: [{manager: ingress2gw-team, operation: Apply}]
spec: {hosts: [a.test]}
`

func TestWhatIsKeptOfAnAppliedObject(t *testing.T) {
	once, err := Strip(parse(t, service))
	require.NoError(t, err)
	twice, err := Strip(once)
	require.NoError(t, err)
	u := twice.(client.Object)
	content, err := digest(parse(t, service).Object)
	require.NoError(t, err)
	want := Live{
		Ref: Ref{"networking.istio.io/v1", "VirtualService", "shop", "web"}, UID: "u", Version: "7", Migration: "m", Edge: "live",
		Hash: "h", Content: content, Ours: true, Root: true,
	}
	if diff := cmp.Diff(want, LiveOf(u, want.GVK())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	data, err := yaml.Marshal(u)
	require.NoError(t, err)
	for _, no := range []string{"KEYMATERIAL", "mine", "a.test"} {
		if strings.Contains(string(data), no) {
			t.Errorf("%q is kept:\n%s", no, data)
		}
	}
}

func TestOfSecretsOnlyMetadataIsKept(t *testing.T) {
	o := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "edge", Name: "shop.tls", ResourceVersion: "3", Labels: map[string]string{v1alpha1.LabelMigration: "m", "mine": "x"},
		Annotations: map[string]string{AnnotationHash: "h", "kubectl.kubernetes.io/last-applied-configuration": "KEYMATERIAL"},
	}}
	for range 2 {
		_, err := Strip(o)
		require.NoError(t, err)
	}
	want := Live{Ref: Ref{"v1", "Secret", "edge", "shop.tls"}, Version: "3", Migration: "m", Hash: "h"}
	if diff := cmp.Diff(want, LiveOf(o, want.GVK())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{AnnotationHash: "h", annotationContent: ""}, o.Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
}

func TestTheDigestIsOfWhatIsOurs(t *testing.T) {
	base, err := digest(parse(t, service).Object)
	require.NoError(t, err)
	for name, tt := range map[string]struct {
		change func(*unstructured.Unstructured)
		same   bool
	}{
		"its own hash":         {func(u *unstructured.Unstructured) { annotate(u, AnnotationHash, "other") }, true},
		"a foreign annotation": {func(u *unstructured.Unstructured) { annotate(u, "mine", "x") }, true},
		"a foreign label":      {func(u *unstructured.Unstructured) { u.SetLabels(with(u.GetLabels(), "mine", "y")) }, true},
		"status":               {func(u *unstructured.Unstructured) { u.Object["status"] = map[string]any{"a": "b"} }, true},
		"a label of ours":      {func(u *unstructured.Unstructured) { u.SetLabels(with(u.GetLabels(), v1alpha1.LabelEdge, "shadow")) }, false},
		"an annotation":        {func(u *unstructured.Unstructured) { annotate(u, "ingress2gw.io/origin", "x") }, false},
		"the spec":             {func(u *unstructured.Unstructured) { u.Object["spec"] = map[string]any{"hosts": []any{"b.test"}} }, false},
		"another field":        {func(u *unstructured.Unstructured) { u.Object["data"] = map[string]any{"a": "b"} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			u := parse(t, service)
			tt.change(u)
			got, err := digest(u.Object)
			require.NoError(t, err)
			if (got == base) != tt.same {
				t.Errorf("the same: %v", got == base)
			}
		})
	}
}

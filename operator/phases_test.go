//go:build envtest

package operator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

func TestEachPhaseAndTheWayBack(t *testing.T) {
	s := shared(t).site(t, "phases", nil)
	s.ingress("shop", "a", "a.test")
	s.ingress("blog", "b", "b.test")
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	if got := keys(s.objects()); len(got) > 0 {
		t.Errorf("the preview applied %v", got)
	}
	it, err := s.translation("shop", "a")
	require.NoError(t, err)
	if len(it.OwnerReferences) != 1 || it.Spec.Ingress != nil || it.Status.ObjectCount == 0 || it.Status.Objects[0].Hash == "" || it.Status.Hosts[0] != "a.test" {
		t.Errorf("the IngressTranslation is %+v", it)
	}

	var states []map[string]string
	steps := []v1alpha1.Phase{v1alpha1.PhaseShadow, v1alpha1.PhaseLive, v1alpha1.PhaseShadow, v1alpha1.PhasePreview, v1alpha1.PhaseLive, v1alpha1.PhasePreview}
	for _, p := range steps {
		s.phase("shop", "a", p)
		s.becomes("shop", "a", p, v1alpha1.ReasonDone)
		states = append(states, s.bytes())
	}
	for i, want := range map[int]int{2: 0, 4: 1} {
		if diff := cmp.Diff(states[want], states[i]); diff != "" {
			t.Errorf("%s for the second time (-first +second):\n%s", steps[i], diff)
		}
	}
	for _, i := range []int{3, 5} {
		if got := keys(states[i]); len(got) > 0 {
			t.Errorf("back in preview there are %v", got)
		}
	}
	in := func(i int, part string) bool { return strings.Contains(strings.Join(keys(states[i]), "\n"), part) }
	for what, ok := range map[string]bool{
		"the shadow has a Gateway in its own namespace":       in(0, "Gateway phases-shadow/i2g-http") && !in(0, "Gateway phases-edge/"),
		"and nothing but a VirtualService beside the Ingress": in(0, "VirtualService phases-shop/i2g-a.test"),
		"live has the Gateway":                                in(1, "Gateway phases-edge/i2g-http") && !in(1, "phases-shadow/"),
		"with the same VirtualService":                        in(1, "VirtualService phases-shop/i2g-a.test"),
	} {
		if !ok {
			t.Errorf("not so: %s\nshadow: %v\nlive: %v", what, keys(states[0]), keys(states[1]))
		}
	}
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
}

func TestWhatIsAppliedIsWhatItsHashSays(t *testing.T) {
	s := shared(t).site(t, "hashes", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), `nginx.ingress.kubernetes.io/whitelist-source-range: "10.0.0.0/8"`)
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	it, err := s.translation("shop", "a")
	require.NoError(t, err)
	for _, o := range it.Status.Objects {
		u := s.get(fmt.Sprintf("%s %s/%s", o.Kind, o.Namespace, o.Name))
		if got := u.GetAnnotations()["ingress2gw.io/hash"]; got != o.Hash {
			t.Errorf("%s has hash %q, its status says %q", u.GetName(), got, o.Hash)
		}
	}
	for name, u := range s.objects() {
		if owners := managers(u); u.GetKind() != "Secret" && cmp.Diff([]string{managerOf(u)}, owners) != "" {
			t.Errorf("%s belongs to %v", name, owners)
		}
	}
}

func managerOf(u *unstructured.Unstructured) string {
	if strings.HasSuffix(u.GetNamespace(), "-edge") || strings.HasSuffix(u.GetNamespace(), "-shadow") {
		return v1alpha1.ManagerPlatform
	}
	return v1alpha1.ManagerTeam
}

func managers(u *unstructured.Unstructured) (names []string) {
	for _, f := range u.GetManagedFields() {
		names = append(names, f.Manager)
	}
	return names
}

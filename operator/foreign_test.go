//go:build envtest

package operator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

const foreignService = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: i2g-a.test, namespace: NAME-shop, labels: {LABEL: x}}
spec: {hosts: [other.test], http: [{route: [{destination: {host: other}}]}]}`

func TestAForeignObjectOfTheSameNameIsNotTouched(t *testing.T) {
	for name, label := range map[string]string{"foreign": "team", "disguised": v1alpha1.LabelMigration} {
		t.Run(name, func(t *testing.T) {
			s := shared(t).site(t, name, nil)
			text := strings.ReplaceAll(foreignService, "LABEL: x", label+": "+name)
			if label == v1alpha1.LabelMigration {
				text = strings.ReplaceAll(text, "labels: {", "labels: {"+v1alpha1.LabelEdge+": live, ")
			}
			s.create(text)
			object := "VirtualService " + s.ns("shop") + "/i2g-a.test"
			before := s.get(object)
			s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
			s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
			shared(t).operator(t, nil)
			s.eventually(func() error {
				return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonForeignObject)
			})
			s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
			it, err := s.translation("shop", "a")
			require.NoError(t, err)
			if c := meta.FindStatusCondition(it.Status.Conditions, v1alpha1.ConditionReady); !strings.Contains(c.Message, "operator.test") {
				t.Errorf("the condition does not say whose it is: %s", c.Message)
			}
			s.phase("shop", "a", v1alpha1.PhasePreview)
			s.phase("blog", "b", v1alpha1.PhasePreview)
			s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
			s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
			if diff := cmp.Diff(before, s.get(object)); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
			if got := keys(s.objects()); len(got) != 1 {
				t.Errorf("there are %v", got)
			}
		})
	}
}

func TestWhatConvertWroteIsTakenOverWhenAsked(t *testing.T) {
	s := shared(t).site(t, "adopted", nil)
	s.create(strings.ReplaceAll(foreignService, "LABEL: x", "app.kubernetes.io/managed-by: ingress2gw"))
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonForeignObject)
	})
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Adopt = "generated" })
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	object := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	if got := hosts(s.get(object)); cmp.Diff([]string{"a.test"}, got) != "" {
		t.Errorf("its hosts are %v", got)
	}
	s.phase("shop", "a", v1alpha1.PhasePreview)
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	if diff := cmp.Diff([]string{object}, keys(s.objects())); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
	left := s.get(object)
	if diff := cmp.Diff(map[string]string{"app.kubernetes.io/managed-by": "ingress2gw"}, left.GetLabels()); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	for _, m := range managers(left) {
		if strings.HasPrefix(m, "ingress2gw-p") || strings.HasPrefix(m, "ingress2gw-t") {
			t.Errorf("it still belongs to %s", m)
		}
	}
}

func hosts(u *unstructured.Unstructured) []string {
	h, _, _ := unstructured.NestedStringSlice(u.Object, "spec", "hosts")
	return h
}

// migration changes the site's Migration.
func (s *site) migration(change func(*v1alpha1.MigrationSpec)) {
	s.t.Helper()
	s.eventually(func() error {
		m := &v1alpha1.Migration{}
		if err := s.admin.Get(s.t.Context(), client.ObjectKey{Name: s.name}, m); err != nil {
			return err
		}
		change(&m.Spec)
		return s.admin.Update(s.t.Context(), m)
	})
}

// edit changes an applied object as somebody with kubectl would.
func (s *site) edit(name, patch string) {
	s.t.Helper()
	require.NoError(s.t, s.admin.Patch(s.t.Context(), s.get(name), client.RawPatch(types.MergePatchType, []byte(patch)), client.FieldOwner("kubectl-edit")))
}

const gone = `{"spec": {"hosts": ["stolen.test"]}}`

func TestForeignEditsAreRepaired(t *testing.T) {
	s := shared(t).site(t, "repairs", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), `nginx.ingress.kubernetes.io/whitelist-source-range: "10.0.0.0/8"`)
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	service := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	same := func() error {
		if diff := cmp.Diff(want, s.bytes()); diff != "" {
			return fmt.Errorf("(-want +got):\n%s", diff)
		}
		return nil
	}
	s.edit(service, gone)
	s.eventually(same)
	require.NoError(t, s.admin.Delete(t.Context(), s.get(service)))
	s.eventually(same)
	for name, o := range s.objects() {
		if o.GetKind() == "EnvoyFilter" {
			s.edit(name, `{"spec": {"configPatches": []}}`)
			s.eventually(same)
		}
	}
	s.edit(service, `{"metadata": {"labels": {"ingress2gw.io/migration": "other"}}}`)
	s.eventually(same)
	s.edit(service, `{"metadata": {"labels": {"mine": "yes"}}}`)
	s.edit(service, gone)
	s.eventually(func() error {
		if got := hosts(s.get(service)); got[0] != "a.test" {
			return fmt.Errorf("hosts are %v", got)
		}
		return nil
	})
	if s.get(service).GetLabels()["mine"] != "yes" {
		t.Error("a label of somebody else is gone")
	}
}

func TestWhoChangesThingsAgainAndAgainWins(t *testing.T) {
	s := shared(t).site(t, "fights", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	service := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	for range 5 {
		s.edit(service, gone)
		s.eventually(func() error {
			if got := hosts(s.get(service)); got[0] != "a.test" {
				return fmt.Errorf("hosts are %v", got)
			}
			return nil
		})
	}
	s.edit(service, gone)
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonConflict)
	})
	s.applied("shop", "a", v1alpha1.ReasonConflict, "by kubectl-edit")
	if got := hosts(s.get(service)); got[0] != "stolen.test" {
		t.Errorf("hosts are %v", got)
	}
}

func TestForeignEditsAreReported(t *testing.T) {
	s := shared(t).site(t, "reports", func(m *v1alpha1.Migration) { m.Spec.Drift = "report" })
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	stop := shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	service := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	s.edit(service, gone)
	drifted := func(reason string) func() error {
		return func() error { return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionDrifted, reason) }
	}
	s.eventually(drifted(v1alpha1.ReasonChanged))
	stop()
	shared(t).operator(t, nil) // it must not forget
	filter := "EnvoyFilter " + s.ns("edge") + "/i2g-route." + s.ns("shop") + ".a"
	s.edit(filter, `{"spec": {"configPatches": []}}`)
	s.eventually(drifted(v1alpha1.ReasonProtection))
	if got := hosts(s.get(service)); got[0] != "stolen.test" {
		t.Errorf("hosts are %v", got)
	}
	s.eventually(func() error {
		m := &v1alpha1.Migration{}
		err := s.admin.Get(t.Context(), client.ObjectKey{Name: s.name}, m)
		if err == nil && m.Status.Drifted != 2 {
			err = fmt.Errorf("the Migration counts %d", m.Status.Drifted)
		}
		return err
	})
	// What is to be applied now meets somebody else's fields.
	s.say("shop", "a", "nginx.ingress.kubernetes.io/proxy-read-timeout", "17")
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonConflict)
	})
	it, err := s.translation("shop", "a")
	require.NoError(t, err)
	if c := meta.FindStatusCondition(it.Status.Conditions, v1alpha1.ConditionApplied); !strings.Contains(c.Message, "kubectl-edit") {
		t.Errorf("the condition does not name the other: %s", c.Message)
	}
}

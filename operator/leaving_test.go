//go:build envtest

package operator

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

func (s *site) remove(namespace, name string) {
	s.t.Helper()
	require.NoError(s.t, s.admin.Delete(s.t.Context(), &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns(namespace), Name: name}}))
}

func TestALiveIngressThatIsDeletedIsKept(t *testing.T) {
	s := shared(t).site(t, "keeps", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	stop := shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	s.remove("shop", "a")
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonSourceGone)
	stop()
	s.remove("blog", "b") // while nobody looks
	stop = shared(t).operator(t, nil)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonSourceGone)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonSourceGone)
	if diff := cmp.Diff(want, s.bytes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, n := range []string{"shop", "blog"} {
		it, err := s.translation(n, n[:0]+map[string]string{"shop": "a", "blog": "b"}[n])
		require.NoError(t, err)
		require.NoError(t, s.admin.Delete(t.Context(), it))
	}
	s.empty()
}

// empty waits until the site has no applied objects.
func (s *site) empty() {
	s.t.Helper()
	s.eventually(func() error {
		if got := keys(s.objects()); len(got) > 0 {
			return fmt.Errorf("there are %v", got)
		}
		return nil
	})
}

func TestALiveIngressThatIsDeletedIsPrunedWhenAsked(t *testing.T) {
	s := shared(t).site(t, "prunes", func(m *v1alpha1.Migration) { m.Spec.OnIngressDelete = "prune" })
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	it, err := s.translation("shop", "a")
	require.NoError(t, err)
	s.remove("shop", "a")
	s.empty()
	s.gone(it)
}

func TestAHostIsReleasedAndTakenBack(t *testing.T) {
	s := shared(t).site(t, "released", nil)
	filter := `nginx.ingress.kubernetes.io/whitelist-source-range: "10.0.0.0/8"`
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), filter)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	stop := shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	live := s.bytes()

	s.phase("shop", "a", v1alpha1.PhaseReleased)
	s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	if diff := cmp.Diff(keys(live), keys(s.objects())); diff != "" {
		t.Errorf("objects (-live +released):\n%s", diff)
	}
	service := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	for name, o := range s.objects() {
		team := strings.HasPrefix(o.GetNamespace(), s.ns("shop"))
		if marked := o.GetLabels()[v1alpha1.LabelMigration] != "" || o.GetLabels()["app.kubernetes.io/managed-by"] != ""; marked == team {
			t.Errorf("%s has labels %v", name, o.GetLabels())
		}
	}
	for _, m := range managers(s.get(service)) {
		if m == v1alpha1.ManagerTeam || m == v1alpha1.ManagerPlatform {
			t.Errorf("%s still has fields of the VirtualService", m)
		}
	}
	// The team does what it likes, and the Ingress goes.
	s.edit(service, `{"spec": {"hosts": ["a.test", "www.a.test"]}}`)
	s.remove("shop", "a")
	s.say("blog", "b", "nginx.ingress.kubernetes.io/proxy-read-timeout", "17")
	s.eventually(func() error {
		if data := s.bytes()["VirtualService "+s.ns("blog")+"/i2g-b.test"]; data == live["VirtualService "+s.ns("blog")+"/i2g-b.test"] {
			return fmt.Errorf("the change of b is not applied")
		}
		return nil
	})
	s.becomes("shop", "a", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	stop()
	stop = shared(t).operator(t, nil)
	s.say("blog", "b", "nginx.ingress.kubernetes.io/proxy-read-timeout", "")
	s.eventually(func() error {
		if data := s.bytes()["VirtualService "+s.ns("blog")+"/i2g-b.test"]; data != live["VirtualService "+s.ns("blog")+"/i2g-b.test"] {
			return fmt.Errorf("the change of b is not taken back:\n%s", data)
		}
		return nil
	})
	for _, name := range []string{"Gateway " + s.ns("edge") + "/i2g-http", "EnvoyFilter " + s.ns("edge") + "/i2g-routes"} {
		s.eventually(func() error { // what no route needs any more goes after the routes
			if diff := cmp.Diff(live[name], s.bytes()[name]); diff != "" {
				return fmt.Errorf("%s (-live +now):\n%s", name, diff)
			}
			return nil
		})
	}
	if got := hosts(s.get(service)); len(got) != 2 {
		t.Errorf("the team's change is gone: %v", got)
	}
	// And back.
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), filter)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	if diff := cmp.Diff(live[service], s.bytes()[service]); diff != "" {
		t.Errorf("(-live +taken back):\n%s", diff)
	}
}

func TestASuspendedIngressStaysAsItIs(t *testing.T) {
	s := shared(t).site(t, "suspended", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	s.say("shop", "a", v1alpha1.AnnotationSuspend, "true")
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonSuspended)
	s.phase("shop", "a", v1alpha1.PhasePreview)
	s.say("shop", "a", "nginx.ingress.kubernetes.io/proxy-read-timeout", "17")
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	now := s.bytes()
	for name := range want {
		if strings.Contains(name, s.ns("shop")) && want[name] != now[name] {
			t.Errorf("%s (-want +got):\n%s", name, cmp.Diff(want[name], now[name]))
		}
	}
	s.say("shop", "a", v1alpha1.AnnotationSuspend, "")
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
}

// TestWhatASuspendedIngressSharesStaysAsItIs changes how a Service is reached to which a suspended Ingress leads, too.
func TestWhatASuspendedIngressSharesStaysAsItIs(t *testing.T) {
	s := shared(t).site(t, "sharing", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("shop", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.say("shop", "a", v1alpha1.AnnotationSuspend, "true")
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonSuspended)
	before := s.rest()
	require.NoError(t, s.admin.Delete(t.Context(), s.get("DestinationRule "+s.ns("shop")+"/i2g-web")))
	s.equals(before) // the other one needs it
	h := s.record()
	s.say("shop", "b", "nginx.ingress.kubernetes.io/upstream-hash-by", "$request_uri")
	s.eventually(func() error {
		return s.is("shop", "b", v1alpha1.PhaseLive, v1alpha1.ConditionApplied, v1alpha1.ReasonWaitsForOthers)
	})
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonSuspended)
	if diff := cmp.Diff(before, s.rest()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	s.say("shop", "a", v1alpha1.AnnotationSuspend, "")
	for _, name := range []string{"a", "b"} {
		s.becomes("shop", name, v1alpha1.PhaseLive, v1alpha1.ReasonDone)
		if text := s.bytes()["VirtualService "+s.ns("shop")+"/i2g-"+name+".test"]; !strings.Contains(text, "subset: i2g-hash-") {
			t.Errorf("%s is not hashed:\n%s", name, text)
		}
	}
	check(t, h.ends(), nil)
}

func TestASuspendedMigrationChangesNothing(t *testing.T) {
	s := shared(t).site(t, "halted", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Suspend = true })
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonSuspended)
	s.phase("shop", "a", v1alpha1.PhasePreview)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	s.eventually(func() error {
		it, err := s.translation("blog", "b")
		if err == nil && it.Status.ObjectCount == 0 {
			err = fmt.Errorf("it is not translated")
		}
		return err
	})
	if diff := cmp.Diff(want, s.bytes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Suspend = false })
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
}

func TestAMigrationThatIsDeletedLeavesLiveTraffic(t *testing.T) {
	s := shared(t).site(t, "uninstall", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("blog", "b", "b.test")
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	want := s.bytes()
	preview, err := s.translation("blog", "b")
	require.NoError(t, err)
	m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: s.name}}
	require.NoError(t, s.admin.Delete(t.Context(), m))
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonNoMigration)
	s.gone(preview)
	if diff := cmp.Diff(want, s.bytes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	m = &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: s.name}, Spec: v1alpha1.MigrationSpec{
		Source: v1alpha1.Source{IngressClass: s.name, ControllerClass: "example.com/" + s.name}, Gateway: v1alpha1.Gateway{Namespace: s.ns("edge")}, OnDelete: "prune",
	}}
	require.NoError(t, s.admin.Create(t.Context(), m)) // and it goes on where it was
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	if diff := cmp.Diff(want, s.bytes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.eventually(func() error {
		err := s.admin.Get(t.Context(), client.ObjectKeyFromObject(m), m)
		if err == nil && len(m.Finalizers) == 0 {
			err = fmt.Errorf("there is no finalizer")
		}
		return err
	})
	require.NoError(t, s.admin.Delete(t.Context(), m))
	s.gone(m)
	if got := keys(s.objects()); len(got) > 0 {
		t.Errorf("there are %v", got)
	}
}

//go:build envtest

package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/settings"
)

const allowList = `nginx.ingress.kubernetes.io/whitelist-source-range: "10.0.0.0/8"`

// mirrored is what an EnvoyFilter of the Ingress alone is written for; lists and limits that are equal share one.
const mirrored = `nginx.ingress.kubernetes.io/mirror-target: "https://mirror.test$request_uri"`

// TestKilledAnywhereItConverges ends the operator again and again while hosts move, and compares what is there in the end with what an
// operator does that is left alone.
func TestKilledAnywhereItConverges(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	s := shared(t).site(t, "killed", nil)
	type ingress struct{ namespace, name string }
	var all []ingress
	for i := range 12 {
		x := ingress{[]string{"shop", "blog"}[i%2], fmt.Sprintf("i%d", i)}
		all = append(all, x)
		s.ingress(x.namespace, x.name, fmt.Sprintf("h%d.test", i/2), allowList) // two namespaces share each host
	}
	phases := []v1alpha1.Phase{v1alpha1.PhasePreview, v1alpha1.PhaseShadow, v1alpha1.PhaseLive}
	wanted := map[ingress]v1alpha1.Phase{}
	killed := 0
	defer func() { suffered(t, map[string]int{"operators killed": killed}) }()
	for range 12 {
		dies := shared(t).dying(t)
		for range 3 {
			i := random.IntN(len(all) / 2)
			p := phases[random.IntN(len(phases))]
			for _, x := range all[2*i : 2*i+2] {
				s.phase(x.namespace, x.name, p)
				wanted[x] = p
			}
			time.Sleep(time.Duration(random.IntN(120)) * time.Millisecond)
		}
		dies()
		killed++
	}
	for _, x := range all {
		if wanted[x] == "" {
			wanted[x] = v1alpha1.PhasePreview
		}
	}
	settle := func() map[string]string {
		shared(t).operator(t, nil)
		for _, x := range all {
			s.becomes(x.namespace, x.name, wanted[x], v1alpha1.ReasonDone)
		}
		var last map[string]string
		s.eventually(func() error { // what is no longer needed goes last
			now := s.bytes()
			if diff := cmp.Diff(last, now); diff != "" || last == nil {
				last = now
				time.Sleep(500 * time.Millisecond)
				return fmt.Errorf("it still changes: %s", diff)
			}
			return nil
		})
		return last
	}
	got := settle()
	for _, x := range all {
		s.phase(x.namespace, x.name, v1alpha1.PhasePreview)
	}
	for _, x := range all {
		s.becomes(x.namespace, x.name, v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	}
	s.empty()
	for _, x := range all {
		s.phase(x.namespace, x.name, wanted[x])
	}
	want := settle()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-undisturbed +killed):\n%s", diff)
	}
}

func TestHostilesCostOnlyThemselves(t *testing.T) {
	s := shared(t).site(t, "hostile", nil)
	s.ingress("shop", "good", "good.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	shared(t).operator(t, nil)
	s.becomes("shop", "good", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	live := phaseNote(v1alpha1.PhaseLive)
	huge := strings.Repeat("x", 200_000)
	s.ingress("blog", "huge", "huge.test", live, "nginx.ingress.kubernetes.io/configuration-snippet: "+huge)
	s.ingress("blog", "quotes", "quotes.test", live, `nginx.ingress.kubernetes.io/custom-headers: "a/b\n---\nkind: Secret"`)
	s.ingress("blog", "format", "format.test", live, `nginx.ingress.kubernetes.io/upstream-vhost: "%REQ(secret)%\u0001"`)
	s.ingress("blog", "regex", "regex.test", live, `nginx.ingress.kubernetes.io/use-regex: "true"`, `nginx.ingress.kubernetes.io/rewrite-target: "/$1/((((("`)
	s.ingress("blog", "ranges", "ranges.test", live, `nginx.ingress.kubernetes.io/whitelist-source-range: "nonsense"`)
	s.ingress("blog", "word", "word.test", v1alpha1.AnnotationPhase+": LIVE")
	s.ingress("blog", "thief", "good.test", v1alpha1.AnnotationPhase+": preview") // would take the host down with it
	s.ingress("blog", "second", "second.test", live)
	s.becomes("blog", "second", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "word", v1alpha1.PhasePreview, v1alpha1.ReasonInvalid)
	s.becomes("shop", "good", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	for _, name := range []string{"huge", "quotes", "format", "regex", "ranges", "thief"} {
		s.eventually(func() error {
			it, err := s.translation("blog", name)
			if err == nil && len(it.Status.Conditions) == 0 {
				err = fmt.Errorf("%s has no status", name)
			}
			return err
		})
	}
	now := s.bytes()
	for _, name := range []string{"VirtualService " + s.ns("shop") + "/i2g-good.test", "EnvoyFilter " + s.ns("edge") + "/i2g-route." + s.ns("shop") + ".good"} {
		if diff := cmp.Diff(want[name], now[name]); diff != "" {
			t.Errorf("%s (-before +after):\n%s", name, diff)
		}
	}
	for name := range now {
		if strings.HasPrefix(name, "Secret ") {
			t.Errorf("there is %s", name)
		}
	}
}

func TestALostProtectionKeepsAHostBack(t *testing.T) {
	s := shared(t).site(t, "blocked", nil)
	users := []string{"nginx.ingress.kubernetes.io/auth-type: basic", "nginx.ingress.kubernetes.io/auth-secret: users"}
	for _, n := range []string{"shop", "blog"} {
		s.create(`{apiVersion: v1, kind: Secret, metadata: {name: users, namespace: NAME-` + n + `}, stringData: {auth: "ann:x"}}`)
	}
	s.ingress("shop", "a", "a.test", append(users, phaseNote(v1alpha1.PhaseLive))...)
	s.ingress("shop", "b", "a.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("blog", "c", "c.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseShadow, v1alpha1.ReasonBlocked)
	s.becomes("shop", "b", v1alpha1.PhaseShadow, v1alpha1.ReasonBlocked)
	s.becomes("blog", "c", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	it, err := s.translation("shop", "a")
	require.NoError(t, err)
	if it.Status.BlockingCount == 0 || it.Status.Blocking[0].Code == "" {
		t.Errorf("what blocks is not said: %+v", it.Status)
	}
	s.say("shop", "a", v1alpha1.AnnotationWaive, it.Status.Blocking[0].Code+": the mesh does it")
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	// A live host whose route closes is not taken down.
	s.say("blog", "c", "nginx.ingress.kubernetes.io/auth-type", "basic")
	s.say("blog", "c", "nginx.ingress.kubernetes.io/auth-secret", "users")
	s.becomes("blog", "c", v1alpha1.PhaseLive, v1alpha1.ReasonBlocked)
}

func TestTwoMigrationsDoNotShareAGateway(t *testing.T) {
	s := shared(t).site(t, "overlap", nil)
	shared(t).operator(t, nil)
	m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: "overlap-z"}, Spec: v1alpha1.MigrationSpec{Gateway: v1alpha1.Gateway{Namespace: s.ns("shadow")}}}
	require.NoError(t, s.admin.Create(t.Context(), m))
	t.Cleanup(func() { _ = s.admin.Delete(context.WithoutCancel(t.Context()), m) })
	s.eventually(func() error { return s.migrationIs(m.Name, v1alpha1.ReasonOverlap) })
	s.eventually(func() error { return s.migrationIs(s.name, v1alpha1.ReasonDone) })
}

func (s *site) migrationIs(name, reason string) error {
	m := &v1alpha1.Migration{}
	if err := s.admin.Get(s.t.Context(), client.ObjectKey{Name: name}, m); err != nil {
		return err
	}
	if c := meta.FindStatusCondition(m.Status.Conditions, v1alpha1.ConditionReady); c == nil || c.Reason != reason {
		return fmt.Errorf("Migration %s is %+v, not %s", name, m.Status.Conditions, reason)
	}
	return nil
}

func TestWhatNobodyMeantIsNotDone(t *testing.T) {
	s := shared(t).site(t, "limits", func(m *v1alpha1.Migration) {
		m.Spec.Limits, m.Spec.DefaultPhase = v1alpha1.Limits{Removals: 3, Objects: 30}, v1alpha1.PhaseLive
	})
	s.ingress("shop", "a", "a.test", allowList)
	s.ingress("shop", "b", "b.test", allowList)
	s.ingress("blog", "c", "c.test", phaseNote(v1alpha1.PhaseLive))
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "c", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.rest()
	want := s.bytes()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.DefaultPhase = v1alpha1.PhasePreview }) // two at once
	s.eventually(func() error { return s.migrationIs(s.name, v1alpha1.ReasonLimitExceeded) })
	s.rest()
	// What all share is as it was, too: the routes that are kept need their filters and hosts.
	if diff := cmp.Diff(want, s.bytes()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Limits.Removals = 0 })
	s.phase("blog", "c", v1alpha1.PhasePreview)
	s.empty()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Limits.Objects = 2 })
	s.phase("shop", "a", v1alpha1.PhaseLive)
	s.eventually(func() error { return s.migrationIs(s.name, v1alpha1.ReasonLimitExceeded) })
	s.empty()
}

func TestTheSchemaRefusesMigrationsThatContradict(t *testing.T) {
	dark := map[string]string{"istio": "dark"}
	for want, change := range map[string]func(*v1alpha1.MigrationSpec){
		"needs a namespace of its own": func(m *v1alpha1.MigrationSpec) {
			m.Shadow = &v1alpha1.ShadowGateway{Namespace: "istio-system", Selector: dark}
		},
		"needs a shadow gateway": func(m *v1alpha1.MigrationSpec) { m.DefaultPhase = v1alpha1.PhaseShadow },
		"have no shadow": func(m *v1alpha1.MigrationSpec) {
			m.Shadow, m.GatewayMap = &v1alpha1.ShadowGateway{Namespace: "x", Selector: dark}, []v1alpha1.GatewayMapping{{Host: "*", Gateway: v1alpha1.ObjectName{Namespace: "a", Name: "b"}}}
		},
		"must be two ports":    func(m *v1alpha1.MigrationSpec) { m.Gateway.HTTPPort, m.Gateway.HTTPSPort = 80, 80 },
		"Unsupported value":    func(m *v1alpha1.MigrationSpec) { m.Drift = "maybe" },
		"should match":         func(m *v1alpha1.MigrationSpec) { m.Target.IstioVersion = "new" },
		"spec.waive[0].reason": func(m *v1alpha1.MigrationSpec) { m.Waive = []v1alpha1.Waiver{{Code: "I2G4001"}} },
	} {
		m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: "contradiction"}}
		change(&m.Spec)
		if err := shared(t).admin.Create(t.Context(), m, client.DryRunAll); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: strings.Repeat("x", 64)}}
	if err := shared(t).admin.Create(t.Context(), m, client.DryRunAll); err == nil {
		t.Error("a name that is no label is accepted")
	}
}

// A Gateway is every pod's that has the labels of its selector, wherever: the shadow's must not be the gateway's.
func TestTheShadowIsNotTheGateway(t *testing.T) {
	const own, none, missing = "no pod may have the labels of both gateways", "should have at least 1 properties", "spec.shadow.selector: Required value"
	is := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for name, tt := range map[string]struct {
		gateway, shadow map[string]string
		refused         string
	}{
		"another value of the same label":                       {nil, is("istio", "dark"), ""},
		"another label, which the gateway's pods may have, too": {nil, is("app", "dark"), own},
		"a label in common, and one of another value":           {is("app", "gw", "tier", "live"), is("app", "gw", "tier", "dark"), ""},
		"a label in common, and another each":                   {is("app", "gw", "a", "x"), is("app", "gw", "b", "x"), own},
		"the gateway's":                                         {is("app", "gw"), is("app", "gw"), own},
		"that of a gateway that says none":                      {nil, is("istio", "ingressgateway"), own},
		"that of a gateway that says an empty one":              {is(), is("istio", "ingressgateway"), own},
		"one label of the gateway's":                            {is("app", "gw", "tier", "live"), is("app", "gw"), own},
		"the gateway's, and one more":                           {is("app", "gw"), is("app", "gw", "tier", "dark"), own},
		"the gateway's that says none, and one more":            {nil, is("istio", "ingressgateway", "tier", "dark"), own},
		"no label": {is("app", "gw"), is(), none},
		"nothing, while the gateway has another label":  {is("app", "gw"), nil, missing},
		"the usual one, while the gateway is not usual": {is("istio", "public"), is("istio", "ingressgateway"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			spec := map[string]any{"shadow": map[string]any{"namespace": "dark"}}
			if tt.gateway != nil {
				spec["gateway"] = map[string]any{"selector": tt.gateway}
			}
			if tt.shadow != nil {
				spec["shadow"] = map[string]any{"namespace": "dark", "selector": tt.shadow}
			}
			data, err := json.Marshal(map[string]any{
				"apiVersion": v1alpha1.GroupVersion().String(), "kind": "Migration", "metadata": map[string]any{"name": "dark"}, "spec": spec,
			})
			require.NoError(t, err)
			u := &unstructured.Unstructured{}
			require.NoError(t, u.UnmarshalJSON(data))
			err = shared(t).admin.Create(t.Context(), u, client.DryRunAll)
			if tt.refused == "" && err != nil || tt.refused != "" && (err == nil || !strings.Contains(err.Error(), tt.refused)) {
				t.Errorf("want %q, got %v", tt.refused, err)
			}
			// What came before the schema knew is not followed either.
			m := &v1alpha1.Migration{ObjectMeta: metav1.ObjectMeta{Name: "dark"}, Spec: v1alpha1.MigrationSpec{
				Gateway: v1alpha1.Gateway{Selector: tt.gateway}, Shadow: &v1alpha1.ShadowGateway{Namespace: "dark", Selector: tt.shadow},
			}}
			if _, err := settings.Of(m); (err != nil) != (tt.refused != "") {
				t.Errorf("want %q, the operator says %v", tt.refused, err)
			}
		})
	}
}

// The shadow of a Migration is not the gateway of another.
func TestTheShadowIsNoOtherGateway(t *testing.T) {
	public, dark := map[string]string{"istio": "public"}, map[string]string{"istio": "unseen"}
	first := shared(t).site(t, "dark-a", func(m *v1alpha1.Migration) { m.Spec.Gateway.Selector, m.Spec.Shadow.Selector = public, dark })
	second := shared(t).site(t, "dark-b", func(m *v1alpha1.Migration) { m.Spec.Shadow.Selector = public })
	shared(t).operator(t, nil)
	first.eventually(func() error { return first.migrationIs("dark-a", v1alpha1.ReasonDone) })
	second.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseShadow))
	second.eventually(func() error { return second.migrationIs("dark-b", v1alpha1.ReasonOverlap) })
	second.migration(func(m *v1alpha1.MigrationSpec) {
		m.Gateway.Selector, m.Shadow.Selector = dark, map[string]string{"istio": "third"}
	})
	second.eventually(func() error { return second.migrationIs("dark-b", v1alpha1.ReasonOverlap) })
	second.rest()
	second.empty()
	second.migration(func(m *v1alpha1.MigrationSpec) { m.Gateway.Selector, m.Shadow.Selector = nil, dark }) // two shadows may be one
	second.eventually(func() error { return second.migrationIs("dark-b", v1alpha1.ReasonDone) })
	second.becomes("shop", "a", v1alpha1.PhaseShadow, v1alpha1.ReasonDone)
}

func TestTheGuardTokenIsKept(t *testing.T) {
	s := shared(t).site(t, "token", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	stop := shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: "ops", Name: "ingress2gw-guard-token"}
	require.NoError(t, s.admin.Get(t.Context(), key, secret))
	if len(secret.Data["token"]) < 20 {
		t.Errorf("the token has %d bytes", len(secret.Data["token"]))
	}
	want := s.bytes()
	for name, text := range want {
		if strings.Contains(text, string(secret.Data["token"])) {
			t.Errorf("%s holds the token itself", name)
		}
	}
	stop()
	shared(t).operator(t, nil)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	filter := "EnvoyFilter " + s.ns("edge") + "/i2g-route." + s.ns("shop") + ".a"
	if diff := cmp.Diff(want[filter], s.bytes()[filter]); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}

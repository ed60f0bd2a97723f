package sync

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/operator/settings"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// state is a round of one Ingress shop/a, which is where it wants to be.
type state struct {
	r *round
	a *item
	i *info
	t troubles
}

func newState(p v1alpha1.Phase) *state {
	key := snapshot.Key{Namespace: "shop", Name: "a"}
	s := &state{
		a: &item{
			key: key, cluster: &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Generation: 3}},
			source: &inputs.Ingress{Hosts: []string{"a.test"}, Certificates: []snapshot.Key{{Namespace: "shop", Name: "cert"}}},
			wanted: p, was: p, decision: phase.Decision{Phase: p},
		},
		i: &info{objectCount: 4}, t: troubles{results: map[snapshot.Key][]apply.Result{}, drifted: map[snapshot.Key][]string{}, lost: map[snapshot.Key]bool{}},
	}
	infos := map[snapshot.Key]*info{key: s.i}
	m := &migration{settings: &settings.Settings{Spec: &v1alpha1.MigrationSpec{}}, infos: infos}
	m.live.infos, m.shadow.infos = infos, infos
	s.r = &round{Loop: &Loop{Config: Config{Apply: true}}, m: m, broken: map[snapshot.Key]string{}}
	return s
}

func TestWhatConditionsSay(t *testing.T) {
	for name, tt := range map[string]struct {
		phase  v1alpha1.Phase
		change func(*state)
		want   string // reasons of Ready, Translated, Applied, Drifted; true ones with a +
	}{
		"a preview":                 {v1alpha1.PhasePreview, nil, "UpToDate+ Translated+ Preview AsApplied"},
		"live":                      {v1alpha1.PhaseLive, nil, "UpToDate+ Translated+ Applied+ AsApplied"},
		"released":                  {v1alpha1.PhaseReleased, nil, "UpToDate+ Translated+ Released+ AsApplied"},
		"excluded":                  {v1alpha1.PhaseExcluded, nil, "Excluded+ Excluded Excluded AsApplied"},
		"a closed route":            {v1alpha1.PhaseLive, func(s *state) { s.i.block(v1alpha1.BlockingFinding{Code: "I2G4001"}) }, "Blocked Blocked Applied+ AsApplied"},
		"dropped by the controller": {v1alpha1.PhaseLive, func(s *state) { s.i.dropped = "x" }, "Dropped Dropped Applied+ AsApplied"},
		"held back":                 {v1alpha1.PhasePreview, func(s *state) { s.a.decision.Reason, s.a.decision.Because = "Waiting", "blog/b" }, "Waiting Translated+ Preview AsApplied"},
		"a misspelt phase":          {v1alpha1.PhasePreview, func(s *state) { s.a.word = "LIVE" }, "Invalid Translated+ Preview AsApplied"},
		"suspended":                 {v1alpha1.PhaseLive, func(s *state) { s.a.suspended = true }, "Suspended Translated+ Applied+ AsApplied"},
		"the Migration suspended":   {v1alpha1.PhaseLive, func(s *state) { s.r.m.settings.Spec.Suspend = true }, "Suspended Translated+ Suspended+ AsApplied"},
		"previews only":             {v1alpha1.PhasePreview, func(s *state) { s.r.Apply, s.a.wanted = false, v1alpha1.PhaseLive }, "Suspended Translated+ Preview AsApplied"},
		"gone":                      {v1alpha1.PhaseLive, func(s *state) { s.a.gone = true }, "SourceGone Translated+ Applied+ AsApplied"},
		"released and gone":         {v1alpha1.PhaseReleased, func(s *state) { s.a.gone = true }, "UpToDate+ Translated+ Released+ AsApplied"},
		"a foreign object":          {v1alpha1.PhaseLive, func(s *state) { s.t.results[s.a.key] = []apply.Result{{State: apply.Foreign}} }, "NotApplied Translated+ ForeignObject AsApplied"},
		"what waits for a forbidden one": {v1alpha1.PhaseLive, func(s *state) {
			s.t.results[s.a.key] = []apply.Result{{State: apply.Waits, Cause: apply.Forbidden}}
		}, "NotApplied Translated+ Forbidden AsApplied"},
		"the cause beside what waits": {v1alpha1.PhaseLive, func(s *state) {
			s.t.results[s.a.key] = []apply.Result{{State: apply.Waits, Cause: apply.Forbidden}, {State: apply.Rejected}}
		}, "NotApplied Translated+ Rejected AsApplied"},
		"a shared object":           {v1alpha1.PhaseLive, func(s *state) { s.t.shared = []apply.Result{{State: apply.Forbidden}} }, "NotApplied Translated+ Forbidden AsApplied"},
		"a host that is taken":      {v1alpha1.PhaseLive, func(s *state) { s.i.taken = "x" }, "NotApplied Translated+ HostTaken AsApplied"},
		"drift":                     {v1alpha1.PhaseLive, func(s *state) { s.t.drifted[s.a.key] = []string{"Gateway a/b"} }, "Changed Translated+ Applied+ Changed+"},
		"a protection that is lost": {v1alpha1.PhaseLive, func(s *state) { s.t.drifted[s.a.key], s.t.lost[s.a.key] = []string{"EnvoyFilter a/b"}, true }, "ProtectionLost Translated+ Applied+ ProtectionLost+"},
		"a broken certificate":      {v1alpha1.PhaseLive, func(s *state) { s.r.broken[s.a.source.Certificates[0]] = "no valid key pair" }, "BrokenSecret Translated+ Applied+ AsApplied"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newState(tt.phase)
			if tt.change != nil {
				tt.change(s)
			}
			st := s.r.status(s.a, &s.t)
			var got []string
			for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionTranslated, v1alpha1.ConditionApplied, v1alpha1.ConditionDrifted} {
				c := meta.FindStatusCondition(st.Conditions, kind)
				word := c.Reason
				if c.Status == metav1.ConditionTrue {
					word += "+"
				}
				if c.ObservedGeneration != 0 { // it would be compared with the generation of the IngressTranslation
					t.Errorf("%s is of generation %d", kind, c.ObservedGeneration)
				}
				got = append(got, word)
			}
			if st.IngressGeneration != 3 {
				t.Errorf("it is about generation %d", st.IngressGeneration)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAStatusThatSaysTheSameIsTheSame(t *testing.T) {
	s := newState(v1alpha1.PhaseLive)
	first := s.r.status(s.a, &s.t)
	for i := range first.Conditions {
		first.Conditions[i].LastTransitionTime = metav1.NewTime(time.Unix(1, 0))
	}
	s.a.it = &v1alpha1.IngressTranslation{Status: first}
	if second := s.r.status(s.a, &s.t); !sameStatus(first, second) {
		t.Errorf("(-first +second):\n%s", cmp.Diff(first, second))
	}
	s.i.dropped = "x"
	if second := s.r.status(s.a, &s.t); sameStatus(first, second) {
		t.Error("a change is not seen")
	}
}

func TestStatusesStaySmall(t *testing.T) {
	s := newState(v1alpha1.PhaseLive)
	for range 1000 {
		s.i.block(v1alpha1.BlockingFinding{Code: "I2G4001", Message: short(strings.Repeat("x", 5000))})
		s.a.source.Hosts = append(s.a.source.Hosts, "a.test")
	}
	st := s.r.status(s.a, &s.t)
	got := []int{len(st.Blocking), int(st.BlockingCount), len(st.Hosts)}
	if diff := cmp.Diff([]int{mostBlocking, 1000, mostHosts}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(st.Blocking[0].Message); n > mostMessage+3 {
		t.Errorf("a message has %d bytes", n)
	}
}

func TestPausesGrow(t *testing.T) {
	var b backoff
	var got []time.Duration
	for range 9 {
		got = append(got, b.next())
	}
	b.reset()
	got = append(got, b.next())
	want := []time.Duration{1, 2, 4, 8, 16, 30, 30, 30, 30, 1}
	for i := range want {
		want[i] *= time.Second
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsRememberedOfAnIngress(t *testing.T) {
	o := &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "a", UID: "u", Generation: 3, ResourceVersion: "7", Labels: map[string]string{"x": "y"},
		Annotations: map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "KEYMATERIAL", "k": "v"},
	}, Spec: netv1.IngressSpec{Rules: []netv1.IngressRule{{Host: "a.test"}}}}
	raw, err := essence(o)
	require.NoError(t, err)
	want := `{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"annotations":{"k":"v"},"generation":3,"name":"a","namespace":"shop","uid":"u"},"spec":{"rules":[{"host":"a.test"}]}}`
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	in, err := inputs.ReadIngress(json.RawMessage(raw))
	require.NoError(t, err)
	if in.Ingress == nil || in.Hosts[0] != "a.test" || in.UID != "u" {
		t.Errorf("it is read as %+v", in)
	}
}

func TestPairsThatMustNotReachTheGateway(t *testing.T) {
	for name, data := range map[string]map[string][]byte{
		"nothing": {}, "no pair": {"tls.crt": []byte("x"), "tls.key": []byte("y")}, "no CA": {"ca.crt": []byte("x")},
	} {
		if brokenPair(data) == "" {
			t.Errorf("%s passes", name)
		}
	}
}

func TestNamesOfCopies(t *testing.T) {
	got := []string{copyName(snapshot.Key{Namespace: "shop", Name: "tls"}), copyName(snapshot.Key{Namespace: "shop", Name: "x-cacert"})}
	if diff := cmp.Diff([]string{"shop.tls", "shop.x-cacert.i2g"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheSoonerRoundCounts(t *testing.T) {
	if sooner(0, time.Second) != time.Second || sooner(time.Minute, time.Second) != time.Second || sooner(time.Second, 0) != time.Second {
		t.Error("the sooner one is not chosen")
	}
}

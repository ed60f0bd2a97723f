//go:build envtest

package operator

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// fleet is a number of Ingresses, of which two share each host, that move between phases at random.
type fleet struct {
	*site
	random *rand.Rand
	hosts  [][2]ingressName
	wanted map[ingressName]v1alpha1.Phase
	turn   int // of the marker
}

type ingressName struct{ namespace, name string }

// fleet makes so many hosts, of all sorts, each with an Ingress of the shop and one of the blog.
func (s *site) fleet(seed uint64, n int, first v1alpha1.Phase) *fleet {
	s.t.Helper()
	f := &fleet{s, rand.New(rand.NewPCG(seed, seed)), nil, map[ingressName]v1alpha1.Phase{}, 0}
	s.ingress("blog", "marker", "marker.test", phaseNote(v1alpha1.PhasePreview))
	sorts := [][]string{
		{allowList},
		{allowList, mirrored},
		{`nginx.ingress.kubernetes.io/upstream-hash-by: "$request_uri"`, `nginx.ingress.kubernetes.io/limit-rps: "5"`},
		{},
	}
	for i := range n {
		var pair [2]ingressName
		for j, ns := range [...]string{"shop", "blog"} {
			pair[j] = ingressName{ns, fmt.Sprintf("%c%d", 'i'+j, i)}
			notes := append([]string{phaseNote(first)}, sorts[(i+j)%len(sorts)]...)
			s.ingress(ns, pair[j].name, fmt.Sprintf("h%d.test", i), notes...)
			f.wanted[pair[j]] = first
		}
		f.hosts = append(f.hosts, pair)
	}
	return f
}

var moves = [...]v1alpha1.Phase{v1alpha1.PhasePreview, v1alpha1.PhaseShadow, v1alpha1.PhaseLive}

// move sends a host, but not the first ones, to some phase.
func (f *fleet) move(but int) {
	f.t.Helper()
	f.to(but+f.random.IntN(len(f.hosts)-but), moves[f.random.IntN(len(moves))])
}

func (f *fleet) to(host int, p v1alpha1.Phase) {
	f.t.Helper()
	for _, x := range f.hosts[host] {
		f.eventually(func() error { return f.tell(x.namespace, x.name, v1alpha1.AnnotationPhase, string(p)) })
		f.wanted[x] = p
	}
}

// pause lets some time pass, at random.
func (f *fleet) pause(most time.Duration) { time.Sleep(time.Duration(f.random.Int64N(int64(most)))) }

// arrive waits until all are where they are to be, and nothing changes any more.
func (f *fleet) arrive() map[string]string {
	f.t.Helper()
	f.turn++ // what is said of this one now is said after all that happened before
	mark := [...]v1alpha1.Phase{v1alpha1.PhasePreview, v1alpha1.PhaseExcluded}[f.turn%2]
	f.eventually(func() error { return f.tell("blog", "marker", v1alpha1.AnnotationPhase, string(mark)) })
	f.eventually(func() error {
		it, err := f.translation("blog", "marker")
		if err == nil && it.Status.Phase != mark {
			err = fmt.Errorf("the marker is %s", it.Status.Phase)
		}
		return err
	})
	for _, pair := range f.hosts {
		for _, x := range pair {
			f.becomes(x.namespace, x.name, f.wanted[x], v1alpha1.ReasonDone)
		}
	}
	f.eventually(func() error { return f.migrationIs(f.name, v1alpha1.ReasonDone) })
	step := f.rest()
	f.whole()
	f.eventually(func() error { return f.migrationIs(f.name, v1alpha1.ReasonDone) })
	got := f.rest()
	// What hosts have of their own is the same, whether they were translated one by one or together.
	for _, key := range keys(got) {
		if own := strings.HasPrefix(key, "VirtualService ") || strings.Contains(key, "/i2g-route."); own && got[key] != step[key] {
			f.t.Errorf("%s (-together +one by one):\n%s", key, cmp.Diff(got[key], step[key]))
		}
	}
	return got
}

// whole makes the operator translate all Ingresses together, so that nothing is left that nothing uses any more.
func (s *site) whole() {
	s.t.Helper()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Limits.Objects = 10_000 + (m.Limits.Objects+1)%2 })
	s.eventually(func() error {
		m := &v1alpha1.Migration{}
		if err := s.admin.Get(s.t.Context(), client.ObjectKey{Name: s.name}, m); err != nil {
			return err
		}
		if m.Status.ObservedGeneration != m.Generation {
			return fmt.Errorf("generation %d is not looked at, but %d", m.Generation, m.Status.ObservedGeneration)
		}
		return nil
	})
}

// rest waits until nothing changes any more: what is no longer needed goes last.
func (s *site) rest() (last map[string]string) {
	s.t.Helper()
	s.eventually(func() error {
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

// undisturbed takes all back and does it again, with nothing in the way.
func (f *fleet) undisturbed() map[string]string {
	f.t.Helper()
	f.operator(f.t, nil)
	wanted := f.wanted
	f.wanted = map[ingressName]v1alpha1.Phase{}
	for i := range f.hosts {
		f.to(i, v1alpha1.PhasePreview)
	}
	f.arrive()
	f.empty()
	for i, pair := range f.hosts {
		f.to(i, wanted[pair[0]])
	}
	return f.arrive()
}

// same compares what faults left with what is there without them.
func (f *fleet) same(got map[string]string) {
	f.t.Helper()
	if diff := cmp.Diff(f.undisturbed(), got); diff != "" {
		f.t.Errorf("(-undisturbed +disturbed):\n%s", diff)
	}
}

// TestStorms lets a third of all requests go wrong, while Ingresses are read for the first time, while hosts move, and while
// somebody changes applied objects.
func TestStorms(t *testing.T) {
	for seed := range uint64(rounds(t, 2)) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { storm(t, seed) })
	}
}

func storm(t *testing.T, seed uint64) {
	s := shared(t).site(t, fmt.Sprintf("storm%d", seed), func(m *v1alpha1.Migration) { m.Spec.Limits.Removals = 0 })
	f := s.fleet(seed, 8, v1alpha1.PhaseLive)
	const stay = 2
	p := shared(t).proxied(t, seed)
	p.storms(33)
	h := s.record()
	stop := shared(t).operatorAs(t, p.config(), nil)
	f.pause(4 * time.Second)
	for i := range f.hosts[stay:] {
		f.to(stay+i, moves[(int(seed)+i)%len(moves)])
	}
	p.calm()
	f.arrive()
	stays := f.ofHosts(stay) // what belongs to nobody who moves
	p.storms(33)
	for range 25 {
		f.move(stay)
		f.pause(400 * time.Millisecond)
	}
	p.calm()
	got := f.arrive()
	check(t, h.ends(), stays)

	p.storms(33)
	for range 4 {
		f.vandal(stay)
		f.pause(2 * time.Second)
	}
	p.calm()
	f.eventually(func() error {
		if diff := cmp.Diff(got, s.bytes()); diff != "" {
			return fmt.Errorf("it is not repaired (-before +after): %s", diff)
		}
		return nil
	})
	stop()
	f.same(got)
}

// TestStormsOfValues lets a third of all requests go wrong while settings of live Ingresses change, most of them to values that nobody
// has.
func TestStormsOfValues(t *testing.T) {
	for seed := range uint64(rounds(t, 1)) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			s := shared(t).site(t, fmt.Sprintf("values%d", seed), func(m *v1alpha1.Migration) { m.Spec.Limits.Removals = 0 })
			f := s.fleet(seed, 6, v1alpha1.PhaseLive)
			p := shared(t).proxied(t, seed)
			stop := shared(t).operatorAs(t, p.config(), func(o *Options) { o.Settle = 200 * time.Millisecond })
			f.arrive()
			h := s.record()
			p.storms(33)
			for range 40 {
				f.value()
				f.pause(200 * time.Millisecond)
			}
			p.calm()
			got := f.arrive()
			check(t, h.ends(), nil)
			stop()
			f.same(got)
		})
	}
}

// value changes a setting of an Ingress.
func (f *fleet) value() {
	f.t.Helper()
	n := f.random.IntN(8)
	x := f.hosts[f.random.IntN(len(f.hosts))][f.random.IntN(2)]
	some := [...][2]string{
		{"proxy-read-timeout", fmt.Sprint(100 + n)}, {"proxy-body-size", fmt.Sprint(1+n, "m")}, {"rewrite-target", fmt.Sprint("/v", n)},
		{"whitelist-source-range", fmt.Sprintf("10.%d.0.0/16", n)}, {"limit-rps", fmt.Sprint(1 + n)}, {"upstream-hash-by", "$remote_addr"}, {"limit-rps", ""},
	}
	v := some[f.random.IntN(len(some))]
	f.eventually(func() error { return f.tell(x.namespace, x.name, "nginx.ingress.kubernetes.io/"+v[0], v[1]) })
}

// ofHosts are the objects that only the first hosts need, and those that these need and others may need.
func (f *fleet) ofHosts(n int) map[string]*unstructured.Unstructured {
	out := map[string]*unstructured.Unstructured{}
	for key, o := range f.objects() {
		for i := range n {
			if strings.Contains(key, fmt.Sprintf("/i2g-h%d.test", i)) || strings.HasSuffix(key, fmt.Sprintf(".i%d", i)) || strings.HasSuffix(key, fmt.Sprintf(".j%d", i)) || strings.HasSuffix(key, "-edge/i2g-http") {
				out[key] = o
			}
		}
	}
	require.NotEmpty(f.t, out)
	return out
}

// vandal changes or deletes what serves one of the first hosts.
func (f *fleet) vandal(n int) {
	f.t.Helper()
	keys := keys(f.ofHosts(n))
	o := f.get(keys[f.random.IntN(len(keys))])
	if f.random.IntN(2) == 0 {
		require.NoError(f.t, f.admin.Delete(f.t.Context(), o))
		return
	}
	f.edit(keyName(o), `{"metadata": {"labels": {"app.kubernetes.io/managed-by": "vandal"}}}`)
}

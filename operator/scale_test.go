//go:build envtest && scale

package operator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// TestScale measures the program with SCALE Ingresses (1,000), each with a host and a Service of its own, and prints ratios to what a bare
// client needs for the same objects in the same run. Parts can be left out: -run TestScale/sync.
func TestScale(t *testing.T) {
	n := 1000
	if v := os.Getenv("SCALE"); v != "" {
		var err error
		n, err = strconv.Atoi(v)
		require.NoError(t, err)
	}
	s := shared(t).site(t, "scale", func(m *v1alpha1.Migration) { m.Spec.DefaultPhase, m.Spec.Limits.Removals = v1alpha1.PhaseLive, 0 })
	binary := build(t)
	s.fill(n)
	t.Run("sync", func(t *testing.T) { s.initialSync(t, binary, n) })
	p := s.program(t, binary)
	s.allLive(t, n, time.Now().Add(30*time.Minute))
	t.Run("rest", func(t *testing.T) {
		time.Sleep(20 * time.Second) // whatever it still does
		cpu := p.cpu()
		time.Sleep(20 * time.Second)
		t.Logf("at rest: %s of CPU in 20 s", p.cpu()-cpu)
	})
	t.Run("churn", func(t *testing.T) {
		path := change{"rewrite-target", "/v", "", nil}
		value := change{"proxy-read-timeout", "", "s", []string{"i2g-routes"}}
		s.churn(t, n, 10_000, "changes of what an Ingress leads to alone", func(int) (change, bool) { return path, true })
		s.churn(t, n, 30_000, "changes of what an Ingress leads to alone, with one of 20 besides that needs a value nobody has", func(c int) (change, bool) {
			if c%20 == 10 {
				return value, false
			}
			return path, true
		})
		s.churn(t, n, 40_000, "changes of values to such that nobody has", func(int) (change, bool) { return value, true })
		t.Logf("after the churn: CPU %s; peak RSS %d MiB", p.cpu(), p.peak(t))
	})
}

// clients is how many requests the operator and the bare client have under way at once.
const clients = 16

// fill makes n Services, and an Ingress for each; every tenth has an address list.
func (s *site) fill(n int) {
	s.t.Helper()
	ctx, kind, class := s.t.Context(), netv1.PathTypePrefix, s.name
	parallel(clients, n, func(i int) {
		name := fmt.Sprintf("i%05d", i)
		require.NoError(s.t, s.admin.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: name}, Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone, Ports: []corev1.ServicePort{{Port: 80}},
		}}))
		in := &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: name}, Spec: netv1.IngressSpec{IngressClassName: &class, Rules: []netv1.IngressRule{{
			Host: name + ".test", IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{
				Path: "/", PathType: &kind, Backend: netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: name, Port: netv1.ServiceBackendPort{Number: 80}}},
			}}}},
		}}}}
		if i%10 == 0 {
			in.Annotations = map[string]string{"nginx.ingress.kubernetes.io/whitelist-source-range": "10.0.0.0/8"}
		}
		require.NoError(s.t, s.admin.Create(ctx, in))
	})
}

// initialSync measures an operator that meets the fleet for the first time, and a bare client that makes what the operator made: the
// IngressTranslations with their status, and everything that was applied.
func (s *site) initialSync(t *testing.T, binary string, n int) {
	t.Helper()
	servers := s.servers(t)
	before, asked := servers.cpu(), s.requests(t)
	p := s.program(t, binary)
	start := time.Now()
	s.allLive(t, n, start.Add(30*time.Minute))
	synced := cost{time.Since(start), p.cpu(), servers.cpu() - before}
	peak := p.peak(t)
	time.Sleep(10 * time.Second) // whatever it still does
	t.Logf("initial sync of %d Ingresses: %s; peak RSS %d MiB; 10 s later CPU %s, peak RSS %d MiB", n, synced, peak, p.cpu(), p.peak(t))
	t.Logf("what it asked: %s", s.requests(t).since(asked))
	p.end(t)

	var applied, translations []*unstructured.Unstructured
	for _, o := range s.objects() {
		if o.GetKind() != "Secret" {
			applied = append(applied, s.bare(o))
		}
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(v1alpha1.GroupVersion().WithKind("IngressTranslationList"))
	require.NoError(t, s.admin.List(t.Context(), list))
	for i := range list.Items {
		if o := &list.Items[i]; o.GetNamespace() == s.ns("shop") {
			translations = append(translations, s.bare(o))
		}
	}
	require.Len(t, translations, n)
	before, asked = servers.cpu(), s.requests(t)
	self := pid("self").cpu()
	start = time.Now()
	s.make(t, applied)
	alone := cost{time.Since(start), pid("self").cpu() - self, servers.cpu() - before}
	s.make(t, translations)
	all := cost{time.Since(start), pid("self").cpu() - self, servers.cpu() - before}
	t.Logf("a bare client, the same %d applied objects and %d IngressTranslations with their status: %s; the sync is %s of that", len(applied), n, all, synced.of(all))
	t.Logf("a bare client, the %d applied objects alone: %s; the sync is %s of that", len(applied), alone, synced.of(alone))
	t.Logf("what the bare client asked: %s", s.requests(t).since(asked))
	made := append(applied, translations...)
	parallel(clients, len(made), func(i int) { // what follows must not meet them
		require.NoError(t, client.IgnoreNotFound(s.admin.Delete(t.Context(), made[i])))
	})
}

// make creates objects, and their status where they have one.
func (s *site) make(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	parallel(clients, len(objects), func(i int) {
		o := objects[i]
		status, has := o.Object["status"]
		if err := s.admin.Create(t.Context(), o); err != nil {
			t.Error(err)
			return
		}
		if !has {
			return
		}
		o.Object["status"] = status
		if err := s.admin.Status().Update(t.Context(), o); err != nil {
			t.Error(err)
		}
	})
}

// bare makes of an object one that can be created in a namespace of bare objects.
func (s *site) bare(o *unstructured.Unstructured) *unstructured.Unstructured {
	o = o.DeepCopy()
	meta := map[string]any{"namespace": s.bareNamespace(), "name": o.GetName()}
	if o.GetNamespace() != s.ns("shop") {
		meta["name"] = o.GetNamespace() + "." + o.GetName()
	}
	for _, k := range [...]string{"labels", "annotations"} {
		if v, ok, _ := unstructured.NestedFieldNoCopy(o.Object, "metadata", k); ok {
			meta[k] = v
		}
	}
	o.Object["metadata"] = meta
	return o
}

// bareNamespace is one that no Migration is about. Its name is as long as that of the fleet's.
func (s *site) bareNamespace() string { return s.ns("blog") }

// change is one of an annotation, to a value that is between two texts in what comes of it. filters are changed by it, too.
type change struct {
	annotation, before, after string
	filters                   []string
}

// churn changes 20 Ingresses a second for two minutes, and measures of every fourth, if it is to be, how long it takes until its
// VirtualService says so. Values are numbers from one on.
func (s *site) churn(t *testing.T, n, from int, what string, next func(c int) (_ change, measured bool)) {
	t.Helper()
	const pause, changes = 50 * time.Millisecond, 2400
	random := rand.New(rand.NewPCG(1, 1))
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		took  []time.Duration
		plain []time.Duration
	)
	watched := s.routes(t)
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for c := range changes {
		<-tick.C
		name := fmt.Sprintf("i%05d", random.IntN(n))
		x, measured := next(c)
		value := x.before + strconv.Itoa(from+c)
		s.say("shop", name, "nginx.ingress.kubernetes.io/"+x.annotation, value)
		said := time.Now()
		if c%4 != 0 || !measured {
			continue
		}
		wg.Go(func() {
			u, when := watched.saying("i2g-"+name+".test", value+x.after)
			if u == nil {
				return // it was changed again before
			}
			mu.Lock()
			took = append(took, when.Sub(said))
			mu.Unlock()
			bare := []*unstructured.Unstructured{u}
			for _, f := range x.filters {
				u := &unstructured.Unstructured{}
				u.SetAPIVersion("networking.istio.io/v1alpha3")
				u.SetKind("EnvoyFilter")
				if s.admin.Get(context.WithoutCancel(t.Context()), client.ObjectKey{Namespace: s.ns("edge"), Name: f}, u) == nil {
					bare = append(bare, u)
				}
			}
			start := time.Now()
			for _, u := range bare {
				o := s.bare(u)
				o.SetLabels(map[string]string{"c": strconv.Itoa(c)})
				o.SetAnnotations(nil)
				if s.admin.Apply(context.WithoutCancel(t.Context()), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("bare"), client.ForceOwnership) != nil {
					return
				}
			}
			mu.Lock()
			plain = append(plain, time.Since(start))
			mu.Unlock()
		})
	}
	wg.Wait()
	t.Logf("%s: %d changes, %d measured: from change to applied p50 %s, p99 %s, most %s; a bare apply of the same objects p50 %s, p99 %s: ratio %.2f and %.2f",
		what, changes, len(took), at(took, 50), at(took, 99), at(took, 100), at(plain, 50), at(plain, 99),
		float64(at(took, 50))/float64(at(plain, 50)), float64(at(took, 99))/float64(at(plain, 99)))
}

// routes are the VirtualServices of the fleet as a watch tells of them.
type routes struct {
	mu    sync.Mutex
	told  map[string]*unstructured.Unstructured // by name
	when  map[string]time.Time
	waits map[string]chan struct{} // closed when something is told
}

// routes watches until the test ends.
func (s *site) routes(t *testing.T) *routes {
	t.Helper()
	c, err := client.NewWithWatch(s.config, client.Options{Scheme: s.scheme})
	require.NoError(t, err)
	list := listOf(schema.GroupVersionKind{Group: "networking.istio.io", Version: "v1", Kind: "VirtualService"})
	require.NoError(t, c.List(t.Context(), list, client.InNamespace(s.ns("shop"))))
	w, err := c.Watch(t.Context(), list, client.InNamespace(s.ns("shop")), &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.GetResourceVersion()}})
	require.NoError(t, err)
	t.Cleanup(w.Stop)
	r := &routes{told: map[string]*unstructured.Unstructured{}, when: map[string]time.Time{}, waits: map[string]chan struct{}{}}
	go func() {
		for e := range w.ResultChan() {
			if u, ok := e.Object.(*unstructured.Unstructured); ok {
				r.tell(u)
			}
		}
	}()
	return r
}

func (r *routes) tell(u *unstructured.Unstructured) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told[u.GetName()], r.when[u.GetName()] = u, time.Now()
	if c := r.waits[u.GetName()]; c != nil {
		close(c)
		delete(r.waits, u.GetName())
	}
}

// saying waits until a VirtualService says something, and gives it with when it did; nil if it does not within a minute.
func (r *routes) saying(name, what string) (*unstructured.Unstructured, time.Time) {
	late := time.After(time.Minute)
	for {
		r.mu.Lock()
		if u := r.told[name]; u != nil && strings.Contains(fmt.Sprint(u.Object["spec"]), what) {
			defer r.mu.Unlock()
			return u, r.when[name]
		}
		if r.waits[name] == nil {
			r.waits[name] = make(chan struct{})
		}
		told := r.waits[name]
		r.mu.Unlock()
		select {
		case <-told:
		case <-late:
			return nil, time.Time{}
		}
	}
}

func at(ds []time.Duration, percent int) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return ds[min(len(ds)-1, len(ds)*percent/100)].Round(time.Millisecond)
}

func parallel(workers, n int, f func(int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	wg.Wait()
}

func (s *site) allLive(t *testing.T, n int, until time.Time) {
	t.Helper()
	for time.Now().Before(until) {
		m := &v1alpha1.Migration{}
		require.NoError(t, s.admin.Get(t.Context(), client.ObjectKey{Name: s.name}, m))
		if int(m.Status.Ingresses.Live) == n && s.migrationIs(s.name, v1alpha1.ReasonDone) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("they never become live")
}

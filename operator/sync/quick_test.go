package sync

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/watch"
)

func annotate(name, value string) func(*netv1.Ingress) {
	return func(o *netv1.Ingress) {
		if o.Annotations == nil {
			o.Annotations = map[string]string{}
		}
		o.Annotations[name] = value
	}
}

const prefix = "nginx.ingress.kubernetes.io/"

func TestQuickRounds(t *testing.T) {
	own := []string{"ingresstranslations shop/i00001", "ingresstranslations/status shop/i00001"}
	for name, tt := range map[string]struct {
		change func(o *netv1.Ingress)
		quick  bool
		want   []string // written by the quick round
	}{
		"another path":                             {func(o *netv1.Ingress) { o.Spec.Rules[0].HTTP.Paths[0].Path = "/api" }, true, append(own, "virtualservices shop/i2g-i00001.test")},
		"a value that others have":                 {annotate(prefix+"proxy-read-timeout", "33"), true, append(own, "virtualservices shop/i2g-i00001.test")},
		"what changes nothing":                     {annotate("example.com/owner", "me"), true, own},
		"a value that nobody has":                  {annotate(prefix+"proxy-read-timeout", "34"), true, append([]string{"envoyfilters istio-system/i2g-routes"}, append(own, "virtualservices shop/i2g-i00001.test")...)},
		"a filter that nobody has":                 {annotate(prefix+"limit-rps", "5"), false, nil},
		"another host":                             {func(o *netv1.Ingress) { o.Spec.Rules[0].Host = "new.test" }, false, nil},
		"another phase":                            {annotate(v1alpha1.AnnotationPhase, "preview"), false, nil},
		"a suspended one":                          {annotate(v1alpha1.AnnotationSuspend, "true"), false, nil},
		"another class":                            {func(o *netv1.Ingress) { other := "other"; o.Spec.IngressClassName = &other }, false, nil},
		"a protection that cannot be carried over": {annotate(prefix+"auth-snippet", "return 403;"), false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			l, c := newLoop(t, 5, func(i int, o *netv1.Ingress) {
				if i == 3 {
					annotate(prefix+"proxy-read-timeout", "33")(o)
				}
			})
			n := c.edit(1, tt.change)
			ok, err := l.quick(t.Context(), map[watch.Noted]bool{n: true})
			require.NoError(t, err)
			if ok != tt.quick {
				t.Fatalf("quick: %v", ok)
			}
			landed(t, l, 0)
			written := c.written()
			if tt.quick {
				if diff := cmp.Diff(tt.want, written); diff != "" {
					t.Errorf("written (-want +got):\n%s", diff)
				}
			}
			// A whole round finds nothing to do after a quick one.
			l.full(t.Context())
			l.full(t.Context())
			if again := c.written(); tt.quick && len(again) > 0 {
				t.Errorf("a whole round writes %v", again)
			} else if !tt.quick && len(again) == 0 {
				t.Error("a whole round writes nothing")
			}
		})
	}
}

// landed waits until no more is under way than so many flights.
func landed(t testing.TB, l *Loop, but int) {
	t.Helper()
	flights := func() (n int) {
		for _, m := range l.migrations {
			n += len(m.flights)
		}
		return n
	}
	for flights() > but {
		<-l.landings
		ok, err := l.land(t.Context())
		require.NoError(t, err)
		require.True(t, ok)
	}
}

func TestAQuickRoundForAService(t *testing.T) {
	l, c := newLoop(t, 5, nil)
	s := &corev1.Service{}
	key := client.ObjectKey{Namespace: "shop", Name: "i00002"}
	require.NoError(t, c.Get(t.Context(), key, s))
	s = s.DeepCopy()
	protocol := "kubernetes.io/h2c"
	s.Spec.Ports[0].AppProtocol, s.Spec.Ports[0].Name = &protocol, "web"
	c.put(gvkOf(s), s)
	other := s.DeepCopy()
	other.Name, other.UID = "nobodys", ""
	c.put(gvkOf(other), other)
	ok, err := l.quick(t.Context(), map[watch.Noted]bool{
		{Kind: watch.Services, ObjectKey: key}: true, {Kind: watch.Services, ObjectKey: client.ObjectKeyFromObject(other)}: true,
	})
	require.NoError(t, err)
	if !ok {
		t.Fatal("it takes a whole round")
	}
	landed(t, l, 0)
	c.written()
	if l.full(t.Context()); len(c.writes) > 0 {
		t.Errorf("a whole round writes %v", c.writes)
	}
}

func TestAnIngressTranslationAsItShouldBe(t *testing.T) {
	l, c := newLoop(t, 3, nil)
	key := client.ObjectKey{Namespace: "shop", Name: "i00002"}
	n := map[watch.Noted]bool{{Kind: watch.Translations, ObjectKey: key}: true}
	if ok, err := l.quick(t.Context(), n); !ok || err != nil {
		t.Errorf("quick: %v, %v", ok, err)
	}
	x := &v1alpha1.IngressTranslation{}
	require.NoError(t, c.Get(t.Context(), key, x))
	x.Spec.Ingress = nil
	c.put(gvkOf(x), x)
	if ok, err := l.quick(t.Context(), n); ok || err != nil {
		t.Errorf("it forgot its Ingress, quick: %v, %v", ok, err)
	}
	delete(c.objects[gvkOf(x)], key)
	if ok, err := l.quick(t.Context(), n); ok || err != nil {
		t.Errorf("it is gone, quick: %v, %v", ok, err)
	}
}

// BenchmarkRound measures a round in which one Ingress of 10,000 changed, without the time of an API server.
func BenchmarkRound(b *testing.B) {
	l, c := newLoop(b, 10_000, nil)
	edit := func(i int) watch.Noted {
		return c.edit(i%10_000, func(o *netv1.Ingress) {
			o.Spec.Rules[0].HTTP.Paths[0].Path = map[bool]string{true: "/a", false: "/b"}[i%20_000 < 10_000]
		})
	}
	b.Run("quick", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if ok, err := l.quick(b.Context(), map[watch.Noted]bool{edit(i): true}); !ok || err != nil {
				b.Fatal(ok, err)
			}
			landed(b, l, 0)
		}
	})
	b.Run("whole", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			edit(i)
			l.full(b.Context())
		}
	})
}

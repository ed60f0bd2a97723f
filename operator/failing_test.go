//go:build envtest

package operator

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// TestWhatARouteNeedsOutlivesIt makes requests fail that remove or change routes.
func TestWhatARouteNeedsOutlivesIt(t *testing.T) {
	for name, method := range map[string]string{"removal": http.MethodDelete, "change": http.MethodPatch} {
		t.Run(name, func(t *testing.T) {
			s := shared(t).site(t, "outlives-"+name, nil)
			s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
			hashed := `nginx.ingress.kubernetes.io/upstream-hash-by: "$request_uri"` // a subset of the Service, which b has no use for
			s.ingress("blog", "c", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, hashed)
			s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
			p := shared(t).proxied(t, 1)
			shared(t).operatorAs(t, p.config(), nil)
			s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
			s.becomes("blog", "c", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
			s.rest()
			h := s.record()
			failed := 0
			p.when(func(r *http.Request) string {
				if is(r, method, "virtualservices") && r.URL.Query().Get("dryRun") == "" && failed < 2 {
					failed++
					return internal
				}
				return passed
			})
			if method == http.MethodDelete {
				s.phase("shop", "a", v1alpha1.PhasePreview)
				s.becomes("blog", "c", v1alpha1.PhasePreview, v1alpha1.ReasonWaiting)
			} else {
				s.say("blog", "c", "nginx.ingress.kubernetes.io/whitelist-source-range", "10.1.0.0/16")
			}
			s.eventually(func() error {
				p.mu.Lock()
				defer p.mu.Unlock()
				if failed < 2 {
					return fmt.Errorf("%d requests have failed", failed)
				}
				return nil
			})
			s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
			s.eventually(func() error {
				text := s.bytes()["VirtualService "+s.ns("edge")+"/i2g-a.test"]
				if done := map[string]bool{http.MethodDelete: text == "", http.MethodPatch: strings.Contains(text, "name: i2g/ip-")}[method]; !done {
					return fmt.Errorf("the route is still as it was:\n%s", text)
				}
				return nil
			})
			s.rest()
			check(t, h.ends(), nil)
		})
	}
}

// TestARouteWaitsForItsSubset makes changes of DestinationRules fail.
func TestARouteWaitsForItsSubset(t *testing.T) {
	s := shared(t).site(t, "subset", nil)
	// The first, because what the oldest Ingress of a Service says of it counts, and ages are in seconds.
	s.ingress("shop", "c", "c.test", phaseNote(v1alpha1.PhasePreview), `nginx.ingress.kubernetes.io/upstream-hash-by: "$request_uri"`)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("blog", "b", "a.test", phaseNote(v1alpha1.PhaseLive)) // so that the host's routes are delegated
	p := shared(t).proxied(t, 1)
	shared(t).operatorAs(t, p.config(), nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "c", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.rest()
	h := s.record()
	failed := p.fails(http.MethodPatch, "destinationrules", 2)
	s.phase("shop", "c", v1alpha1.PhaseLive) // all routes to the Service are hashed now
	s.becomes("shop", "c", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.eventually(func() error {
		for ref, text := range s.bytes() {
			if strings.HasPrefix(ref, "VirtualService "+s.ns("shop")) && !strings.Contains(text, "subset: i2g-hash-") {
				return fmt.Errorf("%s is not hashed:\n%s", ref, text)
			}
		}
		return nil
	})
	if n := failed.Load(); n != 2 {
		t.Errorf("%d requests have failed", n)
	}
	check(t, h.ends(), nil)
}

// TestARouteWaitsForItsServer makes ServiceEntries fail, which belong to all that lead to the same server.
func TestARouteWaitsForItsServer(t *testing.T) {
	s := shared(t).site(t, "outside", nil)
	s.create(`
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: NAME-shop}
spec: {type: ExternalName, externalName: outside.test}`)
	s.create(strings.ReplaceAll(s.ingressText("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive)), "name: web", "name: outside"))
	p := shared(t).proxied(t, 1)
	h := s.record()
	failed := p.fails(http.MethodPatch, "serviceentries", 2)
	shared(t).operatorAs(t, p.config(), nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	if n := failed.Load(); n != 2 {
		t.Errorf("%d requests have failed", n)
	}
	check(t, h.ends(), nil)
}

// fails makes so many requests that write fail, once they have been tried.
func (p *proxy) fails(method, resource string, times int32) *atomic.Int32 {
	failed := &atomic.Int32{}
	p.when(func(r *http.Request) string {
		if is(r, method, resource) && r.URL.Query().Get("dryRun") == "" && failed.Load() < times {
			failed.Add(1)
			return internal
		}
		return passed
	})
	return failed
}

// TestRepairsThatFailAreTriedAgain makes more repairs fail than somebody may undo before the operator gives in.
func TestRepairsThatFailAreTriedAgain(t *testing.T) {
	s := shared(t).site(t, "unrepaired", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	p := shared(t).proxied(t, 1)
	shared(t).operatorAs(t, p.config(), nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.rest()
	var failed atomic.Int32
	p.when(func(r *http.Request) string {
		if is(r, http.MethodPatch, "envoyfilters") && failed.Load() < 6 {
			failed.Add(1)
			return []string{internal, unsent, conflict, badGateway}[failed.Load()%4]
		}
		return passed
	})
	filter := "EnvoyFilter " + s.ns("edge") + "/i2g-route." + s.ns("shop") + ".a"
	for i := range 7 {
		s.edit(filter, fmt.Sprintf(`{"metadata": {"annotations": {"edit": "%d"}}, "spec": {"configPatches": []}}`, i)) // a reason to look at once
		n := failed.Load()
		s.eventually(func() error {
			if failed.Load() < min(6, n+1) {
				return fmt.Errorf("%d repairs have failed", failed.Load())
			}
			return nil
		})
	}
	s.edit(filter, `{"metadata": {"annotations": {"edit": null}}}`)
	s.equals(want)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
}

// TestAServerThatDoesNotAnswerLacksNoKind lets the operator start while nobody says which kinds there are.
func TestAServerThatDoesNotAnswerLacksNoKind(t *testing.T) {
	s := shared(t).site(t, "mute", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	p := shared(t).proxied(t, 1)
	var asked atomic.Int32
	p.when(func(r *http.Request) string {
		if strings.HasPrefix(r.URL.Path, "/apis/networking.istio.io/v1alpha3") && asked.Load() < 2 {
			if strings.HasSuffix(r.URL.Path, "v1alpha3") {
				asked.Add(1)
			}
			return internal
		}
		return passed
	})
	h := s.record()
	shared(t).operatorAs(t, p.config(), func(o *Options) { o.Again = time.Second })
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	check(t, h.ends(), nil)
	if asked.Load() < 2 {
		t.Errorf("it asked %d times", asked.Load())
	}
}

// TestWhatWatchesMissIsFoundOut deletes an applied object while the watch is away that would have told first of its creation and then
// of its deletion.
func TestWhatWatchesMissIsFoundOut(t *testing.T) {
	s := shared(t).site(t, "missed", nil)
	s.ingress("shop", "a", "a.test")
	p := shared(t).proxied(t, 1)
	shared(t).operatorAs(t, p.config(), func(o *Options) { o.Again = time.Second })
	s.becomes("shop", "a", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive)) // so that VirtualServices are watched
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	p.when(func(r *http.Request) string {
		if is(r, http.MethodGet, "virtualservices") && r.URL.Query().Get("labelSelector") != "" {
			return unavailable
		}
		return passed
	})
	p.cutAll(100)
	s.phase("shop", "a", v1alpha1.PhaseLive)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	name := "VirtualService " + s.ns("shop") + "/i2g-a.test"
	before := s.get(name)
	require.NoError(t, s.admin.Delete(t.Context(), before))
	s.eventually(func() error {
		if now := s.objects()[name]; now == nil || now.GetUID() == before.GetUID() {
			return fmt.Errorf("%s is gone", name)
		}
		return nil
	})
}

//go:build envtest

package operator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// A replica takes over while one of its watches lags: of what the other one noted, of what is to be, or of what was applied. It acts on
// nothing that it knows from before: of what has happened meanwhile nothing is undone, removed or made again.
func TestOneTakesOverWhoseWatchLags(t *testing.T) {
	for _, resource := range []string{"ingresstranslations", "ingresses", "envoyfilters", "virtualservices"} {
		t.Run(resource, func(t *testing.T) { takesOverLagging(t, resource) })
	}
}

func takesOverLagging(t *testing.T, resource string) {
	s := shared(t).site(t, "late-"+resource, nil)
	users := []string{"nginx.ingress.kubernetes.io/auth-type", "nginx.ingress.kubernetes.io/auth-secret"}
	s.create(`{apiVersion: v1, kind: Secret, metadata: {name: users, namespace: NAME-shop}, stringData: {auth: "ann:x"}}`)
	for _, name := range []string{"stays", "closes", "deleted", "suspended"} {
		s.ingress("shop", name, name+".test", allowList, mirrored)
	}
	s.ingress("shop", "released", "released.test", phaseNote(v1alpha1.PhaseLive))
	s.ingress("shop", "back", "back.test", phaseNote(v1alpha1.PhaseLive))
	elect := func(o *Options) { o.LeaderElection = true }
	first := shared(t).operator(t, elect)
	s.becomes("shop", "stays", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.becomes("shop", "released", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("shop", "back", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	p := shared(t).proxied(t, 1)
	address := freeAddress(t)
	second := shared(t).operatorAs(t, p.config(), func(o *Options) {
		elect(o)
		o.HealthAddress = address
	})
	s.answers(address, "/readyz", http.StatusOK)

	p.lags(resource)
	for _, name := range []string{"stays", "closes", "deleted", "suspended"} {
		s.phase("shop", name, v1alpha1.PhaseLive)
		s.becomes("shop", name, v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	}
	for i, value := range []string{"basic", "users"} { // a live host whose route closes stays as it is
		s.say("shop", "closes", users[i], value)
	}
	s.becomes("shop", "closes", v1alpha1.PhaseLive, v1alpha1.ReasonBlocked)
	s.remove("shop", "deleted")
	s.becomes("shop", "deleted", v1alpha1.PhaseLive, v1alpha1.ReasonSourceGone)
	s.say("shop", "suspended", v1alpha1.AnnotationSuspend, "true")
	s.becomes("shop", "suspended", v1alpha1.PhaseLive, v1alpha1.ReasonSuspended)
	s.say("shop", "suspended", "nginx.ingress.kubernetes.io/whitelist-source-range", "10.9.0.0/16")
	s.phase("shop", "released", v1alpha1.PhaseReleased)
	s.becomes("shop", "released", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	s.edit("VirtualService "+s.ns("shop")+"/i2g-released.test", `{"spec": {"http": [{"name": "mine", "redirect": {"uri": "/"}}]}}`)
	s.phase("shop", "back", v1alpha1.PhasePreview)
	s.becomes("shop", "back", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.eventually(func() error { // what nothing uses any more goes last
		if text := s.bytes()["Gateway "+s.ns("edge")+"/i2g-http"]; strings.Contains(text, "back.test") {
			return fmt.Errorf("the gateway still has the host: %s", text)
		}
		return nil
	})
	want := s.rest()
	h := s.record()
	since := h.last()
	before := s.holder()
	first()
	s.eventually(func() error {
		if now := s.holder(); now == "" || now == before {
			return fmt.Errorf("%q has the lease", now)
		}
		return nil
	})
	s.rest()
	p.keepsUp()
	s.ingress("blog", "new", "new.test")
	s.becomes("blog", "new", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	if diff := cmp.Diff(want, s.rest()); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
	for _, e := range h.ends().events {
		if e.version > since {
			t.Errorf("version %d: %s is changed, made or removed", e.version, e.key)
		}
	}
	for name, reason := range map[string]string{
		"stays": v1alpha1.ReasonDone, "closes": v1alpha1.ReasonBlocked, "deleted": v1alpha1.ReasonSourceGone, "suspended": v1alpha1.ReasonSuspended,
	} {
		s.becomes("shop", name, v1alpha1.PhaseLive, reason)
	}
	s.becomes("shop", "released", v1alpha1.PhaseReleased, v1alpha1.ReasonDone)
	s.becomes("shop", "back", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	second()
}

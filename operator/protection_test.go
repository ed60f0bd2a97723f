//go:build envtest

package operator

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// writes notes which of Istio's objects are written, in order, trials among them.
type writes struct {
	mu   sync.Mutex
	what []string
}

func (w *writes) of(config *rest.Config) *rest.Config {
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(q *http.Request) (*http.Response, error) {
			if q.Method != http.MethodGet && strings.Contains(q.URL.Path, "/networking.istio.io/") {
				w.mu.Lock()
				w.what = append(w.what, q.URL.Path)
				w.mu.Unlock()
			}
			return next.RoundTrip(q)
		})
	})
	return config
}

func (w *writes) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.what
	w.what = nil
	return out
}

// A protection that somebody removed is there again before anything else is even tried, whatever else there is to do.
func TestProtectionsAreRepairedFirst(t *testing.T) {
	s := shared(t).site(t, "first", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	var w writes
	shared(t).operatorAs(t, w.of(shared(t).config), nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.becomes("blog", "b", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	want := s.bytes()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Suspend = true })
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonSuspended)
	filter := "EnvoyFilter " + s.ns("edge") + "/i2g-route." + s.ns("shop") + ".a"
	s.edit("VirtualService "+s.ns("shop")+"/i2g-a.test", gone)
	s.edit("Gateway "+s.ns("edge")+"/i2g-http", `{"spec": {"servers": []}}`)
	require.NoError(t, s.admin.Delete(t.Context(), s.get(filter)))
	s.phase("blog", "b", v1alpha1.PhasePreview)
	w.take()
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Suspend = false })
	s.becomes("blog", "b", v1alpha1.PhasePreview, v1alpha1.ReasonDone)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	got := w.take()
	if len(got) < 3 {
		t.Fatalf("only %v is written", got)
	}
	name := "/envoyfilters/" + filter[strings.LastIndexByte(filter, '/')+1:]
	others := false
	for _, path := range got {
		if own := strings.HasSuffix(path, name) || strings.HasSuffix(path, "/envoyfilters"); !own {
			others = true
		} else if others {
			t.Errorf("the filter is not first: %v", got)
		}
	}
	for _, object := range []string{filter, "VirtualService " + s.ns("shop") + "/i2g-a.test"} {
		if diff := cmp.Diff(want[object], s.bytes()[object]); diff != "" {
			t.Errorf("%s (-before +repaired):\n%s", object, diff)
		}
	}
}

// A brake that holds everything back does not hold a protection.
func TestProtectionsAreRepairedInSpiteOfLimits(t *testing.T) {
	s := shared(t).site(t, "braked", nil)
	s.ingress("shop", "a", "a.test", phaseNote(v1alpha1.PhaseLive), allowList, mirrored)
	shared(t).operator(t, nil)
	s.becomes("shop", "a", v1alpha1.PhaseLive, v1alpha1.ReasonDone)
	s.migration(func(m *v1alpha1.MigrationSpec) { m.Limits.Objects = 1 })
	s.eventually(func() error { return s.migrationIs(s.name, v1alpha1.ReasonLimitExceeded) })
	before := s.bytes()
	service, filter := "VirtualService "+s.ns("shop")+"/i2g-a.test", "EnvoyFilter "+s.ns("edge")+"/i2g-route."+s.ns("shop")+".a"
	s.edit(service, gone)
	s.ingress("blog", "b", "b.test", phaseNote(v1alpha1.PhaseLive))
	require.NoError(t, s.admin.Delete(t.Context(), s.get(filter)))
	s.eventually(func() error {
		if diff := cmp.Diff(before[filter], s.bytes()[filter]); diff != "" {
			return fmt.Errorf("(-before +after):\n%s", diff)
		}
		return nil
	})
	s.eventually(func() error {
		return s.is("shop", "a", v1alpha1.PhaseLive, v1alpha1.ConditionDrifted, v1alpha1.ReasonChanged)
	})
	if diff := cmp.Diff(keys(before), keys(s.bytes())); diff != "" || hosts(s.get(service))[0] != "stolen.test" {
		t.Errorf("something else was changed (-before +after):\n%s", diff)
	}
}

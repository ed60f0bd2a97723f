//go:build envtest

package operator

import (
	"crypto/tls"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	opsync "github.com/ingress2gw/ingress2gw/operator/sync"
)

// asked notes the requests of an account as the API server understands them.
type asked struct {
	mu       sync.Mutex
	requests map[request]bool
}

func (a *asked) of(config *rest.Config) *rest.Config {
	server := &apirequest.RequestInfoFactory{APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api")}
	config = rest.CopyConfig(config)
	config.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return roundTrip(func(q *http.Request) (*http.Response, error) {
			i, err := server.NewRequestInfo(q)
			if err != nil {
				return nil, err
			}
			if i.IsResourceRequest {
				resource := strings.TrimSuffix(i.Resource+"/"+i.Subresource, "/")
				a.mu.Lock()
				if a.requests == nil {
					a.requests = map[request]bool{}
				}
				a.requests[request{i.Verb, i.APIGroup, resource, i.Namespace, i.Name}] = true
				a.mu.Unlock()
			}
			return next.RoundTrip(q)
		})
	})
	return config
}

// all are the requests until now.
func (a *asked) all() map[request]bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.requests)
}

// The rights of each mode suffice for all that it does, and it needs each of them: without any single one, a request would be refused that
// it makes here.
func TestEachRightSufficesAndIsNeeded(t *testing.T) {
	for _, variant := range tried {
		t.Run(variant, func(t *testing.T) {
			s, objects, o := shared(t).siteOf(t, "needs-", variant)
			rights := rightsOf(t, objects)
			config, _ := s.accountOf(t, objects, nil)
			metrics := o.MetricsAddress != "0"
			if metrics {
				o.MetricsAddress = freeAddress(t)
			}
			wants := v1alpha1.PhaseLive // in vain
			if o.Apply {
				wants = v1alpha1.PhasePreview
			}
			s.ingress("blog", "first", "first."+s.name+".test", phaseNote(wants))
			s.unled(o.Namespace)
			var refused refusals
			var asked asked
			stop := s.operatorAs(t, refused.watch(asked.of(config)), asVariant(o))
			s.previews()
			if o.Apply {
				s.goesEverywhere(len(o.Guard.Namespaces) > 0, !oneGateway[variant], map[string][]string{"certificates": {"cert-manager", "reference-grant", "copy"}}[variant])
			}
			if metrics && o.MetricsSecure {
				s.measured(o.MetricsAddress, config.BearerToken, http.StatusForbidden) // it knows who asks, and that he may not
			}
			s.eventually(func() error { // events are told of later, and leases are renewed
				if names := superfluous(rights, asked.all()); len(names) > 0 {
					return fmt.Errorf("no request needs these rights, or another one does as well:\n%s", strings.Join(names, "\n"))
				}
				if names := tooWide(rights, asked.all(), []string{s.ns("edge"), s.ns("shadow"), o.Namespace}); len(names) > 0 {
					return fmt.Errorf("no request needs these rights outside of the namespaces of gateways:\n%s", strings.Join(names, "\n"))
				}
				return nil
			})
			stop()
			refused.none(t)
		})
	}
}

// siteOf makes a site for a variant of the chart, and its objects and options for the namespaces of that site.
func (c *cluster) siteOf(t *testing.T, prefix, variant string) (*site, []*unstructured.Unstructured, *Options) {
	t.Helper()
	o := optionsOf(t, rendered(t, variant))
	name := prefix + variant
	s := c.site(t, name, func(m *v1alpha1.Migration) {
		m.Spec.Source.ControllerConfig = &v1alpha1.ObjectName{Namespace: name + "-shop", Name: "settings"}
		m.Spec.Limits.Removals, m.Spec.ReadAuthSecrets = 0, true
		if oneGateway[variant] {
			m.Spec.Shadow = nil
		}
		if strings.HasSuffix(variant, "team-gateways") {
			m.Spec.Ownership = "team"
		}
		if pods := o.Guard.Selectors["istio-shadow"]; pods != nil {
			m.Spec.Shadow.Selector = pods
		}
	})
	s.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: settings, namespace: NAME-shop}}")
	if variant == "certificates" {
		s.published(t, "cert-manager.io", "certificates")
		s.published(t, "gateway.networking.k8s.io", "referencegrants")
	}
	o.Guard = s.guardPlaced(o.Guard)
	return s, s.placed(rendered(t, variant)), &o
}

// asVariant changes options to those of a variant.
func asVariant(o *Options) func(*Options) {
	return func(x *Options) {
		x.Apply, x.Namespace, x.Secrets, x.LeaderElection, x.Guard = o.Apply, o.Namespace, o.Secrets, o.LeaderElection, o.Guard
		x.MetricsAddress, x.MetricsSecure = o.MetricsAddress, o.MetricsSecure
	}
}

// unled takes the lease from whoever had it.
func (s *site) unled(namespace string) {
	s.t.Helper()
	require.NoError(s.t, client.IgnoreNotFound(s.admin.Delete(s.t.Context(), &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}})))
}

// optionsOf are those with which the operator is started.
func optionsOf(t *testing.T, objects []*unstructured.Unstructured) Options {
	t.Helper()
	flags := pflag.NewFlagSet("operator", pflag.ContinueOnError)
	given := AddFlags(flags)
	d := deployment(t, objects)
	require.NoError(t, flags.Parse(append(slices.Clone(d.Spec.Template.Spec.Containers[0].Args), "--namespace="+d.Namespace)))
	o, err := given.Options()
	require.NoError(t, err)
	return o
}

// oneGateway are the variants with a gateway that has no shadow.
var oneGateway = map[string]bool{"certificates": true, "team-gateways": true}

// places are the namespaces of the chart's variants, as sites call theirs.
var places = map[string]string{"istio-ingress": "edge", "istio-shadow": "shadow", "shop": "shop", "billing": "blog"}

// placed are the objects of a variant, made for the namespaces of the site.
func (s *site) placed(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	for _, o := range objects {
		if place := places[o.GetNamespace()]; place != "" {
			o.SetNamespace(s.ns(place))
		}
	}
	return objects
}

// guardPlaced is the guard of a variant, for the namespaces of the site.
func (s *site) guardPlaced(g opsync.Guard) (out opsync.Guard) {
	out.TeamGateways = g.TeamGateways
	for _, ns := range g.Namespaces {
		out.Namespaces = append(out.Namespaces, s.ns(places[ns]))
	}
	for ns, pods := range g.Selectors {
		if out.Selectors == nil {
			out.Selectors = map[string]map[string]string{}
		}
		out.Selectors[s.ns(places[ns])] = pods
	}
	return out
}

// previews looks at an Ingress, twice in the same way, until it is gone.
func (s *site) previews() {
	s.t.Helper()
	there := func() error {
		return s.is("blog", "first", v1alpha1.PhasePreview, v1alpha1.ConditionApplied, v1alpha1.ReasonPreview)
	}
	s.eventually(there)
	it, err := s.translation("blog", "first")
	require.NoError(s.t, err)
	require.NoError(s.t, s.admin.Delete(s.t.Context(), it))
	s.eventually(there)
	it, err = s.translation("blog", "first")
	require.NoError(s.t, err)
	theirs := `{"spec": {"ingress": {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "first", "namespace": "` + s.ns("blog") + `"}}}}`
	require.NoError(s.t, s.admin.Patch(s.t.Context(), it, client.RawPatch(types.MergePatchType, []byte(theirs))))
	s.eventually(func() error { // it is put right
		it, err := s.translation("blog", "first")
		if err == nil && it.Spec.Ingress != nil {
			err = fmt.Errorf("it remembers %s", it.Spec.Ingress.Raw)
		}
		return err
	})
	s.remove("blog", "first")
	s.gone(it)
	require.Empty(s.t, s.made())
}

// measured asks for metrics until the answer has a code.
func (s *site) measured(address, token string, want int) {
	s.t.Helper()
	h := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: 5 * time.Second} //nolint:gosec // the operator's own
	defer h.CloseIdleConnections()
	s.eventually(func() error {
		q, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "https://"+address+"/metrics", nil)
		require.NoError(s.t, err)
		q.Header.Set("Authorization", "Bearer "+token)
		r, err := h.Do(q)
		if err != nil {
			return err
		}
		defer r.Body.Close()
		if r.StatusCode != want {
			return fmt.Errorf("metrics: %s", r.Status)
		}
		return nil
	})
}

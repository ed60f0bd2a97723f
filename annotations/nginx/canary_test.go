package nginx

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// services knows every Service, with port 80 only.
type services struct{}

func (services) ConfigMap(string, string) (map[string]string, bool) { return nil, false }
func (services) Secret(string, string) (map[string][]byte, bool)    { return nil, false }
func (services) HasSecrets() bool                                   { return false }
func (services) FirstPort(string, string) (string, bool)            { return "80", true }
func (services) Backend(namespace, service, port string) (model.Backend, annotations.Resolution) {
	if port != "80" && port != "http" {
		return model.Backend{Namespace: namespace, Service: service}, annotations.NoPort
	}
	return model.Backend{Namespace: namespace, Service: service, Port: 80}, annotations.Resolved
}

// trafficIngress makes an Ingress out of "host/path=service" or "host/path==service" (Exact); service may be name:port.
// The younger, the later it is in a test's list.
func trafficIngress(t *testing.T, age int, ref string, paths []string, keys map[string]string) *snapshot.Ingress {
	t.Helper()
	namespace, name, ok := strings.Cut(ref, "/")
	require.True(t, ok)
	in := &snapshot.Ingress{Object: &finding.Object{Kind: "Ingress", Namespace: namespace, Name: name}}
	in.Namespace, in.Name = namespace, name
	in.CreationTimestamp = metav1.NewTime(time.Date(2024, 1, 1+age, 0, 0, 0, 0, time.UTC))
	in.Annotations = map[string]string{}
	for k, v := range keys {
		in.Annotations[DefaultPrefix+k] = v
	}
	for _, p := range paths {
		at, service, _ := strings.Cut(p, "=")
		pathType := netv1.PathTypePrefix
		if rest, exact := strings.CutPrefix(service, "="); exact {
			service, pathType = rest, netv1.PathTypeExact
		}
		host, path, _ := strings.Cut(at, "/")
		b := &netv1.IngressServiceBackend{Port: netv1.ServiceBackendPort{Number: 80}}
		if n, named, ok := strings.Cut(service, ":"); ok {
			service, b.Port = n, netv1.ServiceBackendPort{Name: named}
		}
		b.Name = service
		in.Spec.Rules = append(in.Spec.Rules, netv1.IngressRule{Host: host, IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{
			Paths: []netv1.HTTPIngressPath{{Path: "/" + path, PathType: &pathType, Backend: netv1.IngressBackend{Service: b}}},
		}}})
	}
	return in
}

type traffic struct {
	ref   string
	paths []string
	keys  map[string]string
}

func readTraffic(t *testing.T, settings map[string]string, list []traffic) (*model.Edge, []finding.Finding) {
	t.Helper()
	in := Input{Lookup: services{}, Findings: &finding.List{}, Settings: &annotations.Settings{Values: settings}}
	for i, x := range list {
		in.Ingresses = append(in.Ingresses, trafficIngress(t, i, x.ref, x.paths, x.keys))
	}
	return Read(in).Edge, in.Findings.Sorted()
}

// sides writes each rule as "host/path main canary:weight", and 503 for a closed one.
func sides(e *model.Edge) []string {
	var out []string
	for _, h := range e.Hosts {
		for _, r := range h.Rules {
			f, ok := r.Action.(model.Forward)
			if !ok {
				continue
			}
			s := fmt.Sprintf("%s%v %s", h.Name, r.Match.Path, f.Backend.Service)
			if c := r.Canary; c != nil {
				s += fmt.Sprintf(" %s/%s:%d/%d", c.Backend.Namespace, c.Backend.Service, c.Weight, c.Total)
			}
			if r.Closed != nil {
				s += fmt.Sprint(" ", r.Closed.Status)
			}
			out = append(out, s)
		}
	}
	return out
}

func TestWhereCanariesTakePart(t *testing.T) {
	share := func(n string) map[string]string { return map[string]string{"canary": "true", "canary-weight": n} }
	for name, c := range map[string]struct {
		in   []traffic
		want []string
	}{
		"a canary follows the Service to every host and path": {
			[]traffic{{"a/main", []string{"x.test/one=web", "x.test/two=web", "y.test/=web"}, nil}, {"a/new", []string{"x.test/one=next"}, share("10")}},
			[]string{"x.test/two web a/next:10/100", "x.test/one web a/next:10/100", "y.test{} web a/next:10/100"},
		},
		"a port by another name is another Service": {
			[]traffic{{"a/main", []string{"x.test/one=web", "x.test/two=web:http"}, nil}, {"a/new", []string{"x.test/one=next"}, share("10")}},
			[]string{"x.test/two web", "x.test/one web a/next:10/100"},
		},
		"the path type must be the same": {
			[]traffic{{"a/main", []string{"x.test/one==web"}, nil}, {"a/new", []string{"x.test/one=next"}, share("10")}},
			[]string{"x.test/one web"},
		},
		"only the first canary gets requests": {
			[]traffic{{"a/main", []string{"x.test/=web"}, nil}, {"a/c1", []string{"x.test/=c1"}, share("10")}, {"a/c2", []string{"x.test/=c2"}, share("20")}},
			[]string{"x.test{} web a/c1:10/100"},
		},
		"a canary of another namespace counts": {
			[]traffic{{"a/main", []string{"x.test/=web"}, nil}, {"b/new", []string{"x.test/=next"}, share("10")}},
			[]string{"x.test{} web b/next:10/100"},
		},
		"one path without a main costs the canary all its paths": {
			[]traffic{{"a/main", []string{"x.test/=web"}, nil}, {"a/new", []string{"x.test/=next", "x.test/gone=next"}, share("10")}},
			[]string{"x.test{} web"},
		},
		"a path of an unknown host costs nothing": {
			[]traffic{{"a/main", []string{"x.test/=web"}, nil}, {"a/new", []string{"z.test/=next", "x.test/=next"}, share("10")}},
			[]string{"x.test{} web a/next:10/100"},
		},
		"the canary that names the Service first says how much it gets": {
			[]traffic{{"a/main", []string{"x.test/=web", "y.test/=shop"}, nil}, {"a/c1", []string{"x.test/=next"}, share("10")}, {"a/c2", []string{"y.test/=next"}, share("90")}},
			[]string{"x.test{} web a/next:10/100", "y.test{} shop a/next:10/100"},
		},
		"a Service that a normal Ingress names first is no canary": {
			[]traffic{{"a/main", []string{"x.test/=web", "y.test/=next"}, nil}, {"a/new", []string{"x.test/=next"}, share("10")}},
			[]string{"x.test{} web", "y.test{} next"},
		},
		"a canary without a main takes the Service from its other routes": {
			[]traffic{{"a/main", []string{"x.test/=web", "y.test/=next"}, nil}, {"a/new", []string{"x.test/gone=next"}, share("10")}},
			[]string{"x.test{} web", "y.test{} next 503"},
		},
		"a Service that a canary names first is not served": {
			[]traffic{{"a/new", []string{"x.test/=next"}, share("10")}, {"a/main", []string{"x.test/=web", "x.test/next=next"}, nil}},
			[]string{"x.test{} web a/next:10/100"},
		},
		"the share is bounded": {
			[]traffic{{"a/main", []string{"x.test/=web"}, nil}, {"a/new", []string{"x.test/=next"}, map[string]string{"canary": "true", "canary-weight": "700", "canary-weight-total": "500"}}},
			[]string{"x.test{} web a/next:500/500"},
		},
		"a canary without rules gets nothing": {
			[]traffic{{"a/main", []string{"x.test/=web"}, nil}, {"a/new", []string{"x.test/=next"}, share("-3")}},
			[]string{"x.test{} web"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e, _ := readTraffic(t, nil, c.in)
			if diff := cmp.Diff(c.want, sides(e)); diff != "" {
				t.Errorf("routes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRulesOfCanaries(t *testing.T) {
	for name, c := range map[string]struct {
		keys map[string]string
		want model.Canary
	}{
		"a header is found by its name with hyphens": {
			map[string]string{"canary-by-header": "X_Next"}, model.Canary{Header: "x-next"},
		},
		"a value beats a pattern": {
			map[string]string{"canary-by-header": "X-Next", "canary-by-header-value": "yes", "canary-by-header-pattern": "n.*"}, model.Canary{Header: "x-next", Value: "yes"},
		},
		"a pattern": {
			map[string]string{"canary-by-header": "X-Next", "canary-by-header-pattern": "^v[0-9]+$"}, model.Canary{Header: "x-next", Pattern: "^v[0-9]+$"},
		},
		"a pattern that no controller understands": {
			map[string]string{"canary-by-header": "X-Next", "canary-by-header-pattern": "(v", "canary-weight": "10"}, model.Canary{Header: "x-next", Stuck: true, Weight: 10},
		},
		"a pattern that only PCRE understands": {
			map[string]string{"canary-by-header": "X-Next", "canary-by-header-pattern": "(?=v)v", "canary-weight": "10"}, model.Canary{Weight: 10},
		},
		"a value without a header counts nothing": {
			map[string]string{"canary-by-header-value": "yes", "canary-by-cookie": "next"}, model.Canary{Cookie: "next"},
		},
		"names that no request can carry": {
			map[string]string{"canary-by-header": "X/Next", "canary-by-cookie": "a/b", "canary-weight": "10"}, model.Canary{Weight: 10},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.keys["canary"] = "true"
			e, _ := readTraffic(t, nil, []traffic{{"a/main", []string{"x.test/=web"}, nil}, {"a/new", []string{"x.test/=next"}, c.keys}})
			require.NotEmpty(t, e.Hosts)
			got := e.Hosts[0].Rules[0].Canary
			require.NotNil(t, got)
			c.want.Total, c.want.Sticky, c.want.Fallback = 100, true, true
			c.want.Backend, c.want.Balance, c.want.Origin = got.Backend, got.Balance, got.Origin
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Errorf("canary (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnnotationsOfCanaryIngressesThatNobodyReads(t *testing.T) {
	_, fs := readTraffic(t, nil, []traffic{
		{"a/main", []string{"x.test/=web"}, nil},
		{"a/new", []string{"x.test/=next"}, map[string]string{"canary": "true", "canary-weight": "5", "proxy-read-timeout": "7", "load-balance": "round_robin"}},
		{"a/lost", []string{"x.test/gone=lost"}, map[string]string{"canary": "true", "canary-weight": "5"}},
	})
	got := map[string]string{}
	for _, f := range fs {
		if k, ok := strings.CutPrefix(f.Origin.Field, DefaultPrefix); ok {
			got[f.Origin.Object.Name+" "+k] = string(f.Code)
		}
	}
	want := map[string]string{
		"new canary": string(finding.KeyExact), "new canary-weight": string(finding.KeyExact), "new load-balance": string(finding.KeyExact),
		"new proxy-read-timeout": string(finding.KeyOverruled),
		"lost canary":            string(finding.KeyOverruled), "lost canary-weight": string(finding.KeyOverruled),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

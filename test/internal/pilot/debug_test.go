package pilot

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
)

const (
	configs = `[{"kind": "VirtualService", "apiVersion": "networking.istio.io/v1", "metadata": {"name": "v", "namespace": "shop", "resourceVersion": "120"}},
	  {"kind": "Gateway", "metadata": {"name": "g", "namespace": "istio-system", "resourceVersion": "99"}}]`
	services  = `[{"hostname": "app.shop.svc.cluster.local", "ports": []}, {"hostname": "kubernetes.default.svc.cluster.local"}]`
	endpoints = `{"app.shop.svc.cluster.local": {"shop": {"Shards": {"Kubernetes/Kubernetes": [{"Addresses": ["10.10.1.1"]}, {"Addresses": ["10.10.1.2"]}]}}}}`
)

func object(apiVersion, kind, namespace, name, version string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": apiVersion, "kind": kind,
		"metadata": map[string]any{"namespace": namespace, "name": name, "resourceVersion": version},
	}}
}

func slice(service string, addresses ...any) *unstructured.Unstructured {
	o := object("discovery.k8s.io/v1", "EndpointSlice", "shop", service+"-1", "1")
	o.SetLabels(map[string]string{"kubernetes.io/service-name": service})
	o.Object["endpoints"] = []any{map[string]any{"addresses": addresses}}
	return o
}

func TestKnown(t *testing.T) {
	k, err := parseKnown([]byte(configs), []byte(services), []byte(endpoints))
	if err != nil {
		t.Fatal(err)
	}
	const networking = "networking.istio.io/v1"
	tests := map[string]struct {
		o     *unstructured.Unstructured
		lacks string // "" when all of it is known
		keeps bool
	}{
		"as it was stored":            {object(networking, "VirtualService", "shop", "v", "120"), "", true},
		"an older state":              {object(networking, "VirtualService", "shop", "v", "121"), "VirtualService shop/v", true},
		"a newer state, for a status": {object(networking, "Gateway", "istio-system", "g", "98"), "", true},
		"an unknown configuration":    {object(networking, "VirtualService", "shop", "w", "1"), "VirtualService shop/w", false},
		"one of another namespace":    {object(networking, "VirtualService", "toys", "v", "120"), "VirtualService toys/v", false},
		"a Gateway API object":        {object("gateway.networking.k8s.io/v1", "HTTPRoute", "shop", "r", "1"), "HTTPRoute shop/r", false},
		"a known Service":             {object("v1", "Service", "shop", "app", "1"), "", true},
		"an unknown Service":          {object("v1", "Service", "shop", "web", "1"), "Service shop/web", false},
		"all endpoints":               {slice("app", "10.10.1.1", "10.10.1.2"), "", true},
		"one endpoint more":           {slice("app", "10.10.1.1", "10.10.1.3"), "EndpointSlice shop/app-1 (10.10.1.3)", true},
		"endpoints of nothing known":  {slice("web", "10.10.1.1"), "EndpointSlice shop/web-1 (10.10.1.1)", false},
		"what istiod is not asked of": {object("v1", "Secret", "shop", "s", "1"), "", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := k.lacks(tt.o); got != tt.lacks {
				t.Errorf("lacks %q, want %q", got, tt.lacks)
			}
			if got := k.keeps(tt.o) != ""; got != tt.keeps {
				t.Errorf("keeps: %v", got)
			}
		})
	}
}

func TestKnownTellsOfAnswersThatAreNone(t *testing.T) {
	for i := range 3 {
		parts := [][]byte{[]byte(configs), []byte(services), []byte(endpoints)}
		parts[i] = []byte("not ready")
		if _, err := parseKnown(parts[0], parts[1], parts[2]); err == nil {
			t.Errorf("part %d: no error", i)
		}
	}
}

func TestProgress(t *testing.T) {
	const kind = `"type.googleapis.com/envoy.config.cluster.v3.Cluster"`
	gateway := func(resources string) string {
		return `[{"proxy": "probe.istio-system", "resources": {` + kind + `: {"sent": "z"}}}, {"proxy": "gateway-0.istio-system", "resources": {` + resources + `}}]`
	}
	tests := map[string]struct {
		text string
		want istiod.Progress
	}{
		"nobody is connected":       {"[]", istiod.Progress{}},
		"only the probe is":         {`[{"proxy": "probe.istio-system", "resources": {` + kind + `: {"sent": "z", "acked": "z"}}}]`, istiod.Progress{}},
		"no answer":                 {"", istiod.Progress{}},
		"sent and acknowledged":     {gateway(kind + `: {"sent": "n1", "acked": "n1"}`), istiod.Progress{Connected: true, Mark: "n1n1"}},
		"sent but not acknowledged": {gateway(kind + `: {"sent": "n2", "acked": "n1"}`), istiod.Progress{Connected: true, Pending: []string{"Cluster"}, Mark: "n2n1"}},
		"asked for but not sent":    {gateway(kind + `: {}`), istiod.Progress{Connected: true, Pending: []string{"Cluster"}}},
		"refused, in the proxy's words": {
			gateway(kind + `: {"sent": "n2", "acked": "n1", "lastError": "no such field"}`),
			istiod.Progress{Connected: true, Refused: []string{"Cluster: no such field"}, Mark: "n2n1no such field"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, parseProgress([]byte(tt.text))); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestCompareNotesOnlyWhatIsLetIn(t *testing.T) {
	p := &Plane{refused: []string{"the API server refuses VirtualService shop/a: no route"}}
	p.compare([]string{"VirtualService shop/a: no route", "VirtualService shop/b: no route"})
	if diff := cmp.Diff([]string{"let in, although Istio's own check refuses VirtualService shop/b: no route"}, p.notes); diff != "" {
		t.Error(diff)
	}
}

func TestMeshOf(t *testing.T) {
	got, err := meshOf([]byte("pathNormalization: {normalization: NONE}\nenableAutoMtls: true\n"), "generation-7-")
	if err != nil {
		t.Fatal(err)
	}
	want := "enableAutoMtls: false\noutboundClusterStatName: generation-7-%SERVICE_FQDN%-%SERVICE_PORT%-%SUBSET_NAME%\npathNormalization:\n  normalization: NONE\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, err := meshOf([]byte("["), ""); err == nil {
		t.Error("no error")
	}
}

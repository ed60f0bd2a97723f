package operator

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"k8s.io/client-go/rest"
	crmetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
)

// apiServer holds lists of objects, lets them be watched, and notes what it is asked for.
type apiServer struct {
	lists  map[string]string // by path
	events map[string]chan string
	stop   chan struct{}

	mu     sync.Mutex
	asked  map[string]bool // "verb group resource"
	denied []string        // what may not be
}

const (
	ingressPath = "/apis/networking.k8s.io/v1/ingresses"
	lastApplied = `"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "KEYMATERIAL"}`
)

func ingressJSON(name string) string {
	return fmt.Sprintf(`{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"namespace": "shop", "name": %q, "resourceVersion": "2", %s},
  "spec": {"ingressClassName": "nginx", "tls": [{"hosts": ["%[1]s.test"], "secretName": "cert"}], "rules": [{"host": "%[1]s.test", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}}]}}`, name, strings.ReplaceAll(lastApplied, "KEYMATERIAL", "old"))
}

func list(apiVersion, kind string, items ...string) string {
	return fmt.Sprintf(`{"apiVersion": %q, "kind": %q, "metadata": {"resourceVersion": "1"}, "items": [%s]}`, apiVersion, kind, strings.Join(items, ","))
}

func resources(group string, names ...string) string {
	var rs []string
	for _, n := range names {
		kind, plural, _ := strings.Cut(n, " ")
		rs = append(rs, fmt.Sprintf(`{"name": %q, "kind": %q, "namespaced": %v, "verbs": ["get", "list", "watch"]}`, plural, kind, kind != "IngressClass"))
	}
	return fmt.Sprintf(`{"apiVersion": "v1", "kind": "APIResourceList", "groupVersion": %q, "resources": [%s]}`, group, strings.Join(rs, ","))
}

func newAPIServer() *apiServer {
	meta := "meta.k8s.io/v1"
	return &apiServer{asked: map[string]bool{}, events: map[string]chan string{ingressPath: make(chan string)}, stop: make(chan struct{}), lists: map[string]string{
		"/api":                         `{"kind": "APIVersions", "versions": ["v1"]}`,
		"/apis":                        `{"apiVersion": "v1", "kind": "APIGroupList", "groups": [` + group("networking.k8s.io") + `,` + group("networking.istio.io") + `]}`,
		"/api/v1":                      resources("v1", "Service services", "Secret secrets", "ConfigMap configmaps"),
		"/apis/networking.k8s.io":      group("networking.k8s.io"),
		"/apis/networking.istio.io":    group("networking.istio.io"),
		"/apis/networking.k8s.io/v1":   resources("networking.k8s.io/v1", "Ingress ingresses", "IngressClass ingressclasses"),
		"/apis/networking.istio.io/v1": resources("networking.istio.io/v1", "Gateway gateways", "DestinationRule destinationrules"),
		ingressPath:                    list("networking.k8s.io/v1", "IngressList", ingressJSON("a")),
		"/apis/networking.k8s.io/v1/ingressclasses":     list("networking.k8s.io/v1", "IngressClassList", `{"metadata": {"name": "nginx", "resourceVersion": "1"}, "spec": {"controller": "k8s.io/ingress-nginx"}}`),
		"/api/v1/services":                              list("v1", "ServiceList", `{"metadata": {"namespace": "shop", "name": "web", "resourceVersion": "1"}, "spec": {"ports": [{"port": 80}]}}`),
		"/api/v1/secrets":                               list(meta, "PartialObjectMetadataList", `{"metadata": {"namespace": "shop", "name": "cert", "resourceVersion": "1", `+lastApplied+`}}`),
		"/api/v1/configmaps":                            list(meta, "PartialObjectMetadataList", `{"metadata": {"namespace": "edge", "name": "settings", "resourceVersion": "1"}}`),
		"/api/v1/namespaces/edge/configmaps/settings":   `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"namespace": "edge", "name": "settings", "resourceVersion": "1"}, "data": {"hsts": "false"}}`,
		"/apis/networking.istio.io/v1/gateways":         list("networking.istio.io/v1", "GatewayList"),
		"/apis/networking.istio.io/v1/destinationrules": list("networking.istio.io/v1", "DestinationRuleList"),
	}}
}

func group(name string) string {
	v := fmt.Sprintf(`{"groupVersion": "%s/v1", "version": "v1"}`, name)
	return fmt.Sprintf(`{"apiVersion": "v1", "kind": "APIGroup", "name": %q, "versions": [%s], "preferredVersion": %s}`, name, v, v)
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, found := a.lists[r.URL.Path]
	watching := r.URL.Query().Get("watch") == "true"
	a.note(r, watching)
	w.Header().Set("Content-Type", "application/json")
	switch {
	case !found:
		w.WriteHeader(http.StatusNotFound)
		answer = `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}`
	case r.URL.Query().Get("sendInitialEvents") != "": // as servers without that way of listing answer
		w.WriteHeader(http.StatusUnprocessableEntity)
		answer = `{"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Invalid", "code": 422}`
	case watching:
		w.(http.Flusher).Flush()
		for {
			select {
			case e := <-a.events[r.URL.Path]:
				_, _ = io.WriteString(w, e+"\n")
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			case <-a.stop:
				return
			}
		}
	}
	_, _ = io.WriteString(w, answer)
}

// note keeps what an API server would ask its authorizer.
func (a *apiServer) note(r *http.Request, watching bool) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	group := ""
	if parts[0] == "apis" && len(parts) > 2 {
		group, parts = parts[1], parts[1:]
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if r.Method != http.MethodGet {
		a.denied = append(a.denied, r.Method+" "+r.URL.Path)
	}
	if len(parts) < 3 {
		return // discovery, which everybody may ask for
	}
	resource, verb := parts[2], "list"
	switch {
	case parts[2] == "namespaces":
		resource, verb = parts[4], "get"
	case watching:
		verb = "watch"
	}
	a.asked[verb+" "+group+" "+resource] = true
	if resource == "secrets" && strings.Contains(r.Header.Get("Accept"), "/json") && !strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadata") {
		a.denied = append(a.denied, "the content of Secrets")
	}
}

// get asks the preview.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}

func TestACluster(t *testing.T) {
	before := goleak.IgnoreCurrent()
	// The metadata client may be left with an event that nobody takes when its watch is stopped: its own race, at the end only.
	filter := goleak.IgnoreTopFunction("k8s.io/apimachinery/pkg/watch.(*filteredWatch).loop")
	a := newAPIServer()
	server := httptest.NewServer(a)
	o, err := parse(t, "--controller-config=edge/settings", "--metrics-bind-address=0", "--health-probe-bind-address=0", "--preview-bind-address=127.0.0.1:0", "--batch-interval=1ms")
	require.NoError(t, err)
	op, err := New(&rest.Config{Host: server.URL}, o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- op.Run(ctx) }()

	url := "http://" + op.PreviewAddress()
	shows := func(what string) {
		t.Helper()
		require.Eventually(t, func() bool {
			status, body := get(t, url+"/translation")
			return status == http.StatusOK && strings.Contains(body, what)
		}, time.Minute, 10*time.Millisecond, "the translation never shows %s", what)
	}
	shows("a.test")
	a.events[ingressPath] <- `{"type": "ADDED", "object": ` + ingressJSON("later") + `}`
	shows("later.test")

	_, report := get(t, url+"/report")
	if !strings.Contains(report, `"counts":{"in":2,"converted":2,"skipped":0,"failed":0}`) {
		t.Errorf("the report is\n%s", report)
	}
	if status, _ := get(t, url+"/mesh-config"); status != http.StatusOK {
		t.Errorf("/mesh-config answers %d", status)
	}
	if gathered, err := crmetrics.Registry.Gather(); err != nil || !strings.Contains(fmt.Sprint(gathered), "ingress2gw_objects") {
		t.Errorf("the metrics are not registered: %v", err)
	}

	cancel()
	require.NoError(t, <-ended)
	close(a.stop)
	server.Close()
	http.DefaultClient.CloseIdleConnections()
	goleak.VerifyNone(t, before, filter)

	rules := rights(deployed(t, "preview"))
	want := map[string]bool{}
	for _, r := range rules {
		for _, resource := range r.Resources {
			for _, verb := range r.Verbs {
				want[verb+" "+r.APIGroups[0]+" "+resource] = true
			}
		}
	}
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Errorf("rights and requests (-deployed +made):\n%s", diff)
	}
	if len(a.denied) > 0 {
		t.Errorf("it asked for %v", a.denied)
	}
}

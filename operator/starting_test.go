package operator

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/rest"
)

// discovered is what a server has, as far as an operator asks before it starts.
var discovered = map[string]string{
	"/api":  `{"kind":"APIVersions","versions":["v1"]}`,
	"/apis": `{"kind":"APIGroupList","apiVersion":"v1","groups":[]}`,
	"/api/v1": `{"kind":"APIResourceList","groupVersion":"v1","resources":[
		{"name":"services","kind":"Service","namespaced":true,"verbs":["list"]},{"name":"configmaps","kind":"ConfigMap","namespaced":true,"verbs":["list"]},
		{"name":"secrets","kind":"Secret","namespaced":true,"verbs":["list"]},{"name":"namespaces","kind":"Namespace","namespaced":false,"verbs":["list"]}]}`,
	"/apis/networking.k8s.io/v1": `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"networking.k8s.io/v1","resources":[
		{"name":"ingresses","kind":"Ingress","namespaced":true,"verbs":["list"]},{"name":"ingressclasses","kind":"IngressClass","namespaced":false,"verbs":["list"]}]}`,
	"/apis/ingress2gw.io/v1alpha1": `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"ingress2gw.io/v1alpha1","resources":[
		{"name":"migrations","kind":"Migration","namespaced":false,"verbs":["list"]},{"name":"ingresstranslations","kind":"IngressTranslation","namespaced":true,"verbs":["list"]}]}`,
}

// An operator whose API server does not answer is told to end while it waits for its caches.
func TestItEndsWhileItWaitsForItsCaches(t *testing.T) {
	asked, over := make(chan struct{}, 1000), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if kinds, ok := discovered[r.URL.Path]; ok {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(kinds))
			return
		}
		asked <- struct{}{}
		select {
		case <-over:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(over) })
	op, err := New(&rest.Config{Host: server.URL}, Options{Grace: time.Millisecond, Workers: 1, Namespace: "ops", MetricsAddress: "0", HealthAddress: "0"})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- op.Run(ctx) }()
	<-asked
	cancel()
	if err := <-ended; !errors.Is(err, errStarting) {
		t.Error(err)
	}
}

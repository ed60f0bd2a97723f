package operator

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type anything struct{}

func (anything) RoundTrip(*http.Request) (*http.Response, error) {
	return httptest.NewRecorder().Result(), nil
}

func TestAPreviewWritesOnlyItsOwn(t *testing.T) {
	for request, want := range map[string]bool{
		"GET /apis/networking.istio.io/v1/gateways":                                    true,
		"PATCH /apis/ingress2gw.io/v1alpha1/namespaces/a/ingresstranslations/b/status": true,
		"PUT /apis/coordination.k8s.io/v1/namespaces/ops/leases/ingress2gw-operator":   true,
		"POST /apis/events.k8s.io/v1/namespaces/a/events":                              true,
		"POST /apis/authentication.k8s.io/v1/tokenreviews":                             true,
		"PATCH /apis/networking.istio.io/v1/namespaces/a/gateways/b":                   false,
		"PUT /apis/networking.k8s.io/v1/namespaces/a/ingresses/b/status":               false,
		"POST /api/v1/namespaces/a/secrets":                                            false,
		"POST /ingress2gw.io/x":                                                        false,
		"DELETE /apis/ingress2gw.io.example.com/v1/namespaces/a/things/b":              false,
	} {
		method, path, _ := strings.Cut(request, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, "http://server"+path, nil)
		require.NoError(t, err)
		answer, err := ownOnly{anything{}}.RoundTrip(r)
		if answer != nil {
			answer.Body.Close()
		}
		if (err == nil) != want {
			t.Errorf("%s: %v", request, err)
		}
	}
}

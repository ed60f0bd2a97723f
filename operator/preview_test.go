package operator

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ingress2gw/ingress2gw/operator/sync"
	"github.com/ingress2gw/ingress2gw/reports"
)

func TestThePreviewAnswersThisMachineOnly(t *testing.T) {
	now := &sync.Current{Report: reports.New("", reports.Counts{}, nil, nil)}
	for name, c := range map[string]struct {
		method, host string
		current      *sync.Current
		want         int
	}{
		"a loopback address":            {"GET", "127.0.0.1:8082", now, http.StatusOK},
		"a loopback address of IPv6":    {"GET", "[::1]:8082", now, http.StatusOK},
		"the name of the machine":       {"GET", "localhost", now, http.StatusOK},
		"a name that was made to point": {"GET", "evil.test:8082", now, http.StatusForbidden},
		"an address of another machine": {"GET", "10.0.0.1", now, http.StatusForbidden},
		"nothing may be changed":        {"POST", "localhost", now, http.StatusMethodNotAllowed},
		"before the first translation":  {"GET", "localhost", nil, http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			for _, path := range []string{"/translation", "/report", "/mesh-config"} {
				w := httptest.NewRecorder()
				r := httptest.NewRequestWithContext(t.Context(), c.method, path, nil)
				r.Host = c.host
				previewHandler(func() *sync.Current { return c.current }).ServeHTTP(w, r)
				if w.Code != c.want {
					t.Errorf("%s answers %d, not %d", path, w.Code, c.want)
				}
			}
		})
	}
}

func TestThePreviewListensOnThisMachineOnly(t *testing.T) {
	for _, address := range []string{":8082", "0.0.0.0:0", "10.0.0.1:0", "example.test:80", "127.0.0.1", ""} {
		if s, err := previewServer(address, nil); err == nil {
			_ = s.Listener.Close()
			t.Errorf("it listens on %q", address)
		}
	}
}

func TestNothingIsSentThatWrites(t *testing.T) {
	sent := 0
	transport := readOnly{roundTrip(func(*http.Request) (*http.Response, error) { sent++; return &http.Response{Body: http.NoBody}, nil })}
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://cluster.test/api", nil)
		require.NoError(t, err)
		response, err := transport.RoundTrip(request)
		if err == nil {
			require.NoError(t, response.Body.Close())
		}
		if (err == nil) != (method == "GET") {
			t.Errorf("%s: %v", method, err)
		}
	}
	if sent != 1 {
		t.Errorf("%d requests were sent", sent)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestSecretsAreCachedWithoutAnnotations(t *testing.T) {
	secret := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{
		Namespace: "shop", Name: "cert", Labels: map[string]string{"a": "b"}, Annotations: map[string]string{corev1.LastAppliedConfigAnnotation: "KEYMATERIAL"},
		ManagedFields: []metav1.ManagedFieldsEntry{{}},
	}}
	got, err := strip(secret)
	require.NoError(t, err)
	want := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "cert", Labels: map[string]string{"a": "b"}}}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

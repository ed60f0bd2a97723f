package envoy

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// admin is an Admin that talks to a server with fixed answers, by path.
func admin(t *testing.T, answers map[string]string) Admin {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := answers[r.URL.Path]
		if !ok {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(s.Close)
	a := newAdmin(s.Listener.Addr().(*net.TCPAddr).Port)
	t.Cleanup(a.Close)
	return a
}

func TestLive(t *testing.T) {
	tests := map[string]struct {
		answers map[string]string
		want    bool
	}{
		"initialised":       {map[string]string{"/ready": "LIVE\n"}, true},
		"still on its way":  {map[string]string{"/ready": "PRE_INITIALIZING\n"}, false},
		"no good answer":    {nil, false},
		"draining, and 503": {map[string]string{"/other": "LIVE"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := admin(t, tt.answers).Live(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

func TestBound(t *testing.T) {
	const listeners = `{"listener_statuses": [
	  {"name": "0.0.0.0_8080", "local_address": {"socket_address": {"address": "0.0.0.0", "port_value": 8080}}},
	  {"name": "0.0.0.0_8443", "local_address": {"socket_address": {"address": "0.0.0.0", "port_value": 8443}}}]}`
	tests := map[string]struct {
		answer string
		want   map[int]bool
	}{
		"two listeners":   {listeners, map[int]bool{8080: true, 8443: true}},
		"none yet":        {"{}", map[int]bool{}},
		"no JSON":         {"starting", map[int]bool{}},
		"an empty answer": {"", map[int]bool{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, admin(t, map[string]string{"/listeners": tt.answer}).Bound()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestIdle(t *testing.T) {
	tests := map[string]struct {
		stats string
		want  bool
	}{
		"nothing used yet":                {"", true},
		"all requests are answered":       {"cluster.a.upstream_rq_active: 0\ncluster.a.upstream_rq_pending_active: 0\n", true},
		"one is under way":                {"cluster.a.upstream_rq_active: 0\ncluster.b.upstream_rq_active: 1\n", false},
		"one waits for a connection":      {"cluster.a.upstream_rq_pending_active: 1\n", false},
		"the stream to the control plane": {"cluster.xds-grpc.upstream_rq_active: 1\n", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := admin(t, map[string]string{"/stats": tt.stats}).Idle(); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

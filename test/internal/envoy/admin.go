package envoy

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// Admin asks Envoy's administration port.
type Admin struct {
	base   string
	client *http.Client
}

func newAdmin(port int) Admin {
	return Admin{
		base:   fmt.Sprintf("http://127.0.0.1:%d", port),
		client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}},
	}
}

// get returns "" where there is no good answer (yet).
func (a Admin) get(path string) string {
	resp, err := a.client.Get(a.base + path)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

// Close drops the connections.
func (a Admin) Close() { a.client.CloseIdleConnections() }

// Live tells whether initialisation is over.
func (a Admin) Live() bool { return strings.HasPrefix(a.get("/ready"), "LIVE") }

// Bound returns the ports of the active listeners.
func (a Admin) Bound() map[int]bool {
	var answer struct {
		Statuses []struct {
			Local struct {
				Socket struct {
					Port int `json:"port_value"`
				} `json:"socket_address"`
			} `json:"local_address"`
		} `json:"listener_statuses"`
	}
	out := map[int]bool{}
	if json.Unmarshal([]byte(a.get("/listeners?format=json")), &answer) != nil {
		return out
	}
	for _, s := range answer.Statuses {
		out[s.Local.Socket.Port] = true
	}
	return out
}

// Idle tells whether no request to a backend is under way.
func (a Admin) Idle() bool {
	text := a.get(`/stats?filter=^cluster\..*\.upstream_rq(_pending)?_active$&usedonly`)
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		if value != "0" && !strings.Contains(name, "xds-grpc") {
			return false
		}
	}
	return true
}

// Dump is the whole configuration that Envoy runs on.
func (a Admin) Dump() string { return a.get("/config_dump?include_eds") }

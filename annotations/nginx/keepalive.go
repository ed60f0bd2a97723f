package nginx

import (
	"math"
	"strconv"
	"time"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
)

// keepalive fills what Global says about client connections, as far as the ConfigMap states it. A timeout of 0 makes nginx
// close every connection after its first request.
func keepalive(e *annotations.Edge) {
	g := &e.Model.Global
	if n := stated(e, "keep-alive"); n > 0 {
		g.IdleTimeout = time.Duration(n) * time.Second
		state(e, "IdleTimeout", "keep-alive")
	} else if n == 0 {
		g.MaxRequests = 1
		state(e, "MaxRequests", "keep-alive")
		e.Setting(finding.Exact, "keep-alive", "the gateway closes connections after one request")
		return
	}
	if n := stated(e, "keep-alive-requests"); n > 0 {
		g.MaxRequests = n
		state(e, "MaxRequests", "keep-alive-requests")
	}
	if n := stated(e, "http2-max-concurrent-streams"); n > 0 {
		g.MaxStreams = n
		state(e, "MaxStreams", "http2-max-concurrent-streams")
	}
}

// stated is a number of the ConfigMap; -1 if there is none.
func stated(e *annotations.Edge, setting string) int {
	if !e.HasSetting(setting) {
		return -1
	}
	n, err := strconv.Atoi(e.SettingText(setting))
	if err != nil || n < 0 || n > math.MaxInt32 {
		return -1
	}
	return n
}

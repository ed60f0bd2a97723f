package judge

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/client"
)

// compareUpstream tells how a backend's record differs from what it should have received.
func compareUpstream(want *casefile.Upstream, got *backend.Record) []string {
	var bad []string
	text := func(field, want, got string) {
		if want != "" && !casefile.Match(want, got) {
			bad = append(bad, fmt.Sprintf("upstream %s %q, want %q", field, got, want))
		}
	}
	text("method", want.Method, got.Method)
	text("path", want.Path, got.Path)
	text("host", want.Host, got.Host)
	text("proto", want.Proto, got.Proto)
	text("port", want.Port, got.Port)
	text("tlsVersion", want.TLSVersion, got.TLSVersion)
	same(&bad, "upstream tls", want.TLS, got.TLS)
	same(&bad, "upstream sni", want.SNI, got.SNI)
	same(&bad, "upstream clientCert", want.ClientCert, got.ClientCert)
	same(&bad, "upstream bodyBytes", want.BodyBytes, len(got.Body))
	if want.Body != nil && !casefile.Match(*want.Body, string(got.Body)) {
		bad = append(bad, fmt.Sprintf("upstream body %.80q, want %q", got.Body, *want.Body))
	}
	return append(bad, compareHeaders("upstream header", got.Headers, want.Headers, want.AbsentHeaders)...)
}

// same compares by equality what is written at all.
func same[T comparable](bad *[]string, field string, want *T, got T) {
	if want != nil && *want != got {
		*bad = append(*bad, fmt.Sprintf("%s %v, want %v", field, got, *want))
	}
}

// compareHeaders wants one matching occurrence of each header, and none of the absent ones.
func compareHeaders(what string, got http.Header, want map[string]string, absent []string) []string {
	var bad []string
	for _, name := range sortedKeys(want) {
		values := got.Values(name)
		if !slices.ContainsFunc(values, func(v string) bool { return casefile.Match(want[name], v) }) {
			bad = append(bad, fmt.Sprintf("%s %s %q, want %q", what, name, strings.Join(values, " | "), want[name]))
		}
	}
	for _, name := range absent {
		if values, ok := got[http.CanonicalHeaderKey(name)]; ok {
			bad = append(bad, fmt.Sprintf("%s %s %q, want none", what, name, strings.Join(values, " | ")))
		}
	}
	return bad
}

func (c *check) response(a *client.Answer) {
	want := c.want.Response
	if want == nil {
		return
	}
	c.bad = append(c.bad, compareHeaders("response header", a.Header, want.Headers, want.AbsentHeaders)...)
	body := a.Body
	if a.WebSocket != "" {
		body = []byte(a.WebSocket)
	}
	if want.Body != nil && !casefile.Match(*want.Body, string(body)) {
		c.report("response body %.200q, want %q", bytes.TrimSpace(body), *want.Body)
	}
	same(&c.bad, "response bodyBytes", want.BodyBytes, len(body))
}

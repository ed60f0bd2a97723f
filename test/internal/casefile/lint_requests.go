package casefile

import (
	"regexp"
	"slices"
	"strings"
)

func (l *linter) requests() {
	if len(l.c.Requests) == 0 {
		l.fault("no requests")
	}
	var names []string
	for i := range l.c.Requests {
		r := &l.c.Requests[i]
		what := "request " + r.Name
		if r.Name == "" || slices.Contains(names, r.Name) {
			l.fault("%s: missing or repeated name", what)
		}
		l.send(what, &r.Send)
		if r.Expect.Status == nil && r.Expect.Error == "" && r.Expect.Statuses == nil {
			l.fault("%s: expects neither status nor statuses nor error", what)
		}
		l.expect(what, r, &r.Expect, names)
		if len(r.Translated) > 0 && !l.c.Approximate() {
			l.fault("%s: translated in a case that is %s", what, l.c.Equivalence)
		}
		for j := range r.Translated {
			l.expect(what+", translated", r, &r.Translated[j], names)
		}
		names = append(names, r.Name)
	}
}

// requestPath is a path, or an absolute target.
var requestPath = regexp.MustCompile(`^(?:https?://[^/\s#]+)?/[^\s#]*$`)

func (l *linter) send(what string, s *Send) {
	if s.Scheme != "http" && s.Scheme != "https" {
		l.fault("%s: scheme %q", what, s.Scheme)
	}
	switch {
	case s.GRPC != "":
		if s.Path != "" || s.Method != "" || !strings.HasPrefix(s.GRPC, "/") {
			l.fault("%s: grpc replaces method and path", what)
		}
	case !requestPath.MatchString(s.Path):
		l.fault("%s: path %q", what, s.Path)
	case !methodForm.MatchString(s.Method):
		l.fault("%s: method %q", what, s.Method)
	}
	for name := range s.Headers {
		l.headerName(what, name)
	}
	if !slices.Contains([]string{"", "1.0", "1.1", "2"}, s.HTTPVersion) {
		l.fault("%s: httpVersion %q", what, s.HTTPVersion)
	}
	if s.Body != "" && s.BodyBytes > 0 {
		l.fault("%s: body and bodyBytes", what)
	}
	if s.SourceIP != "" && !loopbackForm.MatchString(s.SourceIP) {
		l.fault("%s: sourceIP %q", what, s.SourceIP)
	}
	l.sendTLS(what, s)
	if s.Echo != nil {
		l.duration(what, s.Echo.Delay)
	}
	l.duration(what, s.Pause)
	if s.Concurrency > 1 && s.Repeat < 2 {
		l.fault("%s: concurrency without repeat", what)
	}
	if len(s.WebSocket) > 125 {
		l.fault("%s: WebSocket message too long", what)
	}
	for ability, used := range map[string]bool{
		"sourceIP": s.SourceIP != "", "clientCert": s.TLS.ClientCert != "", "cookies": s.Jar != "",
		"websocket": s.WebSocket != "", "grpc": s.GRPC != "", "tcp": s.Port != 0,
	} {
		l.used[ability] = l.used[ability] || used
	}
}

func (l *linter) sendTLS(what string, s *Send) {
	t := s.TLS
	if s.Scheme != "https" && (t.SNI != nil || t.ALPN != nil || t.ClientCert != "" || t.MinVersion != "" || t.MaxVersion != "") {
		l.fault("%s: tls without https", what)
	}
	if t.ClientCert != "" && !l.certs[t.ClientCert] {
		l.fault("%s: client certificate %q", what, t.ClientCert)
	}
	for _, v := range []string{t.MinVersion, t.MaxVersion} {
		if !slices.Contains([]string{"", "1.0", "1.1", "1.2", "1.3"}, v) {
			l.fault("%s: TLS version %q", what, v)
		}
	}
}

func (l *linter) expect(what string, r *Request, x *Expect, earlier []string) {
	for _, s := range x.Status {
		if s < 100 || s > 599 {
			l.fault("%s: status %d", what, s)
		}
	}
	if !slices.Contains([]string{"", "tls", "connection", "any"}, x.Error) {
		l.fault("%s: error %q", what, x.Error)
	}
	l.backend(what, x.Backend)
	l.upstream(what, x.Upstream)
	if x.Response != nil {
		l.values(what, x.Response.Headers)
		if x.Response.Body != nil {
			l.value(what+": body", *x.Response.Body)
		}
	}
	for i := range x.AlsoSent {
		l.backend(what, x.AlsoSent[i].Backend)
		l.upstream(what, &x.AlsoSent[i].Upstream)
	}
	for _, b := range x.NotSent {
		l.backend(what, b)
	}
	for b := range x.Share {
		l.backend(what, b)
	}
	if len(x.Elapsed) != 0 && (len(x.Elapsed) != 2 || x.Elapsed[0] > x.Elapsed[1]) {
		l.fault("%s: elapsed %v", what, x.Elapsed)
	}
	for status, bounds := range x.Statuses {
		if bounds[0] > bounds[1] || bounds[1] > r.Send.Repeat {
			l.fault("%s: statuses %d: %v", what, status, bounds)
		}
	}
	if (len(x.Share) > 0 || len(x.Statuses) > 0 || len(x.Endpoints) > 0) && r.Send.Repeat < 2 {
		l.fault("%s: counts need repeat", what)
	}
	if x.SameEndpointAs != "" && !slices.Contains(earlier, x.SameEndpointAs) {
		l.fault("%s: sameEndpointAs names no earlier request", what)
	}
	if t := x.TLS; t != nil && t.Certificate != "" && t.Certificate != "default" && !l.certs[t.Certificate] {
		l.fault("%s: certificate %q", what, t.Certificate)
	}
}

func (l *linter) backend(what, name string) {
	if name != "" && name != "none" && !l.backends[name] {
		l.fault("%s: %s is not a Service of the case", what, name)
	}
}

func (l *linter) upstream(what string, u *Upstream) {
	if u == nil {
		return
	}
	l.values(what, u.Headers)
	for _, v := range []string{u.Path, u.Host, u.TLSVersion} {
		l.value(what, v)
	}
}

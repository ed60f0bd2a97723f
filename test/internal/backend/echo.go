package backend

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

// bodyPatience bounds the wait for a request body whose sender gave up; the request is recorded all the same.
const bodyPatience = 3 * time.Second

// endpoint answers for one endpoint and one port of a Service.
type endpoint struct {
	ledger  *Ledger
	service *casefile.Service
	self    casefile.Endpoint
	name    string
	port    string
}

// answer is what an endpoint decided to say.
type answer struct {
	status  int
	headers casefile.Headers
	body    []byte // nil: the report of the request
	delay   time.Duration
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyPatience)) // not every protocol has one
	body, _ := io.ReadAll(r.Body)                             // a body cut off is recorded as far as it came
	_ = control.SetReadDeadline(time.Time{})
	a := e.decide(r)
	e.ledger.add(e.record(r, body))
	if a.delay > 0 {
		select {
		case <-time.After(a.delay):
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc"):
		answerGRPC(w)
	case isWebSocket(r):
		echoWebSocket(w, r)
	default:
		e.write(w, r, a)
	}
}

func (e *endpoint) record(r *http.Request, body []byte) Record {
	rec := Record{
		Tag: r.Header.Get(TagHeader), Service: e.service.Name, Endpoint: e.name, Port: e.port,
		Method: r.Method, Path: r.RequestURI, Host: r.Host, Proto: r.Proto, Headers: r.Header.Clone(), Body: body,
	}
	if len(r.TransferEncoding) > 0 {
		rec.Headers.Set("Transfer-Encoding", strings.Join(r.TransferEncoding, ","))
	}
	if r.TLS != nil {
		rec.TLS, rec.SNI, rec.TLSVersion = true, r.TLS.ServerName, tls.VersionName(r.TLS.Version)
		if len(r.TLS.PeerCertificates) > 0 {
			rec.ClientCert = r.TLS.PeerCertificates[0].Subject.CommonName
		}
	}
	return rec
}

// decide follows the fixed answers of the Service, or else the header X-Echo; the endpoint's own status goes before both.
func (e *endpoint) decide(r *http.Request) answer {
	a := answer{status: http.StatusOK}
	switch {
	case len(e.service.Respond) > 0:
		for _, fixed := range e.service.Respond {
			if applies(fixed.When, r) {
				a = answer{status: fixed.Status, headers: fixed.Headers, delay: duration(fixed.Delay)}
				if fixed.Body != "" {
					a.body = []byte(fixed.Body)
				}
				break
			}
		}
	case r.Header.Get("X-Echo") != "":
		var x casefile.Echo
		if json.Unmarshal([]byte(r.Header.Get("X-Echo")), &x) == nil {
			a = answer{status: x.Status, headers: x.Headers, delay: duration(x.Delay)}
			switch {
			case x.BodyBytes > 0:
				a.body = []byte(strings.Repeat("x", x.BodyBytes))
			case x.Body != "":
				a.body = []byte(x.Body)
			}
		}
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if e.self.Status != 0 {
		a.status = e.self.Status
	}
	return a
}

func applies(w casefile.When, r *http.Request) bool {
	if w.Method != "" && w.Method != r.Method || w.Path != "" && !casefile.Match(w.Path, r.RequestURI) {
		return false
	}
	for name, want := range w.Headers {
		if !casefile.Match(want, r.Header.Get(name)) {
			return false
		}
	}
	return true
}

func (e *endpoint) write(w http.ResponseWriter, r *http.Request, a answer) {
	h := w.Header()
	for name, values := range a.headers {
		for _, v := range values {
			h.Add(name, v)
		}
	}
	h.Set(ServiceHeader, e.service.Name)
	body, kind := a.body, "text/plain"
	if body == nil {
		kind = "application/json"
		body, _ = json.Marshal(map[string]any{ // strings only: cannot fail
			"service": e.service.Name, "endpoint": e.name, "method": r.Method, "path": r.RequestURI, "host": r.Host, "headers": r.Header,
		})
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", kind)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	if r.Method != http.MethodHead && a.status != http.StatusNoContent && a.status != http.StatusNotModified {
		_, _ = w.Write(body) // the client may be gone
	}
}

// duration of a linted case; "" is none.
func duration(s string) time.Duration {
	d, _ := time.ParseDuration(s)
	return d
}

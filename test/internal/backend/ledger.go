// Package backend runs the echo backends behind the Services of a case and records what they receive.
package backend

import (
	"net/http"
	"sync"
	"time"
)

// TagHeader carries the identity that the client gives each request.
const TagHeader = "X-Conformance-Id"

// ServiceHeader names the answering Service in its response.
const ServiceHeader = "X-Echo-Service"

// Record is one request as a backend received it.
type Record struct {
	Tag, Service, Endpoint, Port string
	Method, Path, Host, Proto    string
	Headers                      http.Header
	Body                         []byte
	TLS                          bool
	SNI, TLSVersion, ClientCert  string
	At                           time.Time
}

// Ledger keeps the records of all backends of a case. It is safe for concurrent use. A nil one keeps nothing.
type Ledger struct {
	mu    sync.Mutex
	byTag map[string][]Record
}

// NewLedger returns an empty one.
func NewLedger() *Ledger { return &Ledger{byTag: map[string][]Record{}} }

func (l *Ledger) add(r Record) {
	if l == nil {
		return
	}
	r.At = time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.byTag[r.Tag] = append(l.byTag[r.Tag], r)
}

// Tagged are the records of one request, in order of arrival.
func (l *Ledger) Tagged(tag string) []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Record(nil), l.byTag[tag]...)
}

// Window is the time in which an untagged side request may belong to a request.
type Window struct{ From, To time.Time }

// Side are the records of one Service because of one request: the tagged ones, and those without a tag that fall into
// the window, since a proxy need not forward the tag on the requests that it makes itself.
func (l *Ledger) Side(tag, service string, w Window) []Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Record
	for _, r := range l.byTag[tag] {
		if r.Service == service {
			out = append(out, r)
		}
	}
	for _, r := range l.byTag[""] {
		if r.Service == service && r.At.After(w.From) && r.At.Before(w.To) {
			out = append(out, r)
		}
	}
	return out
}

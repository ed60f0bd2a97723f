// Package judge compares what a case expects with what client and backends observed.
package judge

import (
	"fmt"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/client"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// sidePatience is how long after the answer a side request (mirror) may still arrive.
const sidePatience = 2 * time.Second

// Observation is all that is known of one step of a case.
type Observation struct {
	Answers []client.Answer
	Ledger  *backend.Ledger
	Ring    *keys.Ring
	// Earlier gives, by name of an earlier request, the endpoints that answered it.
	Earlier map[string]string
	// Settle returns when the proxy has no request to a backend under way any more: only then "not sent" means something.
	Settle func()
}

// check collects what is wrong with one step.
type check struct {
	Observation
	want casefile.Expect
	side map[string]bool // Services of alsoSent: not counted as the answering backend
	bad  []string
}

func (c *check) report(format string, args ...any) {
	c.bad = append(c.bad, fmt.Sprintf(format, args...))
}

// Judge returns what differs; nothing when all expectations hold.
func Judge(want casefile.Expect, o Observation) []string {
	c := &check{Observation: o, want: want, side: map[string]bool{}}
	for _, a := range want.AlsoSent {
		c.side[a.Backend] = true
	}
	if len(want.NotSent) > 0 || len(want.Attempts) > 0 || want.Backend == "none" {
		o.Settle()
	}
	total := newTotals()
	for i := range o.Answers {
		c.answer(&o.Answers[i], total)
	}
	if want.Error == "" {
		c.totals(total)
	}
	return slices.Compact(c.bad)
}

func (c *check) answer(a *client.Answer, total *totals) {
	if c.want.Error != "" {
		c.failure(a)
		return
	}
	if a.Error != "" {
		c.report("error %s: %s", a.Error, a.Detail)
		return
	}
	served := c.servedBy(a)
	last := c.lastRecord(a, served)
	total.count(a, served, last)
	c.status(a)
	c.backend(a, served)
	if u := c.want.Upstream; u != nil {
		if last == nil {
			c.report("no backend saw the request")
		} else {
			c.bad = append(c.bad, compareUpstream(u, last)...)
		}
	}
	c.response(a)
	c.attempts(a)
	c.sideRequests(a)
	c.handshake(a)
}

// failure checks a request that must not get an HTTP answer, nor reach a backend.
func (c *check) failure(a *client.Answer) {
	switch {
	case a.Error == "":
		c.report("status %d, want error %s", a.Status, c.want.Error)
	case c.want.Error != "any" && a.Error != c.want.Error:
		c.report("error %s (%s), want %s", a.Error, a.Detail, c.want.Error)
	}
	for _, r := range c.Ledger.Tagged(a.Tag) {
		c.report("backend %s saw the request, want error %s", r.Service, c.want.Error)
	}
}

// servedBy is the Service that answered; "" when the proxy did.
func (c *check) servedBy(a *client.Answer) string {
	served := a.Header.Get(backend.ServiceHeader)
	if served == "" && (a.Status == http.StatusSwitchingProtocols || c.want.GRPCStatus != nil) {
		if r := c.lastRecord(a, ""); r != nil { // protocols without the header
			served = r.Service
		}
	}
	if c.side[served] && c.want.Backend == "none" {
		return "" // the proxy hands on the headers of an authorization service that refuses
	}
	return served
}

// lastRecord is the record that belongs to the answer: the last one of the Service, or of any that is no side Service.
func (c *check) lastRecord(a *client.Answer, service string) *backend.Record {
	records := c.Ledger.Tagged(a.Tag)
	for i := len(records) - 1; i >= 0; i-- {
		if records[i].Service == service || service == "" && !c.side[records[i].Service] {
			return &records[i]
		}
	}
	return nil
}

func (c *check) status(a *client.Answer) {
	if c.want.Status != nil && !c.want.Status.Contains(a.Status) {
		c.report("status %d, want %v", a.Status, c.want.Status)
	}
	if e := c.want.Elapsed; len(e) == 2 {
		if s := a.Elapsed.Seconds(); s < e[0] || s > e[1] {
			c.report("took %.2f s, want %v", s, e)
		}
	}
	if c.want.GRPCStatus != nil {
		got := a.Trailer.Get("Grpc-Status")
		if got == "" {
			got = a.Header.Get("Grpc-Status")
		}
		if got != fmt.Sprint(*c.want.GRPCStatus) {
			c.report("grpc-status %q, want %d", got, *c.want.GRPCStatus)
		}
	}
}

func (c *check) backend(a *client.Answer, served string) {
	switch c.want.Backend {
	case "", served:
	case "none":
		if served != "" {
			c.report("answered by %s, want none", served)
		}
		for _, r := range c.Ledger.Tagged(a.Tag) {
			if !c.side[r.Service] {
				c.report("backend %s saw the request, want none", r.Service)
			}
		}
	default:
		c.report("answered by %q, want %q", served, c.want.Backend)
	}
}

func (c *check) attempts(a *client.Answer) {
	if len(c.want.Attempts) == 0 {
		return
	}
	n := 0
	for _, r := range c.Ledger.Tagged(a.Tag) {
		if !c.side[r.Service] {
			n++
		}
	}
	if !c.want.Attempts.Within(n) {
		c.report("%d attempts, want %v", n, c.want.Attempts)
	}
}

// sideRequests waits for those that have to come; those that must not come are settled already.
func (c *check) sideRequests(a *client.Answer) {
	window := backend.Window{From: a.Start, To: a.Start.Add(a.Elapsed + sidePatience)}
	for i := range c.want.AlsoSent {
		want := &c.want.AlsoSent[i]
		records := c.Ledger.Side(a.Tag, want.Backend, window)
		for len(records) == 0 && time.Now().Before(window.To) {
			time.Sleep(10 * time.Millisecond)
			records = c.Ledger.Side(a.Tag, want.Backend, window)
		}
		if len(records) == 0 {
			c.report("%s did not see the request", want.Backend)
			continue
		}
		if want.Count != nil && len(records) != *want.Count {
			c.report("%s saw the request %d times, want %d", want.Backend, len(records), *want.Count)
		}
		for _, s := range compareUpstream(&want.Upstream, &records[0]) {
			c.report("%s: %s", want.Backend, s)
		}
	}
	for _, service := range c.want.NotSent {
		if len(c.Ledger.Side(a.Tag, service, window)) > 0 {
			c.report("%s saw the request, must not", service)
		}
	}
}

func (c *check) handshake(a *client.Answer) {
	want := c.want.TLS
	if want == nil {
		return
	}
	if a.TLS == nil {
		c.report("no TLS")
		return
	}
	if want.ALPN != "" && a.TLS.NegotiatedProtocol != want.ALPN {
		c.report("alpn %q, want %q", a.TLS.NegotiatedProtocol, want.ALPN)
	}
	if want.Certificate != "" {
		if got := c.Ring.NameOf(a.TLS.PeerCertificates[0]); got != want.Certificate {
			c.report("certificate %s, want %s", got, want.Certificate)
		}
	}
}

// EndpointsOf lists the endpoints that answered, for a later sameEndpointAs.
func EndpointsOf(want casefile.Expect, o Observation) string {
	c := &check{Observation: o, want: want, side: map[string]bool{}}
	for _, a := range want.AlsoSent {
		c.side[a.Backend] = true
	}
	total := newTotals()
	for i := range o.Answers {
		a := &o.Answers[i]
		served := c.servedBy(a)
		total.count(a, served, c.lastRecord(a, served))
	}
	names := make([]string, 0, len(total.endpoints))
	for e := range total.endpoints {
		names = append(names, e)
	}
	sort.Strings(names)
	return strings.Join(names, ",")
}

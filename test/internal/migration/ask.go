package migration

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// Ask is a request.
type Ask struct {
	Host, Path string
	Source     string            // address of the client; "" for 127.0.0.1
	Header     map[string]string // one value each
	TLS, HTTP2 bool
	Kept       bool // on a connection that is used again, if it still stands
}

// The answers that are none.
const (
	Refused   = "refused"        // nobody listens
	Reset     = "reset"          // somebody listened until now
	NoTLS     = "no TLS"         // the handshake failed
	patience  = 20 * time.Second // more than a busy machine needs
	authority = "platform/auth"  // what it says is the proxy's word
)

// errHandshake is the end of a connection before it was one.
var errHandshake = errors.New("handshake")

// asker sends an Ask again and again.
type asker struct {
	Ask
	address func() string // host:port of today
	ring    *keys.Ring
	client  *http.Client
}

func newAsker(a Ask, ring *keys.Ring, address func() string) *asker {
	x := &asker{Ask: a, address: address, ring: ring}
	t := &http.Transport{
		DialContext: x.dial, DialTLSContext: x.dialTLS, DisableKeepAlives: !a.Kept, ForceAttemptHTTP2: a.HTTP2, MaxIdleConnsPerHost: 1,
	}
	x.client = &http.Client{Transport: t, Timeout: patience, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return x
}

func (x *asker) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	d := net.Dialer{}
	if x.Source != "" {
		d.LocalAddr = &net.TCPAddr{IP: net.ParseIP(x.Source)}
	}
	return d.DialContext(ctx, "tcp", x.address())
}

func (x *asker) dialTLS(ctx context.Context, _, _ string) (net.Conn, error) {
	raw, err := x.dial(ctx, "", "")
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: x.Host, InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}} // which certificate it is, is part of the answer
	if x.HTTP2 {
		config.NextProtos = []string{"h2"}
	}
	c := tls.Client(raw, config)
	if err := c.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(errHandshake, err, raw.Close())
	}
	return c, nil
}

// ask gives the answer in short: status, Service and path of the backend, certificate. backend tells whether a backend gave it.
func (x *asker) ask(ctx context.Context) (answer string, fromBackend bool) {
	scheme := "http"
	if x.TLS {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+x.Host+x.Path, nil)
	if err != nil {
		return err.Error(), false
	}
	for k, v := range x.Header {
		r.Header.Set(k, v)
	}
	resp, err := x.client.Do(r)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused, false
	case errors.Is(err, errHandshake):
		return NoTLS, false
	case errors.Is(err, syscall.ECONNRESET):
		return Reset, false
	case err != nil:
		return err.Error(), false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "body: " + err.Error(), false
	}
	answer = fmt.Sprint(resp.StatusCode)
	if service := resp.Header.Get(backend.ServiceHeader); service != "" && service != authority {
		var report struct{ Path string }
		_ = json.Unmarshal(body, &report) // without one the path is missing, which shows
		answer, fromBackend = answer+" "+service+" "+report.Path, true
	}
	if resp.TLS != nil {
		answer += " by " + x.ring.NameOf(resp.TLS.PeerCertificates[0])
	}
	return answer, fromBackend
}

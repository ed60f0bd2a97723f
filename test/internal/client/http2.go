package client

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/url"

	"golang.org/x/net/http2"
)

// exchangeHTTP2 speaks HTTP/2 on a connection that is set up: by ALPN over TLS, by prior knowledge without.
func (m *message) exchangeHTTP2(conn net.Conn, a *Answer) {
	transport := &http2.Transport{AllowHTTP: true}
	session, err := transport.NewClientConn(conn)
	if err != nil {
		a.fail(ErrorConnection, err)
		return
	}
	defer session.Close()
	req := &http.Request{
		Method: m.method, URL: &url.URL{Scheme: m.send.Scheme, Host: "proxy", Opaque: m.path}, Host: m.host,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(m.body)), ContentLength: int64(len(m.body)),
	}
	if len(m.body) == 0 {
		req.Body = http.NoBody
	}
	for name, values := range m.header {
		for _, v := range values {
			req.Header.Add(name, v)
		}
	}
	resp, err := session.RoundTrip(req)
	if err != nil {
		a.fail(ErrorConnection, err)
		return
	}
	defer resp.Body.Close()
	a.Status, a.Header = resp.StatusCode, resp.Header
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		a.Detail = "body: " + err.Error()
	}
	a.Trailer = resp.Trailer
}

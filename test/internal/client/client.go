// Package client sends the requests of a case exactly as written and keeps what came back.
package client

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

const (
	dialPatience = 5 * time.Second
	patience     = 90 * time.Second // for one whole request
)

// Kinds of failure without an HTTP answer.
const (
	ErrorTLS        = "tls"
	ErrorConnection = "connection"
)

// Answer is what came back.
type Answer struct {
	Tag       string
	Status    int
	Header    http.Header
	Trailer   http.Header
	Body      []byte
	WebSocket string // the message that came back
	TLS       *tls.ConnectionState
	Error     string // "", ErrorTLS or ErrorConnection
	Detail    string
	Start     time.Time
	Elapsed   time.Duration
}

func (a *Answer) fail(kind string, err error) { a.Error, a.Detail = kind, err.Error() }

// Target is where the proxy listens, and the certificates that the client may present.
type Target struct {
	Address string      // IP address of the proxy
	Ports   map[int]int // port that clients dial → port that the proxy has bound; absent: the same
	Ring    *keys.Ring
}

// message is a request ready to be written.
type message struct {
	method, path, host string
	header             http.Header
	body               []byte
	send               *casefile.Send
}

// Do sends one request on a connection of its own; cookies go along as they are.
func (t Target) Do(s *casefile.Send, cookies map[string]string) Answer {
	a := Answer{Tag: newTag(), Start: time.Now()}
	t.exchange(s, cookies, &a)
	a.Elapsed = time.Since(a.Start)
	return a
}

func (t Target) exchange(s *casefile.Send, cookies map[string]string, a *Answer) {
	conn, err := t.dial(s)
	if err != nil {
		a.fail(ErrorConnection, err)
		return
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		a.fail(ErrorConnection, err)
		return
	}
	if s.Scheme == "https" {
		secure := tls.Client(conn, t.tlsConfig(s))
		if err := secure.Handshake(); err != nil {
			a.fail(ErrorTLS, err)
			return
		}
		state := secure.ConnectionState()
		a.TLS, conn = &state, secure
	}
	m := compose(s, a.Tag, cookies)
	if version(s) == "2" {
		m.exchangeHTTP2(conn, a)
	} else {
		m.exchangeHTTP1(conn, a)
	}
}

func newTag() string {
	b := make([]byte, 8)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func (t Target) dial(s *casefile.Send) (net.Conn, error) {
	port := 80
	if s.Scheme == "https" {
		port = 443
	}
	if s.Port != 0 {
		port = s.Port
	}
	if bound, ok := t.Ports[port]; ok {
		port = bound
	}
	source := s.SourceIP
	if source == "" {
		source = "127.0.0.1"
	}
	d := net.Dialer{Timeout: dialPatience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(source)}}
	return d.Dial("tcp", net.JoinHostPort(t.Address, strconv.Itoa(port)))
}

func versionNumber(name string) uint16 {
	switch name {
	case "1.0":
		return tls.VersionTLS10
	case "1.1":
		return tls.VersionTLS11
	case "1.2":
		return tls.VersionTLS12
	case "1.3":
		return tls.VersionTLS13
	}
	return 0 // Go's default
}

func (t Target) tlsConfig(s *casefile.Send) *tls.Config {
	config := &tls.Config{
		ServerName: strings.ToLower(withoutPort(s.Host)), InsecureSkipVerify: true, NextProtos: s.TLS.ALPN,
		MinVersion: versionNumber(s.TLS.MinVersion), MaxVersion: versionNumber(s.TLS.MaxVersion),
	}
	if s.TLS.SNI != nil {
		config.ServerName = *s.TLS.SNI
	}
	if s.TLS.ALPN == nil {
		config.NextProtos = []string{"http/1.1"}
		if version(s) == "2" {
			config.NextProtos = []string{"h2"}
		}
	}
	if pair := t.Ring.Certs[s.TLS.ClientCert]; pair != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair.TLS, nil }
	}
	return config
}

func withoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		return host[:i]
	}
	return host
}

// version of HTTP to speak.
func version(s *casefile.Send) string {
	switch {
	case s.GRPC != "":
		return "2"
	case s.HTTPVersion != "":
		return s.HTTPVersion
	}
	return "1.1"
}

func compose(s *casefile.Send, tag string, cookies map[string]string) *message {
	m := &message{method: s.Method, path: s.Path, host: s.Host, header: http.Header{}, body: []byte(s.Body), send: s}
	if m.method == "" {
		m.method = http.MethodGet
	}
	if s.BodyBytes > 0 {
		m.body = bytes.Repeat([]byte("b"), s.BodyBytes)
	}
	for name, values := range s.Headers {
		m.header[name] = append([]string(nil), values...) // spelt as written, not canonical
	}
	m.header[backend.TagHeader] = []string{tag}
	if s.Echo != nil {
		echo, _ := json.Marshal(s.Echo) // plain data: cannot fail
		m.header["X-Echo"] = []string{string(echo)}
	}
	if len(cookies) > 0 {
		var pairs []string
		for name, value := range cookies {
			pairs = append(pairs, name+"="+value)
		}
		sort.Strings(pairs)
		m.header["Cookie"] = append(m.header["Cookie"], strings.Join(pairs, "; "))
	}
	if s.GRPC != "" {
		m.method, m.path, m.body = http.MethodPost, s.GRPC, []byte{0, 0, 0, 0, 0}
		m.header["Content-Type"], m.header["Te"] = []string{"application/grpc"}, []string{"trailers"}
	}
	return m
}

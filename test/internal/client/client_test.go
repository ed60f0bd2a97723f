package client

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

func TestRequestsGoOutAsWritten(t *testing.T) {
	tests := map[string]struct {
		send    casefile.Send
		cookies map[string]string
		want    string
	}{
		"path, Host and header names are not touched": {
			casefile.Send{Path: "/a/../b//c?", Host: "A.Test.", Headers: casefile.Headers{"x_lower": {"1", "2"}}}, nil,
			"GET /a/../b//c? HTTP/1.1\r\nHost: A.Test.\r\nX-Conformance-Id: tag\r\nx_lower: 1\r\nx_lower: 2\r\n\r\n",
		},
		"an old request without a Host": {
			casefile.Send{Path: "/", HTTPVersion: "1.0"}, nil, "GET / HTTP/1.0\r\nX-Conformance-Id: tag\r\n\r\n",
		},
		"a POST always has a length": {
			casefile.Send{Method: "POST", Path: "/", Host: "a"}, nil, "POST / HTTP/1.1\r\nHost: a\r\nX-Conformance-Id: tag\r\nContent-Length: 0\r\n\r\n",
		},
		"a body in chunks": {
			casefile.Send{Method: "POST", Path: "/", Host: "a", Body: "hello", Chunked: true}, nil,
			"POST / HTTP/1.1\r\nHost: a\r\nX-Conformance-Id: tag\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		},
		"a body of a size": {
			casefile.Send{Method: "PUT", Path: "/", Host: "a", BodyBytes: 3}, nil, "PUT / HTTP/1.1\r\nHost: a\r\nX-Conformance-Id: tag\r\nContent-Length: 3\r\n\r\nbbb",
		},
		"cookies of a jar in order": {
			casefile.Send{Path: "/", Host: "a"}, map[string]string{"b": "2", "a": "1"}, "GET / HTTP/1.1\r\nHost: a\r\nCookie: a=1; b=2\r\nX-Conformance-Id: tag\r\n\r\n",
		},
		"what the backend shall answer": {
			casefile.Send{Path: "/", Host: "a", Echo: &casefile.Echo{Status: 503}}, nil, "GET / HTTP/1.1\r\nHost: a\r\nX-Conformance-Id: tag\r\nX-Echo: {\"status\":503}\r\n\r\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(compose(&tt.send, "tag", tt.cookies).render())); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// handshake is the first byte of a TLS connection.
const handshake = 22

// serve answers each connection with a text, after the head of its request, and tells who asked.
func serve(t *testing.T, answer string) (port int, peers chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	peers = make(chan string, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
			peers <- host
			r := bufio.NewReader(conn)
			for line := ""; line != "\r\n" && err == nil; { // a handshake is answered at once: nobody speaks TLS here
				if first, e := r.Peek(1); e == nil && first[0] == handshake {
					break
				}
				line, err = r.ReadString('\n')
			}
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port, peers
}

func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		answer string
		status int
		body   string
		failed string
		detail string
	}{
		"an answer":                   {"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\nnone", 404, "none", "", ""},
		"a connection that is cut":    {"", 0, "", ErrorConnection, "EOF"},
		"a body that is cut is noted": {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", 200, "half", "", "unexpected EOF"},
		"something that is no HTTP":   {"hello\r\n\r\n", 0, "", ErrorConnection, "malformed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			port, peers := serve(t, tt.answer)
			target := Target{Address: "127.0.0.1", Ports: map[int]int{80: port}, Ring: &keys.Ring{}}
			a := target.Do(&casefile.Send{Scheme: "http", Path: "/", Host: "a", SourceIP: "127.0.0.77"}, nil)
			if a.Status != tt.status || string(a.Body) != tt.body || a.Error != tt.failed || !strings.Contains(a.Detail, tt.detail) {
				t.Errorf("status %d, body %q, error %q, detail %q", a.Status, a.Body, a.Error, a.Detail)
			}
			if peer := <-peers; peer != "127.0.0.77" {
				t.Errorf("came from %s", peer)
			}
			if len(a.Tag) != 16 {
				t.Errorf("tag %q", a.Tag)
			}
		})
	}
}

func TestFailuresHaveTheirKind(t *testing.T) {
	port, _ := serve(t, "no TLS here")
	target := Target{Address: "127.0.0.1", Ports: map[int]int{443: port}, Ring: &keys.Ring{}}
	if a := target.Do(&casefile.Send{Scheme: "https", Path: "/", Host: "a"}, nil); a.Error != ErrorTLS {
		t.Errorf("error %q, want %q", a.Error, ErrorTLS)
	}
	target.Ports[443] = 1 // nobody listens there
	if a := target.Do(&casefile.Send{Scheme: "https", Path: "/", Host: "a"}, nil); a.Error != ErrorConnection {
		t.Errorf("error %q, want %q", a.Error, ErrorConnection)
	}
}

func TestNamesForTheHandshake(t *testing.T) {
	empty := ""
	target := Target{Ring: &keys.Ring{}}
	tests := map[string]struct {
		send casefile.Send
		name string
		alpn []string
	}{
		"the host, in lower case and without its port": {casefile.Send{Host: "A.Test:8443"}, "a.test", []string{"http/1.1"}},
		"another name":                  {casefile.Send{Host: "a.test", TLS: casefile.SendTLS{SNI: &empty}}, "", []string{"http/1.1"}},
		"HTTP/2 by version":             {casefile.Send{Host: "a.test", HTTPVersion: "2"}, "a.test", []string{"h2"}},
		"HTTP/2 for gRPC":               {casefile.Send{Host: "a.test", GRPC: "/s/m"}, "a.test", []string{"h2"}},
		"protocols that the case names": {casefile.Send{Host: "a.test", TLS: casefile.SendTLS{ALPN: []string{"x"}}}, "a.test", []string{"x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			config := target.tlsConfig(&tt.send)
			if config.ServerName != tt.name {
				t.Errorf("name %q, want %q", config.ServerName, tt.name)
			}
			if diff := cmp.Diff(tt.alpn, config.NextProtos); diff != "" {
				t.Error(diff)
			}
		})
	}
}

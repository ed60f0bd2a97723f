package judge_test

import (
	"net"
	"strings"
	"testing"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/client"
	"github.com/ingress2gw/ingress2gw/test/internal/judge"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

const service = "default/app-a"

// direct runs a request against one echo backend without any proxy between.
func direct(t *testing.T, s *casefile.Service, send casefile.Send) judge.Observation {
	t.Helper()
	ring, err := keys.Generate(casefile.PKI{
		CAs:   []casefile.CA{{Name: "root", CommonName: "Root"}, {Name: "mid", CommonName: "Middle", Issuer: "root"}},
		Certs: []casefile.Cert{{Name: "srv", CommonName: "a.test", DNSNames: []string{"a.test"}, CA: "mid"}, {Name: "alice", CommonName: "alice", CA: "root"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	farm := backend.NewFarm(ring)
	t.Cleanup(func() {
		if err := farm.Close(); err != nil {
			t.Error(err)
		}
	})
	port := freePort(t)
	address := net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
	if err := farm.Start(backend.Place{Service: s, Port: "http", Address: address.String()}); err != nil {
		t.Fatal(err)
	}
	target := client.Target{Address: "127.0.0.1", Ports: map[int]int{80: port, 443: port}, Ring: ring}
	return judge.Observation{
		Answers: target.Run(&send, client.Jars{}), Ledger: farm.Ledger, Ring: ring, Earlier: map[string]string{}, Settle: func() {},
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func p[T any](v T) *T { return &v }

func TestBackendClientAndJudgeAgree(t *testing.T) {
	get := casefile.Send{Scheme: "http", Method: "GET", Path: "/a%2Fb?q=1", Host: "a.test"}
	with := func(change func(s *casefile.Send)) casefile.Send {
		s := get
		change(&s)
		return s
	}
	tests := map[string]struct {
		service casefile.Service
		send    casefile.Send
		want    casefile.Expect
	}{
		"the raw path and the Host header arrive as written": {
			send: get,
			want: casefile.Expect{Status: casefile.Numbers{200}, Backend: service, Upstream: &casefile.Upstream{Path: "/a%2Fb?q=1", Host: "a.test", Proto: "HTTP/1.1", Port: "http", TLS: p(false)}},
		},
		"the client decides status, headers and size of the answer": {
			send: with(func(s *casefile.Send) {
				s.Echo = &casefile.Echo{Status: 418, Headers: casefile.Headers{"X-A": {"1", "2"}}, BodyBytes: 5}
			}),
			want: casefile.Expect{Status: casefile.Numbers{418}, Response: &casefile.Response{Headers: map[string]string{"x-a": "2"}, AbsentHeaders: []string{"x-b"}, BodyBytes: p(5)}},
		},
		"a body in chunks arrives in chunks": {
			send: with(func(s *casefile.Send) { s.Method, s.BodyBytes, s.Chunked = "POST", 9000, true }),
			want: casefile.Expect{Status: casefile.Numbers{200}, Upstream: &casefile.Upstream{BodyBytes: p(9000), Headers: map[string]string{"Transfer-Encoding": "chunked"}, AbsentHeaders: []string{"Content-Length"}}},
		},
		"HTTP/1.0 without Host": {
			send: with(func(s *casefile.Send) { s.HTTPVersion, s.Host = "1.0", "" }),
			want: casefile.Expect{Status: casefile.Numbers{200}, Upstream: &casefile.Upstream{Proto: "HTTP/1.0"}},
		},
		"HTTP/2 with prior knowledge": {
			service: casefile.Service{Protocol: "grpc"},
			send:    with(func(s *casefile.Send) { s.HTTPVersion = "2" }),
			want:    casefile.Expect{Status: casefile.Numbers{200}, Upstream: &casefile.Upstream{Proto: "HTTP/2.0", Path: "/a%2Fb?q=1"}},
		},
		"a gRPC call": {
			service: casefile.Service{Protocol: "grpc"},
			send:    casefile.Send{Scheme: "http", Host: "a.test", GRPC: "/pkg.Service/Call"},
			want:    casefile.Expect{Status: casefile.Numbers{200}, Backend: service, GRPCStatus: p(0), Upstream: &casefile.Upstream{Path: "/pkg.Service/Call"}},
		},
		"a WebSocket message comes back": {
			send: with(func(s *casefile.Send) { s.WebSocket = "hello" }),
			want: casefile.Expect{Status: casefile.Numbers{101}, Backend: service, Response: &casefile.Response{Body: p("hello")}},
		},
		"TLS with a certificate on both sides": {
			service: casefile.Service{Protocol: "https", Cert: "srv", ClientCA: "root"},
			send:    with(func(s *casefile.Send) { s.Scheme, s.TLS.ClientCert = "https", "alice" }),
			want:    casefile.Expect{Status: casefile.Numbers{200}, TLS: &casefile.ExpectTLS{Certificate: "srv", ALPN: "http/1.1"}, Upstream: &casefile.Upstream{TLS: p(true), SNI: p("a.test"), ClientCert: p("alice"), TLSVersion: "~^TLS"}},
		},
		"fixed answers choose by request": {
			service: casefile.Service{Respond: []casefile.Answer{{When: casefile.When{Path: "~^/b"}, Status: 500}, {When: casefile.When{Method: "GET"}, Status: 204}, {Status: 401}}},
			send:    get,
			want:    casefile.Expect{Status: casefile.Numbers{204}},
		},
		"an endpoint with a status of its own": {
			service: casefile.Service{Endpoints: casefile.Endpoints{{Status: 503}}},
			send:    with(func(s *casefile.Send) { s.Repeat, s.Concurrency = 4, 2 }),
			want:    casefile.Expect{Statuses: map[int][2]int{503: {4, 4}}, Share: map[string][2]float64{service: {1, 1}}, Endpoints: casefile.Numbers{1}},
		},
		"an endpoint that refuses": {
			service: casefile.Service{Endpoints: casefile.Endpoints{{Refuse: true}}},
			send:    get,
			want:    casefile.Expect{Error: "connection"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.service.Name = service
			for _, problem := range judge.Judge(tt.want, direct(t, &tt.service, tt.send)) {
				t.Error(problem)
			}
		})
	}
}

func TestJudgeNoticesDifferences(t *testing.T) {
	tests := map[string]struct {
		want    casefile.Expect
		problem string
	}{
		"another status":              {casefile.Expect{Status: casefile.Numbers{404}}, "status 200, want [404]"},
		"an answer instead of none":   {casefile.Expect{Error: "any"}, "want error any"},
		"another Service":             {casefile.Expect{Backend: "default/app-b"}, "answered by"},
		"a backend although none may": {casefile.Expect{Backend: "none"}, "want none"},
		"another path":                {casefile.Expect{Upstream: &casefile.Upstream{Path: "/other"}}, "upstream path"},
		"a header that is missing":    {casefile.Expect{Upstream: &casefile.Upstream{Headers: map[string]string{"X-Missing": "1"}}}, "X-Missing"},
		"a header that must not be":   {casefile.Expect{Response: &casefile.Response{AbsentHeaders: []string{"Content-Type"}}}, "Content-Type"},
		"another body":                {casefile.Expect{Response: &casefile.Response{Body: p("~nothing like it")}}, "response body"},
		"too few attempts":            {casefile.Expect{Attempts: casefile.Numbers{2, 3}}, "1 attempts"},
		"a Service that must not see": {casefile.Expect{NotSent: []string{service}}, "must not"},
		"no TLS":                      {casefile.Expect{TLS: &casefile.ExpectTLS{Certificate: "srv"}}, "no TLS"},
		"too fast":                    {casefile.Expect{Elapsed: []float64{30, 60}}, "took"},
		"another endpoint":            {casefile.Expect{SameEndpointAs: "before"}, "endpoint"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := direct(t, &casefile.Service{Name: service}, casefile.Send{Scheme: "http", Method: "GET", Path: "/", Host: "a.test"})
			got := strings.Join(judge.Judge(tt.want, o), "\n")
			if !strings.Contains(got, tt.problem) {
				t.Errorf("want %q, got %q", tt.problem, got)
			}
		})
	}
}

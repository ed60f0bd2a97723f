package runner

import (
	"io"
	"net/http"
	"testing"

	"github.com/ingress2gw/ingress2gw/test/internal/backend"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/client"
	"github.com/ingress2gw/ingress2gw/test/internal/keys"
)

// reach lets a request with a tag reach a backend of this name.
func reach(t *testing.T, farm *backend.Farm, s *casefile.Service, address, tag string) {
	t.Helper()
	if err := farm.Start(backend.Place{Service: s, Address: address}); err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(backend.TagHeader, tag)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		t.Fatal(err)
	}
}

func TestBreach(t *testing.T) {
	farm := backend.NewFarm(&keys.Ring{})
	t.Cleanup(func() { _ = farm.Close() })
	gate := casefile.Service{Name: "default/gate", Respond: []casefile.Answer{{Status: 200}}}
	reach(t, farm, &casefile.Service{Name: "default/app"}, "127.11.0.1:19000", "to-app")
	reach(t, farm, &gate, "127.11.0.2:19000", "to-gate")
	protected := casefile.Case{Covers: []string{casefile.AnnotationPrefix + "auth-url"}, Services: []casefile.Service{gate}}
	closed := casefile.Expect{Backend: "none"}
	tests := map[string]struct {
		c    casefile.Case
		r    casefile.Request
		tag  string
		want bool
	}{
		"a protected backend was reached":                {protected, casefile.Request{Expect: closed}, "to-app", true},
		"nothing was reached":                            {protected, casefile.Request{Expect: closed}, "to-nothing", false},
		"who is asked for permission may be reached":     {protected, casefile.Request{Expect: closed}, "to-gate", false},
		"a request that is let through":                  {protected, casefile.Request{Expect: casefile.Expect{Backend: "default/app"}}, "to-app", false},
		"an alternative that lets through":               {protected, casefile.Request{Expect: closed, Accepted: []casefile.Expect{{Backend: "default/app"}}}, "to-app", false},
		"a case about no protection":                     {casefile.Case{Covers: []string{"spec/path"}}, casefile.Request{Expect: closed}, "to-app", false},
		"let through, but not there":                     {protected, casefile.Request{Expect: casefile.Expect{Backend: "default/b", NotSent: []string{"default/app"}}}, "to-app", true},
		"a handshake that must fail reached the backend": {protected, casefile.Request{Expect: casefile.Expect{Error: "tls"}}, "to-app", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := &run{c: &tt.c, farm: farm}
			if got := x.breaks(&tt.r, []client.Answer{{Tag: tt.tag}}); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}

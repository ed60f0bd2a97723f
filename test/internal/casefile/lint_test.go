package casefile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
)

var folders = []string{"../../conformance/cases", "../../conformance/composition", "../../conformance/authorizer"}

func TestEveryCaseKeepsTheFormat(t *testing.T) {
	seen := map[string]string{}
	for _, dir := range folders {
		cases, err := casefile.LoadAll([]string{dir})
		if err != nil {
			t.Error(err)
		}
		if len(cases) == 0 {
			t.Errorf("%s: no cases", dir)
		}
		for _, c := range cases {
			for _, f := range casefile.Lint(c) {
				t.Error(f)
			}
			if other, ok := seen[c.Name]; ok {
				t.Errorf("%s is both in %s and in %s", c.Name, other, dir)
			}
			seen[c.Name] = dir
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if filepath.Ext(e.Name()) != ".yaml" {
				t.Errorf("%s/%s is not a case", dir, e.Name())
			}
		}
	}
}

const good = `
name: sample
covers: [nginx.ingress.kubernetes.io/ssl-redirect]
origin: made up
equivalence: approximate(status)
verified: source
manifests: |
  apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: web, annotations: {nginx.ingress.kubernetes.io/ssl-redirect: "true"}}
  spec: {defaultBackend: {service: {name: app-a, port: {number: 80}}}}
requests:
- name: plain
  send: {scheme: http, method: GET, path: /, host: a.test}
  expect: {status: 308, backend: none, response: {headers: {Location: ~^https}}}
  translated:
  - {status: 301}
  - {error: any}
`

func TestLintFindsFaults(t *testing.T) {
	tests := map[string]struct{ old, new, want string }{
		"the sample itself has none":              {"", "", ""},
		"an unknown field":                        {"origin:", "orgin:", "orgin"},
		"a wrong type":                            {"status: 308", "status: moved", "cannot unmarshal"},
		"a cover of no known form":                {"[nginx.ingress.kubernetes.io/ssl-redirect]", "[ssl-redirect]", "covers"},
		"an unknown equivalence":                  {"approximate(status)", "roughly", "equivalence"},
		"alternatives in an exact case":           {"approximate(status)", "exact", "translated in a case"},
		"a kind that an API server does not hold": {"kind: Ingress", "kind: Gadget", "only Ingress"},
		"a backend that is no Service":            {"backend: none", "backend: default/other", "not a Service"},
		"a request without scheme":                {"scheme: http, ", "", "scheme"},
		"a path with a space":                     {"path: /,", "path: /a b,", "path"},
		"a path without a slash":                  {"path: /,", "path: a,", "path"},
		"no expectation of the outcome":           {"status: 308, backend", "backend", "neither status"},
		"a broken regular expression":             {"~^https", "'~(https'", "missing closing"},
		"an annotation that is not a string":      {`"true"`, "true", "not a string"},
		"a backend port that is not given":        {"port: {number: 80}", "port: {}", "one of port name and number"},
		"a source address outside loopback":       {"host: a.test", "host: a.test, sourceIP: 10.0.0.1", "sourceIP"},
		"a need that is not declared":             {"host: a.test", "host: a.test, jar: one", "needs lacks cookies"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text := good
			if tt.old != "" {
				if text = strings.Replace(good, tt.old, tt.new, 1); text == good {
					t.Fatalf("%q does not occur in the sample", tt.old)
				}
			}
			c, err := casefile.Parse([]byte(text))
			var got string
			if err != nil {
				got = err.Error()
			} else {
				got = strings.Join(casefile.Lint(c), "\n")
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("want %q, got %q", tt.want, got)
			}
		})
	}
}

func TestAlternativesReplaceKeysWhole(t *testing.T) {
	c, err := casefile.Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	accepted := c.Requests[0].Accepted
	if len(accepted) != 2 {
		t.Fatalf("%d alternatives, want 2", len(accepted))
	}
	if x := accepted[0]; !x.Status.Contains(301) || x.Backend != "none" || x.Response == nil {
		t.Errorf("status replaced, the rest kept: got %+v", x)
	}
	if x := accepted[1]; x.Error != "any" || x.Status != nil || x.Backend != "" || x.Response != nil {
		t.Errorf("an error drops all other checks: got %+v", x)
	}
}

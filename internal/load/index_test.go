package load

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

func stamped(metadata, host string) string {
	return strings.Replace(strings.Replace(good, "  name: web\n", "  name: web\n"+metadata, 1), "a.example.com", host, 1)
}

func TestDefinedTwice(t *testing.T) {
	cases := map[string]struct {
		docs  []string
		used  string // host of the definition that is used
		read  int
		wrong int // findings
	}{
		"the same content is one object":                       {[]string{good, good}, "a.example.com", 1, 0},
		"status and last-applied do not make a difference":     {[]string{good, stamped("  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{}'\n", "a.example.com") + "status: {}\n", strings.Replace(good, "  name: web\n", "  name: web\n  annotations: {}\n", 1)}, "a.example.com", 1, 0},
		"the greater resource version is used":                 {[]string{stamped("  resourceVersion: \"9\"\n", "a.example.com"), stamped("  resourceVersion: \"10\"\n", "b.example.com")}, "b.example.com", 2, 1},
		"the greater generation is used":                       {[]string{stamped("  generation: 3\n", "a.example.com"), stamped("  generation: 2\n", "b.example.com")}, "a.example.com", 2, 1},
		"the newer object is used":                             {[]string{stamped("  creationTimestamp: 2024-01-01T00:00:00Z\n", "b.example.com"), stamped("  creationTimestamp: 2025-01-01T00:00:00Z\n", "a.example.com")}, "a.example.com", 2, 1},
		"a definition with a version beats one without":        {[]string{stamped("  resourceVersion: \"1\"\n", "a.example.com"), stamped("  generation: 9\n", "b.example.com")}, "a.example.com", 2, 1},
		"without versions the greater content is used":         {[]string{good, stamped("", "b.example.com")}, "b.example.com", 2, 1},
		"of three definitions two may be the same":             {[]string{good, stamped("", "b.example.com"), good}, "b.example.com", 2, 1},
		"an old version of the API defines the same object":    {[]string{good, strings.Replace(old, "spec:\n", "", 1) + "spec:\n  rules:\n  - host: a.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend: {serviceName: web, servicePort: 80}\n"}, "a.example.com", 1, 1},
		"names are only the same in the same namespace":        {[]string{good, stamped("  namespace: shop\n", "b.example.com")}, "a.example.com", 2, 0},
		"a definition that fails does not stand in for others": {[]string{good, stamped("  resourceVersion: \"1\"\n", "B")}, "a.example.com", 2, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				s := readText(strings.Join(c.docs, "---\n"))
				if s.Read != c.read || s.Findings.Len() != c.wrong || s.Ingresses[0].Spec.Rules[0].Host != c.used {
					t.Errorf("host %s of:\n%s", s.Ingresses[0].Spec.Rules[0].Host, outcome(s))
				}
				slices.Reverse(c.docs)
			}
		})
	}
}

func TestStreamsAddUp(t *testing.T) {
	s := snapshot.New()
	Bytes("in.yaml", []byte(good), s)
	Bytes("second.yaml", []byte(other("b")+"---\n"+good+"---\n"+stamped("", "b.example.com")), s)
	want := "read 3 failed 1\nIngress default/b line 1\nIngress default/web line 35\nDuplicateObject 1 Ingress default/web\n"
	if diff := cmp.Diff(want, outcome(s)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLastAppliedIsDropped(t *testing.T) {
	s := readText(stamped("  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: '{\"a\": 1}'\n    a: b\n", "a.example.com"))
	want := map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "", "a": "b"}
	if diff := cmp.Diff(want, s.Ingresses[0].Annotations); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

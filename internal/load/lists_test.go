package load

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// indent makes a list item of a document.
func indent(doc, by string) string {
	lines := strings.Split(strings.TrimSuffix(doc, "\n"), "\n")
	return by + "- " + strings.Join(lines, "\n"+by+"  ") + "\n"
}

const jsonItem = `{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "NAME"},
 "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}}`

func jsonNamed(name string) string { return strings.Replace(jsonItem, "NAME", name, 1) }

var listInputs = map[string]struct{ in, want string }{
	"items at the column of their key, as kubectl writes them": {
		"apiVersion: v1\nitems:\n" + indent(good, "") + indent(other("b"), "") + "kind: List\nmetadata:\n  resourceVersion: \"\"\n",
		"read 2 failed 0\nIngress default/b line 19\nIngress default/web line 3\n",
	},
	"indented items behind the kind": {
		"apiVersion: v1\nkind: List\nitems:\n" + indent(good, "  ") + "\n  # between\n" + indent(other("b"), "  "),
		"read 2 failed 0\nIngress default/b line 22\nIngress default/web line 4\n",
	},
	"a broken item costs only itself": {
		"apiVersion: v1\nkind: List\nitems:\n" + indent(good, "") + "- kind: Ingress\n  metadata: {name: x\n" + indent(other("b"), ""),
		"read 3 failed 1\nIngress default/b line 22\nIngress default/web line 4\nUnreadable 21 Ingress\n",
	},
	"a doubled key in an item costs only that": {
		"apiVersion: v1\nkind: List\nitems:\n" + indent(good, "") + "- kind: Ingress\n  kind: Ingress\n  apiVersion: networking.k8s.io/v1\n" + indent(other("b"), ""),
		"read 3 failed 1\nIngress default/b line 23\nIngress default/web line 4\nDuplicateKey 21 Ingress default/ kind\n",
	},
	"items of an answer do not say what they are": {
		"apiVersion: networking.k8s.io/v1\nkind: IngressList\nitems:\n" + indent(strings.TrimPrefix(good, "apiVersion: networking.k8s.io/v1\nkind: Ingress\n"), ""),
		"read 1 failed 0\nIngress default/web line 4\n",
	},
	"lists of other kinds hold nothing":       {"apiVersion: v1\nkind: PodList\nitems:\n- metadata:\n    name: x\n", "read 0 failed 0\nForeignKind kind\n"},
	"a list may be empty":                     {"apiVersion: v1\nkind: List\nitems: []\n---\napiVersion: v1\nkind: List\nitems:\n", "read 0 failed 0\n"},
	"items must be a list":                    {"apiVersion: v1\nkind: List\nitems: {a: b}\n", "read 0 failed 0\nUnreadable 3\n"},
	"a list in flow style is read whole":      {"apiVersion: v1\nkind: List\nitems: [" + strings.ReplaceAll(jsonNamed("a"), "\n", "") + "]\n", "read 1 failed 0\nIngress default/a line 3\n"},
	"a list with anchors is read whole":       {"apiVersion: v1\nkind: List\nitems:\n- &x\n  kind: Pod\n  metadata: &m {name: web}\n" + indent(strings.Replace(good, "metadata:\n  name: web\n", "metadata: *m\n", 1), ""), "read 1 failed 0\nIngress default/web line 7\nForeignKind kind\n"},
	"a doubled key in a list read whole":      {"apiVersion: v1\nkind: List\nitems:\n  - kind: Pod\n    a: &x 1\n    a: *x\n" + indent(good, "  "), "read 1 failed 0\nIngress default/web line 7\nForeignKind kind\n"},
	"a list in a list":                        {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: List\n  items:\n" + indent(good, "  "), "read 1 failed 0\nIngress default/web line 7\n"},
	"a bare list of objects":                  {indent(good, "") + indent(other("b"), ""), "read 2 failed 0\nIngress default/b line 17\nIngress default/web line 1\n"},
	"a bare list of anything":                 {"- op: replace\n  path: /x\n", "read 0 failed 0\nForeignKind 1\n"},
	"a block scalar may look like items":      {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: c\n  data:\n    x: |\n      - a\n      items:\n      - b\n" + indent(good, ""), "read 1 failed 0\nIngress default/web line 13\n"},
	"an unreadable head is reported":          {"apiVersion: v1\nkind: List\nx: [\nitems:\n" + indent(good, "") + indent(other("b"), ""), "read 2 failed 2\nUnreadable 5\n"},
	"JSON, one object":                        {jsonNamed("a"), "read 1 failed 0\nIngress default/a line 1\n"},
	"JSON objects in a row":                   {jsonNamed("a") + "\n" + jsonNamed("b") + jsonNamed("c"), "read 3 failed 0\nIngress default/a line 1\nIngress default/b line 3\nIngress default/c line 4\n"},
	"JSON behind a document marker":           {"---\n\n" + jsonNamed("a") + "\n---\n" + good, "read 2 failed 0\nIngress default/a line 3\nIngress default/web line 6\n"},
	"a JSON list whose kind comes last":       {"{\"apiVersion\": \"v1\", \"items\": [\n" + jsonNamed("a") + ",\n" + jsonNamed("b") + "], \"kind\": \"List\"}\n", "read 2 failed 0\nIngress default/a line 2\nIngress default/b line 4\n"},
	"a JSON list that was cut off":            {"{\"apiVersion\": \"v1\", \"items\": [\n" + jsonNamed("a") + ",\n" + jsonNamed("b")[:60], "read 2 failed 1\nIngress default/a line 2\nUnreadable 4 Ingress\n"},
	"a JSON item with a doubled key":          {"{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": [{\"kind\": \"Ingress\", \"kind\": \"Ingress\", \"apiVersion\": \"networking.k8s.io/v1\"},\n" + jsonNamed("b") + "]}", "read 2 failed 1\nIngress default/b line 2\nDuplicateKey 1 Ingress default/ kind\n"},
	"JSON that is broken":                     {"{\"kind\": \"Ingress\", \"spec\": {]}\n---\n" + good, "read 2 failed 1\nIngress default/web line 3\nUnreadable 1 Ingress\n"},
	"YAML in flow style is no broken JSON":    {"{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {defaultBackend: {service: {name: b, port: {number: 80}}}}}\n", "read 1 failed 0\nIngress default/a line 1\n"},
	"JSON with escapes and other alphabets":   {strings.Replace(jsonNamed("a"), `"name": "a"`, `"name": "\u0061", "annotations": {"x/y": "\"ü\n"}`, 1), "read 1 failed 0\nIngress default/a line 1\n"},
	"a JSON number as a name is read as text": {strings.Replace(jsonNamed("a"), `"a"`, `1`, 1), "read 1 failed 0\nIngress default/1 line 1\nInvalidObject 1 Ingress default/1 metadata.name\n"},
}

func TestLists(t *testing.T) {
	for name, c := range listInputs {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, outcome(readText(c.in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLinesOfAnIngress(t *testing.T) {
	in := "# first line\n" + head + "  annotations:\n    b/c: d\n    e/f: |\n      text\n\n      text\n    g/h: i\n" + spec +
		"      - path: /b\n        pathType: Exact\n        backend:\n          service: {name: b, port: {name: http}}\n  - host: b.example.com\n  tls:\n  - hosts: [a.example.com]\n  - secretName: x\n"
	for form, text := range map[string]string{
		"written plainly":         in,
		"read by the full parser": strings.Replace(in, "i\n", "!!str i\n", 1),
	} {
		s := readText(text)
		if len(s.Ingresses) != 1 {
			t.Fatalf("%s: %s", form, outcome(s))
		}
		got := s.Ingresses[0].Lines
		want := got
		want.Annotations = map[string]int{"b/c": 7, "e/f": 8, "g/h": 12}
		want.Spec, want.TLS, want.Rules, want.Paths = 13, []int{31, 32}, []int{15, 29}, [][]int{{18, 25}, nil}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", form, diff)
		}
	}
}

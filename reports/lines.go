package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Line is a line of YAML, and the fields of an Ingress that it stands for or, in a generated object, comes from: paths such as
// spec.rules[0].http.paths[1], or keys of annotations, the narrowest first. They are spelled as in findings.
type Line struct {
	Text   string
	Fields []string
}

// Lines are the Ingress as YAML, without what a cluster added. They are made anew by each call: there may be many.
func (in *Ingress) Lines() []Line {
	if in.source == nil {
		return nil
	}
	s := in.source
	w := lineWriter{}
	w.tree(manifest.Map{{Key: "apiVersion", Value: "networking.k8s.io/v1"}, {Key: "kind", Value: "Ingress"}}, 0)
	w.text("metadata:", 0)
	w.tree(manifest.Map{{Key: "name", Value: s.Name}, {Key: "namespace", Value: s.Namespace}}, 2)
	if len(s.Labels) > 0 {
		w.text("labels:", 2)
		for _, k := range sortedKeys(s.Labels) {
			w.tree(manifest.Map{{Key: k, Value: s.Labels[k]}}, 4)
		}
	}
	if len(s.Annotations) > 0 {
		w.text("annotations:", 2)
		for _, k := range sortedKeys(s.Annotations) {
			if k != "kubectl.kubernetes.io/last-applied-configuration" { // the same once more
				w.tree(manifest.Map{{Key: k, Value: s.Annotations[k]}}, 4, k)
			}
		}
	}
	w.spec(&s.Spec)
	return w.lines
}

func sortedKeys(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

type lineWriter struct{ lines []Line }

func (w *lineWriter) text(line string, indent int, fields ...string) {
	w.lines = append(w.lines, Line{strings.Repeat(" ", indent) + line, fields})
}

// tree writes a tree whose lines all belong to the same fields.
func (w *lineWriter) tree(m any, indent int, fields ...string) {
	data, err := manifest.YAML(m)
	if err != nil {
		w.text("# "+err.Error(), indent, fields...)
		return
	}
	for line := range strings.Lines(string(data)) {
		w.text(strings.TrimSuffix(line, "\n"), indent, fields...)
	}
}

// item writes a tree as an item of a list.
func (w *lineWriter) item(m manifest.Map, indent int, fields ...string) {
	w.tree([]any{m}, indent, fields...)
}

func (w *lineWriter) spec(s *netv1.IngressSpec) {
	w.text("spec:", 0, "spec")
	if s.IngressClassName != nil {
		w.tree(manifest.Map{{Key: "ingressClassName", Value: *s.IngressClassName}}, 2, "spec.ingressClassName")
	}
	if s.DefaultBackend != nil {
		w.tree(manifest.Map{{Key: "defaultBackend", Value: backend(s.DefaultBackend)}}, 2, "spec.defaultBackend")
	}
	if len(s.TLS) > 0 {
		w.text("tls:", 2, "spec.tls")
	}
	for i := range s.TLS {
		t := manifest.Map{}
		if len(s.TLS[i].Hosts) > 0 {
			t = t.Set("hosts", s.TLS[i].Hosts)
		}
		if s.TLS[i].SecretName != "" {
			t = t.Set("secretName", s.TLS[i].SecretName)
		}
		w.item(t, 2, index("spec.tls", i))
	}
	if len(s.Rules) > 0 {
		w.text("rules:", 2, "spec.rules")
	}
	for i := range s.Rules {
		w.rule(&s.Rules[i], index("spec.rules", i))
	}
}

func (w *lineWriter) rule(r *netv1.IngressRule, field string) {
	key := "- "
	if r.Host != "" || r.HTTP == nil {
		w.item(manifest.Map{{Key: "host", Value: r.Host}}, 2, field)
		key = "  "
	}
	if r.HTTP == nil {
		return
	}
	w.text(key+"http:", 2, field)
	w.text("paths:", 6, field)
	for k := range r.HTTP.Paths {
		p := &r.HTTP.Paths[k]
		m := manifest.Map{}
		if p.Path != "" {
			m = m.Set("path", p.Path)
		}
		if p.PathType != nil {
			m = m.Set("pathType", string(*p.PathType))
		}
		w.item(m.Set("backend", backend(&p.Backend)), 6, index(field+".http.paths", k), field)
	}
}

func backend(b *netv1.IngressBackend) manifest.Map {
	if r := b.Resource; r != nil {
		m := manifest.Map{{Key: "kind", Value: r.Kind}, {Key: "name", Value: r.Name}}
		if r.APIGroup != nil {
			m = append(manifest.Map{{Key: "apiGroup", Value: *r.APIGroup}}, m...)
		}
		return manifest.Map{{Key: "resource", Value: m}}
	}
	if b.Service == nil {
		return manifest.Map{}
	}
	port := manifest.Map{}
	if b.Service.Port.Name != "" {
		port = port.Set("name", b.Service.Port.Name)
	} else {
		port = port.Set("number", b.Service.Port.Number)
	}
	return manifest.Map{{Key: "service", Value: manifest.Map{{Key: "name", Value: b.Service.Name}, {Key: "port", Value: port}}}}
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// ObjectLines are a generated object as YAML, each line with the fields of this Ingress that it comes from. Key material is
// masked, and of a Gateway only the servers and hosts of this Ingress are shown: there may be thousands.
func (in *Ingress) ObjectLines(o *manifest.Object) []Line {
	w := lineWriter{}
	if o.Kind == "Gateway" {
		in.gatewayLines(&w, o)
		return w.lines
	}
	w.tree(masked(o), 0)
	var mine []manifest.Source
	for _, s := range in.sources[o] {
		if slices.ContainsFunc(s.Origins, func(x finding.Origin) bool { return x.Object == in.Object }) {
			mine = append(mine, s)
		}
	}
	if len(mine) > 0 {
		in.link(w.lines, mine)
	}
	return w.lines
}

// masked is an object's tree without key material.
func masked(o *manifest.Object) manifest.Map {
	tree := o.Tree()
	if !o.Secret && o.Kind != "Secret" {
		return tree
	}
	for i := range tree {
		if data, ok := tree[i].Value.(manifest.Map); ok && (tree[i].Key == "data" || tree[i].Key == "stringData") {
			hidden := manifest.Map{}
			for _, f := range data {
				hidden = append(hidden, manifest.Field{Key: f.Key, Value: "***"})
			}
			tree[i].Value = hidden
		}
	}
	return tree
}

// link gives lines the fields that they come from, those of the narrowest part first.
func (in *Ingress) link(lines []Line, sources []manifest.Source) {
	slices.SortStableFunc(sources, func(a, b manifest.Source) int { return cmp.Compare(len(b.Path), len(a.Path)) })
	stated := make([][]string, len(sources))
	for i, s := range sources {
		for _, o := range s.Origins {
			if o.Object == in.Object && in.states(o.Field) {
				stated[i] = append(stated[i], o.Field)
			}
		}
	}
	paths := pathReader{}
	for i := range lines {
		path := paths.next(lines[i].Text)
		for j := range sources {
			if !within(path, sources[j].Path) {
				continue
			}
			for _, field := range stated[j] {
				if !slices.Contains(lines[i].Fields, field) {
					lines[i].Fields = append(lines[i].Fields, field)
				}
			}
		}
	}
}

// within tells whether a path is another or leads into it. It is asked for every line and part: nothing is put together for it.
func within(path, of string) bool {
	return strings.HasPrefix(path, of) && (len(path) == len(of) || path[len(of)] == '.' || path[len(of)] == '[')
}

// states tells whether the Ingress holds a field: what comes from a default has an origin, too.
func (in *Ingress) states(field string) bool {
	if isAnnotation(field) {
		_, ok := in.source.Annotations[field]
		return ok
	}
	return field != "" && (field != "spec.defaultBackend" || in.source.Spec.DefaultBackend != nil)
}

// gatewayLines shows the servers of this Ingress's hosts.
func (in *Ingress) gatewayLines(w *lineWriter, o *manifest.Object) {
	g := in.gateways[o]
	if g == nil {
		return
	}
	w.tree(g.head, 0)
	w.text("spec:", 0)
	w.text("servers:", 2)
	shown := 0
	for i := range g.servers {
		s := &g.servers[i]
		var hosts []string
		for _, h := range in.Hosts {
			hosts = append(hosts, s.written[h]...)
		}
		if len(hosts) == 0 {
			continue
		}
		shown++
		w.item(s.tree.Set("hosts", hosts), 2, in.hostFields(s.https)...)
		if n := s.count - len(hosts); n > 0 {
			w.text(fmt.Sprintf("# and %s", plural(n, "further host")), 2)
		}
	}
	if n := len(g.servers) - shown; n > 0 {
		w.text(fmt.Sprintf("# and %s", plural(n, "further server")), 2)
	}
	w.tree(g.rest, 2)
}

// hostFields are the parts of the Ingress that a server comes from.
func (in *Ingress) hostFields(https bool) []string {
	var out []string
	if https {
		for i := range in.source.Spec.TLS {
			out = append(out, index("spec.tls", i))
		}
	}
	for i := range in.source.Spec.Rules {
		out = append(out, index("spec.rules", i))
	}
	return out
}

package incremental

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/group"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// fleet is a cluster with its translation, kept up to date by groups.
type fleet struct {
	t       *testing.T
	options translate.Options
	shared  *snapshot.Snapshot
	members map[snapshot.Key]*inputs.Ingress
	index   group.Index[snapshot.Key]
	wild    map[string]bool
	edge    *Edge
	harvest map[string][]string // values of annotations
}

var (
	domain    = regexp.MustCompile(`\b([a-z0-9-]+)\.(test|com|org|net|example)\b`)
	namespace = regexp.MustCompile(`(?m)^( *-? *\{?(?:metadata: \{[^}]*)?namespace: )([a-z0-9-]+)`)
)

// newFleet puts golden cases together, each in namespaces and with hosts of its own.
func newFleet(t *testing.T, o translate.Options, cases []string) *fleet {
	t.Helper()
	f := &fleet{t: t, options: o, shared: snapshot.New(), members: map[snapshot.Key]*inputs.Ingress{}, harvest: map[string][]string{}}
	f.options.ObjectsOnly = true
	f.shared.HasClasses, f.shared.HasServices, f.shared.HasSecrets = true, true, true
	for i, dir := range cases {
		text, err := os.ReadFile(filepath.Join(dir, "in.yaml"))
		require.NoError(t, err)
		in := snapshot.New()
		prefix := fmt.Sprintf("c%d-", i)
		load.Bytes("in.yaml", apart(text, prefix), in)
		maps.Copy(f.shared.Services, in.Services)
		maps.Copy(f.shared.Secrets, in.Secrets)
		maps.Copy(f.shared.ConfigMaps, in.ConfigMaps)
		maps.Copy(f.shared.Classes, in.Classes)
		for _, x := range in.Ingresses {
			f.put(&x.Ingress)
			for k, v := range x.Annotations {
				f.harvest[k] = append(f.harvest[k], v)
			}
		}
	}
	for i := range 6 { // neighbours without anything special
		f.put(ingress(fmt.Sprintf("plain%d", i), fmt.Sprintf("plain%d.test", i)))
	}
	for _, vs := range f.harvest {
		slices.Sort(vs)
	}
	f.index, f.edge = group.Index[snapshot.Key]{}, nil
	f.whole()
	return f
}

// apart renames the namespaces and the domains of a case.
func apart(text []byte, prefix string) []byte {
	names := map[string]bool{}
	for _, m := range namespace.FindAllSubmatch(text, -1) {
		names[string(m[2])] = true
	}
	text = domain.ReplaceAll(text, []byte(prefix+"$1.$2"))
	for _, n := range slices.Sorted(maps.Keys(names)) {
		text = regexp.MustCompile(`(namespace: ["']?|[ "',]|^)`+n+`(/[a-z0-9]|["']?[,}\n])`).ReplaceAll(text, []byte("${1}"+prefix+n+"$2"))
	}
	return bytes.ReplaceAll(text, []byte(prefix+prefix), []byte(prefix))
}

// ingress is a plain one.
func ingress(name, host string) *netv1.Ingress {
	kind := netv1.PathTypePrefix
	class := "nginx"
	return &netv1.Ingress{
		ObjectMeta: metav1.ObjectMeta{Namespace: "plain", Name: name, CreationTimestamp: metav1.NewTime(time.Unix(1_600_000_000, 0))},
		Spec: netv1.IngressSpec{IngressClassName: &class, Rules: []netv1.IngressRule{{Host: host, IngressRuleValue: netv1.IngressRuleValue{
			HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{Path: "/", PathType: &kind, Backend: netv1.IngressBackend{
				Service: &netv1.IngressServiceBackend{Name: name, Port: netv1.ServiceBackendPort{Number: 80}},
			}}}},
		}}}},
	}
}

// put makes an Ingress what it says.
func (f *fleet) put(o *netv1.Ingress) {
	x, err := inputs.ReadIngress(o)
	require.NoError(f.t, err)
	if x.Ingress == nil {
		return
	}
	f.members[snapshot.Key{Namespace: o.Namespace, Name: o.Name}] = x
}

func (f *fleet) keys() []snapshot.Key {
	return slices.SortedFunc(maps.Keys(f.members), func(a, b snapshot.Key) int { return cmp.Compare(a.String(), b.String()) })
}

func (f *fleet) translate(shared *snapshot.Snapshot, members map[snapshot.Key]*inputs.Ingress, keys []snapshot.Key) Translation {
	s := *shared
	s.Ingresses, s.Findings = nil, finding.List{}
	var sources []Source
	for _, k := range keys {
		if m := members[k]; m != nil {
			s.Ingresses = append(s.Ingresses, m.Ingress)
			s.Findings.Add(m.Findings...)
			s.Read++
			sources = append(sources, Source{k, m.Object})
		}
	}
	res := translate.Translate(&s, f.options)
	return Translation{res, res.Objects, sources}
}

// whole translates everything.
func (f *fleet) whole() Translation {
	f.wild = wildcards(f.members)
	f.index = group.Index[snapshot.Key]{}
	for _, k := range f.keys() {
		f.index.Set(k, f.members[k].Words(f.wild))
	}
	all := f.translate(f.shared, f.members, f.keys())
	f.edge = New(all)
	return all
}

func wildcards(members map[snapshot.Key]*inputs.Ingress) map[string]bool {
	out := map[string]bool{}
	for _, m := range members {
		for _, h := range m.Hosts {
			if h[0] == '*' {
				out[h] = true
			}
		}
	}
	return out
}

// change changes the cluster, and brings the translation up to date by groups if it can. why says why not.
func (f *fleet) change(change func(f *fleet) []snapshot.Key) (why string) {
	before, shared := maps.Clone(f.members), *f.shared
	f.shared.Services = maps.Clone(f.shared.Services)
	changed := change(f)
	if !maps.Equal(f.wild, wildcards(f.members)) {
		return "wildcards changed"
	}
	counts := func(snapshot.Key) bool { return true }
	some, _ := f.index.With(changed, counts, 1<<20)
	for _, k := range changed {
		if m := f.members[k]; m != nil {
			f.index.Set(k, m.Words(f.wild))
		} else {
			f.index.Set(k, nil)
		}
	}
	some, _ = f.index.With(some, counts, 1<<20)
	if len(some) > len(before)*9/10 {
		return "too many"
	}
	slices.SortFunc(some, func(a, b snapshot.Key) int { return cmp.Compare(a.String(), b.String()) })
	whole := f.options
	f.options.Target.OtherCertificates = f.edge.Certificates()
	_, why = f.edge.Update(f.translate(&shared, before, some), f.translate(f.shared, f.members, some))
	f.options = whole
	return why
}

// differences compares the translation with that of the whole.
func (f *fleet) differences(whole Translation) (out []string) {
	want := New(whole)
	same := map[string]bool{}
	for ref, x := range want.objects {
		have, ok := f.edge.objects[ref]
		switch {
		case ok && have.sum == x.sum:
		case belongs(x.object) || !f.edge.Debt:
			out = append(out, fmt.Sprintf("%s (there: %v)\n%s\nis\n%s", ref, ok, text(x.object), text(have.object)))
		case x.object.Kind == "EnvoyFilter":
			for _, p := range patchesOf(x.object) {
				if fam := f.edge.family(family(x.object)); fam == nil || !fam.has(family(x.object), p) {
					out = append(out, ref.String()+" has patches that are not there")
				}
			}
		case !ok:
			out = append(out, ref.String()+" is not there")
		case x.object.Kind == "Gateway":
			if more, ok := withHosts(have.object, x.object); more != nil || !ok {
				out = append(out, fmt.Sprintf("%s has hosts that are not there\n%s\nis\n%s", ref, text(x.object), text(have.object)))
			}
		case x.object.Kind == "ConfigMap":
			if !linesWithin(x.object, have.object) {
				out = append(out, ref.String()+" has lines that are not there")
			}
		default:
			out = append(out, fmt.Sprintf("%s\n%s\nis\n%s", ref, text(x.object), text(have.object)))
		}
		same[ref.String()] = true
	}
	for ref, x := range f.edge.objects {
		if _, ok := want.objects[ref]; !ok && (belongs(x.object) || !f.edge.Debt) {
			out = append(out, ref.String()+" should not be there")
		}
	}
	servers := map[string]apply.Ref{}
	for ref, x := range f.edge.objects {
		if _, ok := want.objects[ref]; !ok && ref.Kind != "Gateway" && !belongs(x.object) && !slices.Contains(harmless, ref.Kind) {
			out = append(out, ref.String()+" changes answers, and should not be there")
		}
		for _, h := range tlsHosts(x.object) { // also as long as there is a debt: clients would get its certificate
			if !slices.Contains(tlsHosts(want.objects[ref].object), h) {
				out = append(out, fmt.Sprintf("%s serves %s by TLS, and should not", ref, h))
			}
		}
		for _, h := range tlsHosts(x.object) {
			if other, ok := servers[bare(h)]; ok && other != ref && bare(h) != "*" {
				out = append(out, fmt.Sprintf("%s and %s both serve %s by TLS", ref, other, bare(h)))
			}
			servers[bare(h)] = ref
		}
	}
	for k, sum := range want.said {
		if f.edge.said[k] != sum {
			out = append(out, "other things are to be said of "+k.String())
		}
	}
	if len(f.edge.said) != len(want.said) {
		out = append(out, "not the same are spoken of")
	}
	slices.Sort(out)
	return out
}

func text(o *manifest.Object) string {
	if o == nil {
		return "nothing"
	}
	b, err := yaml.Marshal(manifest.Unstructured(o).Object)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// some gives one of the members that a condition holds for.
func (f *fleet) some(r *rand.Rand, ok func(*inputs.Ingress) bool) *netv1.Ingress {
	keys := slices.DeleteFunc(f.keys(), func(k snapshot.Key) bool { return ok != nil && !ok(f.members[k]) })
	if len(keys) == 0 {
		return nil
	}
	return f.members[keys[r.IntN(len(keys))]].DeepCopy()
}

func keyOf(o *netv1.Ingress) []snapshot.Key {
	return []snapshot.Key{{Namespace: o.Namespace, Name: o.Name}}
}

func goldens(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../testdata/nginx/*/*/in.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for i := range files {
		files[i] = strings.TrimSuffix(files[i], "/in.yaml")
	}
	return files
}

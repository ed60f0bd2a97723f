package incremental

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	netv1 "k8s.io/api/networking/v1"

	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// mutations are what people do to Ingresses and Services.
var mutations = []struct {
	name string
	do   func(f *fleet, r *rand.Rand) []snapshot.Key
}{
	{"an annotation", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, nil)
		keys := slices.Sorted(maps.Keys(f.harvest))
		k := keys[r.IntN(len(keys))]
		if o.Annotations == nil {
			o.Annotations = map[string]string{}
		}
		o.Annotations[k] = f.harvest[k][r.IntN(len(f.harvest[k]))]
		f.put(o)
		return keyOf(o)
	}},
	{"an annotation goes", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, func(x *inputs.Ingress) bool { return len(x.Annotations) > 0 })
		keys := slices.Sorted(maps.Keys(o.Annotations))
		delete(o.Annotations, keys[r.IntN(len(keys))])
		f.put(o)
		return keyOf(o)
	}},
	{"a path", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, hasPaths)
		ps := o.Spec.Rules[pathsOf(o, r)].HTTP
		p := &ps.Paths[r.IntN(len(ps.Paths))]
		p.Path = fmt.Sprintf("/p%d", r.IntN(4))
		f.put(o)
		return keyOf(o)
	}},
	{"another path", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, hasPaths)
		ps := o.Spec.Rules[pathsOf(o, r)].HTTP
		p := *ps.Paths[0].DeepCopy()
		p.Path = fmt.Sprintf("/q%d", r.IntN(4))
		ps.Paths = append(ps.Paths, p)
		f.put(o)
		return keyOf(o)
	}},
	{"a backend", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, hasPaths)
		ps := o.Spec.Rules[pathsOf(o, r)].HTTP
		p := &ps.Paths[r.IntN(len(ps.Paths))]
		var names []string
		for k := range f.shared.Services {
			if k.Namespace == o.Namespace {
				names = append(names, k.Name)
			}
		}
		if slices.Sort(names); len(names) > 0 && p.Backend.Service != nil {
			p.Backend.Service.Name = names[r.IntN(len(names))]
		}
		f.put(o)
		return keyOf(o)
	}},
	{"another host", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, hasPaths)
		rule := *o.Spec.Rules[pathsOf(o, r)].DeepCopy()
		rule.Host = fmt.Sprintf("h%d.new.test", r.IntN(20))
		o.Spec.Rules = append(o.Spec.Rules, rule)
		f.put(o)
		return keyOf(o)
	}},
	{"a host goes", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, func(x *inputs.Ingress) bool { return len(x.Spec.Rules) > 1 })
		if o == nil {
			return nil
		}
		i := r.IntN(len(o.Spec.Rules))
		o.Spec.Rules = slices.Delete(o.Spec.Rules, i, i+1)
		f.put(o)
		return keyOf(o)
	}},
	{"a host joins another", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o, to := f.some(r, hasPaths), f.some(r, hasPaths)
		o.Spec.Rules[0].Host = to.Spec.Rules[0].Host
		f.put(o)
		return keyOf(o)
	}},
	{"a wildcard", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, hasPaths)
		h := &o.Spec.Rules[pathsOf(o, r)].Host
		if _, rest, ok := strings.Cut(*h, "."); ok && r.IntN(4) > 0 {
			*h = "*." + rest
		} else {
			*h = ""
		}
		f.put(o)
		return keyOf(o)
	}},
	{"an Ingress goes", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, nil)
		delete(f.members, keyOf(o)[0])
		return keyOf(o)
	}},
	{"an Ingress comes", func(f *fleet, r *rand.Rand) []snapshot.Key {
		o := f.some(r, hasPaths)
		o.Name += fmt.Sprintf("-%d", r.IntN(3))
		if r.IntN(2) > 0 {
			o.Spec.Rules[0].Host = fmt.Sprintf("i%d.new.test", r.IntN(20))
		}
		f.put(o)
		return keyOf(o)
	}},
	{"a Service", func(f *fleet, r *rand.Rand) []snapshot.Key {
		keys := slices.SortedFunc(maps.Keys(f.shared.Services), func(a, b snapshot.Key) int { return strings.Compare(a.String(), b.String()) })
		if len(keys) == 0 {
			return nil
		}
		k := keys[r.IntN(len(keys))]
		s := *f.shared.Services[k]
		s.Ports = slices.Clone(s.Ports)
		switch {
		case r.IntN(3) == 0 || len(s.Ports) == 0:
			delete(f.shared.Services, k)
		default:
			s.Ports[0].AppProtocol = []string{"", "kubernetes.io/h2c", "https"}[r.IntN(3)]
			f.shared.Services[k] = &s
		}
		var out []snapshot.Key
		for _, m := range f.keys() {
			if slices.Contains(f.members[m].Needs, k) {
				out = append(out, m)
			}
		}
		return out
	}},
}

func hasPaths(x *inputs.Ingress) bool {
	return len(x.Spec.Rules) > 0 && !slices.ContainsFunc(x.Spec.Rules, func(r netv1.IngressRule) bool { return r.HTTP == nil || len(r.HTTP.Paths) == 0 })
}

func pathsOf(o *netv1.Ingress, r *rand.Rand) int { return r.IntN(len(o.Spec.Rules)) }

// TestTheSameAsTheWhole changes fleets at random and holds what was brought up to date by groups against the translation of all.
func TestTheSameAsTheWhole(t *testing.T) {
	base := emit.Options{GuardToken: "t", DefaultCertificate: "edge", HostList: true}
	with := func(change func(o *emit.Options)) translate.Options {
		o := base
		change(&o)
		return translate.Options{Target: o}
	}
	const steps, cases = 25, 12
	for i, o := range []translate.Options{
		with(func(*emit.Options) {}), with(func(*emit.Options) {}), with(func(*emit.Options) {}), with(func(*emit.Options) {}),
		with(func(o *emit.Options) { o.Ownership = emit.Team }),
		with(func(o *emit.Options) { o.Ownership = emit.Platform }),
		with(func(o *emit.Options) { o.NoEnvoyFilter = true }),
		with(func(o *emit.Options) { o.TLS, o.DefaultCertificate = emit.TLSCopy, "" }),
		with(func(o *emit.Options) { o.TLS, o.SNI = emit.TLSReferenceGrant, emit.SNIMisdir }),
		with(func(o *emit.Options) { o.TLS, o.BasicAuth = emit.TLSCertManager, emit.BasicAuthAuthorizer }),
		{Target: base, Source: translate.SourceOptions{ControllerArgs: []string{"--enable-ssl-passthrough", "--annotations-prefix=nginx.ingress.kubernetes.io"}}},
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			r := rand.New(rand.NewPCG(uint64(i), 7))
			all := goldens(t)
			r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			f := newFleet(t, o, all[:cases])
			ways := map[string]int{}
			for step := range steps {
				m := mutations[r.IntN(len(mutations))]
				why := f.change(func(f *fleet) []snapshot.Key { return m.do(f, r) })
				ways[why]++
				if why != nothingWrong {
					f.whole()
					continue
				}
				if d := f.differences(f.translate(f.shared, f.members, f.keys())); len(d) > 0 {
					t.Fatalf("step %d, %s: %d differences\n%s", step, m.name, len(d), strings.Join(d[:min(len(d), 3)], "\n"))
				}
			}
			t.Log(ways)
		})
	}
}

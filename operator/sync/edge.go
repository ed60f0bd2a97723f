package sync

import (
	"context"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/apply"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/operator/phase"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// edge is what one gateway is to have. All its Ingresses are translated together: Gateways, filters and shared names depend on all
// of them. That is done again only when one of them changed, and only objects that come out different are applied.
type edge struct {
	name    string
	stamp   string
	objects []*manifest.Object
	desired map[apply.Ref]*apply.Desired
	digests map[apply.Ref]memo
	infos   map[snapshot.Key]*info
	// unsafe says that the translation is not whole, so that nothing may be removed because of it.
	unsafe string
}

// memo saves writing an object as JSON to compute its hash.
type memo struct {
	fingerprint [sha256.Size]byte
	hash        string
}

// translateEdge brings an edge up to date.
func (r *round) translateEdge(e *edge, options *translate.Options, least v1alpha1.Phase) error {
	var members []*item
	for _, it := range r.items {
		if p := phase.Rank(it.decision.Phase); options != nil && (p == phase.Rank(least) || least == v1alpha1.PhaseLive && p > phase.Rank(least)) {
			members = append(members, it)
		}
	}
	if len(members) == 0 {
		*e = edge{name: e.name, desired: map[apply.Ref]*apply.Desired{}}
		return nil
	}
	foreign, version := r.foreign(e.name)
	h := fnv.New128a()
	_, _ = io.WriteString(h, r.base()+version+r.m.token)
	for _, it := range members {
		r.stamp(h, r.in, it)
	}
	stamp := string(h.Sum(nil))
	if stamp == e.stamp {
		return nil
	}
	e.stamp = stamp
	res := r.translate(members, foreign, *options)
	e.infos, e.unsafe = make(map[snapshot.Key]*info, len(members)), ""
	for _, it := range members {
		e.infos[it.key] = &info{}
	}
	spread(res, members, e.infos)
	for i := range res.Findings {
		if res.Findings[i].Code == finding.InvalidOutput {
			e.unsafe = res.Findings[i].Message()
		}
	}
	if e.name == "live" {
		r.m.mesh = res.MeshConfig
		res.Objects = r.m.hosts.take(res.Objects)
	} else {
		apart(res.Objects)
	}
	return r.want(e, res.Objects)
}

// want makes what is to be of the objects of a translation.
func (r *round) want(e *edge, objects []*manifest.Object) error {
	digests := make(map[apply.Ref]memo, len(objects))
	e.objects, e.desired = objects, make(map[apply.Ref]*apply.Desired, len(objects))
	for _, o := range objects {
		ref := apply.RefOf(o)
		sum, packed := fingerprint(o)
		old := e.digests[ref]
		if !packed || old.fingerprint != sum {
			old = memo{fingerprint: sum}
		}
		d, err := apply.Want(o, r.m.name, e.name, old.hash)
		if err != nil {
			return err
		}
		old.hash = d.Hash
		digests[ref], e.desired[ref] = old, d
		mention(d, e.infos)
	}
	e.digests = digests
	return nil
}

// fingerprint sums up an object without writing it out, if it is in wire form.
func fingerprint(o *manifest.Object) (sum [sha256.Size]byte, packed bool) {
	p, packed := o.Spec.(manifest.Packed)
	if !packed || len(o.Fields) > 0 {
		return sum, false
	}
	h := sha256.New()
	_, _ = io.WriteString(h, p.Key())
	for _, m := range [...]map[string]string{o.Labels, o.Annotations} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			_, _ = fmt.Fprintf(h, "\x00%s\x00%s", k, m[k])
		}
		_, _ = io.WriteString(h, "\x01")
	}
	h.Sum(sum[:0])
	return sum, true
}

const shadowPrefix = "i2g-shadow."

// apart gives those objects of the shadow other names that stand beside Services, which both gateways may use.
func apart(objects []*manifest.Object) {
	const longest = 253
	for _, o := range objects {
		if o.Owner != "" && (o.Kind == "DestinationRule" || o.Kind == "ServiceEntry" || o.Kind == "ReferenceGrant") {
			name := shadowPrefix + strings.TrimPrefix(o.Name, "i2g-")
			if len(name) > longest {
				sum := sha256.Sum256([]byte(name))
				name = fmt.Sprintf("%s-%x", name[:longest-17], sum[:8])
			}
			o.Name = name
		}
	}
}

// foreign are the Gateways of others. A TLS host that a Gateway of the edge had before is not theirs: taking it away would do more
// harm than the conflict, which is reported.
func (r *round) foreign(edgeName string) (gateways []*snapshot.Gateway, version string) {
	type claim struct {
		port uint32
		host string
	}
	held := map[claim]*inputs.Gateway{}
	for _, g := range r.in.gateways {
		if g.Migration != r.m.name || g.Edge != edgeName {
			continue
		}
		for _, s := range g.Servers {
			if inputs.TLS(s) {
				for _, h := range s.Hosts {
					held[claim{s.Port, inputs.Bare(h)}] = g
				}
			}
		}
	}
	var b strings.Builder
	for _, g := range r.in.gateways {
		if g.Migration == r.m.name && g.Edge == edgeName {
			continue
		}
		b.WriteString(g.Key.String() + " " + g.Version)
		gateways = append(gateways, g.Without(func(port uint32, host string) bool {
			ours := held[claim{port, host}]
			if ours == nil || !g.Created.After(ours.Created) {
				return false
			}
			b.WriteString(" " + strconv.Itoa(int(port)) + "/" + host)
			return true
		}))
		b.WriteByte('\n')
	}
	return gateways, b.String()
}

// kinds are all that a Migration may apply.
func (m *migration) kinds() []schema.GroupVersionKind {
	kinds := []schema.GroupVersionKind{
		istioKind("EnvoyFilter"), istioKind("DestinationRule"), istioKind("Gateway"), istioKind("VirtualService"), istioKind("ServiceEntry"),
		{Group: "telemetry.istio.io", Version: "v1", Kind: "Telemetry"},
	}
	kinds[0].Version = "v1alpha3"
	switch m.settings.Spec.TLS.Policy {
	case "copy":
		kinds = append(kinds, schema.GroupVersionKind{Version: "v1", Kind: "Secret"})
	case "cert-manager":
		kinds = append(kinds, schema.GroupVersionKind{Group: "cert-manager.io", Version: "v1", Kind: "Certificate"})
	case "reference-grant":
		kinds = append(kinds, schema.GroupVersionKind{Group: "gateway.networking.k8s.io", Version: "v1beta1", Kind: "ReferenceGrant"})
	}
	return kinds
}

// follow watches what the Migration reads and writes, as far as it is installed. It says false while that is not known yet.
func (l *Loop) follow(ctx context.Context, m *migration) (bool, error) {
	for _, kind := range [...]string{"Gateway", "DestinationRule"} {
		if gvk := istioKind(kind); l.Watch.Has(gvk) && !l.Watch.Following(gvk) {
			l.stale = true
			if err := l.Watch.FollowKind(ctx, gvk); err != nil {
				return false, err
			}
		}
	}
	if l.Apply {
		for _, gvk := range m.kinds() {
			if _, err := l.Watch.FollowApplied(ctx, gvk); err != nil {
				return false, err
			}
		}
	}
	ok, _ := l.Watch.Synced()
	return ok && !l.stale, nil
}

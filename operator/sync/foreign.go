package sync

import (
	"context"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

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

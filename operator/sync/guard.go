package sync

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

// Guard is what the operator is told of the admission policies that keep teams to their own part.
type Guard struct {
	// Namespaces of gateways whose list of hosts is kept; none for no guard.
	Namespaces []string
	// Selectors are, by namespace, the labels by which the policies know the gateway's pods; nil if nothing is said of them.
	Selectors map[string]map[string]string
	// TeamGateways tells that teams may write Gateways for these pods.
	TeamGateways bool
}

func (g *Guard) on() bool { return len(g.Namespaces) > 0 }

// unguarded tells whether a Migration needs what no admission policies guard, although they are to.
func (l *Loop) unguarded(o *v1alpha1.Migration) *problem {
	if !l.Apply || !l.Guard.on() {
		return nil
	}
	for _, why := range []string{l.Guard.otherNamespace(o), l.Guard.otherPods(o), l.Guard.otherOwnership(o)} {
		if why != "" {
			return &problem{v1alpha1.ReasonUnguarded, why}
		}
	}
	return nil
}

func (g *Guard) otherNamespace(o *v1alpha1.Migration) string {
	namespaces := gatewaysOf(o)
	for _, m := range o.Spec.GatewayMap {
		namespaces = append(namespaces, m.Gateway.Namespace)
	}
	for _, ns := range namespaces {
		if !slices.Contains(g.Namespaces, ns) {
			return fmt.Sprintf("the guard is for the gateways of %s, not for that of namespace %s: nothing is changed. The chart's value gateway.otherNamespaces adds it", strings.Join(g.Namespaces, ", "), ns)
		}
	}
	return ""
}

// otherPods compares labels: for pods that the policies do not know, any namespace's Gateways would be admitted.
func (g *Guard) otherPods(o *v1alpha1.Migration) string {
	if g.Selectors == nil || len(o.Spec.GatewayMap) > 0 {
		return ""
	}
	namespaces := gatewaysOf(o)
	live := emit.Options{Gateway: emit.GatewayOptions{Selector: o.Spec.Gateway.Selector}}.Defaults().Gateway.Selector
	selectors := []map[string]string{live}
	if o.Spec.Shadow != nil {
		selectors = append(selectors, o.Spec.Shadow.Selector)
	}
	for i, ns := range namespaces {
		if known := g.Selectors[ns]; !maps.Equal(known, selectors[i]) {
			return fmt.Sprintf("the guard knows the gateway's pods in namespace %s by the labels %s, the Migration by %s: nothing is changed. The chart's value gateway.selectors says which they are", ns, ownership.Labels(known), ownership.Labels(selectors[i]))
		}
	}
	return ""
}

// otherOwnership keeps one gateway from having Gateways of both the platform and the teams: where one names a host that the
// other has, too, the proxy refuses the whole port.
func (g *Guard) otherOwnership(o *v1alpha1.Migration) string {
	switch team := o.Spec.Ownership == string(emit.Team); {
	case team && !g.TeamGateways:
		return "with ownership team, teams write Gateways for the gateway's pods, and the guard leaves them to the platform: nothing is changed. The chart's value gateway.teams gives them to the teams"
	case !team && g.TeamGateways:
		return "the guard lets teams write Gateways for the gateway's pods, which is for ownership team only: nothing is changed. The chart's value gateway.teams says so"
	}
	return ""
}

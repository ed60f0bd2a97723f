package apply

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Rules and entries of a host that others have a part in come from nobody, so that their Ingresses do not tell which routes need them:
// the host does.

// Provides are the hosts that an object says something of, and that routes may lead to.
func (d *Desired) Provides() []string {
	switch d.Kind {
	case "DestinationRule":
		host, _, _ := unstructured.NestedString(d.bare().Object, "spec", "host")
		return []string{host}
	case "ServiceEntry":
		return hostsOf(d.bare())
	}
	return nil
}

// Destinations are the hosts that a VirtualService's routes lead to, each once.
func (d *Desired) Destinations() (hosts []string) {
	if d.Kind != "VirtualService" {
		return nil
	}
	for _, http := range list(d.bare().Object, "spec", "http") {
		for _, to := range [...]string{"route", "mirrors"} {
			for _, x := range list(http, to) {
				if h := text(x, "destination", "host"); !slices.Contains(hosts, h) {
					hosts = append(hosts, h)
				}
			}
		}
	}
	return hosts
}

// withoutDestinations holds back routes that lead to a host of which something is not as it is to be: they may name a subset that is not
// there.
func (r *run) withoutDestinations(routes []Change) {
	if !r.trouble() {
		return
	}
	lacking := map[string]Ref{} // by gateway and host
	for _, ref := range sortedRefs(r.changes) {
		if c := r.changes[ref]; r.bad(ref) {
			for _, h := range c.Provides() {
				lacking[c.Edge()+" "+h] = ref
			}
		}
	}
	if len(lacking) == 0 {
		return
	}
	for i := range routes {
		c := &routes[i]
		if r.bad(c.Ref) {
			continue
		}
		for _, h := range c.Destinations() {
			if ref, ok := lacking[c.Edge()+" "+h]; ok {
				r.waitFor(c, ref, r.result(ref))
				break
			}
		}
	}
}

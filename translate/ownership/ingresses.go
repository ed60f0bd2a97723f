package ownership

// ingresses guards Ingresses against istiod's own controller, which serves those of its class on the shared gateway: any host,
// with routes into the hosts of others. An annotation is all it takes. The mesh configuration turns that controller off; this
// holds until it does. What was there before stays.
func (o Options) ingresses() policy {
	const class = `"kubernetes.io/ingress.class"`
	const annotated = `has(OBJECT.metadata.annotations) && ` + class + ` in OBJECT.metadata.annotations && OBJECT.metadata.annotations[` + class + `] == "istio"`
	return policy{
		name: ingressesPolicy, group: "networking.k8s.io", resource: "ingresses",
		condition: named{"is-of-class-istio", lines(of("object", annotated), `&& !(oldObject != null &&`, of("oldObject", annotated)+`)`)},
		rules: []rule{{
			`false`,
			`an Ingress of class istio is served on the shared gateway past all that says who owns a host: write a VirtualService`, ``,
		}},
	}
}

package ownership

import "strings"

// visible tells whether an object reaches the gateway at all: what is exported elsewhere only concerns the mesh.
const visible = `!has(object.spec.exportTo) || object.spec.exportTo.size() == 0 || object.spec.exportTo.exists(e, e in ["*", "GATEWAY"])`

// routes guards VirtualServices that bind to a Gateway of the platform, and those without hosts, to which a VirtualService of
// the platform may delegate. Istio understands three spellings of a Gateway in another namespace. Where teams have Gateways on
// the platform's workload, all Gateways may be such.
func (o Options) routes() policy {
	binds := `(g.contains("/") ? g.split("/")[0] : g.contains(".") ? g.split(".")[1] : "") in BINDABLE))`
	if o.OwnGateways {
		binds = `g != "mesh"))`
	}
	return policy{
		name: routesPolicy, group: "networking.istio.io", resource: "virtualservices", withHosts: true,
		condition: named{"reaches-the-gateway", lines(
			`(`+visible+`)`,
			`&& (!has(object.spec.hosts) || object.spec.hosts.size() == 0`,
			`|| has(object.spec.gateways) && object.spec.gateways.exists(g,`,
			binds,
		)},
		variables: []named{
			{"hosts", `has(object.spec.hosts) ? object.spec.hosts : []`},
			{"foreignHosts", lines(
				`variables.hosts.filter(h, !(has(params.data) && h.replace("*", "_") in params.data`,
				`&& params.data[h.replace("*", "_")].split(",").exists(n, n == request.namespace)))`,
			)},
			{"http", `has(object.spec.http) ? object.spec.http : []`},
			{"tls", `has(object.spec.tls) ? object.spec.tls : []`},
			{"tcp", `has(object.spec.tcp) ? object.spec.tcp : []`},
			{"names", `request.namespace + "/"`},
			{"services", `"." + request.namespace + ".svc.DOMAIN"`},
			{"external", `"." + request.namespace + ".external.i2g.internal"`},
		},
		rules: []rule{
			{
				`variables.foreignHosts.size() == 0`,
				`a namespace serves only the hosts that ConfigMap GATEWAY/` + HostsName + ` gives to it`,
				`"namespace " + request.namespace + " does not own " + variables.foreignHosts.join(", ") + ": the platform gives hosts to namespaces in ConfigMap GATEWAY/` + HostsName + `"`,
			},
			{
				`variables.tls.all(r, variables.hosts.size() == 1 && !variables.hosts[0].contains("*") && has(r.match) && r.match.all(m, has(m.sniHosts) && m.sniHosts == variables.hosts))`,
				`a VirtualService with tls has one host, no wildcard, and sniHosts is the same: any other name could be that of a second server, and the proxy would refuse the whole port`, ``,
			},
			{
				`variables.http.all(r, !has(r.name) || variables.hosts.size() > 0 && (r.name.startsWith(variables.names) || r.name.startsWith("i2g/")))`,
				`names of routes begin with the namespace and a slash, or with i2g/; a VirtualService without hosts names no routes: filters of the platform hang on the names`, ``,
			},
			{
				`variables.http.all(r, !has(r.match) || r.match.all(m, !has(m.name) || variables.hosts.size() > 0 && m.name in ["b", "ws"]))`,
				`matches have no names but b and ws, and none in a VirtualService without hosts: filters of the platform hang on the names`, ``,
			},
			{
				lines(
					`variables.http.all(r, (!has(r.route) || r.route.all(d, `+own("d.destination.host")+`))`,
					`&& (!has(r.mirror) || `+own("r.mirror.host")+`)`,
					`&& (!has(r.mirrors) || r.mirrors.all(d, `+own("d.destination.host")+`)))`,
				),
				`routes and mirrors reach only Services of their own namespace, by short name or as SERVICE.NAMESPACE.svc.DOMAIN`, ``,
			},
			{
				lines(
					`variables.tls.all(r, !has(r.route) || r.route.all(d, `+own("d.destination.host")+`))`,
					`&& variables.tcp.all(r, !has(r.route) || r.route.all(d, `+own("d.destination.host")+`))`,
				),
				`streams reach only Services of their own namespace`, ``,
			},
			{
				`variables.http.all(r, !has(r.delegate) || !has(r.delegate.namespace) || r.delegate.namespace == request.namespace)`,
				`routes are delegated only within the namespace`, ``,
			},
			{
				`has(object.spec.exportTo) && object.spec.exportTo.size() > 0 && object.spec.exportTo.all(e, e in [".", "GATEWAY"])`,
				`exportTo must be ["GATEWAY"]: others could use the routes, and their order would change`, ``,
			},
			internal(),
		},
	}
}

// internal keeps people from passing an object off as one of istiod's own making: a Gateway then attaches to any Service, and
// names in a VirtualService are taken as they stand.
func internal() rule {
	return rule{
		`!(` + disguised + `)`,
		`annotations of internal.istio.io are for what istiod itself makes`, ``,
	}
}

const disguised = `has(object.metadata.annotations) && object.metadata.annotations.exists(k, k.startsWith("internal.istio.io/"))`

// own tells whether a destination belongs to the namespace. Istio completes a name without a dot with the namespace.
func own(host string) string {
	return `(` + host + `.endsWith(variables.services) || ` + host + `.endsWith(variables.external) || !` + host + `.contains("."))`
}

// of names what an expression is about.
func of(object, expression string) string { return strings.ReplaceAll(expression, "OBJECT", object) }

func lines(parts ...string) string { return strings.Join(parts, " ") }

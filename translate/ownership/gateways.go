package ownership

import (
	"encoding/json"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// referenceScheme begins a credentialName with a namespace of its own, which a ReferenceGrant allows.
const referenceScheme = "kubernetes-gateway://"

// Labels writes labels as Options.Selector needs them.
func Labels(labels map[string]string) string {
	text, err := json.Marshal(labels) // sorted; what JSON is of strings, the expression language understands
	if err != nil {
		return "{}" // every Gateway counts as one for the platform's pods
	}
	return string(text)
}

// fits tells whether a Gateway may be for the platform's pods: all that is known of them is the labels that they are selected
// by, so that only another value of one of these says that it is not.
const fits = `!has(object.spec.selector) || SELECTOR.all(k, !(k in object.spec.selector) || object.spec.selector[k] == SELECTOR[k])`

// gateways guards what istiod merges into the ports that all hosts share: a Gateway of any namespace that selects the
// platform's pods, if istiod does not keep Gateways to their namespaces. What was there before stays.
func (o Options) gateways() policy {
	p := policy{
		name: gatewaysPolicy, group: "networking.istio.io", resource: "gateways", withHosts: o.OwnGateways,
		exempt: []any{manifest.Map{
			{Key: "key", Value: LabelOwnGateways}, {Key: "operator", Value: "NotIn"}, {Key: "values", Value: []string{"allowed"}},
		}},
		condition: named{"may-reach-the-gateway", lines(
			`!(request.namespace in BINDABLE) && has(object.spec) && (`+disguised+` || (`+fits+`)`,
			`&& !(oldObject != null && has(oldObject.spec) && oldObject.spec == object.spec))`,
		)},
		rules: []rule{internal()},
	}
	if !o.OwnGateways {
		p.rules = append(p.rules, rule{
			`!(` + fits + `)`,
			`a Gateway that may select the platform's pods is the platform's to write. For other pods, give another value of one of the labels SELECTOR in the selector, or let the platform set the label ` + LabelOwnGateways + `=allowed on the namespace`, ``,
		})
		return p
	}
	p.variables = []named{
		{"servers", `has(object.spec.servers) ? object.spec.servers : []`},
		{"names", `request.namespace + "/"`},
		{"prefix", `request.namespace + "."`},
		{"references", `"` + referenceScheme + `" + request.namespace + "/"`},
		{"foreign", `variables.servers.filter(s, !s.hosts.all(h, ` + mayList + `))`},
	}
	p.rules = append(p.rules, ownServers()...)
	return p
}

// A TLS server needs the host for itself: two servers with one host on a port, of two namespaces or by two spellings, make the
// proxy refuse the whole port. Therefore each is spelt in one way only, and each server that the platform may bind to, too,
// is also the team's.
const (
	mayList = `h.startsWith(variables.names) ? ` + owned + ` : h.startsWith("GATEWAY/") && h.replace("GATEWAY/", variables.names, 1) in s.hosts`
	owned   = `h == h.lowerAscii() && !h.contains("_") && has(params.data) && ` + key + ` in params.data` +
		` && (s.port.protocol == "HTTP" ? params.data[` + key + `].split(",").exists(n, n == request.namespace) : ` + key + ` != "_" && params.data[` + key + `] == request.namespace)`
	key = `h.replace(variables.names, "", 1).replace("*", "_")`
)

// ownServers are the rules for servers of teams. They list what is allowed, so that a field that comes later is refused.
func ownServers() []rule {
	return []rule{
		{
			`has(object.spec.selector) && object.spec.selector == SELECTOR`,
			`the selector must be SELECTOR for the platform's gateway, or give another value of one of these labels for other pods`, ``,
		},
		{
			`variables.servers.all(s, s.all(k, k in ["port", "hosts", "tls", "name"]) && s.port.all(k, k in ["number", "protocol", "name"]) && s.hosts.size() > 0)`,
			`servers of teams have port, hosts, tls and name only, and at least one host: bind and defaultEndpoint reach past the ports that all share`, ``,
		},
		{
			`variables.servers.all(s, s.port.number == PORT_HTTP && s.port.protocol == "HTTP" || s.port.number == PORT_HTTPS && s.port.protocol in ["HTTPS", "TLS"])`,
			`ports of teams are PORT_HTTP with HTTP and PORT_HTTPS with HTTPS or TLS: another protocol takes the whole port from all others`, ``,
		},
		{
			`variables.foreign.size() == 0`,
			`hosts of a server are written NAMESPACE/HOST, and are those that ConfigMap GATEWAY/` + HostsName + ` gives to the namespace, with TLS to it alone`,
			lines(
				`"namespace " + request.namespace + " may not list " + [variables.foreign[0]].map(s, s.hosts.filter(h, !(`+mayList+`)).join(", "))[0]`,
				`+ ": hosts are written NAMESPACE/HOST, and the platform gives them to namespaces in ConfigMap GATEWAY/`+HostsName+`, for TLS to one alone"`,
			),
		},
		{
			`variables.servers.all(s, s.port.protocol != "HTTP" || !has(s.tls) || s.tls.all(k, k == "httpsRedirect"))`,
			`a server with HTTP has no tls but httpsRedirect`, ``,
		},
		{
			`variables.servers.all(s, s.port.protocol != "TLS" || has(s.tls) && s.tls.all(k, k == "mode") && has(s.tls.mode) && s.tls.mode == "PASSTHROUGH" && s.hosts.all(h, !h.contains("*")))`,
			`a server with TLS has the mode PASSTHROUGH, nothing else below tls, and no wildcard: routes could name hosts below it that have a server of their own`, ``,
		},
		{
			lines(
				`variables.servers.all(s, s.port.protocol != "HTTPS" || has(s.tls) && has(s.tls.mode) && s.tls.mode in ["SIMPLE", "MUTUAL", "OPTIONAL_MUTUAL"]`,
				`&& s.tls.all(k, k in ["mode", "credentialName", "caCertCredentialName", "minProtocolVersion", "maxProtocolVersion", "cipherSuites", "insecureSkipVerify"])`,
				`&& (!has(s.tls.cipherSuites) || s.tls.cipherSuites.all(c, c in ["`+strings.Join(suites(), `", "`)+`"])))`,
			),
			`a server with HTTPS has the mode SIMPLE, MUTUAL or OPTIONAL_MUTUAL, a certificate by credentialName, and settings that the proxy is known to take: one that it refuses takes the whole port down`, ``,
		},
		{
			lines(
				`variables.servers.all(s, s.port.protocol != "HTTPS" || has(s.tls) && has(s.tls.credentialName) && `+credential("s.tls.credentialName"),
				`&& (!has(s.tls.caCertCredentialName) || `+credential("s.tls.caCertCredentialName")+`))`,
			),
			`credentialName and caCertCredentialName must begin with the namespace and a dot, or with ` + referenceScheme + `, the namespace and a slash: other Secrets belong to others`, ``,
		},
	}
}

// credential tells whether a namespace may name a Secret for its servers.
func credential(name string) string {
	const claim = `"` + serverPrefix + `" + NAME.replace("` + referenceScheme + `", "").replace("/", ".", 1)`
	return strings.ReplaceAll(lines(
		`(NAME.startsWith(variables.prefix) || NAME.startsWith(variables.references) || has(params.data) && (`+claim+`) in params.data`,
		`&& params.data[`+claim+`].split(",").exists(n, n == request.namespace))`,
	), "NAME", name)
}

// suites are the cipher suites of TLS 1.2 that Envoy has: with any other it refuses the listener.
func suites() []string {
	return []string{
		"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
		"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
		"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-SHA", "AES128-SHA",
	}
}

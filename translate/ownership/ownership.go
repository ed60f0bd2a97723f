// Package ownership writes what keeps application teams to their own part of a shared gateway: the role that teams get, and
// admission policies on what they write.
package ownership

import (
	"slices"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Options say what is guarded.
type Options struct {
	// GatewayNamespace is the namespace of the gateway workload. It belongs to the platform: nothing in it is looked at.
	GatewayNamespace string
	// BindNamespaces are further namespaces whose Gateways routes may not bind to without owning the host.
	BindNamespaces []string
	ClusterDomain  string
	// Group is the Kubernetes group of a team's people and pipelines; {namespace} stands for the team's namespace.
	Group string
	// OwnGateways lets teams write Gateways for the platform's workload, with servers for their own hosts.
	OwnGateways bool
	// Selector are the labels of the gateway's pods, as an expression: see Labels.
	Selector string
	// HTTPPort and HTTPSPort are the ports of Gateways for the workload.
	HTTPPort, HTTPSPort string
	// ReadOnly lets teams only look: everything belongs to the platform.
	ReadOnly bool
}

// DefaultGroup is nobody's group until the platform makes it one, or replaces it.
const DefaultGroup = "ingress2gw:{namespace}"

// Namespace is the part of a group's pattern that the team's namespace takes.
const Namespace = "{namespace}"

// Names of objects.
const (
	roleName = "i2g-team"
	// HostsName is the ConfigMap, in the gateway's namespace, that says which namespace may serve which host.
	HostsName = "i2g-hosts"

	routesPolicy       = "i2g-routes"
	certificatesPolicy = "i2g-client-certificates"
	servicesPolicy     = "i2g-external-services"
	ingressesPolicy    = "i2g-ingress-class"
	gatewaysPolicy     = "i2g-gateways"
)

// Labels of namespaces for which the platform lifts a rule.
const (
	// LabelForeignServices, set to "allowed", lets the ExternalName Services of a namespace name Services of other namespaces.
	LabelForeignServices = "ingress2gw.io/foreign-services"
	// LabelOwnGateways, set to "allowed", leaves the Gateways of a namespace alone: it has a gateway workload of its own, and
	// istiod keeps Gateways to the workloads of their namespace.
	LabelOwnGateways = "ingress2gw.io/own-gateways"
)

// Claims are what namespaces may use: hosts, and certificates that do not bear their name.
type Claims struct {
	entries map[string][]string // key of the ConfigMap → namespaces, sorted
}

// Host lets a namespace serve a host: exact, *.suffix or *.
func (c *Claims) Host(host, namespace string) { c.put(strings.ReplaceAll(host, "*", "_"), namespace) }

// Nobody says of a host that the platform serves it itself. A namespace that may serve it, too, stays.
func (c *Claims) Nobody(host string) { c.put(strings.ReplaceAll(host, "*", "_"), "") }

// secretPrefix cannot begin a host, in which an underscore stands for the star of a wildcard.
const secretPrefix = "secret_"

// Secret lets a namespace name a Secret of the gateway's namespace as client certificate. Those that are named after the
// namespace itself need no claim.
func (c *Claims) Secret(name, namespace string) { c.put(secretPrefix+name, namespace) }

// serverPrefix is for certificates of servers, which are no client certificates.
const serverPrefix = "server_"

// mostKey is how long a key of a ConfigMap may be.
const mostKey = 253

// Server lets the Gateways of a namespace name a certificate, or a CA, of another: by credentialName as it stands in a Gateway.
func (c *Claims) Server(credential, namespace string) {
	if ref, ok := strings.CutPrefix(credential, referenceScheme); ok {
		credential = strings.Replace(ref, "/", ".", 1)
	}
	if key := serverPrefix + credential; len(key) <= mostKey { // of others the API server would take no list at all
		c.put(key, namespace)
	}
}

func (c *Claims) put(key, namespace string) {
	if c.entries == nil {
		c.entries = map[string][]string{}
	}
	if namespace == "" {
		c.entries[key] = append([]string{}, c.entries[key]...)
		return
	}
	if i, found := slices.BinarySearch(c.entries[key], namespace); !found {
		c.entries[key] = slices.Insert(c.entries[key], i, namespace)
	}
}

// Objects are all objects of the guard: roles for the teams, the claims, and the policies with what binds them. They belong
// to the platform. Namespaces of which a ConfigMap cannot hold all claims are given back: what is missing is refused.
func Objects(o Options, claims *Claims, teams []string) (objects []*manifest.Object, truncated []string) {
	shards, truncated := claims.shards(shardBytes)
	objects = append(objects, o.role())
	for _, t := range slices.Sorted(slices.Values(teams)) {
		objects = append(objects, o.roleBinding(t))
	}
	for i, s := range shards {
		objects = append(objects, o.hosts(i, s))
	}
	objects = append(objects, o.policies()...)
	return append(objects, o.bindings(shards)...), truncated
}

// List are all claims in one ConfigMap, as Guard expects them.
func List(o Options, claims *Claims) (list *manifest.Object, truncated []string) {
	shards, truncated := claims.shards(mostBytes)
	for _, s := range shards[1:] {
		truncated = append(truncated, s.namespaces...)
	}
	return o.hosts(0, shards[0]), truncated
}

// Guard are the objects that do not depend on the input: the role, and policies and bindings for claims in one ConfigMap.
func Guard(o Options) []*manifest.Object {
	return append(append([]*manifest.Object{o.role()}, o.policies()...), o.bindings([]shard{{}})...)
}

// name makes the name of a cluster-scoped object the gateway's own: a cluster may have several gateways.
func (o Options) name(base string) string { return base + "." + o.GatewayNamespace }

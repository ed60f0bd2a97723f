// Package emit says what a target is: it turns the route model into objects, and expresses or reports every capability
// of the model.
package emit

import (
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Options are the user's decisions about the output.
type Options struct {
	Ownership Ownership
	// RoutesOnly emits no Gateways; routes attach to the Gateways that GatewayMap names.
	RoutesOnly bool
	GatewayMap []GatewayMapping

	// Gateway is the workload that serves the edge.
	Gateway GatewayOptions

	IstioVersion  Version // {1, 31} if zero
	NoEnvoyFilter bool
	NoLua         bool
	GuardToken    string // secret of the installation; "" leaves the guard out
	Profile       Profile

	TLS                TLSPolicy
	DefaultCertificate string // name of a Secret in the gateway's namespace; "" none
	// SNI says what a request gets whose Host belongs to another certificate than its SNI.
	SNI SNIPolicy
	// OtherCertificates is how many certificates the gateway has besides those of the input, which is then only a part of all.
	OtherCertificates int
	// RBAC also writes what keeps teams to their own part: roles and admission policies.
	RBAC bool
	// HostList writes of that only the list of hosts, in one ConfigMap: policies and roles come with the operator.
	HostList bool
	// TeamGroup is the Kubernetes group of a team; {namespace} stands for its namespace.
	TeamGroup string
	// BasicAuth says who checks passwords of users whose hashes the proxy cannot check.
	BasicAuth BasicAuthPolicy
	// Connections says what becomes of limits of connections.
	Connections ConnectionPolicy

	// Trace says in the output where parts of objects come from. It costs memory.
	Trace bool

	BodyBuffer int64 // largest body that is collected in memory, bytes; 0 means 8 MiB

	Waived func(code finding.Code, o *finding.Object) bool
}

// GatewayOptions describe the gateway workload.
type GatewayOptions struct {
	Namespace     string            // "istio-system" if empty
	Selector      map[string]string // {"istio": "ingressgateway"} if empty
	HTTPPort      uint32            // 80 if zero: port of the gateway's Service
	HTTPSPort     uint32            // 443 if zero
	ClusterDomain string            // "cluster.local" if empty
}

// GatewayMapping says to which existing Gateway the routes of a host attach (--gateway-map).
type GatewayMapping struct {
	Host    string // exact, *.suffix or *
	Gateway snapshot.Key
}

// Ownership says who owns what.
type Ownership string

// The ownerships.
const (
	Split    Ownership = "split"    // default: Gateways to the platform, routes to the teams
	Platform Ownership = "platform" // everything in the gateway's namespace
	Team     Ownership = "team"     // each team a Gateway object of its own
)

// Profile says whose defaults hold where the input states nothing.
type Profile string

// The profiles.
const (
	ProfileExact  Profile = "exact"  // default: the source controller's
	ProfileNative Profile = "native" // the target's own
)

// TLSPolicy says how certificates get to the gateway's namespace.
type TLSPolicy string

// The policies.
const (
	TLSReference      TLSPolicy = "reference" // default: named, to be put there by the user
	TLSCopy           TLSPolicy = "copy"      // copies are emitted
	TLSCertManager    TLSPolicy = "cert-manager"
	TLSReferenceGrant TLSPolicy = "reference-grant" // kubernetes-gateway:// with ReferenceGrants
)

// SNIPolicy answers requests whose Host belongs to another certificate than their SNI.
type SNIPolicy string

// The policies.
const (
	SNIHost   SNIPolicy = "host"   // default: the Host decides, as on the source (needs a default certificate, else like misdirected)
	SNIMisdir SNIPolicy = "421"    // 421, so that clients open a connection of their own
	SNIStrict SNIPolicy = "strict" // 404
)

// BasicAuthPolicy says who checks passwords of users whose hashes the proxy cannot check.
type BasicAuthPolicy string

// The policies.
const (
	BasicAuthGateway    BasicAuthPolicy = "gateway"    // default: nobody; those users are refused
	BasicAuthAuthorizer BasicAuthPolicy = "authorizer" // a service that the platform deploys
)

// ConnectionPolicy says what becomes of limits of connections, which the target cannot count by client.
type ConnectionPolicy string

// The policies.
const (
	ConnectionsManual ConnectionPolicy = "manual" // default: nothing
	ConnectionsShared ConnectionPolicy = "shared" // the number becomes one for all clients together
)

// Version is a minor version of the target.
type Version struct{ Major, Minor int }

// Less tells whether v is older than w.
func (v Version) Less(w Version) bool {
	return v.Major < w.Major || (v.Major == w.Major && v.Minor < w.Minor)
}

// Input is what a target works from.
type Input struct {
	Edge     *model.Edge
	Snapshot *snapshot.Snapshot // Secrets, and objects that exist already
	Options  Options
	Findings *finding.List
	// Last tells that nobody needs the rules of a host once they are written: they are let go.
	Last bool
	// Finished is called with each object as soon as it is complete, so that it can be looked at meanwhile. nil: nobody does.
	Finished func(*manifest.Object)
}

// Output is what a target emits.
type Output struct {
	Objects []*manifest.Object
	// MeshConfig is what the mesh must be configured with; empty if nothing.
	MeshConfig manifest.Map
	// Sources are where parts of objects come from, if that was asked for: those of one object in order.
	Sources map[*manifest.Object][]manifest.Source
}

// Defaults fills the zero values.
func (o Options) Defaults() Options {
	if o.Ownership == "" {
		o.Ownership = Split
	}
	if o.Profile == "" {
		o.Profile = ProfileExact
	}
	if o.TLS == "" {
		o.TLS = TLSReference
	}
	if o.SNI == "" {
		o.SNI = SNIHost
	}
	if o.BasicAuth == "" {
		o.BasicAuth = BasicAuthGateway
	}
	if o.Connections == "" {
		o.Connections = ConnectionsManual
	}
	if o.TeamGroup == "" {
		o.TeamGroup = ownership.DefaultGroup
	}
	if o.IstioVersion == (Version{}) {
		o.IstioVersion = Version{1, 31}
	}
	if o.Gateway.Namespace == "" {
		o.Gateway.Namespace = "istio-system"
	}
	if len(o.Gateway.Selector) == 0 {
		o.Gateway.Selector = map[string]string{"istio": "ingressgateway"}
	}
	if o.Gateway.HTTPPort == 0 {
		o.Gateway.HTTPPort = 80
	}
	if o.Gateway.HTTPSPort == 0 {
		o.Gateway.HTTPSPort = 443
	}
	if o.Gateway.ClusterDomain == "" {
		o.Gateway.ClusterDomain = "cluster.local"
	}
	if o.BodyBuffer == 0 {
		o.BodyBuffer = 8 << 20
	}
	if o.Waived == nil {
		o.Waived = func(finding.Code, *finding.Object) bool { return false }
	}
	return o
}

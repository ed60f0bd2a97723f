package istiod

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	meshconfig "istio.io/api/mesh/v1alpha1"
	"istio.io/istio/pilot/pkg/features"
	"istio.io/istio/pilot/test/xds"
	"istio.io/istio/pkg/config/mesh"
	"istio.io/istio/pkg/config/schema/gatewayapi"
	istiolog "istio.io/istio/pkg/log"
	"istio.io/istio/pkg/security"
	"istio.io/istio/pkg/test"
	"k8s.io/apimachinery/pkg/runtime"
)

// Prepare sets what this process needs once, before the first control plane: a proxy without Istio's own filters, and
// Secrets over a plaintext stream.
func Prepare() {
	for _, scope := range istiolog.Scopes() {
		scope.SetOutputLevel(istiolog.NoneLevel)
	}
	features.ALPNFilter = false
	features.MetadataExchange = false
	security.AuthPlaintext = true
	// The fake API server's CRDs carry no bundle version; without this GRPCRoute and TLSRoute would be ignored.
	clear(gatewayapi.MinimumCRDVersions)
}

// Mesh is the mesh configuration with a fragment laid over the defaults; the fragment may be empty.
func Mesh(fragment []byte) (*meshconfig.MeshConfig, error) {
	m := mesh.DefaultMeshConfig()
	m.EnableAutoMtls.Value = false // a stock Envoy has no workload certificate
	if len(fragment) == 0 {
		return m, nil
	}
	return mesh.ApplyMeshConfig(string(fragment), m)
}

// Options are what a control plane works on.
type Options struct {
	Objects     []runtime.Object // of the cluster, then of the translation
	Translation *Translation
	Mesh        *meshconfig.MeshConfig
	Fragment    []byte // what Mesh has beyond the defaults, as YAML
	Identity    string // SPIFFE identity that the proxy is taken to have
}

// Plane is a running control plane.
type Plane struct {
	Port   int // on 127.0.0.1, aggregated discovery without TLS
	server *xds.FakeDiscoveryServer
}

// Run starts a control plane, calls use, and stops it.
func Run(o Options, use func(*Plane)) error {
	err := test.Wrap(func(t test.Failer) {
		p := &Plane{}
		p.server = xds.NewFakeDiscoveryServer(t, xds.FakeOptions{
			KubernetesObjects:          lastOfEach(append(append([]runtime.Object(nil), o.Objects...), o.Translation.Objects...)),
			ConfigString:               strings.Join(o.Translation.Configs, "\n---\n"),
			MeshConfig:                 o.Mesh,
			DisableSecretAuthorization: true,
			ListenerBuilder: func() (net.Listener, error) {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err == nil {
					p.Port = l.Addr().(*net.TCPAddr).Port
				}
				return l, err
			},
		})
		p.server.Discovery.Authenticators = []security.Authenticator{anyone{o.Identity}}
		use(p)
	})
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return fmt.Errorf("control plane: %s", first)
	}
	return nil
}

// Progress tells how far the proxy has taken what it was sent.
type Progress struct {
	Connected bool
	Pending   []string // kinds of resources that were asked for but not sent, or sent but not acknowledged
	Refused   []string // the proxy's own words
	Mark      string   // changes whenever anything is sent or acknowledged
}

// Progress of the connected proxy.
func (p *Plane) Progress() Progress {
	var out Progress
	for _, conn := range p.server.Discovery.Clients() {
		out.Connected = true
		watched := conn.Proxy().DeepCloneWatchedResources()
		for _, kind := range slices.Sorted(maps.Keys(watched)) {
			w, short := watched[kind], kind[strings.LastIndexByte(kind, '.')+1:]
			switch {
			case w.LastError != "":
				out.Refused = append(out.Refused, short+": "+w.LastError)
			case w.NonceSent == "" || w.NonceSent != w.NonceAcked:
				out.Pending = append(out.Pending, short)
			}
			out.Mark += w.NonceSent + w.NonceAcked + w.LastError
		}
	}
	return out
}

// anyone takes every proxy for the gateway: the stream never leaves loopback.
type anyone struct{ identity string }

// AuthenticatorType is a name for logs.
func (anyone) AuthenticatorType() string { return "loopback" }

// Authenticate returns the gateway's identity.
func (a anyone) Authenticate(security.AuthContext) (*security.Caller, error) {
	return &security.Caller{AuthSource: security.AuthSourceClientCertificate, Identities: []string{a.identity}}, nil
}

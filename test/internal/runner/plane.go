package runner

import (
	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
	"github.com/ingress2gw/ingress2gw/test/internal/pilot"
)

// ControlPlane works on the objects of one case at a time.
type ControlPlane interface {
	// Network is where backends can be reached.
	Network() cluster.Network
	// Run loads the objects, calls use while they are served, and leaves nothing behind.
	Run(o istiod.Options, use func(Plane)) error
}

// Plane is a control plane while it serves a case.
type Plane interface {
	// Discovery is where a proxy finds it.
	Discovery() envoy.Discovery
	// Refused are the objects that were not let in, with the reasons.
	Refused() []string
	// Notes are remarks on objects that were let in.
	Notes() []string
	// Progress tells how far the proxy has taken what it was sent.
	Progress() istiod.Progress
}

// InProcess is Istio's discovery server inside this process, without an API server.
type InProcess struct{}

// Network is loopback: nothing objects to it.
func (InProcess) Network() cluster.Network { return cluster.Loopback }

// Run starts a discovery server of its own for each case.
func (InProcess) Run(o istiod.Options, use func(Plane)) error {
	return istiod.Run(o, func(p *istiod.Plane) { use(inProcess{p, o.Translation}) })
}

type inProcess struct {
	*istiod.Plane
	translation *istiod.Translation
}

func (p inProcess) Discovery() envoy.Discovery { return envoy.Discovery{Port: p.Port} }

func (p inProcess) Notes() []string { return nil }

func (p inProcess) Refused() []string {
	var out []string
	for _, fault := range p.translation.Refused {
		out = append(out, "Istio refuses "+fault)
	}
	return out
}

// Cluster is the program istiod against a real API server, which stays from case to case.
type Cluster struct{ *pilot.Stage }

// Run applies the objects of the case, and removes them in the end.
func (c Cluster) Run(o istiod.Options, use func(Plane)) error {
	return c.Stage.Run(o, func(p *pilot.Plane) { use(p) })
}

package runner

import (
	"fmt"
	"slices"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
)

const (
	pollEvery = 10 * time.Millisecond
	// quiet is how long nothing may have moved before what is missing counts as missing for good: Envoy waits without
	// end for a Secret that nobody has.
	quiet = 5 * time.Second
	// readyPatience bounds the whole wait.
	readyPatience = 15 * time.Second
)

// ready waits until the proxy has acknowledged everything it was sent and listens on every port of the Gateways. A
// listener that stays away is only noted: what it means, the requests tell.
func (x *run) ready(plane Plane, p *envoy.Process) (note string, err error) {
	want := boundPorts(x.loaded.Ports)
	start := time.Now()
	mark, moved := "", start
	for {
		if !p.Alive() {
			return "", fmt.Errorf("Envoy died: %.400s", p.Log())
		}
		progress := plane.Progress()
		if progress.Mark != mark {
			mark, moved = progress.Mark, time.Now()
		}
		var missing []int
		if progress.Connected {
			bound := p.Admin.Bound()
			missing = slices.DeleteFunc(slices.Clone(want), func(port int) bool { return bound[port] })
			if len(missing) == 0 && len(progress.Pending) == 0 && p.Admin.Live() {
				return "", nil
			}
		}
		if (progress.Connected && time.Since(moved) > quiet) || time.Since(start) > readyPatience {
			return fmt.Sprintf("not fully configured: ports without listener %v, kinds not delivered %v, live %v", missing, progress.Pending, p.Admin.Live()), nil
		}
		time.Sleep(pollEvery)
	}
}

// boundPorts are the ports that the proxy opens for the ports that Gateways name.
func boundPorts(ports []int) []int {
	var out []int
	for _, p := range ports {
		if bound, ok := cluster.BoundPorts()[p]; ok {
			p = bound
		}
		out = append(out, p)
	}
	return out
}

// settlePatience bounds the wait for requests to backends that hang.
const settlePatience = 2 * time.Second

// settle waits until the proxy has no request to a backend under way.
func settle(p *envoy.Process) {
	for start := time.Now(); !p.Admin.Idle() && time.Since(start) < settlePatience; {
		time.Sleep(pollEvery)
	}
}

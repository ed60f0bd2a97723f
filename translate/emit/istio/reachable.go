package istio

import "slices"

// reachable leaves out entries behind one that takes every request, of all ports or of theirs: Istio refuses to send what is
// never reached.
func reachable(xs []*entry) []*entry {
	var taken []uint32 // ports; 0 stands for all
	out := make([]*entry, 0, len(xs))
	for _, x := range xs {
		if slices.Contains(taken, 0) || slices.Contains(taken, x.cond.port) {
			continue
		}
		out = append(out, x)
		if len(x.uris) == 0 && x.cond.method == nil && x.cond.authority == nil && len(x.cond.headers)+len(x.cond.withoutHeader) == 0 {
			taken = append(taken, x.cond.port)
		}
	}
	return out
}

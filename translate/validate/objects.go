package validate

import (
	"maps"
	"runtime"
	"sync"
	"sync/atomic"

	istionet "istio.io/api/networking/v1alpha3"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// batch is how many objects a worker takes at a time.
const batch = 64

// objects checks each object by itself, on all processors. EnvoyFilters stay with this run: whether two of them insert one
// filter depends on their order.
func (c *check) objects(objs []*manifest.Object) []view {
	views := make([]view, len(objs))
	found := make([][]Problem, len(objs))
	workers := make([]*check, min(runtime.GOMAXPROCS(0), 1+len(objs)/batch))
	var taken atomic.Int64
	var wg sync.WaitGroup
	for i := range workers {
		w := newCheck()
		workers[i] = w
		wg.Go(func() {
			for {
				begin := int(taken.Add(batch)) - batch
				if begin >= len(objs) {
					return
				}
				for k := begin; k < min(begin+batch, len(objs)); k++ {
					if objs[k].Kind != "EnvoyFilter" {
						views[k] = w.object(objs[k])
						found[k], w.problems = w.problems, nil
					}
				}
			}
		})
	}
	for k, o := range objs {
		if o.Kind == "EnvoyFilter" {
			views[k] = c.object(o)
			found[k], c.problems = c.problems, nil
		}
	}
	wg.Wait()
	for _, w := range workers {
		maps.Copy(c.routeNames, w.routeNames)
	}
	for _, ps := range found {
		c.problems = append(c.problems, ps...)
	}
	return views
}

// uses are what a VirtualService names: all that the checks of the set want to know of one that has nothing to do with
// delegates. Its specification is let go: those of a fleet would fill the memory.
type uses struct {
	gateways []string
	subsets  []subsetUse
}

type subsetUse struct{ field, host, subset string }

// usesOf gathers what a VirtualService names, and the names of its routes.
func (c *check) usesOf(vs *istionet.VirtualService, o *manifest.Object) *uses {
	u := &uses{gateways: vs.Gateways}
	eachDestination(vs, func(p *at, d *istionet.Destination) {
		if d.GetSubset() != "" {
			u.subsets = append(u.subsets, subsetUse{p.String(), fullHost(d.Host, o), d.Subset})
		}
	})
	for i, g := range u.gateways {
		u.gateways[i] = c.intern(g)
	}
	if len(vs.Hosts) == 0 {
		return u
	}
	for _, r := range vs.Http {
		if r.Delegate == nil {
			addNames(c.routeNames, r.Name, matchNames(r.Match))
		}
	}
	return u
}

// intern gives equal texts one memory.
func (c *check) intern(s string) string {
	if known, ok := c.texts[s]; ok {
		return known
	}
	c.texts[s] = s
	return s
}

// delegating tells whether a VirtualService is a delegate or has one.
func delegating(vs *istionet.VirtualService) bool {
	if len(vs.Hosts) == 0 {
		return true
	}
	for _, r := range vs.Http {
		if r.Delegate != nil {
			return true
		}
	}
	return false
}
